"""Pretend portals of Boda VSB (博达站群): .htm lists that are counted backwards, .jsp lists, downloads by number."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from crawler.sandbox.portal_site import Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import (
    EMPTY_WORDS,
    FurnishedSite,
    body_of,
    cut_pages,
    hex_name,
    index_number,
    moment,
    relative,
)
from crawler.sandbox.portals.parts import metadata

_TREE, _OTHER_TREE = 1042, 1055
_OWNER = 1520331027
_BLOCK = 134567
_COLUMN = "/xxgk/nb.htm"
_DYNAMIC = "/xxgklb.jsp?urltype=tree.TreeTempUrl&wbtreeid=1042"
_CONTENT = "/content.jsp"
_DOWNLOAD = "/system/_content/download.jsp"
_CAPTCHA = """<html><head><meta charset="utf-8"><title>下载附件</title></head><body>
<form method="post" action="/system/_content/download.jsp"><p>请输入验证码后下载</p>
<img src="/system/resource/code/creatCode.jsp" alt="验证码"><input name="codeValue" maxlength="4">
<input type="submit" value="确定"></form></body></html>
"""


class _Row(NamedTuple):
    """An entry of a list: the address that its link has, and what it is."""

    path: str
    item: Publication


class BodaSite(FurnishedSite):
    """variants: "static" lists are xxgk/nb.htm, xxgk/nb/2.htm, xxgk/nb/1.htm, the last being 1; "dynamic" ones have
    ?totalpage=&PAGENUM=, "older" ones a<block>p= and dates in two pieces. "captcha" is "static", with one attachment
    for which a page with a captcha comes in place of the file.

    Some articles are linked as content.jsp?…, and that address is the one that counts for them. Some are listed twice,
    under two trees: the first, in tree 1042, counts.
    """

    platform = "boda"
    variants = ("static", "dynamic", "older", "captcha")
    marks = (
        '<link rel="stylesheet" href="/system/resource/style/component/news/list/style.css">\n'
        '<script src="/system/resource/js/counter.js"></script>\n'
        "<script>_jsq_(1013,'/index.jsp',-1,1520331027)</script>\n"
    )

    @property
    def is_static(self) -> bool:
        return self.variant in ("static", "captcha")

    @property
    def column_paths(self) -> tuple[str, ...]:
        return (_COLUMN if self.is_static else _DYNAMIC,)

    def news_path(self, number: int) -> str:
        return f"/info/1013/{1500 + number}.htm"

    @property
    def behind_captcha(self) -> frozenset[str]:
        """The addresses that answer a captcha: of the first report that has files, its last one."""
        for item in self.publications:
            if self.variant == "captcha" and item.kind == "report" and item.files:
                return frozenset({self.file_path(item, item.files[-1], len(item.files) - 1)})
        return frozenset()

    # Addresses.

    def article_path(self, item: Publication) -> str:
        if item.number % 5 == 2:
            return _content_path(_TREE, item)
        return _static_path(_TREE, item)

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        number = 880000 + item.number * 10 + index
        if file.ending == "pdf":
            name = hex_name(self, number).upper()
            return f"/__local/{name[0]}/{name[1:3]}/{name[3:5]}/{name[5:]}_{number:X}_{number * 7:X}.pdf"
        return f"{_DOWNLOAD}?urltype=news.DownloadAttachUrl&owner={_OWNER}&wbfileid={number}"

    # Pages.

    def answer(self, request: Request, now: datetime) -> Answer | None:
        answer = super().answer(request, now)
        if answer is None or not request.path.startswith(("/__local/", _DOWNLOAD)):
            return answer
        address = request.path + (f"?{self._query(request)}" if request.query else "")
        if address in self.behind_captcha:
            return self.page(_CAPTCHA, answer.modified)
        if request.path != _DOWNLOAD:
            return answer
        _, file = self._files[address]
        disposition = f"attachment; filename*=UTF-8''{quote(file.name)}"
        return answer._replace(content_type="application/octet-stream", headers=(("Content-Disposition", disposition),))

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        path = self.article_path(item)
        files = "".join(self._attached(item, file, index) for index, file in enumerate(item.files))
        when = moment(item, "%Y年%m月%d日")
        counter = f'<script>_showDynClicks("wbnews", {_OWNER}, {_news_id(item)})</script>'
        content = (
            '<form name="_newscontent_fromname"><div class="content">\n'
            f"{metadata(item, index_number(item))}\n<h1>{escape(item.title)}</h1>\n"
            f'<p class="info">{f"发布日期：{when}" if when else ""}　作者：　来源：{escape(item.publisher)}　'
            f"点击：[{counter}]</p>\n"
            f'<div id="vsb_content_{item.number % 3 + 2}"><div class="v_news_content">\n'
            f"{body_of(item, now)}\n</div></div>\n"
            f"{files}\n{self.older(item, path).replace('上一篇', '上一条').replace('下一篇', '下一条')}</div></form>"
        )
        return self.article_answer(item, now, content, column=self.column_paths[0])

    def _attached(self, item: Publication, file: PublishedFile, index: int) -> str:
        """A PDF is shown in a frame that a script makes, anything else is a numbered download."""
        path = self.file_path(item, file, index)
        if file.ending == "pdf":
            return (
                f'<div class="vsb_pdf"><script>showVsbpdfIframe("{path}","100%","600","0","","")</script>'
                f'<img class="vsb_pdf_image_data" src="{path}.jpg" style="display:none"></div>'
            )
        return (
            f'<ul><li>附件【<a href="{escape(path)}" target="_blank">{escape(file.name)}</a>】已下载'
            f'<span id="nattach{index}"><script>getClickTimes({880000 + item.number * 10 + index},{_OWNER},'
            '"wbnewsfile","attach")</script></span>次</li></ul>'
        )

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if (item := self._under_other_name(request, now)) is not None:
            return self.article(item, request, now)
        rows = self._rows(now)
        pages = cut_pages(rows, self.per_page)
        if self.is_static:
            names = {
                _COLUMN if place == 0 else f"/xxgk/nb/{len(pages) - place}.htm": place for place in range(len(pages))
            }
            if (place := names.get(request.path)) is None:
                return None
            return self._list_page(pages[place], self._static_pager(place, list(names)), request.path, now)
        if request.path != _DYNAMIC.partition("?")[0] or request.query.get("wbtreeid") != str(_TREE):
            return None
        asked = request.query.get("PAGENUM" if self.variant == "dynamic" else f"a{_BLOCK}p", "1")
        number = int(asked) if asked.isdecimal() else 1
        shown = pages[number - 1] if 1 <= number <= len(pages) else []
        return self._list_page(shown, self._dynamic_pager(number, len(pages), len(rows)), request.path, now)

    def _under_other_name(self, request: Request, now: datetime) -> Publication | None:
        """The article of an address that is not the one that counts for it: another tree, or the other of two forms."""
        for item in self.shown(now):
            for tree in (_TREE, _OTHER_TREE):
                if request.path == _static_path(tree, item):
                    return item
                query = {"wbtreeid": str(tree), "wbnewsid": str(_news_id(item))}
                if request.path == _CONTENT and query.items() <= request.query.items():
                    return item
        return None

    def _rows(self, now: datetime) -> list[_Row]:
        rows = []
        for item in self.shown(now):
            rows.append(_Row(self.article_path(item), item))
            if item.number % 6 == 4:
                other = self.article_path(item)
                for wanted, given in (
                    (f"/{_TREE}/", f"/{_OTHER_TREE}/"),
                    (f"wbtreeid={_TREE}&", f"wbtreeid={_OTHER_TREE}&"),
                ):
                    other = other.replace(wanted, given)
                rows.append(_Row(other, item))
        return rows

    def _list_page(self, rows: Sequence[_Row], pager: str, base: str, now: datetime) -> Answer:
        lines = "".join(
            f'<li id="line_u9_{number}">{self._row(escape(relative(row.path, base)), row.item)}</li>\n'
            for number, row in enumerate(rows)
        )
        entries = f'<div class="list"><ul>\n{lines}</ul></div>' if lines else f"<ul><li>{EMPTY_WORDS}</li></ul>"
        text = self.list_frame(f"{entries}\n{pager}", column=self.column_paths[0])
        return self.page(text, self.changed(now))

    def _row(self, link: str, item: Publication) -> str:
        title = escape(item.title)
        anchor = f'<a href="{link}" target="_blank" title="{title}">{title}</a>'
        if self.variant == "older":
            return f'<div class="date"><p class="day">{item.day:%d}</p><p class="ym">{item.day:%Y.%m}</p></div>{anchor}'
        day = f"{item.day:[%Y/%m/%d]}" if self.variant == "dynamic" else f"{item.day:%Y-%m-%d}"
        return f"{anchor}<span>{day}</span>"

    def _static_pager(self, place: int, names: list[str]) -> str:
        """The pager of a static list; names: of its pages, in order."""
        if len(names) == 1:
            return ""
        base = names[place]

        def link(target: int) -> str:
            return relative(names[target], base).removeprefix("./")

        numbers = "".join(
            f'<span class="p_no_d">{n + 1}</span>'
            if n == place
            else f'<span class="p_no"><a href="{link(n)}">{n + 1}</a></span>'
            for n in range(len(names))
        )
        before = (
            f'<span class="p_first p_fun"><a href="{link(0)}">首页</a></span>'
            f'<span class="p_prev p_fun"><a href="{link(place - 1)}">上页</a></span>'
            if place
            else ""
        )
        after = (
            f'<span class="p_next p_fun"><a href="{link(place + 1)}">下页</a></span>'
            f'<span class="p_last p_fun"><a href="{link(len(names) - 1)}">尾页</a></span>'
            if place + 1 < len(names)
            else ""
        )
        return (
            '<div class="pb_sys_common pb_sys_normal pb_sys_style2"><span class="p_pages">'
            f"{before}{numbers}{after}</span></div>"
        )

    def _dynamic_pager(self, number: int, pages: int, rows: int) -> str:
        counts = f'<td nowrap id="fanye{_BLOCK}">共{rows}条&nbsp;&nbsp;{number}/{pages}&nbsp;</td>'
        if pages == 1:
            return f"<table><tr>{counts}</tr></table>"

        def link(text: str, page: int) -> str:
            if self.variant == "dynamic":
                query = f"?totalpage={pages}&PAGENUM={page}"
            else:
                query = f"?a{_BLOCK}t={pages}&a{_BLOCK}p={page}&a{_BLOCK}c={self.per_page}"
            query += f"&urltype=tree.TreeTempUrl&wbtreeid={_TREE}"
            return f'<a href="{escape(query)}">{text}</a>&nbsp;'

        links = [("首页", 1), ("上页", number - 1)] if number > 1 else []
        links += [("下页", number + 1), ("尾页", pages)] if number < pages else []
        shown = "".join(link(*each) for each in links)
        return f'<table class="pager"><tr>{counts}<td nowrap>{shown}<input size="2"> 转到</td></tr></table>'


def _news_id(item: Publication) -> int:
    return 2087 + item.number


def _static_path(tree: int, item: Publication) -> str:
    return f"/info/{tree}/{_news_id(item)}.htm"


def _content_path(tree: int, item: Publication) -> str:
    return f"{_CONTENT}?urltype=news.NewsContentUrl&wbtreeid={tree}&wbnewsid={_news_id(item)}"
