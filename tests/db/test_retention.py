"""List pages are given up only where nothing rests on them; what is given up is known as that, and comes back whole."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from archive_samples import at, make_report
from children import Say, Wait, said_by

from db.archive import Archive
from db.errors import DocumentGivenUpError, DocumentMissingError
from db.keeping import verify
from db.keeping.health import Health
from db.keeping.retention import Due, Plan, Retention
from db.records import Agency, ColumnRead, Finding, ListedLink, ListedPage, Sighting, Visit

COLUMN = "https://city.example/nb/"
BEFORE, NOW = at(300), at(400)
OWED = [Due("art49_department", 2023, at(0))]
WHY = "list page older than 90 days"

Look = Callable[..., str]


@pytest.fixture
def look(archive: Archive) -> Look:
    """A look at a list page and, unless told otherwise, the read that it belongs to; the SHA-256 of its bytes."""

    def seen(day: float, text: str, links: str = "a", url: str = COLUMN, *, read: bool = True, **other: object) -> str:
        sha256 = archive.put_document(text.encode(), media="text/html", seen_at=at(day))
        visit = Visit("city", url, "list", at(day), 200, "ok", sha256=sha256)
        for name, value in other.items():
            setattr(visit, name, value)
        number = archive.add_visit(visit)
        if read:
            page = ListedPage(number, archive.keep_links([ListedLink(links, "x")]))
            archive.add_column_read(ColumnRead("city", COLUMN, at(day), "ok", 1, listing=[page]))
        return sha256

    return seen


def _plan(archive: Archive, before: datetime = BEFORE, owed: list[Due] = OWED) -> Plan:
    return Retention(archive).plan(before=before, owed=owed)


def _given_up(archive: Archive, before: datetime = BEFORE, owed: list[Due] = OWED) -> set[str]:
    Retention(archive).apply(before=before, owed=owed, at=NOW, why=WHY)
    return {sha256 for (sha256,) in archive.query("SELECT sha256 FROM documents WHERE dropped_at IS NOT NULL")}


def test_of_equal_pages_the_first_and_the_last_stay(archive: Archive, look: Look) -> None:
    run = [look(day, f"one {day}") for day in range(5)]
    other = [look(day, f"two {day}", "b") for day in range(5, 8)]
    again = [look(day, f"one {day}") for day in range(8, 10)]
    assert _given_up(archive) == {*run[1:-1], other[1]}
    for sha256 in (run[0], run[-1], other[0], other[-1], *again):
        archive.get_document(sha256)


def test_nothing_new_goes(archive: Archive, look: Look) -> None:
    for day in range(5):
        look(day, f"one {day}")
    assert _plan(archive, before=at(1)).documents == 0
    assert _plan(archive, before=at(3)).documents == 2


def test_a_page_that_was_seen_again_lately_stays(archive: Archive, look: Look) -> None:
    for day, text in enumerate(["a", "b", "c", "d"]):
        look(day, text)
    look(350, "b")
    look(351, "e")
    assert _plan(archive).documents == 2  # c and d: the run goes on, and b is part of it lately


@pytest.mark.parametrize("outcome", ["blocked", "failed", "gone", "unknown"])
def test_a_page_that_shows_why_nothing_was_seen_stays(archive: Archive, look: Look, outcome: str) -> None:
    look(0, "a")
    look(1, "the guard says no", read=False, outcome=outcome, url=f"{COLUMN}2")
    look(2, "b", read=False, url=f"{COLUMN}2")
    assert _given_up(archive) == set()


def test_the_last_look_at_an_address_stays(archive: Archive, look: Look) -> None:
    earlier = look(0, "a", read=False)
    last = look(1, "b", read=False)
    assert _given_up(archive) == {earlier}
    assert archive.last_look(COLUMN).sha256 == last  # type: ignore[union-attr]
    archive.get_document(last)


def _sighted(archive: Archive, sha256: str) -> None:
    archive.add_sighting(Sighting("city", COLUMN, COLUMN, "page", None, None, sha256, at(1)))


def _finding(archive: Archive, day: float) -> Finding:
    place = {"year": 2023, "sha256": None, "figure": None, "place": {"column": COLUMN, "read_at": at(day).isoformat()}}
    return Finding(
        "missing", "absence", "error", "certain", "law", None, "x", 2023, None, [], None, None, "缺", "missing", [place]
    )


def _save(archive: Archive, findings: list[Finding], day: float) -> None:
    archive.save_findings(findings, judged=None, rules={"missing"}, messages=lambda *_: [], at=at(day))


def _gone(archive: Archive, sha256: str) -> None:
    """A finding that named the read of day 1 and no longer stands; its claim is all that still says so."""
    _save(archive, [_finding(archive, 1)], 5)
    _save(archive, [], 6)
    with archive.write() as connection:
        connection.execute("DELETE FROM findings")


@pytest.mark.parametrize(
    "rests",
    [
        _sighted,
        lambda archive, sha256: archive.add_visit(
            Visit("city", f"{COLUMN}robots.txt", "robots", at(1), 200, "ok", sha256=sha256)
        ),
        lambda archive, sha256: _save(archive, [_finding(archive, 1)], 5),
        _gone,
        lambda archive, sha256: _insert(
            archive, "takedowns (url, reason, asked_by, made_at)", (COLUMN, "r", "a", "2024")
        ),
        lambda archive, sha256: _insert(
            archive,
            "corrections (sha256, figure, state, made_by, source, made_at)",
            (sha256, "a.b.c", "blank", "m", "s", "2024"),
        ),
    ],
    ids=["sighting", "robots", "finding", "gone-finding", "takedown", "correction"],
)
def test_what_something_rests_on_stays(archive: Archive, look: Look, rests) -> None:
    pages = [look(day, f"page {day}") for day in range(3)]
    assert _plan(archive).documents == 1
    rests(archive, pages[1])
    assert _plan(archive).documents == 0
    assert _given_up(archive) == set()
    archive.get_document(pages[1])


def _insert(archive: Archive, into: str, values: tuple[object, ...]) -> None:
    with archive.write() as connection:
        connection.execute(f"INSERT INTO {into} VALUES ({', '.join('?' * len(values))})", values)


def _agency(archive: Archive, name: str, **other: object) -> None:
    values = {"id": f"990101:{name}", "name": name, "region_code": "990101", "organ": name, "portal": "city"}
    agency = Agency(**(values | {"duty": "art49_department", "duty_source": "x"} | other))  # type: ignore[arg-type]
    archive.import_agencies([agency])


def test_what_an_absence_may_rest_on_stays_until_all_were_seen(archive: Archive, look: Look, store) -> None:
    before = [look(day, f"before {day}") for day in range(-6, 0)]
    after = [look(day, f"after {day}") for day in range(1, 7)]
    _agency(archive, "财政局")
    _agency(archive, "教育局")
    _agency(archive, "镇政府", duty="no_date")
    _agency(archive, "新局", from_year=2024)
    _agency(archive, "别处", portal=None)
    store(make_report(2023), agency_id="990101:财政局", seen_at=at(2), url="1")
    # One is still absent: everything since the deadline stays.
    assert _given_up(archive) == set(before[1:])
    store(make_report(2023), b"B", agency_id="990101:教育局", seen_at=at(4), url="2")
    # All were seen by day 4: what came later is given up, but for the last of the run.
    assert _given_up(archive) == {*before[1:], after[4]}


@pytest.mark.parametrize(
    ("organ", "region", "keeps"), [("township", "9901", True), ("street", "9901", False), ("township", "9902", False)]
)
def test_so_does_what_one_by_a_local_date_may_rest_on(
    archive: Archive, look: Look, organ: str, region: str, *, keeps: bool
) -> None:
    before = [look(day, f"before {day}") for day in range(-6, 0)]
    after = [look(day, f"after {day}") for day in range(1, 7)]
    _agency(archive, "镇政府", duty="no_date", organ="township")
    given_up = _given_up(archive, owed=[Due("no_date", 2023, at(0), organ, region)])
    assert given_up == ({*before[1:]} if keeps else {*before[1:], *after[:-1]})


def test_reads_without_their_visits_keep_what_may_belong_to_them(archive: Archive, look: Look) -> None:
    pages = [look(day, f"page {day}", read=False) for day in range(6)]
    archive.add_column_read(ColumnRead("city", COLUMN, at(2.5), "ok", 1, [ListedLink("a", "x")]))
    assert _given_up(archive) == {pages[4]}


def _looked_at(path: Path, say: Say, wait: Wait) -> None:
    with Archive.open(path) as archive:
        faults = [
            *verify.database_faults(archive),
            *(fault for batch in verify.batches(archive) for fault in verify.check_batch(batch).faults),
            *verify.folder_faults(archive),
            *verify.given_up(archive),
        ]
        say([(fault.kind, fault.is_damage) for fault in faults])
        say(list(Health(archive).lacking_files()))
        (sha256,) = (row[0] for row in archive.query("SELECT sha256 FROM documents WHERE dropped_at IS NOT NULL"))
        try:
            archive.get_document(sha256)
        except DocumentMissingError as error:
            say((type(error), str(error)))
        say(len(archive.column_reads("city")))


def test_what_was_given_up_is_no_fault(archive: Archive, look: Look) -> None:
    pages = [look(day, f"page {day}") for day in range(3)]
    assert _given_up(archive) == {pages[1]}
    faults, lacking, (kind, sentence), reads = said_by(_looked_at, archive.path)
    assert faults == [("given-up", False)]
    assert lacking == []
    assert kind is DocumentGivenUpError
    assert f"was given up by the rules of retention on 2025-03-07 ({WHY})" in sentence
    assert reads == 3, "what the pages listed is there"
    assert not archive.documents.has(pages[1])


def test_a_file_that_was_left_goes_next_time(archive: Archive, look: Look) -> None:
    pages = [look(day, f"page {day}") for day in range(3)]
    path = archive.documents.path(pages[1])
    whole = path.read_bytes()
    _given_up(archive)
    path.write_bytes(whole)  # as if killed between row and file
    assert [fault.kind for fault in verify.folder_faults(archive)] == ["left"]
    assert _plan(archive).left == 1
    assert Retention(archive).apply(before=BEFORE, owed=OWED, at=NOW, why=WHY).size == len(whole)
    assert not path.exists()


def test_bytes_that_come_again_are_kept_again(archive: Archive, look: Look) -> None:
    pages = [look(day, f"page {day}") for day in range(3)]
    _given_up(archive)
    assert archive.put_document(b"page 1", media="text/html", seen_at=at(500)) == pages[1]
    assert archive.get_document(pages[1]) == b"page 1"
    assert archive.query("SELECT count(*) FROM documents WHERE dropped_at IS NOT NULL OR dropped_why IS NOT NULL") == [
        (0,)
    ]
    assert Retention(archive).given_up().documents == 0


def test_what_comes_while_it_is_chosen_stays(archive: Archive, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [look(day, f"page {day}") for day in range(3)]
    retention = Retention(archive)
    choose = retention.plan

    def plan(**how: object) -> Plan:
        chosen = choose(**how)  # type: ignore[arg-type]
        assert chosen.documents == 1
        with Archive.open(archive.path) as other:
            other.add_visit(Visit("city", f"{COLUMN}9", "list", at(399), 200, "ok", sha256=pages[1]))
        return chosen

    monkeypatch.setattr(retention, "plan", plan)
    assert retention.apply(before=BEFORE, owed=OWED, at=NOW, why=WHY).documents == 0
    assert archive.get_document(pages[1]) == b"page 1"
