"""Pretend portals of Hanweb's disclosure module `/module/xxgk/`.

"search" is a directory: a shell with a tree in a frame, and rows that are asked for by POST. "annual" and
"annual_years" are the module's endpoint for annual reports, where a report's address is a query: one column for each
agency (`area`), one address for each reporting year. In "annual" every page links the years that there are; in
"annual_years" none does, and the portal's file gives [options] years. Any host of the module serves any area: what
belongs to another county's agency is here too, where nobody asks for it by its code.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from html import escape
from typing import Any, NamedTuple

from crawler.sandbox.portal_site import (
    COLUMN_NAME,
    SECTION_NAME,
    Answer,
    Listed,
    Publication,
    PublishedFile,
    Request,
)
from crawler.sandbox.portals.furniture import body_of, index_number, moment
from crawler.sandbox.portals.hanweb import HanwebSite, article_number
from crawler.sandbox.portals.parts import built_at, hex_id, shortened, tags, whole_number

ANNUAL = "/module/xxgk/xxgkAnnualReport.jsp"
SEARCH = "/module/xxgk/search.jsp"
TREE = "/module/xxgk/tree.jsp"
FOREIGN_AREA = "11990202MB2711902K"
_FOREIGN_AGENCY = "石桥县卫生健康局"
_FOREIGN_YEARS = (2022, 2023)
_EMPTY_AREA = "11990101000000099E"
_COLUMN, _EMPTY_COLUMN = "8812", "8890"
_DIV, _SITE = "div1689", "3"
_TYPES = {"01": "政府信息公开指南", "02": "政府信息公开制度", "0301": "规范性文件", "0402": COLUMN_NAME}
_REPORTS, _POLICIES = "0402", "0301"
_SORTED = ",compaltedate:0"  # as the software spells it


class _Row(NamedTuple):
    path: str
    title: str
    day: date
    index_number: str
    type: str


class XxgkSite(HanwebSite):
    """variants: see the head of the module. empty_path: a column of an area that has nothing."""

    platform = "xxgk"
    variants = ("search", "annual", "annual_years")
    marks = '<script src="/module/jslib/jquery/jquery.js"></script>\n<script src="/module/xxgk/js/xxgk.js"></script>\n'

    @property
    def column_paths(self) -> tuple[str, ...]:
        if self.variant == "search":
            return (self._shell_path(_COLUMN, self.area),)
        areas = dict.fromkeys(area_of(item) for item in self.publications if item.kind == "report")
        return tuple(f"{ANNUAL}?area={area}&fbtime=" for area in areas)

    @property
    def empty_path(self) -> str:
        if self.variant == "search":
            return self._shell_path(_EMPTY_COLUMN, _EMPTY_AREA)
        return f"{ANNUAL}?area={_EMPTY_AREA}&fbtime="

    @property
    def area(self) -> str:
        """The code under which the county's directory stands."""
        return _code(self.id, "990101")

    def portal_file(self, origin: str) -> dict[str, Any]:
        file = super().portal_file(origin)
        if self.variant != "search":
            named = {area_of(item): item.publisher for item in self.publications if item.kind == "report"}
            for column in file["columns"]:
                column["agency"] = next(name for area, name in named.items() if f"area={area}&" in column["url"])
        if self.variant == "annual_years":
            file["options"] = {"years": sorted({item.year for item in self.publications if item.year})}
        return file

    def news_path(self, number: int) -> str:
        return f"/art/2024/1/{number + 8}/art_8801_{number}.html"

    @property
    def home_columns(self) -> tuple[tuple[str, str], ...]:
        return (*super().home_columns, *((path, "法定主动公开内容") for path in self.column_paths[:1]))

    def section(self, request: Request) -> str:
        if self.variant == "search":
            return super().section(request)
        named = {area_of(item): item.publisher for item in self.publications if item.kind == "report"}
        links = "".join(
            f'<li><a href="{escape(path)}">{escape(name)}{COLUMN_NAME}</a></li>'
            for path, name in zip(self.column_paths, named.values(), strict=True)
        )
        return self.frame(
            SECTION_NAME, f'<ul class="xxgk"><li><a href="/zwgk/zn/">政府信息公开指南</a></li>{links}</ul>'
        )

    def truth(self, now: datetime) -> list[Listed]:
        # A query names one report: the newest one of its area and year.
        listed: dict[str, Listed] = {}
        for entry in super().truth(now):
            listed.setdefault(entry.path, entry)
        return list(listed.values())

    def article_path(self, item: Publication) -> str:
        if self.variant != "search" and item.kind == "report":
            return f"{ANNUAL}?area={area_of(item)}&fbtime={item.year}"
        day = item.day
        return f"/art/{day.year}/{day.month}/{day.day}/art_{_COLUMN}_{article_number(item)}.html"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        if self.variant == "search":
            return super().file_path(item, file, index)
        return f"/attach/0/{self.file_key(item, file, index)}"

    def answer(self, request: Request, now: datetime) -> Answer | None:
        # One address may hold one report after another, so that the table of articles does not know which.
        if request.path == ANNUAL:
            return self._annual(request, now)
        return super().answer(request, now)

    # Articles, with an address of their own or without.

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        published = "" if item.built_daily else f"发布时间：{moment(item)} "
        text = f"{body_of(item, now)}\n{self.file_links(item)}"
        content = (
            f'{self.disclosure_head(item)}\n<div class="line">{published}浏览次数： 字号：大 中 小</div>\n'
            f'<div class="xxgk_content" id="zoom"><!--ZJEG_RSS.content.begin-->{text}<!--ZJEG_RSS.content.end-->'
            "</div>\n"
            f"{self.older(item, self.article_path(item))}"
        )
        return self.article_answer(item, now, content, column=self.column_paths[0])

    def _annual(self, request: Request, now: datetime) -> Answer:
        area, wanted = request.query.get("area", ""), request.query.get("fbtime", "")
        if area == FOREIGN_AREA:
            year = whole_number(wanted, _FOREIGN_YEARS[-1])
            title = f"{_FOREIGN_AGENCY}{year}年政府信息公开工作年度报告"
            body = f'<h1 class="title">{title}</h1><div id="zoom"><p>{title}：全文略。</p></div>'
            return self.page(self.frame(title, body), self.beginning())
        reports = [item for item in self.shown(now) if item.kind == "report" and area_of(item) == area]
        years = sorted({item.year for item in reports if item.year}, reverse=True)
        links = "".join(
            f'<li><a href="{ANNUAL}?area={area}&amp;fbtime={year}">{year}年度报告</a></li>' for year in years
        )
        menu = f'<ul class="year">{links}</ul>\n' if self.variant == "annual" else ""
        found = next((item for item in reports if not wanted or str(item.year) == wanted), None)
        if found is None:
            nothing = f'{menu}<div class="xxgk_content" id="zoom"><p>没有查询到相关信息</p></div>'
            return self.page(self.frame(COLUMN_NAME, nothing), self.beginning())
        published = "" if found.built_daily else f"发布时间：{moment(found)}"
        content = (
            f'{menu}<div class="annual"><h1 class="title">{escape(found.title)}</h1>\n<p class="time">{published}</p>\n'
            f'<div class="xxgk_content" id="zoom">{body_of(found, now)}\n{self.file_links(found)}</div></div>'
        )
        page = self.frame(found.title, content, head=tags(found, self.name, now))
        return self.page(page, built_at(found, now))

    # Lists.

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if self.variant != "search":
            return None
        if re.fullmatch(rf"/col/col({_COLUMN}|{_EMPTY_COLUMN})/(index\.html)?", request.path):
            return self._shell(request)
        if request.path == TREE:
            return self._tree(request)
        if request.path == SEARCH:
            return self._search(request, now)
        return None

    def rows(self, area: str, type: str, now: datetime) -> Sequence[_Row]:
        """The rows of an area, "" for all of the cluster's, and of a kind of information, "" for all."""
        own = [
            _Row(self.article_path(item), item.title, item.day, index_number(item), _REPORTS)
            for item in self.shown(now)
        ] + [
            _Row(
                f"/art/2019/5/{n}/art_8815_{n}.html",
                f"{self.place or ''}人民政府关于印发第{n}号办法的通知",
                date(2019, 5, n),
                f"2019-05-{n:05d}",
                _POLICIES,
            )
            for n in range(12, 0, -1)
        ]
        foreign = [
            _Row(
                f"/art/{year + 1}/1/26/art_9901_{year}.html",
                f"{_FOREIGN_AGENCY}{year}年政府信息公开工作年度报告",
                date(year + 1, 1, 26),
                f"{FOREIGN_AREA}/{year + 1}-00012",
                _REPORTS,
            )
            for year in _FOREIGN_YEARS
        ]
        found = {self.area: own, FOREIGN_AREA: foreign, "": foreign + own}.get(area, [])
        return [row for row in found if type in ("", row.type)]

    def _shell_path(self, column: str, area: str) -> str:
        return f"/col/col{column}/index.html?vc_xxgkarea={area}&jh=264"

    def _shell(self, request: Request) -> Answer:
        area = request.query.get("vc_xxgkarea", "")
        url = (
            f"{SEARCH}?standardXxgk=1&isAllList=1&texttype=&fbtime=&vc_all=&vc_filenumber=&vc_title=&vc_number="
            f"&currpage=1&sortfield={_SORTED}"
        )
        form = (
            f"infotypeId=&jdid={_SITE}&area={area}&divid={_DIV}&vc_title=&vc_number=&sortfield={_SORTED}&currpage=1"
            "&vc_filenumber=&vc_all=&texttype=&fbtime="
        )
        entries = (
            f'<iframe id="xxgktree" src="{TREE}?standardXxgk=1&area={escape(area)}&divid={_DIV}" width="240" '
            f'height="800" frameborder="0"></iframe>\n<div id="{_DIV}"></div>\n'
            f"<script>$(function(){{ loadDynamic('{url}','{escape(form)}','{_DIV}'); }});</script>"
        )
        return self.page(self.list_frame(entries, column=self.column_paths[0]), self.beginning())

    def _tree(self, request: Request) -> Answer:
        nodes = "".join(
            f"<li><a href=\"javascript:void(0)\" onclick=\"funclick('{type}','{name}')\">{name}</a></li>\n"
            for type, name in _TYPES.items()
        )
        area = escape(request.query.get("area", ""))
        script = f"<script>var area='{area}',divid='{_DIV}',jdid='{_SITE}';</script>"
        return self.page(f"<html><head>{script}</head><body><ul id=tree>\n{nodes}</ul></body></html>", self.beginning())

    def _search(self, request: Request, now: datetime) -> Answer:
        asked = {**request.query, **request.form}
        # What is not posted is not there: the software reads the form alone.
        rows = self.rows(request.form.get("area", ""), request.form.get("infotypeId", ""), now)
        if request.method != "POST" or request.form.get("jdid") != _SITE:
            rows = []
        size, number = self.per_page, whole_number(asked.get("currpage"))
        lines = "".join(
            f'<tr class="tr_main_value_{"odd" if place % 2 else "even"}"><td>{place + (number - 1) * size}</td>'
            f'<td><a href="{row.path}" title="{escape(row.title)}" syh="{row.index_number}" target="_blank">'
            f"{escape(shortened(row.title))}</a></td><td>{row.day}</td></tr>\n"
            for place, row in enumerate(rows[(number - 1) * size : number * size] if number else [], start=1)
        )
        if not rows:
            lines = '<tr><td colspan="3">没有查询到相关信息</td></tr>\n'
        counted = f"第{number}页/共{-(-len(rows) // size)}页 共{len(rows)}条"
        body = (
            '<table class="tb_main"><tr class="tr_main_title"><td>序号</td><td>标题</td><td>发布日期</td></tr>\n'
            f'{lines}</table>\n<table class="tb_title"><tr><td>{counted}</td></tr></table>\n'
        )
        return self.text(body.encode("gb18030", "xmlcharrefreplace"), "text/html;charset=GB18030", self.changed(now))


def area_of(item: Publication) -> str:
    """The code of a publication's agency, in the shape of a 统一社会信用代码."""
    region = (item.agency_id or "").partition(":")[0]
    return _code(item.agency_id or item.publisher, region if region.isdigit() and len(region) == 6 else "990101")


def _code(name: str, region: str) -> str:
    number = int(hex_id("area", name), 16)
    return f"11{region}{number % 10**9:09d}{'0123456789ABCDEFGHJKLMNPQRTUWXY'[number % 31]}"
