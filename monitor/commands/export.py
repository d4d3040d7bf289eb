"""`nianbao export`"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    complain,
    config_option,
    counted,
    fail,
    load_settings,
    open_archive,
    plain_errors,
)


@click.command()
@click.option("--warc", type=click.Path(path_type=Path), metavar="FILE", help="As a web archive, FILE.warc.gz.")
@click.option("--portal", metavar="ID", help="Only what was seen on this portal.")
@click.option("--year", type=click.IntRange(2008, 2100), help="Only reports of this reporting year.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only what was seen from this day on.")
@config_option
@archive_option
def command(
    warc: Path | None,
    portal: str | None,
    year: int | None,
    since: datetime | None,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Write the archive, or a part of it, in a format of others.

    --warc: every visit with its request, response and headers. DAY is a day in Beijing. A file is there once it is
    complete; one of that name is replaced.

    \b
    Example:
      nianbao export --warc archive.warc.gz
      nianbao export --warc liuxi-2023.warc.gz --portal liuxi --year 2023
    """
    lost = 0
    with plain_errors():
        from monitor.calendar import BEIJING
        from monitor.exports import ExportError, Selection

        if warc is None:
            fail("say in which format: --warc FILE")
            raise SystemExit(FAILED)
        config = load_settings(config_file)
        start = since.replace(tzinfo=BEIJING).astimezone(UTC) if since else None
        selection = Selection(portal, year, start)
        with open_archive(config, archive_file, must_exist=True) as archive:
            if portal is not None and archive.evidence.portal_name(portal) is None:
                fail(f"--portal {portal}: the archive has no portal of this id; the table portals lists them")
            from monitor.exports.warc import write_warc

            try:
                counts = write_warc(archive, warc, selection, complain)
            except ExportError as error:
                fail(str(error))
                raise
        lost = counts.lost
        click.echo(f"{warc}: {counted(counts.visits, 'visit')}, {counted(counts.records, 'record')}")
    sys.exit(FAILED if lost else FINE)
