"""Questions to the archive: SQL of people, ready queries, identities."""
