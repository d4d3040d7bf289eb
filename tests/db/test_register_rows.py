"""The register in the archive: relations, who is in it and who was only named, and what is to be read again."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from archive_samples import at, make_report

from db.archive import Archive
from db.errors import ArchiveError
from db.records import Agency
from parsers.regions import list_facts, regions

FINANCE = Agency("990000:财政局", "示例市财政局", organ="department", region_code="990000")
NAMED = Agency("990000:财税局", "示例市财税局", region_code="990000")  # by a report alone


def test_relations_come_back(archive: Archive) -> None:
    agencies = [
        Agency("990000:a", "甲", organ="department", predecessors=("990000:b", "990000:c"), covered_by="990000:b"),
        Agency("990000:b", "乙", organ="department", successors=("990000:a",), supervisor="990000:c"),
        Agency("990000:c", "丙", organ="government", parent="990000:b", from_year=2008, to_year=2018),
    ]
    assert archive.import_agencies(agencies) == 0
    assert archive.agencies() == agencies


def test_relations_lead_somewhere(archive: Archive) -> None:
    archive.import_agencies([FINANCE])
    archive.import_agencies([dataclasses.replace(NAMED, covered_by=FINANCE.id)])  # known to the archive
    with pytest.raises(
        ArchiveError, match="990000:财税局: parent: neither the register nor the archive knows 990000:x"
    ):
        archive.import_agencies([dataclasses.replace(NAMED, parent="990000:x")])


def test_a_new_name_makes_read_again_what_the_register_did_not_know(
    archive: Archive, store: Callable[..., Any]
) -> None:
    archive.import_agencies([FINANCE, NAMED])
    store(make_report(), b"known", url="https://city.example/1.html", agency_id=FINANCE.id)
    store(make_report(), b"named", url="https://city.example/2.html", agency_id=NAMED.id)
    store(make_report(), b"unknown", url="https://city.example/3.html")
    sha256 = archive.put_document(b"scan", media=None, seen_at=at())
    for number, agency_id in enumerate((FINANCE.id, NAMED.id, None)):
        archive.store_unread(
            sha256,
            source="city",
            url=f"https://city.example/{number}.pdf",
            kind="image-only",
            sentence="…",
            seen_at=at(),
            parser_version="1",
            title=None,
            agency_id=agency_id,
        )
    again = "SELECT url FROM readings WHERE parser_version = '' ORDER BY url"
    # That reports have named one more agency is no news of the register.
    assert archive.import_agencies([FINANCE, NAMED, Agency("990000:某局", "某局")]) == 0
    assert archive.query(again) == []
    assert archive.import_agencies([dataclasses.replace(FINANCE, aliases=("示例市财税局",))]) == 4
    urls = [row[0].removeprefix("https://city.example/") for row in archive.query(again)]
    assert urls == ["1.pdf", "2.html", "2.pdf", "3.html"]


def test_the_region_list_is_there_with_its_date(archive: Archive) -> None:
    archive.import_agencies([])
    (row,) = archive.query("SELECT name, level, as_of FROM regions WHERE code = '350581'")
    assert row == ("石狮市", "county", list_facts().date)
    assert archive.query("SELECT count(*) FROM regions") == [(len(regions()),)]
    with archive.write() as connection:
        connection.execute("UPDATE regions SET as_of = '2000-01-01', name = '?'")
    archive.import_agencies([])
    assert archive.query("SELECT name FROM regions WHERE code = '350581'") == [("石狮市",)]


def test_unread_documents_say_whose_they_are(archive: Archive) -> None:
    sha256 = archive.put_document(b"scan", media="application/pdf", seen_at=at())
    told: dict[str, Any] = {"agency_id": "990000:财政局", "agency": "市财政局", "year": 2023}
    archive.store_unread(
        sha256,
        source="city",
        url="https://city.example/1.pdf",
        kind="image-only",
        sentence="…",
        seen_at=at(),
        parser_version="1",
        title="市财政局2023年政府信息公开工作年度报告",
        **told,
    )
    (row,) = archive.unread()
    assert {key: row[key] for key in told} == told and row["media"] == "application/pdf"


def test_who_is_taken_out_of_the_register_owes_nothing(archive: Archive, store: Callable[..., Any]) -> None:
    peer = Agency("990000:教育局", "示例市教育局", ("市教育局",), "990000", "department", "art49_department", "…")
    archive.import_agencies([FINANCE, peer])
    store(make_report(), b"a", agency_id=peer.id)
    assert archive.import_agencies([FINANCE]) == 0 and archive.agencies()[0] == peer
    assert archive.import_agencies([FINANCE], whole=True) == 1
    assert archive.agencies()[0] == Agency(peer.id, peer.name, region_code="990000")
    assert archive.import_agencies([FINANCE], whole=True) == 0
    archive.import_agencies([FINANCE, peer], whole=True)
    assert archive.agencies()[0] == peer
