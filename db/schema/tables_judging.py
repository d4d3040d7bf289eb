"""The fourth migration: what judging only what is new, and a finding's life, need. What is kept and what derived:
db/schema/tables.py.

What happens to a finding, whoever makes it happen, is an event in finding_events: found, confirmed, held, released,
gone, corrected by the rules; right, wrong, muted, unmuted, checked, asked, answered, published by people.
"""

NEW_COLUMNS = {
    "findings": (
        "confirmed INTEGER NOT NULL DEFAULT 1",  # 0: rests on a single fetch, and waits for a second look
        "held_why TEXT",  # why it is not told, though it may be: one of many at once; null: it is not held
    ),
    "finding_events": (
        "until TEXT",  # of muted: the last moment of it; null: for good
        "sha256 TEXT REFERENCES documents(sha256)",  # of answered: the agency's own answer
    ),
}

# A report is judged against the one of the year before, so that the year after is to be judged, too. No conflict is an
# error here, whatever the statement says that fires a trigger.
_MARK = "INSERT INTO to_judge (agency_key, year) SELECT {0} ON CONFLICT DO NOTHING;"


def _of_wide(row: str) -> str:
    years = f"(SELECT {row}.year AS value UNION ALL SELECT {row}.year + 1) y"
    return _MARK.format(f"k.key, y.value FROM agency_keys k, {years} WHERE k.no = {row}.agency_no")


def _of_unread(row: str) -> str:
    return _MARK.format(f"{row}.agency_id, {row}.year WHERE {row}.agency_id IS NOT NULL AND {row}.year IS NOT NULL")


def _of_agencies(ids: str) -> str:
    """All reports of these agencies (SQL that gives their ids)."""
    more = "(SELECT 0 AS value UNION ALL SELECT 1) n"
    return _MARK.format(
        f"k.key, w.year + n.value FROM agency_keys k JOIN wide w ON w.agency_no = k.no, {more}"
        f" WHERE k.agency_id IN ({ids})"
    )


_RELATED = "SELECT value FROM json_each({row}.predecessors) UNION SELECT value FROM json_each({row}.successors)"
_HAS_RELATED = "({row}.predecessors <> '[]' OR {row}.successors <> '[]')"
# Those that name an agency as theirs: by its years they know when they were reformed.
_NAMING = (
    "SELECT a.id FROM agencies a, json_each(a.predecessors) r WHERE {has} AND r.value = NEW.id"
    " UNION SELECT a.id FROM agencies a, json_each(a.successors) r WHERE {has} AND r.value = NEW.id"
).format(has=_HAS_RELATED.format(row="a"))

# What a report says hangs on its row in `wide`, which is written in the same transaction. Who writes the rest alone, as
# a rebuild does, marks it by itself.
TRIGGERS = (
    f"CREATE TRIGGER wide_inserted AFTER INSERT ON wide BEGIN {_of_wide('NEW')} END",
    f"CREATE TRIGGER wide_updated AFTER UPDATE ON wide BEGIN {_of_wide('OLD')} {_of_wide('NEW')} END",
    f"CREATE TRIGGER wide_deleted AFTER DELETE ON wide BEGIN {_of_wide('OLD')} END",
    # What could not be read says all the same that something was published.
    f"CREATE TRIGGER unread_inserted AFTER INSERT ON readings WHEN NEW.kind IS NOT NULL BEGIN {_of_unread('NEW')} END",
    f"CREATE TRIGGER unread_deleted AFTER DELETE ON readings WHEN OLD.kind IS NOT NULL BEGIN {_of_unread('OLD')} END",
    f"CREATE TRIGGER agencies_updated AFTER UPDATE ON agencies BEGIN {_of_agencies('SELECT NEW.id')} END",
    *(
        f"CREATE TRIGGER agencies_{name} AFTER {event} ON agencies WHEN {_HAS_RELATED.format(row=row)}"
        f" BEGIN {_of_agencies(_RELATED.format(row=row))} END"
        for name, event, row in (
            ("related", "INSERT", "NEW"),
            ("related_now", "UPDATE", "NEW"),
            ("related_before", "UPDATE", "OLD"),
        )
    ),
    "CREATE TRIGGER agencies_years AFTER UPDATE OF from_year, to_year ON agencies"
    " WHEN (NEW.from_year, NEW.to_year) IS NOT (OLD.from_year, OLD.to_year)"
    f" BEGIN {_of_agencies(_NAMING)} END",
)

TABLES = (
    "CREATE INDEX findings_held ON findings (fingerprint) WHERE held_why IS NOT NULL",
    "CREATE INDEX finding_events_said ON finding_events (id) WHERE event IN ('right', 'wrong')",
    "CREATE INDEX outbox_finding ON outbox (fingerprint, id)",
    """CREATE TABLE rule_events ( -- kept: rules that were suspended, and released again
      id INTEGER PRIMARY KEY,
      rule TEXT NOT NULL,
      event TEXT NOT NULL CHECK (event IN ('suspended', 'released')),
      at TEXT NOT NULL,
      made_by TEXT, -- a person; null: the rule's own record did it
      reason TEXT NOT NULL
    ) STRICT""",
    # Filled by TRIGGERS, so that whoever writes a report need not think of it; see db/judging/marks.py.
    """CREATE TABLE to_judge ( -- derived: whose reports, and which, are to be judged again
      agency_key TEXT NOT NULL,
      year INTEGER NOT NULL,
      PRIMARY KEY (agency_key, year)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE judged ( -- derived: what was judged last, and of what it was made
      subject TEXT PRIMARY KEY, -- rules: all reports; portal NAME YEAR: who owes a report there
      digest TEXT NOT NULL, -- of the rules, their thresholds, and what was seen; equal: judging again finds the same
      at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    # A list is searched for whoever is missing from it, day after day; its kept pages do not change.
    """CREATE TABLE name_searches ( -- derived: of which reads of lists the kept pages name an agency
      agency_id TEXT NOT NULL,
      year INTEGER NOT NULL,
      made_of TEXT NOT NULL, -- of the agency's names, and of what is taken for a mention
      clear BLOB NOT NULL, -- the reads whose every page was searched and does not: JSON of differences, zstd
      naming BLOB NOT NULL, -- those that do
      PRIMARY KEY (agency_id, year)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE local_rules ( -- derived: dates that a region has set for bodies of its own, from the register
      region_code TEXT NOT NULL, -- the region and all below it
      organ TEXT NOT NULL, -- as in agencies.organ
      from_year INTEGER NOT NULL, -- first reporting year
      to_year INTEGER, -- last one; null: it still holds
      month INTEGER NOT NULL, -- of the year after the reporting year
      day INTEGER NOT NULL,
      name TEXT NOT NULL, -- of the document that says so
      source TEXT NOT NULL, -- its address
      PRIMARY KEY (region_code, organ, from_year)
    ) STRICT, WITHOUT ROWID""",
    # Whose a document is now, of which a finding stands under somebody else's name.
    "CREATE INDEX reports_document ON reports (sha256)",
    # Where else the bytes of a report that is gone were seen.
    "CREATE INDEX sightings_document ON sightings (sha256)",
    "CREATE INDEX neighbours_document ON neighbours (sha256)",
    # What notices say is looked up portal by portal.
    "CREATE INDEX claims_agency ON claims (agency_id, year)",
    "CREATE INDEX claims_portal ON claims (portal)",
    # What stands is counted each time that something was judged.
    "CREATE INDEX findings_standing ON findings (severity, certainty) WHERE is_open",
    "CREATE INDEX agencies_related ON agencies (id) WHERE predecessors <> '[]' OR successors <> '[]'",
    *TRIGGERS,
)
