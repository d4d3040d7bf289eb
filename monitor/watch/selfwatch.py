"""The deployment looks after itself: what is wrong is told once to those who keep it, and what is not watched to those
who wait for it. Once an hour, by the watch.

What is wrong is a pure function of the facts (monitor/watch/troubles.py, interruptions.py); what was wrong and whom it
was told stands in the archive, in the transaction of the messages.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, Protocol

from db.archive import Archive
from db.connection import folder_of
from db.jobs import Mark
from db.keeping import backup
from db.records import Message
from db.telling.records import Subscriber
from db.telling.troubles import INTERRUPTED, Kept, about
from db.telling.watched import Watched
from monitor.calendar import unknown_years
from monitor.config import Config, Language
from monitor.telling.messages import TELEGRAM
from monitor.watch import interruptions, lasting
from monitor.watch.trouble_words import FEW, Said, can_be_many, of_interruption, of_many, of_step
from monitor.watch.troubles import (
    CHAT_REFUSED,
    DISK_FILLING,
    NOTHING_RAN,
    NOTHING_READ,
    OF_PORTALS,
    SILENT_FOR,
    STUCK_FOR,
    Disk,
    Facts,
    PortalFacts,
    Refusing,
    Trouble,
    season_limit,
    troubles,
)

__all__ = ["BOT_CONFLICT_MARK", "facts_of", "look_after", "troubles"]

BOT_CONFLICT_MARK = "bot-conflict"
"""Marked (archive.jobs.mark) whenever Telegram says that another process receives for the same bot."""

ALIVE_MARK = "alive"
LOOKED_MARK, AWAKE_MARK, DISK_MARK = "looked after", "awake since", "room"
MONITORING = "monitoring"  # what messages about interruptions are about

_MISSED = timedelta(hours=2)  # without a look after ourselves: we were not awake all the time
_ALIVE_NOW = timedelta(minutes=5)
_MEASURED = 8  # days of which the room on the disks is remembered


class WatchedColumn(Protocol):
    """A column of a portal file."""

    @property
    def url(self) -> str: ...


class WatchedPortal(Protocol):
    """What is to be known of a portal: crawler.portal.Portal has it."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def columns(self) -> Sequence[WatchedColumn]: ...


class _News(NamedTuple):
    """Troubles to be written down, and the messages about them."""

    kept: list[Kept]
    messages: list[Message]


def look_after(archive: Archive, config: Config, now: datetime, portals: Iterable[WatchedPortal] | None = None) -> None:
    """See what is wrong, and write it down with the messages about it; once more changes nothing.

    portals: those of the settings; None: their files are read, which takes a while where there are many. Raises
    ArchiveError, with nothing written.
    """
    facts = facts_of(archive, config, now, list(portals) if portals is not None else _portals(config))
    current, kept = troubles(facts, now), archive.troubles.standing()
    news = [_to_maintainers(archive, config, facts, current, kept, now)]
    news.append(_to_subscribers(archive, config, facts, current, kept, now))
    with archive.write():  # only now, so that others need not wait for the rest
        archive.outbox.forget_wrong_times(now)
        for one in news:
            archive.troubles.put(one.kept)
            archive.outbox.put(one.messages, now)
        _remember(archive, facts, now)


def facts_of(archive: Archive, config: Config, now: datetime, portals: Sequence[WatchedPortal]) -> Facts:
    """What is known of a deployment at a moment."""
    watched, marks = Watched(archive), archive.jobs.marks()
    looks = watched.looks(portal.id for portal in portals)
    columns = watched.columns({portal.id: [column.url for column in portal.columns] for portal in portals})
    awake, off = _awake(marks, now)
    backups = config.backup_folder or folder_of(archive.path)
    return Facts(
        awake_since=awake,
        portals=tuple(PortalFacts(p.id, p.name, looks[p.id], columns[p.id]) for p in portals),
        jobs={job.name: run for job, run in archive.jobs.last().items() if not job.subject},
        stuck=tuple(archive.troubles.stuck(now, now - STUCK_FOR)),
        refusing=tuple(
            Refusing(TELEGRAM, chat.subscriber, chat.title or "", chat.gone_at, chat.gone_why or "")
            for chat in _chats(archive, config).values()
            if chat is not None and chat.gone_at is not None
        ),
        disks=tuple(_disks((archive.path, archive.documents.folder, backups), marks)),
        last_backup=_last_backup(archive.path, backups, now),
        off=off,
        conflict=marks.get(BOT_CONFLICT_MARK),
        holidays=unknown_years(now),
        standing={(one.kind, one.subject): one.since for one in archive.troubles.standing() if one.kind != INTERRUPTED},
        stale_days=config.doctor.stale_days,
        later_days=config.schedule.later_days,
        disk_free=config.watch.disk_free_mb << 20,
        makes_backups=bool(config.schedule.backup),
    )


# Facts


def _portals(config: Config) -> Sequence[WatchedPortal]:
    from monitor.crawling import deployment_portals

    return deployment_portals(config)


def _awake(marks: Mapping[str, Mark], now: datetime) -> tuple[datetime, tuple[datetime, datetime] | None]:
    """Since when we look after ourselves without a gap; and the gap that has just ended, if one has: from the last sign
    of life, which is the last look where there is a fresh one already."""
    looked, alive = marks.get(LOOKED_MARK), marks.get(ALIVE_MARK)
    if looked is None:
        return now, None
    if now - looked.at <= _MISSED:
        awake = marks.get(AWAKE_MARK)
        return (awake.at if awake else looked.at), None
    last = max(looked.at, alive.at) if alive is not None and now - alive.at > _ALIVE_NOW else looked.at
    return now, (min(last, now), now)


def _chats(archive: Archive, config: Config) -> dict[str, Subscriber | None]:
    """The chats of the settings by the numbers that they have now, each with what is known of it."""
    telegram = config.telegram
    found: dict[str, Subscriber | None] = {}
    for chat in map(str, (*telegram.chats, *telegram.public, *telegram.maintainers)):
        known = _chat(archive, chat)
        found[known.subscriber if known else chat] = known
    return found


def _chat(archive: Archive, chat: str) -> Subscriber | None:
    """A chat of the settings, with the number that it has now; None where nothing is known of it."""
    seen: set[str] = set()
    known = archive.subscribers.get(TELEGRAM, chat)
    while known is not None and known.moved_to is not None and known.moved_to not in seen:
        seen.add(known.subscriber)
        later = archive.subscribers.get(TELEGRAM, known.moved_to)
        if later is None:
            break
        known = later
    return known


def _disks(places: Iterable[Path], marks: Mapping[str, Mark]) -> Iterator[Disk]:
    """Each disk once, under the first of the places that lies on it."""
    measured = json.loads(marks[DISK_MARK].detail) if DISK_MARK in marks else {}
    seen: set[int] = set()
    for place in places:
        try:
            there = next((path for path in (place, *place.absolute().parents) if path.is_dir()), None)
            if there is None or (device := there.stat().st_dev) in seen:
                continue
            free = shutil.disk_usage(there).free
        except OSError:  # a folder that we may not look into, a disk that fails: whoever writes there says so
            continue
        seen.add(device)
        earlier = tuple((datetime.fromisoformat(at), then) for at, then in measured.get(str(there), []))
        yield Disk(str(there), free, earlier)


def _last_backup(archive: Path, folder: Path, now: datetime) -> datetime | None:
    """None, too, where the folder may not be looked into: then no backup is of any use."""
    try:
        own = [b.made_at for b in backup.listed(folder) if b.archive == str(archive.resolve()) and b.is_there]
    except OSError:
        return None
    return max((at for at in own if at <= now), default=None)


def _remember(archive: Archive, facts: Facts, now: datetime) -> None:
    """What the next look must know."""
    archive.jobs.mark(LOOKED_MARK, now)
    archive.jobs.mark(AWAKE_MARK, facts.awake_since)
    last = archive.jobs.marks().get(DISK_MARK)
    if last is None or now - last.at >= timedelta(days=1):
        measured = {disk.folder: [*disk.measured, (now, disk.free)][-_MEASURED:] for disk in facts.disks}
        rows = {folder: [[at.isoformat(), free] for at, free in times] for folder, times in measured.items()}
        archive.jobs.mark(DISK_MARK, now, json.dumps(rows))


# Maintainers


def _to_maintainers(
    archive: Archive, config: Config, facts: Facts, current: Sequence[Trouble], kept: Sequence[Kept], now: datetime
) -> _News:
    hearers = _maintainers(archive, config)
    portals, disks = {portal.id for portal in facts.portals}, {disk.folder for disk in facts.disks}
    chats = {f"{TELEGRAM} {chat}" for chat in _chats(archive, config)}

    def is_known(one: Kept) -> bool:
        if one.kind in OF_PORTALS:
            return one.subject in portals
        if one.kind == CHAT_REFUSED:
            return one.subject in chats
        return one.kind != DISK_FILLING or one.subject in disks

    standing = [one for one in kept if one.kind != INTERRUPTED]
    steps = lasting.steps(standing, current, now, is_known=is_known, is_heard=bool(hearers))
    unsent = archive.troubles.unsent()
    messages = []
    for some in _together([step for step in steps if step.told is not None]):
        first = some[0].kept
        fingerprint = about(first.kind, first.subject if len(some) == 1 else "")
        event = _event(some[0], now if len(some) > 1 else first.since)
        said: dict[Language, Said] = {}
        for chat, language in hearers.items():
            if some[0].told == "lasts" and (TELEGRAM, chat, fingerprint) in unsent:
                continue  # it has not heard of the beginning yet
            if language not in said:
                said[language] = of_step(some[0], language) if len(some) == 1 else of_many(some, language)
            messages.append(Message(chat, TELEGRAM, fingerprint, event, *said[language]))
    return _News([step.kept for step in steps], messages)


def _together(steps: Sequence[lasting.Step]) -> Iterator[list[lasting.Step]]:
    """Those that are told in one message."""

    def of(step: lasting.Step) -> tuple[str, str]:
        return step.kept.kind, str(step.told)

    for (kind, _), group in groupby(sorted(steps, key=of), of):
        some = list(group)
        if len(some) > FEW and can_be_many(kind):
            yield some
        else:
            yield from ([one] for one in some)


def _event(step: lasting.Step, since: datetime) -> str:
    """What makes this message another than those before about the same."""
    ends = {"lasts": f", day {step.days}", "ends": ", over", "was": ", over"}
    return f"since {since.isoformat(timespec='seconds')}{ends.get(str(step.told), '')}"


def _maintainers(archive: Archive, config: Config) -> dict[str, Language]:
    """The chats of the maintainers that accept, each with its language."""
    found: dict[str, Language] = {}
    for chat in map(str, config.telegram.maintainers):
        known = _chat(archive, chat)
        if known is None:
            found[chat] = config.telegram.language
        elif known.gone_at is None:
            found[known.subscriber] = known.language or config.telegram.language
    return found


# Subscribers


def _to_subscribers(
    archive: Archive, config: Config, facts: Facts, current: Sequence[Trouble], kept: Sequence[Kept], now: datetime
) -> _News:
    standing = {one.subject: one for one in kept if one.kind == INTERRUPTED}
    before: dict[str, datetime] = {}
    for one in standing.values():
        for portal, since in interruptions.told_of(one).items():
            before[portal] = min(since, before.get(portal, since))
    unwatched = interruptions.unwatched(facts.portals, now, before, _nothing_since(facts, current, now))
    if not unwatched and not standing:
        return _News([], [])
    names = {portal.id: portal.name for portal in facts.portals}
    hearers, concerned = {}, {}
    for chat, reach in _reached(archive, unwatched, is_all=len(unwatched) == len(names)):
        subject = f"{chat.channel} {chat.subscriber}"
        hearers[subject] = chat
        concerned[subject] = {portal: unwatched[portal] for portal in reach}
    said: dict[tuple[object, ...], Said] = {}
    messages = []
    steps = interruptions.steps(standing, concerned, names, now)
    for step in steps:
        if step.told is None:
            continue
        chat = hearers[step.kept.subject]
        language: Language = chat.language or config.telegram.language
        key = (language, step.told, step.kept.since, *sorted(step.unwatched.items()), *sorted(step.back.items()))
        if key not in said:
            said[key] = of_interruption(step, names, now, language)
        event = f"{step.told} {now.isoformat(timespec='seconds')}"
        messages.append(Message(chat.subscriber, chat.channel, MONITORING, event, *said[key]))
    return _News([step.kept for step in steps], messages)


def _reached(
    archive: Archive, unwatched: Mapping[str, datetime], *, is_all: bool
) -> Iterator[tuple[Subscriber, frozenset[str]]]:
    """Who accepts and waits for something, with which of the portals that are not watched concern it."""
    known = [
        (chat, filters)
        for chat, filters in archive.subscribers.with_filters()
        if filters and chat.audience != "none" and chat.gone_at is None
    ]
    watched = Watched(archive)
    agencies = {one.agency_id for _, filters in known for one in filters if one.agency_id}
    # Where nothing is watched at all, it need not be asked what concerns whom.
    reach = interruptions.Reach(
        unwatched, {} if is_all else watched.carried(unwatched), [] if is_all else watched.anywhere(agencies)
    )
    for chat, filters in known:
        yield chat, reach.of(filters)


def _nothing_since(facts: Facts, current: Iterable[Trouble], now: datetime) -> datetime | None:
    """Since when nothing at all runs or is read; None where something does, or the gap was a short one."""
    since = [one.since for one in current if one.kind in (NOTHING_RAN, NOTHING_READ) and one.until is None]
    if facts.off is not None and facts.off[1] - facts.off[0] >= season_limit(SILENT_FOR, 2 * facts.later_days, now):
        since.append(facts.off[0])
    return min(since, default=None)
