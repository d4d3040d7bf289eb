"""Pretend portals of Longxun (龙讯): disclosure lists that come as fragments of HTML, and columns in plain pages."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

from crawler.sandbox.portal_site import Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import (
    EMPTY_WORDS,
    FurnishedSite,
    body_of,
    cut_pages,
    hex_name,
    index_number,
    moment,
)
from crawler.sandbox.portals.parts import metadata, shortened, whole_number

_ORGAN = "1000001"
_SITE = "2653861"
_CATEGORY = "6719511"
_FILE = "/xxgk/publicInfoList_newest2020"
_COLUMN = f"/public/column/{_ORGAN}"
_SCRIPT = "/assets/public_info/xxgk_right.js"
_FRAGMENT = "/site/label/8888"
_CONTENT = "/content/column/6793121"


class LongxunSite(FurnishedSite):
    """variants: "column" is a disclosure column whose list comes from /site/label/8888; "external" is one whose page
    does not say what is asked for there, the script being a file of its own; "content" is a column of the site with
    the list in its pages. A page past the end of a fragment is the words that the question gave, 暂无相关信息."""

    platform = "longxun"
    variants = ("column", "external", "content")
    marks = (
        '<script src="/assets/js/site_common.js"></script>\n'
        f'<script src="/site/label/8888?IsAjax=1&amp;labelName=pageViews&amp;siteId={_SITE}"></script>\n'
    )

    @property
    def column_paths(self) -> tuple[str, ...]:
        if self.variant == "content":
            return (_CONTENT,)
        return (f"{_COLUMN}?type=4&catId={_CATEGORY}&action=list",)

    def portal_file(self, origin: str) -> dict[str, Any]:
        file = super().portal_file(origin)
        if self.variant == "external":
            file["options"] = {"siteId": _SITE, "organId": _ORGAN, "catId": _CATEGORY, "type": "4", "file": _FILE}
        return file

    def news_path(self, number: int) -> str:
        return f"/content/article/{5800000 + number}"

    def article_path(self, item: Publication) -> str:
        prefix = "/zfxxgk" if self.variant == "content" else ""
        return f"{prefix}/public/{_ORGAN}/{215000 + item.number}.html"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        name = hex_name(self, 10 * item.number + index, 26)
        return f"/group6/M00/0{item.number % 10}/{name[:2].upper()}/{name}.{file.ending}"

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        files = "".join(
            f'<p class="fujian"><a href="{self.file_path(item, file, index)}" title="{escape(file.name)}" '
            f'class="j-attach" target="_blank">{escape(file.name)}</a></p>\n'
            for index, file in enumerate(item.files)
        )
        when = moment(item, "%Y-%m-%d %H:%M")
        head = metadata(item, index_number(item)).replace(
            "<td>文　　号：</td><td>", '<td>文　　号：</td><td id="_fileNum">'
        )
        content = (
            f'<div class="newsContent">{head}\n<h1 class="newstitle">{escape(item.title)}</h1>\n'
            f'<div class="newsinfo">{f"发布日期：{when}" if when else ""}　来源：{escape(item.publisher)}　'
            '浏览次数：<span id="hits"></span>　字号：[<a href="javascript:void(0)">大</a>]</div>\n'
            f'<div class="j-fontContent newscontnet minh500" id="J_content">\n{body_of(item, now)}\n{files}</div>\n'
            f"{self.older(item, self.article_path(item))}</div>"
        )
        return self.article_answer(item, now, content, column=self.column_paths[0])

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if self.variant == "content":
            if request.path != _CONTENT:
                return None
            text = self.list_frame(
                self._content_list(whole_number(request.query.get("pageIndex")), now), column=_CONTENT
            )
            return self.page(text, self.changed(now))
        if request.path == _COLUMN:
            return self.page(self.list_frame(self._shell(), column=self.column_paths[0]), self.beginning())
        if request.path == _SCRIPT and self.variant == "external":
            return Answer(self._asking().encode(), "application/javascript", self.beginning())
        if request.path == _FRAGMENT:
            asked = request.query | request.form
            return self.page(self._fragment(asked, now), self.changed(now))
        return None

    def _shell(self) -> str:
        """The column's page: a place for the list, and the question that fetches it, or the file that has it."""
        place = '<div class="xxgk_right" id="xxgk_right_list"></div>'
        if self.variant == "external":
            return f'{place}\n<script src="{_SCRIPT}"></script>'
        return f"{place}\n<script>\n{self._asking()}</script>"

    def _asking(self) -> str:
        return f"""$(function () {{
  $.ajax({{
    url: "{_FRAGMENT}",
    data: {{labelName: "publicInfoList", siteId: "{_SITE}", organId: "{_ORGAN}", catId: "{_CATEGORY}", type: "4",
      pageSize: {self.per_page}, pageIndex: 1, action: "list", isDate: true, dateFormat: "yyyy-MM-dd", length: 80,
      result: "{EMPTY_WORDS}", file: "{_FILE}", IsAjax: 1, dataType: "html"}},
    success: function (html) {{ $("#xxgk_right_list").html(html); }}
  }});
}});
"""

    def _fragment(self, asked: dict[str, str], now: datetime) -> str:
        wanted = {"labelName": "publicInfoList", "siteId": _SITE, "organId": _ORGAN, "catId": _CATEGORY, "file": _FILE}
        items = self.shown(now) if wanted.items() <= asked.items() else []
        size = min(max(whole_number(asked.get("pageSize"), self.per_page), 1), 100)
        pages = cut_pages(items, size)
        number = whole_number(asked.get("pageIndex"))
        if not items or not 1 <= number <= len(pages):
            return asked.get("result", EMPTY_WORDS)
        length = whole_number(asked.get("length"), 80)
        rows = "".join(
            f'<li><a class="title" href="{self.article_path(item)}" target="_blank" title="{escape(item.title)}">'
            f"{escape(item.title[:length])}</a><span>{item.day}</span></li>\n"
            for item in pages[number - 1]
        )
        return f"<ul>\n{rows}</ul>\n{_pager(number, len(pages), len(items))}"

    def _content_list(self, number: int, now: datetime) -> str:
        items = self.shown(now)
        pages: list[Sequence[Publication]] = cut_pages(items, self.per_page)
        if not items or not 1 <= number <= len(pages):
            return f'<ul class="doc_list"><li class="nodata">{EMPTY_WORDS}</li></ul>'
        rows = "".join(
            f'<li><span class="right date">{item.day}</span><a href="{self.article_path(item)}" class="left" '
            f'title="{escape(item.title)}">{escape(shortened(item.title))}</a></li>\n'
            for item in pages[number - 1]
        )
        links = "".join(
            f'<a href="{_CONTENT}?pageIndex={page}">{text}</a> '
            for text, page in (("首页", 1), ("上一页", number - 1), ("下一页", number + 1), ("尾页", len(pages)))
            if 1 <= page <= len(pages) and page != number
        )
        counts = f"共{len(items)}条 第{number}页/共{len(pages)}页"
        return f'<ul class="doc_list list-{_SITE}">\n{rows}</ul>\n<div class="page">{counts} {links}</div>'


def _pager(number: int, pages: int, records: int) -> str:
    """The pager of a fragment: a script draws its links."""
    return f"""<div id="page_public_info" class="pagination"></div>
<script>
Ls.pagination("#page_public_info", function (page, link) {{
  link.attr("href", "javascript:void(0);").on("click", function () {{ Ls.ajaxLoad(page); }});
}}, {{currentPage: {number}, pageCount: {pages}, linkCount: {records}, moreCount: 3, jumpId: "", simple: ""}});
</script>"""
