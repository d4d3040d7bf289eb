"""Text as the search compares it: traditional characters, full-width forms and capitals as their plain twins, nothing
that a reader does not see. Character by character, so that a part of a text folds to a part of the folded text.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Controls, marks without width, blanks, halves of characters.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
# Unseen too, though their category does not say so: joiners, fillers, variation selectors; and the two that are none.
_FILLERS = frozenset(
    map(chr, [0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x3164, *range(0xFE00, 0xFE10), 0xFFA0])
) | {chr(code) for code in (*range(0xE0100, 0xE01F0), 0xFFFE, 0xFFFF)}


class _Folds(dict[int, str]):
    """Character -> what it folds to, filled as characters are met; there are no more of them than Unicode has."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", chr(code)).casefold()
        folded = self[code] = "".join(_simplified(one) for one in plain if not _is_unseen(one))
        return folded


_FOLDS = _Folds()


class Folded(NamedTuple):
    """A folded text. places: for each of its characters which one of the original it comes from, ascending."""

    text: str
    places: list[int]

    def spans(self, word: str) -> list[tuple[int, int]]:
        """Where a folded word stands in the original, [start, end); what was dropped inside the word belongs to it."""
        found = []
        at = self.text.find(word)
        while at >= 0:
            found.append((self.places[at], self.places[at + len(word) - 1] + 1))
            at = self.text.find(word, at + len(word))
        return found


def fold(text: str) -> str:
    """The folded text; a character of the original can become none, one, or several (㈱ is (株))."""
    return text.translate(_FOLDS)


def fold_with_places(text: str) -> Folded:
    """The folded text and where each of its characters stood."""
    parts: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = _FOLDS[ord(character)]
        parts.append(folded)
        places.extend([place] * len(folded))
    return Folded("".join(parts), places)


def _is_unseen(character: str) -> bool:
    return character in _FILLERS or character.isspace() or unicodedata.category(character) in _UNSEEN


def _simplified(character: str) -> str:
    if character < "\u2e80":
        return character
    simplified: str = _converter().convert(character)
    return simplified


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]
    import opencc  # 20 ms, for whoever folds anything Chinese

    return opencc.OpenCC("t2s")
