"""`nianbao reparse`: documents are read again, nothing that people said is lost, and it says what changed."""

import json
import shutil
import sqlite3
import subprocess
import sys
from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.sandbox.writers import html
from db.archive import Archive
from db.readings.rereading import Rereading
from db.records import Sighting
from monitor.cli import main
from monitor.pipeline import read_waiting
from monitor.reparsing import Reread, Summary, reparse
from parsers.read import PARSER_VERSION, read_report
from parsers.report import Figure, Report, Section
from tests.monitor.judged import COUNTRY

AT = datetime(2024, 2, 1, 4, tzinfo=UTC)
PLANS = [p for p in COUNTRY.plans if p.year == 2023 and p.sample.form == "2021"][:6]
NAMES = [plan.agency.name for plan in PLANS]
BODIES = [html.write(plan.sample) for plan in PLANS]
NEW, GRANTED = "applications.new.total", "applications.granted.total"


def url(number: int) -> str:
    return f"https://www.example.gov.cn/nb/{number}.html"


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six reports, all read by the parser of today."""
    folder = tmp_path_factory.mktemp("read")
    with Archive.open(folder / "a.db") as archive:
        archive.import_agencies(list(COUNTRY.agencies))
        for number, (plan, body) in enumerate(zip(PLANS, BODIES, strict=True)):
            at = AT + timedelta(hours=number)
            sha256 = archive.put_document(body, media="text/html", seen_at=at)
            title = plan.sample.title
            archive.add_sighting(Sighting("liuxi", url(number), url(number), "page", title, None, sha256, at))
        assert read_waiting(archive).new == len(PLANS)
    (folder / "config.toml").write_text('archive = "a.db"\n', "utf-8")
    return folder


@pytest.fixture
def here(read: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(read, tmp_path / "here"))


def number_of(report: Report, figure: str) -> int:
    value = report.value(figure)
    assert isinstance(value, int)
    return value


def as_an_older_parser(archive: Archive, number: int, change: Callable[[Report], Report], **more: Any) -> str:
    """Put another reading in the place of the one that the parser of today has made. Returns its document."""
    ((sha256, agency_id, agency, seen_at),) = archive.query(
        "SELECT sha256, agency_id, agency, first_seen_at FROM reports WHERE url = ?", (url(number),)
    )
    archive.store_report(
        change(read_report(BODIES[number])),
        **{
            "sha256": sha256, "agency_id": agency_id, "agency": agency, "source": "liuxi", "url": url(number),
            "seen_at": datetime.fromisoformat(seen_at), "parser_version": "0", "portal": "liuxi",
        } | more,
    )  # fmt: skip
    return str(sha256)


def misread(report: Report) -> Report:
    """One number too high, one taken for a blank; another first section, date and title."""
    figures = dict(report.figures)
    new, granted = figures[NEW], figures[GRANTED]
    assert isinstance(new.value, int)
    figures[NEW] = new._replace(value=new.value + 7, text=str(new.value + 7))
    figures[GRANTED] = granted._replace(value=None, state="unreadable", text="?")
    sections = [Section(1, "总体情况", "别的"), *report.sections[1:]]
    return replace(report, figures=figures, sections=sections, signed_on="2001-01-01", title="别的标题")


def run(here: Path, *words: str, status: int = 0) -> tuple[str, str]:
    """`nianbao reparse` in a new process."""
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "monitor", "reparse", *words], cwd=here, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert ran.returncode == status, (ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    return ran.stdout, ran.stderr


def rows(here: Path, select: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(here / "a.db") as connection:
        found = connection.execute(select).fetchall()
    connection.close()
    return found


def derived(here: Path) -> dict[str, list[str]]:
    """All rows about reports, in text."""
    tables = ("reports", "wide", "cell_states", "places", "sections", "doubts", "scopes", "date_candidates", "readings")
    return {table: sorted(map(repr, rows(here, f"SELECT * FROM {table}"))) for table in tables}


def test_without_options_nothing_is_read_that_this_parser_has_read(here: Path) -> None:
    before = derived(here)
    out, _ = run(here)
    assert out.startswith("0 documents read again, 0 reports: 0 changed")
    out, _ = run(here, "--all")
    assert out.startswith(f"{len(PLANS)} documents read again, {len(PLANS)} reports: 0 changed")
    assert derived(here) == before


def test_what_changed_is_said_and_no_revision_is_made(here: Path) -> None:
    today = derived(here)
    with Archive.open(here / "a.db") as archive:
        sha256 = as_an_older_parser(archive, 0, misread)
        true = number_of(read_report(BODIES[0]), NEW)
        said = Figure(NEW, true, "corrected", str(true), None, "corrected")
        archive.corrections.make(sha256, said, by="王敏", source="第2页", at=AT)
        said = Figure("applications.new.business", 99, "corrected", "99", None, "corrected")
        archive.corrections.make(sha256, said, by="王敏", source="第2页", at=AT)
    people = rows(here, "SELECT * FROM corrections")
    old = derived(here)
    expected = (
        "1 document read again, 1 report: 1 changed, 0 of another",
        f"{NEW}: 1 value, 0 states changed\n  {NAMES[0]} 2023: {true + 7} → {true}\n",
        f"{GRANTED}: 1 value, 0 states changed\n  {NAMES[0]} 2023: unreadable '?' → ",
        "section 1: changed in 1 report", "signed_on: changed in 1 report", "title: changed in 1 report",
        f"agrees now with the correction by 王敏: {NAMES[0]} 2023 {NEW}; take it back with `nianbao correct",
    )  # fmt: skip
    out, _ = run(here, "--dry-run")
    assert all(words in out for words in expected), out
    assert "nothing is written" in out
    assert derived(here) == old
    out, _ = run(here)
    assert all(words in out for words in expected), out
    assert "business" not in out
    assert rows(here, "SELECT count(*), max(revision) FROM reports") == [(len(PLANS), 1)]
    assert rows(here, "SELECT * FROM corrections") == people
    assert rows(here, "SELECT value, how FROM figures WHERE how = 'corrected' ORDER BY figure") == [
        (99, "corrected"),
        (true, "corrected"),
    ]
    with Archive.open(here / "a.db") as archive:
        for figure in (NEW, "applications.new.business"):
            archive.corrections.undo(sha256, figure, by="李强", why=None, at=AT)
    assert derived(here) == today
    assert run(here)[0].startswith("0 documents read again")


def test_findings_follow_and_their_lives_go_on(here: Path) -> None:
    with Archive.open(here / "a.db") as archive:
        as_an_older_parser(archive, 0, misread)
    subprocess.run(
        [sys.executable, "-P", "-m", "monitor", "correct", NAMES[1], "2023", NEW, "3", "--by", "王", "--source", "看"],
        cwd=here, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    wrong = rows(here, f"SELECT fingerprint FROM findings WHERE is_open = 1 AND agency = '{NAMES[0]}'")
    assert wrong
    run(here)
    assert rows(here, f"SELECT fingerprint FROM findings WHERE is_open = 1 AND agency = '{NAMES[0]}'") == []
    for (fingerprint,) in wrong:
        events = rows(here, f"SELECT event FROM finding_events WHERE fingerprint = '{fingerprint}' ORDER BY id")
        assert events == [("found",), ("gone",)]


def test_json_has_one_line_for_each_document_that_says_something_else(here: Path) -> None:
    with Archive.open(here / "a.db") as archive:
        sha256 = as_an_older_parser(archive, 2, misread)
    out, _ = run(here, "--json")
    first, last = map(json.loads, out.splitlines())
    assert (first["change"], first["agency"], first["sha256"]) == ("changed", NAMES[2], sha256)
    assert {f["figure"] for f in first["figures"]} == {NEW, GRANTED}
    assert first["figures"][-1]["before"]["state"] == "unreadable"
    assert (first["sections"], first["title"][0]) == ({"1": "changed"}, "别的标题")
    assert (last["change"], last["documents"], last["changed"]) == ("summary", 1, 1)
    assert last["figures"][NEW] == {"values": 1, "states": 0}


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--agency", NAMES[3]), 1),
        (("--year", "2023"), len(PLANS)),
        (("--year", "2022"), 0),
        (("--portal", "liuxi", "--agency", NAMES[3], "--year", "2023"), 1),
    ],
)
def test_what_is_chosen_is_read_whoever_read_it(
    read: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], count: int
) -> None:
    monkeypatch.chdir(read)
    result = CliRunner().invoke(main, ["reparse", *words, "--dry-run", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout.splitlines()[-1])["documents"] == count


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--portal", "liuxii"), "--portal liuxii: nothing of such a portal is in the archive (near: liuxi)"),
        (("--agency", NAMES[0] + "处"), f"(near: {NAMES[0]}"),
        (("--all", "--year", "2023"), "--all goes without --agency"),
    ],
)
def test_a_choice_that_cannot_be_is_said_in_a_sentence(
    read: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(read)
    result = CliRunner().invoke(main, ["reparse", *words])
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_documents_that_are_gone_are_named_and_their_readings_stay(here: Path) -> None:
    with Archive.open(here / "a.db") as archive:
        lost, damaged, given_up = (as_an_older_parser(archive, number, misread) for number in range(3))
        as_an_older_parser(archive, 3, misread)
        paths = [archive.documents.path(sha256) for sha256 in (lost, damaged, given_up)]
        with archive.write() as connection:
            connection.execute(
                "UPDATE documents SET dropped_at = '2024-03-01T00:00:00+00:00', dropped_why = 'rule' WHERE sha256 = ?",
                (given_up,),
            )
    paths[0].unlink()
    paths[1].write_bytes(b"\0" * 40)
    before = derived(here)
    for _ in range(2):
        out, errors = run(here, status=2)
        assert out.startswith("1 document read again" if _ == 0 else "0 documents read again")
        assert "3 skipped" in out
        assert f"skipped: {NAMES[0]} 2023: {url(0)}: " in out and "the document is not there" in out
        assert "the document is damaged" in out
        assert f"the bytes of document {given_up} were given up by the rules of retention" in out
        assert "3 documents could not be read again; the old reading stays" in errors
    after = derived(here)
    for sha256 in (lost, damaged, given_up):
        assert [r for r in before["readings"] if sha256 in r] == [r for r in after["readings"] if sha256 in r]
        assert [r for r in before["reports"] if sha256 in r] == [r for r in after["reports"] if sha256 in r]


def test_documents_become_readable_unreadable_or_another_agencys(here: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    with Archive.open(here / "a.db") as archive:
        ((sha256, seen_at),) = archive.query("SELECT sha256, first_seen_at FROM reports WHERE url = ?", (url(0),))
        archive.store_unread(
            sha256, source="liuxi", url=url(0), kind="no-tables", sentence="no tables",
            seen_at=datetime.fromisoformat(seen_at), parser_version="0", title=None,
        )  # fmt: skip
        shown = archive.put_document(picture, media="image/png", seen_at=AT)
        archive.add_sighting(Sighting("liuxi", url(9), url(9), "page", PLANS[1].sample.title, None, shown, AT))
        archive.store_report(
            read_report(BODIES[1]), sha256=shown, agency_id=PLANS[1].agency.id, agency=NAMES[1], source="liuxi",
            url=url(9), seen_at=AT, parser_version="0", portal="liuxi",
        )  # fmt: skip
        as_an_older_parser(archive, 2, lambda report: report, agency_id=PLANS[3].agency.id)
        as_an_older_parser(archive, 4, lambda report: replace(report, year=2021))
    out, _ = run(here)
    assert "4 documents read again, 3 reports: 0 changed, 2 of another agency or year now, 1 readable now, 1 not" in out
    assert f"readable: {NAMES[0]} 2023: {url(0)}" in out
    assert f"unreadable: {NAMES[1]} 2023: {url(9)}: " in out
    assert f"moved: {NAMES[2]} 2023 (was {NAMES[3]} 2023): {url(2)}" in out
    assert f"moved: {NAMES[4]} 2023 (was {NAMES[4]} 2021): {url(4)}" in out
    assert rows(here, "SELECT count(*) FROM reports") == [(len(PLANS),)]


def again(
    archive: Archive,
    numbers: "array[int]",
    *,
    on_reread: Callable[[Reread], None] = lambda _: None,
    on_progress: Callable[[int], None] | None = None,
) -> Summary:
    return reparse(archive, numbers, dry_run=False, regions={}, places={}, on_reread=on_reread, on_progress=on_progress)


def test_broken_off_it_goes_on(here: Path) -> None:
    """What is chosen is marked before the first document is read; what is left is read by the next process."""
    today = derived(here)
    with Archive.open(here / "a.db") as archive:
        for number in range(len(PLANS)):
            as_an_older_parser(archive, number, misread)

        def stop(done: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        numbers = Rereading(archive).chosen(year=2023)
        assert len(numbers) == len(PLANS)
        with pytest.raises(KeyboardInterrupt):
            again(archive, numbers, on_progress=stop)
    waiting = rows(here, "SELECT parser_version, count(*) FROM readings GROUP BY 1 ORDER BY 1")
    assert waiting == [("", len(PLANS) - 2), (PARSER_VERSION, 2)]
    out, _ = run(here)
    assert out.startswith(f"{len(PLANS) - 2} documents read again")
    assert derived(here) == today


def test_two_documents_of_one_revision_that_now_differ_part(here: Path) -> None:
    """The only way in which a new reading makes a revision; it is said."""
    with Archive.open(here / "a.db") as archive:
        as_an_older_parser(archive, 0, lambda report: report)
        other = html.write(replace(PLANS[0].sample, title="又一个标题"))
        sha256 = archive.put_document(other, media="text/html", seen_at=AT + timedelta(days=1))
        seen_at = AT + timedelta(days=1)
        archive.add_sighting(Sighting("liuxi", url(0), url(0), "page", None, None, sha256, seen_at))
        as_an_older_parser(archive, 0, lambda report: report, sha256=sha256, seen_at=seen_at)
        assert archive.query("SELECT count(*) FROM reports WHERE url = ?", (url(0),)) == [(1,)]
        found: list[Reread] = []
        summary = again(archive, Rereading(archive).chosen(not_by=PARSER_VERSION), on_reread=found.append)
        assert (summary.documents, summary.parted) == (2, 1)
        assert archive.query("SELECT count(*) FROM reports WHERE url = ?", (url(0),)) == [(2,)]


def test_a_country_is_chosen_in_eight_bytes_a_document(read: Path) -> None:
    with Archive.open(read / "a.db") as archive:
        numbers = Rereading(archive).chosen()
    assert isinstance(numbers, array)
    assert numbers.itemsize == 8
    assert len(numbers) == len(PLANS)
