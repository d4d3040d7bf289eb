"""What a look at a site found, on the terminal and as JSON lines."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.markup import escape

from monitor.portals.tables import Entry, Line, screen, show_doubts, show_lines, show_reports

if TYPE_CHECKING:
    from rich.console import Console

    from crawler.probing.result import Probe


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
    """Print a look for people, as wide as the terminal. draft: whether the drafted file is shown."""
    out = screen()
    _show_software(out, probe)
    if not probe.found and probe.pages:
        _show_pages(out, probe)
    if draft and probe.draft:
        out.print("\n[bold]Draft of the portal file[/bold]\n")
        out.print(escape(probe.draft.rstrip()), soft_wrap=True)
    if probe.columns:
        _show_columns(out, probe)
    if probe.reports:
        _show_reports(out, probe)
    show_doubts(out, probe.doubts)
    if probe.found:
        out.print(f"\n{escape(probe.sentence)} ({probe.requests} requests).", soft_wrap=True)


def _show_software(out: "Console", probe: "Probe") -> None:
    if probe.site:
        out.print(f"[bold]Site[/bold]      {escape(probe.site)}", soft_wrap=True)
    if probe.platform:
        variant = f", {probe.variant}" if probe.variant else ""
        out.print(f"[bold]Software[/bold]  {probe.platform}{escape(variant)} ({probe.certainty})", soft_wrap=True)
        out.print(f"[bold]Evidence[/bold]  {escape(probe.evidence)}", soft_wrap=True)
    elif probe.pages:
        tried = ", ".join(probe.tried)
        out.print(f"[bold]Software[/bold]  not recognised; tried: {tried}", soft_wrap=True)


def _show_pages(out: "Console", probe: "Probe") -> None:
    lines = [Line([page.outcome], page.url, page.what or page.evidence) for page in probe.pages]
    show_lines(out, "What was looked at", ["outcome"], lines)


def _show_columns(out: "Console", probe: "Probe") -> None:
    lines = [
        Line([one.outcome, str(one.pages), str(one.reports)], one.url, one.why or one.title) for one in probe.columns
    ]
    show_lines(out, "Columns", ["read", "pages", "reports"], lines)


def _show_reports(out: "Console", probe: "Probe") -> None:
    entries = [Entry(one.title, one.agency, one.year, one.listed_on, one.url, one.column) for one in probe.reports]
    show_reports(out, f"What would be collected: {len(entries)}", entries)


def _line(event: str, fields: dict[str, object]) -> str:
    return json.dumps({"event": event, **fields}, ensure_ascii=False)
