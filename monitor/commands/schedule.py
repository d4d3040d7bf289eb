"""`nianbao schedule`"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    NO_PORTAL,
    archive_option,
    complain,
    config_option,
    counted,
    existing_archive,
    fail,
    json_option,
    load_settings,
    now_option,
    plain_errors,
    printable,
    read_time,
)

if TYPE_CHECKING:
    from db.jobs import Job, LastRun
    from monitor.watch.schedule import Due

_PROMPT = timedelta(minutes=1)  # so long what is due is called due now, later since when
NOBODY = "no `nianbao watch` runs for this archive: nothing of this happens by itself"


@click.command()
@click.option("--portal", "portal_id", metavar="NAME", help="Only the looks at this portal.")
@click.option("--days", type=click.IntRange(1, 31), help="All times of so many days to come, not only the next ones.")
@json_option
@config_option
@archive_option
@now_option
def command(
    portal_id: str | None,
    days: int | None,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
    now_text: str | None,
) -> None:
    """Show what `nianbao watch` runs next, when (in Beijing) and why, and how the last run went.

    Changes nothing. The settings are in [schedule]; hours of its own a portal has in its file.

    \b
    Example:
      nianbao schedule
      nianbao schedule --portal liuxi_county --days 7
      nianbao schedule --json
    """
    with plain_errors():
        from monitor.as_json import line
        from monitor.crawling import deployment_portals
        from monitor.watch.schedule import CRAWL, Job, PortalTime, planned, upcoming
        from monitor.watch.watch import LEASE

        config, now = load_settings(config_file), read_time(now_text) or datetime.now(UTC)
        portals = deployment_portals(config)
        if now_text and not all(portal.on_loopback for portal in portals):
            fail("--now is only for portals on this machine; leave it out")
        if portal_id is not None:
            portals = deployment_portals(config, [portal_id])
        elif not portals:
            complain(NO_PORTAL)
        with ExitStack() as stack:
            archive = existing_archive(config, archive_file)
            if archive is None:
                complain(f"{archive_file or config.archive}: there is no archive yet; nothing ever ran for it")
            else:
                stack.enter_context(archive)
            runs = archive.jobs.last() if archive else {}
            watched = archive is not None and archive.pace.holder(LEASE) is not None
        if not watched:  # nothing can be under way
            runs = {job: _broken_off(run) for job, run in runs.items()}
        times = [PortalTime(portal.id, portal.open_hours) for portal in portals]
        found: Iterable[Due] = (
            planned(times, runs, config.schedule, now, now + timedelta(days=days))
            if days
            else upcoming(times, runs, config.schedule, now)
        )
        found = [due for due in found if portal_id is None or due.job == Job(CRAWL, portal_id)]
        if as_json:
            for due in found:
                click.echo(line(_row(due, runs.get(due.job), now)))
            return
        for text in _table(found, runs, now, with_last=days is None):
            click.echo(text)
        if portal_id is not None and (last := runs.get(Job(CRAWL, portal_id))) is not None and last.detail:
            click.echo(f"The last look: {printable(last.detail)}")
        click.echo(_summary(found, runs, now, days))
        if not watched:
            click.echo(f"Mind: {NOBODY}.")


def _broken_off(last: "LastRun") -> "LastRun":
    """A run without an end, as the next watch will have it."""
    return last if last.outcome else last._replace(outcome="killed", failures=last.failures + 1)


def _row(due: "Due", last: "LastRun | None", now: datetime) -> dict[str, Any]:
    """A time as one line of `--json`."""
    return {
        "job": due.job.name,
        "portal": due.job.subject or None,
        "at": due.at.isoformat(),
        "is_due": due.at <= now,
        "why": due.why,
        "missed": due.missed,
        "last": last
        and {
            "due_at": last.due_at.isoformat(),
            "started_at": last.started_at.isoformat(),
            "ended_at": last.ended_at.isoformat() if last.ended_at else None,
            "outcome": last.outcome,
            "failures": last.failures,
            "refused": last.is_refused,
            "looked_at": last.looked_at.isoformat() if last.looked_at else None,
            "detail": last.detail,
        },
    }


def _table(found: list["Due"], runs: dict["Job", "LastRun"], now: datetime, *, with_last: bool) -> Iterator[str]:
    """The lines of a table whose columns are as wide as what stands in them."""
    from monitor.watch.schedule import in_words

    if not found:
        return
    rows = [("when (Beijing)", "what", *(["last run"] if with_last else []), "why")]
    for due in found:
        is_late = now - due.at > _PROMPT
        when = f"since {in_words(due.at)}" if is_late else "now" if due.at <= now else in_words(due.at)
        last = [_last(runs.get(due.job))] if with_last else []
        rows.append((when, " ".join(filter(None, due.job)), *last, due.why))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        yield "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[-1]])


def _last(last: "LastRun | None") -> str:
    from monitor.watch.schedule import in_words

    if last is None:
        return "never"
    if last.outcome is None:
        return f"under way since {in_words(last.started_at)}"
    if last.looked_at is not None and (last.id == 0 or last.looked_at > (last.ended_at or last.looked_at)):
        return f"by hand {in_words(last.looked_at)}"
    how = "refused" if last.is_refused else last.outcome
    many = f", {last.failures} in a row" if last.failures > 1 else ""
    return f"{how} {in_words(last.ended_at or last.started_at)}{many}"


def _summary(found: list["Due"], runs: dict["Job", "LastRun"], now: datetime, days: int | None) -> str:
    if days:
        return f"{counted(len(found), 'time')} in {counted(days, 'day')}."
    portals = sum(bool(due.job.subject) for due in found)
    last = [runs[due.job] for due in found if due.job in runs]
    parts = (
        (sum(due.at <= now for due in found), "due now"),
        (sum(run.outcome is None for run in last), "under way"),
        (sum(run.failures > 0 for run in last), "not fine the last time"),
    )
    said = "; ".join(f"{number} {what}" for number, what in parts if number or what == "due now")
    others = f", {counted(len(found) - portals, 'other job')}" if len(found) > portals else ""
    return f"{counted(portals, 'portal')}{others}: {said}."
