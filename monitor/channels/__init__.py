"""Ways to reach people. A channel sends one message to one subscriber, and says in one kind of error why not."""

from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Literal, Protocol, Self

# What an error is about, and so what else need not be tried now: this message, the subscriber, the whole channel.
Scope = Literal["message", "subscriber", "channel"]


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press under a message: it opens `url`, or says `data` to the bot."""

    text: str
    url: str | None = None
    data: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one send takes: a plain text whose first line is the headline, and what goes with it.

    document: (file name, text) of a file; the text is then its caption. buttons: one under the other. reply_to: what
    the channel called the earlier message that this one is about.
    """

    text: str
    document: tuple[str, str] | None = None
    buttons: tuple[Button, ...] = ()
    reply_to: str | None = None


class SendError(Exception):
    """A message was not sent, or nobody knows whether it was.

    scope: what it is about. retry_after: how long the other side asks us to wait. is_final: it will not change by
    waiting: of a subscriber, that it accepts nothing any more; of a message, that the channel refuses it for what it
    is. moved_to: the subscriber that this one has become. is_unsent: the other side certainly does not have it.
    """

    def __init__(
        self,
        message: str,
        *,
        scope: Scope = "message",
        retry_after: timedelta | None = None,
        is_final: bool = False,
        moved_to: str | None = None,
        is_unsent: bool = False,
    ) -> None:
        super().__init__(message)
        self.scope: Scope = scope
        self.retry_after = retry_after
        self.is_final = is_final
        self.moved_to = moved_to
        self.is_unsent = is_unsent


class Channel(Protocol):
    """A channel, opened with `async with` for as long as there is something to send.

    name: as in the outbox. Opening it and `send` raise SendError; `send` returns once the other side has the message,
    with what the other side calls it (None: it gives no name). Several chats may be sent to at the same time.
    """

    name: str

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def send(self, subscriber: str, message: Outgoing) -> str | None: ...
