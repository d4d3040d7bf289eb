"""Reports come back from the archive as they went in; a wrong one is refused with a sentence."""

import dataclasses
from pathlib import Path

import pytest
from archive_samples import at, make_report, plain_figures, reports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive, ArchiveError
from db.records import Agency
from parsers.form import load_forms
from parsers.report import Figure, Report

FORMS = load_forms()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([None, *FORMS.values()]).flatmap(reports))
def test_any_report_comes_back_exactly(archive: Archive, store, report: Report) -> None:
    url = f"https://city.example/{hash(repr(report))}"
    stored = store(report, url=url)
    (back,) = [row for row in archive.reports(report.year) if row.id == stored.report_id]
    assert back.report == report
    assert list(back.report.figures) == list(report.figures)
    # == holds between 5 and 5.0; an amount is a float only where a decimal point is printed.
    for name, figure in back.report.figures.items():
        kind = type(figure.value)
        if kind is float:
            assert not figure.value.is_integer() or "." in (figure.text or "")
        else:
            assert kind in (int, type(None)), name


def test_amount_keeps_its_decimals_and_unit(archive: Archive, store) -> None:
    report = make_report(values={"disclosure.fees.amount": 12.35})
    store(report)
    (back,) = archive.reports()
    assert back.report.figures["disclosure.fees.amount"] == report.figures["disclosure.fees.amount"]
    assert archive.query("SELECT disclosure_fees_amount, disclosure_fees_amount_unit FROM wide") == [(12.35, "万元")]


def test_a_plain_report_needs_few_rows(archive: Archive, store) -> None:
    store(make_report())
    states = {row[0] for row in archive.query("SELECT state FROM cell_states")}
    assert states == {"row_absent"}  # the variant `other`; every other cell is plainly printed


def _with_figure(report: Report, name: str, /, **changes: object) -> Report:
    figures = dict(report.figures)
    figures[name] = figures[name]._replace(**changes)
    return dataclasses.replace(report, figures=figures)


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (dataclasses.replace(make_report(), year=None), "no reporting year"),
        (dataclasses.replace(make_report(), form="1999"), "'1999'"),
        (dataclasses.replace(make_report(), form=None), "figures but no form"),
        (dataclasses.replace(make_report(), figures={}), "every figure of its form"),
        (_with_figure(make_report(), "applications.new.total", value=2**63), "applications.new.total"),
        (_with_figure(make_report(), "applications.new.total", value=1.5), "no whole number"),
        (_with_figure(make_report(), "applications.new.total", unit="件"), "stands at a count"),
        (_with_figure(make_report(), "applications.new.total", name="x.y.z"), "x.y.z"),
        (_with_figure(make_report(), "disclosure.fees.amount", value=float("nan")), "disclosure.fees.amount"),
        (_with_figure(make_report(), "disclosure.fees.amount", value=2**53 + 1), "disclosure.fees.amount"),
    ],
)
def test_a_report_that_cannot_be_kept_exactly_is_refused_whole(archive, store, dump, report, sentence) -> None:
    archive.put_document(b"A", media="text/html", seen_at=at())
    before = dump()
    with pytest.raises(ArchiveError, match=sentence):
        store(report)
    assert dump() == before


def test_report_of_an_unknown_document_or_agency_is_refused(archive: Archive, store) -> None:
    with pytest.raises(ArchiveError, match="put_document must come first"):
        archive.store_report(
            make_report(),
            sha256="0" * 64,
            agency_id=None,
            agency="x",
            source="s",
            url="u",
            seen_at=at(),
            parser_version="1",
            portal=None,
        )
    with pytest.raises(ArchiveError, match="not in the archive's register"):
        store(make_report(), agency_id="990000:财政局")


def test_agencies_that_are_not_resolved_stay_apart(archive: Archive, store) -> None:
    archive.import_agencies([Agency("990000:财政局", "示例市财政局")])
    store(make_report(), agency_id="990000:财政局", url="u1")
    store(make_report(), url="u2")
    store(make_report(), url="u3")
    assert [row.key for row in archive.reports()] == ["990000:财政局", "?:示例市财政局", "?:示例市财政局"]
    assert archive.query("SELECT count(*) FROM latest") == [(3,)]


def test_reports_can_be_asked_for_by_year_and_agency(archive: Archive, store) -> None:
    archive.import_agencies([Agency("990000:财政局", "示例市财政局（正式名称）")])
    store(make_report(2022), agency_id="990000:财政局", url="u1")
    store(make_report(2023), agency_id="990000:财政局", url="u2")
    store(make_report(2023), url="u3")
    assert [row.year for row in archive.reports(agency_id="990000:财政局")] == [2022, 2023]
    assert [row.url for row in archive.reports(2023)] == ["u2", "u3"]
    assert next(archive.reports(2022)).agency == "示例市财政局（正式名称）"


INVENTED = """
name = "2031"
prescribed_by = "虚构办函〔2031〕1号"
years = { from = 2031 }
[[section]]
number = 1
heading = "数据情况"
[[table]]
name = "data"
section = 1
[table.columns]
sets = { label = "数据集数量" }
price = { label = "金额", value = "amount" }
[table.rows]
open_data = { label = "开放数据" }
shared_data = { label = "共享数据", columns = ["sets"] }
"""


def _forms(folder: Path, text: str):
    folder.mkdir()
    (folder / "2031.toml").write_text(text, "utf-8")
    return load_forms(folder)


def test_a_new_form_adds_its_columns_and_view(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with Archive.open(path) as archive:
        sha256 = archive.put_document(b"A", media=None, seen_at=at())
        keep = {"sha256": sha256, "agency_id": None, "agency": "局", "source": "s", "seen_at": at(), "portal": None}
        archive.store_report(make_report(), url="u1", parser_version="1", **keep)
    both = FORMS | _forms(tmp_path / "forms", INVENTED)
    report = Report("html", "局", 2031, "2031", figures=plain_figures(both["2031"], {"data.open_data.price": 2.5}))
    with Archive.open(path, forms=both) as archive:
        archive.store_report(report, url="u2", parser_version="1", **keep)
        assert next(archive.reports(2031)).report == report
        assert archive.query("SELECT row, label, sets, price, price_unit FROM data ORDER BY position") == [
            ("open_data", "开放数据", 0, 2.5, "万元"),
            ("shared_data", "共享数据", 0, None, None),
        ]
    with Archive.open(path) as archive:  # opened again by a program without that form
        assert [row.report for row in archive.reports()] == [make_report(), report]
        assert archive.query("SELECT count(*) FROM figures WHERE form = '2031'") == [(3,)]


def test_a_form_that_changed_keeps_the_places_and_is_read_again(tmp_path: Path) -> None:
    path, old = tmp_path / "a.db", _forms(tmp_path / "old", INVENTED)
    report = Report("html", "局", 2031, "2031", figures=plain_figures(old["2031"]))
    with Archive.open(path, forms=old) as archive:
        sha256 = archive.put_document(b"A", media=None, seen_at=at())
        keep = {"sha256": sha256, "agency_id": None, "agency": "局", "source": "s", "seen_at": at(), "portal": None}
        archive.store_report(report, url="u", parser_version="1", **keep)
    row = 'new_data = { label = "新数据", columns = ["sets"] }\nopen_data ='
    changed = _forms(tmp_path / "new", INVENTED.replace("open_data =", row))
    with Archive.open(path, forms=changed) as archive:
        back = next(archive.reports()).report.figures
        assert back.pop("data.new_data.sets") == Figure("data.new_data.sets", None, "not_in_form")
        assert back == report.figures
        assert archive.query("SELECT parser_version FROM readings") == [("",)]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('name = "data"', 'name = "reports"', "called reports"),
        ('name = "data"', 'name = "figures"', "called figures"),
        ("open_data =", '"open data" =', "cannot name a column"),
        ("sets", "price_unit", "the unit of data.open_data.price"),
        ("[table.rows]", 'data_sets = { label = "套" }\n[table.rows]\nopen = { label = "开" }', "data_open_data_sets"),
    ],
)
def test_a_form_whose_names_clash_is_refused(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    forms = FORMS | _forms(tmp_path / "forms", INVENTED.replace(old, new))
    with pytest.raises(ArchiveError, match=sentence):
        Archive.open(tmp_path / "a.db", forms=forms)
    Archive.open(tmp_path / "a.db").close()  # nothing of it has stayed


def test_a_figure_that_changes_its_kind_is_refused(tmp_path: Path) -> None:
    Archive.open(tmp_path / "a.db", forms=_forms(tmp_path / "old", INVENTED)).close()
    changed = _forms(tmp_path / "new", INVENTED.replace('"数据集数量"', '"数据集数量", value = "amount"'))
    with pytest.raises(ArchiveError, match="keeps it as INTEGER"):
        Archive.open(tmp_path / "a.db", forms=changed)


def test_the_preface_is_kept_and_searched_and_makes_no_revision(archive: Archive, store) -> None:
    plain = make_report()
    first = store(plain, b"1", at(1))
    told = dataclasses.replace(plain, preface="关于调整领导小组的通知")
    anew = store(told, b"1", at(1), version="2")  # by a parser that knows of prefaces
    assert anew.report_id == first.report_id and anew.change != "revised"
    (back,) = archive.reports()
    assert (back.report.preface, back.report.sections) == (told.preface, plain.sections)
    (hit,) = archive.search.find("领导小组").hits
    assert hit.quote.section == 0
