"""An archive and a channel whose process may die at any instant of its life."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from db.archive import Archive
from monitor.channels import Channel, Outgoing, SendError

Key = tuple[str, str]
"""A chat and a text."""


class Killed(BaseException):
    """The process is no more: whatever it still tries comes to nothing."""


@dataclass(slots=True)
class Life:
    """Counts the instants of a process, and ends it at one of them.

    begun: messages that are written down as being sent, by number. on_way: (chat, text) that the channel is sending, or
    has sent without that being written down. kills: what was on its way at each kill and had arrived by then. lost:
    (chat, text) that arrived while the channel said that it failed.
    """

    dies_at: int | None = None
    instants: int = 0
    is_dead: bool = False
    on_way: dict[Key, int] = field(default_factory=dict)
    lost: list[Key] = field(default_factory=list)
    maybe_heard: set[tuple[str, str]] = field(default_factory=set)

    def tick(self) -> None:
        self.instants += 1
        if self.is_dead or self.instants == self.dies_at:
            self.is_dead = True
            raise Killed


class MortalTable:
    """A face of the archive, with an instant before and after each call."""

    def __init__(self, table: Any, life: Life) -> None:
        self._table = table
        self._life = life

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call, life = getattr(self._table, name), self._life

        def one(*args: Any, **kwargs: Any) -> Any:
            life.tick()
            result = call(*args, **kwargs)
            if name == "begin" and result:
                life.maybe_heard.add((args[0]["subscriber"], args[0]["fingerprint"]))
            elif name == "put_back" and not args[0]["attempts"] and args[0]["error"] is None:
                life.maybe_heard.discard((args[0]["subscriber"], args[0]["fingerprint"]))
            elif name == "mark_sent":
                text = self._table.rows([args[0]])[0]
                life.on_way.pop((text["subscriber"], text["text"]), None)
            life.tick()
            return result

        return one


class MortalArchive:
    """As much of an archive as a courier uses."""

    def __init__(self, archive: Archive, life: Life) -> None:
        self.outbox = MortalTable(archive.outbox, life)
        self.subscribers = MortalTable(archive.subscribers, life)
        self.pace = archive.pace


class MortalChannel:
    """A channel, with an instant before and after each send; it knows what arrived though it failed.

    arrived: how often a text has arrived in a chat so far.
    """

    def __init__(self, channel: Channel, life: Life, arrived: Callable[[Key], int]) -> None:
        self.name = channel.name
        self._channel = channel
        self._life = life
        self._arrived = arrived

    async def __aenter__(self) -> Self:
        self._life.tick()
        await self._channel.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.__aexit__(kind, error, trace)

    async def send(self, subscriber: str, message: Outgoing) -> str | None:
        key = (subscriber, message.text)
        before = self._arrived(key)
        self._life.tick()
        self._life.on_way[key] = before
        try:
            remote = await self._channel.send(subscriber, message)
        except SendError:
            del self._life.on_way[key]
            self._life.lost += [key] * (self._arrived(key) - before)
            self._life.tick()
            raise
        self._life.tick()
        return remote

    def at_death(self) -> list[Key]:
        """What has arrived without that being written down."""
        return [key for key, before in self._life.on_way.items() if self._arrived(key) > before]
