"""Failures on command: each as a client meets it, and gone when the portal recovers."""

import http.client
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crawler.sandbox.country import Country
from crawler.sandbox.portals import Shape
from crawler.sandbox.publications import PublishedReport, publications
from crawler.sandbox.server import PortalServer
from tests.crawler.sandbox.client import SmallSite, get

COUNTRY = Country.build(1)
NOW = datetime(2024, 4, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[PortalServer]:
    place = COUNTRY.places[0]
    sites = [SmallSite(id, "县", place.name, publications(COUNTRY, place)) for id in ("ill", "well")]
    with PortalServer(sites, NOW) as server:
        yield server


def status(server: PortalServer, path: str = "/nb/", portal: str = "ill") -> int:
    return get(server.origin(portal) + path)[0].status


@pytest.mark.parametrize(("failure", "words"), [("412", "$_ts"), ("429", "请求过多"), ("503", "Unavailable")])
def test_refusals(server: PortalServer, failure: str, words: str) -> None:
    server.fail("ill", failure)
    for path in ("/nb/", "/robots.txt", "/nothing"):
        response, body = get(server.origin("ill") + path)
        assert response.status == int(failure) and words in body.decode()
        assert response.headers["Retry-After"] == ("1" if failure == "429" else None)
    assert get(server.origin("ill") + "/nb/", method="HEAD")[0].status == int(failure)
    assert status(server, portal="well") == 200
    server.recover("ill")
    assert status(server) == 200
    assert [asked.status for asked in server.asked if asked.portal == "ill"] == [int(failure)] * 4 + [200]


def test_some_addresses_some_times_and_after_how_long(server: PortalServer) -> None:
    server.fail("ill", "503", path=r"/[12]\.html$", times=3, retry_after=600)
    answers = [get(f"{server.origin('ill')}/nb/{n}.html")[0] for n in (0, 1, 2, 3, 1, 2, 1)]
    assert [answer.status for answer in answers] == [200, 503, 503, 200, 503, 200, 200]
    assert answers[1].headers["Retry-After"] == "600"
    # The earlier failure comes first, then the later one.
    server.fail("ill", "412", times=1)
    server.fail("ill", "429")
    assert [status(server) for _ in range(3)] == [412, 429, 429]


def test_a_dropped_connection(server: PortalServer) -> None:
    server.fail("ill", "drop", times=1)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        status(server)
    assert status(server) == 200
    assert [asked.status for asked in server.asked] == [0, 200]


def test_a_truncated_answer(server: PortalServer) -> None:
    whole = get(server.origin("ill") + "/nb/")
    server.fail("ill", "truncated", times=2)
    for headers in ({}, {"If-None-Match": whole[0].headers["ETag"]}):
        with pytest.raises(http.client.IncompleteRead) as caught:
            get(server.origin("ill") + "/nb/", headers)
        assert caught.value.partial == whole[1][: len(whole[1]) // 2]
        assert caught.value.expected == len(whole[1]) - len(whole[1]) // 2
    assert get(server.origin("ill") + "/nb/")[1] == whole[1]


def test_a_slow_answer_comes_late_or_with_the_recovery(server: PortalServer) -> None:
    server.fail("ill", "slow", times=1, wait_s=0.2)
    began = time.monotonic()
    assert status(server) == 200 and time.monotonic() - began >= 0.2
    server.fail("ill", "slow", wait_s=60)
    answered: list[int] = []
    waiting = threading.Thread(target=lambda: answered.append(status(server)))
    waiting.start()
    assert status(server, portal="well") == 200 and answered == []
    server.recover("ill")
    waiting.join(5)
    assert answered == [200]


def test_stopping_waits_for_nobody() -> None:
    place = COUNTRY.places[0]
    server = PortalServer([SmallSite("ill", "县", place.name, publications(COUNTRY, place))], NOW)
    ended: list[BaseException] = []
    asked = threading.Event()

    def ask(url: str) -> None:
        connection = http.client.HTTPConnection(url, timeout=20)
        connection.request("GET", "/nb/")
        asked.set()
        try:
            connection.getresponse()
        except OSError as error:  # RemoteDisconnected is one
            ended.append(error)

    with server:
        server.fail("ill", "slow", wait_s=60)
        waiting = threading.Thread(target=ask, args=(server.host("ill"),))
        waiting.start()
        asked.wait(5)
        began = time.monotonic()
    waiting.join(5)
    assert time.monotonic() - began < 5 and len(ended) == 1


def test_changed_figures_and_titles(server: PortalServer) -> None:
    (newest,) = server.fail("ill", "changed")
    assert isinstance(newest, PublishedReport) and newest.title == server.truth("well")[0].title
    path = f"/nb/{newest.number}.html"
    here, there = (get(server.origin(portal) + path)[1] for portal in ("ill", "well"))
    assert here != there and newest.title in here.decode()
    assert server.truth("ill") == server.truth("well")
    hit = server.fail("ill", "changed", path=r"人民政府办公室2021年|2021年\w+人民政府办公室", title=True)
    assert len(hit) == 1
    changed = f"{hit[0].title}（更新）"
    assert changed in get(server.origin("ill") + "/nb/")[1].decode()
    assert {t.title for t in server.truth("ill")} - {t.title for t in server.truth("well")} == {changed}
    server.recover("ill", "changed")
    assert get(server.origin("ill") + path)[1] == there and server.truth("ill") == server.truth("well")


def test_a_change_is_not_hidden_by_conditional_requests(server: PortalServer) -> None:
    for portal in ("ill", "well"):
        newest = server.truth(portal)[0]
        url = server.origin(portal) + newest.path
        first = get(url)[0].headers
        known = {"If-Modified-Since": first["Last-Modified"]} | (
            {"If-None-Match": first["ETag"]} if first["ETag"] else {}
        )
        assert get(url, known)[0].status == 304
        server.fail(portal, "changed")
        assert get(url, known)[0].status == 200


def test_withdrawn_publications(server: PortalServer) -> None:
    (gone,) = server.fail("ill", "withdrawn")
    assert status(server, f"/nb/{gone.number}.html") == 404
    assert f">{gone.title}<" not in get(server.origin("ill") + "/nb/")[1].decode()
    assert len(server.truth("ill")) == len(server.truth("well")) - 1
    # The others stay where they are, and by its address one more goes.
    other = server.truth("ill")[3]
    assert len(server.fail("ill", "withdrawn", path=f"^{other.path}$")) == 1
    assert status(server, other.path) == 404
    kept = {listed.path for listed in server.truth("well")} - {f"/nb/{gone.number}.html", other.path}
    assert {listed.path for listed in server.truth("ill")} == kept
    server.recover("ill")
    assert server.truth("ill") == server.truth("well")


def test_a_redesign_keeps_the_reports_and_no_address(server: PortalServer) -> None:
    before = server.truth("ill")
    server.fail("ill", "redesigned", to=("boda", "static"))
    server.fail("ill", "withdrawn")
    after = server.truth("ill")
    assert [listed.title for listed in after] == [listed.title for listed in before][1:]
    assert not {listed.path for listed in before} & {listed.path for listed in after}
    for listed in before[:3]:
        assert status(server, listed.path) == 404
    assert status(server, after[0].path) == 200 == get(server.column_url("ill"))[0].status
    assert server.site("ill").platform == "boda"
    server.recover("ill", "redesigned")
    assert server.truth("ill") == before[1:] and status(server, before[1].path) == 200


def test_a_redesign_finds_another_shape_by_itself(server: PortalServer) -> None:
    before = {listed.path for listed in server.truth("ill")}
    server.fail("ill", "redesigned")
    first = Shape(server.site("ill").platform, server.site("ill").variant)
    assert not before & {listed.path for listed in server.truth("ill")}
    server.fail("ill", "redesigned")
    assert Shape(server.site("ill").platform, server.site("ill").variant) != first
    assert len(server.truth("ill")) == len(before)
    with pytest.raises(ValueError, match="would leave old addresses"):
        server.fail("ill", "redesigned", to=(server.site("ill").platform, server.site("ill").variant))


def test_what_there_is_not_is_told(server: PortalServer) -> None:
    with pytest.raises(KeyError, match="there are ill, well"):
        server.fail("elsewhere", "412")
    with pytest.raises(ValueError, match="there is no failure 'lost'; there are 412"):
        server.fail("ill", "lost")
    with pytest.raises(ValueError, match="regular expression"):
        server.fail("ill", "412", path="(")
    with pytest.raises(ValueError, match="times must be 1"):
        server.fail("ill", "412", times=0)
    with pytest.raises(ValueError, match="leave out times"):
        server.fail("ill", "withdrawn", times=1)
    with pytest.raises(ValueError, match="shows no publication with '/none'"):
        server.fail("ill", "withdrawn", path="/none")
    with pytest.raises(ValueError, match="has no figures"):
        server.fail("ill", "changed", path="指南")
    with pytest.raises(ValueError, match="plays no 'vista'"):
        server.fail("ill", "redesigned", to=("vista", ""))
    assert status(server) == 200
