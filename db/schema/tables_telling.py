"""The fifth migration: what telling many people needs. What is kept and what derived: db/schema/tables.py.

A chat is a subscriber on a channel; what it wants to hear are its subscriptions; what it is sent stands in the outbox.
The text of a message is kept once, however many hear it.
"""

TABLES = (
    """CREATE TABLE subscribers ( -- kept: the chats that we know, and what they may hear
      channel TEXT NOT NULL,
      subscriber TEXT NOT NULL, -- the number of a chat, or "@name" of a channel
      audience TEXT NOT NULL CHECK (audience IN ('desk', 'public', 'none')),
      origin TEXT NOT NULL CHECK (origin IN ('config', 'bot')),
      kind TEXT, -- private, group, supergroup, channel; null: not known
      title TEXT,
      language TEXT CHECK (language IN ('zh', 'en', 'both')), -- null: the deployment's
      since TEXT NOT NULL,
      gone_at TEXT, -- when it refused for good; null: it accepts
      gone_why TEXT,
      moved_to TEXT, -- the number that it has now
      paused_until TEXT, -- the channel asked to send it nothing before
      paused_why TEXT,
      PRIMARY KEY (channel, subscriber)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE channel_pauses ( -- kept: channels that asked to be sent nothing, to nobody, for a time
      channel TEXT PRIMARY KEY,
      until TEXT NOT NULL,
      why TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE subscriptions ( -- kept: what a subscriber wants to hear of; all that is given must fit
      id INTEGER PRIMARY KEY,
      channel TEXT NOT NULL,
      subscriber TEXT NOT NULL,
      place TEXT NOT NULL DEFAULT '', -- region code, with all below it; "": any, as in all that follow
      agency_id TEXT NOT NULL DEFAULT '',
      organ TEXT NOT NULL DEFAULT '',
      kind TEXT NOT NULL DEFAULT '',
      rule TEXT NOT NULL DEFAULT '',
      severity TEXT NOT NULL DEFAULT '', -- the least
      made_at TEXT NOT NULL,
      UNIQUE (channel, subscriber, place, agency_id, organ, kind, rule, severity),
      FOREIGN KEY (channel, subscriber) REFERENCES subscribers (channel, subscriber) ON DELETE CASCADE
    ) STRICT""",
    """CREATE TABLE chat_mutes ( -- kept: findings of which a chat wants to hear nothing new for a time
      channel TEXT NOT NULL,
      subscriber TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      until TEXT NOT NULL,
      made_at TEXT NOT NULL,
      made_by TEXT, -- who asked for it, as the channel names them
      PRIMARY KEY (channel, subscriber, fingerprint)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE votes ( -- kept: what people who are no administrators say of a finding; it counts nowhere
      fingerprint TEXT NOT NULL,
      channel TEXT NOT NULL,
      voter TEXT NOT NULL,
      word TEXT NOT NULL CHECK (word IN ('right', 'wrong')),
      at TEXT NOT NULL,
      observed TEXT, -- JSON: what the finding said then, as in findings
      expected TEXT,
      PRIMARY KEY (fingerprint, channel, voter)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE message_texts ( -- kept: what messages say, each text once
      id INTEGER PRIMARY KEY,
      digest TEXT NOT NULL UNIQUE, -- SHA-256 of all that follows
      text TEXT NOT NULL,
      document_name TEXT, -- of a file that goes with it; null: none does
      document TEXT
    ) STRICT""",
    """CREATE TABLE job_runs ( -- kept: what ran by the calendar, and what came of it
      id INTEGER PRIMARY KEY,
      job TEXT NOT NULL, -- crawl, judge, manifest, backup, verify, digest, …
      subject TEXT NOT NULL DEFAULT '', -- of crawl: the portal
      due_at TEXT NOT NULL, -- the time of the calendar that it was run for
      why TEXT NOT NULL,
      missed INTEGER NOT NULL DEFAULT 0, -- how many earlier times were missed and are made good by this run
      started_at TEXT NOT NULL,
      ended_at TEXT, -- null: it runs, or was killed
      outcome TEXT CHECK (outcome IN ('ok', 'failed', 'killed')),
      detail TEXT -- a sentence about what came of it
    ) STRICT""",
    "CREATE INDEX job_runs_job ON job_runs (job, subject, id)",
    """CREATE TABLE troubles ( -- kept: what was wrong with the deployment itself, from when to when
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      since TEXT NOT NULL,
      told_at TEXT, -- when the messages about it were written; null: not yet
      ended_at TEXT, -- null: it lasts
      detail TEXT NOT NULL, -- JSON
      PRIMARY KEY (kind, subject, since)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE watch_marks ( -- kept: times that the watch must know after a restart, as when it was alive last
      name TEXT PRIMARY KEY,
      at TEXT NOT NULL,
      detail TEXT NOT NULL DEFAULT ''
    ) STRICT, WITHOUT ROWID""",
)

# With one text for many, an end for what is refused for good, and what the channel calls the message.
OUTBOX = """CREATE TABLE outbox ( -- kept: what must be told to whom, and what became of it
      id INTEGER PRIMARY KEY,
      subscriber TEXT NOT NULL,
      channel TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      event TEXT NOT NULL,
      text_id INTEGER NOT NULL REFERENCES message_texts(id),
      state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'refused')),
      attempts INTEGER NOT NULL DEFAULT 0,
      next_try TEXT NOT NULL,
      created_at TEXT NOT NULL,
      sent_at TEXT,
      error TEXT,
      remote_id TEXT,
      UNIQUE (subscriber, channel, fingerprint, event)
    ) STRICT"""
OUTBOX_INDEXES = (
    "CREATE INDEX outbox_pending ON outbox (next_try) WHERE state = 'pending'",
    "CREATE INDEX outbox_finding ON outbox (fingerprint, id)",
)
