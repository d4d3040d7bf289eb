"""`nianbao findings [FINGERPRINT]`"""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FINE,
    FOUND,
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


@click.command()
@click.argument("fingerprint", required=False)
@click.option("--year", type=click.IntRange(2008, 2100), help="Only this reporting year.")
@click.option("--agency", help="Only this agency (name or id).")
@click.option("--held", is_flag=True, help="Only those that are held until a person releases them.")
@click.option("--all", "show_all", is_flag=True, help="Also those that no longer stand.")
@json_option
@config_option
@archive_option
def command(
    fingerprint: str | None,
    year: int | None,
    agency: str | None,
    held: bool,
    show_all: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Show the findings in the archive, with their proof, and what has become of them.

    With FINGERPRINT (the number under a finding, or its first 8 digits or more) it shows this one with its whole life,
    and what else may explain it.

    \b
    Example:
      nianbao findings --year 2023
      nianbao findings 3fa0c11be2
      nianbao findings --held --json
    """
    with plain_errors():
        from monitor.as_json import line
        from monitor.shown import show_findings
        from monitor.whose import names_of

        if fingerprint and (year or agency or held or show_all):
            fail("a number of a finding goes alone; leave out the other options")
        config, now = load_settings(config_file), datetime.now(UTC)
        with open_archive(config, archive_file, must_exist=True) as archive:
            if fingerprint:
                row = _one(archive, archive.life.find(fingerprint), now)
                click.echo(line(row)) if as_json else _show(row)
                sys.exit(FOUND if _is_certain([row]) else FINE)
            wanted = names_of(archive.agencies()).resolve(agency) or agency if agency else None
            found = archive.each_finding(year=year, agency=wanted, open_only=not show_all)
            rows = _Counted(_lives(archive, (row for row in found if not held or row["held_why"] is not None), now))
            if as_json:
                for row in rows:
                    click.echo(line(row))
            else:
                show_findings(console(), rows)
            if agency and not rows.count and not archive.holdings.keys_of(wanted or agency):
                fail(f"{agency}: no report of such an agency is in the archive; the view `latest` lists those that are")
        if not as_json:
            console().print(f"{counted(rows.count, 'finding')}.")
    sys.exit(FOUND if rows.is_certain else FINE)


class _Counted:
    """Rows that are counted as they go by. is_certain: one of them is an error that is certain."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self._rows = rows
        self.count = 0
        self.is_certain = False

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            self.count += 1
            self.is_certain = self.is_certain or _is_certain([row])
            yield row


def _is_certain(rows: list[dict[str, Any]]) -> bool:
    return any(row["severity"] == "error" and row["certainty"] == "certain" for row in rows)


def _lives(archive: "Archive", rows: Iterable[dict[str, Any]], now: datetime) -> Iterator[dict[str, Any]]:
    """Stored findings as `--json` prints them, each with what has become of it."""
    from monitor.as_json import row_dict
    from monitor.life.marks import life_dict

    suspended = archive.life.suspended()
    for row in rows:
        yield row_dict(row) | {"life": life_dict(row, archive.life.state(row["fingerprint"]), suspended, now)}


def _one(archive: "Archive", fingerprint: str, now: datetime) -> dict[str, Any]:
    """One finding with its whole life, and what its rule says of such findings."""
    from monitor.life.marks import event_dict, rule_dict
    from monitor.rules import rules

    (row,) = _lives(archive, archive.life.rows([fingerprint]), now)
    events = [event_dict(event) for event in archive.life.events(fingerprint)]
    record = archive.life.record(row["rule"])._asdict()
    return row | {"events": events, **rule_dict(rules().get(row["rule"]), row["basis"]), "record": record}


def _show(row: dict[str, Any]) -> None:
    from rich.markup import escape

    from monitor.life.marks import event_line
    from monitor.shown import show_findings

    screen = console()
    show_findings(screen, [row])

    def say(text: str) -> None:
        screen.print(f"  {escape(text)}", soft_wrap=True)

    if row["defect"]:
        say(f"official word: {row['defect']}")
    if row["article"]:
        say(f"a letter would cite: {row['article']['zh']} ({row['article']['en']})")
    for is_excluded, heading in (
        (True, "what else it might be, and is not:"),
        (False, "what else it may be; look before you publish it:"),
    ):
        some = [one for one in row["innocent"] if one["excluded"] is is_excluded]
        if some:
            say(heading)
        for one in some:
            say(f"  {one['zh']} {one['en']}")
    record = row["record"]
    say(f"judged so far, of {row['rule']}: {record['right']} right, {record['wrong']} wrong")
    say("its life (Beijing time):")
    for event in row["events"]:
        say(f"  {event_line(event)}")
