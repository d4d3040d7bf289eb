"""`nianbao run`"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    NO_PORTAL,
    archive_option,
    complain,
    config_option,
    counted,
    exit_status,
    fail,
    json_option,
    load_settings,
    now_option,
    open_archive,
    plain_errors,
    progress,
    read_time,
    register_agencies,
)

if TYPE_CHECKING:
    from crawler.portal import Portal
    from db.records import Agency
    from monitor.config import Config


@click.command()
@json_option
@config_option
@archive_option
@now_option
def command(as_json: bool, config_file: Path | None, archive_file: Path | None, now_text: str | None) -> None:
    """The main job, once: crawl all portals, read the reports, compare, and tell what is new.

    Findings are shown here and, where NIANBAO_TELEGRAM_TOKEN and a chat are configured, told on Telegram; each is
    told once, however often you run it.

    \b
    Example:
      nianbao run
      nianbao run --config season.toml --json
    """
    with plain_errors():
        from monitor.almanac import holidays_unknown
        from monitor.as_json import finding_dict, line
        from monitor.channels.console import ConsoleChannel
        from monitor.crawling import deployment_portals
        from monitor.job import run_job

        now = read_time(now_text)
        config = load_settings(config_file)
        portals = deployment_portals(config)
        if not portals:
            complain(NO_PORTAL + "; what was added is judged, and what waits is told")
        if now and not all(portal.on_loopback for portal in portals):
            fail("--now is only for portals on this machine; leave it out")
        with open_archive(config, archive_file) as archive, progress() as bar:
            if unknown := holidays_unknown(now or datetime.now(UTC)):
                complain("; ".join(unknown))
            task = bar.add_task("crawling", total=None)
            outcome = run_job(
                archive,
                archive_file or config.archive,
                config,
                portals,
                _register(config, portals),
                now=now,
                on_crawl=lambda name, message: bar.update(
                    task, description=f"crawling {name}: {message.get('requests')} requests"
                ),
                on_read=lambda done, total: bar.update(task, description="reading", completed=done, total=total),
            )
        for summary in outcome.crawls:
            for sentence in summary.errors:
                complain(sentence)
        for address, sentence in outcome.reading.unread:
            complain(f"{address}: kept, but not read: {sentence}")
        for sentence in (*outcome.reading.lost, *outcome.delivered.errors, *outcome.unstamped):
            complain(sentence)
        standing = outcome.judgement.standing
        channel, new, held = ConsoleChannel(sys.stdout), 0, 0
        for finding, event in outcome.judgement.events:
            if event == "held":  # after it came as found
                held += 1
                continue
            new += event == "found"
            if not as_json:
                channel.show(finding, event)
            elif event == "found":
                click.echo(line(finding_dict(finding)))
        if held:
            complain(f"{counted(held, 'finding')} held, since many came at once; see `nianbao findings --held`")
        if not as_json:
            reading, delivered = outcome.reading, outcome.delivered
            click.echo(
                f"{counted(len(portals), 'portal')}, {counted(sum(s.requests for s in outcome.crawls), 'request')}; "
                f"{counted(reading.new, 'new report')}, {reading.revised} revised, {len(reading.unread)} kept unread; "
                f"{counted(standing.findings, 'finding')} on record, {new} of them new; "
                f"{counted(delivered.sent, 'message')} sent, {delivered.waiting} waiting."
            )
    sys.exit(exit_status(standing.errors, failed=outcome.failed))


def _register(config: "Config", portals: "list[Portal]") -> "list[Agency]":
    """The agencies of the register; says which portals it names that there are not."""
    agencies = register_agencies(config)
    known = {portal.id for portal in portals}
    for unknown in sorted({agency.portal for agency in agencies if agency.portal} - known):
        complain(f"{config.register}: portal: there is no portal {unknown!r}; known are {', '.join(sorted(known))}")
    return agencies
