"""`nianbao takedown list`"""

import dataclasses
from pathlib import Path

import click

from monitor.commands.common import (
    archive_option,
    config_option,
    console,
    counted,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)


@click.command()
@click.option("--all", "lifted", is_flag=True, help="Those that were lifted, too.")
@json_option
@config_option
@archive_option
def command(lifted: bool, as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Show what is withheld: number, document or address, why, who asked for it, and how many documents that are.

    \b
    Example:
      nianbao takedown list
      nianbao takedown list --all --json
    """
    with plain_errors():
        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            entries = archive.takedowns.listed(lifted=lifted)
        if as_json:
            from monitor.as_json import line

            for entry in entries:
                click.echo(line(dataclasses.asdict(entry)))
            return
        screen = console()
        for entry in entries:
            screen.print(f"{entry.id}  {entry.what}  {counted(entry.documents, 'document')}", markup=False)
            screen.print(f"   {entry.made_at}: {entry.reason} (asked by: {entry.asked_by})", markup=False)
            if entry.lifted_at:
                screen.print(f"   lifted {entry.lifted_at}: {entry.lifted_why}", markup=False)
        if not entries:
            screen.print("Nothing is withheld.")
