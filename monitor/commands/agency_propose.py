"""`nianbao agency propose`"""

from itertools import chain
from pathlib import Path

import click

from monitor.commands.agency_common import surroundings, tell_waiting
from monitor.commands.common import (
    archive_option,
    config_option,
    fail,
    load_settings,
    open_archive,
    plain_errors,
    register_agencies,
)


@click.command()
@click.option("--year", type=click.IntRange(2008, 2100), help="Only who published, or is named, for this year.")
@click.option("--out", type=click.Path(path_type=Path), help="Write them into this file, which must not be there.")
@config_option
@archive_option
def command(year: int | None, out: Path | None, config_file: Path | None, archive_file: Path | None) -> None:
    """Make rows for the register of agencies that it lacks: who has published on a portal, and whom publication notices
    (公布情况) name. Column `reason` says what each rests on.

    Nothing enters the register: read the rows, fill in the duty where it is empty, take out what is wrong, and give the
    file to `nianbao agency import`.

    \b
    Example:
      nianbao agency propose --out proposals.csv
      nianbao agency propose --year 2023
    """
    with plain_errors():
        from crawler.register.file import csv_line
        from crawler.register.table import COLUMNS
        from monitor.register.lists import PROPOSAL_COLUMNS
        from monitor.register.proposals import proposals
        from monitor.spool import Spool

        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            archive.import_agencies(register_agencies(config), whole=config.register is not None)
            known = [agency for agency in archive.agencies() if agency.organ]
            tell_waiting(archive)
            around = surroundings(config, known)
            columns = (*COLUMNS, *PROPOSAL_COLUMNS)
            lines: Spool[str] = Spool()
            with archive.read():  # one view for both
                mentions, claims = archive.strangers.mentions(), archive.claims.each(year)
                for row in proposals(mentions, claims, known, regions=around.regions, places=around.places, year=year):
                    lines.append(csv_line(row, columns))
        if out is None:
            click.echo(",".join(columns))
            for line in lines:
                click.echo(line)
            return
        try:
            with out.open("x", encoding="utf-8", newline="") as file:
                file.writelines(f"{line}\n" for line in chain([",".join(columns)], lines))
        except FileExistsError:
            fail(f"{out}: is there already; give another name")
        except OSError as error:
            fail(f"{out}: cannot be written ({error.strerror}); check the folder and its permissions")
        click.echo(
            f"{out}: {len(lines)} {'proposal' if len(lines) == 1 else 'proposals'}; nothing is in the register yet."
        )
