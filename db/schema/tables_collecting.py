"""The second migration: what collecting that can be trusted needs. What is kept and what derived: db/schema/tables.py.

A crawl is the unit that is gone on with after a kill; the frontier says what is still to be fetched; hosts and leases
hold the pace across processes and restarts; the pages of a column read name the visits that an absence rests on.
"""

NEW_COLUMNS = {
    "visits": (
        "crawl_id INTEGER REFERENCES crawls(id)",
        "network TEXT",  # JSON: from where and how it was asked; see Visit.network
        "redirects TEXT",  # JSON: [[status, URL that said so], ...]
        "requests INTEGER NOT NULL DEFAULT 1",  # sent for this visit, redirects and retries included
        "body_sha256 TEXT",  # of bytes that came and were not kept: a list with the same entries as the kept one
        "signature TEXT",  # of a list page: what it says, without counters
    ),
    "agencies": (
        "predecessors TEXT NOT NULL DEFAULT '[]'",  # JSON: ids
        "successors TEXT NOT NULL DEFAULT '[]'",  # JSON: ids
        "supervisor TEXT",
        "parent TEXT",
        "covered_by TEXT",
    ),
    "readings": (
        "agency_id TEXT",  # of what is published and not read: whose, by title and portal
        "agency TEXT",
        "year INTEGER",
    ),
}

TABLES = (
    """CREATE TABLE crawls ( -- kept: each crawl of a portal; one without an end was broken off
      id INTEGER PRIMARY KEY,
      portal TEXT NOT NULL REFERENCES portals(id),
      started_at TEXT NOT NULL,
      ended_at TEXT,
      outcome TEXT, -- ok, partial, blocked, failed, postponed
      is_complete INTEGER NOT NULL DEFAULT 0, -- 1: every address that was due was asked for
      summary TEXT -- JSON
    ) STRICT""",
    "CREATE INDEX crawls_portal ON crawls (portal, id)",
    "CREATE INDEX sightings_page ON sightings (source, page_url)",
    "CREATE INDEX visits_crawl ON visits (crawl_id, url) WHERE kind IN ('list', 'robots')",
    """CREATE TABLE column_read_pages ( -- kept: the list pages of a column read, in order, each with its visit
      read_id INTEGER NOT NULL REFERENCES column_reads(id) ON DELETE CASCADE,
      position INTEGER NOT NULL, -- from 0
      visit_id INTEGER REFERENCES visits(id),
      links_hash TEXT NOT NULL REFERENCES link_lists(hash),
      PRIMARY KEY (read_id, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE frontier ( -- kept: every address that a portal's lists led to, and when it is to be seen next
      portal TEXT NOT NULL REFERENCES portals(id),
      url TEXT NOT NULL,
      part TEXT NOT NULL CHECK (part IN ('page', 'attachment')),
      kind TEXT NOT NULL, -- report, or a neighbour: publication_notice, website_form, …
      page_url TEXT NOT NULL, -- the list entry, or the page that links the attachment
      column_url TEXT NOT NULL,
      title TEXT,
      listed_on TEXT,
      agency_hint TEXT,
      year INTEGER,
      found_at TEXT NOT NULL,
      due_at TEXT, -- the next visit; null: never again
      visits INTEGER NOT NULL DEFAULT 0,
      failures INTEGER NOT NULL DEFAULT 0, -- in a row: refused, failed or gone
      outcome TEXT, -- of the last visit
      visited_at TEXT,
      PRIMARY KEY (portal, url)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX frontier_due ON frontier (portal, due_at)",
    """CREATE TABLE neighbours ( -- kept: documents of other kinds beside the reports; stored, not read as reports
      id INTEGER PRIMARY KEY,
      portal TEXT NOT NULL REFERENCES portals(id),
      page_url TEXT NOT NULL,
      url TEXT NOT NULL,
      kind TEXT NOT NULL,
      title TEXT,
      listed_on TEXT,
      sha256 TEXT NOT NULL REFERENCES documents(sha256),
      first_seen_at TEXT NOT NULL,
      last_seen_at TEXT NOT NULL,
      visit_id INTEGER REFERENCES visits(id),
      UNIQUE (portal, url, sha256)
    ) STRICT""",
    """CREATE TABLE hosts ( -- kept: the pace of each host
      host TEXT PRIMARY KEY, -- with its port, unless 80 or 443
      last_at TEXT, -- end of the last answer; real time, even where a crawl plays another day
      delay_s REAL NOT NULL DEFAULT 0, -- no request before so many seconds have passed since
      off_until TEXT -- to be left alone until then, by the clock of the crawl: Retry-After, back-off
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE leases ( -- kept: which process has what for itself; one that is no more holds nothing
      name TEXT PRIMARY KEY, -- portal:<id>, host:<host>/<connection>
      holder TEXT NOT NULL, -- JSON: machine, process, when it began
      since TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE portal_days ( -- kept: requests sent to a portal on a day in Beijing, for its budget
      portal TEXT NOT NULL REFERENCES portals(id),
      day TEXT NOT NULL,
      requests INTEGER NOT NULL,
      PRIMARY KEY (portal, day)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE manifests ( -- kept: one for each day in Beijing: a document that lists the hashes of what was seen
      day TEXT PRIMARY KEY,
      made_at TEXT NOT NULL,
      sha256 TEXT NOT NULL REFERENCES documents(sha256),
      entries INTEGER NOT NULL,
      service TEXT, -- who stamped it
      token BLOB, -- the time stamp (RFC 3161, DER), null: not stamped
      stamped_at TEXT
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE claims ( -- derived: what publication notices say: this unit has published, or not
      portal TEXT NOT NULL,
      url TEXT NOT NULL,
      sha256 TEXT NOT NULL REFERENCES documents(sha256),
      position INTEGER NOT NULL,
      unit TEXT NOT NULL, -- as printed
      agency_id TEXT,
      year INTEGER, -- the reporting year; null: the notice does not say
      has_published INTEGER, -- 1, 0, null: the notice does not say
      link TEXT,
      PRIMARY KEY (url, sha256, position)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE notice_readings ( -- derived: the publication notices that were read, those without a claim too
      url TEXT NOT NULL,
      sha256 TEXT NOT NULL REFERENCES documents(sha256),
      parser_version TEXT NOT NULL, -- by which parser; "": to be read again
      claims INTEGER NOT NULL, -- how many
      kind TEXT, -- why it could not be read, one word
      sentence TEXT, -- the same in a sentence
      PRIMARY KEY (url, sha256)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE regions ( -- derived: the packaged list of regions, see docs/regions.md
      code TEXT PRIMARY KEY, -- six digits
      name TEXT NOT NULL,
      level TEXT NOT NULL, -- province, prefecture, county
      as_of TEXT NOT NULL -- date of the list
    ) STRICT, WITHOUT ROWID""",
)

# Column reads of the first migration: the whole list as its first page. Their portals have been crawled before.
# Addresses at which documents were seen become addresses to be seen again, a week after they were seen last.
CARRIED_OVER = (
    """INSERT INTO column_read_pages (read_id, position, visit_id, links_hash)
      SELECT id, 0, NULL, links_hash FROM column_reads""",
    """INSERT INTO crawls (portal, started_at, ended_at, outcome, is_complete)
      SELECT portal, min(at), max(at), 'ok', 1 FROM column_reads GROUP BY portal""",
    """INSERT OR IGNORE INTO frontier (portal, url, part, kind, page_url, column_url, title, listed_on, agency_hint,
        found_at, due_at, visits, outcome, visited_at)
      SELECT portal, url, part, 'report', page_url, page_url, title, listed_on, agency_hint, min(first_seen_at),
        strftime('%Y-%m-%dT%H:%M:%S+00:00', max(last_seen_at), '+7 days'), 1, 'ok', max(last_seen_at)
      FROM sightings WHERE portal IS NOT NULL GROUP BY portal, url""",
    "ALTER TABLE column_reads DROP COLUMN links_hash",
    # What could not be read is published all the same: whose it is, and of which year, is to be found out.
    "UPDATE readings SET parser_version = '' WHERE report_id IS NULL",
)
