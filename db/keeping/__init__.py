"""Nothing is lost: backups, restoring, retention, checks."""
