"""The history of one report: sources, revisions, what people said, what the rules said."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime

import pytest
from archive_samples import at, make_report
from conftest import Store

from db.archive import Archive
from db.collected.documents import sha256_of
from db.readings.history import AgencyKey, History
from db.records import Agency, Finding
from parsers.report import Figure

NEW = "applications.new.total"
NAME = "示例市财政局"
KEY = f"?:{NAME}"
HERE, THERE = "https://city.example/1.html", "https://county.example/1.html"
A, B = sha256_of(b"A"), sha256_of(b"B")


@pytest.fixture
def seen(archive: Archive, store: Store) -> History:
    """A, then B, then A at one address, of which A once more with other bytes; A at another portal, seen last."""
    one, two = make_report(values={NEW: 5}), make_report(values={NEW: 6})
    for day, (report, body) in enumerate(((one, b"A"), (two, b"B"), (one, b"A"), (one, b"A2"))):
        store(report, body, at(day))
    store(one, b"A", at(9), source="county", url=THERE, version="2")
    return History(archive)


def test_from_one_to_another_and_back_is_three(seen: History) -> None:
    found = seen.revisions(KEY, 2023)
    assert [(r.source, r.url, r.revision, r.is_current, r.is_trusted) for r in found] == [
        ("city", HERE, 1, False, False),
        ("city", HERE, 2, False, False),
        ("city", HERE, 3, True, True),
        ("county", THERE, 1, True, True),
    ]
    assert [(r.first_seen_at, r.last_seen_at) for r in found] == [
        (at(0), at(0)), (at(1), at(1)), (at(2), at(3)), (at(9), at(9)),
    ]  # fmt: skip
    assert [[d.sha256 for d in r.documents] for r in found] == [[A], [B], [A, sha256_of(b"A2")], [A]]
    assert {(r.form, r.parser_version) for r in found} == {("2021", "1"), ("2021", "2")}
    assert all(r.title == "示例市财政局2023年政府信息公开工作年度报告" for r in found)


def test_another_process_tells_the_same(archive: Archive, seen: History) -> None:
    script = (
        "import sys; from pathlib import Path; from db.archive import Archive\n"
        "from db.readings.history import History\n"
        "with Archive.open(Path(sys.argv[1])) as a:\n"
        "  print(repr(History(a).revisions(sys.argv[2], 2023)))"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script, str(archive.path), KEY], capture_output=True, check=True, timeout=60
    )
    assert ran.stdout.decode().strip() == repr(seen.revisions(KEY, 2023))


def test_figures_are_those_of_each_revision_and_corrections_stand_apart(archive: Archive, seen: History) -> None:
    archive.corrections.make(
        A, Figure(NEW, 50, "corrected", "50", None, "corrected"), by="王敏", source="第2页", at=at(10)
    )
    archive.corrections.undo(A, NEW, by="李强", why="看错", at=at(11))
    archive.corrections.make(
        B, Figure(NEW, 60, "corrected", "60", None, "corrected"), by="王敏", source="第3页", at=at(12)
    )
    found = seen.revisions(KEY, 2023)
    read = [seen.report(r.report_id, as_read=True) for r in found]
    now = [seen.report(r.report_id) for r in found]
    assert [stored and stored.report.value(NEW) for stored in read] == [5, 6, 5, 5]
    assert [stored and stored.report.value(NEW) for stored in now] == [5, 60, 5, 5]
    said = seen.corrections(found)
    assert [(c.value, c.made_by, c.source, c.made_at, c.undone_by, c.undone_why) for c in said] == [
        (60, "王敏", "第3页", at(12), None, None),
        (50, "王敏", "第2页", at(10), "李强", "看错"),
    ]


def finding(key: AgencyKey) -> Finding:
    return Finding(
        "applications-balance", "identity", "error", "certain", "printed", key.agency_id, key.name, 2023, NEW, [NEW], 5,
        6, "句子", "a sentence",
    )  # fmt: skip


def test_what_the_rules_said_comes_in_order(archive: Archive, seen: History) -> None:
    (key,) = seen.agencies(NAME)
    assert key == AgencyKey(KEY, None, NAME)
    rules = {"applications-balance"}
    save: Callable[[list[Finding], datetime], object] = lambda found, when: archive.save_findings(  # noqa: E731
        found, judged=None, rules=rules, messages=lambda *_: [], at=when
    )
    save([finding(key)], at(1))
    save([], at(2))
    events = seen.events(KEY, 2023)
    assert [(e.event, e.at, e.is_open) for e in events] == [("found", at(1), False), ("gone", at(2), False)]
    assert {(e.finding["rule"], e.finding["sentence_zh"]) for e in events} == {("applications-balance", "句子")}
    assert seen.events(KEY, 2022) == []


def test_unread_and_withheld_documents_are_named(archive: Archive, seen: History) -> None:
    archive.import_agencies([Agency("990101:财政局", "柳溪县财政局", organ="department")])
    body = archive.put_document(b"scan", media=None, seen_at=at())
    archive.store_unread(
        body, source="city", url="https://city.example/scan.pdf", kind="scan", sentence="is a picture", seen_at=at(),
        parser_version="1", title="2023年报", agency_id="990101:财政局", agency="柳溪县财政局", year=2023,
    )  # fmt: skip
    whose = AgencyKey("990101:财政局", "990101:财政局", "柳溪县财政局")
    assert [(u.url, u.kind, u.sentence) for u in seen.unread(whose, 2023)] == [
        ("https://city.example/scan.pdf", "scan", "is a picture")
    ]
    assert seen.unread(whose, 2022) == []
    assert seen.unread(AgencyKey(KEY, None, NAME), 2023) == []
    with archive.write() as connection:
        connection.executemany(
            "INSERT INTO takedowns (sha256, url, reason, asked_by, made_at, lifted_at) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (A, None, "含个人信息", "赵", "2024-03-01T00:00:00+00:00", None),
                (None, THERE, "同上", "赵", "2024-03-02T00:00:00+00:00", "2024-03-03T00:00:00+00:00"),
                (None, "https://elsewhere.example/", "另", "赵", "2024-03-02T00:00:00+00:00", None),
            ],
        )
    found = seen.takedowns({(A, HERE), (A, THERE)})
    assert [(w.sha256, w.url, w.reason, w.lifted_at is None) for w in found] == [
        (A, None, "含个人信息", True), (None, THERE, "同上", False),
    ]  # fmt: skip


def test_names_and_years_are_there_for_who_mistypes(seen: History) -> None:
    assert list(seen.names()) == [NAME]
    assert seen.years(KEY) == [2023]
    assert seen.agencies("?") == []
    assert seen.revisions(KEY, 2022) == []
    assert seen.report(99) is None
    assert json.dumps(seen.agencies(KEY)) == json.dumps([[KEY, None, NAME]])
