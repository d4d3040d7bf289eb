"""Chromium's process: it is found or asked for, it may die, and it never outlives its crawl."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from crawler.asking.browser_process import NOT_THERE, find_chromium
from crawler.errors import CrawlError
from crawler.run import Stop, crawl_portal
from crawler.summary import CrawlSummary
from db.archive import Archive
from tests.crawler.browser_site import (
    Site,
    chromium_of,
    columns,
    crawl_process,
    left_behind,
    row,
    serve,
    why_no_browser,
)

needs_browser = pytest.mark.skipif(bool(why_no_browser()), reason=why_no_browser() or "-")


class Crawling:
    """A crawl in a thread, to be watched from outside; `summary` is there once it was joined."""

    def __init__(self, site: Site, folder: Path, *paths: str) -> None:
        self.stop = Stop()
        self.summary = CrawlSummary("liuxi")
        portal = site.portal(*paths, browser={"timeout_s": 20.0})

        def run() -> None:
            self.summary = crawl_portal(portal, folder / "a.db", contact=None, stop=self.stop, log_file=folder / "log")

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive(), "the crawl does not end"


@pytest.fixture
def site() -> Iterator[Site]:
    """Two lists, each of which waits for its rows, which do not come."""
    with serve() as made:
        for name in ("one", "two"):
            script = f"fetch('/rows-{name}').then(a => a.text()).then(t => document.body.innerHTML += t)"
            made.put(f"/{name}/", f"<html><body><script>{script}</script></body></html>")
            made.put(f"/rows-{name}", f"<ul>{row(1)}</ul>")
        made.held |= {"/rows-one", "/rows-two"}
        yield made


@needs_browser
def test_killed_chromium_and_sigterm(site: Site, tmp_path: Path) -> None:
    """A Chromium that dies fails its page, and the next one has another; SIGTERM in the midst leaves nothing."""
    crawling = Crawling(site, tmp_path, "/one/", "/two/")
    site.wait_for("/rows-one")
    crawl = crawl_process()
    everything = crawl.children(recursive=True)
    killed = chromium_of(crawl)
    killed.kill()
    assert left_behind([killed]) == []
    site.release("/rows-one")  # a host is asked for one thing at a time
    site.wait_for("/rows-two")
    everything += crawl.children(recursive=True)
    crawling.stop.set()
    crawling.join()
    assert left_behind(everything) == []
    with Archive.open(tmp_path / "a.db") as archive:
        found = columns(archive)
    assert found["/one/"][0] == "failed" and "in the browser" in (found["/one/"][1] or "")
    assert "broken off before its end" in crawling.summary.errors[-1]
    log = (tmp_path / "log").read_text()
    assert log.count('"event": "browser"') == 2
    assert "Traceback" not in log and "never retrieved" not in log


@needs_browser
def test_nothing_outlives_a_killed_crawl(site: Site, tmp_path: Path) -> None:
    crawling = Crawling(site, tmp_path, "/one/", "/two/")
    site.wait_for("/rows-one")
    crawl = crawl_process()
    everything = crawl.children(recursive=True)
    assert len(everything) >= 2, "a driver and a browser"
    crawl.kill()
    crawling.join()
    assert left_behind(everything) == []
    assert "/two/" not in site.paths()


@needs_browser
def test_a_chromium_that_does_not_start(site: Site, tmp_path: Path) -> None:
    """It is said once, in words, and nobody waits for it."""
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    summary = crawl_portal(site.portal("/two/"), tmp_path / "a.db", contact=None, chromium=str(broken))
    with Archive.open(tmp_path / "a.db") as archive:
        outcome, evidence, _ = columns(archive)["/two/"]
    assert outcome == "failed" and f"Chromium ({broken}) does not start" in (evidence or "")
    assert summary.outcome == "failed"
    assert not [p for p in psutil.Process().children(recursive=True) if "playwright" in " ".join(p.cmdline())]


def test_no_chromium(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(CrawlError, match=r"'chrom' in config\.toml is no program"):
        find_chromium("chrom")
    summary = crawl_portal(site.portal("/two/"), tmp_path / "a.db", contact=None)
    assert (summary.outcome, summary.errors) == ("failed", [f"liuxi: {NOT_THERE}"])
    assert site.asked == [], "the portal is not asked in vain"
    name = tmp_path / "google-chrome"
    name.write_text("#!/bin/sh\n")
    name.chmod(0o755)
    assert find_chromium() == str(name)
