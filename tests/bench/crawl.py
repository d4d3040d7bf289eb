"""The crawl against a bare Scrapy spider, what a second crawl costs, and the memory of a long one."""

import json
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psutil

from crawler.portal import Portal
from crawler.run import crawl_portal
from crawler.summary import CrawlSummary
from tests.bench.crawl_server import PER_PAGE
from tests.bench.measure import Result

PAGES = 2_000
MANY_PAGES = 20_000
CONNECTIONS = 8
PASSES = 5
_WANTED = 0.7


@contextmanager
def served(count: int) -> Iterator[str]:
    """The address of a server with a column of so many reports, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.crawl_server", str(count)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield f"127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.terminate()
        server.communicate()


def crawl(host: str, count: int, archive: Path, *, again: bool = False) -> tuple[CrawlSummary, float]:
    """Crawl what is served there, with the real child process; the summary, and its peak memory in MB."""
    portal = Portal(
        id="bench",
        name="柳溪县人民政府",
        platform="static_list",
        allowed_hosts=[host],
        columns=[{"url": f"http://{host}/nb/index.html"}],
        delay_s=0.0,
        connections=CONNECTIONS,
        daily_budget=100_000,
        max_pages=count // PER_PAGE + 1,
    )
    peak = _Peak()
    summary = crawl_portal(
        portal, archive, contact=None, on_progress=peak, log_file=archive.with_suffix(".log"), again=again
    )
    if summary.outcome != "ok" or summary.reports != count:
        tail = archive.with_suffix(".log").read_text("utf-8")[-2000:]
        raise RuntimeError(f"the crawl did not go through: {summary}\n{tail}")
    return summary, peak.mb


class _Peak:
    """The highest memory of the child, by the kernel's own mark; asked at each sign of progress."""

    def __init__(self) -> None:
        self.mb = 0.0

    def __call__(self, message: dict[str, object]) -> None:
        children = psutil.Process().children()
        found = next(process for process in children if "crawler.child" in process.cmdline())
        lines = Path(f"/proc/{found.pid}/status").read_text().splitlines()
        self.mb = next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), self.mb)


def bytes_sent(host: str) -> int:
    """What the server has sent since it was asked last."""
    with urllib.request.urlopen(f"http://{host}/_sent") as answer:
        return int(json.load(answer)[1])


def bare_rate(host: str) -> float:
    """Pages a second of a bare Scrapy spider, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bare_spider", f"http://{host}/nb/index.html", str(CONNECTIONS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    pages, seconds = done.stdout.split()
    if int(pages) != PAGES:
        raise RuntimeError(f"the bare spider got {pages} of {PAGES} pages")
    return int(pages) / float(seconds)


def rate(summary: CrawlSummary) -> float:
    """Report pages a second of a crawl, its lists included."""
    if summary.started_at is None or summary.ended_at is None:
        raise RuntimeError(f"the crawl has no times: {summary}")
    took = datetime.fromisoformat(summary.ended_at) - datetime.fromisoformat(summary.started_at)
    return summary.reports / took.total_seconds()


def results(passes: int = PASSES) -> list[Result]:
    """Speed beside the bare spider, in turns; then what the same portal costs a second time; then memory."""
    ours, bare, peaks = [], [], []
    with tempfile.TemporaryDirectory() as folder, served(PAGES) as host:
        for number in range(passes):
            archive = Path(folder) / f"{number}.db"
            bare.append(bare_rate(host))
            bytes_sent(host)
            summary, peak = crawl(host, PAGES, archive)
            first = bytes_sent(host)
            ours.append(rate(summary))
            peaks.append(peak)
        crawl(host, PAGES, archive)
        second = bytes_sent(host)
        crawl(host, PAGES, archive, again=True)
        again = bytes_sent(host)
    with tempfile.TemporaryDirectory() as folder, served(MANY_PAGES) as host:
        _, many = crawl(host, MANY_PAGES, Path(folder) / "many.db")
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    few = statistics.median(peaks)
    speed = Result(
        f"crawl of {PAGES} pages (pages/s)",
        statistics.median(ours),
        "bare Scrapy, stores nothing",
        statistics.median(bare),
        ratio,
        f"at least {_WANTED:g}",
        ratio >= _WANTED,
    )
    return [
        speed,
        _less("second crawl, unchanged (KB)", second / 1e3, "first crawl", first / 1e3, 0.1),
        _less("all pages seen again, unchanged (KB)", again / 1e3, "first crawl", first / 1e3, 0.1),
        _less(f"peak memory, {MANY_PAGES} pages (MB)", many, f"{PAGES} pages", few, 1.1),
    ]


def _less(what: str, ours: float, against: str, theirs: float, limit: float) -> Result:
    return Result(what, ours, against, theirs, ours / theirs, f"at most {limit:g}", ours / theirs <= limit)


if __name__ == "__main__":
    for result in results(int(sys.argv[1]) if len(sys.argv) > 1 else PASSES):
        print(result)
