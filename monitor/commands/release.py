"""`nianbao release FINGERPRINT…`"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    counted,
    fail,
    load_settings,
    open_archive,
    plain_errors,
    printable,
)

_AT_ONCE = 200


@click.command()
@click.argument("fingerprints", nargs=-1, metavar="[FINGERPRINT...]")
@click.option("--held", is_flag=True, help="All findings that are held.")
@click.option("--portal", metavar="NAME", help="With --held: only those of agencies of this portal.")
@click.option("--rule", metavar="NAME", help="A rule that is suspended, instead of findings.")
@click.option("--by", required=True, metavar="NAME", help="Your name: who has looked.")
@click.option("--reason", required=True, metavar="TEXT", help="Why they may go.")
@config_option
@archive_option
def command(
    fingerprints: tuple[str, ...],
    held: bool,
    portal: str | None,
    rule: str | None,
    by: str,
    reason: str,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Release findings, or a rule that is suspended: what waited is told with the next run.

    Findings are held where many of one kind came at once; a release tells them to everybody. Of a finding that is not
    held desks have heard; a release tells it to public channels, too, which hear of what is not arithmetic only
    so, and only as it says now: once it says something else, it waits again. Look at them first
    (`nianbao findings --held`): what is told then is told under your name.

    \b
    Example:
      nianbao release 3fa0c11be2 77ab01c9d4 --by 王敏 --reason "逐一看过网站"
      nianbao release --held --portal liuxi --by 王敏 --reason "该县确实集中撤下"
      nianbao release --rule withdrawn --by 王敏 --reason "规则已修正"
    """
    with plain_errors():
        from monitor.telling.teller import Teller

        if sum((bool(fingerprints), held, rule is not None)) != 1:
            fail("give numbers of findings, or --held, or --rule NAME; one of them")
        if portal is not None and not held:
            fail("--portal goes with --held")
        config, now = load_settings(config_file), datetime.now(UTC)
        with open_archive(config, archive_file, must_exist=True) as archive:
            if rule is not None:
                archive.life.release_rule(rule, by=by, reason=reason, at=now)
                click.echo(printable(f"{rule}: speaks again, released by {by}"))
                sys.exit(FINE)
            rows = archive.life.held(portal=portal) if held else iter(())
            chosen: Iterator[str] = (row["fingerprint"] for row in rows)
            if fingerprints:
                chosen = iter([archive.life.find(one) for one in fingerprints])
            messages = Teller(archive, config, now).messages
            released = asked = 0
            while some := list(islice(chosen, _AT_ONCE)):
                asked += len(some)
                left = [why for one in some if (why := archive.life.why_not_released(one)) is not None]
                found = archive.life.release(some, by=by, reason=reason, at=now, messages=messages)
                released += len(found)
                for finding in found:
                    click.echo(printable(f"{finding.fingerprint} {finding.rule}, {finding.agency} {finding.year}"))
                for why in left:
                    click.echo(printable(why))
        rest = f"; {counted(asked - released, 'finding')} left alone" if asked > released else ""
        click.echo(f"{counted(released, 'finding')} released{rest}.")
    sys.exit(FINE)
