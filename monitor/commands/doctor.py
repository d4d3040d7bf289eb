"""`nianbao doctor`"""

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    config_option,
    counted,
    json_option,
    plain_errors,
    printable,
)


@click.command()
@click.option(
    "--deep", is_flag=True, help="Compare indexes with their tables, hash every document and the last backup."
)
@json_option
@config_option
@archive_option
def command(deep: bool, as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Look after this deployment: settings, machine, archive, documents, backups, portals. Nothing is changed.

    One line for each thing looked at: ok, a notice, or a fault with what to do. Status 2 if there is a fault.

    \b
    Example:
      nianbao doctor
      nianbao doctor --deep --json
    """
    levels: Counter[str] = Counter()
    with plain_errors():
        from monitor.doctor import examine

        for line in examine(config_file, archive_file, datetime.now(UTC), deep=deep):
            levels[line.level] += 1
            if as_json:
                click.echo(json.dumps(line._asdict(), ensure_ascii=False))
            else:
                click.echo(f"{line.level:<7} {line.topic}: {printable(line.sentence)}")
        if not as_json:
            click.echo(f"{counted(levels['fault'], 'fault')}, {counted(levels['notice'], 'notice')}.")
    sys.exit(FAILED if levels["fault"] else FINE)
