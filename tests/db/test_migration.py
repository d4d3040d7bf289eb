"""An archive of an earlier schema is brought up to date without losing what it knows."""

import dataclasses
import json
import sqlite3
from pathlib import Path

from archive_samples import at
from sqlite_utils import Database, Migrations

from db.archive import Archive
from db.collected.documents import compress
from db.records import Finding, Look, Message
from db.schema.migrations import APPLICATION_ID, VERSION, migrations
from db.schema.wide import OWN_COLUMNS
from db.times import to_text
from parsers.form import load_forms

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
        only_first._migrations = [
            step for step in migrations(load_forms())._migrations if step.name == "m001_first_tables"
        ]
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


def second_schema(path: Path) -> None:
    """An archive of the second schema: an agency with two sources for a year, another that nobody knows, a finding."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        db = Database(connection, execute_plugins=False)
        before = Migrations("nianbao")
        before._migrations = migrations(load_forms())._migrations[:2]
        before.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 2")
        connection.execute("ALTER TABLE wide ADD COLUMN applications_new_total INTEGER")
        connection.execute("ALTER TABLE wide ADD COLUMN disclosure_fees_amount REAL")
        connection.execute("ALTER TABLE wide ADD COLUMN disclosure_fees_amount_unit TEXT")
        connection.execute("INSERT INTO documents VALUES (?, 1, 'text/html', ?)", ("a" * 64, to_text(at(0))))
        connection.execute(
            "INSERT INTO agencies (id, name, region_code, organ, duty, duty_source)"
            " VALUES ('990101:财政局', '柳溪县财政局', '990101', 'department', 'art49_department', '…')"
        )
        connection.execute("INSERT INTO forms VALUES ('2021', 2021, '…', 'of an older nianbao')")
        figure = "'applications.new.total', 'applications_new_total', 'count'"
        connection.execute(f"INSERT INTO form_figures VALUES ('2021', 0, {figure})")
        variants = (
            "|applications|applications.other_not_corrected|applications.other_fee_unpaid|applications.other_rest|"
        )
        for number, (key, agency_id, url, numbers, day, scope) in enumerate(
            (
                ("990101:财政局", "990101:财政局", "u1", 5, 0, '{"applications": "全县"}'),
                ("990101:财政局", "990101:财政局", "u2", 5, 3, "{}"),
                ("?:某局", None, "u3", 0, 1, "{}"),
            ),
            1,
        ):
            connection.execute(
                "INSERT INTO reports (id, agency_key, agency_id, agency, year, source, url, revision, is_current,"
                " sha256, first_seen_at, last_seen_at, content, numbers, media, form, title, scope, variants_printed)"
                " VALUES (?, ?, ?, ?, 2023, 'added', ?, 1, 1, ?, ?, ?, 'c', ?, 'html', '2021', '年报', ?, ?)",
                (number, key, agency_id, key[2:], url, "a" * 64, *[to_text(at(day))] * 2, numbers, scope, variants),
            )
            connection.execute("INSERT INTO wide VALUES (?, ?, 1.5, '万元')", (number, number * 10))
            connection.execute("INSERT INTO sections VALUES (?, 0, 5, '问题', '人员不足。')", (number,))
            connection.execute("INSERT INTO places VALUES (?, ?)", (number, compress(b"[null]")))
            connection.execute(
                "INSERT INTO readings (source, url, sha256, seen_at, parser_version, report_id)"
                " VALUES ('added', ?, ?, ?, '2', ?)",
                (url, "a" * 64, to_text(at(day)), number),
            )
        connection.execute("INSERT INTO cell_states VALUES (1, 'applications.granted.total', 'dash', '/', 'printed')")
        connection.execute(
            "INSERT INTO findings VALUES ('f', 'carry-over', 'identity', 'warning', 'certain', 'convention',"
            " '990101:财政局', '990101:财政局', '柳溪县财政局', 2023, NULL, '[]', '{\"x\":1}', NULL, '中', 'en', '[]',"
            " 1, 0, ?, ?, ?)",
            [to_text(at(day)) for day in (0, 1, 2)],
        )
        for event in ("found", "gone"):
            connection.execute(
                "INSERT INTO finding_events (fingerprint, event, at, told) VALUES ('f', ?, ?, 1)",
                (event, to_text(at(2))),
            )
    connection.close()


def test_an_archive_of_the_second_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    second_schema(path)
    with Archive.open(path) as archive:
        assert archive.query("PRAGMA integrity_check") == [("ok",)]
        assert archive.query("PRAGMA foreign_key_check") == []
        rows = "SELECT w.report_id, k.key, k.name, w.year, w.form, w.is_latest, w.variants FROM wide w"
        assert archive.query(f"{rows} JOIN agency_keys k ON k.no = w.agency_no ORDER BY 1") == [
            (1, "990101:财政局", "柳溪县财政局", 2023, "2021", 0, 2),
            (2, "990101:财政局", "柳溪县财政局", 2023, "2021", 1, 2),
            (3, "?:某局", "某局", 2023, "2021", 1, 2),
        ]
        figures = "agency, url, applications_new_total, disclosure_fees_amount, disclosure_fees_amount_unit"
        assert archive.query(f"SELECT {figures} FROM latest ORDER BY url") == [
            ("柳溪县财政局", "u2", 20, 1.5, "万元"),
            ("某局", "u3", 30, 1.5, "万元"),
        ]
        names = [row[0] for row in archive.query("SELECT name FROM pragma_table_info('wide')")]
        assert names[:6] == list(OWN_COLUMNS)
        assert archive.query("SELECT * FROM scopes") == [(1, "applications", "全县")]
        cells = archive.query("SELECT figure, state, text, how, read FROM cell_states")
        assert cells == [("applications.granted.total", "dash", "/", "printed", None)]
        assert archive.query("SELECT DISTINCT parser_version FROM reports") == [("2",)]
        found, gone = archive.query("SELECT claim FROM finding_events ORDER BY id")
        claim = json.loads(gone[0])
        assert found == (None,) and claim["observed"] == {"x": 1} and claim["expected"] is None
        assert claim["sentence_zh"] == "中" and claim["places"] == []
        assert len(archive.query("SELECT rowid FROM report_search WHERE report_search MATCH '\"人员\"'")) == 3
        # A form of an older nianbao: what was read by it is to be read again.
        assert archive.query("SELECT DISTINCT parser_version FROM readings") == [("",)]


def _finding(rule: str, figure: str | None = None) -> Finding:
    whose = ("990101:财政局", "柳溪县财政局", 2023)
    return Finding(
        rule, "form", "warning", "certain", "observation", *whose, figure, [], "第五部分", None, "中", "en", []
    )


def _told(finding: Finding, event: str) -> list[Message]:
    return [Message("a", "telegram", finding.fingerprint, event, f"{event} 编号：{finding.fingerprint}")]


_OLD_CLAIM = ("confirmed",)  # what a claim of the third schema did not have


def third_schema(path: Path) -> None:
    """An archive of the third schema: findings of rules that have another name since, one of them gone; their messages,
    one of them sent."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        db = Database(connection, execute_plugins=False)
        before = Migrations("nianbao")
        before._migrations = migrations(load_forms())._migrations[:3]
        before.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 3")
        for finding, events in (
            (_finding("missing-section", "5"), ("found",)),
            (_finding("unexpected-form"), ("found", "gone")),
            (_finding("carry-over"), ("found",)),
        ):
            values = dataclasses.asdict(finding)
            claim = {name: value for name, value in values.items() if name not in _OLD_CLAIM}
            plain = {name: json.dumps(v) if isinstance(v, list | dict) else v for name, v in claim.items()}
            plain |= {"observed": json.dumps(values["observed"]), "expected": "null", "agency_key": finding.agency_id}
            plain |= {"fingerprint": finding.fingerprint, "is_open": len(events) == 1, "first_found_at": to_text(at(0))}
            plain |= {"gone_at": None if len(events) == 1 else to_text(at(1))}
            marks = ", ".join("?" * len(plain))
            connection.execute(f"INSERT INTO findings ({', '.join(plain)}) VALUES ({marks})", list(plain.values()))
            for day, event in enumerate(events):
                connection.execute(
                    "INSERT INTO finding_events (fingerprint, event, at, observed, told, claim)"
                    " VALUES (?, ?, ?, ?, 1, ?)",
                    (finding.fingerprint, event, to_text(at(day)), plain["observed"], json.dumps(claim)),
                )
                (message,) = _told(finding, event)
                connection.execute(
                    "INSERT INTO outbox (subscriber, channel, fingerprint, event, text, state, next_try, created_at)"
                    " VALUES ('a', 'telegram', ?, ?, ?, ?, ?, ?)",
                    (
                        finding.fingerprint,
                        event,
                        message.text,
                        "sent" if finding.rule == "unexpected-form" and event == "found" else "pending",
                        *[to_text(at(day))] * 2,
                    ),
                )
    connection.close()


def test_findings_of_renamed_rules_keep_their_lives(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    third_schema(path)
    sections, form = _finding("sections", "5"), _finding("wrong-form")
    old = {_finding("missing-section", "5").fingerprint, _finding("unexpected-form").fingerprint}
    with Archive.open(path) as archive:
        assert archive.query("PRAGMA integrity_check") == [("ok",)]
        for table in ("findings", "finding_events", "outbox"):
            assert not {row[0] for row in archive.query(f"SELECT fingerprint FROM {table}")} & old
        assert [(row["fingerprint"], row["rule"]) for row in archive.findings()] == [
            (_finding("carry-over").fingerprint, "carry-over"),
            (sections.fingerprint, "sections"),
        ]
        assert [e.event for e in archive.life.events(form.fingerprint)] == ["found", "gone"]
        assert {e.claim["rule"] for e in archive.life.events(form.fingerprint) if e.claim} == {"wrong-form"}
        waiting = [row["text"] for row in archive.outbox.each_due(at(9))]
        assert f"found 编号：{sections.fingerprint}" in waiting, "a message that waits names the new number"
        assert f"gone 编号：{form.fingerprint}" in waiting
        assert len(waiting) == 3


def test_what_was_told_under_an_old_name_is_not_told_again(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    third_schema(path)
    rules = {"sections", "wrong-form", "carry-over"}
    with Archive.open(path) as archive:
        before = archive.query("SELECT count(*) FROM outbox")
        found = [_finding("sections", "5"), _finding("carry-over")]
        assert archive.save_findings(found, judged=None, rules=rules, messages=_told, at=at(2)) == []
        assert archive.query("SELECT count(*) FROM outbox") == before
        # What people said of it is kept under the new name, and what is gone under it is taken back.
        archive.life.answer(found[0].fingerprint, "wrong", by="甲", at=at(3), reason="看过原件", messages=_told)
        assert archive.save_findings(found, judged=None, rules=rules, messages=_told, at=at(4)) == []
        assert archive.life.record("sections").wrong == 1
        ((_, event),) = archive.save_findings(found[:1], judged=None, rules=rules, messages=_told, at=at(5))
        assert event == "gone"
