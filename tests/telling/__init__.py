"""Histories of telling: what must be told to whom, with a channel that fails and a process that dies."""
