"""A whole archive is judged some agencies at a time: the same findings as from a list, in an order that stays; killed
between two of them and run again, nothing is lacking and nothing is told twice."""

import json
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from judged import COUNTRY, judged

from db.archive import Archive
from db.records import Agency, Finding
from monitor.commands.common import exit_status
from monitor.config import Thresholds, load_config
from monitor.judging.archive import judge_archive, standing_findings
from monitor.judging.bodies import Bodies
from monitor.judging.case import Judged
from monitor.judging.reports import ArchiveJudge, judge_reports
from monitor.spool import Spool

NOW = datetime(2024, 2, 20, 4, tzinfo=UTC)
SEEN = datetime(2024, 2, 1, tzinfo=UTC)
BATCH = 1  # agency

_CHILD = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from db.archive import Archive
from monitor.config import load_config
from monitor.judging import archive as judging, reports
folder, now, batch, most = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), *map(int, sys.argv[3:])
reports._AGENCIES_AT_ONCE = batch
kept, save = 0, Archive.save_findings
def save_and_die(*args, **how):
    global kept
    events = save(*args, **how)
    kept += len(events)
    if most and kept >= most:
        os.kill(os.getpid(), signal.SIGKILL)
    return events
Archive.save_findings = save_and_die
with Archive.open(folder / "a.db") as archive:
    judging.judge_archive(archive, load_config(folder / "config.toml"), [], now=now)
"""


def _fill(archive: Archive) -> None:
    """The reports of a pretend country, faults and all; one agency without an id stands at two addresses."""
    faulty = {truth.agency_id for truth in COUNTRY.truths}
    others = [agency.id for agency in COUNTRY.agencies if agency.id not in faulty][:12]
    plans = [plan for plan in COUNTRY.plans if plan.agency.id in {*faulty, *others}]
    plans.sort(key=lambda plan: (plan.year, plan.agency.id))
    nobody = next(plan.agency.id for plan in plans if plan.year == 2023)
    with archive.write():
        archive.add_portal("p", "p", "trs")
        reports = [(plan.agency.id == nobody, judged(plan.sample)) for plan in plans]
        ids = {one.agency_id: one.agency for unknown, one in reports if not unknown}
        archive.import_agencies([Agency(key or "", name, organ="department") for key, name in ids.items()])
        for number, (unknown, one) in enumerate(reports):
            sha256 = archive.put_document(f"{number}".encode(), media="text/html", seen_at=SEEN)
            for source in ("p", "added") if unknown else ("p",):
                archive.store_report(
                    one.report,
                    sha256=sha256,
                    agency_id=None if unknown else one.agency_id,
                    agency=one.agency,
                    source=source,
                    url=f"http://p.example/{number}.html",
                    seen_at=SEEN,
                    parser_version="1",
                    portal=None,
                )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive that was never judged, and settings with somebody to be told."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "config.toml").write_text("[telegram]\nchats = [1, 2]\n", "utf-8")
    with Archive.open(folder / "a.db") as archive:
        _fill(archive)
    return folder


@pytest.fixture
def place(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    with sqlite3.connect(filled / "a.db") as there, sqlite3.connect(tmp_path / "a.db") as here:
        there.backup(here)
    there.close(), here.close()
    (tmp_path / "config.toml").write_bytes((filled / "config.toml").read_bytes())
    return tmp_path


@pytest.fixture
def archive(filled: Path) -> Iterator[Archive]:
    with Archive.open(filled / "a.db") as opened:
        yield opened


def _as_text(findings: list[Finding]) -> list[str]:
    return sorted(f"{f.fingerprint} {f!r}" for f in findings)


def _reports(archive: Archive) -> list[Judged]:
    return [Judged(r.agency_id, r.agency, r.year, r.sha256, r.report, r.url, r.bodies) for r in archive.latest()]


def _stream(archive: Archive) -> Iterator[Finding]:
    return (finding for batch in ArchiveJudge(archive, Thresholds()).all() for one in batch for finding in one.findings)


def test_a_stream_finds_what_a_list_finds(archive: Archive) -> None:
    """Though it reads most reports without places, and judges them only by rules that the scan does not know."""
    found = list(_stream(archive))
    assert {"carry-over", "challenges-total"} <= {finding.rule for finding in found}
    assert any(place["place"] for finding in found for place in finding.places)
    every = judge_reports(_reports(archive), Thresholds(), bodies=Bodies(archive.agencies()))
    assert _as_text(found) == _as_text(every)


def test_all_years_of_an_agency_follow_one_another(archive: Archive) -> None:
    keys = [one.key for batch in ArchiveJudge(archive, Thresholds()).all() for one in batch]
    agencies = list(dict.fromkeys(key for key, _ in keys))
    assert keys == sorted(keys, key=lambda key: (agencies.index(key[0]), key[1]))
    assert [key for key in keys if key[0].startswith("?:")], "each source of an agency without an id is judged"
    assert [(r.key, r.year) for r in archive.latest()] == keys
    assert [(r.key, r.year) for r in archive.latest(2023)] == [key for key in keys if key[1] == 2023]
    (number,) = archive.holdings.keys_of("nobody", agencies[1])
    assert [one.year for one in archive.latest_of([number])] == [year for key, year in keys if key == agencies[1]]


def test_pages_of_reports_are_those_of_one_query(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [report.id for report in archive.latest()]
    for page in (1, 2, 7):
        monkeypatch.setattr("db.readings.paging.PAGE", page)
        assert [report.id for report in archive.latest()] == whole
    ids = archive.query("SELECT report_id FROM latest_reports")
    assert sorted(whole) == sorted(report_id for (report_id,) in ids)


def test_a_stream_holds_no_more_than_some_agencies(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.judging.reports._AGENCIES_AT_ONCE", 1)
    tracemalloc.start()
    try:
        assert sum(1 for _ in _stream(archive)) > 0
        streamed = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert len(list(archive.latest())) > 40
        assert streamed < tracemalloc.get_traced_memory()[1] / 4
    finally:
        tracemalloc.stop()


def _kept(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """What judging writes, in its order."""
    with sqlite3.connect(folder / "a.db") as connection:
        kept = {
            "findings": connection.execute("SELECT * FROM findings ORDER BY fingerprint").fetchall(),
            "events": connection.execute("SELECT * FROM finding_events ORDER BY id").fetchall(),
            "outbox": connection.execute("SELECT * FROM outbox ORDER BY id").fetchall(),
        }
    connection.close()
    return kept


def _judge(folder: Path, *, batch: int = BATCH, most: int = 0) -> int:
    """Judge in a child, which kills itself after so many events. Its exit status."""
    words = [str(folder), NOW.isoformat(), str(batch), str(most)]
    return subprocess.run([sys.executable, "-P", "-c", _CHILD, *words], check=False, timeout=60).returncode


def test_killed_between_two_batches_and_run_again(
    place: Path, filled: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert _judge(place, most=1) == -signal.SIGKILL
    some = _kept(place)
    assert _judge(place, most=2) == -signal.SIGKILL
    more = _kept(place)
    assert 0 < len(some["events"]) < len(more["events"])
    assert _judge(place) == 0
    once = tmp_path_factory.mktemp("once")
    for name in ("a.db", "config.toml"):
        (once / name).write_bytes((filled / name).read_bytes())
    assert _judge(once, batch=1000) == 0
    assert _kept(place) == _kept(once), "the same findings, events and messages, each once, as if nothing had happened"
    assert len(more["events"]) < len(_kept(place)["events"])
    # A finding and what is told of it are kept together.
    told = {row[1] for row in some["events"] if row[5]}
    assert {row[3] for row in some["outbox"]} == told


def test_findings_that_no_longer_hold_end_within_their_batch(place: Path) -> None:
    config = load_config(place / "config.toml")
    with Archive.open(place / "a.db") as archive:
        first = judge_archive(archive, config, [], now=NOW)
        again = judge_archive(archive, config, [], now=NOW)
        assert len(first.events) > 0 and (len(again.events), again.reports) == (0, 0)
        assert again.standing == first.standing
        gone = next(finding for finding in standing_findings(archive) if finding.rule == "challenges-total")
        report = next(r for r in archive.latest() if (r.key, r.year) == gone.key)
        for name in gone.figures:
            report.report.figures[name] = report.report.figures[name]._replace(value=0, text="0")
        sha256 = archive.put_document(b"mended", media=None, seen_at=NOW)
        archive.store_report(
            report.report,
            sha256=sha256,
            agency_id=report.agency_id,
            agency=report.agency,
            source=report.source,
            url=report.url,
            seen_at=NOW,
            parser_version="1",
            portal=None,
        )
        events = list(judge_archive(archive, config, [], now=NOW).events)
        assert (gone.fingerprint, "gone") in {(finding.fingerprint, event) for finding, event in events}
        assert {finding.key for finding, _ in events} == {gone.key}


def test_commands_stream_in_a_process_of_their_own(place: Path) -> None:
    with Archive.open(place / "a.db") as archive:
        judgement = judge_archive(archive, load_config(place / "config.toml"), [], now=NOW)
        found = {finding.fingerprint for finding in standing_findings(archive)}
    status = exit_status(judgement.standing.errors, failed=False)
    for words in (["check"], ["findings"]):
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "monitor", *words, "--json", "--archive", str(place / "a.db")],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (ended.returncode, ended.stderr) == (status, "")
        assert {json.loads(line)["fingerprint"] for line in ended.stdout.splitlines()} == found


def test_a_reader_does_not_stand_in_a_writers_way(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.judging.reports._AGENCIES_AT_ONCE", 5)
    with Archive.open(place / "a.db") as reader, Archive.open(place / "a.db", wait_s=0.2) as writer:
        stream = ArchiveJudge(reader, Thresholds()).all()
        assert next(stream)
        writer.add_portal("q", "q", "trs")
        ((frames, carried),) = [row[1:] for row in writer.query("PRAGMA wal_checkpoint(TRUNCATE)")]
        assert (frames, carried) == (0, 0), "no read is open between two reports"
        assert sum(len(batch) for batch in stream) > 20


def test_a_long_list_lies_on_the_disk() -> None:
    spool: Spool[tuple[int, str]] = Spool()
    for number in range(5):
        spool.append((number % 2, "x" * number))
    assert len(spool) == 5 and list(spool) == list(spool) == [(n % 2, "x" * n) for n in range(5)]
    assert spool[3] == (1, "xxx")
    ordered = [len(text) for _, text in spool.ordered(lambda item: (item[0], -len(item[1])))]
    assert ordered == [4, 2, 0, 3, 1]
    spool.append((2, "y" * (9 << 20)))
    assert spool[5][1][-1] == "y" and spool[0] == (0, "")
