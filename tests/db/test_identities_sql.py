"""The identities in SQL say of every report what their evaluation in Python says."""

import pytest
from archive_samples import at, make_report
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.questions.scan import STRIKING_CHANGE, Striking, breaches, suspects
from db.records import Agency, StoredReport
from parsers.form import Form, IdentityRule, load_forms
from parsers.identities import BROKEN, expand, judge, variants_of
from parsers.report import Figure

FORMS = load_forms()
RULES = sorted({rule.name for form in FORMS.values() for rule in form.identity})
AGENCY = "990000:财政局"
NEVER = Striking(2**60, 1, 0)


def _in_python(archive: Archive) -> set[tuple[str, str, int, str]]:
    latest = {(stored.key, stored.year): stored for stored in archive.latest()}
    found = set()
    for (key, year), stored in latest.items():
        before: StoredReport | None = latest.get((key, year - 1)) if stored.agency_id else None
        form = FORMS[stored.report.form]
        variants = variants_of(form, stored.report.figures)
        for instance in expand(form):
            last_year = before.report.figures if before else None
            if judge(instance, stored.report.figures, last_year, variants).outcome == BROKEN:
                found.add((instance.rule.name, key, year, instance.key))
    return found


def _in_sql(archive: Archive) -> set[tuple[str, str, int, str]]:
    found = list(breaches(archive))
    assert len(set(found)) == len(found)
    assert {one.rule for one in found} <= set(RULES)
    return set(found)


def broken(archive: Archive, rule: str) -> list[tuple[str, int, str]]:
    """(agency key, year, instance) of what one rule finds."""
    return sorted(one[1:] for one in breaches(archive, only={rule}))


def _row_of(name: str) -> str:
    return name.rpartition(".")[0]


@st.composite
def figures(draw: st.DrawFn, form: str) -> dict[str, Figure]:
    """Small numbers and many nulls; any variants of `other` printed."""
    names = FORMS[form].figure_names
    variants = [[f"{t.name}.{row}" for row in group] for t in FORMS[form].table for group in t.variants]
    printed = draw(st.sets(st.sampled_from(range(len(variants))))) if variants else set()
    absent = {row for number, group in enumerate(variants) if number not in printed for row in group}
    number = draw(st.integers(0, 3))
    odd = draw(st.dictionaries(st.sampled_from(names), st.none() | st.integers(0, 4), max_size=40))
    made = {}
    for name in names:
        value = odd.get(name, number if name.endswith((".new.total", ".processed.total")) else 0)
        if _row_of(name) in absent:
            made[name] = Figure(name, None, "row_absent")
        elif value is None:
            made[name] = Figure(name, None, draw(st.sampled_from(["blank", "dash", "row_absent", "unreadable"])), "")
        else:
            made[name] = Figure(name, value, "printed", str(value), None, "printed")
    return made


years = st.lists(st.tuples(st.integers(2019, 2024), st.booleans()), min_size=1, max_size=4, unique=True)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.data())
def test_sql_and_python_agree(archive: Archive, store, data: st.DataObject) -> None:
    archive._connection.executescript("DELETE FROM readings; DELETE FROM reports;")
    archive.import_agencies([Agency(AGENCY, "示例市财政局")])
    for year, is_resolved in data.draw(years):
        form = "2019" if year < 2021 else "2021"
        report = make_report(year, form)
        report.figures = data.draw(figures(form))
        store(report, agency_id=AGENCY if is_resolved else None, url=f"{year} {is_resolved}")
    in_python = _in_python(archive)
    assert _in_sql(archive) == in_python
    ids = {(r.key, r.year): r.id for r in archive.latest()}
    named = suspects(archive, NEVER)
    assert {number for number in ids.values() if number in named} == {ids[one[1:3]] for one in in_python}
    assert len(named) == len({one[1:3] for one in in_python}) or None in {r.agency_id for r in archive.latest()}


T = "applications.{}.total".format


@pytest.mark.parametrize(
    ("values", "is_broken"),
    [
        ({T("new"): 2, T("processed"): 2}, False),
        ({T("new"): 2, T("processed"): 3}, True),
        ({T("new"): 2, T("processed"): 3, T("carried_out"): None}, True),  # too much on the left already
        ({T("new"): 3, T("processed"): 2, T("carried_out"): None}, False),  # the blank may be 1
        ({T("new"): 2, T("processed"): 3, T("carried_in"): None}, False),
        ({T("new"): 3, T("processed"): 2, T("carried_in"): None}, True),
        ({T("new"): 9, T("processed"): None, T("carried_in"): None}, False),
        (dict.fromkeys(map(T, ["new", "processed", "carried_in", "carried_out"])), False),
    ],
)
def test_blanks_are_never_counted_against_an_agency(archive: Archive, store, values, is_broken: bool) -> None:
    store(make_report(values=values))
    assert broken(archive, "applications-balance") == ([("?:示例市财政局", 2023, "total")] if is_broken else [])


@pytest.mark.parametrize(
    ("others", "is_broken"),
    [
        ({"other_rest": 5, "other_not_corrected": 0, "other_fee_unpaid": 0}, False),
        ({"other_rest": 4, "other_not_corrected": 0, "other_fee_unpaid": 0}, True),  # `other` is no term here
        ({"other": 5}, False),
        ({"other": 4}, True),  # nor are other_* here
        ({}, False),  # no variant printed: they may be 5
        ({"other": 4, "other_rest": 4}, False),  # both printed: what is a term cannot be told
    ],
)
def test_the_variant_that_is_not_printed_is_no_term(archive: Archive, store, others: dict, is_broken: bool) -> None:
    report = make_report(values={T("processed"): 5})
    for name in report.figures:
        if _row_of(name).startswith("applications.other"):
            report.figures[name] = Figure(name, None, "row_absent")
    for row, value in others.items():
        report.figures[T(row)] = Figure(T(row), value, "printed", str(value), None, "printed")
    store(report)
    assert [where[2] for where in broken(archive, "applications-results")] == (["total"] if is_broken else [])


def test_two_years_are_compared_within_one_agency_only(archive: Archive, store) -> None:
    archive.import_agencies([Agency(AGENCY, "示例市财政局")])
    store(make_report(2022, values={T("carried_out"): 4}), agency_id=None, url="u1")
    store(make_report(2023), agency_id=AGENCY, url="u2")
    store(make_report(2023), agency_id=None, url="u4")  # of the same printed name, which proves nothing
    assert broken(archive, "carry-over") == []
    store(make_report(2022, values={T("carried_out"): 4}), b"B", at(1), agency_id=AGENCY, url="u3")
    assert broken(archive, "carry-over") == [(AGENCY, 2023, "total")]


def test_a_term_that_last_years_form_has_not_makes_it_silent(archive: Archive, store) -> None:
    archive.import_agencies([Agency(AGENCY, "示例市财政局")])
    stock = {"disclosure.regulations.in_force": 9}
    store(make_report(2020, "2019", values={T("carried_out"): 1}), agency_id=AGENCY, url="u1")
    store(make_report(2021, values=stock), agency_id=AGENCY, url="u2")
    store(make_report(2022), agency_id=AGENCY, url="u3")
    assert broken(archive, "normative-stock") == [(AGENCY, 2022, "regulations")]
    assert broken(archive, "carry-over") == [(AGENCY, 2021, "total")]


CHANGES = Striking(min_count=20, ratio=3, sigma=4)


@pytest.mark.parametrize(
    ("before", "after", "is_striking"),
    [
        (10, 60, True),
        (60, 10, True),
        (0, 60, True),
        (25, 60, False),
        (0, 19, False),
        (None, 60, False),
        (9, None, False),
    ],
)
def test_striking_changes(archive: Archive, store, before: int | None, after: int | None, is_striking: bool) -> None:
    archive.import_agencies([Agency(AGENCY, "示例市财政局")])
    figure = "disclosure.licensing.decisions"
    store(make_report(2022, values={figure: before}), agency_id=AGENCY, url="u1")
    store(make_report(2023, values={figure: after}), agency_id=AGENCY, url="u2")
    expected = [("striking-change", AGENCY, 2023, figure)] if is_striking else []
    assert list(breaches(archive, CHANGES)) == expected
    assert len(suspects(archive, CHANGES)) == len(expected)


@pytest.mark.parametrize(("amount", "is_broken"), [(0.3, False), (0.30001, True), (None, False)])
def test_amounts_are_compared_as_decimals(archive: Archive, store, amount: float | None, is_broken: bool) -> None:
    """0.1 + 0.2 is 0.3, though not in binary fractions. No identity of the forms has amounts so far."""
    known = FORMS["2021"]
    table = known.tables["disclosure"]
    columns = dict.fromkeys(("a", "b", "total"), table.columns["amount"])
    rows = {"fees": table.rows["fees"].model_copy(update={"columns": None})}
    money = table.model_copy(update={"name": "money", "columns": columns, "rows": rows})
    identity = IdentityRule(
        name="money-total", table="money", for_each="row", left=["total"], right=["a", "b"], subject="total",
        basis="arithmetic", severity="error",
    )  # fmt: skip
    form = Form(
        name="2099",
        prescribed_by="示例办函〔2099〕1号",
        years={"from": 2099},
        section=known.section,
        table=[money],
        identity=[identity],
    )
    with Archive.open(archive.path.with_name("b.db"), forms={"2099": form}) as other:
        values = {"money.fees.a": 0.1, "money.fees.b": 0.2, "money.fees.total": amount}
        figures = {
            name: Figure(name, value, "blank" if value is None else "printed", str(value or ""), "元", "printed")
            for name, value in values.items()
        }
        report = make_report(2100)
        report.form, report.figures = "2099", figures
        sha256 = other.put_document(b"A", media=None, seen_at=at())
        other.store_report(
            report, sha256=sha256, agency_id=None, agency="某局", source="added", url="u", seen_at=at(),
            parser_version="1", portal=None,
        )  # fmt: skip
        assert [one.rule for one in breaches(other)] == (["money-total"] if is_broken else [])
        (instance,) = expand(form)
        assert (judge(instance, figures).outcome == BROKEN) is is_broken


def test_every_rule_with_a_sieve_is_in_the_scan() -> None:
    from monitor.rules import report_rules

    sieved = {rule.name for rule in report_rules() if rule.sieve}
    assert sieved <= {*RULES, STRIKING_CHANGE}
