"""/missing YEAR [PLACE]: who owes a report for a year and where it was not found.

A desk sees the states of `nianbao missing`, worked out anew in a process of its own. Anybody else sees the findings
that may be seen: those of reports that were not found, once a person has released them.
"""

import asyncio
import unicodedata
from datetime import datetime
from typing import Any

from telegram.error import TelegramError

from crawler.run import Stop, run_child
from db.archive import Archive
from db.telling.lookups import Lookups
from monitor.bot.ask import Ask, Pair
from monitor.bot.facets import Trouble, in_words, understand
from monitor.bot.failing import failed
from monitor.bot.listing import MOST, answer_list
from monitor.bot.visible import Row, listed
from monitor.calendar import season_of
from monitor.catalogue import say, word
from monitor.catalogue.dates import day_words, moment_words
from monitor.rules import rule_names

FIRST_YEAR = 2008
TIMEOUT_S = 600.0
_RULE = "missing"
_SHORT = 10
_ORDER = ("missing", "overdue_unconfirmed", "unknown", "published_unread", "not_found_so_far", "not_yet_due")

Owed = dict[str, Any]


async def missing(ask: Ask) -> None:
    """/missing YEAR [PLACE or AGENCY]"""
    last = season_of(ask.station.now())
    year, rest = _year(ask.words, last + 1)
    if year is None:
        await ask.say("bot-missing-which", first=FIRST_YEAR, last=last)
        return

    def read(archive: Archive) -> Trouble | tuple[Any, Pair]:
        understood = understand(rest, Lookups(archive), rule_names())
        if isinstance(understood, Trouble):
            return understood
        if any(v for name, v in understood.facets._asdict().items() if name not in ("place", "agency_id")):
            return Trouble([say("bot-only-place")])
        return understood.facets, in_words(understood.facets, Lookups(archive))

    found = await ask.station.read(read)
    if isinstance(found, Trouble):
        await ask.answer(*found.said)
        return
    facets, where = found
    if not ask.is_desk:
        await _public(ask, year, facets.place, facets.agency_id, where)
    elif ask.station.begin(("missing", ask.key), _desk(ask, year, facets.place, facets.agency_id, where)):
        await ask.say("bot-missing-wait")
    else:
        await ask.say("bot-missing-still")


def _year(words: list[str], last: int) -> tuple[int | None, list[str]]:
    """The first word that is a year, as in 2023, 2023年, ２０２３, and the other words."""
    for number, one in enumerate(words):
        digits = unicodedata.normalize("NFKC", one).removesuffix("度").removesuffix("年")
        if len(digits) == 4 and digits.isdecimal() and FIRST_YEAR <= int(digits) <= last:
            return int(digits), [*words[:number], *words[number + 1 :]]
    return None, words


async def _public(ask: Ask, year: int, place: str, agency_id: str, where: Pair) -> None:
    """The findings that may be seen, in their own words."""
    rows: list[Row] = await ask.station.read(
        lambda archive: listed(archive, ask.eyes, place=place, agency_id=agency_id, rules=[_RULE], year=year, most=MOST)
    )
    fields = {"year": year, "where_zh": where[0], "where_en": where[1]}
    if not rows:
        await ask.answer(say("bot-missing-none", **fields), say("bot-missing-silence"))
        return
    sentences = [(row["sentence_zh"], row["sentence_en"]) for row in rows[:3]] if len(rows) <= 3 else []
    if sentences:
        await ask.answer(say("bot-missing-public", count=len(rows), **fields), *sentences, say("bot-missing-silence"))
    else:
        await answer_list(ask, say("bot-missing-public", count=len(rows), **fields), rows, say("bot-missing-silence"))


async def _desk(ask: Ask, year: int, place: str, agency_id: str, where: Pair) -> None:
    now = ask.station.now()
    try:
        owed, counts = await _ask_child(ask, year, place, agency_id, now)
        await _say_owed(ask, year, where, now, owed, counts)
    except (TelegramError, OSError) as error:
        failed("missing", error)


async def _say_owed(
    ask: Ask, year: int, where: Pair, now: datetime, owed: list[Owed], counts: dict[str, int] | None
) -> None:
    if counts is None:
        await ask.say("bot-error")
        return
    fields = {"year": year, "where_zh": where[0], "where_en": where[1]}
    head = say("bot-missing-desk", **fields, **_pair("as_of", moment_words(now)))
    owed.sort(key=lambda one: (_ORDER.index(one["state"]) if one["state"] in _ORDER else 9, one["agency_id"]))
    short = [head, _counted(counts)]
    shown = [one for one in owed if one["state"] in _ORDER[:2]]
    if not owed:
        await ask.answer(*short)
    elif len(shown) <= _SHORT and len(owed) <= _SHORT:
        await ask.answer(*short, *_lines(owed))
    else:
        whole = ask.text([*short, *_lines(owed)])
        await ask.answer(*short, say("bot-rest-in-document"), document=(f"missing-{year}.txt", whole.encode()))


async def _ask_child(
    ask: Ask, year: int, place: str, agency_id: str, now: datetime
) -> tuple[list[Owed], dict[str, int] | None]:
    """What the process of its own tells; None in place of the counts where it did not come to its end."""
    owed: list[Owed] = []
    counts: list[dict[str, int]] = []

    def take(message: dict[str, Any]) -> None:
        if message.get("event") == "owed":
            owed.append(message)
        elif message.get("event") == "done":
            counts.append(message["counts"])

    order: dict[str, object] = {
        "config": str(ask.config.source), "archive": str(ask.archive.path), "year": year, "place": place,
        "agency_id": agency_id, "now": now.isoformat(),
    }  # fmt: skip
    stop = Stop()
    memory_mb = float(ask.config.watch.job_memory_mb)
    try:
        await asyncio.to_thread(
            run_child, "monitor.bot.owed_child", order, take, timeout_s=TIMEOUT_S, memory_mb=memory_mb, stop=stop
        )
    finally:
        stop.set()  # where nobody waits for it any more
    return owed, counts[-1] if counts else None


def _counted(counts: dict[str, int]) -> Pair:
    pairs = [(word("bot-state", state), counts[state]) for state in (*_ORDER, "present") if counts.get(state)]
    if not pairs:
        return say("bot-missing-nobody")
    return "；".join(f"{zh} {n}" for (zh, _), n in pairs), "; ".join(f"{en} {n}" for (_, en), n in pairs)


def _lines(owed: list[Owed]) -> list[Pair]:
    """One line for each; before those of a state, what it means."""
    lines: list[Pair] = []
    state = None
    for one in owed:
        if one["state"] != state:
            state = one["state"]
            lines += [("\u3000", "\u3000"), say(f"bot-state-says-{state}")]
        due = day_words(datetime.fromisoformat(one["due"]).date()) if one["due"] else say("bot-no-due")
        columns = "；".join(one["columns"])
        key = "bot-owed-read" if one["as_of"] and one["state"] == "missing" and columns else "bot-owed"
        as_of = moment_words(datetime.fromisoformat(one["as_of"])) if one["as_of"] else ("", "")
        fields = _pair("due", due) | (_pair("as_of", as_of) | {"columns": columns} if key == "bot-owed-read" else {})
        lines.append(say(key, agency=one["agency"], id=one["agency_id"], **fields))
    return lines


def _pair(name: str, words: Pair) -> dict[str, object]:
    return {f"{name}_zh": words[0], f"{name}_en": words[1]}
