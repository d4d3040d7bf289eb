"""A revision is changed content: never changed bytes, never a better parser."""

import dataclasses

from archive_samples import at, make_report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.records import Agency

A, B, C = (make_report(values={"applications.new.total": number}) for number in (1, 2, 3))


def _revisions(archive: Archive) -> list[tuple]:
    return archive.query(
        "SELECT r.revision, w.applications_new_total, r.is_current FROM reports r JOIN wide w ON w.report_id = r.id"
        " ORDER BY r.url, r.revision"
    )


def test_a_b_a_is_three_revisions(archive: Archive, store, dump) -> None:
    changes = [store(report, body, at(day)) for day, (report, body) in enumerate([(A, b"A"), (B, b"B"), (A, b"A")])]
    assert [(change.revision, change.change) for change in changes] == [(1, "new"), (2, "revised"), (3, "revised")]
    assert _revisions(archive) == [(1, 1, 0), (2, 2, 0), (3, 1, 1)]
    before = dump()
    again = [store(report, body, at(day)) for day, (report, body) in enumerate([(A, b"A"), (B, b"B"), (A, b"A")])]
    assert [change.change for change in again] == ["unchanged"] * 3
    assert [change.report_id for change in again] == [change.report_id for change in changes]
    assert dump() == before


def test_other_bytes_with_the_same_content_are_no_revision(archive: Archive, store) -> None:
    first = store(A, b"A", at(0))
    second = store(dataclasses.replace(A, published_on="2024-01-30"), b"A with a counter", at(1))
    assert second == dataclasses.replace(first, change="unchanged")
    (kept,) = archive.reports()
    assert kept.report.published_on == A.published_on
    assert (kept.first_seen_at, kept.revision) == (at(0), 1)


def test_a_better_parser_changes_the_revision_in_place(archive: Archive, store) -> None:
    first = store(A, b"A", at(0))
    better = store(B, b"A", at(0), version="2")
    assert (better.report_id, better.revision, better.change) == (first.report_id, 1, "unchanged")
    assert _revisions(archive) == [(1, 2, 1)]


def test_the_same_bytes_seen_later_and_read_better_are_no_revision(archive: Archive, store) -> None:
    store(A, b"A", at(0))
    assert store(B, b"A", at(5), version="2").change == "unchanged"
    assert _revisions(archive) == [(1, 2, 1)]


def test_a_better_parser_may_join_two_revisions(archive: Archive, store) -> None:
    store(A, b"A", at(0))
    store(B, b"B", at(1))
    store(C, b"A", at(0), version="2")
    assert _revisions(archive) == [(1, 3, 0), (2, 2, 1)]
    assert store(C, b"B", at(1), version="2").change == "unchanged"
    assert _revisions(archive) == [(1, 3, 1)]


def test_a_better_parser_may_part_a_revision(archive: Archive, store) -> None:
    store(A, b"A", at(0))
    store(A, b"A with a counter", at(1))
    store(B, b"A", at(0), version="2")
    assert _revisions(archive) == [(1, 2, 1)]  # the other document will be read again too
    assert store(C, b"A with a counter", at(1), version="2").change == "revised"
    assert _revisions(archive) == [(1, 2, 0), (2, 3, 1)]


def test_what_was_seen_between_is_put_between(archive: Archive, store) -> None:
    store(A, b"A", at(0))
    store(A, b"A2", at(9))
    assert _revisions(archive) == [(1, 1, 1)]
    assert store(B, b"B", at(5)).revision == 2
    assert _revisions(archive) == [(1, 1, 0), (2, 2, 0), (3, 1, 1)]


def test_sources_have_revisions_of_their_own(archive: Archive, store) -> None:
    store(A, b"A", url="u1")
    store(B, b"B", url="u2")
    store(A, b"A", url="u1", source="province")
    assert _revisions(archive) == [(1, 1, 1), (1, 1, 1), (1, 2, 1)]


def test_a_report_that_finds_its_agency_leaves_no_double(archive: Archive, store) -> None:
    store(A, b"A", at(0))
    archive.import_agencies([Agency("990000:财政局", "示例市财政局")])
    store(A, b"A", at(0), agency_id="990000:财政局")
    assert [row.key for row in archive.reports()] == ["990000:财政局"]
    assert archive.query("SELECT count(*) FROM wide") == [(1,)]


def test_a_report_that_turns_out_unreadable_is_kept_as_unread(archive: Archive, store) -> None:
    store(A, b"A", at(0))
    store(B, b"B", at(1))
    sha256 = archive.put_document(b"A", media="text/html", seen_at=at(0))
    said = {"kind": "truncated", "sentence": "The file ends early.", "title": "年报", "parser_version": "2"}
    where = {"source": "city", "url": "https://city.example/1.html", "seen_at": at(0)}
    archive.store_unread(sha256, **where, **said)
    assert _revisions(archive) == [(1, 2, 1)]
    assert archive.unread() == []  # what stands there now can be read
    archive.store_unread(archive.put_document(b"B", media=None, seen_at=at(1)), **where | {"seen_at": at(1)}, **said)
    assert _revisions(archive) == []
    assert [(row["sha256"] == sha256, row["kind"], row["title"]) for row in archive.unread()] == [
        (True, "truncated", "年报"),
        (False, "truncated", "年报"),
    ]


readings = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([(A, b"A"), (A, b"a"), (B, b"B"), (C, b"C")])), max_size=9
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(readings, st.randoms())
def test_the_order_of_reading_does_not_matter(archive: Archive, store, seen, random) -> None:
    """Whatever the order in which sightings are read, the revisions are the runs of equal content over time."""
    seen = list({day: (day, what) for day, what in seen}.values())
    archive._connection.executescript("DELETE FROM readings; DELETE FROM reports;")
    random.shuffle(seen)
    for day, (report, body) in seen:
        store(report, body, at(day))
    expected: list[int] = []
    for _, (report, _) in sorted(seen, key=lambda item: item[0]):
        number = report.value("applications.new.total")
        if not expected or expected[-1] != number:
            expected.append(number)
    assert [row[1] for row in _revisions(archive)] == expected
    assert [row[0] for row in _revisions(archive)] == list(range(1, len(expected) + 1))


def test_what_another_parser_has_changed_in_place_is_read_again(archive: Archive, store) -> None:
    """An older parser, of a deployment that was set back for a day, changes a revision by one of its documents; what
    the others say must not stay so when the newer one comes back."""
    store(A, b"A", at(0), version="2")
    store(A, b"A with a counter", at(1), version="2")
    store(C, b"A", at(0), version="1")
    waiting = archive.query("SELECT seen_at FROM readings WHERE parser_version <> '2' ORDER BY seen_at")
    assert len(waiting) == 2
    store(A, b"A", at(0), version="2")
    store(A, b"A with a counter", at(1), version="2")
    assert _revisions(archive) == [(1, 1, 1)]


def test_the_row_of_a_revision_is_of_its_first_document(archive: Archive, store) -> None:
    store(A, b"A", at(0))
    store(A, b"A with a counter", at(1))
    store(B, b"A", at(0), url="https://city.example/other.html")
    sha256 = archive.put_document(b"A", media="text/html", seen_at=at(0))
    where = {"source": "city", "url": "https://city.example/1.html", "seen_at": at(0)}
    archive.store_unread(sha256, **where, kind="truncated", sentence="…", title=None, parser_version="2")
    store(A, b"A with a counter", at(1), version="2")
    ((read_from, version),) = archive.query("SELECT sha256, parser_version FROM reports WHERE url LIKE '%/1.html'")
    assert (read_from == sha256, version) == (False, "2")


def test_a_document_that_is_read_first_later_is_the_one_of_the_row(archive: Archive, store) -> None:
    store(A, b"A with a counter", at(1))
    store(A, b"A", at(0))
    first = archive.put_document(b"A", media="text/html", seen_at=at(0))
    assert archive.query("SELECT sha256 FROM reports") == [(first,)]
