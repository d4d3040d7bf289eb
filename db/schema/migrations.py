"""Bringing a database up to date: migrations of the tables, columns for the forms, views.

Migrations are only ever added. A change of db/schema/views.py needs one too (an empty one will do), since the views are
made again whenever a migration or a form is new.
"""

import re
import sqlite3
from collections.abc import Mapping
from typing import TYPE_CHECKING

from db.errors import ArchiveError
from db.schema import to_schema_3, to_schema_4, to_schema_5
from db.schema.tables import DERIVED, KEPT
from db.schema.tables_archive import AGENCY_KEYS
from db.schema.tables_archive import TABLES as ARCHIVE_TABLES
from db.schema.tables_collecting import CARRIED_OVER, NEW_COLUMNS, TABLES
from db.schema.tables_judging import TABLES as JUDGING_TABLES
from db.schema.tables_telling import TABLES as TELLING_TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

    from parsers.form import Form

APPLICATION_ID = 0x6E62616F  # "nbao", so that another program's database is not taken for an archive
VERSION = 5  # the number of migrations


def migrations(forms: "Mapping[str, Form]") -> "Migrations":
    """Every migration there is, oldest first. forms: those that the archive is opened with."""
    from sqlite_utils import Migrations  # slow to import, and needed only when something is to be migrated

    steps = Migrations("nianbao")

    @steps()
    def m001_first_tables(db: "Database") -> None:
        for statement in (*KEPT, *DERIVED):
            db.execute(statement)

    @steps()
    def m002_collecting(db: "Database") -> None:
        for table, columns in NEW_COLUMNS.items():
            for column in columns:
                db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
        for statement in (*TABLES, *CARRIED_OVER):
            db.execute(statement)

    @steps()
    def m003_archive(db: "Database") -> None:
        to_schema_3.apply(db, forms)

    @steps()
    def m004_judging(db: "Database") -> None:
        to_schema_4.apply(db)

    @steps()
    def m005_telling(db: "Database") -> None:
        to_schema_5.apply(db)

    return steps


def check_identity(connection: sqlite3.Connection) -> bool:
    """Whether the database is an archive already (False: it is empty). ArchiveError if it is something else."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application == APPLICATION_ID:
        if version > VERSION:
            raise ArchiveError(
                f"is of schema version {version}, this nianbao knows versions up to {VERSION}; use a newer nianbao"
            )
        return True
    if tables or application:
        raise ArchiveError("is the database of another program; give the path of an archive or of a new file")
    return False


def lacking_tables(connection: sqlite3.Connection) -> list[str]:
    """The tables of the migrations that an archive which is up to date does not have."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    statements = (*KEPT, *DERIVED, *TABLES, *AGENCY_KEYS, *ARCHIVE_TABLES, *JUDGING_TABLES, *TELLING_TABLES)
    made = (re.match(r"CREATE (?:VIRTUAL )?TABLE (\w+)", statement) for statement in statements)
    return sorted({match[1] for match in made if match} - there)


def up_to_date(connection: sqlite3.Connection, forms: "Mapping[str, Form]") -> bool:
    """Whether neither a migration nor a form is new to this database."""
    from db.schema.wide import digest

    if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return False
    known = dict(connection.execute("SELECT name, digest FROM forms"))
    return all(known.get(form.name) == digest(form) for form in forms.values())


def migrate(connection: sqlite3.Connection, forms: "Mapping[str, Form]") -> None:
    """Bring the database up to date with the migrations and the forms. To be called within a write transaction."""
    from sqlite_utils import Database

    from db.schema import dictionary, statistics
    from db.schema.views import create_views
    from db.schema.wide import register_form

    db = Database(connection, execute_plugins=False)
    migrations(forms).apply(db)
    for form in forms.values():
        register_form(db, form)
    create_views(connection)
    dictionary.refresh(connection, forms)
    statistics.keep(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
