"""`python -m tests.bench.archive [--reports 1000000]`: the archive at the size of the country, measured; see
tests/bench/archive_data.py for what is in it. Ends with status 1 where a goal is missed.

Why this layout and no other: ../shared/parsing-and-storage.md section 8, for 100,000 reports of 200 figures, has a
dense long table at 2,562 bytes a report and 16 s to write, a row for each row of the form at 579 bytes, a wide row at
258 bytes and 0.8 s, and a packed blob, which SQL cannot read, at 92 bytes. A long table of the non-zero figures alone
(158 bytes) cannot tell null from zero.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from db.archive import Archive
from db.questions.scan import breaches
from tests.bench import archive_commands, archive_data, archive_parquet, archive_storing
from tests.bench import search as search_bench
from tests.bench.measure import Job, Result, show

FIGURE = "applications.new.total"
RULES = ("applications-balance", "applications-results", "carry-over")
_LARGEST_BYTES, _FETCH_LIMIT, _DUCKDB_LIMIT = 300.0, 3.0, 10.0
_FETCHED, _PASSES, _TABLES_SHOWN = 2_000, 7, 12


def size_results(archive: Archive) -> list[Result]:
    """Bytes on disk for each report: of the figures and their index, then of whatever else is large."""
    ((reports,),) = archive.query("SELECT count(*) FROM wide")
    sizes = {
        name: size / reports
        for name, size in archive.query(
            "SELECT coalesce(m.tbl_name, d.name), sum(d.pgsize) FROM dbstat d LEFT JOIN sqlite_master m"
            " ON m.name = d.name AND m.type = 'index' GROUP BY 1 ORDER BY 2 DESC"
        )
    }
    figures = sizes.pop("wide")
    share = archive_data.share_not_zero(archive)
    goal = f"at most {_LARGEST_BYTES:g}"
    what = f"figures and their index, {share:.1%} of the cells not zero (bytes/report)"
    results = [Result(what, figures, "", 0.0, figures, goal, figures <= _LARGEST_BYTES)]
    shown = list(sizes.items())[:_TABLES_SHOWN]
    rest = ("all else", sum(list(sizes.values())[_TABLES_SHOWN:]))
    results += [
        Result(f"  {name}, with indexes (bytes/report)", size, "", 0.0, size, "", True) for name, size in (*shown, rest)
    ]
    return results


def fetch_results(archive: Archive) -> list[Result]:
    """One report with all its figures through the view `latest`, against the rows themselves by their primary key."""
    rows = archive.query("SELECT agency_id, agency, year, report_id FROM latest")
    picked = random.Random(1).sample(rows, min(_FETCHED, len(rows)))
    connection = archive._connection

    def through(where: str, *columns: int) -> Job:
        statement = f"SELECT * FROM latest WHERE {where}"
        return lambda: [connection.execute(statement, [row[c] for c in columns]).fetchall() for row in picked]

    def bare() -> object:
        return [
            (
                connection.execute("SELECT * FROM wide WHERE report_id = ?", row[3:]).fetchall(),
                connection.execute("SELECT * FROM reports WHERE id = ?", row[3:]).fetchall(),
            )
            for row in picked
        ]

    for row in picked[:50]:
        found = connection.execute("SELECT report_id FROM latest WHERE agency = ? AND year = ?", row[1:3]).fetchall()
        assert found == [row[3:]]
    ways = {
        "by agency and year": through("agency = ? AND year = ?", 1, 2),
        "by agency_id and year": through("agency_id = ? AND year = ?", 0, 2),
        "by report_id": through("report_id = ?", 3),
    }
    return [
        _against(f"one report through `latest` {way} (ms for {len(picked):,})", job, "bare rows", bare, _FETCH_LIMIT)
        for way, job in ways.items()
    ]


def question_results(archive: Archive, file: Path) -> list[Result]:
    """Questions to all reports, against DuckDB with two threads on a Parquet file of the same figures."""
    archive_parquet.export(archive, file)
    duck = archive_parquet.connect()
    against = f"DuckDB, {archive_parquet.THREADS} threads"

    def through_view() -> object:
        return archive.query(
            "SELECT year, count(*), count(*) FILTER (WHERE change <> 0), sum(change), max(change) FROM changes"
            " WHERE figure = ? GROUP BY year ORDER BY year",
            (FIGURE,),
        )

    def through_latest() -> object:
        return archive.query(
            "SELECT w.year, count(*), count(*) FILTER (WHERE w.applications_new_total <> y.applications_new_total),"
            " sum(w.applications_new_total - y.applications_new_total),"
            " max(w.applications_new_total - y.applications_new_total)"
            " FROM latest w JOIN latest y ON y.agency_id = w.agency_id AND y.year = w.year - 1"
            " GROUP BY w.year ORDER BY w.year"
        )

    def by_number() -> object:
        return archive_parquet.changes(duck, file, FIGURE)

    def by_id() -> object:
        return archive_parquet.changes(duck, file, FIGURE, "key")

    def same(ours: Callable[[], object], theirs: Callable[[], object]) -> None:
        if ours() != theirs():
            raise AssertionError("DuckDB answers otherwise")

    results = []
    for what, job, theirs in (
        ("view `changes`", through_view, by_number),
        ("`latest` joined with itself by agency_id", through_latest, by_id),
    ):
        same(job, theirs)
        what = f"{FIGURE} year on year, {what} (ms)"
        results.append(_against(what, job, against, theirs, _DUCKDB_LIMIT))
    for rule in RULES:
        ours = partial(_broken, archive, rule)
        theirs = partial(archive_parquet.broken, duck, file, dict(archive.forms), rule)
        same(ours, theirs)
        what = f"{rule}, all reports, {len(_broken(archive, rule)):,} broken (ms)"
        results.append(_against(what, ours, against, theirs, _DUCKDB_LIMIT))
    return results


def _broken(archive: Archive, rule: str) -> list[tuple[str, int, str]]:
    return sorted(one[1:] for one in breaches(archive, only={rule}))


def _against(what: str, ours: Job, against: str, theirs: Job, limit: float) -> Result:
    """Time on the clock, since DuckDB works with several threads; the passes of both interleaved."""
    mine, base = [], []
    for _ in range(_PASSES):
        for job, taken in ((ours, mine), (theirs, base)):
            started = time.perf_counter()
            job()
            taken.append((time.perf_counter() - started) * 1e3)
    ratio = statistics.median(a / b for a, b in zip(mine, base, strict=True))
    goal = f"at most {limit:g}x"
    return Result(what, statistics.median(mine), against, statistics.median(base), ratio, goal, ratio <= limit)


def main() -> int:
    options = argparse.ArgumentParser(description="Measure the archive at the size of the country.")
    options.add_argument("--reports", type=int, default=1_000_000)
    options.add_argument("--without-search", action="store_true", help="leave out the prose of 100,000 reports")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nianbao-bench-") as name:
        folder = Path(name)
        path = folder / "nianbao.db"
        with Archive.open(path) as archive:
            results = archive_storing.results(archive, folder, chosen.reports)
            results += size_results(archive)
            results += fetch_results(archive)
            results += question_results(archive, folder / "figures.parquet")
        (folder / "figures.parquet").unlink()
        results += archive_commands.results(path, folder)
    if not chosen.without_search:
        results += search_bench.results()
    show(results, f"An archive of {chosen.reports:,} reports; ratios, measured side by side in this run")
    return int(not all(r.met for r in results))


if __name__ == "__main__":
    sys.exit(main())
