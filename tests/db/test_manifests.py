"""Daily manifests: canonical, chained, each visit in exactly one of them."""

import dataclasses
import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest

from db.archive import Archive, ArchiveError
from db.collected.manifests import end_of
from db.collected.visit_text import visit_sha256, visit_text
from db.records import ColumnRead, ListedLink, Visit

DAY = date(2024, 2, 20)
MORNING = datetime(2024, 2, 20, 2, tzinfo=UTC)
LATER = datetime(2024, 3, 1, tzinfo=UTC)


def _visit(archive: Archive, at: datetime, url: str = "https://city.example/1.html", body: bytes = b"A") -> Visit:
    sha256 = archive.put_document(body, media="text/html", seen_at=at)
    visit = Visit("city", url, "detail", at, 200, "ok", response_headers={"server": "一\t二\n"}, sha256=sha256)
    archive.add_visit(visit)
    return visit


def _lines(archive: Archive, day: date, kind: str) -> list[list[str]]:
    manifest = archive.manifests.get(day)
    assert manifest is not None
    text = archive.get_document(manifest.sha256).decode()
    return [line.split("\t") for line in text.splitlines() if line.startswith(f"{kind}\t")]


def test_a_manifest_lists_the_hashes_of_the_day(archive: Archive) -> None:
    visit = _visit(archive, MORNING)
    _visit(archive, MORNING + timedelta(days=1))  # another day
    read = ColumnRead("city", "https://city.example/", MORNING, "ok", 1, [ListedLink("1.html", "一", None)])
    archive.add_column_read(read)
    manifest = archive.manifests.make(DAY, LATER)
    assert (manifest.day, manifest.entries, manifest.made_at) == (DAY, 2, LATER)
    (line,) = _lines(archive, DAY, "visit")
    assert line[1:4] == ["2024-02-20T02:00:00+00:00", "city", "detail"]
    assert line[4:7] == ["https://city.example/1.html", "ok", "200"]
    assert line[7:] == [visit.sha256, "-", visit_sha256(visit)]
    (page,) = _lines(archive, DAY, "page")
    (links_hash,) = archive.query("SELECT links_hash FROM column_read_pages")[0]
    assert page == ["page", "0", "-", "-", links_hash]
    assert len(_lines(archive, DAY, "read")) == 1
    assert _lines(archive, DAY, "previous") == [["previous", "-", "-"]]


def test_the_day_is_that_of_beijing(archive: Archive) -> None:
    assert end_of(DAY) == datetime(2024, 2, 20, 16, tzinfo=UTC)
    _visit(archive, datetime(2024, 2, 20, 15, 59, tzinfo=UTC), "https://city.example/late.html")
    _visit(archive, datetime(2024, 2, 20, 16, 1, tzinfo=UTC), "https://city.example/next.html")
    assert archive.manifests.lacking(LATER) == [DAY, DAY + timedelta(days=1)]
    archive.manifests.make(DAY, LATER)
    assert [line[4] for line in _lines(archive, DAY, "visit")] == ["https://city.example/late.html"]


def test_making_it_twice_gives_the_same_bytes(archive: Archive, dump) -> None:
    _visit(archive, MORNING)
    first = archive.manifests.make(DAY, LATER)
    before = dump()
    assert archive.manifests.make(DAY, LATER + timedelta(days=9)) == first
    assert dump() == before
    assert archive.manifests.digest_now(first) == first.sha256


def test_a_day_that_is_not_over_is_refused(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="2024-02-20: the day is not over in Beijing"):
        archive.manifests.make(DAY, end_of(DAY) - timedelta(seconds=1))
    assert archive.manifests.make(DAY, end_of(DAY)).entries == 0


def test_the_chain_goes_forward_only(archive: Archive) -> None:
    for day in range(3):
        _visit(archive, MORNING + timedelta(days=day))
    first = archive.manifests.make(DAY, LATER)
    third = archive.manifests.make(DAY + timedelta(days=2), LATER)
    assert archive.manifests.previous(third) == (DAY, first.sha256)
    with pytest.raises(ArchiveError, match=r"2024-02-21: 2024-02-22 has its manifest already"):
        archive.manifests.make(DAY + timedelta(days=1), LATER)
    # What was seen on the day between is in the third: each visit is in exactly one manifest.
    assert [line[1][:10] for line in _lines(archive, third.day, "visit")] == ["2024-02-21", "2024-02-22"]


def test_what_is_added_late_is_in_the_next_manifest(archive: Archive) -> None:
    _visit(archive, MORNING)
    _visit(archive, MORNING + timedelta(days=1))
    first = archive.manifests.make(DAY, LATER)
    _visit(archive, MORNING - timedelta(days=30), "https://city.example/found-later.html")
    assert archive.manifests.digest_now(first) == first.sha256
    archive.manifests.make(DAY + timedelta(days=1), LATER)
    listed = [line[4] for line in _lines(archive, DAY + timedelta(days=1), "visit")]
    assert listed == ["https://city.example/found-later.html", "https://city.example/1.html"]


def test_the_text_of_a_visit_is_on_one_line_each_and_hashes_to_its_line(archive: Archive) -> None:
    visit = _visit(archive, MORNING)
    text = visit_text(visit)
    assert "< server: 一\\x09二\\x0a\n" in text
    assert hashlib.sha256(text.encode()).hexdigest() == visit_sha256(visit)
    for change in (
        {"outcome": "empty"},
        {"evidence": "x"},
        {"request_headers": {"a": "b"}},
        {"redirects": [(302, "x")]},
    ):
        assert visit_sha256(dataclasses.replace(visit, **change)) != visit_sha256(visit)


def test_a_stamp_is_kept(archive: Archive) -> None:
    _visit(archive, MORNING)
    archive.manifests.make(DAY, LATER)
    archive.manifests.add_stamp(DAY, b"token", "https://tsa.example/", LATER)
    stamped = archive.manifests.get(DAY)
    assert stamped is not None
    assert (stamped.token, stamped.service, stamped.stamped_at) == (b"token", "https://tsa.example/", LATER)
