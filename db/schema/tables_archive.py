"""The third migration: what an archive for twenty years needs. What is kept and what derived: db/schema/tables.py.

Figures are found without reading the rows of their reports: the wide row has its agency (as a number), year, form, and
whether it is the one to trust. What people said (corrections, takedowns) is kept by document, so that it outlives every
reading.
"""

AGENCY_KEYS = (
    """CREATE TABLE agency_keys ( -- derived: whose reports the archive has: of the register, or by a printed name
      no INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE, -- the id of the agency, or "?:" and the printed name, completed by the portal's place
      agency_id TEXT REFERENCES agencies(id), -- null: neither the register nor the region list knows it
      name TEXT NOT NULL -- the register's name, else as printed
    ) STRICT""",
    "CREATE INDEX agency_keys_name ON agency_keys (name)",
    "CREATE INDEX agency_keys_agency ON agency_keys (agency_id)",
)

WIDE = """CREATE TABLE wide ( -- derived: the figures, one row for each report, one column for each figure of any form
      report_id INTEGER PRIMARY KEY REFERENCES reports(id) ON DELETE CASCADE,
      agency_no INTEGER NOT NULL REFERENCES agency_keys(no), -- whose report it is
      year INTEGER NOT NULL, -- the reporting year
      form TEXT, -- the form that the report follows; null: no table was found
      is_latest INTEGER NOT NULL DEFAULT 0, -- 1: of all reports of this agency and year the one to trust
      variants INTEGER NOT NULL DEFAULT 0 -- which variant rows the report prints; bits, see form_figures.variant
    ) STRICT"""
WIDE_INDEX = "CREATE INDEX wide_agency_year ON wide (agency_no, year, is_latest)"

CELL_STATES = """CREATE TABLE cell_states ( -- derived: the cells that are not plainly printed numbers, nor out of form
      report_id INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,
      figure TEXT NOT NULL, -- a figure; "table.row.*" where all cells of a row are alike
      state TEXT NOT NULL, -- why there is no number, or how the number came about
      text TEXT, -- the cell as printed; null: there is no cell
      how TEXT, -- printed, realigned, corrected; null: there is no cell
      read TEXT, -- of a corrected cell: what was read before, as JSON [value, state, text, unit, how]
      PRIMARY KEY (report_id, figure)
    ) STRICT, WITHOUT ROWID"""

NEW_COLUMNS = {
    "documents": (
        "dropped_at TEXT",  # when the bytes were given up by the rules of retention; null: they are kept
        "dropped_why TEXT",
    ),
    "reports": (
        "parser_version TEXT NOT NULL DEFAULT ''",  # of the reading that this row was written from
    ),
    "form_figures": (
        "label TEXT NOT NULL DEFAULT ''",  # row and column in the words of the form
        "row_figures TEXT NOT NULL DEFAULT ''",  # "table.row.*", as in cell_states.figure
        "variant INTEGER",  # number of its set of variant rows, a bit of wide.variants; null: always printed
    ),
    "finding_events": (
        "claim TEXT",  # JSON: the finding as it was then; null: written before schema 3
        "made_by TEXT",  # a person, where it was one
        "reason TEXT",  # in that person's words
    ),
}

TABLES = (
    """CREATE TABLE scopes ( -- derived: whom the figures of a table cover, where the report says so
      report_id INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,
      table_name TEXT NOT NULL,
      text TEXT NOT NULL, -- as printed
      PRIMARY KEY (report_id, table_name)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE report_bodies ( -- derived: the other agencies that a joint report names as its own
      report_id INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,
      agency_id TEXT NOT NULL REFERENCES agencies(id), -- besides reports.agency_id
      PRIMARY KEY (report_id, agency_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX report_bodies_agency ON report_bodies (agency_id)",
    """CREATE TABLE stand_ins ( -- derived: whose report counts for an agency, too, by the register; db/standins.py
      agency_id TEXT NOT NULL REFERENCES agencies(id),
      year INTEGER NOT NULL, -- the reporting year, that of a merger; 0: every year
      by_agency_id TEXT NOT NULL REFERENCES agencies(id),
      PRIMARY KEY (agency_id, year, by_agency_id)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE date_candidates ( -- derived: every date that a report or its page gives for itself
      report_id INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,
      position INTEGER NOT NULL, -- from 0, the most trusted of its kind first
      kind TEXT NOT NULL CHECK (kind IN ('signed', 'published')),
      day TEXT NOT NULL,
      source TEXT NOT NULL, -- signature, page label, metadata, list, url
      text TEXT, -- as printed
      PRIMARY KEY (report_id, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE corrections ( -- kept: what people say that a document prints where the parser read something else
      id INTEGER PRIMARY KEY,
      sha256 TEXT NOT NULL REFERENCES documents(sha256), -- the document that was misread
      figure TEXT NOT NULL,
      value ANY, -- the number that is printed; null: none is
      state TEXT NOT NULL, -- corrected, or of a cell without a number: blank, dash, row_absent, unreadable
      text TEXT, -- as printed
      unit TEXT, -- of amounts
      made_by TEXT NOT NULL, -- who says so
      source TEXT NOT NULL, -- what that rests on
      made_at TEXT NOT NULL,
      undone_by TEXT, -- who took it back; null: it holds
      undone_at TEXT,
      undone_why TEXT
    ) STRICT""",
    "CREATE UNIQUE INDEX corrections_hold ON corrections (sha256, figure) WHERE undone_at IS NULL",
    """CREATE TABLE takedowns ( -- kept: documents whose bytes and prose are withheld from everything that is handed out
      id INTEGER PRIMARY KEY,
      sha256 TEXT REFERENCES documents(sha256), -- the document; null: see url
      url TEXT, -- every document that was seen at this address; null: see sha256
      reason TEXT NOT NULL,
      asked_by TEXT NOT NULL, -- who asked for it
      made_at TEXT NOT NULL,
      lifted_at TEXT, -- null: it holds
      lifted_why TEXT,
      CHECK ((sha256 IS NULL) <> (url IS NULL))
    ) STRICT""",
    """CREATE TABLE calendar ( -- derived: days off and make-up workdays by the State Council's notices
      day TEXT PRIMARY KEY, -- only days that differ from Monday to Friday worked, Saturday and Sunday off
      is_workday INTEGER NOT NULL, -- 1: a Saturday or Sunday that is worked; 0: a holiday
      name TEXT, -- of the holiday, in English
      source TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE deadlines ( -- derived: by when a dated duty is owed
      duty TEXT NOT NULL, -- as in agencies.duty
      year INTEGER NOT NULL, -- the reporting year
      due_on TEXT NOT NULL, -- whole day in Beijing included
      due_until TEXT NOT NULL, -- the first moment after it, in UTC
      is_workday INTEGER, -- of due_on; null: the holidays of that year are not known
      next_workday TEXT, -- the first working day after it; null: the holidays of that year are not known
      basis_zh TEXT NOT NULL,
      basis_en TEXT NOT NULL,
      PRIMARY KEY (duty, year)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE dictionary ( -- derived: what every table, view and column of this database holds
      table_name TEXT NOT NULL,
      position INTEGER NOT NULL, -- of the column, from 1; 0: the table itself
      column_name TEXT NOT NULL, -- "" for the table itself
      type TEXT NOT NULL, -- of the column; of a table: table, view
      room TEXT NOT NULL, -- kept, derived, view
      figure TEXT, -- of a column that holds one
      label TEXT, -- of such a column: in the words of the form
      description TEXT NOT NULL,
      PRIMARY KEY (table_name, position)
    ) STRICT, WITHOUT ROWID""",
    # Single characters and pairs of them, see db/searching/search.py. The rowid is that of the report.
    """CREATE VIRTUAL TABLE report_search USING fts5(
      tokens, content = '', detail = none, columnsize = 0,
      tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'"
    )""",
)
