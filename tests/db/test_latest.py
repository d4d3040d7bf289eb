"""Which report is the one to trust is kept up with every write, and is what sorting everything would give."""

import subprocess
import sys

from archive_samples import at, make_report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.records import Agency, Sighting
from parsers.report import Report

AGENCY = Agency("990101:财政局", "柳溪县财政局", region_code="990101", organ="department")
# What the wide rows say, against a question that sorts all reports for it.
LATEST = "SELECT report_id FROM wide WHERE is_latest = 1 ORDER BY 1"
SORTED = """
SELECT id FROM (
  SELECT r.id, row_number() OVER (
    PARTITION BY r.agency_key, r.year, CASE WHEN r.agency_id IS NULL THEN r.source || ' ' || r.url END
    ORDER BY r.numbers > 0 DESC, r.last_seen_at DESC, r.revision DESC, r.source, r.url
  ) AS choice FROM reports r WHERE r.is_current = 1
) WHERE choice = 1 ORDER BY 1"""

writes = st.tuples(
    st.sampled_from(["read", "read", "unread", "seen"]),
    st.sampled_from(["u1", "u2", "u3"]),
    st.integers(0, 3),  # content
    st.integers(0, 5),  # day
    st.sampled_from([2022, 2023]),
    st.booleans(),  # known to the register
)


def _sighting(url: str, sha256: str, day: int) -> Sighting:
    return Sighting(None, url, url, "page", None, None, sha256, at(day))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(writes, max_size=12))
def test_the_choice_is_what_sorting_would_give(tmp_path_factory, done: list[tuple]) -> None:
    path = tmp_path_factory.mktemp("latest") / "a.db"
    with Archive.open(path) as archive:
        archive.import_agencies([AGENCY])
        for what, url, content, day, year, known in done:
            sha256 = archive.put_document(f"{url} {content}".encode(), media=None, seen_at=at(0))
            place = {"sha256": sha256, "source": "added", "url": url, "seen_at": at(day), "parser_version": "1"}
            archive.add_sighting(_sighting(url, sha256, day))
            if what == "unread":
                archive.store_unread(kind="image-only", sentence="…", title=None, **place)
            elif what == "read":
                values = {"applications.new.total": content}
                report = make_report(year, values=values) if content else Report("pdf", "柳溪县财政局", year)
                agency = (AGENCY.id, AGENCY.name) if known else (None, "某局")
                archive.store_report(report, agency_id=agency[0], agency=agency[1], portal=None, **place)
            assert archive.query(LATEST) == archive.query(SORTED)
        keys = archive.query("SELECT key FROM agency_keys ORDER BY 1")
        assert keys == archive.query("SELECT DISTINCT agency_key FROM reports ORDER BY 1")


def test_a_new_name_of_the_register_is_the_name_of_its_reports(archive: Archive, store) -> None:
    archive.import_agencies([AGENCY])
    store(make_report(), agency_id=AGENCY.id)
    archive.import_agencies([Agency(AGENCY.id, "柳溪县财政和金融局", region_code="990101", organ="department")])
    script = (
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT agency FROM latest').fetchall()[0][0])"
    )
    path = str(archive.path)
    done = subprocess.run([sys.executable, "-P", "-c", script, path], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "柳溪县财政和金融局"


def test_changes_are_of_the_same_agency_and_figure(archive: Archive, store) -> None:
    archive.import_agencies([AGENCY])
    for year, total in ((2020, 1), (2021, 5), (2022, None), (2023, 9)):
        form = "2019" if year < 2021 else "2021"
        values = {"applications.new.total": total, "disclosure.fees.amount": 1.5} if form == "2021" else {}
        report = make_report(year, form, values | {"applications.new.total": total})
        store(report, str(year).encode(), at(year - 2020), agency_id=AGENCY.id, url=f"u{year}")
    rows = "SELECT year, before, value, change FROM changes WHERE figure = '{}' ORDER BY year"
    new_total = archive.query(rows.format("applications.new.total"))
    assert new_total == [(2021, 1, 5, 4), (2022, 5, None, None), (2023, None, 9, None)]
    assert [row[0] for row in archive.query(rows.format("disclosure.fees.amount"))] == [2022, 2023]
    assert archive.query(rows.format("disclosure.procurement.amount")) == []


def test_rows_that_are_alike_in_all_cells_share_one_state(archive: Archive, store) -> None:
    store(make_report(), agency_id=None)
    rows = archive.query("SELECT figure, state FROM cell_states ORDER BY 1")
    assert rows == [("applications.other.*", "row_absent")]
    states = archive.query("SELECT count(*), min(state) FROM figures WHERE figure LIKE 'applications.other.%'")
    assert states == [(7, "row_absent")]
