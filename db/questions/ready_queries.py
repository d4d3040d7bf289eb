"""The ready queries: db/questions/queries/<name>.sql, each explained by the comment at its head.

    -- What it tells, in one sentence.
    --
    -- :year integer       only this reporting year
    -- :rows integer = 50  so many rows, the largest first
    --
    -- Notes: units, what n counts, what is left out.
    --
    -- empty: What it means, and what not, if there is no row in {reports}.

A parameter without a default may be left out and is null then. Values are bound, never pasted into the SQL; only the
name of a figure becomes a column, in the place of {figure}, once the archive's forms are found to have it.
"""

import re
import sqlite3
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from db.errors import ArchiveError
from db.questions.known_values import check, looked_at
from db.schema.views import quoted

FOLDER = Path(__file__).with_name("queries")
FIGURE = "figure"
REPORTS = "{reports}"
_EMPTY = "empty: "

_PARAMETER = re.compile(r":([a-z_]+) (integer|text|day|figure)(?: = (\S+))? +(\S.*)")


class Parameter(NamedTuple):
    """type: integer, text, day (YYYY-MM-DD) or figure (table.row.column of a count). default: None: may be left out."""

    name: str
    type: str
    default: int | str | None
    about: str


class ReadyQuery(NamedTuple):
    """about: what it tells, one sentence. notes: one text. empty: what an answer without a row says, with {reports} for
    the reports that were looked at. sql: with :name for parameters and {figure} for a column."""

    name: str
    about: str
    parameters: tuple[Parameter, ...]
    notes: str
    empty: str
    sql: str


@lru_cache(maxsize=1)
def ready_queries() -> dict[str, ReadyQuery]:
    """All queries by name, sorted."""
    files = sorted(FOLDER.glob("*.sql"), key=lambda path: path.stem)
    return {path.stem: parse(path.stem, path.read_text("utf-8")) for path in files}


def parse(name: str, text: str) -> ReadyQuery:
    """A query from its file's text. ValueError where its head is not as this module's description has it."""
    lines = text.splitlines()
    head = []
    while lines and lines[0].startswith("--"):
        head.append(lines.pop(0).removeprefix("--").strip())
    about, *parts = "\n".join(head).split("\n\n")
    if "\n" in about or not about.endswith("."):
        raise ValueError(f"{name}: its first line must be one sentence, the next one empty")
    parameters, notes, empty = [], [], ""
    for part in parts:
        if part.startswith(_EMPTY):
            empty = " ".join(part.removeprefix(_EMPTY).splitlines())
            continue
        if not part.startswith(":"):
            notes.append(" ".join(part.splitlines()))
            continue
        for line in part.splitlines():
            match = _PARAMETER.fullmatch(line)
            if match is None:
                raise ValueError(f"{name}: {line!r} is no parameter; write `:name type = default  what it is`")
            parameter, kind, default, meaning = match.groups()
            value = int(default) if default and kind == "integer" else default
            parameters.append(Parameter(parameter, kind, value, meaning))
    if not empty:
        raise ValueError(f"{name}: it does not say what an empty answer means; write `empty: …` at the end of its head")
    return ReadyQuery(name, about, tuple(parameters), " ".join(notes), empty, "\n".join(lines).strip())


def bound(
    connection: sqlite3.Connection, query: ReadyQuery, values: Mapping[str, int | str | None]
) -> tuple[str, dict[str, Any]]:
    """(SQL, parameters) to be asked. values: by name; what is None or not there takes its default.

    Raises ArchiveError for a day that is none, for a figure that the forms of the archive do not have as a count, and
    for a year, region, organ, portal or reason of which the archive has nothing, so that no such question is answered
    by silence.
    """
    sql, parameters = query.sql, {}
    for parameter in query.parameters:
        value = values.get(parameter.name)
        value = parameter.default if value is None else value
        if parameter.type == "day" and value is not None:
            _check_day(parameter.name, str(value))
        if parameter.type == FIGURE:
            sql = sql.replace("{figure}", quoted(_column_of(connection, str(value))))
        if value is not None:
            check(connection, parameter.name, value)
        parameters[parameter.name] = value
    return sql, parameters


def empty_answer(connection: sqlite3.Connection, query: ReadyQuery, parameters: Mapping[str, Any]) -> str:
    """What it means that a query gave no row, and at how many reports it looked. parameters: as `bound` gave them."""
    if REPORTS not in query.empty:
        return query.empty
    return query.empty.replace(REPORTS, looked_at(connection, parameters))


def _check_day(name: str, value: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ArchiveError(f"--{name} {value}: is no day; write it as 2024-02-20") from None


def _column_of(connection: sqlite3.Connection, figure: str) -> str:
    known = {
        name: (column, kind)
        for name, column, kind in connection.execute("SELECT figure, column_name, kind FROM form_figures")
    }
    if figure not in known:
        near = get_close_matches(figure, known, n=2)
        meant = f"{' or '.join(near)}? " if near else ""
        raise ArchiveError(
            f"--figure {figure}: no form has such a figure; {meant}`nianbao schema form_figures` says where they stand,"
            " docs/schema.md lists them"
        )
    column, kind = known[figure]
    if kind == "amount":
        raise ArchiveError(
            f"--figure {figure}: is an amount, printed in different units; take a count, or ask with `nianbao sql`"
            f" where {column}_unit is the same"
        )
    return column
