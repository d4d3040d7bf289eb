"""The people who answered, corrected and released, as a release names them: by numbers that hold within it."""

import re
import sqlite3

from db.finding_state import person

_NAMES = """
SELECT made_by AS name, at FROM finding_events UNION ALL SELECT made_by, at FROM rule_events
UNION ALL SELECT made_by, made_at FROM corrections UNION ALL SELECT undone_by, undone_at FROM corrections
UNION ALL SELECT asked_by, made_at FROM takedowns"""
_SHORTEST = 2  # characters of a name that is looked for in what people wrote


class People:
    """Whoever is named in the archive as having said something, numbered in the order in which they first did."""

    def __init__(self, archive: sqlite3.Connection) -> None:
        found = archive.execute(f"SELECT name, min(at) FROM ({_NAMES}) WHERE name IS NOT NULL GROUP BY name").fetchall()
        self._numbers: dict[str, int] = {}
        for _, name in sorted((at or "", name) for name, at in found):
            self._numbers.setdefault(person(name), len(self._numbers) + 1)
        known = sorted((name for name, _ in found if len(name.strip()) >= _SHORTEST), key=len, reverse=True)
        # A Latin name stands for itself alone, and not inside a longer word.
        each = (rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name) for name in known)
        self._known = re.compile("|".join(each), re.IGNORECASE) if known else None

    def number(self, name: str) -> str:
        """person 1, …; two spellings of a name are one person's."""
        return f"person {self._numbers[person(name)]}"

    def without_names(self, text: str) -> str:
        """What people wrote, with the numbers of those whom it names."""
        if self._known is None:
            return text
        return self._known.sub(lambda match: f"person {self._numbers.get(person(match[0]), '?')}", text)
