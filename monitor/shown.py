"""Reports and findings on the terminal, as the form prints them."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from monitor.life.marks import marks
from monitor.telling.messages import evidence_lines
from parsers.form import Form, Table, load_forms
from parsers.report import CORRECTED, PRINTED, REALIGNED, ROW_ABSENT, Figure, Report

_NUMERALS = "〇一二三四五六七八九十"
_SEVERITY_STYLE = {"error": "bold red", "warning": "yellow", "notice": "cyan"}


def show_report(console: Console, report: Report, file: str, agency_id: str | None) -> None:
    """Print a report: what it is, its tables as the form prints them, its sections, and our doubts."""
    console.print(f"[bold]{escape(report.title or file)}[/bold]")
    facts = {
        "file": file,
        "agency": f"{report.agency or '?'} ({agency_id or 'not resolved'})",
        "year, form": f"{report.year or '?'}, {report.form}",
        "signed on": report.signed_on,
        "published on": f"{report.published_on} ({report.published_source})" if report.published_on else None,
        "dates that differ": _differing(report),
        "period": " – ".join(report.period) if report.period else None,
        "sections": " ".join(_NUMERALS[s.number] for s in report.sections) or "none found",
    }
    for name, value in facts.items():
        if value:
            console.print(f"  {name}: {escape(str(value))}")
    form = load_forms()[report.form or ""]
    for table in form.table:
        console.print(_table(table, form, report.figures))
    for line in legend(report.figures.values()):
        console.print(f"  {line}")
    for table_name, text in report.scope.items():
        console.print(f"  scope of {table_name}: {escape(text)}")
    for doubt in report.doubts:
        console.print(
            f"  [yellow]doubt[/yellow] {escape(doubt.figure or 'report')}: {escape(doubt.reason)}: {escape(doubt.text)}"
        )
    console.print()


def _differing(report: Report) -> str:
    """Every date of a kind of which the document gives more than one day, each with where it stands."""
    days = {kind: {one.day for one in report.dates if one.kind == kind} for kind in ("signed", "published")}
    return ", ".join(f"{one.kind} {one.day} ({one.source})" for one in report.dates if len(days[one.kind]) > 1)


def _table(table: Table, form: Form, figures: Mapping[str, Figure]) -> Grid:
    """One table. Rows with the same columns stand under one line of headings, as the form prints them."""
    heading = next(s.heading for s in form.section if s.number == table.section)
    title = f"{_NUMERALS[table.section]}、{heading}"
    grid = Grid(title=title, title_justify="left", box=SIMPLE, show_header=False, padding=(0, 1, 0, 0))
    grid.add_column("", overflow="fold", min_width=28)
    for _ in range(max(len(table.columns_of(row)) for row in table.rows)):
        grid.add_column("", justify="right", no_wrap=True)
    above: list[str] = []
    for row, spec in table.rows.items():
        columns = table.columns_of(row)
        cells = [figures[f"{table.name}.{row}.{column}"] for column in columns]
        if all(cell.state == ROW_ABSENT for cell in cells):
            continue
        if columns != above:
            grid.add_row("", *(_in_two_lines(table.columns[column].label) for column in columns), style="dim")
            above = columns
        grid.add_row(_short(spec.label), *map(cell_text, cells))
    return grid


def _short(label: str) -> str:
    return label if len(label) <= 26 else label[:25] + "…"


def _in_two_lines(label: str) -> str:
    """A heading of four characters or more on two lines, so that the table fits a terminal of 80 columns."""
    middle = (len(label) + 1) // 2
    return f"{label[:middle]}\n{label[middle:]}" if len(label) >= 4 else label


def cell_text(figure: Figure) -> str:
    """A figure as one cell: the number with its unit; nulls as the report leaves them; our readings marked, and what a
    person has corrected."""
    mark = "[cyan]✎[/cyan]" if figure.how == CORRECTED else ""
    if figure.value is None:
        null = {"blank": "", "dash": escape(figure.text or "—"), ROW_ABSENT: "·"}.get(
            figure.state, f"[yellow]?[/yellow] {escape(figure.text or '')}".strip()
        )
        return null + mark
    unit = figure.unit if figure.unit and figure.unit != "unit_unknown" else ""
    if not mark and figure.state != PRINTED:
        mark = "[yellow]~[/yellow]" if figure.state == REALIGNED else "[yellow]?[/yellow]"
    return f"{figure.value}{unit}{mark}"


def legend(figures: Iterable[Figure | None]) -> list[str]:
    """What the marks mean that stand at these figures, one line each."""
    hows = {how for figure in figures if figure for how in (figure.state, figure.how)}
    lines = {
        REALIGNED: "~ realigned: the row had slipped, and the form's identities leave one reading",
        CORRECTED: "✎ corrected: a person says what is printed; `nianbao history AGENCY YEAR` says who, and on what",
    }
    return [line for how, line in lines.items() if how in hows]


def show_findings(console: Console, findings: Iterable[dict[str, Any]]) -> int:
    """Print findings in both languages; returns how many."""
    count = 0
    for finding in findings:
        count += 1
        style = _SEVERITY_STYLE.get(finding["severity"], "")
        # A finding of files alone has no life, and may be told unless its rule says otherwise.
        life = finding.get("life")
        said = marks(life) if life else [] if finding.get("told", True) else ["shown, not told"]
        told = escape("".join(f"  ({mark})" for mark in said))
        severity = f"[{style}]{finding['severity']}[/{style}]"
        rule = f"[bold]{finding['rule']}[/bold]"
        console.print(f"{severity} {finding['certainty']}  {rule}  {finding['fingerprint']}{told}", soft_wrap=True)
        # Not wrapped here: a sentence that is copied or searched must stay whole.
        console.print(f"  {escape(finding['sentence_zh'])}", soft_wrap=True)
        console.print(f"  {escape(finding['sentence_en'])}", style="dim", soft_wrap=True)
        for line in evidence_lines(finding["places"]):
            console.print(f"  {escape(line)}", style="dim", soft_wrap=True)
    return count
