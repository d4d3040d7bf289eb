"""`nianbao export`"""

import dataclasses
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
    open_archive,
    plain_errors,
    progress,
)

if TYPE_CHECKING:
    from db.archive import Archive


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--warc", type=click.Path(path_type=Path), metavar="FILE", help="As a web archive, FILE.warc.gz.")
@click.option("--portal", metavar="ID", help="Only what was seen on this portal (--warc).")
@click.option("--year", type=click.IntRange(2008, 2100), help="Only reports of this reporting year (--warc).")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only what was seen from this day on (--warc)."
)
@click.option("--no-parquet", is_flag=True, help="No Parquet files in DIR.")
@click.option("--licence", metavar="NAME", help="Under which DIR is published, as in CC-BY-4.0.")
@json_option
@config_option
@archive_option
def command(
    folder: Path | None,
    warc: Path | None,
    portal: str | None,
    year: int | None,
    since: datetime | None,
    no_parquet: bool,
    licence: str | None,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Write the archive for others: as a release bundle into the folder DIR, or as a web archive.

    DIR: SQLite, CSV and Parquet with a data dictionary, a README in both languages and checksums; e-mail addresses,
    telephone numbers and lists of persons in the prose are masked. An earlier release at DIR is replaced once the new
    one is whole.

    --warc: every visit with its request, response and headers. DAY is a day in Beijing. A file is there once it is
    complete; one of that name is replaced. What is on the takedown list is withheld from both.

    \b
    Example:
      nianbao export release/
      nianbao export release/ --no-parquet --licence CC-BY-4.0
      nianbao export --warc liuxi-2023.warc.gz --portal liuxi --year 2023
    """
    with plain_errors():
        if (folder is None) == (warc is None):
            fail("say one thing that is to be written: DIR, a folder for a release, or --warc FILE")
        if folder is not None and (portal or year or since):
            fail("--portal, --year and --since go with --warc: a release is of the whole archive")
        if warc is not None and (no_parquet or licence or as_json):
            fail("--no-parquet, --licence and --json go with DIR")
        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            if folder is not None:
                _write_release(archive, folder, not no_parquet, licence, as_json)
                sys.exit(FINE)
            assert warc is not None
            lost = _write_warc(archive, warc, portal, year, since)
    sys.exit(FAILED if lost else FINE)


def _write_release(archive: "Archive", folder: Path, parquet: bool, licence: str | None, as_json: bool) -> None:
    from monitor.as_json import line
    from monitor.exports import ExportError
    from monitor.exports.bundle import write_bundle
    from monitor.exports.files import has_parquet

    if parquet and not has_parquet():
        complain("Parquet is left out: it needs the extra `parquet` (install nianbao[parquet]), or say --no-parquet")
        parquet = False
    try:
        with progress() as bar:
            task = bar.add_task("release", total=None)
            written = write_bundle(
                archive, folder, now=datetime.now(UTC), parquet=parquet, licence=licence,
                on_file=lambda name: bar.update(task, description=name, advance=1),
            )  # fmt: skip
    except ExportError as error:
        fail(str(error))
        raise
    masked, rows = written.masked, written.rows
    if as_json:
        found = {"folder": str(folder), "files": written.files, "snapshot": written.snapshot.id, "rows": rows}
        found |= {"masked": dataclasses.asdict(masked), "withheld_rows": written.snapshot.withheld}
        click.echo(line(found))
        return
    click.echo(
        f"{folder}: {counted(written.files, 'file')}, {counted(rows['reports'], 'report')}, "
        f"{counted(rows['cells'], 'cell')}; snapshot {written.snapshot.id[:16]}"
    )
    addresses = f"{masked.emails} e-mail {'address' if masked.emails == 1 else 'addresses'}"
    click.echo(
        f"Masked: {addresses}, {counted(masked.phones, 'telephone number')}, "
        f"{counted(masked.passages, 'list')} of persons, {counted(masked.identities, 'identity card number')}, "
        f"{counted(masked.accounts, 'account')}. Withheld: {counted(written.snapshot.withheld, 'row')}."
    )


def _write_warc(archive: "Archive", warc: Path, portal: str | None, year: int | None, since: datetime | None) -> int:
    """Returns how many documents have no bytes any more."""
    from monitor.calendar import BEIJING
    from monitor.exports import ExportError, Selection
    from monitor.exports.warc import write_warc

    start = since.replace(tzinfo=BEIJING).astimezone(UTC) if since else None
    if portal is not None and archive.evidence.portal_name(portal) is None:
        fail(f"--portal {portal}: the archive has no portal of this id; the table portals lists them")
    try:
        counts = write_warc(archive, warc, Selection(portal, year, start), complain)
    except ExportError as error:
        fail(str(error))
        raise
    click.echo(f"{warc}: {counted(counts.visits, 'visit')}, {counted(counts.records, 'record')}")
    if counts.given_up:
        what = counted(counts.given_up, "list page")
        click.echo(f"Of {what} only the visit is in it: the bytes were given up by the rules of retention.")
    if counts.withheld:
        click.echo(f"Left out for the takedown list: {counted(counts.withheld, 'visit')}.")
    return counts.lost
