"""Which backups are kept."""

from typing import NamedTuple


class Keep(NamedTuple):
    """How many backups to keep: the last of each of so many days, weeks (from Monday) and months that have one."""

    daily: int = 7
    weekly: int = 5
    monthly: int = 12
