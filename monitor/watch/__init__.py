"""The long-running process: what is due when, and who does it."""
