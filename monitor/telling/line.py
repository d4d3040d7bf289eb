"""One channel as the courier has it: open or not, how it fared lately, what waits for it."""

import asyncio
from datetime import timedelta

from monitor.channels import Channel
from monitor.telling.lanes import Lanes
from monitor.telling.pacing import Pace

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)

# So many in a row, with nothing that went well between them, are the channel's and not the chats'.
CHATS_TOLD_TO_WAIT = 3
FAILURES = 3


class Line:
    """A channel that is opened when it is needed, and stays open until it fails or is closed."""

    def __init__(self, channel: Channel) -> None:
        self.name = channel.name
        self.lanes = Lanes(Pace())
        self._channel = channel
        self._open: Channel | None = None
        self._opening = asyncio.Lock()
        self._told_to_wait: set[str] = set()
        self._failures = 0
        self._pauses = 0

    @property
    def is_open(self) -> bool:
        return self._open is not None

    async def open(self) -> Channel:
        """The channel, opened. Raises SendError."""
        async with self._opening:
            if self._open is None:
                self._open = await self._channel.__aenter__()
            return self._open

    async def close(self) -> None:
        """Close it, until it is needed again. What is on its way over it fails."""
        async with self._opening:
            opened, self._open = self._open, None
            if opened is not None:
                await opened.__aexit__(None, None, None)

    def went_well(self) -> None:
        """It took a message."""
        self._told_to_wait.clear()
        self._failures = self._pauses = 0

    def went_wrong(self) -> bool:
        """It failed, and nobody knows how; whether that was so often in a row that it is the channel's fault."""
        self._failures += 1
        return self._failures >= FAILURES

    def was_asked_to_wait(self, chat: str) -> bool:
        """A chat is to be left alone; whether it was so with so many that it is the bot which is to wait: Telegram does
        not say which of its limits was hit."""
        self._told_to_wait.add(chat)
        return len(self._told_to_wait) >= CHATS_TOLD_TO_WAIT

    def next_pause(self) -> timedelta:
        """How long to leave it alone after a failure of its own: 1, 2, 4 … 15 minutes at most, since once it is there
        again all that waits can be told."""
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._pauses, 16))
        self._pauses += 1
        return pause
