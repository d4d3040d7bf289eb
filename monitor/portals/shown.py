"""Trials and the state of portals on the terminal."""

from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from monitor.commands.common import console, counted

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.portals.status import PortalStatus
    from monitor.portals.trial import Trial

_MOST_SHOWN = 200  # rows of a table on the terminal; --json has them all


def show_trial(trial: "Trial") -> None:
    """Print a trial: the columns, what they list, what was read of it, what is doubtful, and whether all is well."""
    screen = console()
    _show_columns(screen, trial)
    _show_reports(screen, trial)
    _show_documents(screen, trial)
    if trial.doubts:
        grid = _grid(f"Doubtful: {len(trial.doubts)}")
        grid.add_column("what", overflow="fold", ratio=2)
        grid.add_column("why, and what to do", overflow="fold", ratio=3)
        for doubt in trial.doubts[:_MOST_SHOWN]:
            grid.add_row(escape(doubt.what), escape(doubt.why))
        screen.print(grid)
    screen.print(escape(verdict(trial)), soft_wrap=True)


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


def _show_columns(screen: "Console", trial: "Trial") -> None:
    grid = _grid("Columns")
    grid.add_column("read", no_wrap=True)
    grid.add_column("pages", justify="right")
    grid.add_column("reports", justify="right")
    grid.add_column("address", overflow="fold", ratio=3)
    grid.add_column("why", overflow="fold", ratio=2)
    for column in trial.columns:
        grid.add_row(column.outcome, str(column.pages), str(column.reports), escape(column.url), escape(column.why))
    screen.print(grid)


def _show_reports(screen: "Console", trial: "Trial") -> None:
    if not trial.reports:
        return
    grid = _grid(f"Listed: {counted(trial.listed, 'report')}")
    grid.add_column("title", overflow="fold", ratio=4)
    grid.add_column("agency", overflow="fold", ratio=2)
    grid.add_column("year", no_wrap=True)
    grid.add_column("date", no_wrap=True)
    grid.add_column("link", overflow="fold", ratio=3)
    for report in trial.reports[:_MOST_SHOWN]:
        agency = report.agency or "?"
        is_strange = trial.knows_agencies and report.agency and not report.agency_id
        named = f"{agency} (not in the register)" if is_strange else agency
        year = str(report.year) if report.year is not None else "?"
        grid.add_row(escape(report.title), escape(named), year, report.listed_on or "?", escape(report.url))
    screen.print(grid)
    if len(trial.reports) > _MOST_SHOWN:
        screen.print(f"… and {len(trial.reports) - _MOST_SHOWN} more; --json prints them all")


def _show_documents(screen: "Console", trial: "Trial") -> None:
    if not trial.documents:
        return
    grid = _grid(f"Opened: {counted(len(trial.documents), 'document')}")
    grid.add_column("figures", justify="right", no_wrap=True)
    grid.add_column("form", no_wrap=True)
    grid.add_column("address", overflow="fold", ratio=3)
    grid.add_column("why not read", overflow="fold", ratio=2)
    for document in trial.documents[:_MOST_SHOWN]:
        figures = f"{document.read}/{document.total}" if document.form else "–"
        grid.add_row(figures, document.form or "–", escape(document.url), escape(document.error or ""))
    screen.print(grid)


def show_status(states: "list[PortalStatus]") -> None:
    """Print one line for each portal."""
    screen = console()
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
    screen.print(grid)


def _grid(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE, padding=(0, 1, 0, 0), expand=False)
