"""What is wrong with the deployment itself, as a pure function of what is known of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from db.jobs import KILLED, LastRun, Mark
from db.telling.troubles import Waiting
from db.telling.watched import ColumnReads, Looks
from monitor.watch.stale import in_season, season_began, stale_columns

PORTAL_BROKEN = "portal-broken"
PORTAL_STALE = "portal-stale"
DELIVERY_STUCK = "delivery-stuck"
CHAT_REFUSED = "chat-refused"
DISK_FILLING = "disk-filling"
BACKUP_FAILED = "backup-failed"
VERIFY_FAILED = "verify-failed"
JOB_FAILED = "job-failed"
NOTHING_RAN = "nothing-ran"
NOTHING_READ = "nothing-read"
BOT_CONFLICT = "bot-conflict"
HOLIDAYS_UNKNOWN = "holidays-unknown"

OF_PORTALS = (PORTAL_BROKEN, PORTAL_STALE)  # their subject is a portal

# Subjects of nothing-ran.
LOOKS, OFF = "looks", "off"

BROKEN_LOOKS = 3
BROKEN_FOR = timedelta(days=1)
STUCK_FOR = timedelta(hours=1)
SILENT_FOR = timedelta(hours=36)  # in the season, without a look at any portal
UNREAD_FOR = timedelta(days=1)  # in the season, with nothing but looks that fail
OFF_FOR = timedelta(hours=12)  # a machine that sleeps at night is nothing to tell
BACKUP_FOR = timedelta(days=2)
CONFLICT_FOR = timedelta(hours=2)  # after the last time that another process was noticed
FULL_IN = timedelta(days=7)
GROWING_FOR = timedelta(days=2)  # so long a disk must have been growing before anything is made of it
ROOM_AGAIN = 1.1  # times the limit: so much must be free before a full disk is well again
MISSED_LOOKS = 24  # hours after a gap in which all that was missed is made good

_DAY = timedelta(days=1)


class PortalFacts(NamedTuple):
    """A portal of the settings: its looks, and the reads of each of its columns."""

    id: str
    name: str
    looks: Looks
    columns: Mapping[str, ColumnReads]

    @property
    def good_at(self) -> datetime | None:
        """When a look last read something."""
        return self.looks.good_at


class Refusing(NamedTuple):
    """A chat of the settings that refuses for good."""

    channel: str
    subscriber: str
    title: str
    at: datetime
    why: str


class Disk(NamedTuple):
    """Room, in bytes, where something of the deployment lies. measured: earlier (time, free), oldest first."""

    folder: str
    free: int
    measured: tuple[tuple[datetime, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. jobs: the last run of each but the crawls. last_backup: when the newest that is there was made.
    awake_since: since when the watch looks after itself every hour. off: from when to when it did not, where that has
    just ended. conflict: when another process was noticed that receives for the same bot. holidays: the years whose
    holidays are not known though they are needed. standing: what was wrong when it was looked last, with its since."""

    awake_since: datetime
    portals: tuple[PortalFacts, ...] = ()
    jobs: Mapping[str, LastRun] = field(default_factory=dict)
    stuck: tuple[Waiting, ...] = ()
    refusing: tuple[Refusing, ...] = ()
    disks: tuple[Disk, ...] = ()
    last_backup: datetime | None = None
    off: tuple[datetime, datetime] | None = None
    conflict: Mark | None = None
    holidays: tuple[int, ...] = ()
    standing: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    # Of the settings.
    stale_days: int = 7
    later_days: int = 7
    disk_free: int = 2048 << 20  # bytes
    makes_backups: bool = True


class Trouble(NamedTuple):
    """Something that is wrong. subject: what it is about, "" where there is but one. since: when it began. detail: what
    is said of it; a key that ends in _at has a time. until: None while it lasts; of what is over already, its end."""

    kind: str
    subject: str
    since: datetime
    detail: dict[str, object]
    until: datetime | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.subject


def troubles(facts: Facts, now: datetime) -> list[Trouble]:
    """All that is wrong now, by kind and subject. What was wrong before may need more to be well again than it needed
    to be wrong."""
    together = [*_nothing(facts, now)]
    found = [
        *together,
        *_portals(facts, now, is_all=any(one.until is None for one in together)),
        *_delivery(facts, now),
        *_refusing(facts),
        *_disks(facts, now),
        *_backup(facts, now),
        *_jobs(facts),
    ]
    if facts.conflict is not None and now - facts.conflict.at <= CONFLICT_FOR:
        found.append(_trouble(facts, BOT_CONFLICT, "", facts.conflict.at, {}))
    if facts.holidays:
        years = list(facts.holidays)
        found.append(_trouble(facts, HOLIDAYS_UNKNOWN, "", now, {"years": ", ".join(map(str, years))}))
    return sorted(found, key=lambda one: (one.kind, one.subject, one.since))


def season_limit(in_season_for: timedelta, later_days: float, now: datetime) -> timedelta:
    """How long something may lack: a shorter time in the season than later, when looks are days apart."""
    return in_season_for if in_season(now) else timedelta(days=later_days)


def since_season(at: datetime, now: datetime) -> datetime:
    """A moment; in the season not before its beginning: until then looks were days apart."""
    return max(at, season_began(now)) if in_season(now) else at


def _trouble(facts: Facts, kind: str, subject: str, since: datetime, detail: dict[str, object]) -> Trouble:
    """One that lasts has begun when it was first seen."""
    return Trouble(kind, subject, facts.standing.get((kind, subject), since), detail)


# That nothing runs, or nothing is read


def _nothing(facts: Facts, now: datetime) -> Iterator[Trouble]:
    if facts.off is not None and facts.off[1] - facts.off[0] >= OFF_FOR:
        begin, end = facts.off
        yield Trouble(NOTHING_RAN, OFF, begin, {"form": "nothing-ran-off"}, end)
    if not facts.portals:
        return
    last = max((p.looks.last_at for p in facts.portals if p.looks.last_at), default=facts.awake_since)
    limit = season_limit(SILENT_FOR, 2 * facts.later_days, now)
    was_caught_up = now - facts.awake_since >= timedelta(hours=MISSED_LOOKS)
    before = facts.standing.get((NOTHING_RAN, LOOKS))
    if last <= before if before else was_caught_up and now - since_season(last, now) > limit:
        yield _trouble(facts, NOTHING_RAN, LOOKS, last, {"last_at": last.isoformat()})
        return
    failing = [p for p in facts.portals if p.looks.bad]
    lately = [p for p in failing if p.looks.bad_at and now - p.looks.bad_at <= limit]
    good = max((p.looks.good_at for p in facts.portals if p.looks.good_at), default=None)
    first = min((p.looks.bad_since for p in failing if p.looks.bad_since), default=now)
    since = good or first
    before = facts.standing.get((NOTHING_READ, ""))
    unread_for = season_limit(UNREAD_FOR, facts.later_days, now)
    is_new = was_caught_up and len(lately) > 1 and now - since_season(max(since, first), now) > unread_for
    if (good is None or good <= before) if before else is_new:
        said = max(lately or failing, key=lambda p: (p.looks.bad_at or now, p.id), default=None)
        detail = {"count": len(failing), "last_at": since.isoformat(), "said": said.looks.said if said else ""}
        yield _trouble(facts, NOTHING_READ, "", since, detail)


# Portals


def _portals(facts: Facts, now: datetime, *, is_all: bool) -> Iterator[Trouble]:
    """is_all: nothing runs or is read, which says more than a line for each portal."""
    for portal in facts.portals:
        looks, key = portal.looks, (PORTAL_BROKEN, portal.id)
        limit = season_limit(BROKEN_FOR, facts.later_days, now)
        if looks.bad and looks.bad_since is not None:
            is_broken = looks.bad >= BROKEN_LOOKS and now - looks.bad_since > limit and not is_all
            if key in facts.standing or is_broken:
                form = {"form": "portal-refused"} if looks.was_refused else {}
                seen = {"name": portal.name, "count": looks.bad, "begun_at": looks.bad_since.isoformat()}
                yield _trouble(facts, *key, looks.bad_since, form | seen | {"said": looks.said})
                continue  # then its columns are stale by and by, and nobody needs to be told
        key = (PORTAL_STALE, portal.id)
        stale = _stale(facts, portal, now)
        if stale and (key in facts.standing or (not is_all and now - facts.awake_since >= _DAY)):
            url, at = next(iter(stale.items()))
            detail: dict[str, object] = {
                "name": portal.name,
                "count": len(stale),
                "of": len(portal.columns),
                "url": url,
            }
            detail |= {"read_at": at.isoformat()} if at else {"form": "portal-never-read"}
            yield _trouble(facts, *key, at or looks.first_at or now, detail)


def _stale(facts: Facts, portal: PortalFacts, now: datetime) -> dict[str, datetime | None]:
    """The stale columns; one that was never read well is stale once it could have been for so many days."""
    begun = portal.looks.first_at
    if begun is None:
        return {}
    stale = stale_columns({url: reads.good_at for url, reads in portal.columns.items()}, facts.stale_days, now)
    if now - begun <= timedelta(days=facts.stale_days):
        stale = {url: at for url, at in stale.items() if at is not None}
    return stale


# Telling


def _delivery(facts: Facts, now: datetime) -> Iterator[Trouble]:
    if now - facts.awake_since < STUCK_FOR:
        return  # what waited while nothing ran is only just being sent
    for stuck in facts.stuck:
        if stuck.until is not None and stuck.until - now > STUCK_FOR:
            detail: dict[str, object] = {"form": "delivery-paused", "until_at": stuck.until.isoformat()}
            yield _trouble(facts, DELIVERY_STUCK, stuck.channel, now, detail | {"said": stuck.why})
        elif stuck.messages and stuck.since is not None and now - stuck.since >= STUCK_FOR:
            detail = {"count": stuck.messages, "chats": stuck.chats, "oldest_at": stuck.since.isoformat()}
            yield _trouble(facts, DELIVERY_STUCK, stuck.channel, stuck.since, detail | {"said": stuck.error})


def _refusing(facts: Facts) -> Iterator[Trouble]:
    for chat in facts.refusing:
        name = f"{chat.title} ({chat.subscriber})" if chat.title else chat.subscriber
        detail: dict[str, object] = {"chat": name, "refused_at": chat.at.isoformat(), "said": chat.why}
        yield _trouble(facts, CHAT_REFUSED, f"{chat.channel} {chat.subscriber}", chat.at, detail)


# Disks and jobs


def _disks(facts: Facts, now: datetime) -> Iterator[Trouble]:
    for disk in facts.disks:
        is_standing = (DISK_FILLING, disk.folder) in facts.standing
        limit = facts.disk_free * (ROOM_AGAIN if is_standing else 1)
        free = {"free": f"{disk.free / 2**20:,.0f}"}
        if disk.free < limit:
            room = f"{facts.disk_free / 2**20:,.0f}"
            yield _trouble(facts, DISK_FILLING, disk.folder, now, {**free, "limit": room})
        elif (left := full_in(disk, now)) is not None and left <= FULL_IN * (1.5 if is_standing else 1):
            days = max(1, round(left / _DAY))
            yield _trouble(facts, DISK_FILLING, disk.folder, now, {"form": "disk-growing", **free, "days": days})


def full_in(disk: Disk, now: datetime) -> timedelta | None:
    """When a disk is full if it goes on as it did: since the first measurement, and in the last day, whichever is
    slower, so that one large file is no growth. None where it does not grow, or that is not known."""
    earlier = [(at, free) for at, free in disk.measured if now - at >= _DAY]
    if not earlier or now - earlier[0][0] < GROWING_FOR:
        return None
    times = []
    for at, free in (earlier[0], earlier[-1]):
        used = free - disk.free
        if used <= 0:
            return None
        times.append((now - at) * (disk.free / used))
    return max(times)


def _backup(facts: Facts, now: datetime) -> Iterator[Trouble]:
    if not facts.makes_backups:
        return
    last = facts.last_backup
    known: dict[str, object] = {"good_at": last.isoformat()} if last else {}
    run = facts.jobs.get("backup")
    if run is not None and _has_failed(run):
        form = {} if last else {"form": "backup-failed-none"}
        detail = {**form, **known, "said": run.detail or "", "failed_at": (run.ended_at or run.started_at).isoformat()}
        yield _trouble(facts, BACKUP_FAILED, "", run.ended_at or run.started_at, detail)
    elif now - facts.awake_since >= _DAY and now - (last or facts.awake_since) > BACKUP_FOR:
        form = {"form": "backup-old" if last else "backup-none"}
        yield _trouble(facts, BACKUP_FAILED, "", last or facts.awake_since, form | known)


def _jobs(facts: Facts) -> Iterator[Trouble]:
    for name, run in facts.jobs.items():
        failed_at = run.ended_at or run.started_at
        detail: dict[str, object] = {
            "count": run.failures,
            "said": run.detail or "",
            "failed_at": failed_at.isoformat(),
        }
        if name == "verify":
            if _has_failed(run):
                yield _trouble(facts, VERIFY_FAILED, "", failed_at, detail)
        elif name not in ("backup", "crawl") and run.failures > 1:
            form = {"form": "judge-failed"} if name == "judge" else {}
            yield _trouble(facts, JOB_FAILED, name, failed_at, form | detail)


def _has_failed(run: LastRun) -> bool:
    """Whether the last run that ended came to nothing; one that was killed once may have been ended with the watch."""
    return bool(run.failures) and (run.outcome != KILLED or run.failures > 1)
