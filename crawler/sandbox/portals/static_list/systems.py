"""Addresses of systems that have no reader of their own, since their lists are plain pages."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from crawler.sandbox import season
from crawler.sandbox.portal_site import Publication, Request
from crawler.sandbox.portals.furniture import (
    cut_pages,
    hex_name,
    uuid_name,
)
from crawler.sandbox.portals.static_list.layout import Layout


class Openness(Layout):
    """OpennessContent (宣城, 黄山, 阜阳): pages by number, annual reports in a module of their own."""

    column = "/OpennessContent/showList/1301/0/"
    first, further, counted_from = "page_1.html", "page_{n}.html", 2

    @property
    def column_path(self) -> str:
        return self.column + self.first

    def article_path(self, item: Publication) -> str:
        module = "OpennessAnnualReport" if item.kind == "report" else "OpennessContent"
        return f"/{module}/show/{330000 + item.number}.html"


class Shandong(Layout):
    """channel/doc (济南, 淄博, 聊城): a name begins with the time at which it was made, in hexadecimal."""

    column = "/gongkai/site_lxxzf/channel_xxgknb/"
    further, counted_from = "index_{n}.html", 2

    def article_path(self, item: Publication) -> str:
        return f"{self.column}doc_{int(item.published_at.timestamp()):08x}{hex_name(self.site, item.number, 16)}.html"

    def row(self, item: Publication, base: str) -> str:
        return self.short_row(item, base)


class Eportal(Layout):
    """Huilan/EasySite: pages of a list by query."""

    column = "/eportal/ui"
    files = "data-url"
    _page_id = "3051"

    @property
    def column_path(self) -> str:
        return f"{self.column}?pageId={self._page_id}"

    def article_path(self, item: Publication) -> str:
        return f"/lxx/zwgk/zfxxgknb/{9400000 + item.number}/index.html"

    def lists(self, request: Request, now: datetime) -> str | None:
        if request.path != self.column or request.query.get("pageId") != self._page_id:
            return None
        items = self.site.shown(now)
        pages = cut_pages(items, self.site.per_page)
        asked = request.query.get("currentPage", "1")
        number = int(asked) if asked.isdecimal() else 1
        shown: Sequence[Publication] = pages[number - 1] if 1 <= number <= len(pages) else []
        module = hex_name(self.site, -1)

        def link(text: str, page: int) -> str:
            query = f"pageId={self._page_id}&currentPage={page}&moduleId={module}&staticRequest=yes"
            return f'<a href="{self.column}?{escape(query)}">{text}</a> '

        links = link("首页", 1) + link("上一页", number - 1) if number > 1 else ""
        links += link("下一页", number + 1) + link("尾页", len(pages)) if number < len(pages) else ""
        pager = f'<div class="easysite-total-page">共{len(items)}条 第{number}页/共{len(pages)}页 {links}</div>'
        return self.frame(self.entries(shown, self.column), pager, self.column)


class Hebei(Layout):
    """河北: columns and articles with UUIDs."""

    further, counted_from = "index_{n}.html", 2
    column = "/columns/29c0ffee-1d2e-4f3a-8b4c-5d6e7f809102/"

    @property
    def column_path(self) -> str:
        return f"{self.column}index.html"

    def article_path(self, item: Publication) -> str:
        return f"{self.column}{item.day:%Y%m/%d}/{uuid_name(self.site, item.number)}.html"


class Jiangxi(Layout):
    """江西: …/pc/list.html."""

    column = "/lxxrmzf/xxgkn142/pc/"
    first, further, counted_from = "list.html", "list_{n}.html", 2
    files = "viewer"

    @property
    def column_path(self) -> str:
        return f"{self.column}list.html"

    def article_path(self, item: Publication) -> str:
        minute = item.published_at.astimezone(season.BEIJING)
        return f"/lxxrmzf/xxgkn142/{minute:%Y%m}/content_{minute:%Y%m%d%H%M}{item.number:05d}.html"
