"""Seasons out of an archive: which, with what in them, and when again."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Address, Agency, ColumnRead, ListedLink, ListedPage, Neighbour, Sighting, Visit
from monitor.config import Thresholds
from monitor.judging.absence import Column, State
from monitor.judging.portal_reads import PortalColumns
from monitor.judging.season import Season
from monitor.judging.seasons import SeasonBatch, Seasons
from monitor.pipeline import read_waiting
from monitor.rules import judge_season

REGION, YEAR, PLACE = "990101", 2023, "柳溪县"
SITE = "https://www.example.gov.cn/"
LIST = f"{SITE}nb/"
NAMES = ("民政局", "水利局", "财政局", "教育局", "司法局")
IDS = {name: f"{REGION}:{name}" for name in NAMES}
PLANS = [plan for plan in Country.build(1, agencies=40).plans if plan.year == YEAR]


def day(number: float) -> datetime:
    """Noon in Beijing of a day of February 2024; 0 is 31 January."""
    return datetime(2024, 1, 31, 4, tzinfo=UTC) + timedelta(days=number)


def title(name: str, year: int = YEAR) -> str:
    return f"{PLACE}{name}{year}年政府信息公开工作年度报告"


def url(name: str, year: int = YEAR) -> str:
    return f"{LIST}{year}/{NAMES.index(name)}.html"


def body(name: str, year: int = YEAR, **changes: Any) -> bytes:
    sample = replace(PLANS[NAMES.index(name)].sample, title=title(name, year), agency=f"{PLACE}{name}", year=year)
    return html.write(replace(sample, **changes), page=True)


class Town:
    """A portal with its agencies, looked at day by day."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.portals = [PortalColumns("liuxi", (Column(LIST, "年报"),), REGION, PLACE)]
        self.put_agencies()

    def put_agencies(self, **changes: dict[str, Any]) -> None:
        of_all: dict[str, Any] = {
            "organ": "department",
            "duty": "art49_department",
            "duty_source": "条例第四十九条",
            "portal": "liuxi",
        }
        agencies = [
            Agency(IDS[name], PLACE + name, region_code=REGION, **of_all | changes.get(name, {})) for name in NAMES
        ]
        self.archive.import_agencies(agencies)

    def lists(
        self,
        at: float,
        names: tuple[str, ...],
        years: tuple[int, ...] = (YEAR,),
        *,
        but: str = "",
        more: tuple[ListedLink, ...] = (),
    ) -> None:
        """A good read of the list, with the bytes of its page. but: whose report of the year is not there. more: other
        entries."""
        every = [(name, year) for year in years for name in names if (name, year) != (but, YEAR)]
        links = [*(ListedLink(url(name, year), title(name, year)) for name, year in every), *more]
        page = "".join(f'<li><a href="{link.url}">{link.title}</a></li>' for link in links)
        sha256 = self.archive.put_document(f"<ul>{page}</ul>".encode(), media="text/html", seen_at=day(at))
        visit = Visit("liuxi", LIST, "list", day(at), 200, "ok", sha256=sha256)
        listing = [ListedPage(self.archive.add_visit(visit), self.archive.keep_links(links))]
        self.archive.add_column_read(ColumnRead("liuxi", LIST, day(at), "ok", 1, links, listing))

    def sees(self, name: str, at: float, data: bytes | None = None, year: int = YEAR, **where: Any) -> None:
        """A look at a report's page that shows it."""
        moment = day(at) + timedelta(minutes=5)
        data = body(name, year) if data is None else data
        sha256 = self.archive.put_document(data, media="text/html", seen_at=moment)
        address = where.get("url", url(name, year))
        portal = where.get("portal", "liuxi")
        visit = Visit(portal, address, "detail", moment, 200, "ok", sha256=sha256)
        sighting = Sighting(portal, address, address, "page", title(name, year), None, sha256, moment)
        sighting.visit_id = self.archive.add_visit(visit)
        self.archive.add_sighting(sighting)

    def misses(self, name: str, at: float, outcome: str = "gone", year: int = YEAR) -> None:
        moment = day(at) + timedelta(minutes=5)
        self.archive.add_visit(Visit("liuxi", url(name, year), "detail", moment, 404, outcome))  # type: ignore[arg-type]

    def reads(self) -> None:
        read_waiting(self.archive, regions={"liuxi": REGION}, places={"liuxi": PLACE})

    def seasons(self, at: float, **more: Any) -> Seasons:
        return Seasons(self.archive, self.portals, day(at), **more)

    def of(self, name: str, at: float, year: int = YEAR) -> Season:
        """The season of an agency alone, which is the same as among all."""
        (alone,) = (s for batch in self.seasons(at).of({IDS[name]}) for s in batch.seasons if s.year == year)
        every = [s for batch in self.seasons(at).batches() for s in batch.seasons]
        assert [s for s in every if (s.agency.id, s.year) == (IDS[name], year)] in ([], [alone])
        return alone

    def says(self, name: str, at: float, year: int = YEAR) -> dict[str, tuple[str, str]]:
        found = judge_season(self.of(name, at, year), Thresholds())
        return {finding.rule: (finding.severity, finding.certainty) for finding in found}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Archive.open(tmp_path / "a.db") as archive:
        yield Town(archive)


@pytest.fixture(scope="module")
def winter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four reports before the deadline, that of the last agency never; looked at for a while."""
    folder = tmp_path_factory.mktemp("winter")
    with Archive.open(folder / "a.db") as archive:
        town = Town(archive)
        for number in (-9, -2):
            town.lists(number, NAMES[:4], (YEAR, YEAR - 1))
            for name in NAMES[:4]:
                town.sees(name, number)
        for number in (1, 5, 6, 7):
            town.lists(number, NAMES[:4], (YEAR, YEAR - 1))
        town.reads()
    return folder


@pytest.fixture
def played(winter: Path, tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(winter, tmp_path, dirs_exist_ok=True)
    with Archive.open(tmp_path / "a.db") as archive:
        yield Town(archive)


def keep(town: Town, batches: list[SeasonBatch], at: float) -> None:
    with town.archive.write() as connection:
        for batch in batches:
            connection.execute(
                "INSERT OR REPLACE INTO judged VALUES (?, ?, ?)", (batch.subject, batch.digest, day(at).isoformat())
            )


def test_what_is_in_a_season(played: Town) -> None:
    season = played.of("民政局", 8)
    assert (season.absence.state, season.is_reformed, season.gone) == (State.PRESENT, False, None)
    assert [read.at for read in season.reads] == [day(n) for n in (-9, -2, 1, 5, 6, 7)]
    (publication,) = season.publications
    assert (publication.source, publication.url, publication.kind) == ("liuxi", url("民政局"), None)
    assert (publication.owner, publication.column, publication.listed_at) == (IDS["民政局"], LIST, day(-9))
    assert [(look.outcome, look.at) for look in publication.looks] == [
        ("ok", day(n) + timedelta(minutes=5)) for n in (-9, -2)
    ]
    (revision,) = publication.revisions
    assert revision.first_seen_at < revision.last_seen_at and revision.sha256 == publication.sha256
    assert played.says("民政局", 8) == {}


def test_who_is_missing_is_searched_for_in_the_bytes(played: Town) -> None:
    absence = played.of("司法局", 8).absence
    assert (absence.state, absence.searched) == (State.MISSING, True)
    assert played.says("司法局", 8) == {"missing": ("error", "certain")}


def test_when_it_was_listed_first_says_the_frontier_where_it_knows(played: Town) -> None:
    def address(found_at: datetime, column: str) -> Address:
        values = (url("民政局"), column, title("民政局"), None, None, YEAR, found_at, None)
        return Address("liuxi", values[0], "page", "report", *values)

    played.archive.frontier.add([address(day(-12), LIST)])
    assert played.of("民政局", 8).publications[0].listed_at == day(-12)
    with played.archive.write() as connection:
        connection.execute("UPDATE frontier SET found_at = '2023-03-01T00:00:00+00:00'")
    assert played.of("民政局", 8).publications[0].listed_at is None  # it carried another report then


@pytest.mark.parametrize(
    ("said", "listed_on", "is_missing"),
    [
        (YEAR + 1, "2024-01-25", False),  # the year in which it came out
        (YEAR + 1, None, False),
        (YEAR - 1, "2024-01-25", False),  # that of last year's, copied
        (YEAR - 1, None, True),  # last year's
        (YEAR - 1, "2023-01-25", True),
    ],
)
def test_under_the_title_of_another_year(town: Town, said: int, listed_on: str | None, is_missing: bool) -> None:
    other = ListedLink(f"{LIST}odd.html", title("教育局", said), listed_on)
    for number in (-9, -2, 1, 5, 6, 8):
        town.lists(number, NAMES[:3], (YEAR, YEAR - 1), more=(other,))
    assert ("missing" in town.says("教育局", 9)) is is_missing


def test_under_the_title_of_another_year_twice(town: Town) -> None:
    """Last year's, and one more of the same title; old ones that are put up all at once are what they say."""
    other = [ListedLink(f"{LIST}odd{n}.html", title("教育局", YEAR - 1 - n // 2), None) for n in range(2)]
    old = [ListedLink(f"{LIST}old{n}.html", title("司法局", YEAR - 1 - n), "2024-01-25") for n in range(2)]
    for number in (-9, -2, 1, 5, 6, 8):
        town.lists(number, NAMES[:3], (YEAR, YEAR - 1), more=(*other, *old))
    assert "missing" not in town.says("教育局", 9)
    assert "missing" in town.says("司法局", 9)


def lead(town: Town, name: str, at: float, portal: str = "other") -> None:
    """The list of another portal leads to a report that nobody could fetch."""
    town.archive.add_portal("other", "other", "static_list")
    where = f"https://other.example/{name}.html"
    rest = ("https://other.example/", title(name), None, None, YEAR, day(at), None)
    town.archive.frontier.add([Address(portal, where, "page", "report", where, *rest)])


def test_listed_on_another_portal(town: Town) -> None:
    for number in (-9, -2, 1, 5, 6, 8):
        town.lists(number, NAMES[:3], (YEAR, YEAR - 1))
    lead(town, "教育局", -2)
    lead(town, "司法局", -2, portal="liuxi")  # the lists of its own are judged by what they show now
    assert "missing" not in town.says("教育局", 9)
    assert "missing" in town.says("司法局", 9)


@pytest.mark.parametrize(("at", "is_late"), [(2, False), (7, True)])
def test_listed_on_another_portal_before_its_own(town: Town, at: float, is_late: bool) -> None:
    for number in (-9, -2, 1, 2, 5, 6, 7):
        news = (ListedLink(url("司法局"), title("司法局")),) if number > 1 else ()
        town.lists(number, NAMES[:4], (YEAR, YEAR - 1), but="教育局" if number < 6 else "", more=news)
    data = body("教育局", published_on=None, signed_on=None)
    for number in (6, 7):
        town.sees("教育局", number, data)
    town.reads()
    lead(town, "教育局", at)
    assert ("late" in town.says("教育局", 9)) is is_late


def withdraw(town: Town, name: str = "水利局") -> None:
    for number in (12, 13, 14):
        town.lists(number, NAMES[:4], (YEAR, YEAR - 1), but=name)
        town.misses(name, number)
        for other in NAMES[:4]:
            if other != name:
                town.sees(other, number)


def test_withdrawn_out_of_the_archive(played: Town) -> None:
    withdraw(played)
    season = played.of("水利局", 15)
    assert season.gone is not None
    found = season.gone
    # Of six other reports three are of the year before, and were listed and never looked at.
    assert (found.gone_with, found.alive, found.listed_before, found.listed_still) == (0, 3, 3, 3)
    assert found.is_searched and not found.is_mentioned and len(found.kept) == 1
    assert played.says("水利局", 15) == {"withdrawn": ("error", "certain")}
    assert played.says("民政局", 15) == {}


def test_the_bytes_of_the_lists_are_searched_before_it_is_said(played: Town) -> None:
    withdraw(played)
    page = f"<p>{PLACE}水利局年报……</p>"  # an entry that was not understood
    sha256 = played.archive.put_document(page.encode(), media="text/html", seen_at=day(15))
    visit = Visit("liuxi", LIST, "list", day(15), 200, "ok", sha256=sha256)
    links = [ListedLink(url(name), title(name)) for name in NAMES[:1]]
    listing = [ListedPage(played.archive.add_visit(visit), played.archive.keep_links(links))]
    played.archive.add_column_read(ColumnRead("liuxi", LIST, day(15), "ok", 1, links, listing))
    season = played.of("水利局", 16)
    assert season.gone is not None and season.gone.is_mentioned
    assert "withdrawn" not in played.says("水利局", 16)


def test_the_same_bytes_elsewhere(played: Town) -> None:
    withdraw(played)
    played.sees("水利局", 13, portal="other", url="https://other.example/1.html")  # nobody has read it yet
    season = played.of("水利局", 15)
    assert season.gone is not None and [copy.is_gone for copy in season.gone.copies] == [False]
    assert played.says("水利局", 15) == {}
    played.reads()  # now it is another address of the same report
    assert played.of("水利局", 15).gone is None


def test_one_more_look_ends_it(played: Town) -> None:
    withdraw(played)
    played.sees("水利局", 15)
    assert played.says("水利局", 16) == {}
    played.lists(16, NAMES[:4], (YEAR, YEAR - 1))
    assert played.says("水利局", 17) == {}


def test_reformed_by_the_register(played: Town) -> None:
    withdraw(played)
    played.put_agencies(水利局={"to_year": YEAR + 1})
    assert played.of("水利局", 15).is_reformed
    assert played.says("水利局", 15) == {}


def test_revised_out_of_the_archive(played: Town) -> None:
    first = body("财政局").decode()
    assert "<title>" in first
    counted = first.replace("</body>", "<p>浏览次数：1234</p></body>")
    played.sees("财政局", 9, counted.encode())
    played.reads()
    assert played.says("财政局", 10) == {}  # other bytes of the same report
    changed = replace(PLANS[NAMES.index("财政局")].sample)
    figures = dict(changed.figures)
    name = next(name for name, value in figures.items() if name.startswith("disclosure.") and isinstance(value, int))
    figures[name] += 1
    played.sees("财政局", 10, body("财政局", figures=figures))
    played.reads()
    (finding,) = (f for f in judge_season(played.of("财政局", 11), Thresholds()) if f.rule == "revised")
    assert (finding.figures, finding.confirmed, finding.told) == ([name], False, False)
    played.sees("财政局", 12, body("财政局", figures=figures))
    played.reads()
    (finding,) = (f for f in judge_season(played.of("财政局", 13), Thresholds()) if f.rule == "revised")
    assert (finding.severity, finding.certainty, finding.told) == ("warning", "certain", True)
    assert finding.observed == {name: figures[name]} and finding.expected == {name: figures[name] - 1}
    assert {place["sha256"] for place in finding.places} == {
        r.sha256 for r in played.of("财政局", 13).publications[0].revisions
    }


def test_what_a_notice_says(played: Town) -> None:
    from db.collected.claims import Claim, Notice

    at, address = day(4), f"{SITE}notice.html"
    sha256 = played.archive.put_document(b"notice", media=None, seen_at=at)
    played.archive.neighbours.add(Neighbour("liuxi", LIST, address, "publication_notice", "通报", None, sha256, at))
    notice = Notice("liuxi", address, sha256, "通报", None, at.isoformat())
    claim = Claim("柳溪县司法局", IDS["司法局"], YEAR, True, None)
    played.archive.claims.store(notice, [claim], parser_version="1")
    (said,) = played.of("司法局", 8).claims
    assert (said.url, said.unit, said.has_published, said.seen_at) == (address, "柳溪县司法局", True, at)
    assert played.says("司法局", 8)["notice-vs-found"] == ("notice", "likely")
    assert played.of("民政局", 8).claims == ()


# Which, and when again


def test_all_agencies_once_and_again_only_after_news(played: Town) -> None:
    batches = list(played.seasons(8).batches())
    (batch,) = batches
    assert [season.agency.id for season in batch.seasons] == sorted(IDS.values())
    assert batch.judged == {(one, YEAR) for one in IDS.values()} and batch.subject == f"portal liuxi {YEAR}"
    keep(played, batches, 8)
    assert list(played.seasons(8).batches()) == []
    assert len(list(played.seasons(8, rules_digest="other").batches())) == 1
    played.misses("民政局", 7.5)
    assert len(list(played.seasons(8).batches())) == 1
    keep(played, list(played.seasons(8).batches()), 8)
    played.lists(7.6, NAMES[:4])
    assert len(list(played.seasons(8).batches())) == 1
    keep(played, list(played.seasons(8).batches()), 8)
    assert list(played.seasons(8).batches()) == [] and len(list(played.seasons(9).batches())) == 1


def test_another_list_in_the_portals_file_is_news(played: Town) -> None:
    keep(played, list(played.seasons(8).batches()), 8)
    assert not list(played.seasons(8).batches())
    played.portals[0].columns += (Column(f"{SITE}more/", "更多"),)
    (batch,) = played.seasons(8).batches()
    assert [season.absence.state for season in batch.seasons].count(State.MISSING) == 0


@pytest.mark.parametrize("what", ["read", "claim", "register", "correction", "added"])
def test_news_of_every_kind_is_judged_again(played: Town, what: str) -> None:
    keep(played, list(played.seasons(8).batches()), 8)
    if what == "register":
        played.put_agencies(司法局={"duty": "no_date", "duty_source": ""})
    elif what == "added":
        played.sees("司法局", 7, portal=None, url="file:///a.html")
        played.reads()
    elif what == "read":
        played.sees("司法局", 7)
        played.reads()
    elif what == "claim":
        with played.archive.write() as connection:
            sha256 = played.archive.put_document(b"n", media=None, seen_at=day(1))
            connection.execute("INSERT INTO claims VALUES ('liuxi', 'u', ?, 0, 'x', NULL, 2023, 1, NULL)", (sha256,))
    else:
        with played.archive.write() as connection:
            connection.execute("UPDATE reports SET content = 'corrected'")
    assert len(list(played.seasons(8).batches())) == 1


def test_an_earlier_year_is_judged_where_something_changed(played: Town) -> None:
    withdraw(played)
    later = 366 + 31  # March of the year after
    assert [batch.subject for batch in played.seasons(later).batches()] == [
        f"portal liuxi {YEAR + 1}", f"portal liuxi {YEAR}"
    ]  # fmt: skip
    (earlier,) = (b for b in played.seasons(later).batches() if b.subject.endswith(str(YEAR)))
    assert [season.agency.id for season in earlier.seasons] == [IDS["水利局"]]
    assert earlier.judged == {(IDS["水利局"], YEAR)}
    assert played.says("水利局", later) == {"withdrawn": ("error", "certain")}
    keep(played, list(played.seasons(later).batches()), later)
    again = played.seasons(later + 1).batches()
    assert [batch.subject for batch in again] == [f"portal liuxi {YEAR + 1}"]  # it rests for a week


def test_of_some_the_current_season_and_the_years_that_they_published(played: Town) -> None:
    batches = list(played.seasons(366 + 31).of({IDS["民政局"], f"{REGION}:nobody"}))
    assert [(s.agency.id, s.year) for batch in batches for s in batch.seasons] == [
        (IDS["民政局"], YEAR + 1), (IDS["民政局"], YEAR)
    ]  # fmt: skip
    assert {(batch.subject, batch.digest) for batch in batches} == {("", "")}
    assert list(played.seasons(8).of(set())) == []


def test_nothing_ends_where_nobody_looks(played: Town) -> None:
    seasons = Seasons(played.archive, [], day(8))
    (batch,) = seasons.batches()
    assert {s.absence.state for s in batch.seasons} == {State.PRESENT, State.UNKNOWN}
    assert batch.judged == {(IDS[name], YEAR) for name in NAMES[:4]}


def test_reads_of_old_times_are_thinned_and_those_of_the_season_are_not(town: Town) -> None:
    for number in range(-300, 400, 10):
        town.lists(number, NAMES[:2] if number < 300 else NAMES[:1])
    reads = town.archive.column_reads("liuxi", season=(YEAR, day(390)))
    every = town.archive.column_reads("liuxi")
    assert [r.at for r in reads if datetime(2023, 10, 1, tzinfo=UTC) <= r.at < datetime(2025, 1, 1, tzinfo=UTC)] == [
        r.at for r in every if datetime(2023, 10, 1, tzinfo=UTC) <= r.at < datetime(2025, 1, 1, tzinfo=UTC)
    ]
    before = [r for r in reads if r.at < datetime(2023, 10, 1, tzinfo=UTC)]
    assert len({(r.at.year, r.at.month) for r in before}) == len(before) == 6
    after = [r for r in reads if r.at >= datetime(2025, 1, 1, tzinfo=UTC)]
    assert [r.at for r in after] == [day(340), day(390)]  # the first and the last that list the same
