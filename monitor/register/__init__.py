"""Keeping the register of agencies: who is unknown, what a name makes of a row, lists and proposals."""
