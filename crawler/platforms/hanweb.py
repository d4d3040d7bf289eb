"""What the systems of Hanweb (大汉) have in common beside rows: pages of articles, what links resolve against."""

import re
from functools import cached_property
from urllib.parse import unquote, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.address import bare
from crawler.pages.attachments import find_attachments, may_have_attachments
from crawler.pages.html import BLANK, printed_date, visible_text
from crawler.platforms import Attachment, DetailPage, Link, static_list
from crawler.platforms.hanweb_rows import plain
from crawler.portal import Column, Portal
from parsers.encoding import decode
from parsers.titles import read_title

MARKS_OF_ARTICLES = re.compile(
    r"ZJEG_RSS\.content\.begin|<!--<\$\[信息内容\]>begin|name\s*=\s*[\"']?(?:ContentStart|i_articleid)\b", re.I
)

_CONTENT_MARKS = (
    ("<!--ZJEG_RSS.content.begin-->", "<!--ZJEG_RSS.content.end-->"),
    ("<!--<$[信息内容]>begin-->", "<!--<$[信息内容]>end-->"),
    ('<meta name="ContentStart"', '<meta name="ContentEnd"'),
)
_LONG_TEXT = 100
_LABELLED_DATE = re.compile(r"(?:发布|公开|发文)(?:日期|时间)\s*[:：]")
_PUB_DATE = re.compile(r"<meta\s+name=[\"']?PubDate[\"']?\s+content=[\"']([^\"'<>]{8,30})", re.I)


def base_of(url: str, column: Column | None) -> str:
    """What links in an answer to a script resolve against: the column's page, on the host that answered."""
    own = urlsplit(bare(url))
    there = urlsplit(bare(column.url)) if column is not None else own
    if there.hostname != own.hostname:
        there = own
    return urlunsplit((own.scheme, own.netloc, there.path or "/", there.query, ""))


class ArticlePage(DetailPage):
    """An article of JCMS or jpaas: as any static page, but its text may stand between comments alone."""

    def __init__(self, body: bytes, charset: str | None, url: str, portal: Portal) -> None:
        self._page = static_list.read_detail(body, charset, url, portal)
        self._source = body, charset
        attachments = {item.url: item for item in self._page.attachments}
        if may_have_attachments(body) and self._content is not None:
            marked = find_attachments([self._content.root] if self._content.root else [], None, url, url)
            attachments |= {item.url: item for item in marked}
        super().__init__([Attachment(item.url, _shown_name(item.name)) for item in attachments.values()])

    @cached_property
    def _content(self) -> LexborHTMLParser | None:
        text = decode(*self._source)
        for begin, end in _CONTENT_MARKS:
            start = text.find(begin)
            if start >= 0:
                stop = text.find(end, start)
                return LexborHTMLParser(text[start : stop if stop > start else len(text)])
        return None

    @property
    def title(self) -> str | None:
        return self._page.title

    @property
    def text(self) -> str:
        return self._page.text

    @property
    def own_text(self) -> str:
        return self._page.own_text

    @cached_property
    def has_body(self) -> bool:
        if self._page.has_body:
            return True
        return self._content is not None and len(visible_text(self._content.body)) >= _LONG_TEXT


def read_article(body: bytes, charset: str | None, url: str, portal: Portal) -> DetailPage:
    """The page of an article; see `read_detail` in crawler/platforms/__init__.py."""
    return ArticlePage(body, charset, url, portal)


def only_article(
    body: bytes, charset: str | None, url: str, portal: Portal, *, is_article: bool = False
) -> Link | None:
    """The entry for a page that is itself the only article of a column; None if it is not the page of a report.

    is_article: it is known to be an article; else a title that may be a column's, without agency and year, is none.
    """
    text = decode(body, charset)
    page = static_list.read_detail(body, charset, url, portal)
    title = page.title or ""
    read = read_title(title)
    if not read.is_report or not (is_article or read.agency or read.year):
        return None
    if not page.attachments and not ArticlePage(body, charset, url, portal).has_body:
        return None
    return Link(f"{bare(url)}#article", title, article_date(text))


def article_date(text: str) -> str | None:
    """The day of publication that a page prints, else that of its PubDate."""
    if (label := _LABELLED_DATE.search(text)) is not None:
        found = printed_date(plain(text[label.end() : label.end() + 200], " ")[:30])
        if found is not None:
            return found
    meta = _PUB_DATE.search(text)
    return printed_date(meta.group(1)) if meta else None


def _shown_name(name: str | None) -> str | None:
    """A file's name, which download addresses carry percent-encoded twice at times."""
    return BLANK.sub(" ", unquote(name)) if name is not None and "%" in name else name
