"""`nianbao search WORD...`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    console,
    counted,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
    printable,
)

if TYPE_CHECKING:
    from rich.text import Text

    from db.archive import Archive
    from db.searching.passages import Quote
    from db.searching.search import Found, Hit


@click.command()
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("--agency", metavar="AGENCY", help="Only reports of this agency: a name or an id.")
@click.option("--region", metavar="CODE", help="Only reports from a region and all that lies in it, as 440000.")
@click.option("--year", type=click.IntRange(2008, 2100), help="Only reports for this year.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many to show.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many of the newest to leave out.")
@click.option("--all-revisions", is_flag=True, help="Not only the report to trust for each agency and year.")
@click.option("--count", "count_all", is_flag=True, help="Look into every report until their number is exact.")
@json_option
@config_option
@archive_option
def command(
    words: tuple[str, ...],
    agency: str | None,
    region: str | None,
    year: int | None,
    limit: int,
    offset: int,
    all_revisions: bool,
    count_all: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Show the reports that have every WORD in their title or prose, newest year first, with what they say.

    A WORD is found wherever its characters stand in this order; it may be a single one. Traditional characters,
    full-width forms and capitals count as their plain twins; blanks and line ends in the reports do not count. AGENCY
    is a name, with or without its province or city in front, or an id.

    \b
    Example:
      nianbao search 人手不足
      nianbao search 培训 经费 --region 440000 --year 2023
    """
    with plain_errors():
        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            found = archive.search.find(
                " ".join(words),
                agency=_known(archive, agency),
                region=region,
                year=year,
                all_revisions=all_revisions,
                limit=limit,
                offset=offset,
                count_all=count_all,
            )
        if as_json:
            _print_json(found, count_all)
        else:
            _show(found, offset)
    sys.exit(FINE)


def _known(archive: "Archive", agency: str | None) -> str | None:
    """The agency as the archive keeps it; the whole register is asked only where it does not have that very name."""
    if agency is None or archive.search.keys(agency):
        return agency
    from db.readings.history import History
    from monitor.whose_report import find_agency

    return find_agency(archive, History(archive), agency).key


def _print_json(found: "Found", with_count: bool) -> None:
    from monitor.as_json import line

    for hit in found.hits:
        click.echo(line(_as_dict(hit)))
    if with_count:
        click.echo(line(found.total._asdict()))


def _as_dict(hit: "Hit") -> dict[str, Any]:
    values = hit._asdict()
    return values | values.pop("quote")._asdict()


def _show(found: "Found", offset: int) -> None:
    from rich.text import Text

    screen = console()
    for hit in found.hits:
        section = hit.quote.section
        where = {None: "title", 0: "preface"}.get(section, f"{section} {hit.quote.heading}")
        head = Text.assemble((str(hit.year), "bold"), " ", (printable(hit.agency), "bold"), "  ", printable(where))
        for text in (head, _highlighted(hit.quote), Text(f"  {printable(hit.url)}", "dim")):
            screen.print(text, soft_wrap=True)
    screen.print(_summary(found, offset))


def _highlighted(quote: "Quote") -> "Text":
    """The snippet in one line, with the words in it marked, and … where the passage goes on."""
    from rich.text import Text

    # One sign for each, so that the matches stay where they are.
    line = printable(quote.snippet).translate(dict.fromkeys(map(ord, "\n\t"), " "))
    text = Text(line)
    for start, end in quote.matches:
        text.stylize("bold yellow", start, end)
    before = "…" if quote.start else ""
    after = "…" if quote.start + len(quote.snippet) < quote.length else ""
    return Text.assemble("  ", before, text, after)


def _summary(found: "Found", offset: int) -> str:
    number = found.total.reports
    of = f"{number:,} {counted(number, 'report').split()[-1]}"
    total = f"{of}." if found.total.is_exact else f"At most {of}; --count looks into every one."
    if not found.hits:
        return total
    return f"{offset + 1}-{offset + len(found.hits)}, newest year first. {total}"
