"""How fast a channel may be sent to, so that it need not ask us to wait. Pure: the time is handed in.

Telegram's limits (core.telegram.org/bots/faq, "My bot is hitting limits"): one message a second to a chat, twenty a
minute to a group, about thirty a second over all. We stay below them: what the bot answers counts there as well.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

_LONG_AGO = timedelta(minutes=2)  # longer than any span below: who was not sent to since is like a new one
_SWEEP_AT = 1000  # chats


@dataclass(frozen=True, slots=True)
class Limits:
    """chat: between two messages to one chat. group: (messages, within). over_all: the same, to all chats together."""

    chat: timedelta = timedelta(seconds=1.1)
    group: tuple[int, timedelta] = (18, timedelta(seconds=61))
    over_all: tuple[int, timedelta] = (25, timedelta(seconds=1))


class Pace:
    """Keeps when what was sent, and says when the next may be."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._chats: dict[str, deque[datetime]] = {}
        self._all: deque[datetime] = deque(maxlen=self._limits.over_all[0])

    def next_for(self, subscriber: str, now: datetime) -> datetime:
        """When a chat may be sent to, as far as its own limits go; `now` or later."""
        times = self._chats.get(subscriber)
        if not times:
            return now
        free = times[-1] + self._limits.chat
        most, within = self._limits.group
        if is_group(subscriber) and len(times) >= most:
            free = max(free, times[-most] + within)
        return max(now, free)

    def next_at_all(self, now: datetime) -> datetime:
        """When anything may be sent; `now` or later."""
        most, within = self._limits.over_all
        return max(now, self._all[0] + within) if len(self._all) >= most else now

    def sent(self, subscriber: str, at: datetime) -> None:
        """Something is sent to a chat, whatever becomes of it."""
        if len(self._chats) >= _SWEEP_AT and subscriber not in self._chats:
            self._chats = {chat: times for chat, times in self._chats.items() if times[-1] > at - _LONG_AGO}
        self._chats.setdefault(subscriber, deque(maxlen=self._limits.group[0])).append(at)
        self._all.append(at)


def is_group(subscriber: str) -> bool:
    """Whether a chat is a group or a channel: their numbers are negative, or they go by an @name."""
    return subscriber.startswith(("-", "@"))
