"""What chats heard about the watching itself, held against what is true: interruptions, digests, and what maintainers
are told. Each difference is a sentence."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from crawler.sandbox.season import BEIJING
from tests.season.cast import MAINTAINERS, Cast, Chat, Wish
from tests.season.heard import Heard
from tests.season.truth import SLACK, Silence, Span

DIGEST, MONITORING, TROUBLE = "digest", "monitoring", "trouble "
DIGEST_DAY, DIGEST_TIME = 0, time(9)
"""By the settings that come with the program: Monday, 09:00."""

_DAY = timedelta(days=1)
_FAILING = 2 * _DAY  # of failing looks, before subscribers are told
_BROKEN = _DAY  # the same for maintainers


def about_differences(
    cast: Cast, silences: Iterable[Silence], heard: dict[str, list[Heard]], first: date, last: date
) -> list[str]:
    """Of all chats. silences: the portals that cannot be read, each with its end as it is surely seen."""
    silences = list(silences)
    found = []
    for chat in cast.chats:
        about = _about(chat, heard)
        differ = [
            *_digests(chat, [one for one in about if one.number == DIGEST], first, last),
            *_interruptions(chat, [one for one in about if one.number == MONITORING], silences),
            *(f"heard of something else: {_shown(one)}" for one in about if one.number not in (DIGEST, MONITORING)),
        ]
        found += [f"{chat.id} ({chat.what}): {one}" for one in differ]
    found += _unequal(cast, heard)
    return found + [f"the maintainers: {one}" for one in _maintainers(cast, heard.get(MAINTAINERS, []), silences)]


def _about(chat: Chat, heard: dict[str, list[Heard]]) -> list[Heard]:
    ids = [chat.id, *([chat.moved[1]] if chat.moved else [])]
    return [one for id in ids for one in heard.get(id, []) if one.kind == "about"]


def _unequal(cast: Cast, heard: dict[str, list[Heard]]) -> Iterator[str]:
    """Of interruptions all hear the same that follow all places all the time."""
    always = [chat for chat in cast.chats if chat.gone_at is None and _follows_all(chat)]
    told = {chat.id: {one.event for one in _about(chat, heard) if one.number == MONITORING} for chat in always}
    for event in set().union(*told.values()):
        for chat, events in told.items():
            if event not in events:
                yield f"{chat} was not told of an interruption as others were: {event}"


def _follows_all(chat: Chat) -> bool:
    return any(wish.until is None and not wish.place and not wish.agency_id for wish in chat.wishes[:1])


def _digests(chat: Chat, heard: list[Heard], first: date, last: date) -> Iterator[str]:
    """One a week in the season, for a chat that wants to hear of anything."""
    left = list(heard)
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        if day.weekday() != DIGEST_DAY:
            continue
        at = datetime.combine(day, DIGEST_TIME, BEIJING)
        due = Span(at, at + SLACK)
        some = [one for one in left if due.earliest <= one.at <= due.latest]
        left = [one for one in left if one not in some]
        # In the first hours nobody knows who is there.
        must = day > first and any(_covers(wish, due) for wish in chat.wishes) and _accepts(chat, due)
        if must and not some:
            yield f"had no digest on {day}"
        if len({one.event for one in some}) > 1 or (some and not any(_touches(wish, due) for wish in chat.wishes)):
            yield f"had {len(some)} digests on {day}"
    yield from (f"had a digest on no digest's day: {_shown(one)}" for one in left)


def _interruptions(chat: Chat, heard: list[Heard], silences: list[Silence]) -> Iterator[str]:
    """Told when it begins, when other portals join or are back, and when it is over. At one time there is one."""
    known: list[Heard] = []
    for silence in silences:
        told = Span(silence.since + _FAILING, silence.since + _FAILING + 2 * _DAY)
        if silence.until is not None and silence.until <= told.earliest:
            continue  # too short for anybody
        some = [w for w in chat.wishes if _concerns(w, silence)]
        begins = [one for one in heard if silence.name in one.sent.text and told.earliest <= one.at <= told.latest]
        must = any(_covers(wish, told) for wish in some) and _accepts(chat, told)
        if must and not begins:
            yield f"was not told that {silence.name} is not watched since {silence.since:%m-%d}"
        if not some and begins and not any(one.sent.text.count("人民政府") > 1 for one in begins):
            yield f"was told of {silence.name}, which does not concern it"
        known += begins
        if silence.until is None or silence.seen is None:
            continue
        over = Span(silence.until, silence.seen)
        ends = [one for one in heard if silence.name in one.sent.text and over.earliest <= one.at <= over.latest]
        if begins and _accepts(chat, over) and any(_covers(wish, over) for wish in some) and not ends:
            yield f"was not told that {silence.name} is watched again since {silence.until:%m-%d}"
        known += ends
    for one in heard:
        if one in known:
            continue
        # What is told of another portal names those that last, too.
        if not any(silence.since + _FAILING <= one.at <= (silence.seen or one.at) for silence in silences):
            yield f"was told of an interruption where there is none: {_shown(one)}"
    standing = False
    last = ""
    for one in heard:
        word = one.event.partition(" ")[0]
        if word == "begins" and standing and one.event != last:
            yield f"was told twice that an interruption begins: {_shown(one)}"
        if word == "ends" and not standing and one.event != last:
            yield f"was told that what never began is over: {_shown(one)}"
        standing, last = word != "ends", one.event


def _maintainers(cast: Cast, heard: list[Heard], silences: list[Silence]) -> Iterator[str]:
    troubled = {silence.portal: silence for silence in silences}
    refusing = {chat.id: chat.gone_at for chat in cast.chats if chat.gone_at is not None}
    of: dict[str, list[Heard]] = {}
    for one in heard:
        kind, _, subject = one.number.removeprefix(TROUBLE).partition(" ")
        is_true = (kind in ("portal-broken", "portal-stale") and subject in troubled) or (
            kind == "chat-refused" and subject.split()[-1] in refusing
        )
        if one.kind == "about" and not is_true:
            yield f"were told what is not true: {_shown(one)}"
        of.setdefault(subject, []).append(one)
    for silence in silences:
        if silence.until is not None and silence.until - silence.since <= 3 * _DAY:
            continue  # three looks in more than a day: by hours
        told = Span(silence.since + _BROKEN, silence.since + _BROKEN + 2 * _DAY)
        begins = [one for one in of.get(silence.portal, []) if "," not in one.event]
        if not any(told.earliest <= one.at <= told.latest for one in begins):
            yield f"were not told that {silence.portal} is broken since {silence.since:%m-%d}"
        ends = [one for one in of.get(silence.portal, []) if one.event.endswith(", over")]
        if silence.until and silence.seen and not any(silence.until <= one.at <= silence.seen for one in ends):
            yield f"were not told that {silence.portal} is read again since {silence.until:%m-%d}"
    for chat, at in refusing.items():
        begins = [one for subject, some in of.items() if chat in subject for one in some if "," not in one.event]
        if not any(one.at >= at for one in begins):
            yield f"were not told that {chat} refuses"


def _concerns(wish: Wish, silence: Silence) -> bool:
    return silence.place.startswith(wish.place) and wish.agency_id in ("", *silence.agencies)


def _covers(wish: Wish, span: Span) -> bool:
    return wish.since <= span.earliest and (wish.until is None or span.latest <= wish.until)


def _touches(wish: Wish, span: Span) -> bool:
    return wish.since <= span.latest and (wish.until is None or span.earliest <= wish.until + SLACK)


def _accepts(chat: Chat, span: Span) -> bool:
    return chat.gone_at is None or span.latest < chat.gone_at


def _shown(one: Heard) -> str:
    at = one.at.astimezone(BEIJING)
    return f"{at:%m-%d %H:%M} {one.number} {one.event}: {one.sent.headline}"
