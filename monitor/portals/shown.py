"""Trials and the state of portals on the terminal."""

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from monitor.commands.common import counted
from monitor.portals.tables import Entry, Line, screen, show_doubts, show_lines, show_reports

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.portals.status import PortalStatus
    from monitor.portals.trial import Trial, TriedReport

_STRANGE = "*"


def show_trial(trial: "Trial") -> None:
    """Print a trial: the columns, what they list, what was read of it, what is doubtful, and whether all is well."""
    out = screen()
    _show_columns(out, trial)
    _show_reports(out, trial)
    _show_documents(out, trial)
    show_doubts(out, trial.doubts)
    out.print(f"\n{escape(verdict(trial))}", soft_wrap=True)


def verdict(trial: "Trial") -> str:
    """The last line: whether the portal's file is good, and why not."""
    read = sum(column.is_read for column in trial.columns)
    parts = [
        f"{read} of {counted(len(trial.columns), 'column')} read to the end",
        f"{counted(trial.listed, 'report')} listed ({_expected(trial)})",
        f"{counted(len(trial.documents), 'document')} opened, {_readable(trial)} read as reports",
        counted(trial.requests, "request"),
    ]
    return f"{trial.portal}: {'fine' if trial.is_fine else 'not fine'}; {', '.join(parts)}"


def _expected(trial: "Trial") -> str:
    if trial.least == 0 and trial.most is None:
        return "expect is not set"
    span = f"expect {trial.least} to {trial.most}" if trial.most is not None else f"expect at least {trial.least}"
    return span if trial.expect_holds else f"{span}: does not hold"


def _readable(trial: "Trial") -> int:
    return sum(document.form is not None for document in trial.documents)


def _show_columns(out: "Console", trial: "Trial") -> None:
    lines = [Line([one.outcome, str(one.pages), str(one.reports)], one.url, one.why) for one in trial.columns]
    show_lines(out, "Columns", ["read", "pages", "reports"], lines)


def _show_reports(out: "Console", trial: "Trial") -> None:
    if not trial.reports:
        return
    entries = [
        Entry(one.title, _named(one, trial), one.year, one.listed_on, one.url, one.column) for one in trial.reports
    ]
    show_reports(out, f"Listed: {counted(trial.listed, 'report')}", entries)
    if any((entry.agency or "").startswith(_STRANGE) for entry in entries):
        out.print(f"{_STRANGE} not in the register of agencies")


def _named(report: "TriedReport", trial: "Trial") -> str | None:
    is_strange = trial.knows_agencies and report.agency and not report.agency_id
    return f"{_STRANGE}{report.agency}" if is_strange else report.agency


def _show_documents(out: "Console", trial: "Trial") -> None:
    if not trial.documents:
        return
    lines = []
    for one in trial.documents:
        figures = f"{one.read}/{one.total}" if one.form else "–"
        lines.append(Line([figures, one.form or "–"], one.url, one.error or ""))
    show_lines(out, f"Opened: {counted(len(trial.documents), 'document')}", ["figures", "form"], lines)


def show_status(states: "list[PortalStatus]") -> None:
    """Print one line for each portal."""
    out = screen()
    grid = Table(box=SIMPLE, padding=(0, 1, 0, 0))
    for name in ("portal", "platform", "last crawl", "outcome", "last ok", "lists as of", "reports", "expect", "next"):
        grid.add_column(name, overflow="fold", justify="right" if name == "reports" else "left")
    for state in states:
        grid.add_row(
            state.id,
            state.platform,
            state.last_at or "never",
            state.outcome or "–",
            state.good_at or "never",
            state.columns_at or "–",
            "–" if state.listed is None else str(state.listed),
            escape(state.expected),
            escape(state.next),
        )
    out.print(grid)
