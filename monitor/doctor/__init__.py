"""Is this deployment well? Each check gives lines: what is found, where, what to do.

It looks and changes nothing, whatever state the archive is in.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.doctor.line import Line, fault, notice, ok

if TYPE_CHECKING:
    from crawler.portal import Portal
    from db.records import Agency
    from monitor.config import Config

__all__ = ["Line", "examine"]


def examine(
    config_file: Path | None, archive_file: Path | None, now: datetime, *, deep: bool = False
) -> Iterator[Line]:
    """Every line about a deployment, as it is found. now: of this machine's clock, just read."""
    from monitor.doctor import machine
    from monitor.doctor.archive import archive_lines
    from monitor.doctor.telling import token_lines

    yield from machine.sqlite_lines()
    config, lines = _config(config_file)
    yield from lines
    yield from token_lines(config)
    portals, lines = _portals(config)
    yield from lines
    yield from machine.chromium_lines(config, portals)
    yield from machine.font_lines()
    yield from _holidays(now)
    archive = archive_file or (config.archive if config else None)
    if archive is None:
        yield notice(
            "archive",
            "was not looked at, nor its documents and backups: the settings that name it are not understood",
            "correct them, or name it with --archive",
        )
    else:
        yield from machine.clock_lines(archive.parent, now)
        yield from archive_lines(archive, config, portals, now, deep=deep)


def _config(config_file: Path | None) -> "tuple[Config | None, list[Line]]":
    from monitor.config import load_config
    from parsers.strict_toml import ConfigError

    try:
        config = load_config(config_file)
    except ConfigError as error:
        return None, [_told("config", sentence) for sentence in error.faults]
    return config, [ok("config", f"{config.source}: is understood")]


def _portals(config: "Config | None") -> "tuple[list[Portal], list[Line]]":
    from monitor.crawling import deployment_portals
    from parsers.strict_toml import ConfigError

    if config is None:
        return [], []
    portals: list[Portal] = []
    lines = []
    try:
        portals = deployment_portals(config)
        lines.append(ok("portals", f"{len(portals)} portal file(s) are understood"))
    except ConfigError as error:
        lines += [_told("portals", sentence) for sentence in error.faults]
    return portals, [*lines, *_register(config)]


def _register(config: "Config") -> Iterator[Line]:
    """The register and the local rules."""
    from crawler.register.table import load_agencies
    from monitor.almanac import local_rules_of
    from parsers.strict_toml import ConfigError

    agencies: list[Agency] = []
    if config.register is not None:
        try:
            agencies = load_agencies(config.register)
            yield ok("register", f"{config.register}: {len(agencies)} agencies")
        except ConfigError as error:
            yield from (_told("register", sentence) for sentence in error.faults)
    try:
        local = local_rules_of(config)
    except ConfigError as error:
        yield from (_told("local_rules", sentence) for sentence in error.faults)
        return
    if local is None:
        return
    yield ok("local_rules", f"{config.local_rules}: {len(local)} dates")
    for rule in local:
        if agencies and not any(rule.is_for(agency.region_code, agency.organ) for agency in agencies):
            yield notice(
                "local_rules",
                f"{config.local_rules}: {rule.organ} of region {rule.region_code}, from {rule.from_year}: the register "
                "has no such body",
                "see whether region and organ are right, as the register has them",
            )


def _holidays(now: datetime) -> Iterator[Line]:
    from monitor.almanac import holidays_unknown

    if (unknown := holidays_unknown(now)) is not None:
        yield notice("holidays", *unknown)
    else:
        yield ok("holidays", "the public holidays of the years that are needed now are known")


def _told(topic: str, sentence: str) -> Line:
    what, _, do = sentence.rpartition("; ")
    return fault(topic, what or sentence, do if what else "correct it")
