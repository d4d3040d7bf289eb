"""`nianbao findings`"""

import sys
from pathlib import Path

import click

from monitor.commands.common import (
    FINE,
    FOUND,
    archive_option,
    config_option,
    console,
    counted,
    fail,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)


@click.command()
@click.option("--year", type=click.IntRange(2008, 2100), help="Only this reporting year.")
@click.option("--agency", help="Only this agency (name or id).")
@click.option("--all", "show_all", is_flag=True, help="Also those that no longer stand.")
@json_option
@config_option
@archive_option
def command(
    year: int | None,
    agency: str | None,
    show_all: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Show the findings in the archive, with their proof.

    \b
    Example:
      nianbao findings --year 2023
      nianbao findings --json
    """
    with plain_errors():
        from monitor.as_json import line, row_dict
        from monitor.judging import archive_reports, names_of

        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            wanted = names_of(archive.agencies()).resolve(agency) or agency
            rows = archive.findings(year=year, agency=wanted, open_only=not show_all)
            if agency and not rows and all(wanted not in (r.agency, r.agency_id) for r in archive_reports(archive)):
                fail(f"{agency}: no report of such an agency is in the archive; the view `latest` lists those that are")
        if as_json:
            for row in rows:
                click.echo(line(row_dict(row)))
        else:
            from monitor.shown import show_findings

            screen = console()
            show_findings(screen, rows)
            screen.print(f"{counted(len(rows), 'finding')}.")
    certain = any(row["severity"] == "error" and row["certainty"] == "certain" for row in rows)
    sys.exit(FOUND if certain else FINE)
