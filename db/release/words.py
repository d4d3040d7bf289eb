"""The table `dictionary` of a release: what each of its tables, views and columns holds."""

import sqlite3
from collections.abc import Iterator

from db.release import cells, status
from db.release.tables import MARK

_MARK = "1: the document is on the takedown list; prose, titles, texts and addresses are withheld, figures are not."

# What only a release has, or what is otherwise there than in the archive; "" is the table itself.
_WORDS = {
    ("release", ""): "What this file is: snapshot, when and by which program it was made.",
    ("release", "name"): "What is said: snapshot, schema, made_at, nianbao, parser.",
    ("release", "value"): "Its value.",
    ("rules", ""): "The rules that findings come from.",
    ("rules", "name"): "As in findings.rule.",
    ("rules", "kind"): "identity, narrative, text, form, time, change, oddity: what sort of claim it makes.",
    ("rules", "basis"): "What it rests on: printed (in the form), arithmetic, convention, inference, observation, law.",
    ("rules", "severity"): "How much it matters, at most: error, warning, notice.",
    ("rules", "certainty"): "How sure its findings can be, at most: certain, likely, doubtful.",
    ("rules", "is_told"): "1: its findings may be told; 0: they are only shown.",
    ("dictionary", ""): "What every table, view and column of this file holds.",
    ("dictionary", "table_name"): "Of the table or view.",
    ("dictionary", "position"): "Of the column, from 1; 0: the table itself.",
    ("dictionary", "column_name"): "Of the column; empty: the table itself.",
    ("dictionary", "type"): "Of the column: INTEGER, REAL, TEXT, BLOB, ANY; of the table: table, view.",
    ("dictionary", "figure"): "Of a column that holds a figure: its name.",
    ("dictionary", "label"): "Of such a column: row and column in the words of the form.",
    ("dictionary", "description"): "What it holds.",
    ("parser_versions", ""): "By which versions of the parser documents were read.",
    ("parser_versions", "parser_version"): "As in reports.parser_version.",
    ("parser_versions", "documents_read"): "How many documents it read as reports.",
    ("parser_versions", "documents_unread"): "How many it could not read.",
    ("parser_versions", "first_seen_at"): "When the first of these documents was seen.",
    ("parser_versions", "last_seen_at"): "When the last of them was seen.",
    ("retractions", ""): "Findings that were told and later no longer stood: when, and why.",
    ("retractions", "event_id"): "finding_events.id of the going.",
    ("retractions", "fingerprint"): "As in findings.fingerprint.",
    ("retractions", "rule"): "As in rules.name.",
    ("retractions", "agency_id"): "agencies.id; null: the register does not know the agency.",
    ("retractions", "agency"): "Canonical name, or as printed.",
    ("retractions", "year"): "The reporting year.",
    ("retractions", "figure"): "The main figure; null: the finding was about the report.",
    ("retractions", "told_at"): "When it was found and told.",
    ("retractions", "gone_at"): "When it no longer stood.",
    ("retractions", "made_by"): "The person who said so, where it was one, by number.",
    ("retractions", "why"): "What happened in between, as far as the archive shows it.",
    ("retractions", "reason"): "In that person's words, masked; or by which finding it was replaced.",
    ("findings", status.COLUMN): status.ABOUT,
    ("retractions", "is_final"): "0: it was found again later.",
}
_WORDS |= {(cells.NAME, ""): cells.ABOUT} | {(cells.NAME, field.name): field.description for field in cells.FIELDS}
# Columns of which a release holds less than the archive.
_LESS = {
    ("visits", "request_headers"): "Without headers that name persons, programs or sessions.",
    ("visits", "response_headers"): "Without cookies and headers that say nothing about the document.",
    ("visits", "network"): "Without names of persons and machines.",
    ("sections", "text"): "E-mail addresses, telephone numbers and lists of persons are masked.",
    ("sections", "heading"): "Masked as the text.",
    ("reports", "title"): "Masked as the prose; null also where is_withheld is 1.",
    ("reports", "url"): "Null where is_withheld is 1.",
    **dict.fromkeys((("finding_events", "made_by"), ("rule_events", "made_by")), "By a number of this release."),
    **dict.fromkeys((("corrections", "made_by"), ("corrections", "undone_by")), "By a number of this release."),
    **dict.fromkeys((("finding_events", "reason"), ("rule_events", "reason")), "Masked."),
    ("corrections", "source"): "Masked.",
    ("corrections", "undone_why"): "Masked.",
}

# What a view works out has no declared type.
_TYPES = dict.fromkeys(
    (
        ("parser_versions", "documents_read"),
        ("parser_versions", "documents_unread"),
        ("retractions", "year"),
        ("retractions", "is_final"),
    ),
    "INTEGER",
) | {(cells.NAME, field.name): field.sql_type for field in cells.FIELDS}

Entry = tuple[str, int, str, str, str | None, str | None, str]


def describe(archive: sqlite3.Connection, release: sqlite3.Connection) -> Iterator[Entry]:
    """table_name, position, column_name, type, figure, label and description of all that the release has. What the
    archive's dictionary does not describe stands under its own name."""
    told = {
        (table, column): (sql_type, figure, label, description)
        for table, column, sql_type, figure, label, description in archive.execute(
            "SELECT table_name, column_name, type, figure, label, description FROM dictionary"
        )
    }
    found = release.execute(
        "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        " ORDER BY name"
    ).fetchall()
    for table, kind in found:
        about = _WORDS.get((table, "")) or told.get((table, ""), (None, None, None, table))[3]
        yield table, 0, "", kind, None, None, about
        for position, column, sql_type in release.execute(
            "SELECT cid + 1, name, type FROM pragma_table_info(?)", (table,)
        ).fetchall():
            known = told.get((table, column), ("", None, None, column.replace("_", " ")))
            words = _WORDS.get((table, column)) or (_MARK if column == MARK else known[3])
            if less := _LESS.get((table, column)):
                words = f"{words} {less}"
            declared = sql_type or known[0] or _TYPES.get((table, column), "")
            yield table, position, column, declared, known[1], known[2], words
