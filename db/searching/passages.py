"""What is searched of a report, passage by passage, and where words stand in it as printed."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from db.searching.folding import fold, fold_with_places

_BEFORE, _AROUND = 24, 96  # printed characters of a snippet: in front of the match, and in all


class Passage(NamedTuple):
    """section: its number, None for the title of the report. part: title, heading or text. printed: the text; folded:
    the same as it is compared."""

    section: int | None
    heading: str
    part: str
    printed: str
    folded: str


class Quote(NamedTuple):
    """A snippet of a passage as printed: its characters from `start` on, of `length`. matches: [start, end) of each
    word within the snippet. section, heading, part: as in Passage."""

    section: int | None
    heading: str
    part: str
    snippet: str
    matches: list[tuple[int, int]]
    start: int
    length: int


def passages_of(connection: sqlite3.Connection, report_id: int, title: str | None) -> list[Passage]:
    """Everything that is searched of a report, what is best quoted first: texts, headings, the title."""
    sections = connection.execute(
        "SELECT number, heading, text FROM sections WHERE report_id = ? ORDER BY position", (report_id,)
    ).fetchall()
    texts = [Passage(number, heading, "text", text, fold(text)) for number, heading, text in sections]
    headings = [Passage(number, heading, "heading", heading, fold(heading)) for number, heading, _ in sections]
    return [*texts, *headings, Passage(None, "", "title", title or "", fold(title or ""))]


def printed(connection: sqlite3.Connection, report_id: int, title: str | None) -> Iterator[str]:
    """The same unfolded, in any order."""
    yield title or ""
    for texts in connection.execute("SELECT heading, text FROM sections WHERE report_id = ?", (report_id,)):
        yield from texts


def has_all(passages: list[Passage], words: list[str]) -> bool:
    """Whether each word, folded, stands in some passage."""
    return all(any(word in passage.folded for passage in passages) for word in words)


def quote(passages: list[Passage], words: list[str]) -> Quote:
    """What is shown of a report that has all the words: the first of the passages that have the most of them."""
    best = max(passages, key=lambda passage: sum(word in passage.folded for word in words))
    text = best.printed
    folded = fold_with_places(text)
    spans = _united(span for word in words for span in folded.spans(word))
    start = max(0, spans[0][0] - _BEFORE)
    end = min(len(text), max(start + _AROUND, spans[0][1]))
    matches = [(first - start, last - start) for first, last in spans if last <= end]
    return Quote(best.section, best.heading, best.part, text[start:end], matches, start, len(text))


def _united(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in order, those that overlap as one."""
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start < united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united
