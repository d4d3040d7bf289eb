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
    from monitor.config import Config

__all__ = ["Line", "examine"]


def examine(
    config_file: Path | None, archive_file: Path | None, now: datetime, *, deep: bool = False
) -> Iterator[Line]:
    """Every line about a deployment, as it is found. now: of this machine's clock, just read."""
    from monitor.doctor import machine
    from monitor.doctor.archive import archive_lines

    yield from machine.sqlite_lines()
    config, lines = _config(config_file)
    yield from lines
    portals, lines = _portals(config)
    yield from lines
    yield from machine.chromium_lines(config, portals)
    yield from machine.font_lines()
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
    from crawler.register.table import load_agencies
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
    if config.register is not None:
        try:
            agencies = len(load_agencies(config.register))
            lines.append(ok("register", f"{config.register}: {agencies} agencies"))
        except ConfigError as error:
            lines += [_told("register", sentence) for sentence in error.faults]
    return portals, lines


def _told(topic: str, sentence: str) -> Line:
    what, _, do = sentence.rpartition("; ")
    return fault(topic, what or sentence, do if what else "correct it")
