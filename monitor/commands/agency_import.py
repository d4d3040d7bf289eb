"""`nianbao agency import FILE`"""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from monitor.commands.agency_common import (
    agencies_counted,
    check_portal,
    open_register,
    save,
    surroundings,
)
from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    complain,
    config_option,
    existing_archive,
    load_settings,
    plain_errors,
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--portal", help="The portal that carries their reports, where the list does not say.")
@click.option("--region", metavar="CODE", help="The region of names without a place in front (GB/T 2260).")
@click.option("--organ", help="What they are, where neither the list nor the ending of the name says.")
@click.option("--duty", help="What they owe, where the list does not say; a dated one for its kind of body only.")
@click.option("--source", help="Where that duty stands: an address, or an official document and its article.")
@click.option("--dry-run", is_flag=True, help="Show the rows and write nothing.")
@config_option
@archive_option
def command(
    file: Path,
    portal: str | None,
    region: str | None,
    organ: str | None,
    duty: str | None,
    source: str | None,
    dry_run: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Write a list that you have into the register: a CSV with a column `name` and any other columns of the register,
    or a text with one name a line. Also what `nianbao agency propose` made, once you have read it.

    The id follows from the region and the local name. Who is in the register already is named and left as it is. A duty
    that nobody states becomes no_date: owing nothing by a date.

    \b
    Example:
      nianbao agency import names.txt --portal liuxi --region 990101 --dry-run
      nianbao agency import proposals.csv
    """
    with plain_errors():
        from crawler.register.file import csv_line
        from crawler.register.table import COLUMNS
        from monitor.register.lists import Defaults, sort_list
        from monitor.register.naming import place_of

        config = load_settings(config_file)
        register = open_register(config)
        agencies = register.register.agencies
        around = surroundings(config, agencies)
        check_portal(config, portal, around.portals)
        code = region or around.regions.get(portal or "", "")
        place = around.places.get(portal or "") or (place_of(code, agencies) if code else "")
        codes = {agency.region_code for agency in agencies if portal and agency.portal == portal}
        found = sort_list(
            file,
            agencies,
            Defaults(
                portal=portal or "",
                region=code,
                place=place,
                lies_in=tuple(sorted(codes)) if len(codes) > 1 and not code else (),
                organ=organ or "",
                duty=duty or "",
                source=source or "",
            ),
        )
        if found.ignored:
            complain(f"{file}:1: {', '.join(found.ignored)}: no columns of the register; left out")
        for sentence in [*found.known, *found.unplaced]:
            complain(sentence)
        for row in found.rows:
            register.append(row)
        register.check()
        if dry_run:
            click.echo(",".join(COLUMNS))
            for row in found.rows:
                click.echo(csv_line(row))
        elif found.rows:
            archive = existing_archive(config, archive_file)
            with archive or nullcontext():
                save(register, archive)
        verb = "would be added" if dry_run else "added"
        rest = f"{len(found.known)} there already, {len(found.unplaced)} not placed"
        click.echo(f"{agencies_counted(len(found.rows))} {verb}, {rest}.", err=dry_run)
    sys.exit(FAILED if found.unplaced else FINE)
