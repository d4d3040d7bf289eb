"""Columns that are made of several lists: years, agencies, frames."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import escape

from crawler.sandbox import season
from crawler.sandbox.portal_site import COLUMN_NAME, Answer, Listed, Publication, Request
from crawler.sandbox.portals.furniture import (
    EMPTY_WORDS,
    hex_name,
    relative,
)
from crawler.sandbox.portals.static_list.layout import Layout
from crawler.sandbox.portals.static_list.plain import year_of


class Years(Layout):
    """A root page with links to a page for each year, each with a pager of its own."""

    column = "/zwgk/xxgknb/"
    files = "viewer"

    def article_path(self, item: Publication) -> str:
        return f"{self.year_folder(year_of(item))}{item.day:%Y%m}/{hex_name(self.site, item.number)}.html"

    def year_folder(self, year: int) -> str:
        return f"{self.column}{year}nb/"

    def years(self, now: datetime) -> list[int]:
        """The years that have a page, the latest first; before anything is published, last year's."""
        years = {year_of(item) for item in self.site.shown(now)} or {season.beijing_date(now).year - 1}
        return sorted(years, reverse=True)

    def lists(self, request: Request, now: datetime) -> str | None:
        years = self.years(now)
        if request.path in (self.column, self.column + self.first):
            links = "".join(f'<li><a href="./{year}nb/">{year}年</a></li>' for year in years)
            return self.frame(f'<ul class="year-list">{links}</ul>', "", self.column)
        for year in years:
            items = [item for item in self.site.shown(now) if year_of(item) == year]
            if (page := self.folder_page(self.year_folder(year), items, request.path, now)) is not None:
                return page
        return None

    def entries(self, items: Sequence[Publication], base: str) -> str:
        year = base.removeprefix(self.column)[:4]
        return f'<h2 class="tit">{year}年{COLUMN_NAME}</h2>\n{super().entries(items, base)}'


class Redirect(Years):
    """A root page that only sends on to the page of the latest year, which links the older ones."""

    column = "/zfxxgk/gknb/"
    files = "embed"

    def article_path(self, item: Publication) -> str:
        return f"{self.year_folder(year_of(item))}{item.day:%Y/%-m/%-d}/{hex_name(self.site, item.number)}.shtml"

    def lists(self, request: Request, now: datetime) -> str | None:
        if request.path in (self.column, self.column + self.first):
            return None
        years = self.years(now)
        page = super().lists(request, now)
        if page is None:
            return None
        here = request.path.removeprefix(self.column)[:4]
        tabs = "".join(
            f'<a class="on" href="./">{year}年</a>' if str(year) == here else f'<a href="../{year}nb/">{year}年</a>'
            for year in years
        )
        return page.replace('<div class="right">', f'<div class="right"><div class="year-tab">{tabs}</div>', 1)

    def special(self, request: Request, now: datetime) -> Answer | None:
        if request.path not in (self.column, self.column + self.first):
            return None
        page = (
            '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title></title>\n'
            f"<script>location.replace('./{self.years(now)[0]}nb/')</script>\n</head><body></body></html>\n"
        )
        return self.site.page(page, self.site.changed(now))


class Matrix(Layout):
    """A table of agencies and years, whose cells link the reports, some of them the file itself."""

    column = "/zfxxgknb/nbzt/"
    files = "viewer"

    def article_path(self, item: Publication) -> str:
        return f"/zfxxgknb/nbzt/{191700 + item.number}.html"

    def direct_file(self, item: Publication) -> str | None:
        """The file that a report's cell links in the place of its page."""
        if item.kind == "report" and item.files and item.number % 2 == 0:
            return self.file_path(item, item.files[0], 0)
        return None

    def truth(self, now: datetime) -> list[Listed]:
        return [
            Listed(self.direct_file(item) or self.article_path(item), item.title, item.agency_id or "", item.year or 0)
            for item in self.site.shown(now)
            if item.kind == "report"
        ]

    def lists(self, request: Request, now: datetime) -> str | None:
        if request.path not in (self.column, self.column + self.first):
            return None
        items = self.site.shown(now)
        reports = [item for item in items if item.kind == "report"]
        others = [item for item in items if item.kind != "report"]
        if not reports:
            return self.frame(f'<div class="list"><p>{EMPTY_WORDS}</p></div>', "", self.column)
        years = sorted({year_of(item) for item in reports}, reverse=True)
        head = "".join(f"<th>{year}年</th>" for year in years)
        rows = ""
        for agency in sorted({agency_of(item) for item in reports}):
            own = [item for item in reports if agency_of(item) == agency]
            cells = "".join(
                f"<td>{' '.join(self._cell(item) for item in own if year_of(item) == year) or '—'}</td>"
                for year in years
            )
            rows += f"<tr><td>{escape(agency)}</td>{cells}</tr>\n"
        table = (
            f'<h2>{escape(self.site.place or "")}政府信息公开工作年度报告</h2>\n<table class="nb"><tbody>\n'
            f"<tr><th>单位</th>{head}</tr>\n{rows}</tbody></table>"
        )
        beside = f"<h3>相关信息</h3>\n{self.entries(others, self.column)}" if others else ""
        return self.frame(f"{table}\n{beside}", "", self.column)

    def _cell(self, item: Publication) -> str:
        direct = self.direct_file(item)
        if direct is None:
            return f'<a href="{relative(self.article_path(item), self.column)}">查看</a>'
        return f'<a href="{direct}" title="{escape(item.files[0].name)}">下载</a>'


class Frame(Layout):
    """The list stands in a frame; its links resolve against the frame's address."""

    column = "/zfxxgk/fdzdgknr/nb.html"
    _folder = "/wz/nblist/"
    first, further, counted_from = "list.html", "list_{n}.html", 2

    def article_path(self, item: Publication) -> str:
        # Names that count milliseconds, as in 陕西.
        milliseconds = int(item.published_at.timestamp() * 1000)
        return f"/wz/nb/{(milliseconds - 1288834974657 << 22) + item.number}.html"

    def lists(self, request: Request, now: datetime) -> str | None:
        if request.path == self.column:
            frame = f'<iframe id="listFrame" src="{self._folder}list.html" width="100%" height="700"></iframe>'
            return super().frame(frame, "", self.column)
        return self.folder_page(self._folder, self.site.shown(now), request.path, now)

    def frame(self, entries: str, pager: str, path: str) -> str:
        return (
            '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>列表</title></head>\n'
            f'<body class="frame">{entries}\n{pager}</body></html>\n'
        )


def agency_of(item: Publication) -> str:
    """The agency as a report's title names it, else its publisher."""
    named = re.match(r"(.+?)\s*(?:19|20)\d\d\s*年", item.title)
    return named[1] if named else item.publisher
