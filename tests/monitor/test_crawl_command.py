"""`nianbao crawl`: its one line for people, the reports that did not come, and what stands on standard error."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.summary import CrawlSummary
from monitor.commands.common import printable
from monitor.commands.crawl import _in_words
from tests.crawler.small_site import detail, html, row, serve


def test_what_a_crawl_says(tmp_path: Path) -> None:
    """A report that is gone and one that is forbidden: still ok, but it is said; the log is ours alone."""
    with serve() as site:
        site.pages = {
            "/robots.txt": (200, {}, b"User-agent: *\nDisallow: /nb/c.html"),
            "/nb/": html(f"<ul>{row('a.html', '财政局')}{row('b.html', '水利局')}{row('c.html', '审计局')}</ul>"),
            "/nb/a.html": detail("财政局"),
        }
        (tmp_path / "portals").mkdir()
        (tmp_path / "portals" / "liuxi.toml").write_text(
            f'name = "柳溪县人民政府"\nplatform = "static_list"\nallowed_hosts = ["{site.host}"]\n'
            f'[[columns]]\nurl = "http://{site.host}/nb/"\n',
            "utf-8",
        )
        (tmp_path / "config.toml").write_text('portals = ["portals"]\n', "utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "monitor", "crawl", "--config", str(tmp_path / "config.toml")],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        host = site.host
    assert done.returncode == 0, done.stderr
    out = done.stdout.strip()
    assert out.startswith("liuxi: ok; ") and out.endswith(", 3 reports listed, 1 new document")
    assert "robots.txt" not in out
    said = [line for line in done.stderr.splitlines() if line.startswith("nianbao: ")]
    logged = [json.loads(line) for line in done.stderr.splitlines() if not line.startswith("nianbao: ")]
    (sentence,) = said
    assert "2 listed reports did not come (" in sentence and f"the first: http://{host}/nb/" in sentence
    assert "1 gone" in sentence and "1 forbidden by robots.txt" in sentence
    assert {line["logger"] for line in logged} == {"crawler"}
    assert {line["event"] for line in logged} == {"visit", "column", "trouble"}


@pytest.mark.parametrize(
    ("summary", "words"),
    [
        (
            CrawlSummary("a", "ok", 2, {"ok": 1}, {"gone": 1}, reports=1, new_documents=1),
            "a: ok; 1 visit (1 ok) with 2 requests, 1 report listed, 1 new document",
        ),
        (
            CrawlSummary("a", "partial", 1, robots={"failed": 1}, left=1, resumed=True),
            "a: partial; 0 visits with 1 request, robots.txt: failed, 0 reports listed, 0 new documents, "
            "1 address left to the next crawl; gone on with a crawl that was broken off, counted since then",
        ),
    ],
)
def test_one_line_for_people(summary: CrawlSummary, words: str) -> None:
    assert _in_words(summary) == words


def test_printable() -> None:
    assert printable("柳溪县\t水利局\n2023") == "柳溪县\t水利局\n2023"
    assert printable("a\x1b]0;b\x07c\x9b31md\u202ee\ud800") == "a�]0;b�c�31md�e�"
    assert not any(character < " " or "\x7f" <= character < "\xa0" for character in printable("\x00\r\x08\x7f\x85"))
