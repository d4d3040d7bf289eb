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

TABLES = (
    """CREATE TABLE rule_events ( -- kept: rules that were suspended, and released again
      id INTEGER PRIMARY KEY,
      rule TEXT NOT NULL,
      event TEXT NOT NULL CHECK (event IN ('suspended', 'released')),
      at TEXT NOT NULL,
      made_by TEXT, -- a person; null: the rule's own record did it
      reason TEXT NOT NULL
    ) STRICT""",
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
)
