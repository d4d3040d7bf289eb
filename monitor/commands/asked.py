"""What `nianbao query` and `nianbao sql` share: the options for answers, and putting a question."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import FAILED, complain, counted

if TYPE_CHECKING:
    from db.archive import Archive
    from db.questions.asking import Asking

_TIMEOUT_S = 60.0
_GRACE_S = 2.0
_FORMATS = ("table", "csv", "json")


def answer_options(function: Any) -> Any:
    """--format, --out and --timeout, as `how`, `out` and `timeout_s`."""
    for option in (
        click.option(
            "--timeout",
            "timeout_s",
            type=click.FloatRange(min=0, min_open=True),
            default=_TIMEOUT_S,
            metavar="S",
            help="Seconds that SQLite may work on it; 60 else.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Into a file (CSV or JSON Lines, by its name) instead of standard output.",
        ),
        click.option(
            "--format",
            "how",
            type=click.Choice(_FORMATS),
            help="table: for the screen, 1000 rows at most; csv; json: JSON Lines. Else a table.",
        ),
    ):
        function = option(function)
    return function


def answer(
    archive: "Archive",
    statement: str,
    parameters: Mapping[str, Any],
    *,
    how: str | None,
    out: Path | None,
    timeout_s: float,
) -> int:
    """Put a question and write its answer; how many rows. Raises ArchiveError."""
    from db.questions.asking import Asking
    from monitor.commands.answers import chosen_format, write

    shape = chosen_format(how, out)
    with Asking(archive, timeout_s=timeout_s) as asking, _watched(asking, timeout_s):
        found = asking.ask(statement, parameters)
        number = write(found.columns, found, shape, out)
    if out is not None:
        click.echo(f"{out}: {counted(number, 'row')}", err=True)
    return number


@contextmanager
def _watched(asking: "Asking", timeout_s: float) -> Iterator[None]:
    """Ends the process where SQLite does not end in time and cannot be broken off."""
    is_done = threading.Event()

    def watch() -> None:
        while not is_done.wait(0.25):
            if asking.overdue_s > _GRACE_S:
                complain(f"the question took longer than {timeout_s:g} s and was broken off; narrow it down")
                os._exit(FAILED)  # nothing was written but the answer so far

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        is_done.set()
