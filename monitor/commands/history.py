"""`nianbao history AGENCY YEAR`"""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    console,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.chronicle import Chronicle

_FIGURES_SHOWN = 40


@click.command()
@click.argument("agency")
@click.argument("year", type=click.IntRange(2008, 2100))
@json_option
@config_option
@archive_option
def command(agency: str, year: int, as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Show all that the archive knows of AGENCY's report for YEAR: sources, revisions, corrections, findings.

    Each revision says since when it was seen where, and what changed from the one before. Times are in
    Beijing; --json has them in UTC.

    \b
    Example:
      nianbao history 柳溪县财政局 2023
      nianbao history 柳溪县财政局 2023 --json
    """
    with plain_errors():
        from db.readings.history import History
        from monitor.as_json import line
        from monitor.chronicle import chronicle
        from monitor.whose_report import find_agency

        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            history = History(archive)
            everything = chronicle(history, find_agency(archive, history, agency), year)
        if as_json:
            for row in everything.rows():
                click.echo(line(row))
        else:
            _show(console(), everything)
    sys.exit(FINE)


def _show(screen: "Console", everything: "Chronicle") -> None:
    from rich.markup import escape

    screen.print(f"[bold]{escape(everything.agency.name)} {everything.year}[/bold] (times in Beijing)")
    for text in _lines(everything):
        screen.print(escape(text), soft_wrap=True)


def _lines(everything: "Chronicle") -> Iterator[str]:
    from monitor.difference import figure_said

    if not everything.revisions:
        own = "of its own " if everything.others else ""
        yield f"  No report {own}of this year is in the archive."
    for other in everything.others:
        how = "published jointly; kept as the report" if other.how == "joint" else "counts for it by the register: that"
        yield f"  {how} of {other.agency}"
        yield f"    {other.source}: {other.url}"
        yield f"    {other.title or 'without a title'}, seen {_at(other.first_seen_at)} to {_at(other.last_seen_at)}"
    where = None
    for revision, changed in everything.revisions:
        if (revision.source, revision.url) != where:
            where = (revision.source, revision.url)
            yield f"{revision.source}: {revision.url}"
        marks = "".join(
            f", {words}"
            for holds, words in (
                (revision.is_current, "the last one here"),
                (revision.is_trusted, "the one that the views show"),
            )
            if holds
        )
        yield f"  revision {revision.revision}: {_at(revision.first_seen_at)} to {_at(revision.last_seen_at)}{marks}"
        yield f"    {revision.title or 'without a title'}"
        yield f"    form {revision.form or 'unknown (no tables)'}, read by parser {revision.parser_version or '?'}"
        for document in revision.documents:
            dropped = "" if document.dropped_at is None else f", its bytes given up {_at(document.dropped_at)}"
            yield f"    document {document.sha256}, there since {_at(document.seen_at)}{dropped}"
        if changed is None:
            continue
        yield "    changed from the revision before:" if changed else "    the same as the revision before"
        if changed.form:
            yield f"      form: {changed.form[0]} → {changed.form[1]}"
        if changed.title:
            yield f"      title: {changed.title[0]} → {changed.title[1]}"
        for change in changed.figures[:_FIGURES_SHOWN]:
            label = everything.label(change.figure, revision.form)
            yield f"      {change.figure} {label}: {figure_said(change.before)} → {figure_said(change.after)}"
        if len(changed.figures) > _FIGURES_SHOWN:
            yield f"      and {len(changed.figures) - _FIGURES_SHOWN} figures more; --json has them all"
        for number, how in changed.sections.items():
            yield f"      section {number}: {how}"
        for name, (before, after) in changed.dates.items():
            yield f"      {name}: {before or 'none'} → {after or 'none'}"
    for _, lines in sorted(_happened(everything), key=lambda one: one[0]):
        yield from lines


def _happened(everything: "Chronicle") -> Iterator[tuple[datetime, list[str]]]:
    """What people said, what the rules said, what could not be read and what is withheld: when, and its lines."""
    from monitor.difference import figure_said

    for one in everything.corrections:
        said = figure_said(everything.figure(one)).removesuffix(" (corrected)")
        named = f"{one.figure} {everything.label(one.figure, None)} {said}"
        read = everything.read.get((one.sha256, one.figure))
        ground = (
            f"    ground: {one.source}; document {one.sha256[:12]}{f'; read as {figure_said(read)}' if read else ''}"
        )
        yield one.made_at, [f"{_at(one.made_at)} corrected by {one.made_by}: {named}", ground]
        if one.undone_at is not None:
            why = f": {one.undone_why}" if one.undone_why else ""
            yield one.undone_at, [f"{_at(one.undone_at)} correction taken back by {one.undone_by}{why}: {named}"]
    for row in everything.unread:
        yield row.seen_at, [f"{_at(row.seen_at)} not read: {row.url}", f"    {row.sentence}; document {row.sha256}"]
    for entry in everything.takedowns:
        what = entry.sha256 or entry.url
        yield entry.made_at, [f"{_at(entry.made_at)} withheld, asked by {entry.asked_by}: {what}: {entry.reason}"]
        if entry.lifted_at is not None:
            yield entry.lifted_at, [f"{_at(entry.lifted_at)} no longer withheld: {what}: {entry.lifted_why or ''}"]
    for event in everything.events:
        by = f", by {event.made_by}" if event.made_by else ""
        why = f": {event.reason}" if event.reason else ""
        until = f", until {_at(event.until)}" if event.until else ""
        document = f", document {event.sha256}" if event.sha256 else ""
        yield (
            event.at,
            [
                f"{_at(event.at)} {event.event}{by}{why}{until}{document}: {event.finding['rule']} {event.fingerprint}",
                f"    {event.finding['sentence_zh']}",
                f"    {event.finding['sentence_en']}",
            ],
        )


def _at(moment: datetime) -> str:
    """In Beijing, as the sentences have it."""
    from monitor.calendar import BEIJING

    return f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
