"""Ways to reach people. A channel sends one text to one subscriber, and says in one kind of error why it could not."""

from datetime import timedelta
from types import TracebackType
from typing import Literal, Protocol, Self

# What an error is about, and so what else need not be tried now: this message, the subscriber, the whole channel.
Scope = Literal["message", "subscriber", "channel"]


class SendError(Exception):
    """A message was not sent, or nobody knows whether it was. retry_after: how long the other side asks us to wait."""

    def __init__(self, message: str, *, scope: Scope = "message", retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.scope: Scope = scope
        self.retry_after = retry_after


class Channel(Protocol):
    """A channel, opened with `async with` for one round of sending.

    name: as in the outbox. Opening it and `send` raise SendError; `send` returns once the other side has the text.
    """

    name: str

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def send(self, subscriber: str, text: str) -> None: ...
