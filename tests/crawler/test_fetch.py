"""What the fetcher decides by itself: budget, redirects, retries, refusals. The network is a function handed in."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadTimeoutError
from scrapy.http import Response

from crawler.clock import clock_from
from crawler.errors import ContactError, CrawlError, CrawlStopped
from crawler.fetch import Fetched, Fetcher
from crawler.outcomes import Signs, judge
from crawler.portal import Column, Portal
from crawler.settings import scrapy_settings, user_agent
from db.archive import Archive

HOST = "http://127.0.0.1:8000"
NOW = datetime(2024, 4, 1, tzinfo=UTC)
Pages = dict[str, tuple[int, dict[str, str], bytes]]


def portal(**options: object) -> Portal:
    return Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "static_list",
            "allowed_hosts": ["127.0.0.1:8000"],
            "columns": [Column(url=f"{HOST}/nb/")],
            **options,
        }
    )


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        yield opened


class Network:
    """Answers by URL; `asked` is what was requested. A page that is not there is a 404, a status of 0 a timeout."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        status, headers, body = self.pages.get(request.url.removeprefix(HOST), (404, {}, b"nothing"))
        if status == 0:
            raise DownloadTimeoutError
        return Response(request.url, status=status, headers=headers, body=body)

    def paths(self) -> list[str]:
        return [request.url.removeprefix(HOST) for request in self.asked]


def fetcher(archive: Archive, pages: Pages, **options: object) -> tuple[Fetcher, Network]:
    network = Network(pages)
    return Fetcher(portal(**options), archive, lambda: NOW, "nianbao/1", network, lambda requests, url: None), network


def get(fetcher: Fetcher, path: str) -> Fetched:
    return asyncio.run(fetcher.get(HOST + path))


def test_redirects_are_followed_within_the_allowed_hosts(archive: Archive) -> None:
    pages: Pages = {
        "/a": (301, {"Location": "/b/"}, b""),
        "/b/": (200, {"Content-Type": "text/html; charset=gbk"}, b"<p>here"),
        "/out": (302, {"Location": "http://127.0.0.1:9000/"}, b""),
        "/loop": (302, {"Location": "/loop"}, b""),
    }
    asker, network = fetcher(archive, pages)
    fetched = get(asker, "/a")
    assert (fetched.answer.final, fetched.body, fetched.answer.charset) == (HOST + "/b/", b"<p>here", "gbk")
    assert fetched.sha256 is not None and archive.get_document(fetched.sha256) == b"<p>here"
    out = get(asker, "/out")
    assert (
        out.refusal is not None and out.refusal.outcome == "unknown" and "127.0.0.1:9000" in str(out.refusal.evidence)
    )
    loop = get(asker, "/loop")
    assert loop.refusal is not None and loop.refusal.outcome == "failed" and "redirects" in str(loop.refusal.evidence)
    assert all(request.url.startswith(HOST) for request in network.asked)


def test_budget_counts_everything_and_stops_the_crawl(archive: Archive) -> None:
    asker, network = fetcher(archive, {}, daily_budget=3)
    get(asker, "/1")
    get(asker, "/2")
    with pytest.raises(CrawlStopped, match="budget of 3 requests is used up"):
        get(asker, "/3")
    assert network.paths() == ["/robots.txt", "/1", "/2"]


@pytest.mark.parametrize("status", [429, 503, 500, 0])
def test_retries_are_few(archive: Archive, status: int) -> None:
    asker, network = fetcher(archive, {"/x": (status, {}, b"")})
    fetched = get(asker, "/x")
    verdict = judge(fetched.answer, "list", Signs(False))
    assert network.paths().count("/x") == 3
    assert verdict.outcome == ("blocked" if status in (429, 503) else "failed")
    assert verdict.evidence == (f"status {status}" if status else "no answer within 30 s")


@pytest.mark.parametrize("wait", ["3600", "Mon, 01 Apr 2024 01:00:00 GMT"])
def test_a_long_retry_after_is_honoured_by_not_asking_again(archive: Archive, wait: str) -> None:
    asker, network = fetcher(archive, {"/x": (503, {"Retry-After": wait}, b"")})
    get(asker, "/x")
    assert network.paths().count("/x") == 1


def test_a_portal_that_keeps_refusing_is_left_alone(archive: Archive) -> None:
    asker, network = fetcher(archive, {f"/{n}": (403, {}, b"no") for n in range(9)})
    with pytest.raises(CrawlStopped, match="5 times in a row"):
        for number in range(9):
            fetched = get(asker, f"/{number}")
            asker.record(fetched, "detail", judge(fetched.answer, "detail", Signs(False)))
    assert network.paths() == ["/robots.txt", "/0", "/1", "/2", "/3", "/4"]


def test_a_lost_document_is_asked_for_unconditionally(archive: Archive) -> None:
    pages: Pages = {"/x": (200, {"ETag": '"1"'}, b"<p>x")}
    asker, network = fetcher(archive, pages)
    fetched = get(asker, "/x")
    asker.record(fetched, "list", judge(fetched.answer, "list", Signs(True)))
    archive.documents.path(str(fetched.sha256)).unlink()
    again = get(asker, "/x")
    assert b"If-None-Match" not in network.asked[-1].headers
    assert again.body == b"<p>x" and archive.get_document(str(again.sha256)) == b"<p>x"


def test_proxies_come_from_the_portal_file_alone(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://ambient.invalid:1")
    monkeypatch.setenv("LIUXI_PROXY", "http://named.invalid:2")
    for options, proxy in (({}, None), ({"proxy": "LIUXI_PROXY"}, "http://named.invalid:2")):
        asker, network = fetcher(archive, {}, **options)
        get(asker, "/x")
        assert {request.meta["proxy"] for request in network.asked} == {proxy}


def test_nobody_but_loopback_is_asked_anonymously() -> None:
    outside = portal(allowed_hosts=["www.example.gov.cn"], columns=[Column(url="https://www.example.gov.cn/")])
    assert user_agent("watch@example.org", outside).endswith(" (+contact: watch@example.org)")
    for contact, sentence in (
        (None, "no contact address is set"),
        ("me", "neither an e-mail"),
        ("a@b.cn\nX: y", "neither"),
    ):
        with pytest.raises(ContactError, match=sentence):
            user_agent(contact, outside)
    assert "contact" not in user_agent(None, portal())


def test_virtual_time_only_on_loopback() -> None:
    outside = portal(allowed_hosts=["www.example.gov.cn"], columns=[Column(url="https://www.example.gov.cn/")])
    with pytest.raises(CrawlError, match="only for portals on loopback"):
        clock_from(NOW, outside)
    with pytest.raises(CrawlError, match="has no zone"):
        clock_from(datetime(2024, 4, 1), portal())
    clock = clock_from(NOW, portal())
    assert NOW <= clock() <= clock()


def test_settings_are_polite_and_closed() -> None:
    outside = portal(
        allowed_hosts=["www.example.gov.cn"], columns=[Column(url="https://www.example.gov.cn/")], delay_s=4.0
    )
    settings = scrapy_settings(outside, "nianbao/1")
    assert settings["DOWNLOAD_SLOTS"]["portal"] == {"concurrency": 1, "delay": 4.0, "jitter": 0}
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert not settings["TELNETCONSOLE_ENABLED"] and not settings["REMOTE_CONTROL_ENABLED"]
    assert scrapy_settings(portal(), "nianbao/1")["DOWNLOAD_DELAY"] == 0
