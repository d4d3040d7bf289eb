"""Visits, column reads, sightings and the register."""

import dataclasses

import pytest
from archive_samples import at, make_report

from db.archive import Archive, ArchiveError
from db.collected.documents import sha256_of
from db.records import Agency, ColumnRead, ListedLink, ListedPage, Look, Sighting, Visit

URL = "https://city.example/1.html"


def _visit(day: float, outcome: str = "ok", **headers: str) -> Visit:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Visit("city", URL, "detail", at(day), 200, outcome, response_headers=named)  # type: ignore[arg-type]


def _sighting(archive: Archive, body: bytes, day: float, **more: object) -> Sighting:
    sha256 = archive.put_document(body, media="text/html", seen_at=at(day))
    sighting = Sighting("city", "https://city.example/", URL, "page", "2023年报", "2024-01-20", sha256, at(day))
    return dataclasses.replace(sighting, **more)


def test_a_visit_is_kept_once(archive: Archive, dump) -> None:
    first = archive.add_visit(_visit(0, ETag='"a"'))
    before = dump()
    assert archive.add_visit(_visit(0, ETag='"a"')) == first
    assert dump() == before
    assert archive.add_visit(_visit(1)) != first


def test_the_last_look_is_the_last_good_one_with_a_whole_answer(archive: Archive) -> None:
    assert archive.last_look(URL) is None
    first = archive.put_document(b"A", media=None, seen_at=at(0))
    good = _visit(0, ETag='"a"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT", Server="x")
    archive.add_visit(dataclasses.replace(good, sha256=first, signature="s"))
    look = Look(first, '"a"', "Mon, 01 Jan 2024 00:00:00 GMT", "s")
    assert archive.last_look(URL) == look
    archive.add_visit(_visit(2, "blocked", ETag='"challenge"'))
    archive.add_visit(dataclasses.replace(_visit(3, "unchanged"), sha256=first, status=304))
    assert archive.last_look(URL) == look
    second = archive.put_document(b"B", media=None, seen_at=at(4))
    archive.add_visit(dataclasses.replace(_visit(4), sha256=second))
    assert archive.last_look(URL) == Look(second)


def test_bytes_are_dropped_only_while_nothing_rests_on_them(archive: Archive) -> None:
    kept = archive.put_document(b"A", media=None, seen_at=at(0))
    archive.documents.write(b"B", other := sha256_of(b"B"))
    archive.drop_bytes(kept)
    archive.drop_bytes(other)
    archive.drop_bytes(other)
    assert archive.documents.has(kept) and not archive.documents.has(other)


def test_pages_of_a_column_read_name_their_visits_and_overlap(archive: Archive) -> None:
    links = [ListedLink(f"https://city.example/{n}.html", str(n)) for n in range(3)]
    visits = [archive.add_visit(_visit(day)) for day in range(2)]
    listing = [ListedPage(visit, archive.keep_links(links[n : n + 2])) for n, visit in enumerate(visits)]
    archive.add_column_read(ColumnRead("city", "https://city.example/nb/", at(2), "ok", 2, listing=listing))
    (read,) = archive.column_reads("city")
    assert (read.listing, read.links) == (listing, links)


def test_column_reads_come_back_and_equal_lists_are_kept_once(archive: Archive, dump) -> None:
    links = [ListedLink(URL, "2023年报", "2024-01-20"), ListedLink("https://city.example/2.pdf", "", None)]
    reads = [ColumnRead("city", "https://city.example/nb/", at(day), "ok", 2, links) for day in range(3)]
    reads.append(ColumnRead("city", "https://city.example/nb/", at(9), "blocked", 0, []))
    ids = [archive.add_column_read(read) for read in reads]
    before = dump()
    assert [archive.add_column_read(read) for read in reads] == ids
    assert dump() == before
    assert archive.column_reads("city") == reads
    assert archive.column_reads("city", since=at(2)) == reads[2:]
    assert archive.column_reads("elsewhere") == []
    first, second, *_ = archive.column_reads("city")
    assert first.links is second.links, "what is shown day after day is held once"
    assert archive.query("SELECT count(*) FROM link_lists") == [(2,)]


def test_a_sighting_lasts_while_the_bytes_stay_equal(archive: Archive, dump) -> None:
    sightings = [_sighting(archive, body, day) for day, body in enumerate([b"A", b"A", b"B", b"B", b"A"])]
    for sighting in sightings:
        archive.add_sighting(sighting)
    assert archive.sightings_to_read("1") == [sightings[0], sightings[2], sightings[4]]
    waiting = archive.waiting("1")
    assert archive.sightings(reversed(waiting)) == [sightings[4], sightings[2], sightings[0]]
    before = dump()
    for sighting in sightings:
        archive.add_sighting(sighting)
    assert dump() == before


def test_what_was_read_is_not_to_be_read_again_by_that_parser(archive: Archive, store) -> None:
    for day, body in enumerate([b"A", b"B", b"A"]):
        archive.add_sighting(_sighting(archive, body, day))
    store(make_report(), b"A", at(0))
    assert [sighting.seen_at for sighting in archive.sightings_to_read("1")] == [at(1), at(2)]
    assert len(archive.sightings_to_read("2")) == 3


def test_a_report_is_seen_as_long_as_its_document(archive: Archive, store) -> None:
    archive.add_sighting(_sighting(archive, b"A", 0))
    store(make_report(), b"A", at(0))
    archive.add_sighting(_sighting(archive, b"A", 7))
    assert archive.query("SELECT last_seen_at FROM reports") == [(at(7).isoformat(),)]
    store(make_report(), b"A", at(0), version="2")
    assert archive.query("SELECT last_seen_at FROM reports") == [(at(7).isoformat(),)]


def test_a_new_hint_or_register_makes_documents_due_again(archive: Archive, store) -> None:
    archive.add_sighting(_sighting(archive, b"A", 0))
    store(make_report(), b"A", at(0))
    assert archive.sightings_to_read("1") == []
    archive.add_sighting(_sighting(archive, b"A", 1, agency_hint="财政局"))
    assert [sighting.agency_hint for sighting in archive.sightings_to_read("1")] == ["财政局"]
    store(make_report(), b"A", at(0))
    assert archive.sightings_to_read("1") == []
    finance = Agency("990000:财政局", "示例市财政局", organ="department")
    archive.import_agencies([finance])
    assert len(archive.sightings_to_read("1")) == 1
    store(make_report(), b"A", at(0), agency_id="990000:财政局")
    archive.import_agencies([finance, Agency("990000:教育局", "示例市教育局", organ="department")])
    assert archive.sightings_to_read("1") == []


def test_nothing_rests_on_bytes_that_are_not_kept(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="put_document must come first"):
        archive.add_visit(dataclasses.replace(_visit(0), sha256="0" * 64))
    with pytest.raises(ArchiveError, match="put_document must come first"):
        archive.add_sighting(dataclasses.replace(_sighting(archive, b"A", 0), sha256="0" * 64))


def test_a_time_without_a_zone_is_refused(archive: Archive) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        archive.add_visit(dataclasses.replace(_visit(0), at=at().replace(tzinfo=None)))


def test_the_register_comes_back_and_is_imported_once(archive: Archive, dump) -> None:
    agencies = [
        Agency(
            "990000:办公室",
            "示例市人民政府",
            ("市政府", "示例市"),
            "990000",
            "government",
            "art49_government",
            "…",
            2019,
        ),
        Agency("990000:财政局", "示例市财政局", ("财政局",), "990000", "department", portal="city"),
    ]
    archive.add_portal("city", "示例市", "static_list")
    archive.import_agencies(agencies)
    before = dump()
    archive.import_agencies(agencies)
    archive.add_portal("city", "示例市", "static_list")
    assert dump() == before
    assert archive.agencies() == agencies
    archive.import_agencies([dataclasses.replace(agencies[1], aliases=("市财政局",))])
    assert archive.agencies()[1].aliases == ("市财政局",)
    with pytest.raises(ArchiveError, match="stands 2 times"):
        archive.import_agencies([agencies[0], agencies[0]])
