"""Answers out of a web archive: by method, address and body, along the redirects, and never from anywhere else."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.exceptions import DownloadFailedError

from crawler.address import posting, question
from crawler.asking.replay import Replay
from db.archive import Archive
from db.records import Visit
from monitor.exports import Selection
from monitor.exports.warc import write_warc

HOST = "https://www.example.gov.cn"
NOON = datetime(2024, 2, 20, 4, tzinfo=UTC)


def recorded(folder: Path, *visits: tuple[Visit, bytes | None]) -> Replay:
    with Archive.open(folder / "a.db") as archive:
        archive.add_portal("liuxi", "柳溪县人民政府", "static_list")
        for number, (visit, body) in enumerate(visits):
            visit.at = NOON + timedelta(seconds=number)
            if body is not None:
                visit.sha256 = archive.put_document(body, media="text/html", seen_at=visit.at)
            archive.add_visit(visit)
        write_warc(archive, folder / "a.warc.gz", Selection(portal="liuxi"))
    return Replay(folder / "a.warc.gz")


def visit(
    url: str, status: int | None = 200, outcome: str = "ok", evidence: str | None = None, **more: object
) -> Visit:
    headers = {"content-type": "text/html"} if status else {}
    fields: dict[str, object] = {"response_headers": headers, **more}
    return Visit("liuxi", url, "list", NOON, status, outcome, evidence, **fields)  # type: ignore[arg-type]


def ask(replay: Replay, address: str) -> tuple[int, str | None, bytes]:
    put = question(address)
    response = asyncio.run(replay(Request(put.url, method=put.method, body=put.body)))
    where = response.headers.get("Location")
    return response.status, where.decode() if where else None, response.body


def test_redirects_are_followed_one_by_one(tmp_path: Path) -> None:
    # The second is a page whose script sent the browser on: it came with 200.
    way = [(301, f"{HOST}/old"), (200, f"{HOST}/shell.html")]
    replay = recorded(tmp_path, (visit(f"{HOST}/old", redirects=way, final_url=f"{HOST}/政/new.html"), b"<p>here"))
    assert ask(replay, f"{HOST}/old") == (301, f"{HOST}/shell.html", b"")
    status, where, _ = ask(replay, f"{HOST}/shell.html")
    assert status == 302 and where is not None
    assert ask(replay, f"{HOST}/政/new.html") == (200, None, b"<p>here")


def test_what_was_posted_belongs_to_the_question(tmp_path: Path) -> None:
    first, second = (posting(f"{HOST}/list.jsp", {"page": str(page)}) for page in (1, 2))
    replay = recorded(
        tmp_path,
        (visit(first), b"one"),
        (visit(second, redirects=[(307, second)], final_url=f"{HOST}/b.jsp#post:page=2"), b"two"),
    )
    assert ask(replay, first) == (200, None, b"one")
    assert ask(replay, second) == (307, f"{HOST}/b.jsp", b"")
    assert ask(replay, posting(f"{HOST}/b.jsp", {"page": "2"})) == (200, None, b"two")
    for unknown in (f"{HOST}/list.jsp", posting(f"{HOST}/list.jsp", {"page": "3"})):
        with pytest.raises(DownloadFailedError, match="not recorded"):
            ask(replay, unknown)


def test_what_did_not_come_does_not_come(tmp_path: Path) -> None:
    silent = visit(f"{HOST}/a", None, "failed", "no answer within 30 s")
    refused = visit(f"{HOST}/b", 302, "unknown", "host x is not among allowed_hosts", redirects=[(302, f"{HOST}/b")])
    refused.response_headers = {"location": "https://foreign.example.org/"}
    replay = recorded(tmp_path, (silent, None), (refused, None), (visit(f"{HOST}/c", 404, "gone"), b"<p>gone"))
    with pytest.raises(DownloadFailedError, match="no answer within 30 s"):
        ask(replay, f"{HOST}/a")
    assert ask(replay, f"{HOST}/b") == (302, "https://foreign.example.org/", b"")
    assert ask(replay, f"{HOST}/c") == (404, None, b"<p>gone")


def test_the_first_answer_counts_and_same_bytes_are_found(tmp_path: Path) -> None:
    """A page that is looked at twice, and two addresses with the same bytes."""
    replay = recorded(
        tmp_path,
        (visit(f"{HOST}/robots.txt"), b"User-agent: *"),
        (visit("https://xxgk.example.gov.cn/robots.txt"), b"User-agent: *"),
        (visit(f"{HOST}/robots.txt", 304, "unchanged"), b"User-agent: *"),
    )
    assert ask(replay, f"{HOST}/robots.txt") == (200, None, b"User-agent: *")
    assert ask(replay, "https://xxgk.example.gov.cn/robots.txt") == (200, None, b"User-agent: *")
