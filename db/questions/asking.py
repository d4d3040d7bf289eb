"""Questions in SQL from people: read-only, one statement, bounded in time, answered row by row.

Nothing that is asked can change the archive: the file is opened for reading, SQLite is told to refuse writes, and an
authorizer refuses whatever is no plain reading (ATTACH, PRAGMA that set something, loading code). Other processes may
write meanwhile; an answer shows the archive as it was when its statement began.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

from db import protected
from db.connection import ArchiveFile
from db.errors import ArchiveError

TIMEOUT_S = 60.0

_BATCH = 256
_STEPS = 20_000  # of SQLite's machine between two looks at the time: some hundred looks a second
_BATCH_BYTES = 8 * 2**20  # of text and blobs at which a batch ends before it is full
_LONGEST_VALUE = 16 * 2**20  # bytes of one text or blob that an expression may make
_CACHE_KIB = 64 * 1024

_READING = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)  # fmt: skip
_ABOUT_SCHEMA = frozenset(
    (
        "collation_list", "compile_options", "data_version", "encoding", "foreign_key_list", "function_list",
        "index_info", "index_list", "index_xinfo", "page_count", "page_size", "table_info", "table_list", "table_xinfo",
    )
)  # fmt: skip
_LACKS = re.compile(r"no such (table|column): (\S+)")
_WORD = re.compile(r"\w+")
# What an authorizer is asked for step by step, under the names of other statements; comments may stand before it.
_VERB = re.compile(
    r"(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*(ALTER|ANALYZE|CREATE|DROP|REINDEX|REPLACE|VACUUM)\b", re.IGNORECASE
)
_FEW_COLUMNS = 20  # of a table; so many are named where one is not there

Value = int | float | str | bytes | None
Row = tuple[Value, ...]
T = TypeVar("T")


class Answer:
    """The rows of one statement, in batches from SQLite. columns: their names, which may repeat."""

    def __init__(self, asking: "Asking", cursor: sqlite3.Cursor) -> None:
        self.columns = [column[0] for column in cursor.description]
        self._asking = asking
        self._cursor = cursor

    def __iter__(self) -> Iterator[Row]:
        # The first row may take as long as all others together: sorting and grouping come before it.
        while rows := self._asking.timed(self._batch):
            yield from rows

    def _batch(self) -> list[Row]:
        rows: list[Row] = []
        size = 0
        for row in self._cursor:
            rows.append(row)
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
            if len(rows) == _BATCH or size >= _BATCH_BYTES:
                break
        return rows


class Asking:
    """A connection for questions to an open archive. Use `with`; the archive must stay open as long.

    timeout_s: how long SQLite may work on one question; the time in which its rows are looked at does not count.
    """

    def __init__(self, archive: ArchiveFile, *, timeout_s: float = TIMEOUT_S) -> None:
        self._path = archive.path
        self._timeout_s = timeout_s
        self._left_s = timeout_s
        self._until = 0.0
        self._is_over = False
        self._is_working = False
        self._refused: str | None = None
        self._statement = ""
        self._standing: protected.Standing | None = None
        if archive.is_read_only:
            self._connection, self._standing = protected.connect(archive.path, 0)
        else:
            uri = f"{archive.path.resolve().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        self._connection.execute("PRAGMA query_only = ON")
        self._connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._connection.set_authorizer(self._authorize)
        self._connection.set_progress_handler(self._look_at_the_time, _STEPS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Put one question. Raises ArchiveError in one sentence: what is wrong with the SQL, what is not allowed, that
        it took too long; so does iterating over the answer."""
        self._left_s, self._is_over, self._refused = self._timeout_s, False, None
        self._statement = statement
        cursor = self.timed(lambda: self._connection.execute(statement, parameters or {}))
        if cursor.description is None:
            raise ArchiveError("SQL: there is no question in it; write a SELECT, as in SELECT count(*) FROM latest")
        return Answer(self, cursor)

    @property
    def overdue_s(self) -> float:
        """For how long SQLite has been at work beyond its time; 0 while it is not. Within a single step, as in a search
        of one huge text for another, it does not look at the time and cannot be broken off: whoever asks must end
        the process then. May be asked by any thread."""
        return max(0.0, time.monotonic() - self._until) if self._is_working else 0.0

    def timed(self, work: Callable[[], T]) -> T:
        """Let SQLite work within the time that is left for this question, its errors as sentences."""
        begun = time.monotonic()
        self._until = begun + self._left_s
        self._is_working = True
        try:
            if self._standing is None:
                return work()
            with self._standing.kept():
                return work()
        except (sqlite3.Error, sqlite3.Warning) as error:
            self._explain(error)
        finally:
            self._is_working = False
            self._left_s -= time.monotonic() - begun

    def _look_at_the_time(self) -> bool:
        self._is_over = time.monotonic() >= self._until
        return self._is_over

    def _authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action in _READING and (second or "").lower() != "load_extension":
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _ABOUT_SCHEMA:
            return sqlite3.SQLITE_OK
        # So SQLite asks where a virtual table is used for the first time (json_each, pragma_…, the search). To write
        # into it takes a PRAGMA that is refused.
        if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
            return sqlite3.SQLITE_OK
        self._refused = self._refused or _ACTIONS.get(action, "this statement")
        return sqlite3.SQLITE_DENY

    def _explain(self, error: Exception) -> NoReturn:
        name = getattr(error, "sqlite_errorname", "")
        if name == "SQLITE_INTERRUPT":
            if not self._is_over:
                raise KeyboardInterrupt from error  # it came while SQLite worked, which tells it in its own way only
            raise ArchiveError(
                f"the question took longer than {self._timeout_s:g} s and was broken off; narrow it down"
                " (WHERE year = …, LIMIT), ask `latest` or `wide` rather than `figures`, or give it more --timeout"
            ) from error
        if self._refused or name.startswith("SQLITE_READONLY"):
            verb = _VERB.match(self._statement)
            what = verb[1].upper() if verb else self._refused or "writing"
            raise ArchiveError(
                f"SQL: {what} is not allowed: the archive is opened for reading only; ask one SELECT (or WITH …"
                " SELECT), and copy the archive with `nianbao backup` to change the copy"
            ) from error
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR")):
            raise ArchiveError(
                f"{self._path}: cannot be read ({error}); run `nianbao verify`, restore it from a copy if it is damaged"
            ) from error
        if name.startswith(("SQLITE_FULL", "SQLITE_NOMEM", "SQLITE_TOOBIG")):
            raise ArchiveError(
                f"SQL: the answer needs more room than there is ({error}); narrow it down (WHERE year = …, LIMIT)"
            ) from error
        raise ArchiveError(f"SQL: {_plain(error)}; {self._hint(str(error))}") from error

    def _hint(self, message: str) -> str:
        """What may have been meant, and where the names stand."""
        lacks = _LACKS.search(message)
        if lacks is None:
            return "`nianbao schema` lists tables and columns, docs/querying.md has examples"
        kind, named = lacks[1], lacks[2].rpartition(".")[2]
        self._refused = None
        tables = {name for (name,) in self._connection.execute("SELECT table_name FROM dictionary WHERE position = 0")}
        if kind == "table":
            return f"{_meant(named, tables)}`nianbao schema` lists those that there are"
        asked = sorted(tables.intersection(_WORD.findall(self._statement.lower())))
        columns = {table: self._columns(table) for table in asked}
        meant = _meant(named, {column for of in columns.values() for column in of})
        has = (f"{table} has {', '.join(of)}" for table, of in columns.items() if len(of) <= _FEW_COLUMNS)
        lists = f"`nianbao schema {asked[0] if len(asked) == 1 else 'TABLE'}` lists those that there are"
        return "; ".join([*has, f"{meant}{lists}"]) if not meant else f"{meant}{lists}"

    def _columns(self, table: str) -> list[str]:
        rows = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        return [name for (name,) in rows]


def _meant(named: str, known: set[str]) -> str:
    """Names like the one that is not there; "" without any."""
    near = get_close_matches(named, known - {named}, n=2)
    return f"{' or '.join(near)}? " if near else ""


_ACTIONS = {
    sqlite3.SQLITE_ATTACH: "ATTACH",
    sqlite3.SQLITE_DETACH: "DETACH",
    sqlite3.SQLITE_PRAGMA: "this PRAGMA",
    sqlite3.SQLITE_FUNCTION: "load_extension",
    sqlite3.SQLITE_INSERT: "INSERT",
    sqlite3.SQLITE_UPDATE: "UPDATE",
    sqlite3.SQLITE_DELETE: "DELETE",
    sqlite3.SQLITE_TRANSACTION: "a transaction",
    sqlite3.SQLITE_SAVEPOINT: "a transaction",
}


def _plain(error: Exception) -> str:
    """What SQLite says, in one line."""
    text = " ".join(str(error).split())
    if "one statement at a time" in text:
        return "there is more than one statement in it; ask one at a time"
    if isinstance(error, sqlite3.ProgrammingError) and "binding" in text.lower():
        return "there is a parameter (? or :name) in it; write the value itself"
    return text.removesuffix(".")
