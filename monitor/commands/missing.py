"""`nianbao missing YEAR`"""

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FINE,
    FOUND,
    archive_option,
    config_option,
    console,
    fail,
    json_option,
    load_settings,
    now_option,
    open_archive,
    plain_errors,
    read_time,
    register_agencies,
)

if TYPE_CHECKING:
    from monitor.judging.season import Season

Row = dict[str, Any]

_MOST_ROWS = 1000  # of a table on the terminal
# What a reader wants to see first.
_ORDER = ("missing", "overdue_unconfirmed", "unknown", "published_unread", "not_found_so_far", "not_yet_due", "present")


@click.command()
@click.argument("year", type=click.IntRange(2008, 2100))
@click.option("--all", "show_all", is_flag=True, help="Also those whose report is there, or who owe none.")
@json_option
@config_option
@archive_option
@now_option
def command(
    year: int, show_all: bool, as_json: bool, config_file: Path | None, archive_file: Path | None, now_text: str | None
) -> None:
    """Show who owes a report for YEAR, and what is known of it: missing, overdue but unconfirmed, unknown, …

    YEAR is the reporting year. The agencies are those of the register; absence is proved by the reads of the columns
    in the archive.

    \b
    Example:
      nianbao missing 2023
      nianbao missing 2023 --all --json
    """
    with plain_errors():
        from monitor.almanac import local_rules_of
        from monitor.as_json import line
        from monitor.crawling import deployment_portals, portal_columns
        from monitor.judging.absence import State
        from monitor.judging.seasons import Seasons
        from monitor.spool import Spool

        moment = read_time(now_text) or datetime.now(UTC)
        config = load_settings(config_file)
        portals = deployment_portals(config)
        if now_text and not all(portal.on_loopback for portal in portals):
            fail("--now is only for portals on this machine; leave it out")
        with open_archive(config, archive_file, must_exist=True) as archive:
            archive.import_agencies(register_agencies(config), whole=config.register is not None)
            local = local_rules_of(config)
            if local is not None:
                archive.almanac.keep_local_rules(local)
            seasons = Seasons(archive, portal_columns(portals, archive.agencies()), moment)
            counts: Counter[str] = Counter()
            shown: Spool[Row] = Spool()
            for season in seasons.all_of(year):
                counts[season.absence.state] += 1
                if show_all or season.absence.state not in (State.NOT_OWED, State.PRESENT):
                    shown.append(_row(season))
        rows = shown.ordered(
            lambda row: (_ORDER.index(row["state"]) if row["state"] in _ORDER else 9, row["agency_id"])
        )
        if as_json:
            for row in rows:
                click.echo(line(row))
        else:
            _show(rows, counts, year)
    sys.exit(FOUND if counts[State.MISSING] else FINE)


def _row(season: "Season") -> Row:
    """The state of an agency as one line of `--json`."""
    s = season.absence
    unread = [
        {"url": one.url, "kind": one.kind, "sha256": one.sha256, "seen_at": one.first_seen_at.isoformat()}
        for one in season.publications
        if one.kind is not None
    ]
    return {
        "agency": s.agency.name, "agency_id": s.agency.id, "year": s.year, "state": str(s.state),
        "due": s.due.isoformat() if s.due else None, "lacking": [str(lack) for lack in s.lacking],
        "reads": [{"column": r.column, "at": r.at.isoformat()} for r in s.proof], "unread": unread,
    }  # fmt: skip


def _show(rows: Iterator[Row], counts: Counter[str], year: int) -> None:
    from rich.table import Table

    screen = console()
    # A table is laid out as a whole: a longer one is several.
    while some := list(islice(rows, _MOST_ROWS)):
        table = Table(title=f"Reporting year {year}", title_justify="left")
        for heading in ("state", "agency", "due", "reads", "still lacking"):
            table.add_column(heading)
        for row in some:
            due, lacking = row["due"] or "no date", ", ".join(row["lacking"])
            table.add_row(row["state"], row["agency"], due, str(len(row["reads"])), lacking)
        screen.print(table)
    screen.print(
        ", ".join(f"{count} {state}" for state, count in counts.most_common())
        or "The register names no agency; set `register` in config.toml."
    )
