"""What publication notices claim, and who is named without being in the register."""

from collections.abc import Callable
from typing import Any

from archive_samples import at, make_report

from db.archive import Archive
from db.collected.claims import Claim, Notice
from db.collected.strangers import Mention
from db.records import Agency, Neighbour

Store = Callable[..., Any]
URL = "https://city.example/gbqk.html"
FINANCE = Agency("990000:财政局", "示例市财政局", organ="department", region_code="990000", portal="city")


def see(archive: Archive, body: bytes, day: float = 0, kind: str = "publication_notice", url: str = URL) -> str:
    sha256 = archive.put_document(body, media="text/html", seen_at=at(day))
    archive.neighbours.add(Neighbour("city", URL, url, kind, "公布情况", None, sha256, at(day)))
    return sha256


def claim(unit: str, agency_id: str | None = None, said: bool | None = True) -> Claim:
    return Claim(unit, agency_id, 2023, said, None)


def test_each_notice_is_read_once_for_its_bytes_and_the_reader(archive: Archive) -> None:
    first = see(archive, b"first")
    see(archive, b"a form", kind="website_form", url="https://city.example/form.html")
    (notice,) = archive.claims.to_read("1")
    assert notice == Notice("city", URL, first, "公布情况", None, at().isoformat())
    archive.claims.store(notice, [claim("财政局"), claim("教育局", said=None)], parser_version="1")
    assert archive.claims.to_read("1") == []
    assert len(archive.claims.to_read("2")) == 1
    see(archive, b"second", day=3)
    (newer,) = archive.claims.to_read("1")
    assert newer.sha256 != first
    assert archive.claims.current() == [], "what older bytes said is not said any more"
    archive.claims.store(newer, [claim("财政局", said=False)], parser_version="1")
    archive.claims.store(newer, [claim("财政局", said=False)], parser_version="1")
    (row,) = archive.claims.current(2023)
    assert (row["unit"], row["has_published"], row["year"], row["last_seen_at"]) == (
        "财政局",
        False,
        2023,
        at(3).isoformat(),
    )
    assert archive.claims.current(2022) == []
    assert archive.query("SELECT count(*) FROM claims") == [(3,)], "what the older bytes said stays"


def test_a_notice_that_cannot_be_read_is_not_tried_in_every_run(archive: Archive) -> None:
    see(archive, b"scan")
    (notice,) = archive.claims.to_read("1")
    archive.claims.store(notice, [], parser_version="1", error=("image-only", "a picture"))
    assert archive.claims.to_read("1") == []
    assert archive.query("SELECT kind, sentence, claims FROM notice_readings") == [("image-only", "a picture", 0)]


def test_the_register_makes_notices_with_unknown_units_due_again(archive: Archive) -> None:
    archive.import_agencies([FINANCE])
    see(archive, b"one")
    see(archive, b"two", url="https://city.example/2.html")
    for notice, unit in zip(archive.claims.to_read("1"), [FINANCE.id, None], strict=True):
        archive.claims.store(notice, [claim("某局", unit)], parser_version="1")
    archive.import_agencies([FINANCE, Agency("990000:教育局", "示例市教育局", organ="department")])
    assert [notice.url for notice in archive.claims.to_read("1")] == [
        row["url"] for row in archive.claims.current() if row["agency_id"] is None
    ]


def test_who_is_named_and_not_in_the_register(archive: Archive, store: Store) -> None:
    named = Agency("990000:教育局", "示例市教育局", region_code="990000")
    archive.import_agencies([FINANCE, named])
    report = make_report()
    store(report, b"a", agency_id=FINANCE.id, url="https://city.example/1.html")
    report.agency = "市教育局"
    store(report, b"b", agency_id=named.id, url="https://city.example/2.html")
    report.agency = "某局"
    store(report, b"c", url="https://city.example/3.html")
    sha256 = archive.put_document(b"scan", media=None, seen_at=at())
    unread: dict[str, Any] = {
        "kind": "image-only",
        "sentence": "…",
        "seen_at": at(),
        "parser_version": "1",
        "title": None,
    }
    archive.store_unread(
        sha256, source="added", url="file:///a.pdf", agency="水利局", year=2022, agency_id=None, **unread
    )
    archive.store_unread(sha256, source="city", url="https://city.example/4.pdf", agency_id=FINANCE.id, **unread)
    see(archive, b"notice")
    archive.claims.store(
        archive.claims.to_read("1")[0], [claim("财政局", FINANCE.id), claim("民政局")], parser_version="1"
    )
    assert list(archive.strangers.mentions()) == [
        Mention("市教育局", named.id, None, "report", 2023, "https://city.example/2.html"),
        Mention("某局", None, None, "report", 2023, "https://city.example/3.html"),
        Mention("水利局", None, None, "unread", 2022, "file:///a.pdf"),
        Mention("民政局", None, "city", "notice", 2023, URL),
    ]
    see(archive, b"another notice", day=2)
    assert "民政局" not in {mention.name for mention in archive.strangers.mentions()}
