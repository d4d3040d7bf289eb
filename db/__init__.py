"""Reports to SQLite and back: the archive. The only room that writes SQL; see db.archive."""
