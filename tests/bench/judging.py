"""`python -m tests.bench.judging [--agencies 300000]`: judging a whole country, and one new report of it, measured.

The identities and changes over all agencies for two years: db/questions/scan.py in a process of its own, against DuckDB
with two threads on a Parquet file of the same figures, and against a loop over rows in Python; all find the same. Ends
with status 1 where a goal is missed.
"""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from db.archive import Archive
from db.judging.judging import RULES
from db.questions.scan import Striking
from db.readings import bulk
from monitor.config import DEFAULT_FILE, Thresholds, load_config
from monitor.judging.archive import judge_archive, rules_digest
from monitor.judging.reports import ArchiveJudge
from tests.bench import archive_data, archive_parquet, judging_rows
from tests.bench.measure import Result, show

NOW = datetime(2026, 3, 1, tzinfo=UTC)
YEARS = (2023, 2024)
_ROOT = Path(__file__).parents[2]
_PASSES = 3
_DUCKDB_LIMIT, _ROWS_FACTOR, _PEAK_MIB = 5.0, 7.0, 150.0
_ONE_REPORT_S, _MARKS_LIMIT = 0.5, 1.2
_BATCHES, _NEW, _AT_ONCE = 40, 9, 400
_CHILD = """
import hashlib, json, sys, time
from pathlib import Path
from db.archive import Archive
from db.questions.scan import Striking, breaches
with Archive.open(Path(sys.argv[1])) as archive:
    started = time.perf_counter()
    found = list(breaches(archive, Striking(*json.loads(sys.argv[2]))))
    taken = time.perf_counter() - started
lines = Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
digest = hashlib.sha256(repr(sorted(map(tuple, found))).encode()).hexdigest()
print(json.dumps([len(found), taken, peak, digest]))
"""


def limits() -> Striking:
    """The thresholds as they are by default."""
    chosen = Thresholds().striking_change
    return Striking(chosen.min_count, chosen.ratio, chosen.sigma)


def build(archive: Archive, agencies: int) -> list[Result]:
    """Fill an archive; what the marks of the triggers cost, by counties with them and without."""
    counties = archive_data.counties(agencies * len(archive_data.YEARS))
    archive.add_portal(archive_data.PORTAL, "一国", "none")
    for first in range(0, len(counties), _AT_ONCE):
        archive.import_agencies([agency for county in counties[first : first + _AT_ONCE] for agency in county.agencies])
    documents = [archive.put_document(b"%d" % number, media=None, seen_at=NOW) for number in range(16)]
    triggers = archive.query("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN"
                             " ('wide', 'readings')")  # fmt: skip
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number, county in enumerate(counties):
        packed = [report for report in archive_data.reports_of(county, documents) if report.year in YEARS]
        marks = bool(number % 2)
        with archive.write() as connection:
            if not marks:
                for name, _ in triggers:
                    connection.execute(f"DROP TRIGGER {name}")
            started = time.thread_time()
            bulk.store_new(connection, packed, archive.forms)
            taken[marks].append((time.thread_time() - started) / len(packed) * 1e6)
            if not marks:
                for _, sql in triggers:
                    connection.execute(sql)
    mine, base = (statistics.median(taken[marks]) for marks in (True, False))
    goal = f"at most {_MARKS_LIMIT:g}x"
    what = "storing reports, each marked to be judged (ms/1,000)"
    return [Result(what, mine, "without the marks", base, mine / base, goal, mine / base <= _MARKS_LIMIT)]


def scan_results(archive: Archive, path: Path, parquet: Path) -> list[Result]:
    """All identities and changes, in three ways."""
    archive_parquet.export(archive, parquet)
    duck = archive_parquet.connect()
    forms, chosen = dict(archive.forms), limits()
    ours, theirs, ratios, peaks = [], [], [], []
    digests = set()
    for _ in range(_PASSES):
        count, taken, peak, digest = _scan_in_child(path, chosen)
        started = time.perf_counter()
        found = [
            one for spans in (False, True) for one in archive_parquet.scan(duck, parquet, forms, spans, tuple(chosen))
        ]
        duck_taken = time.perf_counter() - started
        digests |= {digest, _digest(found)}
        ours.append(taken)
        theirs.append(duck_taken)
        ratios.append(taken / duck_taken)
        peaks.append(peak)
    started = time.perf_counter()
    found = judging_rows.breaches(archive, chosen)
    rows_taken = time.perf_counter() - started
    digests.add(_digest(found))
    if len(digests) != 1:
        raise AssertionError("the scan, DuckDB and the loop over rows find different things")
    mine, base = statistics.median(ours), statistics.median(theirs)
    ((reports,),) = archive.query("SELECT count(*) FROM wide")
    what = f"identities and changes of {reports:,} reports, {count:,} found (s)"
    ratio, faster, peak = statistics.median(ratios), rows_taken / mine, max(peaks)
    against = f"DuckDB, {archive_parquet.THREADS} threads"
    return [
        Result(what, mine, against, base, ratio, f"at most {_DUCKDB_LIMIT:g}x", ratio <= _DUCKDB_LIMIT),
        Result(
            "the same", mine, "row by row in Python", rows_taken, faster, f"at least {_ROWS_FACTOR:g}x faster",
            faster >= _ROWS_FACTOR,
        ),
        Result("the same, peak memory (MiB)", peak, "", 0.0, peak, f"under {_PEAK_MIB:g}", peak < _PEAK_MIB),
    ]  # fmt: skip


def report_results(archive: Archive) -> list[Result]:
    """Every rule about reports, of some agencies; then one new report in the whole archive."""
    judge = ArchiveJudge(archive, Thresholds())
    every = judge.all()
    next(every)  # the scan
    started, reports = time.thread_time(), 0
    for batch in islice(every, _BATCHES):
        reports += len(batch)
    whole = (time.thread_time() - started) / reports * 1e6
    config = load_config(DEFAULT_FILE)
    # As if all had been judged: what is new is judged alone.
    archive.judging.begin()
    archive.judging.judged(RULES, rules_digest(config.thresholds, archive.forms), NOW)
    stored = list(islice(archive.latest(YEARS[-1]), _NEW))
    taken = []
    for number, one in enumerate(stored):
        figures = one.report.figures
        name = "applications.new.total"
        figures[name] = figures[name]._replace(value=(figures[name].value or 0) + 1 + number)
        sha256 = archive.put_document(b"new %d" % number, media=None, seen_at=NOW)
        archive.store_report(
            one.report, sha256=sha256, agency_id=one.agency_id, agency=one.agency, source=one.source, url=one.url,
            seen_at=NOW, parser_version="2", portal=None,
        )  # fmt: skip
        started = time.perf_counter()
        judgement = judge_archive(archive, config, [], now=NOW, touched_only=True)
        taken.append(time.perf_counter() - started)
        if judgement.reports != 1 or not len(judgement.events):
            raise AssertionError("one report was to be judged, and something to be found about it")
    one_s = statistics.median(taken)
    return [
        Result("every rule, every report, read and judged (ms/1,000)", whole, "", 0.0, whole, "", True),
        Result(
            "one new report judged, with its agency's seasons (s)", one_s, "", 0.0, one_s, f"at most {_ONE_REPORT_S:g}",
            one_s <= _ONE_REPORT_S,
        ),
    ]  # fmt: skip


def _scan_in_child(path: Path, chosen: Striking) -> tuple[int, float, float, str]:
    """(found, seconds, MiB at most, digest), in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-P", "-c", _CHILD, str(path), json.dumps(chosen)],
        env={"PYTHONPATH": str(_ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    count, taken, peak, digest = json.loads(ran.stdout)
    return count, taken, peak, digest


def _digest(found: Iterable[tuple[Any, ...]]) -> str:
    return hashlib.sha256(repr(sorted(map(tuple, found))).encode()).hexdigest()


def main() -> int:
    options = argparse.ArgumentParser(description="Measure judging a whole country.")
    options.add_argument("--agencies", type=int, default=300_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nianbao-bench-") as name:
        folder = Path(name)
        path = folder / "nianbao.db"
        with Archive.open(path) as archive:
            results = build(archive, chosen.agencies)
            results += scan_results(archive, path, folder / "figures.parquet")
            results += report_results(archive)
    show(results, f"Judging {chosen.agencies:,} agencies x {len(YEARS)} years; side by side in this run")
    return int(not all(result.met for result in results))


if __name__ == "__main__":
    sys.exit(main())
