"""`nianbao sandbox`"""

import random
import re
import sys
import threading
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import FAILED, FINE, complain, counted, plain_errors

if TYPE_CHECKING:
    from crawler.sandbox.country import Country
    from crawler.sandbox.portals import Shape
    from crawler.sandbox.server import SandboxServer

_LAST_PORT = 65535
# The packages that write the formats of attachments; they are among the test dependencies.
_WRITTEN_BY = {"docx": "docx", "pdf": "reportlab", "xlsx": "xlsxwriter"}
# So many agencies give each portal of the sample country lists of several pages, and the country room for its faults.
_SMALLEST_COUNTRY, _ONE_COUNTY, _PER_PORTAL = 40, 34, 10


@click.command()
@click.option("--seed", default=1, show_default=True, help="Another seed is another country.")
@click.option("--agencies", type=int, help="How many agencies the country has; else 10 for each portal, at least 40.")
@click.option("--years", default="2021-2023", show_default=True, help="The reporting years, from 2019 on.")
@click.option(
    "--shapes",
    default="all",
    show_default=True,
    help="Which software: all, or platforms with commas between them, as in trs,jpage; ucap:VARIANT is one variant.",
)
@click.option("--now", "day", metavar="DATE", help="The pretended day; else one on which all reports are published.")
@click.option(
    "--port", type=click.IntRange(1024, _LAST_PORT), help="Of the first portal, the others follow; else free ones."
)
@click.option(
    "--portals-to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the right portal files and the register into this folder.",
)
@click.option("--quiz", is_flag=True, help="Do not say which software a portal runs on, so that one can find it out.")
def command(
    seed: int,
    agencies: int | None,
    years: str,
    shapes: str,
    day: str | None,
    port: int | None,
    folder: Path | None,
    quiz: bool,
) -> None:
    """Serve the portals of a pretend country on this machine, until Ctrl-C.

    One portal for every kind of portal software and each of its variants, to try `nianbao portal probe` and the like
    on; nothing else is contacted.

    \b
    Example:
      nianbao sandbox
      nianbao sandbox --quiz --port 9000
      nianbao sandbox --shapes trs,jpage --portals-to portals
    """
    if quiz and folder:
        raise click.UsageError("--portals-to writes down what --quiz hides; leave one of them out")
    with plain_errors():
        from crawler.sandbox.server import SandboxServer

        try:
            wanted = _shapes(shapes)
            if quiz:  # nor does the order say it
                random.Random(seed).shuffle(wanted)
            if port and port + len(wanted) - 1 > _LAST_PORT:
                raise ValueError(
                    f"--port {port}: {len(wanted)} portals need ports up to {_LAST_PORT}; choose a lower one"
                )
            country = _country(seed, agencies, _years(years), len(wanted))
            formats = ("html", "text", *(media for media, package in _WRITTEN_BY.items() if find_spec(package)))
            server = SandboxServer(country, _moment(day, country), formats=formats, shapes=wanted, first_port=port or 0)
        except ValueError as error:
            complain(str(error))
            sys.exit(FAILED)
        server.real_dates = True
        try:
            with server:
                if folder:
                    folder.mkdir(parents=True, exist_ok=True)
                    server.portal_tomls(folder)
                _show(server, quiz=quiz, folder=folder)
                threading.Event().wait()
        except OSError as error:
            where = f"port {port} or one behind it" if port else "the sandbox"
            complain(f"{where}: {error.strerror or error}; choose another --port or --portals-to")
            sys.exit(FAILED)
        except KeyboardInterrupt:
            click.echo("\nstopped", err=True)
    sys.exit(FINE)


def _shapes(text: str) -> "list[Shape]":
    from crawler.sandbox.portals import all_shapes, read_shape

    if text.strip() == "all":
        return all_shapes()
    found = [shape for part in text.split(",") if part.strip() for shape in read_shape(part)]
    if not found:
        raise ValueError("--shapes names no platform; write it as trs,jpage, or leave it out")
    return found


def _years(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    if not re.fullmatch(r"\d{4}(-\d{4})?", text, re.A):
        raise ValueError(f"--years {text}: are no years; write them as 2021-2023")
    return list(range(int(first), int(last if dash else first) + 1))


def _country(seed: int, agencies: int | None, years: list[int], portals: int) -> "Country":
    from crawler.sandbox.country import Country

    if agencies is None:
        agencies = _ONE_COUNTY if portals == 1 else max(_SMALLEST_COUNTRY, portals * _PER_PORTAL)
    return Country.build(seed, agencies=agencies, years=years, portals=portals)


def _moment(day: str | None, country: "Country") -> datetime:
    from crawler.sandbox import season

    if day is None:
        return country.demo_days()[-1]
    try:
        return season.at_beijing(date.fromisoformat(day), 12)
    except ValueError:
        raise ValueError(f"--now {day}: is no date; write it as 2024-02-20") from None


def _show(server: "SandboxServer", *, quiz: bool, folder: Path | None) -> None:
    from rich.cells import cell_len

    from crawler.sandbox.sites import shape_of
    from monitor.calendar import BEIJING

    rows = [["portal", *([] if quiz else ["software"]), "place", "home page", "column"]]
    for site in server.sites:
        software = [] if quiz else [str(shape_of(site))]
        home = f"{server.origin(site.id)}/"
        rows.append([site.id, *software, site.place or "", home, server.column_url(site.id)])
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:  # never folded or cut: addresses are there to be copied
        click.echo(
            "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    click.echo(
        f"\nA pretend country (seed {server.country.seed}) on {server.now.astimezone(BEIJING):%Y-%m-%d}: "
        f"{counted(len(server.sites), 'portal')}, {len(server.country.agencies)} agencies, reports for "
        f"{server.country.years[0]}–{server.country.years[-1]}."
    )
    if folder:
        click.echo(f"Portal files and the register of agencies: {folder}")
    click.echo("Ctrl-C stops it.")
    sys.stdout.flush()
