"""`nianbao agency list`"""

from pathlib import Path

import click

from monitor.commands.agency_common import agencies_counted, register_path
from monitor.commands.common import complain, config_option, json_option, load_settings, plain_errors, printable


@click.command()
@json_option
@config_option
def command(as_json: bool, config_file: Path | None) -> None:
    """Show the register: every agency with its organ, its duty, its portal and its years; and what is odd in it.

    \b
    Example:
      nianbao agency list
      nianbao agency list --json
    """
    with plain_errors():
        from dataclasses import asdict

        from crawler.register.table import load_register
        from monitor.as_json import line

        register = load_register(register_path(load_settings(config_file)))
        for warning in register.warnings:
            complain(warning)
        if as_json:
            for agency in register.agencies:
                click.echo(line(asdict(agency)))
            return
        for a in register.agencies:
            years = f"{a.from_year or ''}–{a.to_year or ''}" if a.from_year or a.to_year else ""
            click.echo(printable("  ".join(filter(None, (a.id, a.name, a.organ, a.duty, a.portal or "", years)))))
        dated = sum(agency.duty.startswith("art49") for agency in register.agencies)
        click.echo(f"{agencies_counted(len(register.agencies))}, {dated} of them with a dated duty.")
