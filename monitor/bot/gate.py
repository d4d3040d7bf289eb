"""How much a chat and a person may ask: by the clock that is handed in, and what came twice is done once."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

MOST_KEPT = 10_000  # chats, persons and updates that are remembered
OLD = timedelta(minutes=5)
"""What was asked longer ago has waited while we were off."""


class Passage(Enum):
    """Whether somebody may ask now. TELL: no, and it is to be said once."""

    GO = "go"
    TELL = "tell"
    SILENT = "silent"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime
    is_told: bool = False


class Buckets:
    """One bucket of tokens for each key. size: how many questions at once; refill: seconds for one more."""

    def __init__(self, size: int, refill: float) -> None:
        self._size = size
        self._refill = refill
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def take(self, key: Hashable, now: datetime) -> Passage:
        """Take one. A key that has none left is told so once, until its bucket was full again."""
        bucket = self._buckets.setdefault(key, _Bucket(self._size, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        # A clock that was set back gives nothing, and takes nothing.
        passed = max(0.0, (now - bucket.at).total_seconds())
        bucket.tokens = min(self._size, bucket.tokens + passed / self._refill)
        bucket.at = now
        if bucket.tokens == self._size:
            bucket.is_told = False
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return Passage.GO
        is_told, bucket.is_told = bucket.is_told, True
        return Passage.SILENT if is_told else Passage.TELL


class Recent:
    """What was there lately, so that it is known when it comes again."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, None] = OrderedDict()

    def is_new(self, key: Hashable) -> bool:
        """Whether this comes for the first time; from now on it does not."""
        if key in self._kept:
            return False
        self._kept[key] = None
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return True


class Gate:
    """All limits of one bot. A group has many people, and so more room than each of them."""

    def __init__(self) -> None:
        self._chats = Buckets(size=20, refill=3.0)
        self._people = Buckets(size=10, refill=6.0)
        self.updates = Recent()
        self._waited: dict[tuple[int, str], datetime] = {}
        self.strangers = Recent()

    def pass_by(self, chat: int, person: int | None, now: datetime) -> Passage:
        """Whether a person may ask something in a chat now. person: None where nobody can be told apart."""
        if person is not None and person != chat:
            of_person = self._people.take(person, now)
            if of_person is not Passage.GO:
                return of_person
            return self._chats.take(chat, now)
        return (self._people if person == chat else self._chats).take(chat, now)

    def is_repeated(self, chat: int, text: str, sent_at: datetime, now: datetime) -> bool:
        """Whether this has waited while we were off, and the same was asked in this chat and is answered already."""
        if now - sent_at <= OLD:
            return False
        self._waited = {key: at for key, at in self._waited.items() if now - at <= OLD}
        is_there = (chat, text) in self._waited
        self._waited.setdefault((chat, text), now)
        return is_there
