"""Crawls that are ended from the keyboard, or whose parent dies: nothing more is asked, nobody is left behind, and the
next crawl goes on."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from monitor.crawling import ENDING
from tests.crawler.small_site import Page, Site, detail, html, row, serve

LONGEST_S = 8.0


class Held:
    """A site whose first report is not answered until it is released."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.asked = threading.Event()
        self.released = threading.Event()
        site.pages |= {f"/nb/d{n}.html": detail(f"第{n}局") for n in range(3)}
        site.pages |= {"/nb/": html(f"<ul>{''.join(row(f'd{n}.html', f'第{n}局') for n in range(2))}</ul>", ETag='"a"')}

    def hold(self, path: str) -> None:
        page = self.site.pages[path]

        def held(times: int) -> Page:
            if times == 1:
                self.asked.set()
                self.released.wait(30)
            assert not callable(page)
            return page

        self.site.pages[path] = held


@pytest.fixture
def held() -> Iterator[Held]:
    with serve() as site:
        made = Held(site)
        yield made
        made.released.set()


@contextmanager
def crawling(held: Held, folder: Path, *, more: str = "") -> Iterator["subprocess.Popen[str]"]:
    """`nianbao crawl` in a process group of its own, once the held page was asked for."""
    (folder / "portals").mkdir(exist_ok=True)
    text = (
        f'name = "柳溪县人民政府"\nplatform = "static_list"\nallowed_hosts = ["{held.site.host}"]\n{more}\n'
        f'[[columns]]\nurl = "http://{held.site.host}/nb/"\n'
    )
    (folder / "portals" / "liuxi.toml").write_text(text, "utf-8")
    (folder / "config.toml").write_text('portals = ["portals"]\n', "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor", "crawl", "--config", str(folder / "config.toml"), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def children(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    found = psutil.Process(process.pid).children()
    assert len(found) == 1, "one crawl is under way"
    return found


def is_clean(stderr: str) -> bool:
    return "Traceback" not in stderr and "Exception ignored" not in stderr


@pytest.mark.parametrize("path", ["/robots.txt", "/nb/", "/nb/d1.html"])
def test_interrupted_while_no_answer_comes(held: Held, tmp_path: Path, path: str) -> None:
    """However often it is pressed: one line, status 130, no further request, and the crawl's process is gone."""
    held.site.pages.setdefault("/robots.txt", (404, {}, b""))
    held.hold(path)
    with crawling(held, tmp_path) as process:
        assert held.asked.wait(20)
        left = children(process)
        asked, begun = len(held.site.asked), time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr is not None
        said = ""
        while ENDING not in said:
            said = process.stderr.readline()
        assert time.monotonic() - begun < 1.0, "said at once"
        for _ in range(3):
            os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=LONGEST_S)
        assert time.monotonic() - begun < LONGEST_S
    assert (process.returncode, out) == (130, "")
    assert is_clean(err) and ENDING not in err
    assert len(held.site.asked) == asked
    assert psutil.wait_procs(left, timeout=1)[1] == []
    assert crawl_again(held, tmp_path)["outcome"] == "ok"


def crawl_again(held: Held, folder: Path) -> dict[str, object]:
    held.released.set()
    with crawling(held, folder) as process:
        out, err = process.communicate(timeout=20)
    assert is_clean(err), err
    found: dict[str, object] = json.loads(out)
    return found


@pytest.mark.parametrize("more", ["", "delay_s = 60"])
def test_interrupted_before_an_answer_comes_keeps_it(held: Held, tmp_path: Path, more: str) -> None:
    """A list of two pages: the first comes after the signal, and the column is read to its end by the next crawl."""
    held.site.pages["/nb/"] = html(
        f"<ul>{row('d0.html', '第0局')}</ul><script>createPageHTML(2, 0, 'index', 'html');</script>"
    )
    held.site.pages["/nb/index_1.html"] = html(
        f"<ul>{row('d1.html', '第1局')}</ul><script>createPageHTML(2, 1, 'index', 'html');</script>"
    )
    first = "/robots.txt" if more else "/nb/"
    held.site.pages["/robots.txt"] = (404, {}, b"")
    held.hold(first)
    with crawling(held, tmp_path, more=more) as process:
        assert held.asked.wait(20)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stderr is not None
        while ENDING not in process.stderr.readline():
            pass
        asked = len(held.site.asked)
        held.released.set()
        process.communicate(timeout=LONGEST_S)
    assert (process.returncode, len(held.site.asked)) == (130, asked)
    held.site.asked = []
    again = crawl_again(held, tmp_path)
    assert (again["outcome"], again["resumed"], again["columns"]) == ("ok", True, {"ok": 1})
    assert held.site.times("/nb/") == (1 if more else 0), "what was kept is not asked for again"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_no_crawl_outlives_its_parent(held: Held, tmp_path: Path, number: signal.Signals) -> None:
    held.hold("/nb/d1.html")
    with crawling(held, tmp_path) as process:
        assert held.asked.wait(20)
        left = children(process)
        process.send_signal(number)
        process.wait()
        assert psutil.wait_procs(left, timeout=LONGEST_S)[1] == []
        assert process.stderr is not None
        assert is_clean(process.stderr.read())
