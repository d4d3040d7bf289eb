"""The page of one article, of any portal software: its title, its text, and the place where the text stands."""

import re
from functools import cached_property
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages import DetailPage
from crawler.pages.html import clean, first_css, parse, visible_text
from crawler.portal import Portal
from parsers.encoding import decode

BODIES = (
    "#UCAP-CONTENT, #zoomcon, #zoom, #Zoom, .TRS_Editor, .trs_editor_view, .TRS_UEDITOR, .Custom_UnionStyle, "
    ".v_news_content, #vsb_content, [id^=vsb_content_], .j-fontContent, #ivs_content, .bt-content, .xxgk_content, "
    ".article_content, .article-content, .news_cont_d_wrap, .tyxxy_main, .art-con, .zc_article_con, "
    ".view, article, main"
)
_HEAD_BYTES = 16_384
_ARTICLE_TITLE = re.compile(rb"<meta\s+name=[\"']?ArticleTitle[\"']?\s+content=[\"']", re.I)
_TITLE_CONTENT = re.compile(r"<meta\s+name=[\"']?ArticleTitle[\"']?\s+content=([\"'])([^<>\"']*)\1", re.I)
_TITLES = ("ucaptitle", "h1", "title")
_LONG_TEXT = 100  # characters without blanks: a body with fewer is no text


class Article(DetailPage):
    """An article as far as it was asked for; parsed no earlier. bodies: CSS of the places where its text may stand."""

    def __init__(self, body: bytes, charset: str | None, portal: Portal, *, bodies: str = BODIES) -> None:
        super().__init__()
        self._bodies = bodies
        self._source = body, charset
        self._portal = portal

    @cached_property
    def tree(self) -> LexborHTMLParser:
        return parse(*self._source)

    @cached_property
    def bodies(self) -> list[LexborNode]:
        """The elements that hold the text."""
        return self.tree.css(self._portal.selectors.body or self._bodies)

    @cached_property
    def title(self) -> str | None:
        return _article_title(*self._source) or _title(self.tree, self._portal)

    @cached_property
    def text(self) -> str:
        return visible_text(self.tree.body)

    @cached_property
    def own_text(self) -> str:
        return visible_text(self.tree.body, links=False)

    @cached_property
    def has_body(self) -> bool:
        return any(len(visible_text(node)) >= _LONG_TEXT for node in self.bodies)


def _article_title(body: bytes, charset: str | None) -> str | None:
    """ArticleTitle, without a tree: what most pages have, and all that is asked of many."""
    if not _ARTICLE_TITLE.search(body, 0, _HEAD_BYTES):
        return None
    text = decode(body, charset)[:_HEAD_BYTES]
    match = _TITLE_CONTENT.search(text)
    return (clean(unescape(match.group(2))) or None) if match else None


def _title(tree: LexborHTMLParser, portal: Portal) -> str | None:
    """ArticleTitle, else the platform's element, else h1, else <title> up to its first separator."""
    for node in tree.css("meta[name]"):
        if (node.attributes.get("name") or "").lower() == "articletitle":
            text = clean(node.attributes.get("content") or "")
            if text:
                return text
    for selector in ((portal.selectors.title,) if portal.selectors.title else ()) + _TITLES:
        found = first_css(tree, selector)
        text = clean(found.text(deep=True)) if found else ""
        if text:
            return re.split(r"[_|]|\s-|-\s", text)[0].strip() if selector == "title" else text
    return None
