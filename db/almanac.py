"""The calendar, the deadlines and the local rules as the archive keeps them, for whoever asks it with SQL."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from db import local_rules
from db.connection import ArchiveFile
from db.local_rules import LocalRules


class CalendarDay(NamedTuple):
    """A day that differs from Monday to Friday worked, Saturday and Sunday off: a row of table calendar.

    day: ISO. is_workday: 1 or 0. name: of the holiday that it is, or that it makes up for. source: the notice.
    """

    day: str
    is_workday: int
    name: str | None
    source: str


class Deadline(NamedTuple):
    """By when one dated duty is owed for one reporting year: a row of table deadlines.

    due_on, next_workday: ISO days in Beijing. due_until: the first moment after due_on, as db.times writes it.
    is_workday (of due_on) and next_workday are None where the holidays of the year are not known.
    """

    duty: str
    year: int
    due_on: str
    due_until: str
    is_workday: int | None
    next_workday: str | None
    basis_zh: str
    basis_en: str


class Almanac:
    """The calendar, the deadlines and the local rules of an archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def keep(self, days: Sequence[CalendarDay], deadlines: Sequence[Deadline]) -> bool:
        """Make these the calendar and the deadlines; True if the archive had others. Where it had the same nothing is
        written, and no other process is waited for."""
        with self._file.read() as connection:
            if not _differs(connection, days, deadlines):
                return False
        with self._file.write() as connection:
            return keep(connection, days, deadlines)

    def local_rules(self) -> LocalRules:
        """The dates that regions have set for bodies of their own."""
        with self._file.read() as connection:
            return local_rules.kept(connection)

    def keep_local_rules(self, rules: LocalRules) -> bool:
        """Make these the local rules; True if the archive had others. Where it had the same nothing is written."""
        if self.local_rules() == rules:
            return False
        with self._file.write() as connection:
            local_rules.keep(connection, rules)
        return True


def keep(connection: sqlite3.Connection, days: Sequence[CalendarDay], deadlines: Sequence[Deadline]) -> bool:
    """See Almanac.keep. To be called within a write transaction."""
    if not _differs(connection, days, deadlines):
        return False
    for table, fields, rows in (("calendar", CalendarDay._fields, days), ("deadlines", Deadline._fields, deadlines)):
        connection.execute(f"DELETE FROM {table}")
        marks = ", ".join("?" * len(fields))
        connection.executemany(f"INSERT INTO {table} ({', '.join(fields)}) VALUES ({marks})", rows)
    return True


def _differs(connection: sqlite3.Connection, days: Sequence[CalendarDay], deadlines: Sequence[Deadline]) -> bool:
    return any(
        set(connection.execute(f"SELECT {', '.join(fields)} FROM {table}")) != set(rows)
        for table, fields, rows in (("calendar", CalendarDay._fields, days), ("deadlines", Deadline._fields, deadlines))
    )
