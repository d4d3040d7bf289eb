"""What `nianbao query` and `nianbao sql` share: the options for answers, and putting a question."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import counted

if TYPE_CHECKING:
    from db.archive import Archive

_TIMEOUT_S = 60.0
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
) -> None:
    """Put a question and write its answer. Raises ArchiveError."""
    from db.questions.asking import Asking
    from monitor.commands.answers import chosen_format, write

    shape = chosen_format(how, out)
    with Asking(archive, timeout_s=timeout_s) as asking:
        found = asking.ask(statement, parameters)
        number = write(found.columns, found, shape, out)
    if out is not None:
        click.echo(f"{out}: {counted(number, 'row')}", err=True)
