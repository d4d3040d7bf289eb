"""`nianbao rebuild`"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

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
    now_option,
    open_archive,
    plain_errors,
    progress,
    read_time,
)

if TYPE_CHECKING:
    from monitor.rebuilding import Rebuilt

_NAMED = 20  # documents that cannot be read and are named; --json has them all


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what differs, and write nothing.")
@json_option
@config_option
@archive_option
@now_option
def command(
    dry_run: bool, as_json: bool, config_file: Path | None, archive_file: Path | None, now_text: str | None
) -> None:
    """Make reports, figures and findings anew from the documents, the visits and the register.

    Everything is read and judged again in a copy beside the archive (<archive>.rebuild; it needs as much room as the
    archive); then what differs is written into the archive at once, and said. What was seen and what people said
    stays. What a document was read as that is given up or lost stays too. Nothing is sent. Broken off, it has changed
    nothing; run it again.

    \b
    Example:
      nianbao rebuild --dry-run
      nianbao rebuild
    """
    with plain_errors():
        from monitor.crawling import deployment_portals, portal_columns
        from monitor.rebuilding import rebuild

        now = read_time(now_text)
        config = load_settings(config_file)
        portals = deployment_portals(config)
        if now and not all(portal.on_loopback for portal in portals):
            fail("--now is only for portals on this machine; leave it out")
        with open_archive(config, archive_file, must_exist=True) as archive, progress() as bar:
            task = bar.add_task("checking documents", total=None)
            rebuilt = rebuild(
                archive,
                config,
                portal_columns(portals, archive.agencies()),
                now=now or datetime.now(UTC),
                dry_run=dry_run,
                on_document=lambda done: bar.update(task, completed=done),
                on_read=lambda done, total: bar.update(task, description="reading", completed=done, total=total),
            )
        if as_json:
            _print_json(rebuilt, dry_run)
        else:
            _print(rebuilt, dry_run)
        _complain(rebuilt, all_of_them=as_json)
    is_whole = rebuilt.merged.has_findings and all(document.is_given_up for document in rebuilt.lost)
    sys.exit(FINE if is_whole else FAILED)


def _print(rebuilt: "Rebuilt", dry_run: bool) -> None:
    merged = rebuilt.merged
    reading = rebuilt.reading
    click.echo(
        f"{counted(reading.new + reading.revised + reading.unchanged, 'document')} read as reports,"
        f" {len(reading.unread)} kept unread."
    )
    differing = [d for d in merged.differences if d.added or d.changed or d.removed]
    for table, added, changed, removed in differing:
        click.echo(f"{table}: {added} added, {changed} changed, {removed} removed")
    written = "nothing is written: --dry-run" if dry_run else "written"
    compared = "" if merged.has_findings else "Of all but the findings, "
    differed = f"{counted(len(differing), 'table')} differed ({written})." if differing else "nothing differed."
    click.echo(f"{compared}{differed}" if compared else f"{differed[0].upper()}{differed[1:]}")
    if merged.events:
        click.echo(
            f"{counted(merged.events, 'new event')} of findings, {counted(merged.messages, 'message')} to be sent with"
            " the next run."
        )
    if merged.left:
        reports = f"{merged.left} {'address' if merged.left == 1 else 'addresses'}"
        click.echo(
            f"Meanwhile another nianbao has read, or a person corrected, what lies at {reports}: that was left as they"
            " made it and not compared. Run `nianbao rebuild` again to compare it too."
        )


def _print_json(rebuilt: "Rebuilt", dry_run: bool) -> None:
    from monitor.as_json import line

    merged = rebuilt.merged
    for difference in merged.differences:
        click.echo(line({"kind": "table", **difference._asdict()}))
    for document in rebuilt.lost:
        click.echo(line({"kind": "lost", **document._asdict()}))
    summary = {"events": merged.events, "messages": merged.messages, "left": merged.left}
    click.echo(line({"kind": "summary", "dry_run": dry_run, **summary, "has_findings": merged.has_findings}))


def _complain(rebuilt: "Rebuilt", *, all_of_them: bool) -> None:
    for document in rebuilt.lost[: None if all_of_them else _NAMED]:
        complain(f"document {document.sha256} {document.why}; what it was read as stays")
    if not all_of_them and len(rebuilt.lost) > _NAMED:
        complain(f"and {counted(len(rebuilt.lost) - _NAMED, 'document')} more; --json names them all")
    if not rebuilt.merged.has_findings:
        complain(
            "meanwhile another nianbao has judged (as run, check and correct do), so that the findings were not"
            " compared and stay as it left them; run `nianbao rebuild` again to compare them too"
        )
