"""What the absence rule says: its states as findings, with the sentences of the catalogue."""

from collections.abc import Iterable
from typing import Any

from db.records import Finding
from monitor.calendar import beijing_day, first_working_day_after, is_working_day
from monitor.catalogue import say
from monitor.catalogue.dates import day_words, moment_words
from monitor.duties import dated_duty
from monitor.rules.absence import MIN_DAYS, MIN_READS, MIN_WORKING_DAYS, Absence, Column, Lack, Read, State

_NEEDS = {Lack.READS: MIN_READS, Lack.DAYS: MIN_DAYS, Lack.SPAN: MIN_WORKING_DAYS}

Words = tuple[str, str]


def absence_finding(absence: Absence, *, reason: Words | None = None) -> Finding | None:
    """The finding of one judgement; None for a state of which nothing is said.

    `missing` is an error, certain if a column was already watched before the deadline and the bytes of all reads were
    searched, else likely (the report may have come and gone before our first visit, or its entry was not understood).
    `overdue_unconfirmed` and `published_unread` are notices that are
    shown and never sent. reason: why a published document could not be read, in Chinese and English.
    """
    match absence.state:
        case State.MISSING:
            certainty = "certain" if absence.watched_before_due and absence.searched else "likely"
            return _finding(absence, "missing", "error", certainty, _missing(absence), told=True)
        case State.OVERDUE_UNCONFIRMED:
            return _finding(absence, "overdue-unconfirmed", "notice", "doubtful", _overdue(absence), told=False)
        case State.PUBLISHED_UNREAD:
            zh, en = reason or say("unread-listed" if absence.proof else "unread-document")
            sentence = say(
                "published-unread", agency=absence.agency.name, year=absence.year, reason_zh=zh, reason_en=en
            )
            return _finding(absence, "published-unread", "notice", "certain", sentence, told=False)
        case _:
            return None


def _finding(absence: Absence, rule: str, severity: str, certainty: str, sentence: Words, *, told: bool) -> Finding:
    duty = dated_duty(absence.agency.duty, absence.year)
    return Finding(
        rule=rule,
        kind="time",
        severity=severity,
        certainty=certainty,
        basis=duty.name if duty else "observation",
        agency_id=absence.agency.id,
        agency=absence.agency.name,
        year=absence.year,
        figure=None,
        figures=[],
        observed=None,
        expected=absence.due.isoformat() if absence.due else None,
        sentence_zh=sentence[0],
        sentence_en=sentence[1],
        places=[_place(read, absence.year) for read in absence.proof],
        told=told,
    )


def _place(read: Read, year: int) -> dict[str, Any]:
    """A read of a column as a place: the column and the moment stand for a document's hash and cell."""
    return {
        "year": year,
        "sha256": None,
        "figure": None,
        "place": {"column": read.column, "read_at": read.at.isoformat()},
    }


def _missing(absence: Absence) -> Words:
    duty = dated_duty(absence.agency.duty, absence.year)
    if absence.due is None or absence.as_of is None or duty is None:
        raise ValueError("a missing report has a deadline and reads")
    by_column = {read.column: [r for r in absence.proof if r.column == read.column] for read in absence.proof}
    first, last = absence.proof[0].at, absence.proof[-1].at
    return say(
        "missing",
        agency=absence.agency.name,
        year=absence.year,
        source_zh=duty.source_zh,
        source_en=duty.source_en,
        reads=min(len(reads) for reads in by_column.values()),
        days=min(len({beijing_day(read.at) for read in reads}) for reads in by_column.values()),
        **_pair("as_of", moment_words(absence.as_of)),
        **_pair("due", day_words(absence.due)),
        **_pair("first", day_words(beijing_day(first))),
        **_pair("last", day_words(beijing_day(last))),
        **_pair("columns", _columns(absence.columns)),
        **_pair("holiday", _holiday(absence)),
        **_pair("peers", _peers(absence)),
    )


def _overdue(absence: Absence) -> Words:
    if absence.due is None or absence.as_of is None:
        raise ValueError("an overdue report has a deadline and reads")
    lacking = [say(f"lacking-{lack}", need=_NEEDS.get(lack, 0)) for lack in absence.lacking]
    return say(
        "overdue-unconfirmed",
        agency=absence.agency.name,
        year=absence.year,
        **_pair("due", day_words(absence.due)),
        **_pair("as_of", moment_words(absence.as_of)),
        **_pair("lacking", _joined(lacking)),
    )


def _holiday(absence: Absence) -> Words:
    """That the deadline was a day off, where the holiday notices are known; else nothing."""
    if absence.due is None:
        return "", ""
    working, known = is_working_day(absence.due)
    after = first_working_day_after(absence.due)
    if working or not (known and after.known):
        return "", ""
    return say("missing-holiday", **_pair("working_day", day_words(after.day)))


def _peers(absence: Absence) -> Words:
    """What the column did show, counted in the last read that bears witness: others' reports, or an earlier one."""
    seen = absence.witnesses[-1].seen
    others = {key for key, year in seen if key != absence.agency.id and year == absence.year}
    if others:
        return say("missing-peers", count=len(others), year=absence.year)
    earlier = max(year for key, year in seen if key == absence.agency.id and year < absence.year)
    return say("missing-earlier", earlier=earlier)


def _columns(columns: Iterable[Column]) -> Words:
    shown = [f"{c.name} {c.url}".strip() for c in columns]
    return "；".join(shown), "; ".join(shown)


def _joined(pairs: list[Words]) -> Words:
    return "；".join(zh for zh, _ in pairs), "; ".join(en for _, en in pairs)


def _pair(name: str, words: Words) -> dict[str, str]:
    return {f"{name}_zh": words[0], f"{name}_en": words[1]}
