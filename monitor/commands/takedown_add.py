"""`nianbao takedown add WHAT`"""

from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.commands.common import (
    archive_option,
    complain,
    config_option,
    counted,
    load_settings,
    open_archive,
    plain_errors,
    printable,
)


@click.command()
@click.argument("what", metavar="SHA256|URL")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is to be withheld.")
@click.option("--asked-by", required=True, metavar="TEXT", help="Who asked for it, and how.")
@config_option
@archive_option
def command(what: str, reason: str, asked_by: str, config_file: Path | None, archive_file: Path | None) -> None:
    """Withhold a document (the SHA-256 of the view latest, or its first 8 digits or more), or whatever was and will be
    seen at an address, with the files that are attached there.

    Other documents that say the same as it are withheld too. Releases and zips that were handed out before are not
    changed by it: export anew, and tell whoever has them.

    \b
    Example:
      nianbao takedown add 3fa0c11be2 --reason "names a private person" --asked-by "letter of 3 May 2025"
      nianbao takedown add http://www.example.gov.cn/r.html --reason "asked by the agency" --asked-by "its office"
    """
    with plain_errors():
        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            entry = archive.takedowns.add(what, reason=reason, asked_by=asked_by, at=datetime.now(UTC))
        click.echo(printable(f"takedown {entry.id}: {entry.what} withholds {counted(entry.documents, 'document')}"))
        if not entry.documents:
            complain(f"{what}: no document was seen at this address so far; look whether it is the right one")
