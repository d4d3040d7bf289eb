"""One document whose bytes are lost is said, keeps what it was read as, and keeps no other document from being read."""

from datetime import UTC, datetime
from pathlib import Path

from crawler.sandbox.country import Country
from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Sighting
from monitor.pipeline import read_waiting

NOON = datetime(2024, 2, 1, 4, tzinfo=UTC)


def test_a_lost_document_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    first, second = [plan.sample for plan in Country.build(1).plans][:2]
    with Archive.open(tmp_path / "a.db") as archive:
        for number, sample in enumerate((first, second)):
            sha256 = archive.put_document(html.write(sample, page=True), media="text/html", seen_at=NOON)
            url = f"https://city.example/{number}.html"
            archive.add_sighting(Sighting("city", url, url, "page", sample.title, None, sha256, NOON))
            if number == 0:
                assert read_waiting(archive).lost == []
                archive.query("UPDATE readings SET parser_version = ''")  # as a migration, or a better parser, does
                archive.documents.path(sha256).unlink()
        reading = read_waiting(archive)
        assert reading.new == 1
        assert len(reading.lost) == 1
        assert sha256 not in reading.lost[0]
    with Archive.open(tmp_path / "a.db") as archive:
        assert archive.query("SELECT count(*) FROM reports") == [(2,)]
        assert archive.query("SELECT count(*) FROM readings WHERE parser_version = ''") == [(1,)]
