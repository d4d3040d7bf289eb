"""`nianbao agency alias NAME ID`"""

from contextlib import nullcontext
from pathlib import Path

import click

from monitor.commands.agency_common import open_register, save
from monitor.commands.common import (
    archive_option,
    complain,
    config_option,
    existing_archive,
    fail,
    load_settings,
    plain_errors,
)


@click.command()
@click.argument("name")
@click.argument("agency_id", metavar="ID")
@config_option
@archive_option
def command(name: str, agency_id: str, config_file: Path | None, archive_file: Path | None) -> None:
    """Write NAME into the register as one more name of the agency ID, and import the register into the archive.

    Refused where NAME would then mean several agencies. Documents of agencies that were unknown are read again by the
    next `nianbao run`.

    \b
    Example:
      nianbao agency alias 柳溪县人社局 990101:人力资源和社会保障局
    """
    with plain_errors():
        from monitor.register.aliases import AliasRefused, check_alias, lacks_place

        config = load_settings(config_file)
        file = open_register(config)
        archive = existing_archive(config, archive_file)
        with archive or nullcontext():
            try:
                is_new = check_alias(name, agency_id, file.register.agencies)
            except AliasRefused as error:
                fail(f"{file.path}: {error}")
            if is_new:
                file.add_alias(agency_id, name.strip())
                if lacks_place(name, file.register.agencies):
                    complain(f"{name} has no place in front: it means {agency_id} on the portals of other regions too")
            else:
                click.echo(f"{name} is a name of {agency_id} already.")
            save(file, archive)
