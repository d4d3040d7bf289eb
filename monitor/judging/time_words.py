"""What the rules about time have in common: reads as places, and dates, columns and days off in words."""

from collections.abc import Iterable
from typing import Any

from monitor.calendar import first_working_day_after, is_working_day
from monitor.catalogue import say
from monitor.catalogue.dates import day_words
from monitor.judging.absence import Absence, Column, Read
from monitor.judging.rule import Article

Words = tuple[str, str]

ARTICLE_49 = Article(
    "《中华人民共和国政府信息公开条例》（2019年修订）第四十九条",
    "Regulations on Open Government Information (2019), Article 49",
)


def read_place(read: Read, year: int) -> dict[str, Any]:
    """A read of a column as a place: the column and the moment stand for a document's hash and cell."""
    return {
        "year": year,
        "sha256": None,
        "figure": None,
        "place": {"column": read.column, "read_at": read.at.isoformat()},
    }


def holiday_words(absence: Absence) -> Words:
    """That the deadline was a day off, where the holiday notices are known; else nothing."""
    if absence.due is None:
        return "", ""
    working, known = is_working_day(absence.due)
    after = first_working_day_after(absence.due)
    if working or not (known and after.known):
        return "", ""
    return say("missing-holiday", **pair("working_day", day_words(after.day)))


def peer_words(absence: Absence) -> Words:
    """What the column did show, counted in the last read that bears witness: others' reports, or an earlier one."""
    seen = absence.witnesses[-1].seen
    others = {key for key, year in seen if key != absence.agency.id and year == absence.year}
    if others:
        return say("missing-peers", count=len(others), year=absence.year)
    earlier = max(year for key, year in seen if key == absence.agency.id and year < absence.year)
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
