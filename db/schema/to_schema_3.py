"""The third migration: what an archive of the second schema holds goes on under the third, without a document being
read again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from db import standins
from db.schema.tables_archive import AGENCY_KEYS, CELL_STATES, NEW_COLUMNS, TABLES, WIDE, WIDE_INDEX
from db.schema.timeliness import INDEXES
from db.schema.views import drop_views, quoted
from db.schema.wide import variant_bits
from db.searching import search

if TYPE_CHECKING:
    from sqlite_utils import Database

    from parsers.form import Form

# As the view of that name chose them: with figures before without, then the one seen last.
_LATEST = """
  SELECT id FROM (
    SELECT id, row_number() OVER (
      PARTITION BY agency_key, year, CASE WHEN agency_id IS NULL THEN source || ' ' || url END
      ORDER BY numbers > 0 DESC, last_seen_at DESC, revision DESC, source, url
    ) AS choice
    FROM reports WHERE is_current = 1
  ) WHERE choice = 1"""

_CLAIM = (
    "rule", "kind", "severity", "certainty", "basis", "agency_id", "agency", "year", "figure",
    "sentence_zh", "sentence_en",
)  # fmt: skip
_CLAIM_JSON = ("figures", "observed", "expected", "places")


def apply(db: "Database", forms: "Mapping[str, Form]") -> None:
    """Bring the tables of the second schema to the third. To be called within a write transaction."""
    drop_views(db.conn)
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in (*AGENCY_KEYS, *TABLES, *INDEXES):
        db.execute(statement)
    standins.refresh(db.conn)
    _agency_keys(db)
    _wide(db, forms)
    _cell_states(db)
    db.execute(
        "INSERT INTO scopes (report_id, table_name, text)"
        " SELECT r.id, s.key, s.value FROM reports r, json_each(r.scope) s"
    )
    db.execute(
        "UPDATE reports SET parser_version = coalesce((SELECT max(d.parser_version) FROM readings d"
        " WHERE d.report_id = reports.id AND d.sha256 = reports.sha256), '')"
    )
    for column in ("scope", "variants_printed"):
        db.execute(f"ALTER TABLE reports DROP COLUMN {column}")
    _findings(db)
    search.rebuild_index(db.conn)


def _agency_keys(db: "Database") -> None:
    db.execute(
        "INSERT INTO agency_keys (key, agency_id, name) SELECT r.agency_key, r.agency_id, coalesce(a.name, r.agency)"
        " FROM reports r LEFT JOIN agencies a ON a.id = r.agency_id GROUP BY r.agency_key ORDER BY min(r.id)"
    )


def _wide(db: "Database", forms: "Mapping[str, Form]") -> None:
    """The wide row gets what identifies its report, in front of the figures."""
    figures = [column for column in db.table("wide").columns if column.name != "report_id"]
    db.execute("ALTER TABLE wide RENAME TO wide_2")
    db.execute(WIDE)
    for column in figures:
        db.execute(f"ALTER TABLE wide ADD COLUMN {quoted(column.name)} {column.type}")
    names = "".join(f", {quoted(column.name)}" for column in figures)
    db.execute(
        f"INSERT INTO wide (report_id, agency_no, year, form, is_latest, variants{names})"
        f" SELECT r.id, k.no, r.year, r.form, r.id IN ({_LATEST}), 0{names} FROM reports r"
        " JOIN agency_keys k ON k.key = r.agency_key LEFT JOIN wide_2 w ON w.report_id = r.id ORDER BY r.id"
    )
    db.execute("DROP TABLE wide_2")
    db.execute(WIDE_INDEX)
    printed = db.execute("SELECT DISTINCT form, variants_printed FROM reports WHERE variants_printed <> ''").fetchall()
    for form, variants in printed:
        bits = variant_bits(forms[form]) if form in forms else {}
        number = sum({1 << bit for row, bit in bits.items() if f"|{row}|" in variants})
        db.execute(
            "UPDATE wide SET variants = ? WHERE report_id IN"
            " (SELECT id FROM reports WHERE form = ? AND variants_printed = ?)",
            (number, form, variants),
        )


def _cell_states(db: "Database") -> None:
    db.execute("ALTER TABLE cell_states RENAME TO cell_states_2")
    db.execute(CELL_STATES)
    db.execute(
        "INSERT INTO cell_states (report_id, figure, state, text, how)"
        " SELECT report_id, figure, state, text, how FROM cell_states_2"
    )
    db.execute("DROP TABLE cell_states_2")


def _findings(db: "Database") -> None:
    """Every finding's last event gets the claim as it stands, so that findings can be made again from events."""
    plain = ", ".join(f"'{name}', f.{name}" for name in _CLAIM)
    unpacked = ", ".join(f"'{name}', json(f.{name})" for name in _CLAIM_JSON)
    db.execute(
        f"UPDATE finding_events SET claim = (SELECT json_object({plain}, {unpacked}, 'told', f.told) FROM findings f"
        " WHERE f.fingerprint = finding_events.fingerprint)"
        " WHERE id IN (SELECT max(id) FROM finding_events GROUP BY fingerprint)"
    )
    db.execute("ALTER TABLE findings DROP COLUMN last_found_at")
