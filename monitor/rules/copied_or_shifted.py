"""Rows, columns and tables that are equal where chance does not make them so."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from math import log, pi
from typing import NamedTuple

from db.records import Finding
from monitor.catalogue import sentence
from monitor.catalogue.figures import line_words
from monitor.config import Thresholds
from monitor.judging.case import Case
from monitor.judging.given import is_doubted, plain_value
from monitor.judging.identity import comparable, scopes_differ
from monitor.judging.rule import Defect, Innocent, Needs, ReportRule
from parsers.form import Form, Table
from parsers.report import Number, Report

_FEWEST_VALUES = 3  # different ones, none of them zero
# How unlikely it must be that two lines come out equal, as -log of the probability: 1 in 400 for neighbours, reckoned
# as if both had one mean, though they count different things; 1 in 3,000 for tables, as if years did but scatter.
_UNLIKELY_LINES = 6.0
_UNLIKELY_TABLE = 8.0
_STOCKS = ("in_force", "total_published", "items_last_year", "amount")  # may well stay as they were


_Cells = tuple[tuple[str, str], ...]


class _Pair(NamedTuple):
    """Two lines of figures, cell by cell: rows or columns of a table that are neighbours. following: cells that follow
    from the others by the identities of the form."""

    table: str
    first: str
    second: str
    cells: _Cells
    following: _Cells = ()


def _judge(rule: ReportRule, case: Case, thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for each two lines that are neighbours, and one for each table that is last year's."""
    report, form = case.this.report, case.this.form
    busy = {name for name, figure in report.figures.items() if figure.value}
    if len(busy) < 2 * _FEWEST_VALUES:
        return
    for pair in _neighbours(form):
        if sum(first in busy for first, _ in pair.cells) < _FEWEST_VALUES:
            continue
        if not _is_unlikely(_equal(report, report, pair.cells), _UNLIKELY_LINES):
            continue
        if _equal(report, report, pair.following) is not None and not is_doubted(report, pair.table):
            yield _of_lines(rule, case, pair, [n for cell in (*pair.cells, *pair.following) for n in cell if n in busy])
    yield from _of_tables(rule, case, busy)


def _equal(report: Report, other: Report, cells: _Cells) -> list[Number] | None:
    """The numbers beyond zero of two lines that are equal, plainly read, and each from a cell of its own; None where
    they are not. What is not given counts as zero."""
    values = []
    for first, second in cells:
        one, two = report.figures.get(first), other.figures.get(second)
        value = one.value if one else None
        if (value or 0) != ((two.value if two else None) or 0):
            return None
        if not value or one is None or two is None:
            continue
        if plain_value(report, first) is None or plain_value(other, second) is None:
            return None
        if report is other and (one.place is None or one.place == two.place):
            return None  # a merged cell that stands in both
        values.append(value)
    return values


def _is_unlikely(values: Sequence[Number] | None, least: float) -> bool:
    """Whether two lines are equal and chance does not make them so: counts of one mean, which scatter by its square
    root, come out equal with a probability of about 1 / sqrt(2 pi mean)."""
    if values is None:
        return False
    return len(set(values)) >= _FEWEST_VALUES and sum(log(2 * pi * abs(value)) / 2 for value in values) >= least


def _of_lines(rule: ReportRule, case: Case, pair: _Pair, figures: list[str]) -> Finding:
    first_zh, first_en = line_words(pair.table, pair.first, case.this.form)
    second_zh, second_en = line_words(pair.table, pair.second, case.this.form)
    return case.finding(
        rule,
        "lines",
        {
            "first_zh": first_zh,
            "first_en": first_en,
            "second_zh": second_zh,
            "second_en": second_en,
            "count": len(figures) // 2,
        },
        severity="notice",
        figure=figures[1],
        figures=figures,
        places=case.places(figures),
    )


def _of_tables(rule: ReportRule, case: Case, busy: set[str]) -> Iterator[Finding]:
    this, last = case.this, case.last
    if last is None or last.year != this.year - 1 or last.report.form != this.report.form or not comparable(case):
        return
    if last.sha256 == this.sha256:
        return  # one document that was read for two years is a doubt of ours
    for table in this.form.table:
        flows = _flows(this.form, table.name)
        figures = [name for name in flows if name in busy]
        if len(figures) < _FEWEST_VALUES or scopes_differ(case, table.name):
            continue
        if not _is_unlikely(_equal(this.report, last.report, _each(flows)), _UNLIKELY_TABLE):
            continue
        if _equal(this.report, last.report, _each(_all(this.form, table.name))) is None:
            continue
        if is_doubted(this.report, table.name) or is_doubted(last.report, table.name):
            continue
        heading = next(s.heading for s in this.form.section if s.number == table.section)
        yield case.finding(
            rule,
            "table",
            {"last_year": last.year, "table_zh": heading, "table_en": heading, "count": len(figures)},
            figure=figures[0],
            figures=figures,
            places=case.places(figures, figures),
        )


@lru_cache(maxsize=64)
def _all(form: Form, table: str) -> tuple[str, ...]:
    """Every figure of a table but stocks, which its flows move."""
    return tuple(f"{table}.{row}.{column}" for row, column in form.tables[table].cells() if column not in _STOCKS)


@lru_cache(maxsize=64)
def _flows(form: Form, table: str) -> tuple[str, ...]:
    """Those of them that do not follow from others by the identities of the form."""
    following = (f"{table}.new.", f"{table}.processed.")
    return tuple(name for name in _all(form, table) if not name.startswith(following) and not name.endswith(".total"))


def _each(names: Sequence[str]) -> _Cells:
    return tuple((name, name) for name in names)


@lru_cache(maxsize=16)
def _neighbours(form: Form) -> tuple[_Pair, ...]:
    """Rows one below the other, and columns of applicants side by side; never a sum."""
    pairs = []
    for table in form.table:
        for a, b in pairwise(table.rows):
            columns = [column for column in table.columns_of(a) if column != "total"]
            if "processed" not in (a, b) and table.columns_of(a) == table.columns_of(b):
                pairs.append(_pair(table, a, b, [((a, column), (b, column)) for column in columns]))
        if table.name != "applications":
            continue  # the columns of the others count different things of one kind
        columns = [column for column in table.columns if column != "total"]
        free = [row for row in table.rows if row not in ("new", "processed")]
        for a, b in pairwise(columns):
            pair = _pair(table, a, b, [((row, a), (row, b)) for row in free])
            following = _pair(table, a, b, [((row, a), (row, b)) for row in ("new", "processed")]).cells
            pairs.append(pair._replace(following=following))
    return tuple(pairs)


def _pair(table: Table, a: str, b: str, cells: list[tuple[tuple[str, str], tuple[str, str]]]) -> _Pair:
    named = (tuple(f"{table.name}.{row}.{column}" for row, column in cell) for cell in cells)
    return _Pair(table.name, a, b, tuple((first, second) for first, second in named))


RULE = ReportRule(
    name="copied-or-shifted",
    kind="oddity",
    basis="inference",
    severity="warning",
    certainty="likely",
    needs=Needs.YEARS,
    judge=_judge,
    defect=Defect.INACCURATE,
    innocent=(
        Innocent("合并单元格的数字读入了两行或两列。", "A merged cell was read into both.", excluded=True),
        Innocent("数字很少，偶然相同。", "There are few figures, which are equal by chance.", excluded=True),
        Innocent("同一份文件被当作两年的报告。", "One document was taken for the report of both years.", excluded=True),
        Innocent("各数确实相同。", "The figures are as they are.", excluded=False),
    ),
    about="""Two rows that are neighbours, two columns of applicants that are neighbours (never a sum), or a whole
table and last year's, equal in every cell. There must be at least three different numbers beyond zero, and so many
that chance does not make them equal: counts of one mean come out equal with a probability of about 1 / sqrt(2π ·
mean), and the product over all cells that do not follow from others must be below 1 in 400 for neighbours and 1 in
3,000 for a table. Stocks and amounts count for no table, since they may stay as they were. Neighbours are a notice, a
table is a warning.""",
    says={
        "lines": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告的同一表中，“{first_zh}”与“{second_zh}”相邻，数字逐格相同"
                "（其中{count}格不为零）。两者统计的内容不同，可能是填报时重复或错位，有待核实。"
            ),
            en=(
                "In one table of the annual report of {agency} on government information disclosure for {year}, the "
                'figures of "{first_en}" and of "{second_en}", '
                "which are neighbours, are equal cell by cell ({count} of them not zero). They count different things; "
                "figures may have been entered twice or in the wrong place, which remains to be checked."
            ),
        ),
        "table": sentence(
            zh=(
                "{agency}{year}年政府信息公开工作年度报告“{table_zh}”表中的数字与{last_year}年年度报告的同一表逐格相同"
                "（其中{count}格不为零，总计及存量除外）。可能沿用了上一年度的数字，有待核实。"
            ),
            en=(
                'The figures of the table "{table_en}" in the {year} report of {agency} are equal cell by cell to '
                "those of its {last_year} report ({count} of them not zero, sums and stocks aside). Last year's "
                "figures may have been kept, which remains to be checked."
            ),
        ),
    },
)
