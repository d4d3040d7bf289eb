"""`nianbao findings`"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

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
        from monitor.whose import names_of

        config = load_settings(config_file)
        count, certain = 0, False

        def passing(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
            nonlocal count, certain
            for row in rows:
                count += 1
                certain = certain or (row["severity"] == "error" and row["certainty"] == "certain")
                yield row

        with open_archive(config, archive_file, must_exist=True) as archive:
            wanted = names_of(archive.agencies()).resolve(agency) or agency if agency else None
            rows = passing(archive.each_finding(year=year, agency=wanted, open_only=not show_all))
            if as_json:
                for row in rows:
                    click.echo(line(row_dict(row)))
            else:
                from monitor.shown import show_findings

                show_findings(console(), rows)
            if agency and not count and not archive.holdings.keys_of(wanted or agency):
                fail(f"{agency}: no report of such an agency is in the archive; the view `latest` lists those that are")
        if not as_json:
            console().print(f"{counted(count, 'finding')}.")
    sys.exit(FOUND if certain else FINE)
