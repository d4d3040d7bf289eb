"""`nianbao diff AGENCY [YEAR]`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    console,
    fail,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)

if TYPE_CHECKING:
    from monitor.compare import Change
    from parsers.report import Figure


@click.command()
@click.argument("agency")
@click.argument("year", type=click.IntRange(2008, 2100), required=False)
@json_option
@config_option
@archive_option
def command(agency: str, year: int | None, as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Show what changed in AGENCY's report of YEAR (else its latest) since the year before.

    AGENCY is a name, with or without its province or city in front, or an id.

    \b
    Example:
      nianbao diff 洪泽区人民政府 2023
    """
    with plain_errors():
        from monitor.as_json import line
        from monitor.catalogue.figures import figure_words
        from monitor.compare import changes
        from monitor.shown import cell_text, legend
        from monitor.whose import names_of
        from parsers.form import load_forms

        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            wanted = names_of(archive.agencies()).resolve(agency)
            keys = archive.holdings.keys_of(*filter(None, (agency, wanted)))
            reports = {r.year: r for r in archive.latest_of(keys)}
        if not reports:
            fail(f"{agency}: no report of such an agency is in the archive; the view `latest` lists those that are")
        year = year if year is not None else max(reports)
        have = ", ".join(map(str, sorted(reports)))
        for needed in (year, year - 1):
            if needed not in reports:
                fail(f"{agency}: the report for {needed} is not in the archive (it has {have})")
        before, after = reports[year - 1], reports[year]
        found = changes(before.report.figures, after.report.figures)
        form = load_forms()[after.report.form or ""]
        if as_json:
            for change in found:
                click.echo(line({"agency": after.agency, "year": year, **_as_dict(change)}))
            sys.exit(FINE)
        from rich.table import Table

        screen = console()
        table = Table(title=f"{after.agency}: {year - 1} → {year}", title_justify="left")
        table.add_column("figure", overflow="fold")
        table.add_column(str(year - 1), justify="right")
        table.add_column(str(year), justify="right")
        for change in found:
            label = f"{figure_words(change.figure, form)[0]}\n[dim]{change.figure}[/dim]"
            table.add_row(label, *(cell_text(figure) if figure else "" for _, figure in _both(change)))
        screen.print(table)
        for words in legend(figure for change in found for _, figure in _both(change)):
            screen.print(words)
        if before.report.form != after.report.form:
            screen.print(
                f"The form changed from {before.report.form} to {after.report.form}; "
                "figures that only one of them has are left out."
            )
        screen.print(f"{len(found)} figures changed.")
    sys.exit(FINE)


def _as_dict(change: "Change") -> dict[str, object]:
    row: dict[str, object] = {"figure": change.figure}
    for when, figure in _both(change):
        row[when] = figure.value if figure else None
        row[f"{when}_state"] = figure.state if figure else None
        row[f"{when}_how"] = figure.how if figure else None
    return row


def _both(change: "Change") -> "tuple[tuple[str, Figure | None], ...]":
    return ("before", change.before), ("after", change.after)
