"""`nianbao takedown lift NUMBER`"""

from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.commands.common import archive_option, config_option, load_settings, open_archive, plain_errors, printable


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--why", required=True, metavar="TEXT", help="Why it is withheld no more.")
@config_option
@archive_option
def command(number: int, why: str, config_file: Path | None, archive_file: Path | None) -> None:
    """Withhold no more what entry NUMBER of the list names. The entry stays in the list, with why.

    \b
    Example:
      nianbao takedown lift 2 --why "a clean copy was published"
    """
    with plain_errors():
        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            entry = archive.takedowns.lift(number, why=why, at=datetime.now(UTC))
        click.echo(printable(f"takedown {entry.id}: {entry.what} is handed out again"))
