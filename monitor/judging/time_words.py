"""What the rules about time have in common: reads and documents as places, and dates, columns and days off in words."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from db.records import Agency
from monitor.calendar import first_working_day_after, is_working_day
from monitor.catalogue import say
from monitor.catalogue.dates import day_words
from monitor.judging.absence import Column, Read
from monitor.judging.rule import Article
from monitor.judging.season import Publication

Words = tuple[str, str]

ARTICLE_49 = Article(
    "《中华人民共和国政府信息公开条例》（2019年修订）第四十九条",
    "Regulations on Open Government Information (2019), Article 49",
)

LAST_READS = 3
"""Reads of each column that stand as places of a report that came after many of them, besides the first."""


def read_place(read: Read, year: int) -> dict[str, Any]:
    """A read of a column as a place: the column and the moment stand for a document's hash and cell."""
    return {
        "year": year,
        "sha256": None,
        "figure": None,
        "place": {"column": read.column, "read_at": read.at.isoformat()},
    }


def publication_place(publication: Publication, year: int) -> dict[str, Any]:
    """A document as a place, with the address at which it stands and the moment at which that was first shown."""
    return {
        "year": year,
        "sha256": publication.sha256,
        "source": publication.url,
        "figure": None,
        "place": {"shown_at": publication.shown_at.isoformat()},
    }


def places_before(reads: Sequence[Read], publications: Iterable[Publication], year: int) -> list[dict[str, Any]]:
    """The first and the last reads of each column that did not show a report, then where it stands."""
    kept: list[Read] = []
    for column in dict.fromkeys(read.column for read in reads):
        of = [read for read in reads if read.column == column]
        kept += of if len(of) <= LAST_READS + 1 else [of[0], *of[-LAST_READS:]]
    kept.sort(key=lambda read: (read.at, read.column))
    return [*(read_place(read, year) for read in kept), *(publication_place(p, year) for p in publications)]


def holiday_words(due: date) -> Words:
    """That the deadline was a day off, where the holiday notices are known; else nothing."""
    working, known = is_working_day(due)
    after = first_working_day_after(due)
    if working or not (known and after.known):
        return "", ""
    return say("missing-holiday", **pair("working_day", day_words(after.day)))


def peer_words(witnesses: Sequence[Read], agency: Agency, reporting_year: int) -> Words:
    """What the column did show, counted in the last read that bears witness: others' reports, or an earlier one."""
    seen = witnesses[-1].seen
    others = {key for key, year in seen if key != agency.id and year == reporting_year}
    if others:
        return say("missing-peers", count=len(others), year=reporting_year)
    earlier = max(year for key, year in seen if key == agency.id and year < reporting_year)
    return say("missing-earlier", earlier=earlier)


def column_words(columns: Iterable[Column]) -> Words:
    """Columns by name and address."""
    shown = [f"{c.name} {c.url}".strip() for c in columns]
    return "；".join(shown), "; ".join(shown)


def joined(pairs: list[Words]) -> Words:
    """Several words as a list."""
    return "；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs)


def pair(name: str, words: Words) -> dict[str, str]:
    """Words as the two fields of a sentence: name_zh and name_en."""
    return {f"{name}_zh": words[0], f"{name}_en": words[1]}
