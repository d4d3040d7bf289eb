"""Tables of publication notices: which column is what, and what each row claims."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsers.dates import find_dates
from parsers.notice_words import (
    LINK_LABEL,
    STATE_LABEL,
    TIME_LABEL,
    TIMELY,
    TITLE_LABEL,
    UNIT_LABEL,
    is_unit,
    says_published,
    says_state,
)
from parsers.titles import read_title

_HEADER_ROWS = 3  # a header stands among the first rows
_WEB_ADDRESS = re.compile(r"https?://[^\s，。；、]+", re.I)
_SUM = re.compile(r"合计|总计|小计|备注|说明|注[:：]")


class RowClaim(NamedTuple):
    """unit: as printed. year: that of the report's title, where the row prints one."""

    unit: str
    year: int | None
    has_published: bool | None
    link: str | None


@dataclass(slots=True)
class _Columns:
    """The places of one group of columns; a table may set two groups side by side. is_timely: the state is whether it
    came in time, so that a no says nothing."""

    unit: int | None = None
    title: int | None = None
    state: int | None = None
    time: int | None = None
    link: int | None = None
    is_timely: bool = False


def read_table(rows: Sequence[Sequence[str]], links: Sequence[Sequence[str | None]]) -> list[RowClaim]:
    """What the rows of a table claim; [] where no row of it names the columns.

    rows: the folded texts of the cells, "" for covered places. links: of each cell the address that it links.
    """
    found = _header(rows)
    if found is None:
        return []
    header, groups = found
    claims: list[RowClaim] = []
    # A line across the table (二、尚未…的单位) speaks for the rows below it.
    heading: bool | None = None
    for cells, addresses in zip(rows[header + 1 :], links[header + 1 :], strict=True):
        filled = [cell for cell in cells if cell]
        if len(filled) == 1 and len(cells) > 1 and not is_unit(filled[0]):
            heading = says_published(filled[0])
            continue
        claims += [claim for group in groups if (claim := _claim(group, cells, addresses, heading))]
    return claims


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, list[_Columns]] | None:
    for number, row in enumerate(rows[:_HEADER_ROWS]):
        if groups := _groups(row):
            return number, groups
    return None


def _groups(labels: Sequence[str]) -> list[_Columns]:
    """The groups of columns: each begins with its unit, or where there is none with its title."""
    kinds = [_kind(label) for label in labels]
    leading = "unit" if "unit" in kinds else "title"
    groups: list[_Columns] = []
    for place, kind in enumerate(kinds):
        if kind == leading:
            groups.append(_Columns())
        if kind and groups and getattr(groups[-1], kind) is None:
            setattr(groups[-1], kind, place)
            if kind == "state":
                groups[-1].is_timely = bool(TIMELY.search(labels[place]))
    return [g for g in groups if any(p is not None for p in (g.title, g.state, g.time, g.link))]


def _kind(label: str) -> str | None:
    kinds = (
        ("state", STATE_LABEL),
        ("time", TIME_LABEL),
        ("link", LINK_LABEL),
        ("unit", UNIT_LABEL),
        ("title", TITLE_LABEL),
    )
    if len(label) > 14:
        return None
    return next((kind for kind, pattern in kinds if pattern.search(label)), None)


def _claim(
    group: _Columns, cells: Sequence[str], addresses: Sequence[str | None], heading: bool | None
) -> RowClaim | None:
    def cell(place: int | None) -> str:
        return cells[place] if place is not None and place < len(cells) else ""

    title = read_title(cell(group.title)) if cell(group.title) else None
    unit = cell(group.unit) or (title.agency if title and title.is_report else None) or ""
    if len(unit) < 2 or _SUM.match(unit) or unit.isdigit():
        return None
    link = next(iter(_addresses(group, cells, addresses)), None)
    state = says_state(cell(group.state))
    said: list[bool | None] = [None if group.is_timely and state is False else state]
    said += [True if find_dates(cell(group.time)) else says_published(cell(group.time))]
    # An address of the unit's home page is no report.
    said += [True if link and is_deep(link) else None]
    said += [says_published(cell(place)) for place in (group.title, group.link)]
    said += [heading]
    told = {one for one in said if one is not None}
    year = title.year if title and title.is_report else None
    return RowClaim(unit, year, told.pop() if len(told) == 1 else None, link)


def _addresses(group: _Columns, cells: Sequence[str], addresses: Sequence[str | None]) -> Iterator[str]:
    for place in (group.link, group.title, group.unit, group.state, group.time):
        if place is None or place >= len(cells):
            continue
        if printed := _WEB_ADDRESS.search(cells[place]):
            yield printed.group()
        if address := addresses[place]:
            yield address


def is_deep(address: str) -> bool:
    """Whether an address leads to a document rather than to a site or a folder."""
    path = re.sub(r"^https?://[^/]*", "", address, flags=re.I).partition("#")[0]
    return bool(re.search(r"\d", path) or re.search(r"\.(?:s?html?|jspx?|pdf|docx?|xlsx?|wps|ofd|aspx?)\b", path, re.I))
