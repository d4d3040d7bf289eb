"""What the commands share: options, errors as sentences, progress, the archive."""

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.pipes import quiet_end

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from db.archive import Archive
    from db.records import Agency
    from monitor.config import Config
    from parsers.names import Names

FINE, FOUND, FAILED = 0, 1, 2

# Marks and overrides of the direction of writing; ZWSP, ZWNJ, BOM, which hide.
_DIRECTIONS = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")

NO_PORTAL = (
    "there is no portal to crawl; put a portal file into portals/ beside config.toml "
    "(docs/example-portal.toml shows one), or try `nianbao demo`"
)

Decorator = Callable[[Any], Any]


def config_option(function: Any) -> Any:
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        help="Settings; else ./config.toml, else the packaged default.",
    )(function)


def archive_option(function: Any) -> Any:
    return click.option(
        "--archive", "archive_file", type=click.Path(path_type=Path), help="The archive; else the one of the settings."
    )(function)


def json_option(function: Any) -> Any:
    return click.option(
        "--json", "as_json", is_flag=True, help="JSON Lines on standard output, and nothing else there."
    )(function)


def now_option(function: Any) -> Any:
    return click.option(
        "--now",
        "now_text",
        metavar="TIME",
        help="A pretended time (ISO, with zone); only where every portal is on this machine.",
    )(function)


def fail(sentence: str) -> None:
    """Say on standard error what is wrong, one line each, and end with status 2."""
    with quiet_end(FAILED):
        complain(sentence)
    sys.exit(FAILED)


def complain(sentence: str) -> None:
    """Say on standard error what is wrong."""
    for line in sentence.splitlines():
        click.echo(f"nianbao: {printable(line)}", err=True)


def printable(text: str) -> str:
    """Text of others as it may be shown on a terminal: a character that is no sign but an order to it (escapes, the
    direction of writing, half a character) is shown as �, so that nothing is repainted, retitled or hidden."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if _is_order(character) else character for character in text)


def _is_order(character: str) -> bool:
    if character in "\n\t":
        return False
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _DIRECTIONS


@contextmanager
def plain_errors() -> Iterator[None]:
    """Errors that the rooms explain become one sentence and status 2 instead of a traceback."""
    from db.errors import ArchiveError
    from parsers.strict_toml import ConfigError

    try:
        yield
    except (ArchiveError, ConfigError) as error:
        fail(str(error))


def load_settings(config_file: Path | None) -> "Config":
    from monitor.config import load_config

    return load_config(config_file)


def register_names(config: "Config") -> "Names":
    """Names that know the register of the settings, if they have one."""
    from monitor.whose import names_of

    return names_of(register_agencies(config))


def register_agencies(config: "Config") -> "list[Agency]":
    """The agencies of the register of the settings; none without one."""
    if config.register is None:
        return []
    from crawler.register.table import load_agencies

    return load_agencies(config.register)


def open_archive(config: "Config", archive_file: Path | None, *, must_exist: bool = False) -> "Archive":
    """The archive of the command line or of the settings. must_exist: a reading command makes no empty one."""
    from db.archive import Archive

    return Archive.open(archive_file or config.archive, backup=config.backup_folder or True, must_exist=must_exist)


def existing_archive(config: "Config", archive_file: Path | None) -> "Archive | None":
    """The archive, None where there is none yet, nor documents or backups of one."""
    from db import beside

    path = archive_file or config.archive
    if beside.has_none(path, config.backup_folder or beside.folder_of(path)):
        return None
    return open_archive(config, archive_file)


def console(*, err: bool = False) -> "Console":
    """A terminal on which all plain texts, cells of tables included, are shown as `printable` has them."""
    from rich.console import Console
    from rich.text import Text

    class PrintableConsole(Console):
        def render_str(self, text: str, **how: Any) -> Text:
            return super().render_str(printable(text), **how)

    return PrintableConsole(stderr=err, highlight=False, soft_wrap=False)


def progress(transient: bool = True) -> "Progress":
    """A progress bar on standard error, shown only on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    screen = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=screen,
        transient=transient,
        disable=not screen.is_terminal,
    )


def read_time(text: str | None, option: str = "--now") -> datetime | None:
    """The time that an option gives, in UTC; ends with a sentence where it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text}: is no time; write it as 2024-02-20T10:00:00+08:00")
        raise
    if moment.tzinfo is None:
        fail(f"{option} {text}: has no zone; write it as {text}+08:00")
    return moment.astimezone(UTC)


def counted(number: int, noun: str) -> str:
    """1 report, 2 reports."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def exit_status(errors: int, *, failed: bool) -> int:
    """errors: how many certain errors there are. 2 beats 1 beats 0."""
    return FAILED if failed else FOUND if errors else FINE
