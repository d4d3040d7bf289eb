"""`nianbao missing YEAR`"""

import sys
from datetime import UTC, datetime
from pathlib import Path

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
        from monitor.as_json import line
        from monitor.crawling import deployment_portals, portal_columns
        from monitor.judging import AbsenceJudge
        from monitor.rules.absence import State

        moment = read_time(now_text) or datetime.now(UTC)
        config = load_settings(config_file)
        portals = deployment_portals(config)
        if now_text and not all(portal.on_loopback for portal in portals):
            fail("--now is only for portals on this machine; leave it out")
        with open_archive(config, archive_file, must_exist=True) as archive:
            archive.import_agencies(register_agencies(config), whole=config.register is not None)
            judge = AbsenceJudge(archive, portal_columns(portals, archive.agencies()), moment)
            states = judge.judge(year)
        shown = [s for s in states if show_all or s.state not in (State.NOT_OWED, State.PRESENT)]
        shown.sort(key=lambda s: (_ORDER.index(s.state) if s.state in _ORDER else len(_ORDER), s.agency.id))
        if as_json:
            for s in shown:
                click.echo(line({
                    "agency": s.agency.name, "agency_id": s.agency.id, "year": year, "state": str(s.state),
                    "due": s.due.isoformat() if s.due else None, "lacking": [str(lack) for lack in s.lacking],
                    "reads": [{"column": r.column, "at": r.at.isoformat()} for r in s.proof],
                    "unread": [
                        {"url": row["url"], "kind": row["kind"], "sha256": row["sha256"], "seen_at": row["seen_at"]}
                        for row in judge.unread.get((s.agency.id, year), ())
                    ],
                }))  # fmt: skip
        else:
            _show(shown, states, year)
    sys.exit(FOUND if any(s.state is State.MISSING for s in states) else FINE)


def _show(shown, states, year: int) -> None:  # type: ignore[no-untyped-def]
    from collections import Counter

    from rich.table import Table

    screen = console()
    table = Table(title=f"Reporting year {year}", title_justify="left")
    for heading in ("state", "agency", "due", "reads", "still lacking"):
        table.add_column(heading)
    for s in shown:
        table.add_row(
            str(s.state),
            s.agency.name,
            s.due.isoformat() if s.due else "no date",
            str(len(s.proof)),
            ", ".join(map(str, s.lacking)),
        )
    if shown:
        screen.print(table)
    counts = Counter(str(s.state) for s in states)
    screen.print(
        ", ".join(f"{count} {state}" for state, count in counts.most_common())
        or "The register names no agency; set `register` in config.toml."
    )
