"""What is derived is made anew from what is kept, row for row; what people said survives, and killing changes nothing.

The file is opened anew to look at it, and most is done by new processes.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from db.archive import Archive
from db.rebuilding.merge import Merged
from db.rebuilding.parts import Difference
from monitor.commands import rebuild as rebuild_command
from monitor.pipeline import Reading
from monitor.rebuilding import Rebuilt
from tests.db import rebuild_archive
from tests.db.children import Child, Say, Wait, said_by
from tests.db.rebuild_archive import FIGURE, LATER, URL, dump

DERIVED = (
    "agency_keys", "reports", "wide", "cell_states", "places", "sections", "scopes", "report_bodies", "stand_ins",
    "date_candidates", "doubts", "readings", "claims", "notice_readings", "findings", "report_search", "to_judge",
)  # fmt: skip

MAY_BE_EMPTY = ("doubts", "scopes", "report_bodies", "stand_ins", "to_judge")  # there are none in this archive

Dump = dict[str, list[str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rebuild_archive.make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A copy of the archive."""
    shutil.copytree(made.parent, tmp_path / "copy")
    return tmp_path / "copy" / made.name


def _rebuild(path: Path, say: Say, wait: Wait) -> None:
    rebuilt = rebuild_archive.rebuilt(path)
    say({d.table: d[1:] for d in rebuilt.merged.differences if any(d[1:])})
    say([rebuilt.merged.events, rebuilt.merged.messages, rebuilt.merged.left, rebuilt.merged.has_findings])


def _wait_while_reading(path: Path, say: Say, wait: Wait) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            say("reading")
            wait()

    merged = rebuild_archive.rebuilt(path, on_read=stop).merged
    say([merged.left, merged.has_findings])


def _damage(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        assert connection.execute(statement).rowcount != 0, statement
    connection.close()


def test_what_is_whole_stays_as_it_is(path: Path) -> None:
    before = dump(path)
    assert all(before[table] for table in DERIVED if table not in MAY_BE_EMPTY)
    merged = rebuild_archive.rebuilt(path).merged
    assert not any(sum(difference[1:]) for difference in merged.differences)
    assert merged[1:] == (0, 0, 0, True)
    assert dump(path) == before
    assert not list(path.parent.glob("*.rebuild*"))


DAMAGES = {
    "figures": [
        "UPDATE wide SET applications_new_total = 99, variants = 0, is_latest = 1 - is_latest",
        "UPDATE wide SET agency_no = (SELECT min(no) FROM agency_keys)",
        "UPDATE agency_keys SET name = '某'",
        "DELETE FROM cell_states",
        "DELETE FROM places",
    ],
    "whose": [
        "INSERT INTO report_bodies SELECT (SELECT min(id) FROM reports), min(id) FROM agencies",
        "INSERT INTO stand_ins SELECT min(id), 0, max(id) FROM agencies",
    ],
    "prose and index": ["UPDATE sections SET text = '别的' WHERE position = 1", "DELETE FROM date_candidates"],
    "index": ["INSERT INTO report_search (report_search) VALUES ('delete-all')"],
    "reports": [
        "UPDATE reports SET revision = revision + 5, title = '某', is_current = 0, numbers = 0",
        "INSERT INTO reports (agency_key, agency, year, source, url, revision, is_current, sha256, first_seen_at,"
        " last_seen_at, content, numbers, media) SELECT '?:无', '无', 2020, source, 'https://x', 1, 1, sha256,"
        " first_seen_at, last_seen_at, '', 0, 'html' FROM reports LIMIT 1",
    ],
    "reports gone": ["DELETE FROM reports WHERE id % 2 = 0", "DELETE FROM agency_keys"],
    "readings": ["UPDATE readings SET report_id = (SELECT min(id) FROM reports) WHERE report_id IS NOT NULL"],
    "readings gone": ["DELETE FROM readings"],
    "findings and notices": [
        "UPDATE findings SET sentence_zh = '某', observed = '1', severity = 'notice', first_found_at = '2000'"
        " WHERE is_open AND rule <> 'missing'",
        "UPDATE findings SET is_open = 1, gone_at = NULL WHERE NOT is_open",
        "DELETE FROM findings WHERE rule = 'missing'",
        "UPDATE claims SET unit = '某' WHERE sha256 = (SELECT sha256 FROM neighbours ORDER BY id DESC LIMIT 1)",
        "DELETE FROM notice_readings WHERE claims > 3",
    ],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_again(path: Path, damage: str) -> None:
    before = dump(path)
    _damage(path, *DAMAGES[damage])
    damaged = dump(path)
    differing = {table for table in before if damaged[table] != before[table]}
    assert differing <= set(DERIVED), "damage is done to derived tables alone"
    merged = rebuild_archive.rebuilt(path).merged
    assert {d.table for d in merged.differences if any(d[1:])} >= differing - {"report_search", "to_judge"}
    assert dump(path) == before
    assert merged[1:] == (0, 0, 0, True), "what is on record is not new"


def test_everything_is_made_again_by_a_new_process(path: Path) -> None:
    before = dump(path)
    gone = [table for table in DERIVED if table not in ("report_search", *MAY_BE_EMPTY)]
    _damage(path, *(f"DELETE FROM {table}" for table in gone))
    damaged = dump(path)
    told = rebuild_archive.rebuilt(path, dry_run=True).merged
    assert dump(path) == damaged, "a dry run writes nothing"
    differences, new = said_by(_rebuild, path)
    assert differences == {d.table: d[1:] for d in told.differences if any(d[1:])}
    assert new == [0, 0, 0, True]
    assert dump(path) == before


def test_what_people_said_is_shown_after_a_rebuild(path: Path) -> None:
    _damage(path, "DELETE FROM wide", "DELETE FROM findings", "DELETE FROM cell_states")
    rebuild_archive.rebuilt(path)
    with Archive.open(path) as archive:
        figures = [stored.report.figures[FIGURE] for stored in archive.reports() if stored.url == URL]
        assert [(figure.value, figure.how) for figure in figures] == [(4321, "corrected")]
        (one,) = archive.corrections.listed()
        assert (one.correction.made_by, one.correction.holds) == ("甲", True)
        assert archive.query("SELECT count(*) FROM findings WHERE NOT is_open AND rule = 'missing'") == [(1,)]


def test_killed_in_the_middle_it_has_changed_nothing(path: Path) -> None:
    before = dump(path)
    _damage(path, "DELETE FROM wide", "UPDATE findings SET sentence_en = 'x' WHERE is_open")
    damaged = dump(path)
    child = Child(_wait_while_reading, path)
    assert child.told() == "reading"
    os.kill(child.number, signal.SIGKILL)
    with pytest.raises((EOFError, AssertionError)):
        child.rest()
    assert dump(path) == damaged
    assert path.with_name("nianbao.db.rebuild").exists()
    rebuild_archive.rebuilt(path)
    assert dump(path) == before
    assert not list(path.parent.glob("*.rebuild*"))


def test_what_others_did_meanwhile_stays(path: Path) -> None:
    _damage(path, "UPDATE wide SET applications_new_total = 99")
    child = Child(_wait_while_reading, path)
    assert child.told() == "reading"
    with Archive.open(path) as archive:
        (sha256,) = {row[0] for row in archive.query("SELECT sha256 FROM corrections")}
        archive.corrections.undo(sha256, FIGURE, by="乙", why="read rightly", at=LATER)
        theirs = archive.query("SELECT * FROM wide JOIN reports ON id = report_id WHERE url = ?", (URL,))
        archive.save_findings([], judged=None, rules={"carry-over"}, messages=lambda *_: [], at=LATER)
        findings = archive.query("SELECT * FROM findings")
    child.go_on()
    (said,) = child.rest()
    assert said == [1, False]
    with Archive.open(path) as archive:
        assert archive.query("SELECT * FROM wide JOIN reports ON id = report_id WHERE url = ?", (URL,)) == theirs
        assert archive.query("SELECT * FROM findings") == findings
        others = archive.query(
            "SELECT count(*) FROM wide JOIN reports ON id = report_id WHERE url <> ? AND applications_new_total = 99",
            (URL,),
        )
        assert others == [(0,)]


@pytest.mark.parametrize("is_given_up", [True, False])
def test_what_cannot_be_read_again_stays_as_it_was_read(path: Path, is_given_up: bool) -> None:
    with Archive.open(path) as archive:
        shas = archive.query("SELECT DISTINCT sha256 FROM readings WHERE source <> 'added' ORDER BY seen_at LIMIT 2")
        for (sha256,) in shas:
            archive.documents.path(sha256).unlink()
            if is_given_up:
                with archive.write() as connection:
                    connection.execute(
                        "UPDATE documents SET dropped_at = '2025-01-01T00:00:00+00:00' WHERE sha256 = ?", (sha256,)
                    )
    before = dump(path)
    ran = _command(path, "rebuild", "--json", "--now", LATER.isoformat())
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    lost = {line["sha256"]: line["why"] for line in lines if line["kind"] == "lost"}
    assert set(lost) == {sha256 for (sha256,) in shas}
    assert set(lost.values()) == {"was given up on 2025-01-01" if is_given_up else "is not there"}
    assert ran.returncode == (0 if is_given_up else 2), ran.stderr
    assert all(sha256 in ran.stderr for sha256 in lost)
    after = dump(path)
    for table in ("reports", "wide", "readings", "sections", "places"):
        assert after[table] == before[table]


def test_the_command_says_what_differed(path: Path) -> None:
    _damage(path, "DELETE FROM sections WHERE position = 0")
    damaged = dump(path)
    gone = len(damaged["reports"])
    words = ("rebuild", "--now", LATER.isoformat())
    ran = _command(path, *words, "--dry-run")
    assert ran.returncode == 0, ran.stderr
    assert f"sections: {gone} added, 0 changed, 0 removed" in ran.stdout
    assert "(nothing is written: --dry-run)" in ran.stdout
    assert dump(path) == damaged
    assert f"sections: {gone} added, 0 changed, 0 removed" in _command(path, *words).stdout
    assert "Nothing differed." in _command(path, *words).stdout


def test_the_command_says_in_plain_words_what_was_left_to_others(capsys: pytest.CaptureFixture[str]) -> None:
    merged = Merged([Difference("reports", 0, 0, 0)], 0, 0, 1, has_findings=False)
    rebuilt = Rebuilt([], Reading(), merged)
    rebuild_command._print(rebuilt, dry_run=False)
    rebuild_command._complain(rebuilt, all_of_them=False)
    said = capsys.readouterr()
    assert "Of all but the findings, nothing differed." in said.out and "Nothing differed" not in said.out
    assert "what lies at 1 address: that was left as they made it and not compared" in said.out
    assert "the findings were not compared" in said.err
    assert all("run `nianbao rebuild` again" in text.replace("Run", "run") for text in said)


def test_the_command_does_it_one_at_a_time(path: Path) -> None:
    child = Child(_wait_while_reading, path)
    assert child.told() == "reading"
    ran = _command(path, "rebuild")
    assert ran.returncode == 2
    assert f"is being rebuilt by process {child.number}" in ran.stderr
    child.go_on()
    assert child.rest() == [[0, True]]


def _command(path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    settings = ["--config", str(path.with_name("config.toml")), "--archive", str(path)]
    return subprocess.run(
        [sys.executable, "-P", "-m", "monitor", *words, *settings],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
