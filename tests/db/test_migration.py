"""An archive of the first schema is brought up to date without losing what it knows."""

import sqlite3
from pathlib import Path

from archive_samples import at
from sqlite_utils import Database, Migrations

from db.archive import Archive
from db.records import Look
from db.schema import APPLICATION_ID, VERSION, migrations
from db.times import to_text

HOST = "https://city.example"
LINKS = f'[["{HOST}/1.html","2023年报","2024-01-20"],["{HOST}/2.pdf","",null]]'


def first_schema(path: Path) -> None:
    """An archive as the first release made it: two reads of a column, a report seen twice, a file added by hand."""
    Archive.open(path).close()
    files = list(path.parent.glob("a.db*"))
    for file in files:
        if file.is_file():
            file.unlink()
    with sqlite3.connect(path, isolation_level=None) as connection:
        db = Database(connection, execute_plugins=False)
        only_first = Migrations("nianbao")
        only_first._migrations = [step for step in migrations()._migrations if step.name == "m001_first_tables"]
        only_first.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO portals (id) VALUES ('city')")
        connection.execute("INSERT INTO documents VALUES (?, 1, 'text/html', ?)", ("a" * 64, to_text(at(0))))
        connection.execute("INSERT INTO link_lists VALUES ('h', ?)", (LINKS,))
        for day in (0, 1):
            connection.execute(
                "INSERT INTO column_reads (portal, column_url, at, outcome, pages, links_hash)"
                " VALUES ('city', ?, ?, 'ok', 2, 'h')",
                (f"{HOST}/nb/", to_text(at(day))),
            )
        connection.execute(
            "INSERT INTO visits (portal, url, kind, at, status, outcome, request_headers, response_headers, sha256)"
            " VALUES ('city', ?, 'detail', ?, 200, 'ok', '{}', '{\"ETag\": \"x\"}', ?)",
            (f"{HOST}/1.html", to_text(at(0)), "a" * 64),
        )
        for source, portal, url, day in (("city", "city", f"{HOST}/1.html", 1), ("added", None, "file:/x.html", 0)):
            connection.execute(
                "INSERT INTO sightings (source, portal, page_url, url, part, title, listed_on, sha256, first_seen_at,"
                " last_seen_at, visit_id) VALUES (?, ?, ?, ?, 'page', '2023年报', '2024-01-20', ?, ?, ?, 1)",
                (source, portal, url, url, "a" * 64, to_text(at(0)), to_text(at(day))),
            )
    connection.close()


def test_an_archive_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    first_schema(path)
    with Archive.open(path) as archive:
        assert archive.query("PRAGMA user_version") == [(VERSION,)]
        assert archive.query("PRAGMA integrity_check") == [("ok",)]
        assert archive.query("PRAGMA foreign_key_check") == []
        reads = archive.column_reads("city")
        assert [(read.at, read.outcome, read.pages, len(read.links)) for read in reads] == [
            (at(0), "ok", 2, 2),
            (at(1), "ok", 2, 2),
        ]
        assert reads[0].listing == [(None, "h")]
        assert archive.crawls.has_complete("city"), "it has been crawled before: nothing is quiet"
        assert archive.last_look(f"{HOST}/1.html") == Look("a" * 64, "x")
        assert [s.url for s in archive.sightings_to_read("none")] == [f"{HOST}/1.html", "file:/x.html"]
        (known,) = archive.frontier.due("city", at(8), 9)  # a week after it was seen last
        assert (known.url, known.kind, known.visits, known.outcome) == (f"{HOST}/1.html", "report", 1, "ok")
        assert archive.frontier.due("city", at(7.9), 9) == []


def test_up_to_date_in_one_step_is_the_same_as_in_two(tmp_path: Path) -> None:
    first_schema(tmp_path / "a.db")
    schemas = []
    for name in ("a.db", "b.db"):
        with Archive.open(tmp_path / name) as archive:
            tables = archive.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            schemas.append({t: archive.query(f"SELECT name, type FROM pragma_table_info('{t}')") for (t,) in tables})
    assert schemas[0] == schemas[1]
