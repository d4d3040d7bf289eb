"""Corrections by people: laid over every report of the misread document, and taken off again without a trace."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from archive_samples import at, make_report, reports
from conftest import Store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.collected.documents import sha256_of
from db.errors import ArchiveError
from parsers.form import load_forms
from parsers.report import Figure, Report

NEW = "applications.new.total"
FEES = "disclosure.fees.amount"
FORM = load_forms()["2021"]
A, B, C = (sha256_of(body) for body in (b"A", b"B", b"C"))


def number(figure: str, value: float, unit: str | None = None) -> Figure:
    return Figure(figure, value, "corrected", str(value), unit, "corrected")


def null(figure: str, state: str, text: str | None = None) -> Figure:
    return Figure(figure, None, state, text, None, "corrected")


def make(archive: Archive, figure: Figure, sha256: str = A, *, by: str = "王敏", source: str = "第2页") -> bool:
    return archive.corrections.make(sha256, figure, by=by, source=source, at=at(1))


def figures_of(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(archive.query(f"SELECT * FROM {table}"), key=repr) for table in ("wide", "cell_states", "places")
    }


def asked(archive: Archive, question: str) -> list[list[Any]]:
    """The answer of another process that opens the file anew."""
    script = (
        "import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))"
    )
    ran = subprocess.run(
        [sys.executable, "-P", "-c", script, str(archive.path), question],
        capture_output=True,
        check=True,
        timeout=60,
    )
    answer: list[list[Any]] = json.loads(ran.stdout)
    return answer


cells = st.one_of(
    st.tuples(st.integers(0, 10**9), st.just("corrected")),
    st.tuples(st.none(), st.sampled_from(["blank", "dash", "row_absent", "unreadable"])),
)


@st.composite
def corrected(draw: st.DrawFn) -> Figure:
    name = draw(st.sampled_from(FORM.figure_names))
    value, state = draw(cells)
    unit = "万元" if value is not None and FORM.column_of(name).value == "amount" else None
    return Figure(name, value, state, draw(st.none() | st.just("") | st.just("约5")), unit, "corrected")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(report=reports(FORM), said=st.lists(corrected(), min_size=1, max_size=6), data=st.data())
def test_to_undo_is_to_bring_back_what_was_read(
    tmp_path: Path, report: Report, said: list[Figure], data: st.DataObject
) -> None:
    with Archive.open(tmp_path / "p.db") as archive:  # made by the first example
        url = f"https://city.example/{archive.query('SELECT count(*) FROM readings')[0][0]}"
        body = url.encode()
        sha256 = archive.put_document(body, media=None, seen_at=at())
        stored = archive.store_report(
            report, sha256=sha256, agency_id=None, agency="示例市财政局", source="added", url=url, seen_at=at(),
            parser_version="1", portal=None,
        )  # fmt: skip
        before = figures_of(archive)
        for figure in said:
            make(archive, figure, sha256)
        last = {figure.name: figure for figure in said}
        shown = archive.evidence.report(stored.report_id)
        assert shown is not None
        for name, figure in last.items():
            got = shown.report.figures[name]
            assert (got.value, got.state, got.text, got.unit, got.how) == (*figure[1:5], "corrected")
            assert shown.report.misread[name] == report.figures[name]
        untouched = {name: figure for name, figure in shown.report.figures.items() if name not in last}
        assert untouched == {name: figure for name, figure in report.figures.items() if name not in last}
        for name in data.draw(st.permutations(list(last))):
            archive.corrections.undo(sha256, name, by="李强", why=None, at=at(2))
        assert figures_of(archive) == before
        after = archive.evidence.report(stored.report_id)
        assert after is not None
        assert after.report.figures == report.figures


def test_a_correction_is_shown_as_such_in_another_process(archive: Archive, store: Store) -> None:
    store(make_report(values={NEW: 5, "applications.new.other": None}))
    make(archive, number(NEW, 50))
    make(archive, null("applications.carried_in.total", "dash", "—"))
    make(archive, number(FEES, 3.5, "万元"))
    question = "SELECT figure, value, state, how, unit FROM figures WHERE how = 'corrected' ORDER BY figure"
    assert asked(archive, question) == [
        ["applications.carried_in.total", None, "dash", "corrected", None],
        [NEW, 50, "corrected", "corrected", None],
        [FEES, 3.5, "corrected", "corrected", "万元"],
    ]
    assert asked(archive, f"SELECT read FROM cell_states WHERE figure = '{NEW}'") == [
        ['[5,"printed","5",null,"printed"]']
    ]
    assert asked(archive, "SELECT applications_new_total, applications_new_other FROM latest") == [[50, None]]
    assert asked(archive, "SELECT figure, value, made_by, source, made_at FROM corrections ORDER BY id") == [
        [NEW, 50, "王敏", "第2页", "2024-02-02T12:00:00+00:00"],
        ["applications.carried_in.total", None, "王敏", "第2页", "2024-02-02T12:00:00+00:00"],
        [FEES, 3.5, "王敏", "第2页", "2024-02-02T12:00:00+00:00"],
    ]
    archive.corrections.undo(A, NEW, by="李强", why="看错", at=at(2))
    assert asked(archive, "SELECT applications_new_total FROM latest") == [[5]]
    assert asked(archive, "SELECT undone_by, undone_at, undone_why FROM corrections WHERE id = 1") == [
        ["李强", "2024-02-03T12:00:00+00:00", "看错"]
    ]


def test_every_report_of_the_document_is_corrected_and_no_other(archive: Archive, store: Store) -> None:
    """A, then B, then A at one address, A at another portal, and a report of B alone."""
    one, two = make_report(values={NEW: 5}), make_report(values={NEW: 6})
    for day, (report, body) in enumerate(((one, b"A"), (two, b"B"), (one, b"A"))):
        store(report, body, at(day))
    store(one, b"A", at(4), source="county", url="https://county.example/1.html")
    make(archive, number(NEW, 50))
    question = "SELECT source, revision, applications_new_total FROM wide JOIN reports ON id = report_id ORDER BY 1, 2"
    assert asked(archive, question) == [["city", 1, 50], ["city", 2, 6], ["city", 3, 50], ["county", 1, 50]]
    assert [r.holds for r in archive.corrections.of_report(1)] == [True]
    assert archive.corrections.of_report(2) == []


def test_no_revision_is_made_by_a_correction_and_none_hidden(archive: Archive, store: Store) -> None:
    store(make_report(values={NEW: 5}), b"A", at(0))
    content = archive.query("SELECT content, numbers FROM reports")
    make(archive, number(NEW, 6))
    assert archive.query("SELECT content, numbers FROM reports") == content
    assert store(make_report(values={NEW: 6}), b"B", at(1)).change == "revised"
    assert store(make_report(values={NEW: 6}), b"C", at(2)).change == "unchanged"


def test_a_correction_outlives_every_new_reading(archive: Archive, store: Store) -> None:
    store(make_report(values={NEW: 5}))
    make(archive, number(NEW, 50))
    store(make_report(values={NEW: 7}), version="2")
    assert archive.query("SELECT applications_new_total FROM wide") == [(50,)]
    assert json.loads(archive.query("SELECT read FROM cell_states WHERE how = 'corrected'")[0][0])[0] == 7
    archive.corrections.undo(A, NEW, by="李强", why=None, at=at(3))
    assert archive.query("SELECT applications_new_total FROM wide") == [(7,)]


def test_a_correction_goes_with_its_document(archive: Archive, store: Store) -> None:
    """A document with a correction joins a revision, and leaves it again when a better parser reads it differently."""
    same = make_report(values={NEW: 5})
    store(same, b"B", at(0), url="https://city.example/other")
    make(archive, number(NEW, 50), B)
    store(same, b"A", at(1))
    assert store(same, b"B", at(2)).change == "unchanged"
    values = "SELECT r.revision, w.applications_new_total FROM reports r JOIN wide w ON w.report_id = r.id"
    here = f"{values} WHERE r.url = 'https://city.example/1.html' ORDER BY 1"
    assert archive.query(here) == [(1, 50)]
    store(same, b"A", at(1), version="2")
    store(make_report(values={NEW: 9}), b"B", at(2), version="2")
    assert archive.query(here) == [(1, 5), (2, 50)]


def test_unread_documents_take_their_corrections_along(archive: Archive, store: Store) -> None:
    same = make_report(values={NEW: 5})
    store(same, b"A", at(0))
    store(same, b"B", at(1))
    make(archive, number(NEW, 50), B)
    assert archive.query("SELECT applications_new_total FROM wide") == [(50,)]
    archive.store_unread(
        B, source="city", url="https://city.example/1.html", kind="scan", sentence="a scan", seen_at=at(1),
        parser_version="2", title=None,
    )  # fmt: skip
    assert archive.query("SELECT applications_new_total FROM wide") == [(5,)]


def test_rows_that_are_not_printed_are_as_people_say(archive: Archive, store: Store) -> None:
    """Which variant a report prints follows the corrected cells, as it does for every other judge."""
    store(make_report())
    before = archive.query("SELECT variants FROM wide")
    for column in FORM.tables["applications"].columns:
        make(archive, number(f"applications.other.{column}", 1))
    assert archive.query("SELECT variants FROM wide") != before
    assert store(make_report(), version="2").change == "unchanged"
    with_cells = archive.query("SELECT variants FROM wide")
    assert with_cells != before
    for column in FORM.tables["applications"].columns:
        archive.corrections.undo(A, f"applications.other.{column}", by="李强", why=None, at=at(2))
    assert archive.query("SELECT variants FROM wide") == before


def test_the_same_twice_is_the_same_and_a_new_one_ends_the_last(
    archive: Archive, store: Store, dump: Callable[[], list[str]]
) -> None:
    store(make_report(values={NEW: 5}))
    assert make(archive, number(NEW, 50))
    rows = dump()
    assert not make(archive, number(NEW, 50))
    assert dump() == rows
    assert make(archive, number(NEW, 51), by="李强")
    first, second = archive.corrections.listed()
    assert (first.correction.undone_by, first.correction.undone_why, first.read) == ("李强", "replaced", None)
    assert second.correction.holds
    assert (second.agency, second.year, second.read) == ("示例市财政局", 2023, (5, "printed", "5", None, "printed"))
    assert [one.value for one in archive.corrections.holding()] == [51]


def test_a_correction_of_a_figure_that_a_new_form_lacks_waits(archive: Archive, store: Store) -> None:
    store(make_report(values={NEW: 5}))
    make(archive, number("disclosure.licensing.decisions", 4))
    make(archive, number("disclosure.regulations.issued", 4))
    store(make_report(2020, "2019"), version="2")
    assert [c for c, *_ in archive.query("SELECT figure FROM cell_states WHERE how = 'corrected'")] == [
        "disclosure.licensing.decisions"
    ]
    store(make_report(), version="3")
    assert len(archive.query("SELECT figure FROM cell_states WHERE how = 'corrected'")) == 2


@pytest.mark.parametrize(
    ("figure", "sha256", "more", "words"),
    [
        (number("applications.new.totals", 5), A, {}, "applications.new.totals: is no figure of the form of"),
        (number(NEW, 5), C, {}, "no report was read from document"),
        (number(NEW, 5), A, {"by": "  "}, "must say who says so"),
        (number(NEW, 5), A, {"source": ""}, "must say what it rests on"),
        (number(NEW, 5)._replace(state="printed"), A, {}, "cannot be 5 and printed"),
        (null(NEW, "corrected"), A, {}, "cannot be None and corrected"),
        (number(NEW, 1.5), A, {}, "is no whole number"),
        (number(NEW, 5, "万元"), A, {}, "unit '万元' stands at a count"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_changes_nothing(
    archive: Archive,
    store: Store,
    dump: Callable[[], list[str]],
    figure: Figure,
    sha256: str,
    more: dict[str, str],
    words: str,
) -> None:
    store(make_report())
    rows = dump()
    with pytest.raises(ArchiveError) as caught:
        make(archive, figure, sha256, **more)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(ArchiveError, match="nothing to undo"):
        archive.corrections.undo(A, NEW, by="李强", why=None, at=at(2))
    assert dump() == rows


def test_a_report_without_tables_has_no_figure_to_correct(archive: Archive, store: Store) -> None:
    store(replace(make_report(), form=None, figures={}))
    with pytest.raises(ArchiveError, match="is no figure of the form"):
        make(archive, number(NEW, 5))
