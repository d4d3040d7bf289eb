"""The server behind a pretend portal: what it makes of requests, and the headers of its answers."""

import socket
import tomllib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crawler.portal import load_portal
from crawler.sandbox import season
from crawler.sandbox.portal_files import portal_toml
from crawler.sandbox.portal_site import Publication
from crawler.sandbox.server import PortalServer
from tests.crawler.sandbox.client import SmallSite, get

NOW = datetime(2024, 2, 1, 2, 0, tzinfo=UTC)


def _text(text: str, day: object) -> str:
    return text


def items(count: int = 3) -> list[Publication]:
    return [
        Publication(
            number,
            f"柳溪县第{number}局2023年政府信息公开工作年度报告",
            "report",
            f"柳溪县第{number}局",
            season.at_beijing(datetime(2024, 1, 10 + number), 9),
            partial(_text, f"<p>第{number}份。</p>"),
            agency_id=f"990121:第{number}局",
            year=2023,
        )
        for number in range(count)
    ]


def small(id: str = "small", count: int = 3) -> SmallSite:
    return SmallSite(id, "柳溪县人民政府", "柳溪县", items(count))


def test_forms_queries_and_bodies_are_taken_apart() -> None:
    with PortalServer([small()], NOW) as server:
        url = server.origin("small") + "/ask?a=1&a=%E5%B9%B4&empty="
        form = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        response, body = get(url, form, "POST", "col=1&webname=柳溪县&col=2".encode())
        assert (response.status, response.headers["X-Answer"]) == (202, "1")
        said = body.decode()
        assert said.startswith("('POST', [('a', '年'), ('empty', '')], [('col', '2'), ('webname', '柳溪县')], b'col=1")
        response, body = get(url, {"Content-Type": "application/json"}, "POST", b'{"page":2}')
        assert body.decode().endswith("""[], b'{"page":2}')""")
        assert get(url)[1].decode().startswith("('GET', [('a', '年'), ('empty', '')], [], b'')")
        posted = [(asked.method, asked.status, asked.posted) for asked in server.asked]
        assert posted[1:] == [("POST", 202, b'{"page":2}'), ("GET", 202, b"")]
        assert server.asked[0].path == "/ask?a=1&a=%E5%B9%B4&empty="


def test_paths_are_decoded() -> None:
    with PortalServer([small()], NOW) as server:
        for path in ("/年报/一.html", "/%E5%B9%B4%E6%8A%A5/%E4%B8%80.html"):
            assert get(server.origin("small") + path)[0].status == 200
        assert get(server.origin("small") + "/nb/")[0].headers["Content-Type"] == "text/html; charset=utf-8"


def test_head_says_what_get_says() -> None:
    with PortalServer([small()], NOW) as server:
        for path in ("/nb/", "/nb/1.html", "/nothing"):
            told, body = get(server.origin("small") + path)
            head, nothing = get(server.origin("small") + path, method="HEAD")
            assert nothing == b"" and head.status == told.status
            assert sorted(head.headers.items()) == sorted(told.headers.items())
            assert int(told.headers["Content-Length"]) == len(body) > 0


def test_what_is_not_there_answers_404() -> None:
    with PortalServer([small()], NOW) as server:
        for path in ("/nothing", "/nb/9.html"):
            response, body = get(server.origin("small") + path)
            assert response.status == 404 and "您访问的页面不存在" in body.decode()
            assert response.headers["ETag"] is response.headers["Last-Modified"] is None


def test_conditional_requests_with_and_without_etag() -> None:
    with PortalServer([small("a"), small("b")], NOW) as server:
        tagged = [get(server.origin(id) + "/nb/1.html")[0].headers["ETag"] for id in ("a", "b")]
        assert tagged[0] and tagged[1] is None
        for id in ("a", "b"):
            url = server.origin(id) + "/nb/1.html"
            first = get(url)[0].headers
            since = {"If-Modified-Since": first["Last-Modified"]}
            assert parsedate_to_datetime(first["Last-Modified"]) == items()[1].published_at
            assert get(url, since)[0].status == 304
            early = {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
            assert get(url, early)[0].status == 200
            assert get(url, {"If-Modified-Since": "gibberish"})[0].status == 200
        assert get(server.origin("a") + "/nb/1.html", {"If-None-Match": f'"x", W/{tagged[0]}'})[0].status == 304
        assert get(server.origin("a") + "/nb/1.html", {"If-None-Match": '"x"'} | since)[0].status == 200
        assert get(server.origin("b") + "/nb/1.html", {"If-None-Match": tagged[0]} | since)[0].status == 200


def test_other_bytes_are_never_said_to_be_unchanged() -> None:
    # The list's site says the same date all the time, as careless servers do.
    with PortalServer([small("a"), small("b")], items()[1].published_at + timedelta(hours=1)) as server:
        url = server.origin("b") + "/nb/"
        since = {"If-Modified-Since": get(url)[0].headers["Last-Modified"]}
        assert get(url, since)[0].status == 304
        server.now = NOW
        again = get(url, since)[0]
        assert again.status == 200
        assert get(url, {"If-Modified-Since": again.headers["Last-Modified"]})[0].status == 304


def test_a_post_that_is_too_long_is_refused() -> None:
    with PortalServer([small()], NOW) as server:
        host, port = server.host("small").split(":")
        for length in ("99999999999", "-1", "many"):
            with socket.create_connection((host, int(port)), timeout=5) as client:
                client.sendall(f"POST /ask HTTP/1.0\r\nContent-Length: {length}\r\n\r\n".encode())
                assert b" 413 " in client.recv(100)
        assert get(server.origin("small") + "/nb/")[0].status == 200


def test_ports_can_be_fixed_and_a_taken_one_is_told() -> None:
    with PortalServer([small("a"), small("b")], NOW) as server:
        taken = int(server.host("b").rpartition(":")[2])
    other = PortalServer([small("a"), small("b")], NOW, first_port=taken)
    with other:
        assert other.host("a") == f"127.0.0.1:{taken}" and other.host("b") == f"127.0.0.1:{taken + 1}"
        third = PortalServer([small("a"), small("b")], NOW, first_port=taken)
        with pytest.raises(OSError, match="use"):
            third.__enter__()
        assert get(other.origin("a") + "/nb/")[0].status == 200
    with other:
        assert get(other.origin("b") + "/nb/")[0].status == 200


def test_truth_follows_the_time() -> None:
    with PortalServer([small()], items()[1].published_at) as server:
        assert [listed.path for listed in server.truth("small")] == ["/nb/1.html", "/nb/0.html"]
        server.now = NOW
        assert len(server.truth("small")) == 3
        with pytest.raises(KeyError, match="no portal 'elsewhere'; there are small"):
            server.truth("elsewhere")


class _Said(SmallSite):
    said: dict[str, Any]

    def portal_file(self, origin: str) -> dict[str, Any]:
        return super().portal_file(origin) | self.said


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"fetch": "browser", "browser": {"wait_for": "ul > li", "more": "#more"}, "max_pages": 70},
        {
            "selectors": {"row": 'ul.list > li[class="a"]', "date": "span"},
            "pages": {"pattern": "i_{n}.html", "first": 2},
        },
        {
            "columns": [
                {"url": "http://127.0.0.1:1/nb/?a=年#2712", "year": 2023},
                {"url": "http://127.0.0.1:1/镇/", "agency": "柳溪县"},
            ]
        },
    ],
    ids=["plain", "browser", "selectors", "columns"],
)
def test_portal_files_say_everything_and_load(said: dict[str, Any], tmp_path: Path) -> None:
    site = _Said("small", '柳溪县"人民政府"', "柳溪县", items())
    site.said = said
    text = portal_toml(site, "127.0.0.1:1")
    data = tomllib.loads(text)
    for key, value in said.items():
        assert data[key] == value
    assert data["name"] == site.name and data["allowed_hosts"] == ["127.0.0.1:1"] and data["delay_s"] == 0
    assert data["expect"] == {"min": 1, "max": 3} and data["place"] == "柳溪县"
    (tmp_path / "small.toml").write_text(text, "utf-8")
    portal = load_portal(tmp_path / "small.toml")
    assert portal.on_loopback and [column.url for column in portal.columns] == [c["url"] for c in data["columns"]]
