"""`nianbao agency add ID NAME`"""

from contextlib import nullcontext
from pathlib import Path

import click

from monitor.commands.agency_common import check_portal, open_register, save, surroundings
from monitor.commands.common import archive_option, config_option, existing_archive, fail, load_settings, plain_errors


@click.command()
@click.argument("agency_id", metavar="ID")
@click.argument("name")
@click.option("--organ", required=True, help="government, office, department, township, street, zone, branch or other.")
@click.option("--duty", required=True, help="art49_department, art49_government, no_date or none.")
@click.option("--source", help="Where the duty stands: an address, or an official document and its article.")
@click.option("--portal", help="The portal that carries its reports.")
@click.option("--alias", "aliases", multiple=True, help="Another name; may be given several times.")
@click.option("--from-year", type=int, help="The first reporting year.")
@click.option("--to-year", type=int, help="The last reporting year.")
@click.option("--predecessor", "predecessors", multiple=True, metavar="ID", help="Whom it follows; several times.")
@click.option("--successor", "successors", multiple=True, metavar="ID", help="Who follows it; several times.")
@click.option("--supervisor", metavar="ID", help="Who supervises its work.")
@click.option("--parent", metavar="ID", help="Whom it belongs to.")
@click.option("--covered-by", metavar="ID", help="Whose report is this agency's too.")
@config_option
@archive_option
def command(
    agency_id: str,
    name: str,
    organ: str,
    duty: str,
    source: str | None,
    portal: str | None,
    config_file: Path | None,
    archive_file: Path | None,
    aliases: tuple[str, ...],
    **more: object,
) -> None:
    """Write one more agency into the register, and import the register into the archive.

    ID is the region's code (GB/T 2260), a colon and the local name.

    \b
    Example:
      nianbao agency add 990101:青石镇人民政府 柳溪县青石镇人民政府 --organ township --duty no_date --portal liuxi
    """
    with plain_errors():
        from crawler.register.checks import mark_fault
        from crawler.register.file import row_of

        config = load_settings(config_file)
        file = open_register(config)
        check_portal(config, portal, surroundings(config, file.register.agencies).portals)
        if any(agency.id == agency_id for agency in file.register.agencies):
            line = file.register.lines[agency_id]
            fail(f"{file.path}:{line}: {agency_id} is there already; change the line, or give another id")
        for option, one in (("NAME", name), *(("--alias", alias) for alias in aliases)):
            if wrong := mark_fault(one):
                fail(f"{option}: {wrong}")
        row = row_of({
            **more, "id": agency_id, "name": name, "aliases": aliases, "organ": organ, "duty": duty,
            "duty_source": source, "portal": portal, "region_code": agency_id.partition(":")[0],
        })  # fmt: skip
        file.append(row)
        archive = existing_archive(config, archive_file)
        with archive or nullcontext():
            save(file, archive)
