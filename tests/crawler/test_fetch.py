"""What the fetcher decides by itself: redirects, retries, robots.txt, refusals. The network is a function handed in, or
a server on loopback."""

import asyncio
import gzip
import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import DownloadConnectionRefusedError, DownloadTimeoutError
from scrapy.http import Response
from watched_server import download, serve

from crawler.asking.fetch import Fetched, Fetcher
from crawler.asking.network import Network as Way
from crawler.asking.network import host_of
from crawler.asking.retry import LONGEST_PUT_OFF, PAUSES_S, retry_after_s
from crawler.clock import clock_from
from crawler.errors import ContactError, CrawlError, CrawlStopped
from crawler.outcomes.verdict import Answer, Signs, Verdict, judge
from crawler.portal import Column, Portal
from crawler.run import crawl_portal
from crawler.settings import CrawlOptions, scrapy_settings, user_agent
from db.archive import Archive
from db.records import Look, Visit, VisitKind

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
        if status == -1:
            raise DownloadConnectionRefusedError
        return Response(request.url, status=status, headers=headers, body=body)

    def paths(self) -> list[str]:
        return [request.url.removeprefix(HOST) for request in self.asked]


def keep(archive: Archive, visit: Visit, fetched: Fetched) -> int:
    """Write down a visit and its document, as a crawl does."""
    if fetched.sha256 is not None and fetched.answer.body:
        archive.add_document_row(fetched.sha256, len(fetched.body), fetched.media, fetched.at)
    return archive.add_visit(visit)


def fetcher(archive: Archive, pages: Pages, **options: object) -> tuple[Fetcher, Network]:
    network = Network(pages)
    return asker_of(archive, portal(**options), network), network


def asker_of(archive: Archive, wanted: Portal, way: Callable[[Request], Any], **options: Any) -> Fetcher:
    def record(visit: Visit, fetched: Fetched) -> None:
        keep(archive, visit, fetched)

    return Fetcher(
        wanted,
        archive,
        lambda: NOW,
        "nianbao/1",
        way,
        lambda requests, url: None,
        record=record,
        options=CrawlOptions(**{"is_virtual": True, **options}),
    )


def get(fetcher: Fetcher, path: str, **how: Any) -> Fetched:
    return asyncio.run(fetcher.get(HOST + path, **how))


def note(asker: Fetcher, fetched: Fetched, kind: VisitKind = "list", *, found: bool = False) -> None:
    verdict = fetched.refusal or judge(fetched.answer, kind, Signs(found))
    keep(asker.archive, asker.visit(fetched, kind, verdict), fetched)


def row(archive: Archive, path: str) -> dict[str, Any]:
    names = ["kind", "status", "outcome", "evidence", "final_url", "request_headers", "response_headers", "network"]
    names += ["redirects", "requests", "sha256"]
    (values,) = archive.query(f"SELECT {', '.join(names)} FROM visits WHERE url = ?", (HOST + path,))
    decoded = ("request_headers", "response_headers", "network", "redirects")
    return {
        name: json.loads(value) if name in decoded and value else value
        for name, value in zip(names, values, strict=True)
    }


# Where to, and what is kept of it


def test_redirects_are_followed_within_the_allowed_hosts(archive: Archive) -> None:
    pages: Pages = {
        "/a": (301, {"Location": "/b/"}, b""),
        "/b/": (302, {"Location": "/c"}, b""),
        "/c": (200, {"Content-Type": "text/html; charset=gbk"}, b"<p>here"),
        "/out": (302, {"Location": "http://127.0.0.1:9000/"}, b""),
        "/loop": (302, {"Location": "/loop"}, b""),
    }
    asker, network = fetcher(archive, pages)
    fetched = get(asker, "/a")
    assert (fetched.answer.final, fetched.body, fetched.answer.charset) == (HOST + "/c", b"<p>here", "gbk")
    assert fetched.redirects == [(301, HOST + "/a"), (302, HOST + "/b/")] and fetched.requests == 3
    assert fetched.sha256 is not None and archive.get_document(fetched.sha256) == b"<p>here"
    out = get(asker, "/out")
    assert out.refusal is not None and out.refusal.outcome == "unknown"
    assert "127.0.0.1:9000" in str(out.refusal.evidence)
    loop = get(asker, "/loop")
    # To itself again and again: what that means is for `judge` to say.
    assert loop.refusal is None and loop.answer.status == 302 and loop.requests == 6 and len(loop.redirects) == 6
    assert all(request.url.startswith(HOST) for request in network.asked)
    assert {urls.count("/robots.txt") for urls in [network.paths()]} == {1}


def test_a_visit_says_all_that_was_sent_and_came(archive: Archive) -> None:
    pages: Pages = {"/a": (301, {"Location": "/b"}, b""), "/b": (200, {"ETag": '"1"', "X-Odd": "柳"}, b"<p>here")}
    asker = asker_of(archive, portal(), Network(pages), network="a test")
    fetched = get(asker, "/a", referer=HOST + "/nb/")
    note(asker, fetched, found=True)
    seen = row(archive, "/a")
    assert (seen["status"], seen["outcome"], seen["final_url"], seen["requests"]) == (200, "ok", HOST + "/b", 2)
    assert seen["request_headers"] == {"User-Agent": "nianbao/1", "Referer": HOST + "/nb/"}
    assert seen["response_headers"] == {"etag": '"1"', "x-odd": "柳"}
    assert seen["network"] == {"from": "a test", "via": "direct", "server": None, "tls": None, "clock": "pretended"}
    assert seen["redirects"] == [[301, HOST + "/a"]]
    robots = row(archive, "/robots.txt")
    assert (robots["kind"], robots["outcome"], robots["requests"]) == ("robots", "gone", 1)


def test_headers_are_those_of_the_wire_and_a_damaged_body_is_no_crash(tmp_path: Path) -> None:
    """Of the real engine: what Scrapy adds is written down, and what it takes away as well."""
    damaged = {
        "gzip": b"no gzip",
        "deflate": b"\xff\xff",
        "br": b"\xff\xff\xff",
        "x-gzip": gzip.compress(b"<p>whole" * 999)[:40],
    }
    with serve() as site:
        site.put_reports("/nb/", 1 + len(damaged))
        for number, (encoding, rubbish) in enumerate(damaged.items(), 1):
            site.pages[f"/nb/{number}.html"] = (200, {"Content-Encoding": encoding}, rubbish)
        status, headers, body = site.page("/nb/0.html")
        site.pages["/nb/0.html"] = (status, headers | {"Content-Encoding": "gzip"}, gzip.compress(body))
        summary = crawl_portal(site.portal(), tmp_path / "a.db", contact=None)
        assert summary.outcome == "partial" and summary.visits["failed"] == len(damaged), summary.errors
        (sent,) = [seen.headers for seen in site.seen if seen.path == "/nb/0.html"]
    with Archive.open(tmp_path / "a.db") as archive:
        ((asked, came, sha256),) = archive.query(
            "SELECT request_headers, response_headers, sha256 FROM visits WHERE kind = 'detail' AND outcome = 'ok'"
        )
        said = archive.query("SELECT DISTINCT evidence FROM visits WHERE outcome = 'failed'")
        assert archive.get_document(sha256) == body
    assert {name.lower(): value for name, value in json.loads(asked).items()} == {
        name: value for name, value in sent.items() if name not in ("host", "connection")
    }
    assert json.loads(came)["content-encoding"] == "gzip"
    assert {text for (text,) in said} == {
        "the answer broke off (its packing has no end)",
        *(f"the answer is packed ({name}) and damaged" for name in ("gzip", "deflate", "br")),
    }


def test_bytes_may_be_kept_later(archive: Archive) -> None:
    asker, _ = fetcher(archive, {"/x": (200, {}, b"<p>x")})
    fetched = get(asker, "/x", keep=False)
    assert fetched.sha256 is not None and not archive.documents.has(fetched.sha256)
    asyncio.run(asker.keep(fetched))
    assert fetched.is_new and archive.get_document(fetched.sha256) == b"<p>x"
    again = get(asker, "/x")
    assert not again.is_new


# Asking whether it still holds


def test_what_was_read_is_asked_for_conditionally(archive: Archive) -> None:
    pages: Pages = {"/x": (200, {"ETag": '"1"', "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}, b"<p>x")}
    asker, network = fetcher(archive, pages)
    fetched = get(asker, "/x")
    note(asker, fetched, found=True)
    pages["/x"] = (304, {}, b"")
    again = get(asker, "/x")
    assert network.asked[-1].headers["If-None-Match"] == b'"1"'
    assert network.asked[-1].headers["If-Modified-Since"] == b"Mon, 01 Jan 2024 00:00:00 GMT"
    assert (again.body, again.sha256, again.is_new) == (b"<p>x", fetched.sha256, False)
    get(asker, "/x", known=Look(str(fetched.sha256), etag='"2"'))
    assert network.asked[-1].headers["If-None-Match"] == b'"2"'
    assert b"If-Modified-Since" not in network.asked[-1].headers


def test_a_lost_document_is_asked_for_unconditionally(archive: Archive) -> None:
    pages: Pages = {"/x": (200, {"ETag": '"1"'}, b"<p>x")}
    asker, network = fetcher(archive, pages)
    fetched = get(asker, "/x")
    note(asker, fetched, found=True)
    archive.documents.path(str(fetched.sha256)).unlink()
    again = get(asker, "/x")
    assert b"If-None-Match" not in network.asked[-1].headers
    assert again.body == b"<p>x" and archive.get_document(str(again.sha256)) == b"<p>x"


def test_a_damaged_document_is_asked_for_again(archive: Archive) -> None:
    with serve() as site:
        site.pages["/x"] = (200, {"ETag": '"1"'}, b"<p>x")
        asker = asker_of(archive, site.portal(), download)
        fetched = asyncio.run(asker.get(site.url("/x")))
        note(asker, fetched, found=True)
        archive.documents.path(str(fetched.sha256)).write_bytes(b"damaged")
        again = asyncio.run(asker.get(site.url("/x")))
        assert [("if-none-match" in seen.headers) for seen in site.seen[2:]] == [True, False]
    assert (again.body, again.answer.status, again.requests) == (b"<p>x", 200, 2)


# Asking again


@pytest.mark.parametrize("status", [429, 503, 500, 0, -1])
def test_retries_are_few(archive: Archive, status: int) -> None:
    asker, network = fetcher(archive, {"/x": (status, {}, b"")})
    fetched = get(asker, "/x")
    verdict = judge(fetched.answer, "list", Signs(False))
    assert network.paths().count("/x") == fetched.requests == 1 + len(PAUSES_S)
    assert verdict.outcome == ("blocked" if status in (429, 503) else "failed")
    said = {0: "no answer within 30 s", -1: "connection refused"}
    assert verdict.evidence == said.get(status, f"status {status}")


@pytest.mark.parametrize("status", [200, 403, 404, 410, 412, 521])
def test_what_will_not_change_is_not_asked_again(archive: Archive, status: int) -> None:
    asker, network = fetcher(archive, {"/x": (status, {}, b"no")})
    get(asker, "/x")
    assert network.paths().count("/x") == 1


@pytest.mark.parametrize("wait", ["3600", "Mon, 01 Apr 2024 01:00:00 GMT"])
def test_a_long_retry_after_is_honoured_by_not_asking_again(archive: Archive, wait: str) -> None:
    asker, network = fetcher(archive, {"/x": (503, {"Retry-After": wait}, b"")})
    get(asker, "/x")
    with pytest.raises(CrawlStopped, match=r"until 2024-04-01 09:00\+08:00"):
        get(asker, "/y")
    assert network.paths() == ["/robots.txt", "/x"]


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (503, "120", 120),
        (429, " 5 ", 5),
        (403, "60", 60),
        (404, "60", 0),
        (301, "60", 0),
        (503, "-5", 0),
        (503, "soon", 0),
        (503, "１２", 0),
        (503, "99999999999999999999", LONGEST_PUT_OFF / timedelta(seconds=1)),
        (503, "Mon, 01 Apr 2024 00:00:30 GMT", 30),
        (503, "Mon, 01 Apr 2024 08:00:30 +0800", 30),
        (503, "Fri, 01 Mar 2024 00:00:00 GMT", 0),
        (503, "Mon, 99 Apr 2024 00:00:30 GMT", 0),
        (503, "", 0),
    ],
)
def test_retry_after(status: int, value: str, seconds: float) -> None:
    assert retry_after_s(Answer(HOST, HOST, status, {"retry-after": value}), NOW) == seconds


@given(st.text(max_size=40) | st.datetimes().map(format_datetime))
def test_any_retry_after_is_a_time_within_a_week(value: str) -> None:
    waited = retry_after_s(Answer(HOST, HOST, 503, {"retry-after": value}), NOW)
    assert 0 <= waited <= LONGEST_PUT_OFF / timedelta(seconds=1)


def test_a_portal_that_keeps_refusing_is_left_alone(archive: Archive) -> None:
    asker, network = fetcher(archive, {f"/{n}": (403, {}, b"no") for n in range(9)})
    with pytest.raises(CrawlStopped, match="5 times in a row"):
        for number in range(9):
            note(asker, get(asker, f"/{number}"), "detail")
    assert network.paths() == ["/robots.txt", "/0", "/1", "/2", "/3", "/4"]
    assert asker.counts == {"blocked": 5, "gone": 1}


# robots.txt


@pytest.mark.parametrize(
    ("robots", "asked", "outcome"),
    [
        ((404, {}, b"nothing"), True, "gone"),
        ((200, {}, b"User-agent: *\nDisallow: /private/\n"), True, "ok"),
        ((200, {}, b"User-agent: *\nDisallow: /\n"), False, "ok"),
        ((200, {}, b"User-agent: nianbao\nDisallow: /\n"), False, "ok"),
        ((200, {}, b"User-agent: other\nDisallow: /\n"), True, "ok"),
        ((403, {}, b"no"), False, "blocked"),
        ((429, {}, b"no"), False, "blocked"),
        ((500, {}, b"no"), False, "failed"),
        ((503, {}, b"no"), False, "failed"),
        ((0, {}, b""), False, "failed"),
        ((301, {"Location": "http://127.0.0.1:9000/robots.txt"}, b""), False, "failed"),
    ],
)
def test_robots(archive: Archive, robots: tuple[int, dict[str, str], bytes], asked: bool, outcome: str) -> None:
    asker, network = fetcher(archive, {"/robots.txt": robots, "/x": (200, {}, b"<p>x")})
    fetched = [get(asker, "/x"), get(asker, "/x")][-1]
    assert network.paths().count("/x") == 2 * asked
    assert (fetched.refusal is None) is asked
    seen = row(archive, "/robots.txt")
    assert seen["outcome"] == outcome
    if seen["sha256"]:
        assert archive.get_document(seen["sha256"]) == robots[2]
    if fetched.refusal is not None:
        assert fetched.requests == 0 and fetched.request_headers == {}
        said = "robots" if robots[0] == 200 else "robots: status 403" if robots[0] == 403 else "could not be read"
        assert said in str(fetched.refusal.evidence)
        assert fetched.refusal.outcome == ("failed" if outcome == "failed" else "blocked")


@pytest.mark.parametrize(
    ("said", "delay_s"),
    [("10", 10.0), ("0.5", 1.0), ("120", 120.0), ("9000", 3600.0), ("-3", 1.0), ("nan", 1.0), ("soon", 1.0)],
)
def test_crawl_delay(archive: Archive, said: str, delay_s: float) -> None:
    asker, _ = fetcher(archive, {}, delay_s=1.0)
    where = HOST + "/robots.txt"
    asker.know_robots(Answer(where, where, 200, body=f"User-agent: *\nCrawl-delay: {said}\n".encode()))
    assert asker.pacer.delay_of("127.0.0.1:8000") == delay_s
    assert asker.pacer.delay_of("127.0.0.1:9000") == 1.0


def test_robots_that_still_holds_is_not_sent_again(archive: Archive) -> None:
    pages: Pages = {"/robots.txt": (200, {"ETag": '"1"'}, b"User-agent: *\nDisallow: /private/\n")}
    get(fetcher(archive, pages)[0], "/x")
    pages["/robots.txt"] = (304, {}, b"")
    asker, network = fetcher(archive, pages)
    assert get(asker, "/private/x").refusal == Verdict("blocked", "robots")
    assert network.paths() == ["/robots.txt"] and network.asked[0].headers["If-None-Match"] == b'"1"'
    assert archive.query("SELECT outcome FROM visits WHERE kind = 'robots' ORDER BY id") == [("ok",), ("unchanged",)]


def test_robots_that_was_kept_in_this_crawl_is_not_asked_for(archive: Archive) -> None:
    asker, network = fetcher(archive, {})
    where = HOST + "/robots.txt"
    asker.know_robots(Answer(where, where, 200, body=b"User-agent: *\nDisallow: /x\n"))
    assert get(asker, "/x").refusal == Verdict("blocked", "robots")
    assert network.asked == []


# Who asks, and how


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
    assert outside.is_paced
    settings = scrapy_settings(outside, "nianbao/1")
    assert settings["CONCURRENT_REQUESTS_PER_DOMAIN"] == settings["CONCURRENT_REQUESTS"] == 1
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert not settings["TELNETCONSOLE_ENABLED"] and not settings["REMOTE_CONTROL_ENABLED"]
    assert scrapy_settings(portal(verify_tls=False), "nianbao/1")["DOWNLOAD_VERIFY_CERTIFICATES"] is False
    assert scrapy_settings(portal(connections=4), "nianbao/1")["CONCURRENT_REQUESTS_PER_DOMAIN"] == 4


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://A.gov.cn/x", "a.gov.cn"),
        ("https://a.gov.cn./x", "a.gov.cn"),
        ("https://a.gov.cn:80/x", "a.gov.cn"),
        ("https://a.gov.cn:8443/x", "a.gov.cn:8443"),
        ("http://[::1]:8000/", "[::1]:8000"),
    ],
)
def test_host_of(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_damaged_document_is_written_again(archive: Archive) -> None:
    class Answering(Network):
        """304 to whoever knows the page, as portals do."""

        async def __call__(self, request: Request) -> Response:
            self.pages["/x"] = (304, {}, b"") if "If-None-Match" in request.headers else whole
            return await super().__call__(request)

    whole = (200, {"ETag": '"1"'}, b"<p>x")
    asker = asker_of(archive, portal(), Answering({}))
    first = get(asker, "/x")
    note(asker, first, found=True)
    archive.documents.path(first.sha256 or "").write_bytes(b"damaged")
    again = get(asker, "/x")
    assert again.sha256 == first.sha256 and archive.get_document(first.sha256 or "") == b"<p>x"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120, 120", 120), ("1.5", 1.5), ("0, 30", 30), ("9" * 12, 7 * 86_400), ("-5", 0), ("1e9", 0), ("soon", 0)],
)
def test_odd_retry_after_headers(value: str, seconds: float) -> None:
    answer = Answer("http://a/", "http://a/", 429, {"retry-after": value})
    assert retry_after_s(answer, datetime(2024, 1, 1, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("host", "server", "kept"),
    [
        ("www.example.gov.cn", "127.0.0.1", False),
        ("www.example.gov.cn", "10.1.2.3", False),
        ("www.example.gov.cn", "169.254.169.254", False),
        ("www.example.gov.cn", "::1", False),
        ("www.example.gov.cn", "122.137.242.24", True),
        ("10.1.2.3:8080", "10.1.2.3", True),  # named by the portal's file
    ],
)
def test_a_name_that_leads_inside_is_not_read(host: str, server: str, kept: bool) -> None:
    async def way(request: Request) -> Response:
        return Response(request.url, body=b"<p>secret", ip_address=ipaddress.ip_address(server))

    wanted = Portal.model_validate(
        {
            "id": "liuxi",
            "name": "柳溪县人民政府",
            "platform": "static_list",
            "allowed_hosts": [host],
            "columns": [{"url": f"http://{host}/nb/"}],
        }
    )
    reply = asyncio.run(Way(wanted, way).send(f"http://{host}/nb/", f"http://{host}/nb/", {}))
    assert (reply.answer.body == b"<p>secret") is kept
    assert (reply.answer.error is None) is kept
