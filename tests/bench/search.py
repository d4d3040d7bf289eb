"""Search over the prose of 100,000 reports: size of the index, time of a search against a LIKE scan of the same text.

`python -m tests.bench.search [COUNT]` runs this alone: some three minutes, nearly all of it for writing the reports.
"""

import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from db.archive import Archive
from db.searching import search
from db.searching.folding import fold
from tests.bench.measure import Result
from tests.bench.prose import ReportProse, prose

COUNT = 100_000
_BATCH = 1_000  # reports of one transaction, as a first load writes them
_WORDS = 101  # of each length, drawn from the prose, so that common ones come more often
_SCANNED = 5  # of them are looked for by LIKE as well
_LENGTHS = (1, 2, 4)
_LARGEST_BYTES, _LONGEST_MS, _LARGEST_MB = 1.2, 50.0, 300.0
# The same answer without an index.
_SCAN = """SELECT DISTINCT r.id FROM sections s JOIN reports r ON r.id = s.report_id JOIN wide w ON w.report_id = r.id
  WHERE (s.text LIKE '%' || ?1 || '%' OR s.heading LIKE '%' || ?1 || '%' OR r.title LIKE '%' || ?1 || '%')
  AND w.is_latest = 1 ORDER BY r.year DESC, r.id LIMIT 20"""
# The kernel's own mark of the highest memory of a command; see tests/bench/__main__.py.
_PEAK = """
import pathlib, sys
from monitor.cli import main
try:
    main(sys.argv[1:], standalone_mode=False)
except SystemExit as end:
    if end.code:
        raise
lines = pathlib.Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), file=sys.stderr)
"""


def results(count: int = COUNT) -> list[Result]:
    """Every goal of the search, measured on an archive that is made for it and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nianbao.db"
        with Archive.open(path) as archive:
            characters, different = _fill(archive, count)
            written = _index_bytes(archive) / characters
            with archive.write() as connection:
                search.optimize(connection)
            optimized = _index_bytes(archive) / characters
            times = [_times(archive, count, length) for length in _LENGTHS]
        peak = _peak(path)
    variety = different / characters
    what = f"prose of {count:,} reports, {characters / count:,.0f} characters each"
    return [
        Result(
            f"{what}: different characters and pairs per character", variety, "", 0.0, variety,
            "0.7 to 1.0, as in real reports", 0.7 <= variety <= 1.0,
        ),
        _size("index as it was written (bytes per character)", written),
        _size("index after optimize (bytes per character)", optimized),
        *times,
        Result("peak memory of `nianbao search --count` (MB)", peak, "", 0.0, peak, "under 300 MB", peak < _LARGEST_MB),
    ]  # fmt: skip


def _size(what: str, size: float) -> Result:
    return Result(what, size, "", 0.0, size, "at most 1.2", size <= _LARGEST_BYTES)


def _fill(archive: Archive, count: int) -> tuple[int, int]:
    """Write the reports; how many characters they have, and how many different characters and pairs, each report's
    counted for itself."""
    characters = different = number = 0
    reports = prose(count)
    while number < count:
        with archive.write() as connection:
            for _ in range(min(_BATCH, count - number)):
                number += 1
                report = next(reports)
                _put(connection, number, report)
                characters += report.characters
                if number % 100 == 1:
                    texts = [fold(text) for text in _texts(report)]
                    tokens = {text[at : at + n] for text in texts for n in (1, 2) for at in range(len(text) - n + 1)}
                    different += len(tokens) * min(100, count - number + 1)
    return characters, different


def _texts(report: ReportProse) -> list[str]:
    return [text for section in report.sections for text in section]


def _put(connection: sqlite3.Connection, number: int, report: ReportProse) -> None:
    """One report with its prose and a row of figures that are all missing."""
    key, name, year = f"?:{number}", report.title[:8], 2015 + number % 10
    if number == 1:
        connection.execute("INSERT INTO documents (sha256, size, first_seen_at) VALUES ('', 1, '2024')")
    connection.execute("INSERT INTO agency_keys (no, key, name) VALUES (?, ?, ?)", (number, key, name))
    connection.execute(
        "INSERT INTO reports (id, agency_key, agency, year, source, url, revision, is_current, sha256, first_seen_at,"
        " last_seen_at, content, numbers, media, title)"
        " VALUES (?, ?, ?, ?, 'city', ?, 1, 1, '', '2024', '2024', '', 0, 'html', ?)",
        (number, key, name, year, f"https://city.example/{number}", report.title),
    )
    connection.execute(
        "INSERT INTO wide (report_id, agency_no, year, is_latest) VALUES (?, ?, ?, 1)", (number, number, year)
    )
    connection.executemany(
        "INSERT INTO sections (report_id, position, number, heading, text) VALUES (?, ?, ?, ?, ?)",
        [(number, position, position + 1, *section) for position, section in enumerate(report.sections)],
    )
    search.index(connection, number, report.title, _texts(report))


def _index_bytes(archive: Archive) -> int:
    ((size,),) = archive.query("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'report_search_%'")
    return int(size)


def _times(archive: Archive, count: int, length: int) -> Result:
    """Median milliseconds on the clock of a search for words of a length, and of a scan for some of the same words."""
    words = _words(archive, count, length)
    ours, scans, ratios = [], [], []
    for number, word in enumerate(words):
        started = time.perf_counter()
        found = archive.search.find(word)
        taken = time.perf_counter() - started
        ours.append(taken)
        if number < _SCANNED:
            started = time.perf_counter()
            scanned = archive.query(_SCAN, (word,))
            scans.append(time.perf_counter() - started)
            ratios.append(scans[-1] / taken)
            assert [hit.report_id for hit in found.hits] == [report_id for (report_id,) in scanned], word
    median = statistics.median(ours) * 1e3
    return Result(
        f"search for {length} characters, {count:,} reports (ms, median)", median, "LIKE over the same text",
        statistics.median(scans) * 1e3, statistics.median(ratios), "under 50 ms", median < _LONGEST_MS,
    )  # fmt: skip


def _words(archive: Archive, count: int, length: int) -> list[str]:
    """Words of Chinese characters from anywhere in the prose."""
    dice = random.Random(length)
    words: list[str] = []
    while len(words) < _WORDS:
        ((text,),) = archive.query(
            "SELECT text FROM sections WHERE report_id = ? AND position = ?",
            (dice.randint(1, count), dice.randrange(6)),
        )
        start = dice.randrange(max(1, len(text) - length))
        word = text[start : start + length]
        if len(word) == length and all("\u4e00" <= character <= "\u9fff" for character in word):
            words.append(word)
    return words


def _peak(path: Path) -> float:
    """Highest memory of a search that looks into very many reports and shows a thousand."""
    arguments = ["search", "公开申请", "--count", "--limit", "1000", "--json", "--archive", str(path)]
    done = subprocess.run([sys.executable, "-c", _PEAK, *arguments], check=True, capture_output=True, text=True)
    return float(done.stderr.split()[-1])


if __name__ == "__main__":
    for result in results(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT):
        theirs = f", {result.against} {result.floor:.1f}: {result.ratio:.0f}x faster" if result.against else ""
        print(f"{result.what}: {result.ours:.2f}{theirs}; goal {result.goal}: {'met' if result.met else 'MISSED'}")
