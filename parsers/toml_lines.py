"""Where each key of a TOML text stands. tomllib gives values without their lines."""

import re
from collections.abc import Sequence

Loc = tuple[int | str, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\]|\\.)*"' r"|'[^']*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}\n#]+")


def key_lines(text: str) -> dict[Loc, int]:
    """The line, from 1, of each key, table header and list item: ("columns", 0, "url") -> 7.

    text: TOML that tomllib has accepted; this walk checks nothing. A table's line is that of its first mention.
    """
    walk = _Walk(text)
    walk.document()
    return walk.lines


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Loc, int] = {}
        self.items: dict[Loc, int] = {}  # how many items of [[list of tables]] have begun

    def document(self) -> None:
        table: Loc = ()
        self._blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._blank()

    def _header(self) -> Loc:
        double = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 2 if double else 1
        *parents, last = self._key()
        self.at += 2 if double else 1
        place: Loc = ()
        for part in parents:
            place = self._current((*place, part))
        place = (*place, last)
        if not double:
            place = self._current(place)
            self._mark(place, start)
            return place
        number = self.items.get(place, 0)
        self.items[place] = number + 1
        self._mark((*place, number), start)
        return (*place, number)

    def _current(self, place: Loc) -> Loc:
        """A list of tables stands, inside a header, for its last item."""
        return (*place, self.items[place] - 1) if place in self.items else place

    def _pair(self, table: Loc) -> None:
        start = self.at
        place = (*table, *self._key())
        self.at += 1  # "="
        self._mark(place, start)
        self._value(place)

    def _value(self, place: Loc) -> None:
        self._blank()
        opening = self.text[self.at : self.at + 1]
        if opening == "[":
            self._list(place)
        elif opening == "{":
            self._inline(place)
        elif (string := _STRING.match(self.text, self.at)) is not None:
            self.at = string.end()
        elif (bare := _BARE.match(self.text, self.at)) is not None:
            self.at = bare.end()

    def _list(self, place: Loc) -> None:
        self.at += 1
        number = 0
        while self._more("]"):
            self._mark((*place, number), self.at)
            self._value((*place, number))
            number += 1

    def _inline(self, place: Loc) -> None:
        self.at += 1
        while self._more("}"):
            self._pair(place)

    def _more(self, closing: str) -> bool:
        """Step over blanks and a comma; False, and beyond the bracket, at the end."""
        self._blank()
        if self.text.startswith(",", self.at):
            self.at += 1
            self._blank()
        if self.at >= len(self.text) or self.text[self.at] == closing:
            self.at += 1
            return False
        return True

    def _key(self) -> Sequence[str]:
        parts: list[str] = []
        while (part := _KEY_PART.match(self.text, self.at)) is not None:
            parts.append(next(group for group in part.groups() if group is not None))
            self.at = part.end()
            if not self.text.startswith(".", self.at):
                break
            self.at += 1
        return parts

    def _blank(self) -> None:
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at

    def _mark(self, place: Loc, at: int) -> None:
        line = self.text.count("\n", 0, at) + 1
        for length in range(1, len(place) + 1):
            self.lines.setdefault(place[:length], line)
