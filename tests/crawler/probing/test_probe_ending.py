"""What cannot be read ends in one sentence that says what to do."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.probing.ending import of_this_look, sentence_of
from crawler.probing.guarded import what_to_do
from crawler.probing.order import ProbeOrder
from crawler.probing.recognise import Platforms
from crawler.probing.result import Probe
from crawler.probing.search import Search, Way
from crawler.sandbox.portal_site import Answer, Request
from tests.crawler.probing.looking import ORIGIN, PORTAL, SiteAsking

WHEN = datetime(2024, 2, 20, tzinfo=UTC)
NEWS = "".join(f'<li><a href="{n}.html">柳溪县召开第{n}次会议</a><span>2024-01-0{n}</span></li>' for n in range(1, 9))
PAGES = {
    "/": (200, '<title>柳溪县人民政府</title><a href="/news/">要闻</a>'),
    "/news/": (200, f"<title>通知公告_柳溪县人民政府</title><ul>{NEWS}</ul>"),
    "/a.pdf": (200, "%PDF-1.4 …"),
    "/blocked/": (412, "<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script>"),
    "/empty/": (200, ""),
    "/vue/": (200, "<title>政府信息公开年报</title><div id='app'></div><script src=app.js></script>"),
    "/elsewhere/": (200, '<title>柳溪县</title><a href="http://xxgk.liuxi.gov.cn/">政府信息公开年报</a>'),
    "/sent/": (200, "<script>location.href='http://xxgk.liuxi.gov.cn/'</script>"),
    "/circle/": (200, "<script>location.href='/circle2/'</script>"),
    "/circle2/": (200, "<script>location.href='/circle/'</script>"),
    "/guarded/": (200, '<title>柳溪县</title><a href="/blocked/">政府信息公开年报</a>'),
    "/502/": (502, "bad gateway"),
}


def reply(request: Request) -> Answer | None:
    status, text = PAGES.get(request.path, (404, "<html>404</html>"))
    return Answer(text.encode(), "text/html", WHEN, status)


def ended(path: str) -> tuple[str, Way]:
    asking = SiteAsking(reply)
    way = asyncio.run(Search(ORIGIN + path, PORTAL, asking, Platforms(), 12).run())  # type: ignore[arg-type]
    order = ProbeOrder(url=ORIGIN + path, portal=PORTAL, archive=Path("a.db"))
    return sentence_of(order, way, [], Probe(order.url)), way


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", "no list of annual reports was found here (1 page was looked at)"),
        ("/news/", "no list of annual reports was found here"),
        ("/a.pdf", "is a PDF file, not a page; give the address of the list"),
        ("/blocked/", "the site refuses us (challenge: Ruishu); a guard stands in front of the site"),
        ("/gone/", "there is no such page (status 404)"),
        ("/empty/", "empty answer"),
        ("/vue/", 'fetch = "browser"'),
        ("/elsewhere/", "“政府信息公开年报” leads to another host, http://xxgk.liuxi.gov.cn/"),
        ("/sent/", "allow its host with --allow xxgk.liuxi.gov.cn"),
        (
            "/guarded/",
            "and no page came from there: blocked (challenge: Ruishu); a guard stands in front of the site; a browser",
        ),
        ("/circle/", "no list of annual reports was found here"),
        ("/502/", "no answer that could be used"),
    ],
)
def test_the_sentence(path: str, words: str) -> None:
    sentence, way = ended(path)
    assert words in sentence
    assert not way.columns and len(way.pages) <= 2


def test_what_is_to_be_done_about_a_block() -> None:
    assert "try again in an hour" in what_to_do("status 429")
    assert "robots.txt forbids is not fetched" in what_to_do("forbidden by robots.txt")
    for why in ("challenge: cookie shell", "status 412", "status 403"):
        assert "see “Logins and blocks” in docs/portals.md; write to the site, or leave it out" in what_to_do(why)


def test_why_a_list_was_not_read_to_its_end() -> None:
    order = ProbeOrder(url=ORIGIN, portal=PORTAL, archive=Path("a.db"), most=12)
    for why in (
        "probe: the budget of 12 requests is used up for 2024-02-20; …",
        "there are more than max_pages = 3 pages",
    ):
        assert "--most 24" in of_this_look(order, 12, why)
    assert of_this_look(order, 12, "status 404") == "status 404"
