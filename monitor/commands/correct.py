"""`nianbao correct AGENCY YEAR FIGURE VALUE`"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    console,
    counted,
    fail,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)

if TYPE_CHECKING:
    from db.archive import Archive
    from db.readings.corrections import Corrected
    from db.readings.history import AgencyKey, History, Revision


@click.command(context_settings={"ignore_unknown_options": True})  # -3 is a value
@click.argument("agency", required=False)
@click.argument("year", type=click.IntRange(2008, 2100), required=False)
@click.argument("figure", required=False)
@click.argument("value", required=False)
@click.option("--by", help="Your name: who says so.")
@click.option("--source", help="What it rests on: where and how you looked. With --undo: why it is taken back.")
@click.option("--text", "printed", help="The whole cell as printed, where it is more than the number.")
@click.option("--unit", help="Of an amount: 元, 千元, 万元, 百万元, 亿元, or unit_unknown where none is printed.")
@click.option("--url", help="Which of the agency's reports: the one at this address.")
@click.option("--revision", type=click.IntRange(1), help="Which of its revisions; else the one that the views show.")
@click.option("--undo", is_flag=True, help="Take back the correction that holds for FIGURE.")
@click.option("--list", "listed", is_flag=True, help="Show all corrections, also those that were taken back.")
@json_option
@config_option
@archive_option
def command(
    agency: str | None,
    year: int | None,
    figure: str | None,
    value: str | None,
    by: str | None,
    source: str | None,
    printed: str | None,
    unit: str | None,
    url: str | None,
    revision: int | None,
    undo: bool,
    listed: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Say what a report prints where it was misread, with your name and what it rests on.

    VALUE is a number as printed (1,234), or for a cell without one: blank, dash, row_absent, unreadable. The
    correction is shown as such everywhere, survives every new reading, and is undone as easily. Findings are judged
    anew at once, and told with the next run.

    \b
    Example:
      nianbao correct 柳溪县财政局 2023 applications.new.total 27 --by 王敏 --source "原页面第2页"
      nianbao correct 柳溪县财政局 2023 applications.new.total --undo --by 王敏
      nianbao correct --list
    """
    with plain_errors():
        config = load_settings(config_file)
        if listed:
            if agency or undo:
                fail("--list goes alone; `nianbao history AGENCY YEAR` shows the corrections of one report")
            with open_archive(config, archive_file, must_exist=True) as archive:
                _show(archive.corrections.listed(), as_json)
            sys.exit(FINE)
        if as_json:
            fail("--json goes with --list")
        if agency is None or year is None or figure is None or (value is None) is not undo:
            wanted = "AGENCY YEAR FIGURE --undo" if undo else "AGENCY YEAR FIGURE VALUE"
            fail(f"give {wanted}, as in `nianbao correct --help`")
            raise AssertionError
        for option, said, what in (("--by", by, "your name"), ("--source", source, "what it rests on")):
            if not (said or "").strip() and not (undo and option == "--source"):
                fail(f"{option} is needed: {what}; a correction is kept and shown with it")
        from db.readings.history import History
        from monitor.correcting import figure_name, figure_said
        from monitor.job import judge_added
        from monitor.whose_report import find_agency, find_revisions
        from parsers.form import load_forms

        now = datetime.now(UTC)
        with open_archive(config, archive_file, must_exist=True) as archive:
            history = History(archive)
            whose = find_agency(archive, history, agency)
            chosen = _choose(whose, year, find_revisions(history, whose, year), url, revision)
            if chosen.form is None:
                fail(f"{chosen.url}: no tables were found in this report, so there is no figure to correct")
            form = load_forms()[chosen.form or ""]
            name = figure_name(figure, form)
            before = _cell(archive, history, chosen, name)
            if undo:
                documents = _documents_with(archive, chosen, name)
                if not documents:
                    fail(f"{whose.name} {year}: no correction of {name} holds; there is nothing to undo")
                with archive.write():
                    for sha256 in documents:
                        archive.corrections.undo(sha256, name, by=by or "", why=source, at=now)
                changed = True
            else:
                cell = figure_said(name, value or "", form, unit=unit, printed=printed)
                changed = archive.corrections.make(chosen.sha256, cell, by=by or "", source=source or "", at=now)
            after = _cell(archive, history, chosen, name)
            # Also where nothing changed: a process may have been killed between the two.
            events = judge_added(archive, config, now).events
        click.echo(f"{whose.name} {year} {name}: {before} → {after}" if changed else f"{name}: says so already")
        click.echo(f"document {chosen.sha256[:12]}, {chosen.url}, revision {chosen.revision}")
        found = sum(event == "found" for _, event in events)
        gone = sum(event in ("gone", "replaced", "corrected") for _, event in events)
        click.echo(f"{counted(found, 'finding')} new, {gone} gone.")
    sys.exit(FINE)


def _choose(
    whose: "AgencyKey", year: int, revisions: "list[Revision]", url: str | None, number: int | None
) -> "Revision":
    """The report that is meant: the one that the views show, unless an address or a revision is given."""
    found = [r for r in revisions if url in (None, r.url) and number in (None, r.revision)]
    if url is None and number is None:
        found = [r for r in revisions if r.is_trusted]
    elif number is None:
        found = [r for r in found if r.is_current]
    if len({r.sha256 for r in found}) == 1:
        return found[0]
    have = "; ".join(f"{r.url} revision {r.revision}" for r in revisions)
    which = "no such report" if not found else "several reports"
    fail(f"{whose.name} {year}: {which}; choose with --url and --revision among: {have}")
    raise AssertionError


def _cell(archive: "Archive", history: "History", revision: "Revision", name: str) -> str:
    """A cell in words, as it stands now."""
    stored = history.report(revision.report_id)
    figure = stored.report.figures.get(name) if stored else None
    if figure is None:
        return "?"
    said = figure.state if figure.value is None else f"{figure.value}{f' {figure.unit}' if figure.unit else ''}"
    return f"{said} ({figure.how or 'no cell'})"


def _documents_with(archive: "Archive", revision: "Revision", name: str) -> list[str]:
    """The documents of a report for which a correction of a figure holds."""
    return [one.sha256 for one in archive.corrections.of_report(revision.report_id) if one.figure == name]


def _show(found: "list[Corrected]", as_json: bool) -> None:
    from monitor.as_json import line

    if as_json:
        for one in found:
            click.echo(line(_as_dict(one)))
        return
    from rich.markup import escape

    screen = console()
    for one in found:
        c = one.correction
        whose = f"{one.agency or 'no report by now'} {one.year or ''}".strip()
        screen.print(f"[bold]{escape(whose)}[/bold]  {c.figure}", soft_wrap=True)
        read = "" if one.read is None else f", read as {_said(one.read[0], one.read[1], one.read[2], one.read[3])}"
        screen.print(f"  {escape(_said(c.value, c.state, c.text, c.unit) + read)}", soft_wrap=True)
        screen.print(f"  {c.made_at:%Y-%m-%d} by {escape(c.made_by)}: {escape(c.source)}", soft_wrap=True)
        if c.undone_at is not None:
            why = f": {c.undone_why}" if c.undone_why else ""
            screen.print(f"  taken back {c.undone_at:%Y-%m-%d} by {escape((c.undone_by or '?') + why)}", soft_wrap=True)
        screen.print(f"  document {c.sha256[:12]}{escape(f', {one.url}' if one.url else '')}", style="dim")
    screen.print(f"{counted(sum(one.correction.holds for one in found), 'correction')} held.")


def _said(value: Any, state: str, text: str | None, unit: str | None) -> str:
    if value is None:
        return f"{state} {text!r}" if text else state
    shown = f"{value}{f' {unit}' if unit else ''}"
    return shown if text in (None, str(value)) else f"{shown} ({text})"


def _as_dict(one: "Corrected") -> dict[str, Any]:
    c = one.correction
    read = one.read and dict(zip(("value", "state", "text", "unit", "how"), one.read, strict=True))
    return {
        "agency": one.agency,
        "agency_id": one.agency_id,
        "year": one.year,
        "figure": c.figure,
        "value": c.value,
        "state": c.state,
        "text": c.text,
        "unit": c.unit,
        "read": read,
        "by": c.made_by,
        "source": c.source,
        "made_at": c.made_at.isoformat(),
        "undone_by": c.undone_by,
        "undone_at": c.undone_at and c.undone_at.isoformat(),
        "undone_why": c.undone_why,
        "sha256": c.sha256,
        "url": one.url,
    }
