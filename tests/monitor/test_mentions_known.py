"""What was searched for a name is not searched again, and what finds titles in a text finds them as one expression."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.archive import Archive
from db.records import Agency, ColumnRead, ListedLink, ListedPage, Visit
from monitor.judging.absence import Column, State
from monitor.judging.mentions import _SHORTEST, _UNDERSTOOD, _Titles
from monitor.judging.portal_reads import PortalColumns
from monitor.judging.season import Season
from monitor.judging.seasons import Seasons

LIST, REGION, YEAR = "https://www.example.gov.cn/nb/", "990101", 2023
NOON = datetime(2024, 2, 1, 4, tzinfo=UTC)
MISSING = Agency(
    f"{REGION}:水利局", "柳溪县水利局", (), REGION, "department", "art49_department", "条例第四十九条", portal="liuxi"
)
PEER = replace(MISSING, id=f"{REGION}:民政局", name="柳溪县民政局")
PORTAL = PortalColumns("liuxi", (Column(LIST),), REGION, "柳溪县")
CALENDAR = (60, 61, 62, 68, 69)  # days from NOON on, after the deadline


class Watch:
    """The pages that are read while agencies are judged."""

    def __init__(self, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
        self.archive = archive
        self.looked: list[str] = []
        read = archive.get_document

        def noted(sha256: str) -> bytes:
            self.looked.append(sha256)
            return read(sha256)

        monkeypatch.setattr(archive, "get_document", noted)

    def judge(self) -> Season:
        """The season of who is missing; what came of the search is written down."""
        self.looked.clear()
        (batch,) = Seasons(self.archive, [PORTAL], NOON + timedelta(days=80)).of({MISSING.id})
        self.archive.name_searches.keep(batch.searches)
        (season,) = batch.seasons
        return season


def read_list(archive: Archive, day: float, more: str = "") -> str:
    link = ListedLink(f"{LIST}1.html", "柳溪县民政局2023年政府信息公开工作年度报告")
    at = NOON + timedelta(days=day)
    page = f'<ul><li><a href="{link.url}">{link.title}</a></li>{more}</ul><p>{day}</p>'
    sha256 = archive.put_document(page.encode(), media="text/html", seen_at=at)
    visit = archive.add_visit(Visit("liuxi", LIST, "list", at, 200, "ok", sha256=sha256))
    listing = [ListedPage(visit, archive.keep_links([link]))]
    archive.add_column_read(ColumnRead("liuxi", LIST, at, "ok", 1, [link], listing))
    return sha256


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    with Archive.open(tmp_path / "a.db") as archive:
        archive.import_agencies([MISSING, PEER])
        for day in CALENDAR:
            read_list(archive, day)
        yield Watch(archive, monkeypatch)


def test_only_what_is_new_is_searched(watch: Watch) -> None:
    first = watch.judge()
    assert (first.absence.state, first.absence.searched) == (State.MISSING, True)
    assert len(watch.looked) == len(CALENDAR)
    again = watch.judge()
    assert again.absence == first.absence and not watch.looked
    new = read_list(watch.archive, 70)
    assert watch.judge().absence.searched and watch.looked == [new]


def test_who_is_named_stays_named_and_one_page_is_enough(watch: Watch) -> None:
    watch.judge()
    new = read_list(watch.archive, 70, '<li onclick="go(7)">水利局2023年年报</li>')
    assert watch.judge().absence.state is State.OVERDUE_UNCONFIRMED and watch.looked == [new]
    assert watch.judge().absence.state is State.OVERDUE_UNCONFIRMED and not watch.looked


def test_another_name_is_searched_for_everywhere(watch: Watch) -> None:
    read_list(watch.archive, 70, "<li>县水务处2023年年报</li>")
    assert watch.judge().absence.state is State.MISSING
    watch.archive.import_agencies([replace(MISSING, aliases=("县水务处",))])
    assert watch.judge().absence.state is State.OVERDUE_UNCONFIRMED and watch.looked


def test_pages_that_are_gone_were_not_all_searched(watch: Watch) -> None:
    lost = read_list(watch.archive, 70)
    assert watch.judge().absence.searched
    watch.archive.documents.path(lost).unlink()
    season = watch.judge()
    assert (season.absence.state, season.absence.searched) == (State.MISSING, False)


def test_what_could_not_be_searched_is_searched_once_it_can_be(watch: Watch) -> None:
    path = watch.archive.documents.path(read_list(watch.archive, 70, "<li>水利局2023年年报</li>"))
    data = path.read_bytes()
    path.unlink()
    assert not watch.judge().absence.searched
    path.write_bytes(data)
    assert watch.judge().absence.state is State.OVERDUE_UNCONFIRMED


_TEXT = st.text("甲乙、2年 a", max_size=40)


@given(_TEXT, st.sets(st.text("甲乙、2年 a", min_size=1, max_size=12), max_size=6), st.integers(0, 3))
def test_titles_are_found_as_one_expression_finds_them(text: str, titles: set[str], number: int) -> None:
    text += "".join(sorted(titles)[number : number + 2]) + text
    long = sorted((one for one in titles if len(one) >= _SHORTEST), key=len, reverse=True)
    wanted = rf"(?<![\u4e00-\u9fff、])(?:{'|'.join(map(re.escape, long))})"
    expected = re.sub(wanted, _UNDERSTOOD, text) if long else text
    assert _Titles(frozenset(titles)).taken_out(text) == expected
