"""What a researcher sees who opens the archive with SQL."""

import json
from pathlib import Path

import pytest
from archive_samples import at, make_report

from db.archive import Archive
from db.records import Agency
from parsers.form import load_forms
from parsers.report import Figure, Report

FORMS = load_forms()
AGENCY = "990000:财政局"
REPORTS = Path(__file__).resolve().parents[3] / "shared" / "reports"


@pytest.fixture(autouse=True)
def _register(archive: Archive) -> None:
    archive.import_agencies([Agency(AGENCY, "示例市财政局（正式名称）")])


def test_figures_has_one_row_for_each_figure_with_its_state(archive: Archive, store) -> None:
    report = make_report(values={"applications.new.total": 7, "applications.new.business": None})
    report.figures["applications.granted.other"] = Figure(
        "applications.granted.other", None, "dash", "/", None, "printed"
    )
    report.figures["applications.granted.total"] = Figure(
        "applications.granted.total", 3, "realigned", "3", None, "realigned"
    )
    store(report, agency_id=AGENCY)
    rows = {row[3]: row for row in archive.query("SELECT agency, year, form, figure, value, state, how FROM figures")}
    assert set(rows) == FORMS["2021"].figure_set
    head = ("示例市财政局（正式名称）", 2023, "2021")
    assert rows["applications.new.total"] == (*head, "applications.new.total", 7, "printed", "printed")
    for name, figure in report.figures.items():
        assert rows[name] == (*head, name, figure.value, figure.state, figure.how)
    assert archive.query("SELECT unit FROM figures WHERE figure = 'disclosure.fees.amount'") == [("万元",)]


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_every_figure_stands_in_its_own_column_row_and_cell(archive: Archive, store, form: str) -> None:
    """Each figure has another number; every view must show it under its own name."""
    numbers = {name: number for number, name in enumerate(FORMS[form].figure_names, 1)}
    store(make_report(2020 if form == "2019" else 2023, form, values=numbers), agency_id=AGENCY)
    assert dict(archive.query("SELECT figure, value FROM figures")) == numbers
    names = [row[0] for row in archive.query("SELECT name FROM pragma_table_info('latest')")]
    (latest,) = archive.query("SELECT * FROM latest")
    row = dict(zip(names, latest, strict=True))
    assert {name: row[name.replace(".", "_")] for name in numbers} == numbers
    seen = {}
    for table in FORMS[form].table:
        view = f"disclosure_{form}" if table.name == "disclosure" else table.name
        columns = ", ".join(f'"{column}"' for column in table.columns)
        rows = archive.query(f"SELECT row, label, {columns} FROM {view} ORDER BY position")
        assert [tuple(row[:2]) for row in rows] == [(name, spec.label) for name, spec in table.rows.items()]
        for name, _, *cells in rows:
            cells_by_column = dict(zip(table.columns, cells, strict=True))
            own = table.columns_of(name)
            assert all(value is None for column, value in cells_by_column.items() if column not in own)
            seen |= {f"{table.name}.{name}.{column}": cells_by_column[column] for column in own}
    assert seen == numbers


def test_latest_starts_with_the_columns_that_are_promised(archive: Archive) -> None:
    names = [row[0] for row in archive.query("SELECT name FROM pragma_table_info('latest')")]
    whose, what = "agency agency_id region_code region level organ year form", "title signed_on published_on"
    assert names[:15] == [*whose.split(), *what.split(), "first_seen_at", "url", "sha256", "report_id"]
    union = dict.fromkeys(name.replace(".", "_") for form in FORMS.values() for name in form.figure_names)
    assert [name for name in names[15:] if not name.endswith("_unit")] == list(union)
    assert [name for name in names if name.endswith("_unit")] == [
        "disclosure_procurement_amount_unit",
        "disclosure_fees_amount_unit",
    ]
    views = {row[0] for row in archive.query("SELECT name FROM sqlite_master WHERE type = 'view'")}
    assert views == {
        *("latest_reports", "latest", "figures", "disclosure_2019", "disclosure_2021", "applications", "challenges"),
        *("changes", "revisions", "unread", "duties", "successions", "owed", "timeliness"),
    }


def test_a_code_that_is_not_in_the_list_says_its_level_by_itself(archive: Archive, store) -> None:
    levels = {
        "990000": "province", "990100": "prefecture", "990101": "county", "990181": "county", "990101001": None,
        "99": None, "000000": None, "110101": "county",
    }  # fmt: skip
    agencies = [Agency(f"{code}:财政局", f"{code}财政局", (), code, "department", "none") for code in levels]
    archive.import_agencies(agencies)
    with archive.write() as connection:  # the list knows better
        connection.execute("INSERT INTO regions VALUES ('990181', '槿陂市', 'prefecture', '2024-01-01')")
    for number, agency in enumerate(agencies):
        store(make_report(2023), str(number).encode(), url=f"u{number}", agency_id=agency.id)
    found = {code: (region, level) for code, region, level in archive.query(
        "SELECT region_code, region, level FROM latest")}  # fmt: skip
    assert {code: level for code, (_, level) in found.items()} == levels | {"990181": "prefecture"}
    assert {code for code, (region, _) in found.items() if region} == {"990181", "110101"}


def test_latest_trusts_figures_first_then_what_was_seen_last(archive: Archive, store) -> None:
    def latest() -> list[tuple]:
        return archive.query("SELECT url, applications_new_total FROM latest")

    empty = Report("pdf", "示例市财政局", 2023, title="年报")
    store(make_report(values={"applications.new.total": 1}), b"1", at(0), url="u1", agency_id=AGENCY)
    store(empty, b"2", at(9), url="u2", agency_id=AGENCY)
    assert latest() == [("u1", 1)]
    store(make_report(values={"applications.new.total": 3}), b"3", at(1), url="u3", agency_id=AGENCY)
    assert latest() == [("u3", 3)]
    store(make_report(values={"applications.new.total": 4}), b"4", at(2), url="u1", agency_id=AGENCY)
    assert latest() == [("u1", 4)]
    assert [stored.url for stored in archive.latest(2023, AGENCY)] == ["u1"]
    store(empty, b"5", at(3), url="u1", agency_id=AGENCY)  # its source no longer shows figures
    assert latest() == [("u3", 3)]


def test_nulls_stay_nulls_in_every_view(archive: Archive, store) -> None:
    store(make_report(values=dict.fromkeys(FORMS["2021"].figure_names)), agency_id=AGENCY)
    assert archive.query("SELECT count(*), count(value), count(state) FROM figures") == [(207, 0, 207)]
    assert archive.query("SELECT count(*), count(total) FROM applications") == [(26, 0)]
    assert archive.query("SELECT count(*), count(decisions) FROM disclosure_2021") == [(6, 0)]


@pytest.mark.skipif(not REPORTS.is_dir(), reason="the real reports are not beside the repository")
def test_real_figures_come_out_of_the_view(archive: Archive, store) -> None:
    for path in sorted(REPORTS.glob("*.gold.json")):
        gold = json.loads(path.read_text("utf-8"))
        report = make_report(gold["year"], gold["form"], values=gold["figures"])
        report.agency = gold["agency"]
        store(report, path.name.encode(), url=path.name)
        rows = archive.query(
            "SELECT figure, value FROM figures WHERE agency = ? AND year = ?", (gold["agency"], gold["year"])
        )
        assert {name: value for name, value in rows if name in gold["figures"]} == gold["figures"]
