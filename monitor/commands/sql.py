"""`nianbao sql "SELECT …"`"""

import sys
from pathlib import Path

import click

from monitor.commands.asked import answer, answer_options
from monitor.commands.common import FINE, archive_option, config_option, load_settings, open_archive, plain_errors


@click.command()
@click.argument("statement", metavar="SELECT")
@answer_options
@config_option
@archive_option
def command(
    statement: str,
    how: str | None,
    out: Path | None,
    timeout_s: float,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Ask the archive in SQL; it cannot be changed that way, and others may write meanwhile.

    One SELECT, or WITH … SELECT; `-` reads it from standard input. `nianbao schema` says which tables, views and
    columns there are, docs/querying.md how to ask and what to beware of.

    \b
    Example:
      nianbao sql "SELECT agency, applications_new_total FROM latest WHERE year = 2023"
      nianbao sql "SELECT * FROM latest" --out latest.csv
      nianbao sql - --format json
    """
    with plain_errors():
        if statement == "-":
            statement = sys.stdin.read()
        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            answer(archive, statement, {}, how=how, out=out, timeout_s=timeout_s)
    sys.exit(FINE)
