"""Reports made up for the tests of the archive, and strategies that make up more."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from parsers.form import Form, load_forms
from parsers.report import UNIT_UNKNOWN, Doubt, Figure, Place, Report, Section

NOON = datetime(2024, 2, 1, 12, 0, tzinfo=UTC)


def at(days: float = 0) -> datetime:
    return NOON + timedelta(days=days)


def plain_figures(
    form: Form, values: dict[str, int | float | None] | None = None, default: int = 0
) -> dict[str, Figure]:
    """All figures of a form, printed plainly; of the variants of a table only the last is printed."""
    values = values or {}
    unprinted = {f"{table.name}.{row}" for table in form.table for group in table.variants[:-1] for row in group}
    figures = {}
    for position, name in enumerate(form.figure_names):
        if name.rpartition(".")[0] in unprinted and name not in values:
            figures[name] = Figure(name, None, "row_absent")
            continue
        value = values.get(name, default)
        place = Place(1, (0.5, 1.0, 2.25, 3.0), 0, position, 1)
        unit = "万元" if form.column_of(name).value == "amount" else None
        if value is None:
            figures[name] = Figure(name, None, "blank", "", unit, "printed", place)
        else:
            figures[name] = Figure(name, value, "printed", str(value), unit, "printed", place)
    return figures


def make_report(year: int = 2023, form: str = "2021", values: dict[str, int | float | None] | None = None) -> Report:
    return Report(
        media="html",
        agency="示例市财政局",
        year=year,
        form=form,
        title=f"示例市财政局{year}年政府信息公开工作年度报告",
        signed_on=f"{year + 1}-01-20",
        published_on=f"{year + 1}-01-22",
        published_source="page label",
        period=(f"{year}-01-01", f"{year}-12-31"),
        scope={"applications": "全市"},
        figures=plain_figures(load_forms()[form], values),
        sections=[Section(1, "总体情况", "一年来……"), Section(5, "存在的主要问题及改进情况", "无。")],
        doubts=[],
    )


text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
optional_text = st.none() | text
boxes = st.none() | st.tuples(*[st.floats(-1e6, 1e6)] * 4)
places = st.none() | st.builds(
    Place, st.none() | st.integers(1, 9), boxes, st.integers(0, 9), st.integers(0, 99), st.integers(0, 30)
)
nulls = st.tuples(
    st.none(),
    st.sampled_from(["not_in_form", "row_absent", "blank", "dash", "unreadable"]),
    optional_text,
    st.sampled_from([None, "printed", "realigned"]),
)


def _figure(name: str, kind: str) -> st.SearchStrategy[Figure]:
    smallest = -(2**63) + 1 if kind == "change" else 0
    counts = st.integers(0, 9) | st.integers(smallest, 2**63 - 1)
    numbers = counts if kind != "amount" else st.integers(0, 2**53) | st.floats(0, 1e12, allow_nan=False)
    printed = numbers.map(lambda value: (value, "printed", str(value), "printed"))
    odd = st.tuples(
        numbers, st.sampled_from(["printed", "realigned"]), optional_text, st.sampled_from([None, "realigned"])
    )
    cell = printed | nulls | odd | st.just((None, "not_in_form", None, None))
    unit = st.sampled_from(["万元", "元", UNIT_UNKNOWN, None]) if kind == "amount" else st.none()
    return st.builds(lambda c, u, p: Figure(name, c[0], c[1], c[2], u, c[3], p), cell, unit, places)


def reports(form: Form | None) -> st.SearchStrategy[Report]:
    """Any report that follows a form (None: without tables): a few cells at random, the rest plainly printed."""
    figures: st.SearchStrategy[dict[str, Figure]] = st.just({})
    if form is not None:
        base = plain_figures(form)
        odd = st.lists(st.sampled_from(form.figure_names), max_size=12, unique=True).flatmap(
            lambda names: st.tuples(*(_figure(name, form.column_of(name).value) for name in names))
        )
        figures = odd.map(lambda cells: base | {cell.name: cell for cell in cells})
    return st.builds(
        Report,
        media=st.sampled_from(["html", "pdf", "docx"]),
        agency=st.none() | text.filter(str.strip),
        year=st.integers(2008, 2100),
        form=st.just(form.name if form else None),
        title=optional_text,
        signed_on=st.none() | st.dates().map(str),
        published_on=st.none() | st.dates().map(str),
        published_source=st.sampled_from([None, "list", "URL"]),
        period=st.none() | st.just(("2023-01-01", "2023-12-31")),
        scope=st.dictionaries(text, text, max_size=2),
        figures=figures,
        preface=st.just("") | text,
        sections=st.lists(st.builds(Section, st.integers(1, 6), text, text), max_size=6),
        doubts=st.lists(st.builds(Doubt, st.sampled_from([None, "applications.new.total"]), text, text), max_size=2),
    )
