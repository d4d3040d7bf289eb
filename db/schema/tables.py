"""The tables as the first migration makes them, each with what it holds.

Kept: what was seen, when, by whom and what was said; nothing can bring it back. Derived: what was read and judged; it
can be rebuilt from the documents, the sightings and the register, and may be thrown away at any time. Times are ISO
text in UTC (see db/times.py), dates ISO text.
"""

KEPT = (
    """CREATE TABLE portals ( -- kept: sites that carry reports; a bare row is made for a portal named in passing
      id TEXT PRIMARY KEY,
      name TEXT,
      platform TEXT
    ) STRICT""",
    """CREATE TABLE agencies ( -- kept: the register of authorities, imported from its file
      id TEXT PRIMARY KEY, -- region code:local name
      name TEXT NOT NULL,
      region_code TEXT NOT NULL,
      organ TEXT NOT NULL,
      duty TEXT NOT NULL,
      duty_source TEXT NOT NULL,
      from_year INTEGER,
      to_year INTEGER,
      portal TEXT REFERENCES portals(id)
    ) STRICT""",
    """CREATE TABLE agency_aliases ( -- kept: other names of an agency, in the register's order
      agency_id TEXT NOT NULL REFERENCES agencies(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      alias TEXT NOT NULL,
      PRIMARY KEY (agency_id, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE documents ( -- kept: bytes that were fetched; they lie in <archive>.documents/ab/<sha256>.zst
      sha256 TEXT PRIMARY KEY,
      size INTEGER NOT NULL, -- bytes, before compression
      media TEXT, -- as the server named it
      first_seen_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE visits ( -- kept: each look at a URL and what came of it
      id INTEGER PRIMARY KEY,
      portal TEXT REFERENCES portals(id),
      url TEXT NOT NULL,
      kind TEXT NOT NULL,
      at TEXT NOT NULL,
      status INTEGER,
      outcome TEXT NOT NULL,
      evidence TEXT,
      final_url TEXT,
      request_headers TEXT NOT NULL, -- JSON
      response_headers TEXT NOT NULL, -- JSON
      sha256 TEXT REFERENCES documents(sha256),
      UNIQUE (url, at, kind)
    ) STRICT""",
    """CREATE TABLE link_lists ( -- kept: what a column listed, once for each different list
      hash TEXT PRIMARY KEY,
      links TEXT NOT NULL -- JSON: [[url, title, listed_on], ...]
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE column_reads ( -- kept: each complete look at a column; what an absence rests on
      id INTEGER PRIMARY KEY,
      portal TEXT NOT NULL REFERENCES portals(id),
      column_url TEXT NOT NULL,
      at TEXT NOT NULL,
      outcome TEXT NOT NULL,
      pages INTEGER NOT NULL,
      links_hash TEXT NOT NULL REFERENCES link_lists(hash),
      UNIQUE (portal, column_url, at)
    ) STRICT""",
    """CREATE TABLE sightings ( -- kept: documents that may be reports; one row while the bytes at an address stay equal
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL, -- portal, or "added"
      portal TEXT REFERENCES portals(id),
      page_url TEXT NOT NULL,
      url TEXT NOT NULL,
      part TEXT NOT NULL,
      title TEXT,
      listed_on TEXT,
      sha256 TEXT NOT NULL REFERENCES documents(sha256),
      first_seen_at TEXT NOT NULL,
      last_seen_at TEXT NOT NULL,
      visit_id INTEGER REFERENCES visits(id),
      agency_hint TEXT,
      UNIQUE (source, url, first_seen_at, sha256)
    ) STRICT""",
    """CREATE TABLE finding_events ( -- kept: the life of a finding; survives a rebuild of the findings
      id INTEGER PRIMARY KEY,
      fingerprint TEXT NOT NULL,
      event TEXT NOT NULL, -- found, gone
      at TEXT NOT NULL,
      observed TEXT, -- JSON
      told INTEGER NOT NULL -- 0: shown, never sent
    ) STRICT""",
    "CREATE INDEX finding_events_fingerprint ON finding_events (fingerprint, id)",
    """CREATE TABLE outbox ( -- kept: what must be told to whom, and what became of it
      id INTEGER PRIMARY KEY,
      subscriber TEXT NOT NULL,
      channel TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      event TEXT NOT NULL,
      text TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent')),
      attempts INTEGER NOT NULL DEFAULT 0,
      next_try TEXT NOT NULL,
      created_at TEXT NOT NULL,
      sent_at TEXT,
      error TEXT,
      UNIQUE (subscriber, channel, fingerprint, event)
    ) STRICT""",
    "CREATE INDEX outbox_pending ON outbox (next_try) WHERE state = 'pending'",
)

DERIVED = (
    """CREATE TABLE forms ( -- derived: the forms whose figures have columns here, from their TOML
      name TEXT PRIMARY KEY,
      first_year INTEGER NOT NULL,
      prescribed_by TEXT NOT NULL,
      digest TEXT NOT NULL -- of all that follows from the TOML, to see when it has changed
    ) STRICT""",
    """CREATE TABLE form_figures ( -- derived: the figures of each form, in printed order
      form TEXT NOT NULL REFERENCES forms(name) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      figure TEXT NOT NULL,
      column_name TEXT NOT NULL, -- in table wide
      kind TEXT NOT NULL, -- count, change, amount
      PRIMARY KEY (form, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE form_rows ( -- derived: the rows of each form's tables, in printed order
      form TEXT NOT NULL REFERENCES forms(name) ON DELETE CASCADE,
      table_name TEXT NOT NULL,
      position INTEGER NOT NULL, -- from 1, within the table
      row_name TEXT NOT NULL,
      label TEXT NOT NULL, -- as the form prints it
      PRIMARY KEY (form, table_name, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE reports ( -- derived: one agency's report for a year as read from one source, revision by revision
      id INTEGER PRIMARY KEY,
      agency_key TEXT NOT NULL, -- agency_id, or "?:" and the printed name, completed by the portal's place
      agency_id TEXT REFERENCES agencies(id),
      agency TEXT NOT NULL,
      year INTEGER NOT NULL,
      source TEXT NOT NULL, -- portal, or "added"
      portal TEXT REFERENCES portals(id),
      url TEXT NOT NULL,
      revision INTEGER NOT NULL, -- from 1
      is_current INTEGER NOT NULL, -- 1 for the last revision of its source
      sha256 TEXT NOT NULL REFERENCES documents(sha256), -- what it was read from
      first_seen_at TEXT NOT NULL,
      last_seen_at TEXT NOT NULL,
      content TEXT NOT NULL, -- hash of figures, title and sections; a revision is made where it changes
      numbers INTEGER NOT NULL, -- how many figures have a number
      media TEXT NOT NULL,
      printed_agency TEXT,
      form TEXT REFERENCES forms(name),
      title TEXT,
      signed_on TEXT,
      published_on TEXT,
      published_source TEXT,
      period_from TEXT,
      period_to TEXT,
      scope TEXT NOT NULL, -- JSON: {table: text}
      variants_printed TEXT NOT NULL, -- which variant rows the report prints: "|table|table.row|...", else ""
      UNIQUE (agency_key, year, source, url, revision)
    ) STRICT""",
    "CREATE INDEX reports_year ON reports (year, agency_key)",
    """CREATE TABLE wide ( -- derived: the figures, one row for each report, one column for each figure of any form
      report_id INTEGER PRIMARY KEY REFERENCES reports(id) ON DELETE CASCADE
    ) STRICT""",
    """CREATE TABLE cell_states ( -- derived: the cells that are not plainly printed numbers, nor out of the form
      report_id INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,
      figure TEXT NOT NULL,
      state TEXT NOT NULL,
      text TEXT,
      how TEXT,
      PRIMARY KEY (report_id, figure)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE places ( -- derived: where each figure stands in its document; compact JSON, zstd
      report_id INTEGER PRIMARY KEY REFERENCES reports(id) ON DELETE CASCADE,
      places BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE sections ( -- derived: the prose
      report_id INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      number INTEGER NOT NULL,
      heading TEXT NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (report_id, position)
    ) STRICT""",
    """CREATE TABLE doubts ( -- derived: doubts about our own reading, never an accusation
      report_id INTEGER NOT NULL REFERENCES reports(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      figure TEXT,
      reason TEXT NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (report_id, position)
    ) STRICT""",
    """CREATE TABLE readings ( -- derived: what each sighting was read as: a report, or why not
      source TEXT NOT NULL,
      url TEXT NOT NULL,
      sha256 TEXT NOT NULL REFERENCES documents(sha256),
      seen_at TEXT NOT NULL,
      parser_version TEXT NOT NULL, -- by which parser; "": to be read again
      report_id INTEGER REFERENCES reports(id),
      kind TEXT, -- why it could not be read, one word
      sentence TEXT, -- the same in a sentence
      title TEXT,
      PRIMARY KEY (source, url, seen_at, sha256),
      CHECK ((report_id IS NULL) = (kind IS NOT NULL))
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX readings_report ON readings (report_id)",
    """CREATE TABLE findings ( -- derived: what the rules claim now, and what they claimed before
      fingerprint TEXT PRIMARY KEY,
      rule TEXT NOT NULL,
      kind TEXT NOT NULL,
      severity TEXT NOT NULL,
      certainty TEXT NOT NULL,
      basis TEXT NOT NULL,
      agency_key TEXT NOT NULL,
      agency_id TEXT,
      agency TEXT NOT NULL,
      year INTEGER NOT NULL,
      figure TEXT,
      figures TEXT NOT NULL, -- JSON
      observed TEXT, -- JSON
      expected TEXT, -- JSON
      sentence_zh TEXT NOT NULL,
      sentence_en TEXT NOT NULL,
      places TEXT NOT NULL, -- JSON
      told INTEGER NOT NULL,
      is_open INTEGER NOT NULL,
      first_found_at TEXT NOT NULL,
      last_found_at TEXT NOT NULL,
      gone_at TEXT
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX findings_year ON findings (year, agency_key)",
)
