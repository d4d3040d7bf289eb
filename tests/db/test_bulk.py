"""Many reports at once leave the rows that one after the other leaves."""

import itertools
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from archive_samples import at, make_report, reports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.collected.documents import sha256_of
from db.errors import ArchiveError
from db.readings import bulk
from db.readings.packing import DETAILS, Reading, pack_report
from db.readings.rows import content_hash
from db.records import Agency, Sighting
from db.times import to_text
from parsers.form import load_forms
from parsers.report import Figure, Report

FORMS = load_forms()
BODIES = [b"A", b"B", b"C"]
AGENCIES = [("990101:财政局", "示例市财政局"), (None, "示例市财政局"), (None, "另一局")]
HASHES = [sha256_of(body) for body in BODIES]


class Spec(NamedTuple):
    """A reading to be stored: agency, address and document by their numbers."""

    report: Report
    agency: int
    address: int
    document: int
    day: int

    def __repr__(self) -> str:
        report = self.report
        return f"Spec({report.form}, {report.year}, {content_hash(report)[:6]}, {list(self[1:])})"


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    plain = st.builds(make_report, st.sampled_from([2022, 2023]))
    report = draw(plain | st.sampled_from(["2021", "2019", None]).flatmap(lambda form: reports(FORMS.get(form))))
    return Spec(report, *(draw(st.integers(0, most)) for most in (2, 4, 2, 3)))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with documents and an agency, to begin with."""
    path = tmp_path_factory.mktemp("template") / "a.db"
    with Archive.open(path) as archive:
        archive.import_agencies([Agency("990101:财政局", "示例市财政局", organ="department")])
        for body in BODIES:
            archive.put_document(body, media=None, seen_at=at())
    return path


def _prepared(template: Path, path: Path, seen: list[Spec]) -> Archive:
    shutil.copy(template, path)
    archive = Archive.open(path)
    archive.query("PRAGMA synchronous = OFF")
    for _, _, address, document, day in seen[::2]:
        url = f"https://city.example/{address}"
        archive.add_sighting(Sighting(None, url, url, "page", None, None, HASHES[document], at(day)))
        archive.add_sighting(Sighting(None, url, url, "page", None, None, HASHES[document], at(day + 0.5)))
    return archive


def _reading(spec: Spec) -> Reading:
    report, agency, address, document, day = spec
    agency_id, name = AGENCIES[agency]
    url = f"https://city.example/{address}"
    return Reading(report, HASHES[document], agency_id, name, "added", None, url, to_text(at(day)), "1")


def _rows(archive: Archive) -> list[str]:
    names = ("agency_keys", "reports", "readings", "sightings", *DETAILS)
    rows = [f"{name} {row}" for name in names for row in sorted(map(repr, archive.query(f"SELECT * FROM {name}")))]
    return rows + [f"{year} {archive.query(_FOUND, (year,))}" for year in ("year2022", "year2023", "示例")]


_FOUND = "SELECT rowid FROM report_search WHERE report_search MATCH ? ORDER BY rowid"


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(specs(), min_size=1, max_size=10), st.integers(1, 4), st.booleans())
def test_many_at_once_are_as_one_after_the_other(
    template: Path, seen: list[Spec], size: int, has_correction: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "BATCH", size)
        one_path, many_path = Path(folder) / "one.db", Path(folder) / "many.db"
        with _prepared(template, one_path, seen) as one, _prepared(template, many_path, seen) as many:
            for archive in (one, many):
                if has_correction:
                    _correct(archive, HASHES[0])
            stored = [
                one.store_report(
                    reading.report,
                    sha256=reading.sha256,
                    agency_id=reading.agency_id,
                    agency=reading.agency,
                    source=reading.source,
                    url=reading.url,
                    seen_at=at(spec[-1]),
                    parser_version="1",
                    portal=None,
                )
                for spec in seen
                for reading in [_reading(spec)]
            ]
            assert list(bulk.store_reports(many, map(_reading, seen))) == stored
            assert _rows(many) == _rows(one)
            for a, b in itertools.zip_longest(one.reports(), many.reports()):
                assert a == b


def _correct(archive: Archive, sha256: str) -> None:
    with archive.write() as connection:
        connection.execute(
            "INSERT INTO corrections (sha256, figure, value, state, made_by, source, made_at)"
            " VALUES (?, 'applications.new.total', 77, 'corrected', '甲', 'page 3', ?)",
            (sha256, to_text(at())),
        )


@pytest.fixture
def packed(archive: Archive):
    sha256 = archive.put_document(b"A", media=None, seen_at=at())

    def pack(url: str, **changes: object):
        reading = Reading(make_report(), sha256, None, "某局", "added", None, url, to_text(at()), "1")
        for name, value in changes.items():
            setattr(reading, name, value)
        return pack_report(reading, archive.forms)

    return pack


def test_what_has_been_read_before_is_refused(archive: Archive, packed) -> None:
    with archive.write() as connection:
        assert list(bulk.store_new(connection, [packed("https://a"), packed("https://b")], archive.forms)) == [1, 2]
    for again in ([packed("https://b")], [packed("https://c"), packed("https://c")]):
        with (
            pytest.raises(ArchiveError, match=f"{again[0].url}: something was read there before"),
            archive.write() as c,
        ):
            bulk.store_new(c, again, archive.forms)
    assert archive.query("SELECT count(*) FROM reports") == [(2,)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sha256": "0" * 64}, "document 0+ is not in the archive"),
        ({"agency_id": "990199:无"}, "agency 990199:无 is not"),
    ],
)
def test_what_it_rests_on_must_be_there(archive: Archive, packed, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ArchiveError, match=sentence), archive.write() as connection:
        bulk.store_new(connection, [packed("https://a"), packed("https://b", **changes)], archive.forms)
    assert archive.query("SELECT count(*) FROM reports") == [(0,)]


def test_a_number_that_cannot_be_kept_is_named(archive: Archive, packed) -> None:
    report = make_report()
    report.figures["applications.new.total"] = Figure("applications.new.total", 2**70, "printed", "1", None, "printed")
    with pytest.raises(ArchiveError, match=r"applications\.new\.total"):
        packed("https://a", report=report)
