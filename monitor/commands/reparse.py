"""`nianbao reparse`"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    complain,
    config_option,
    counted,
    fail,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
    printable,
    progress,
)

if TYPE_CHECKING:
    from monitor.reparsing import Reread, Summary

_NAMED = 20  # documents that became unreadable, moved or were skipped and are named; --json has them all


@click.command()
@click.option("--agency", help="Only this agency's reports (name or id), whoever read them.")
@click.option("--year", type=click.IntRange(2008, 2100), help="Only reports for this year.")
@click.option("--portal", "portal_id", metavar="ID", help="Only what stands on this portal; added: what was put in.")
@click.option("--all", "everything", is_flag=True, help="All documents, also those that this parser has read.")
@click.option("--dry-run", is_flag=True, help="Read and compare, and write nothing.")
@json_option
@config_option
@archive_option
def command(
    agency: str | None,
    year: int | None,
    portal_id: str | None,
    everything: bool,
    dry_run: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Read documents of the archive again with the parser of today, and say what changed.

    Without options those that an older parser has read; with options those chosen, whoever read them. A new reading
    makes no revision and touches nothing that people said. Broken off, it goes on when it is called again. Findings
    are judged anew at the end, and told with the next run.

    \b
    Example:
      nianbao reparse --dry-run
      nianbao reparse --agency 柳溪县财政局 --year 2023
    """
    with plain_errors():
        from db.readings.history import History
        from db.readings.rereading import Rereading
        from monitor.as_json import line
        from monitor.crawling import deployment_portals
        from monitor.job import judge_added
        from monitor.reparsing import reparse
        from monitor.whose_report import find_agency, near
        from parsers.read import PARSER_VERSION

        now = datetime.now(UTC)
        config = load_settings(config_file)
        is_chosen = agency is not None or year is not None or portal_id is not None
        if everything and is_chosen:
            fail("--all goes without --agency, --year and --portal, which choose by themselves")
        named: list[Reread] = []

        def on_reread(reread: "Reread") -> None:
            if as_json:
                click.echo(line(_as_dict(reread)))
            elif reread.change not in (None, "changed") and len(named) < _NAMED:
                named.append(reread)

        with open_archive(config, archive_file, must_exist=True) as archive:
            rereading = Rereading(archive)
            if portal_id is not None and portal_id not in (sources := rereading.sources()):
                fail(f"--portal {portal_id}: nothing of such a portal is in the archive{near(portal_id, sources)}")
            whose = find_agency(archive, History(archive), agency) if agency is not None else None
            numbers = rereading.chosen(
                not_by=None if everything or is_chosen else PARSER_VERSION,
                agency=whose and (whose.key, whose.agency_id),
                year=year,
                source=portal_id,
            )
            with progress() as bar:
                task = bar.add_task("reading", total=len(numbers))
                summary = reparse(
                    archive,
                    numbers,
                    dry_run=dry_run,
                    regions=archive.portal_regions(),
                    places={portal.id: portal.place for portal in deployment_portals(config) if portal.place},
                    on_reread=on_reread,
                    on_progress=lambda done: bar.update(task, completed=done),
                )
            events = [] if dry_run else [event for _, event in judge_added(archive, config, now).events]
        if as_json:
            click.echo(line(_summary_dict(summary, dry_run)))
        else:
            for text in _lines(summary, named, dry_run):
                click.echo(printable(text))
            if not dry_run:
                gone = sum(events.count(event) for event in ("gone", "replaced", "corrected"))
                click.echo(f"{counted(events.count('found'), 'finding')} new, {gone} gone.")
        if summary.changes["skipped"]:
            skipped = counted(summary.changes["skipped"], "document")
            complain(f"{skipped} could not be read again; the old reading stays")
    sys.exit(FAILED if summary.changes["skipped"] else FINE)


def _lines(summary: "Summary", named: "list[Reread]", dry_run: bool) -> Iterator[str]:
    changes = summary.changes
    would = " (nothing is written: --dry-run)" if dry_run else ""
    documents = counted(summary.documents - changes["skipped"], "document")
    yield (
        f"{documents} read again, {counted(summary.reports, 'report')}: "
        f"{changes['changed']} changed, {changes['moved']} of another agency or year now, "
        f"{changes['readable']} readable now, {changes['unreadable']} not any more, {changes['skipped']} skipped{would}"
    )
    for name, tally in sorted(summary.figures.items(), key=lambda item: -(item[1].values + item[1].states)):
        yield f"{name}: {counted(tally.values, 'value')}, {counted(tally.states, 'state')} changed"
        for agency, year, before, after in tally.examples:
            yield f"  {agency} {year}: {before} → {after}"
    for part, count in sorted(summary.parts.items()):
        yield f"{part}: changed in {counted(count, 'report')}"
    for reread in named:
        whose = f"{reread.agency or '?'} {reread.year or '?'}"
        was = f" (was {reread.was[0]} {reread.was[1]})" if reread.was else ""
        yield f"{reread.change}: {whose}{was}: {reread.sighting.url}{f': {reread.sentence}' if reread.sentence else ''}"
    if (rest := sum(changes.values()) - changes["changed"] - len(named)) > 0:
        yield f"and {counted(rest, 'document')} more of these; --json names them all"
    if summary.parted:
        yield (
            f"{counted(summary.parted, 'document')} stand as a revision of their own now: what was one content to the "
            "old parser is two to this one"
        )
    for agency, year, one in summary.agreeing:
        yield (
            f"agrees now with the correction by {one.made_by}: {agency} {year} {one.figure}; take it back with "
            f"`nianbao correct {agency} {year} {one.figure} --undo --by NAME`"
        )


def _as_dict(reread: "Reread") -> dict[str, Any]:
    from monitor.as_json import cell_dict

    changed = reread.difference
    return {
        "change": reread.change or "agrees",
        "agency": reread.agency,
        "year": reread.year,
        "was": reread.was,
        "url": reread.sighting.url,
        "sha256": reread.sighting.sha256,
        "sentence": reread.sentence,
        "figures": [
            {
                "figure": change.figure,
                "before": change.before and cell_dict(change.before),
                "after": change.after and cell_dict(change.after),
            }
            for change in (changed.figures if changed else ())
        ],
        "form": changed and changed.form,
        "title": changed and changed.title,
        "sections": {str(number): how for number, how in (changed.sections if changed else {}).items()},
        "dates": changed.dates if changed else {},
        "agreeing": [one.figure for one in reread.agreeing],
    }


def _summary_dict(summary: "Summary", dry_run: bool) -> dict[str, Any]:
    return {
        "change": "summary",
        "dry_run": dry_run,
        "documents": summary.documents,
        "reports": summary.reports,
        **{name: summary.changes[name] for name in ("changed", "moved", "readable", "unreadable", "skipped")},
        "parted": summary.parted,
        "figures": {name: {"values": t.values, "states": t.states} for name, t in summary.figures.items()},
        "parts": dict(summary.parts),
    }
