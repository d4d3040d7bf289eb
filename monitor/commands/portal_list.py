"""`nianbao portal list`"""

import json
import sys
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    existing_archive,
    json_option,
    load_settings,
    plain_errors,
)


@click.command()
@click.argument("portals", nargs=-1, metavar="[ID...]")
@json_option
@config_option
@archive_option
def command(portals: tuple[str, ...], as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Show the portals: last crawl and its outcome, how old the lists are, counts against `expect`, what is next.

    Times are in Beijing. It works without an archive too.

    \b
    Example:
      nianbao portal list
      nianbao portal list liuxi --json
    """
    with plain_errors():
        from monitor.crawling import deployment_portals
        from monitor.portals.status import status_of

        config = load_settings(config_file)
        wanted = deployment_portals(config, portals)
        now = datetime.now(UTC)
        archive = existing_archive(config, archive_file)
        with archive or nullcontext():
            states = status_of(wanted, archive, now)
        if as_json:
            for state in states:
                click.echo(json.dumps(asdict(state), ensure_ascii=False))
        elif states:
            from monitor.portals.shown import show_status

            show_status(states)
        else:
            click.echo("no portal yet; `nianbao portal new` writes a first file, docs/portals.md says how")
    sys.exit(FINE)
