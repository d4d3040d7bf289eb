"""`nianbao manifest [DAY]`"""

import sys
from datetime import UTC, date, datetime
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
    open_archive,
    plain_errors,
)

if TYPE_CHECKING:
    from db.archive import Archive
    from db.collected.manifests import Manifest


@click.command()
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), required=False, metavar="[DAY]")
@click.option("--stamp", is_flag=True, help="Have them time-stamped by evidence.timestamp_url of the settings.")
@click.option("--print", "show", is_flag=True, help="Print the text of the manifest of DAY.")
@json_option
@config_option
@archive_option
def command(
    day: datetime | None,
    stamp: bool,
    show: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Make the manifest of DAY: the hashes of all that was seen that day in Beijing, and that of the manifest before.

    Without DAY, those of all days that are over and have none. A day that has its manifest keeps it. With --stamp
    those that have no time stamp yet get one; only a hash is sent to the service. In an archive that may only be read
    nothing is made: those that are there are listed.

    \b
    Example:
      nianbao manifest
      nianbao manifest 2024-02-20 --stamp
      nianbao manifest 2024-02-20 --print
    """
    failed = False
    with plain_errors():
        from monitor.as_json import line
        from monitor.evidence.daily import make_manifests, manifest_dict, stamp_manifests

        config = load_settings(config_file)
        if stamp and not config.evidence.timestamp_url:
            fail(f"{config.source}: evidence.timestamp_url is empty; name a time stamp service, or leave --stamp out")
        if show and day is None:
            fail("--print needs a DAY, as in `nianbao manifest 2024-02-20 --print`")
        now = datetime.now(UTC)
        with open_archive(config, archive_file, must_exist=True) as archive:
            if archive.is_read_only:
                made = _listed(archive, day.date() if day else None, now, stamp=stamp)
            else:
                made = make_manifests(archive, now, day.date() if day else None)
            if stamp:
                waiting = [m for m in (made if day else archive.manifests.listed()) if m.token is None]
                for sentence in stamp_manifests(archive, config, waiting):
                    complain(sentence)
                    failed = True
                changed = {m.day for m in waiting} | {m.day for m in made}
                made = [m for m in archive.manifests.listed() if m.day in changed]
            if show:
                click.echo(archive.get_document(made[0].sha256).decode("utf-8"), nl=False)
        if not show:
            for manifest in made:
                if as_json:
                    click.echo(line(manifest_dict(manifest)))
                else:
                    stamped = f", stamped {manifest.stamped_at:%Y-%m-%d %H:%M:%S} UTC" if manifest.stamped_at else ""
                    click.echo(f"{manifest.day}  {manifest.sha256}  {counted(manifest.entries, 'line')}{stamped}")
            if not made and not as_json:
                click.echo("No day is over that has visits and no manifest.")
    sys.exit(FAILED if failed else FINE)


def _listed(archive: "Archive", day: date | None, now: datetime, *, stamp: bool) -> "list[Manifest]":
    """The manifests of an archive that may only be read; says which days lack theirs."""
    if stamp:
        fail(f"{archive.path}: may only be read here; time stamps are kept in it, so leave --stamp out")
    there = [manifest for manifest in archive.manifests.listed() if day in (None, manifest.day)]
    if day is not None and not there:
        fail(f"{archive.path}: has no manifest of {day}, and may only be read here; make it where it may be written")
    lacking = archive.manifests.lacking(now) if day is None else []
    if lacking:
        complain(
            f"{archive.path}: may only be read here; without a manifest: {counted(len(lacking), 'day')}, from"
            f" {lacking[0]} on"
        )
    return there
