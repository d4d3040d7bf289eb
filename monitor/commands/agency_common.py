"""What the commands about the register share."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import complain, counted, fail

if TYPE_CHECKING:
    from crawler.register.file import RegisterFile
    from db.archive import Archive
    from db.records import Agency
    from monitor.config import Config


def register_path(config: "Config") -> Path:
    """The register of the settings; ends with a sentence where they name none."""
    if config.register is None:
        from monitor.config import DEFAULT_FILE

        if config.source == DEFAULT_FILE:
            fail(
                'there is no config.toml in this folder; make one with the line register = "register.csv", and the '
                "register itself with `nianbao agency start register.csv`"
            )
        fail(
            f"{config.source}: names no register; make one beside it with `nianbao agency start agencies.csv`, "
            'and write register = "agencies.csv" into it'
        )
        raise AssertionError  # not reached
    return config.register


def open_register(config: "Config") -> "RegisterFile":
    """The register, to be changed."""
    from crawler.register.file import RegisterFile

    return RegisterFile(register_path(config))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the portals. regions: portal -> code of its region. places: portal -> the place in front of
    short names."""

    portals: frozenset[str]
    regions: dict[str, str]
    places: dict[str, str]


def surroundings(config: "Config", agencies: "Sequence[Agency]") -> Surroundings:
    """From the portal files of the deployment and the register."""
    from monitor.crawling import deployment_portals, portal_regions

    portals = deployment_portals(config)
    return Surroundings(
        frozenset(portal.id for portal in portals),
        portal_regions([agency for agency in agencies if agency.organ]),
        {portal.id: portal.place for portal in portals if portal.place},
    )


def check_portal(config: "Config", portal: str | None, known: frozenset[str]) -> None:
    """End with a sentence where an option names a portal that there is not."""
    from monitor.crawling import deployment_portals
    from parsers.strict_toml import unknown_name

    if portal and not known:
        deployment_portals(config, [portal])  # says where to put one
    if portal and portal not in known:
        fail(f"--portal {portal}: there is no such portal; {unknown_name(portal, sorted(known))}")


def save(file: "RegisterFile", archive: "Archive | None") -> None:
    """Check the changed register against the archive, write it, import it, and say what that means."""
    from crawler.register.table import parse_register

    archived = {agency.id for agency in archive.agencies()} if archive else None
    # Only what this change brings is spoken of: the rest was there before.
    before = {_sentence(warning) for warning in file.register.warnings}
    register = parse_register(file.text, str(file.path), archived)
    for warning in register.warnings:
        if _sentence(warning) not in before:
            complain(warning)
    backup = file.save()
    if backup is not None:
        click.echo(f"{file.path}: written; as it was it is {backup.name}, beside it.")
    if archive is None:
        return
    due = waiting(archive)
    archive.import_agencies(register.agencies, whole=True)
    again = waiting(archive) - due
    if again:
        documents = counted(again, "document")
        click.echo(f"{documents} of agencies that were unknown will be read again by the next `nianbao run`.")
    if due:
        click.echo(_waiting_sentence(due))


def waiting(archive: "Archive") -> int:
    """How many documents and publication notices of the archive are stored and not read."""
    from parsers.publication_notice import NOTICE_VERSION
    from parsers.read import PARSER_VERSION

    return len(archive.waiting(PARSER_VERSION)) + len(archive.claims.to_read(NOTICE_VERSION))


def tell_waiting(archive: "Archive") -> None:
    """Say, where documents are stored and not read, that what is shown is not all."""
    if due := waiting(archive):
        complain(_waiting_sentence(due))


def _waiting_sentence(due: int) -> str:
    return f"{counted(due, 'document')} {'waits' if due == 1 else 'wait'} to be read: run `nianbao run`"


def _sentence(warning: str) -> str:
    """A warning without its file and line, which move when rows are added."""
    return warning.split(": ", 1)[-1]


def agencies_counted(number: int) -> str:
    """1 agency, 2 agencies."""
    return f"{number} {'agency' if number == 1 else 'agencies'}"
