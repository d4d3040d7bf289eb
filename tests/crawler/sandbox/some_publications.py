"""A few dozen simple publications of an invented county, as pretend portals are given them."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from crawler.sandbox import season
from crawler.sandbox.portal_site import ENDINGS, Publication, PublishedFile

PLACE = "柳溪县"
PORTAL_NAME = "柳溪县人民政府"
CODE = "990101"
NOW = datetime(2025, 6, 1, 4, tzinfo=UTC)
"""After all that `publications` makes."""

_TRADES = (
    "财政局", "水利局", "林业局", "司法局", "审计局", "教育局", "民政局", "统计局", "信访局", "交通运输局",
    "农业农村局", "自然资源局", "应急管理局", "市场监督管理局", "住房和城乡建设局",
    "卫生健康局",
)  # fmt: skip
_TOWNS = "石桥溪塘林岭湖沙坪江田湾坝渡井岗"
# What stands beside reports: (kind, title of a reporting year, publisher).
_NEIGHBOURS = (
    ("website_form", "{place}人民政府网站工作年度报表（{year}年度）", "{place}人民政府办公室"),
    ("interpretation", "一图读懂：{place}{year}年政府信息公开工作年度报告", "{place}人民政府办公室"),
    ("publication_notice", "{place}各单位{year}年政府信息公开年度报告公布情况", "{place}人民政府办公室"),
    ("guide", "{place}政府信息公开指南（{year}年版）", "{place}人民政府办公室"),
)


def publications(count: int = 40, files: bool = True) -> list[Publication]:
    """So many publications (320 at most) of the reporting years 2020 to 2024, in order of publication.

    The first 80 are sixteen of each year: two are no reports, one is the government's, one names no agency in its
    title, the others are departments'. What is beyond 80 are towns' reports. files: some reports have a PDF, a docx,
    both or an xlsx, with names in Chinese, and say in their text that all is attached; otherwise none has any.
    """
    made = sorted((_publication(number, files) for number in range(count)), key=lambda item: item.published_at)
    return [replace(item, number=number) for number, item in enumerate(made)]


def _publication(number: int, files: bool) -> Publication:
    round, rest = divmod(number, 80)
    year, turn = 2020 + rest // 16, rest % 16
    # All between 4 January and 31 March; two never share a minute.
    moment = season.at_beijing(date(year + 1, 1, 4), 9, rest % 60) + timedelta(days=5 * turn + round, hours=turn % 7)
    if turn % 8 == 5 and not round:
        kind, title, publisher = _NEIGHBOURS[number // 8 % len(_NEIGHBOURS)]
        title, publisher = (text.format(place=PLACE, year=year) for text in (title, publisher))
        return Publication(number, title, kind, publisher, moment, partial(_text, title, ""))
    agency = f"{PLACE}人民政府" if turn == 7 else PLACE + _TRADES[turn]
    if round:
        agency = f"{PLACE}{'大上下'[round - 1]}{_TOWNS[turn]}镇人民政府"
    named = "" if turn == 11 and not round else agency
    title = f"{named}{year}年政府信息公开工作年度报告"
    attached = _files(number, title) if files else ()
    return Publication(
        number,
        title,
        "report",
        agency,
        moment,
        partial(_text, title, agency, year, bool(attached)),
        attached,
        agency_id=f"{CODE}:{agency.removeprefix(PLACE)}",
        year=year,
    )


def _text(title: str, agency: str, year: int = 0, attached: bool = False, day: date | None = None) -> str:
    if not agency:
        return f"<p>{title}：现予公布。</p>"
    if attached:
        return "<p>全文见附件。</p>"
    return (
        f"<p>{agency}根据《中华人民共和国政府信息公开条例》编制本报告，统计期限自{year}年1月1日起至{year}年12月31日止。</p>"
        + "<h2>一、总体情况</h2>"
        + f"<p>{agency}坚持以公开为常态，及时回应群众关切。</p>" * 6
        + "<h2>六、其他需要报告的事项</h2><p>无。</p>"
    )


def _files(number: int, title: str) -> tuple[PublishedFile, ...]:
    kinds = {2: ("pdf",), 4: ("docx",), 6: ("pdf", "docx"), 9: ("xlsx",)}.get(number % 16, ())
    return tuple(PublishedFile(f"{title}.{ENDINGS[kind]}", kind, _maker(kind, f"{kind} {number}")) for kind in kinds)


def _maker(kind: str, words: str) -> Callable[[], bytes]:
    return partial(_pdf, words) if kind == "pdf" else partial(_zip, words)


def _pdf(words: str) -> bytes:
    return f"%PDF-1.4\n% {words}\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def _zip(words: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("content.xml", (2020, 1, 1, 0, 0, 0)), words)
    return packed.getvalue()
