"""The weekly digest: what a subscriber was told, what was taken back, what stands, and how well was looked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from db.archive import Archive
from db.records import Message
from db.telling.digests import DIGEST, Digests, Heard, Line
from db.telling.records import Subscriber
from db.telling.troubles import INTERRUPTED, Kept
from db.telling.watched import Watched
from monitor.calendar import beijing_day
from monitor.catalogue.dates import day_words, moment_words
from monitor.config import Config, Language
from monitor.telling.fitting import MOST_OF_BOTH, MOST_OF_CAPTION, units
from monitor.telling.messages import in_languages
from monitor.telling.wording import Words, pair, words
from monitor.watch.interruptions import told_of, were_back
from monitor.watch.stale import in_season

LISTED = 3  # findings that stand in the message itself; more in a file that goes with it
NAMED = 5  # portals that are named in it
WEEK = timedelta(days=7)
NEW = timedelta(days=1)
"""Who is known for less than this has its first digest a week later."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# A portal's name, from when to when it was not watched; None: it still is not.
Gap = tuple[str, datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class Digest:
    """What is said to one subscriber. told, back, standing: findings by number: told in this time, told to hold no
    longer, told ever and still listed. lines: those of them that may be listed. held, unreleased: how many wait for a
    person, None where that is not said. good, bad, portals: looks that read something, that did not, portals that were
    read."""

    begin: datetime
    end: datetime
    told: Sequence[str] = ()
    back: Sequence[str] = ()
    standing: Sequence[str] = ()
    lines: dict[str, Line] = field(default_factory=dict)
    held: int | None = None
    unreleased: int | None = None
    looks: tuple[int, int, int] = (0, 0, 0)
    gaps: Sequence[Gap] = ()

    @property
    def says_something(self) -> bool:
        """Whether anything happened that concerns the subscriber."""
        return bool(self.told or self.back or self.gaps)


def queue_digest(archive: Archive, config: Config, now: datetime) -> int:
    """Write the digest of each subscriber, of the time since its last one; how many are new. Once more in the same week
    writes none. In the season each subscriber has one; later only who has something to read."""
    day = digest_day(config.schedule.digest, now)
    known = [
        (chat, filters)
        for chat, filters in archive.subscribers.with_filters()
        if filters and chat.audience != "none" and chat.gone_at is None
    ]
    has_public = any(chat.audience == "public" for chat, _ in known)
    held = sum(archive.life.held_by_rule().values())
    queued = 0
    for chat, _ in known:
        last = Digests(archive).last(*chat.key)
        if last is not None and last[0] >= day.isoformat():
            continue
        if last is None and now - chat.since < NEW:
            continue
        begin = last[1] if last else max(chat.since, now - WEEK - NEW)
        digest = _digest(archive, chat, begin, now, held=held, has_public=has_public)
        if not (digest.says_something or in_season(now)):
            continue
        text, document = digest_text(digest, chat.language or config.telegram.language)
        message = Message(chat.subscriber, chat.channel, DIGEST, day.isoformat(), text, document)
        queued += archive.outbox.put([message], now)
    return queued


def digest_day(setting: str, now: datetime) -> date:
    """The day in Beijing for which a digest that is written now is: the last one that the settings name ("Mon 09:00";
    "": Monday)."""
    today = beijing_day(now)
    weekday = _WEEKDAYS.index(setting[:3]) if setting else 0
    return today - timedelta(days=(today.weekday() - weekday) % 7)


def _digest(
    archive: Archive, chat: Subscriber, begin: datetime, end: datetime, *, held: int, has_public: bool
) -> Digest:
    digests, watched, is_desk = Digests(archive), Watched(archive), chat.audience == "desk"
    heard = digests.heard(*chat.key)
    lines = digests.lines((one.fingerprint for one in heard), end)
    # What it was told and is not told to anybody by now is not said again, but that it does not hold.
    for one in heard:
        if one.is_standing and one.fingerprint in lines and lines[one.fingerprint].is_quiet:
            del lines[one.fingerprint]
    if not is_desk:
        # What it says by now a person may not have released.
        lines = {number: line for number, line in lines.items() if line.is_released or not line.needs_release}
    standing = [one.fingerprint for one in heard if one.is_standing and _stands(lines, one)]
    muted = digests.muted(*chat.key, end)
    return Digest(
        begin,
        end,
        [one.fingerprint for one in heard if one.told_at is not None and begin < one.told_at <= end],
        [one.fingerprint for one in heard if one.back_at is not None and begin < one.back_at <= end],
        standing,
        {number: line for number, line in lines.items() if number not in muted},
        held if is_desk else None,
        sum(lines[number].needs_release and not lines[number].is_released for number in standing)
        if is_desk and has_public
        else None,
        watched.looks_between(begin, end),
        _gaps(archive.troubles.between(begin, end), f"{chat.channel} {chat.subscriber}", watched.names(), begin),
    )


def _stands(lines: dict[str, Line], heard: Heard) -> bool:
    return heard.fingerprint in lines and lines[heard.fingerprint].is_open


def _gaps(troubles: Sequence[Kept], subject: str, names: dict[str, str], begin: datetime) -> list[Gap]:
    found: list[Gap] = []
    for kept in troubles:
        if (kept.kind, kept.subject) == (INTERRUPTED, subject):
            over = ((portal, *span) for portal, span in were_back(kept).items() if span[1] > begin)
            found += [(names.get(portal, portal), since, until) for portal, since, until in over]
            found += [(names.get(portal, portal), since, None) for portal, since in told_of(kept).items()]
    return sorted(found, key=lambda gap: (gap[1], gap[0]))


# In words


def digest_text(digest: Digest, language: Language) -> tuple[str, tuple[str, str] | None]:
    """The text of a digest, and the file that goes with it, as (name, text), where there is a list."""
    before = [number for number in digest.standing if number not in digest.told]
    sections = [
        section
        for key, numbers in (("told", digest.told), ("back", digest.back), ("standing", before))
        if (section := _section(key, [digest.lines[number] for number in numbers if number in digest.lines]))
    ]
    parts = [
        words("digest-headline", **pair("begin", _day(digest.begin)), **pair("end", _day(digest.end))),
        words("digest-told", count=len(digest.told)) if digest.told else words("digest-told-none"),
    ]
    if digest.back:
        parts.append(words("digest-back", count=len(digest.back)))
    if digest.standing:
        parts.append(words("digest-standing", count=len(digest.standing)))
    if digest.unreleased:
        parts.append(words("digest-unreleased", count=digest.unreleased))
    if digest.held:
        parts.append(words("digest-held", count=digest.held))
    how_looked = [*_looks(digest), *_interruptions(digest)]
    if not sections:
        return in_languages([*parts, *how_looked], language), None
    listed = [line for section in sections for line in section] + [words("digest-list-end")]
    text = in_languages([*parts, *how_looked, *listed], language)
    if len(digest.told) + len(digest.back) + len(before) <= LISTED and units(text) <= MOST_OF_BOTH:
        return text, None
    name = f"digest-{beijing_day(digest.end).isoformat()}.txt"
    text = in_languages([*parts, *how_looked, words("digest-list")], language)
    if units(text) > MOST_OF_CAPTION:
        text = in_languages([*parts, words("digest-list")], language)
        listed = [*how_looked, *listed]
    return text, (name, in_languages(listed, language) + "\n")


def _section(key: str, lines: Sequence[Line]) -> list[Words]:
    if not lines:
        return []
    return [words(f"digest-list-{key}"), *(words("digest-line", **line._asdict()) for line in lines)]


def _looks(digest: Digest) -> list[Words]:
    good, bad, portals = digest.looks
    if not good:
        return [words("digest-looks-none")]
    return [words("digest-looks", good=good, bad=bad, portals=portals)]


def _interruptions(digest: Digest) -> list[Words]:
    if not digest.gaps:
        return [words("digest-uninterrupted")] if digest.looks[0] else []
    found = [words("digest-interrupted", count=len(digest.gaps))]
    for name, since, until in digest.gaps[:NAMED]:
        fields = {"name": name, **pair("since", moment_words(since))}
        if until is None:
            found.append(words("digest-interrupted-still", **fields))
        else:
            found.append(words("digest-interrupted-portal", **fields, **pair("until", moment_words(until))))
    if more := len(digest.gaps) - NAMED:
        found += [words("digest-more", count=more)] if more > 0 else []
    return found


def _day(moment: datetime) -> Words:
    return day_words(beijing_day(moment))
