"""`nianbao crawl [PORTAL...]`"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    NO_PORTAL,
    archive_option,
    complain,
    config_option,
    counted,
    fail,
    json_option,
    load_settings,
    now_option,
    open_archive,
    plain_errors,
    progress,
    read_time,
)

if TYPE_CHECKING:
    from crawler.summary import CrawlSummary


@click.command()
@click.argument("portals", nargs=-1, metavar="[PORTAL...]")
@click.option("--again", is_flag=True, help="Visit every known page, whether it is due or not.")
@click.option("--any-hour", is_flag=True, help="Set the hours of the portals aside.")
@json_option
@config_option
@archive_option
@now_option
def command(
    portals: tuple[str, ...],
    again: bool,
    any_hour: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
    now_text: str | None,
) -> None:
    """Crawl portals (all, or those named) into the archive. Nothing is judged or told.

    The lists are read, new reports fetched, and known ones seen again where they are due. A crawl that was broken off
    is gone on with; one that is not to begin now (hours, budget) is postponed, which is no failure.

    \b
    Example:
      nianbao crawl
      nianbao crawl liuxi --json
      nianbao crawl liuxi --again
    """
    with plain_errors():
        from monitor.crawling import crawl_portals, deployment_portals
        from monitor.first import mark_first

        now = read_time(now_text)
        config = load_settings(config_file)
        wanted = deployment_portals(config, portals)
        if not wanted:
            fail(NO_PORTAL)
        if now and not all(portal.on_loopback for portal in wanted):
            fail("--now is only for portals on this machine; leave it out")
        with open_archive(config, archive_file) as archive:
            for portal in wanted:
                archive.add_portal(portal.id, portal.name, portal.platform)
            mark_first(archive, wanted, now or datetime.now(UTC))
        with progress() as bar:
            task = bar.add_task("crawling", total=None)
            summaries = crawl_portals(
                wanted,
                archive_file or config.archive,
                config,
                now=now,
                again=again,
                any_hour=any_hour,
                on_progress=lambda name, message: bar.update(
                    task, description=f"crawling {name}: {message.get('requests')} requests"
                ),
            )
        for summary in summaries:
            for sentence in summary.errors:
                complain(sentence)
            if as_json:
                click.echo(summary.to_json())
            else:
                click.echo(_in_words(summary))
    sys.exit(FINE if all(summary.is_fine for summary in summaries) else FAILED)


def _in_words(summary: "CrawlSummary") -> str:
    """One line: how it ended, what it cost, what it brought."""
    visits = counted(sum(summary.visits.values()), "visit")
    if summary.visits:
        visits += f" ({', '.join(f'{count} {outcome}' for outcome, count in summary.visits.items())})"
    parts = [f"{visits} with {counted(summary.requests, 'request')}"]
    # Whether there is a robots.txt is nobody's concern; that it keeps us out, or does not come, is.
    parts += [f"robots.txt: {outcome}" for outcome in ("blocked", "failed") if outcome in summary.robots]
    parts += [f"{counted(summary.reports, 'report')} listed", counted(summary.new_documents, "new document")]
    if summary.left:
        addresses = "1 address" if summary.left == 1 else f"{summary.left} addresses"
        parts.append(f"{addresses} left to the next crawl")
    resumed = "; gone on with a crawl that was broken off, counted since then" if summary.resumed else ""
    return f"{summary.portal}: {summary.outcome}; {', '.join(parts)}{resumed}"
