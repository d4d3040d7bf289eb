"""The view `timeliness`: who was seen in time, who late, and of whom it cannot be told."""

import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from archive_samples import make_report

from db.almanac import Deadline
from db.archive import Archive
from db.records import Address, Agency, ColumnRead, Outcome

DEPARTMENT = "art49_department"
COLUMN = "https://city.example/reports/"


class Row(NamedTuple):
    first_seen_on: str | None
    watched_since: str | None
    absent_on: str | None
    seen_late: int | None
    days_late: int | None


NEVER = Row(None, None, None, None, None)


def beijing(month: int, day: int, hour: int = 12, *, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=8)


class Scene:
    """An archive in which things are seen. Reports are of 2023, due on 31 January 2024, unless it is said."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._number = itertools.count()
        years = range(2018, 2026)
        archive.almanac.keep(
            [],
            [Deadline(DEPARTMENT, y, f"{y + 1}-01-31", f"{y + 1}-01-31T16:00:00+00:00", 1, None, "", "") for y in years]
            + [Deadline("art49_government", 2023, "2024-03-31", "2024-03-31T16:00:00+00:00", 1, None, "", "")],
        )

    def agency(self, local: str, *, portal: str | None = "city", **more: Any) -> str:
        known: dict[str, Any] = {"region_code": "990101", "organ": "department", "duty": DEPARTMENT}
        agency = Agency(f"990101:{local}", f"柳溪县{local}", portal=portal, **known | more)
        if portal:
            self.archive.add_portal(portal, portal, "static_list")
        self.archive.import_agencies([agency])
        return agency.id

    def read(self, *moments: datetime, column: str = COLUMN, portal: str = "city", outcome: Outcome = "ok") -> None:
        for moment in moments:
            self.archive.add_column_read(ColumnRead(portal, column, moment, outcome, 1))

    def listed(self, url: str, at: datetime, *, column: str = COLUMN, portal: str = "city", page: str = "") -> None:
        part = "attachment" if page else "page"
        self.archive.frontier.add(
            [Address(portal, url, part, "report", page or url, column, "年报", None, None, 2023, at, at)]
        )

    def report(self, agency: str, url: str, at: datetime, *, portal: str | None = "city", year: int = 2023) -> None:
        report = make_report(year, values={"applications.new.total": next(self._number)})
        self.archive.store_report(
            report, agency_id=agency, agency=agency, source=portal or "added", url=url, seen_at=at, portal=portal,
            parser_version="1", sha256=self.document(at),
        )  # fmt: skip

    def unread(self, agency: str, url: str, at: datetime, *, kind: str = "image-only") -> None:
        self.archive.store_unread(
            self.document(at), source="city", url=url, kind=kind, sentence="a scan", seen_at=at, parser_version="1",
            title=None, agency_id=agency, agency="", year=2023,
        )  # fmt: skip

    def document(self, at: datetime) -> str:
        return self.archive.put_document(f"{next(self._number)}".encode(), media="text/html", seen_at=at)

    def publish(
        self, agency: str, at: datetime, *, column: str = COLUMN, portal: str = "city", year: int = 2023
    ) -> str:
        """A report that a list shows from now on, and that is fetched an hour later."""
        url = f"{column}{next(self._number)}.html"
        self.listed(url, at, column=column, portal=portal)
        self.report(agency, url, at + timedelta(hours=1), portal=portal, year=year)
        return url

    def rows(self, agency: str) -> dict[int, Row]:
        names = ", ".join(Row._fields)
        select = f"SELECT year, {names} FROM timeliness WHERE agency_id = ? ORDER BY year"
        return {year: Row(*row) for year, *row in self.archive.query(select, (agency,))}


@pytest.fixture
def scene(archive: Archive) -> Scene:
    return Scene(archive)


@pytest.fixture
def bureau(scene: Scene) -> str:
    """An agency whose column was read on 10 January, before the deadline."""
    scene.read(beijing(1, 10))
    return scene.agency("教育局")


def test_seen_in_time(scene: Scene, bureau: str) -> None:
    scene.read(beijing(1, 20, 13), beijing(2, 5))
    scene.publish(bureau, beijing(1, 20))
    assert scene.rows(bureau) == {2023: Row("2024-01-20", "2024-01-10", None, 0, None)}
    (row,) = scene.archive.query("SELECT agency, region_code, organ, duty, due_on FROM timeliness")
    assert row == ("柳溪县教育局", "990101", "department", DEPARTMENT, "2024-01-31")


def test_read_without_it_after_the_deadline_and_then_seen(scene: Scene, bureau: str) -> None:
    scene.read(beijing(1, 31), beijing(2, 2), beijing(2, 3), beijing(2, 6, 13))
    scene.publish(bureau, beijing(2, 6))
    assert scene.rows(bureau) == {2023: Row("2024-02-06", "2024-01-10", "2024-02-03", 1, 6)}


def test_first_watched_after_the_deadline_cannot_be_told(scene: Scene) -> None:
    bureau = scene.agency("教育局")
    scene.publish(bureau, beijing(2, 6))
    scene.read(beijing(2, 6, 13), beijing(2, 9))
    assert scene.rows(bureau) == {2023: Row("2024-02-06", "2024-02-06", None, None, None)}


def test_not_watched_between_deadline_and_report_cannot_be_told(scene: Scene, bureau: str) -> None:
    scene.read(beijing(1, 31, 23), beijing(2, 6, 13))
    scene.publish(bureau, beijing(2, 6))
    assert scene.rows(bureau) == {2023: Row("2024-02-06", "2024-01-10", None, None, None)}


def test_absent_still(scene: Scene, bureau: str) -> None:
    scene.publish(scene.agency("财政局"), beijing(1, 20))
    assert scene.rows(bureau) == {}, "nobody has looked since the deadline"
    scene.read(beijing(2, 6), beijing(2, 9))
    scene.read(beijing(2, 12), outcome="unknown")
    assert scene.rows(bureau) == {2023: Row(None, "2024-01-10", "2024-02-09", None, None)}


def test_the_whole_day_of_the_deadline_counts_in_beijing(scene: Scene, bureau: str) -> None:
    other = scene.agency("财政局")
    midnight = beijing(2, 1, 0)
    scene.read(midnight - timedelta(seconds=1), midnight)
    scene.publish(bureau, midnight - timedelta(seconds=1))
    scene.publish(other, midnight + timedelta(seconds=1))
    assert scene.rows(bureau) == {2023: Row("2024-01-31", "2024-01-10", None, 0, None)}
    assert scene.rows(other) == {2023: Row("2024-02-01", "2024-01-10", "2024-02-01", 1, 1)}


def test_a_read_on_the_last_day_is_no_absence(scene: Scene, bureau: str) -> None:
    midnight = beijing(2, 1, 0)
    scene.read(midnight - timedelta(seconds=1))
    scene.publish(bureau, midnight + timedelta(seconds=1))
    assert scene.rows(bureau)[2023].seen_late is None


def test_a_joint_report_is_that_of_both(scene: Scene, bureau: str) -> None:
    covered = scene.agency("体育局", covered_by=bureau)
    scene.read(beijing(2, 3), beijing(2, 6, 13))
    scene.publish(bureau, beijing(2, 6))
    late = Row("2024-02-06", "2024-01-10", "2024-02-03", 1, 6)
    assert (scene.rows(covered), scene.rows(bureau)) == ({2023: late}, {2023: late})
    scene.publish(covered, beijing(1, 29))  # it has published one of its own before
    assert scene.rows(covered)[2023].seen_late == 0
    assert scene.rows(bureau) == {2023: late}


def test_what_was_listed_in_time_and_fetched_late_is_in_time(scene: Scene, bureau: str) -> None:
    page, file = COLUMN + "1.html", COLUMN + "1.pdf"
    scene.listed(page, beijing(1, 31))
    scene.listed(file, beijing(2, 6), page=page)
    scene.read(beijing(2, 3))
    scene.report(bureau, file, beijing(2, 7))
    assert scene.rows(bureau) == {2023: Row("2024-01-31", "2024-01-10", None, 0, None)}


def test_an_address_that_was_known_before_cannot_be_told(scene: Scene, bureau: str) -> None:
    """A page that shows each year's report at one address: its list says nothing of when that was changed."""
    scene.listed(COLUMN + "1.html", beijing(1, 20, year=2023))
    scene.read(beijing(2, 3))
    scene.report(bureau, COLUMN + "1.html", beijing(2, 6))
    assert scene.rows(bureau) == {2023: Row("2024-02-06", "2024-01-10", None, None, None)}


def test_only_the_column_that_showed_it_was_without_it(scene: Scene, bureau: str) -> None:
    scene.read(beijing(1, 10), beijing(2, 3), column=COLUMN + "other/")
    scene.publish(bureau, beijing(2, 6))
    assert scene.rows(bureau)[2023].seen_late is None
    scene.read(beijing(2, 4))
    assert scene.rows(bureau)[2023] == Row("2024-02-06", "2024-01-10", "2024-02-04", 1, 6)


@pytest.mark.parametrize("outcome", ["unknown", "blocked", "failed", "empty"])
def test_a_read_that_was_not_whole_is_none(scene: Scene, bureau: str, outcome: Outcome) -> None:
    scene.read(beijing(2, 3), outcome=outcome)
    scene.publish(bureau, beijing(2, 6))
    assert scene.rows(bureau)[2023].seen_late is None


def test_a_read_of_a_crawl_that_failed_or_was_broken_off_does_not_count(scene: Scene, bureau: str) -> None:
    crawls = scene.archive.crawls
    scene.publish(bureau, beijing(2, 6))
    failed = crawls.begin("city", beijing(2, 2, 8))
    scene.read(beijing(2, 2, 9))
    crawls.end(failed, beijing(2, 2, 10), outcome="failed", is_complete=True, summary={})
    crawls.begin("city", beijing(2, 3, 8))  # broken off
    scene.read(beijing(2, 3, 9), beijing(2, 3, 23))
    assert scene.rows(bureau)[2023] == Row("2024-02-06", "2024-01-10", None, None, None)
    crawl = crawls.begin("city", beijing(2, 4, 8))
    assert not crawl.resumed
    crawls.end(crawl, beijing(2, 4, 10), outcome="ok", is_complete=True, summary={})
    spans = crawls.doubtful_spans("city")
    assert spans == [(beijing(2, 2, 8), beijing(2, 2, 10)), (beijing(2, 3, 8), beijing(2, 4, 8))]
    assert scene.rows(bureau)[2023].seen_late is None
    scene.read(beijing(2, 4, 9))
    assert scene.rows(bureau)[2023] == Row("2024-02-06", "2024-01-10", "2024-02-04", 1, 6)


def test_what_was_first_seen_elsewhere_cannot_be_told_unless_in_time(scene: Scene, bureau: str) -> None:
    scene.read(beijing(2, 3))
    scene.read(beijing(1, 10), beijing(2, 3), portal="province", column="https://province.example/")
    scene.publish(bureau, beijing(2, 8))
    scene.publish(bureau, beijing(2, 6), portal="province", column="https://province.example/")
    assert scene.rows(bureau)[2023] == Row("2024-02-06", "2024-01-10", None, None, None)
    scene.report(bureau, "file:///r.html", beijing(2, 5), portal=None)  # a person has added it
    assert scene.rows(bureau)[2023] == Row("2024-02-05", "2024-01-10", None, None, None)
    scene.publish(bureau, beijing(1, 31), portal="province", column="https://province.example/")
    assert scene.rows(bureau)[2023] == Row("2024-01-31", "2024-01-10", None, 0, None)


def test_what_could_not_be_read_was_published_all_the_same(scene: Scene, bureau: str) -> None:
    other = scene.agency("财政局")
    scene.read(beijing(2, 3))
    for agency, day in ((bureau, beijing(1, 30)), (other, beijing(2, 5))):
        url = f"{COLUMN}{day.day}.pdf"
        scene.listed(url, day)
        scene.unread(agency, url, day)
        scene.publish(agency, beijing(2, 8))
    assert scene.rows(bureau)[2023].seen_late == 0
    assert scene.rows(other)[2023] == Row("2024-02-05", "2024-01-10", "2024-02-03", 1, 5)
    third = scene.agency("民政局")
    scene.unread(third, COLUMN + "empty.pdf", beijing(1, 20), kind="empty")  # nothing has come
    assert scene.rows(third)[2023].first_seen_on is None


def test_only_who_owes_a_report_by_a_date_has_a_row(scene: Scene, bureau: str) -> None:
    scene.read(beijing(2, 3), beijing(4, 2))
    none = [
        scene.agency("城南街道办事处", duty="no_date"),
        scene.agency("法院", duty="none"),
        scene.agency("某局", organ="", duty=DEPARTMENT),
        scene.agency("新设局", from_year=2024),
        scene.agency("撤并局", to_year=2022),
    ]
    government = scene.agency("政府", duty="art49_government", organ="government", from_year=2023, to_year=2023)
    for agency in (bureau, government, *none):
        scene.publish(agency, beijing(3, 20))
    assert [scene.rows(agency) for agency in none] == [{}] * 5
    assert scene.rows(government)[2023].seen_late == 0
    assert scene.rows(bureau)[2023].seen_late == 1
    without = scene.agency("无门户局", portal=None)
    assert scene.rows(without) == {}
    scene.report(without, "file:///r.html", beijing(4, 5), portal=None)
    assert scene.rows(without) == {2023: Row("2024-04-05", None, None, None, None)}


TWICE = """
SELECT agency FROM timeliness WHERE seen_late = 1 GROUP BY agency_id
HAVING sum(year + 1 IN (SELECT t.year FROM timeliness t WHERE t.agency_id = timeliness.agency_id AND t.seen_late = 1))
"""


def test_who_was_late_two_years_running_is_found_from_another_process(scene: Scene, tmp_path: Path) -> None:
    often, with_a_gap, once = (scene.agency(name) for name in ("教育局", "财政局", "民政局"))
    for year in (2022, 2023, 2024, 2025):
        scene.read(beijing(1, 10, year=year + 1), beijing(2, 3, year=year + 1))
        scene.publish(often, beijing(2, 6 if year < 2024 else 1, year=year + 1), year=year)
        scene.publish(with_a_gap, beijing(2 - year % 2, 6, year=year + 1), year=year)
        scene.publish(once, beijing(2 if year == 2025 else 1, 6, year=year + 1), year=year)
    assert [row.seen_late for row in scene.rows(often).values()] == [1, 1, None, None]
    assert [row.seen_late for row in scene.rows(with_a_gap).values()] == [1, 0, 1, 0]
    code = f"import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute({TWICE!r}).fetchall())"
    done = subprocess.run([sys.executable, "-P", "-c", code, tmp_path / "a.db"], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[('柳溪县教育局',)]", "")


def test_every_order_of_two_reads_a_deadline_and_a_report(scene: Scene) -> None:
    """Against the rule in plain words, for each order of what can happen around the deadline."""
    due = beijing(2, 1, 0)
    moments = [due + timedelta(hours=hours) for hours in (-100, -1, 0, 1, 100)]
    expected = {}
    with scene.archive.write():
        pairs = itertools.combinations_with_replacement(moments, 2)
        for number, (reads, shown) in enumerate(itertools.product(pairs, [*moments, None])):
            portal = f"p{number}"
            agency = scene.agency(f"{number}局", portal=portal)
            column = f"https://{portal}.example/"
            scene.read(*reads, column=column, portal=portal)
            if shown is not None:
                scene.publish(agency, shown, column=column, portal=portal)
            without = [read for read in reads if read >= due and (shown is None or read < shown)]
            if shown is None and not without:
                continue
            late = None if shown is None else 0 if shown < due else 1 if without else None
            days_late = (shown - due).days + 1 if shown and late else None
            expected[agency] = Row(_day(shown), _day(reads[0]), _day(without[-1]) if without else None, late, days_late)
    found = {
        agency: Row(*row)
        for agency, *row in scene.archive.query(f"SELECT agency_id, {', '.join(Row._fields)} FROM timeliness")
    }
    assert found == expected
    assert {row.seen_late for row in found.values()} == {None, 0, 1}


def _day(moment: datetime | None) -> str | None:
    return str((moment + timedelta(hours=8)).date()) if moment else None


def test_one_agency_or_year_is_found_without_reading_the_others(archive: Archive) -> None:
    for condition, few in (("agency_id = 'x'", True), ("year = 2023", False)):
        plan = [row[3] for row in archive.query(f"EXPLAIN QUERY PLAN SELECT * FROM timeliness WHERE {condition}")]
        scanned = {step.split()[1] for step in plan if step.startswith("SCAN")}
        # Of deadlines there are few: the years are told from them, once.
        assert scanned - {"s", "y", "deadlines", "CONSTANT"} == (set() if few else {"a"}), plan
        for index in ("reports_year", "column_reads_whole", "crawls_doubtful", "readings_unread"):
            assert any(index in step for step in plan), plan


@pytest.mark.parametrize(
    ("printed", "is_read", "seen_late"),
    [
        ("柳溪教育服务中心", True, None),  # may be it, under a name that the register does not know
        ("", True, None),
        ("柳溪县档案馆", True, 1),  # shares nothing with 教育局
        ("教育委员会", False, None),
        (None, False, None),  # a scan, and nobody knows of whom
        ("柳溪县档案馆", False, 1),
    ],
)
def test_what_may_have_been_the_report_makes_nobody_late(
    scene: Scene, bureau: str, printed: str | None, is_read: bool, seen_late: int | None
) -> None:
    scene.read(beijing(2, 5))
    before, url = beijing(1, 20), f"{COLUMN}anybodys.html"
    if is_read:
        report = make_report(2023)
        report.agency = printed or None
        scene.archive.store_report(
            report, agency_id=None, agency=printed or "某局", source="city", url=url, seen_at=before, portal="city",
            parser_version="1", sha256=scene.document(before),
        )  # fmt: skip
    else:
        scene.archive.store_unread(
            scene.document(before), source="city", url=url, kind="image-only", sentence="a scan", seen_at=before,
            parser_version="1", title=None, agency=printed, year=None,
        )  # fmt: skip
    scene.publish(bureau, beijing(2, 8))
    row = scene.rows(bureau)[2023]
    assert (row.seen_late, row.days_late) == (seen_late, 8 if seen_late else None)
    assert row.first_seen_on == "2024-02-08"
