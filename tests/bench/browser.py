"""What Chromium costs in memory: pages that scripts fill, four at a time, in a crawl as the commands start it."""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil

from crawler.portal import Column, Portal
from crawler.run import crawl_portal
from tests.bench.measure import Result

PAGES = 200
AT_A_TIME = 4
_MB = 1024 * 1024
_LARGEST_MB = 1000
_GROWTH = 1.1  # last quarter to second quarter; in the first one Chromium is still starting
_EVERY_S = 0.25
_TITLE = "柳溪县第{n}局2023年政府信息公开工作年度报告"
# A page of ordinary size: some thousand elements that a script makes, some MB of objects that it holds.
_FILL = """
const kept = [], zoom = document.getElementById('zoom');
for (let n = 0; n < 1500; n++) {
  const line = document.createElement('p');
  line.textContent = '一、总体情况。本机关认真贯彻落实《中华人民共和国政府信息公开条例》。' + n;
  zoom.append(line); kept.push('x'.repeat(1000) + n);
}
window.kept = kept;
fetch('/more.json').then(answer => answer.json()).then(rows => { zoom.dataset.rows = rows.length; });
"""


@contextmanager
def served() -> Iterator[str]:
    """host:port of a portal whose reports are filled by a script."""
    rows = "".join(
        f'<li><a href="d{n}.html">{_TITLE.format(n=n)}</a><span>2024-01-26</span></li>' for n in range(PAGES)
    )
    pages = {"/nb/": f"<html><body><ul>{rows}</ul></body></html>", "/more.json": str(list(range(5000)))}
    for n in range(PAGES):
        inside = f"<h1>{_TITLE.format(n=n)}</h1><div id=zoom></div><script src=/fill.js></script>"
        pages[f"/nb/d{n}.html"] = f"<html><body>{inside}</body></html>"
    pages["/fill.js"] = _FILL

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            body = (page or "").encode()
            self.send_response(404 if page is None else 200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Memory:
    """Watches the crawl and all that it starts. samples: (seconds, MB); a page that several processes share is counted
    once (PSS)."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_EVERY_S):
            crawls = [child for child in psutil.Process().children() if _is_crawl(child)]
            size = sum(_pss(process) for crawl in crawls for process in (crawl, *_below(crawl)))
            if any(_is_browser(process) for crawl in crawls for process in _below(crawl)):
                self.samples.append((time.monotonic(), size / _MB))

    def quarter(self, number: int) -> float:
        """The median of the first (1) to the last (4) quarter of the time with a browser."""
        begin, end = self.samples[0][0], self.samples[-1][0]
        edges = [begin + (end - begin) * share / 4 for share in (number - 1, number)]
        return statistics.median(size for at, size in self.samples if edges[0] <= at <= edges[1])


def _is_crawl(process: psutil.Process) -> bool:
    try:
        return "crawler.child" in process.cmdline()
    except psutil.Error:
        return False


def _is_browser(process: psutil.Process) -> bool:
    try:
        return "--type=renderer" in process.cmdline()
    except psutil.Error:
        return False


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def results() -> list[Result]:
    """Peak memory of crawl, driver and Chromium together, and whether it grows."""
    with served() as host, tempfile.TemporaryDirectory() as folder:
        portal = Portal.model_validate(
            {
                "id": "bench",
                "name": "柳溪县人民政府",
                "platform": "static_list",
                "allowed_hosts": [host],
                "columns": [Column(url=f"http://{host}/nb/")],
                "connections": AT_A_TIME,
                "daily_budget": 10 * PAGES,
                "fetch": "browser",
                "browser": {"pages": "all"},
            }
        )
        with Memory() as memory:
            summary = crawl_portal(portal, Path(folder) / "a.db", contact=None, log_file=Path(folder) / "log")
    if summary.visits != {"ok": PAGES + 1} or summary.outcome != "ok":
        raise RuntimeError(f"the browser did not show {PAGES} pages: {summary}")
    peak = max(size for _, size in memory.samples)
    second, last = memory.quarter(2), memory.quarter(4)
    return [
        Result(
            f"Chromium, {PAGES} pages, {AT_A_TIME} at a time, peak (MB)",
            peak,
            "",
            0.0,
            peak,
            f"under {_LARGEST_MB} MB",
            peak < _LARGEST_MB,
        ),
        Result(
            "the same, last quarter (MB)",
            last,
            "second quarter",
            second,
            last / second,
            f"at most {_GROWTH:g}",
            last / second <= _GROWTH,
        ),
    ]


if __name__ == "__main__":
    for result in results():
        print(result)
