"""The archive as it is handed out."""
