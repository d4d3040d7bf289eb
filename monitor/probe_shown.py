"""What a look at a site found, on the terminal and as JSON lines."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.markup import escape
from rich.table import Table

from monitor.commands.common import console

if TYPE_CHECKING:
    from rich.console import Console

    from crawler.probing.result import Probe

_MOST_SHOWN = 200  # rows of a table on the terminal; --json has them all


def json_lines(probe: "Probe") -> Iterator[str]:
    """One object a line: what was looked at, found and doubted, the draft, and the end (keys: docs/commands.md)."""
    for page in probe.pages:
        yield _line("page", asdict(page))
    software = {"platform": probe.platform, "certainty": probe.certainty, "variant": probe.variant}
    yield _line("software", {**software, "evidence": probe.evidence, "tried": probe.tried, "site": probe.site})
    for column in probe.columns:
        yield _line("column", asdict(column))
    for report in probe.reports:
        yield _line("report", asdict(report))
    for doubt in probe.doubts:
        yield _line("doubt", asdict(doubt))
    end = {"found": probe.found, "sentence": probe.sentence, "requests": probe.requests}
    yield _line("end", {"url": probe.url, **end, "draft": probe.draft})


def show_probe(probe: "Probe", *, draft: bool = True) -> None:
    """Print a look for people; tables fit the width of the terminal. draft: whether the drafted file is shown."""
    screen = console()
    _show_software(screen, probe)
    if not probe.found and probe.pages:
        _show_pages(screen, probe)
    if draft and probe.draft:
        screen.print("\n[bold]Draft of the portal file[/bold]\n")
        screen.print(escape(probe.draft.rstrip()), soft_wrap=True)
    if probe.columns:
        _show_columns(screen, probe)
    if probe.reports:
        _show_reports(screen, probe)
    if probe.doubts:
        _show_doubts(screen, probe)
    if probe.found:
        screen.print(f"\n{escape(probe.sentence)} ({probe.requests} requests).", soft_wrap=True)


def _show_software(screen: "Console", probe: "Probe") -> None:
    if probe.site:
        screen.print(f"[bold]Site[/bold]      {escape(probe.site)}", soft_wrap=True)
    if probe.platform:
        variant = f", {probe.variant}" if probe.variant else ""
        screen.print(f"[bold]Software[/bold]  {probe.platform}{escape(variant)} ({probe.certainty})", soft_wrap=True)
        screen.print(f"[bold]Evidence[/bold]  {escape(probe.evidence)}", soft_wrap=True)
    elif probe.pages:
        tried = ", ".join(probe.tried)
        screen.print(f"[bold]Software[/bold]  not recognised; tried: {tried}", soft_wrap=True)


def _show_pages(screen: "Console", probe: "Probe") -> None:
    grid = _grid("What was looked at")
    grid.add_column("outcome", no_wrap=True)
    grid.add_column("address", overflow="fold", ratio=3)
    grid.add_column("what it is", overflow="fold", ratio=3)
    for page in probe.pages[:_MOST_SHOWN]:
        grid.add_row(page.outcome, escape(page.url), escape(page.what or page.evidence))
    screen.print(grid)


def _show_columns(screen: "Console", probe: "Probe") -> None:
    grid = _grid("Columns")
    grid.add_column("read", no_wrap=True)
    grid.add_column("pages", justify="right")
    grid.add_column("reports", justify="right")
    grid.add_column("address", overflow="fold", ratio=3)
    grid.add_column("why", overflow="fold", ratio=2)
    for column in probe.columns:
        why = column.why or column.title
        grid.add_row(column.outcome, str(column.pages), str(column.reports), escape(column.url), escape(why))
    screen.print(grid)


def _show_reports(screen: "Console", probe: "Probe") -> None:
    shown = probe.reports[:_MOST_SHOWN]
    grid = _grid(f"What would be collected: {len(probe.reports)}")
    grid.add_column("title", overflow="fold", ratio=4)
    grid.add_column("agency", overflow="fold", ratio=2)
    grid.add_column("year", no_wrap=True)
    grid.add_column("date", no_wrap=True)
    grid.add_column("link", overflow="fold", ratio=3)
    for report in shown:
        year = str(report.year) if report.year is not None else "?"
        grid.add_row(
            escape(report.title), escape(report.agency or "?"), year, report.listed_on or "?", escape(report.url)
        )
    screen.print(grid)
    if len(shown) < len(probe.reports):
        screen.print(f"… and {len(probe.reports) - len(shown)} more; --json prints them all")


def _show_doubts(screen: "Console", probe: "Probe") -> None:
    grid = _grid(f"Doubtful: {len(probe.doubts)}")
    grid.add_column("what", overflow="fold", ratio=2)
    grid.add_column("why, and what to do", overflow="fold", ratio=3)
    for doubt in probe.doubts[:_MOST_SHOWN]:
        grid.add_row(escape(doubt.what), escape(doubt.why))
    screen.print(grid)


def _grid(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE, padding=(0, 1, 0, 0), expand=False)


def _line(event: str, fields: dict[str, object]) -> str:
    return json.dumps({"event": event, **fields}, ensure_ascii=False)
