"""`nianbao agency unknown`"""

from pathlib import Path

import click

from monitor.commands.agency_common import agencies_counted, surroundings, tell_waiting
from monitor.commands.common import (
    archive_option,
    config_option,
    counted,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
    printable,
    register_agencies,
)

_SHOWN = 3  # addresses of one agency


@click.command()
@json_option
@config_option
@archive_option
def command(as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Show the agencies that reports and publication notices name and the register does not know.

    Their reports are kept and judged by themselves; they owe nothing. Where the region list alone gives an id, it is
    shown. `may be` names agencies of the register that come close: `nianbao agency alias` makes the name one of theirs,
    `nianbao agency add` makes a new agency of it.

    \b
    Example:
      nianbao agency unknown
      nianbao agency unknown --json
    """
    with plain_errors():
        from monitor.as_json import line
        from monitor.register.unknown import most_first, unknown_agencies, with_candidates

        config = load_settings(config_file)
        register = register_agencies(config)
        with open_archive(config, archive_file, must_exist=True) as archive:
            archive.import_agencies(register, whole=config.register is not None)
            known = [agency for agency in archive.agencies() if agency.organ]
            tell_waiting(archive)
            around = surroundings(config, known)
            found = unknown_agencies(archive.strangers.mentions(), known, around.regions, around.places)
        shown = (with_candidates(one, known, around.regions) for one in found.ordered(most_first))
        if as_json:
            for one in shown:
                click.echo(line(one.as_dict()))
            return
        for one in shown:
            facts = (one.portal or "added", _documents(one.reports, one.unread, one.notices), _years(one.years))
            click.echo(printable(f"{one.name}  {', '.join(filter(None, facts))}"))
            if one.agency_id:
                click.echo(f"  by the region list: {one.agency_id}")
            for agency in one.near:
                click.echo(f"  may be: {agency.id} ({printable(agency.name)})")
            for url in one.urls[:_SHOWN]:
                click.echo(f"  {printable(url)}")
            if len(one.urls) > _SHOWN:
                click.echo(f"  and {len(one.urls) - _SHOWN} more; --json has all")
        click.echo(f"{agencies_counted(len(found))} that the register does not know.")


def _documents(reports: int, unread: int, notices: int) -> str:
    numbers = {"report": reports, "unread report": unread, "publication notice": notices}
    return ", ".join(counted(number, noun) for noun, number in numbers.items() if number)


def _years(years: list[int]) -> str:
    return f"for {', '.join(map(str, years))}" if years else ""
