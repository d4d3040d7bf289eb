"""What waits to be sent over one channel: a lane for each chat, and whose turn it is. Pure: the time is handed in."""

import heapq
from collections import deque
from collections.abc import Iterable
from datetime import datetime

from monitor.telling.pacing import Pace


class Lanes:
    """Numbers of messages, by chat, in order; one at a time of each chat is on its way.

    A chat with messages stands in the heap, unless one of its messages is on its way.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._waiting: dict[str, deque[int]] = {}
        self._turns: list[tuple[datetime, int, str]] = []  # when, its next message, the chat
        self._known: set[int] = set()
        self.on_way: dict[str, int] = {}

    def __contains__(self, message: int) -> bool:
        return message in self._known

    def __bool__(self) -> bool:
        """Whether anything waits; what is on its way does not."""
        return bool(self._waiting)

    def __len__(self) -> int:
        return len(self._known)

    def put(self, messages: Iterable[tuple[int, str]], now: datetime) -> None:
        """Messages with their chats, in the order in which each chat is to have them."""
        for message, chat in messages:
            self._known.add(message)
            lane = self._waiting.setdefault(chat, deque())
            lane.append(message)
            if len(lane) == 1 and chat not in self.on_way:
                self._stand_in_line(chat, now)

    def next_turn(self, now: datetime) -> datetime | None:
        """When the next message may go out; None where nothing waits but for what is on its way."""
        return max(self._turns[0][0], self._pace.next_at_all(now)) if self._turns else None

    def take(self, now: datetime) -> tuple[str, int] | None:
        """The chat and the message whose turn it is; from now on it is on its way. None where it is nobody's turn."""
        turn = self.next_turn(now)
        if turn is None or turn > now:
            return None
        _, _, chat = heapq.heappop(self._turns)
        lane = self._waiting[chat]
        message = lane.popleft()
        if not lane:
            del self._waiting[chat]
        self.on_way[chat] = message
        self._pace.sent(chat, now)
        return chat, message

    def ended(self, chat: str, now: datetime, *, is_over: bool = False) -> int:
        """What was on its way has come to an end. is_over: nothing more is to go to the chat now; how many messages
        that leaves untried."""
        self._known.discard(self.on_way.pop(chat))
        if is_over:
            left = self._waiting.pop(chat, ())
            self._known.difference_update(left)
            return len(left)
        if chat in self._waiting:
            self._stand_in_line(chat, now)
        return 0

    def clear(self) -> int:
        """Nothing waits any more; what is on its way goes on. How many messages that leaves untried."""
        left = sum(map(len, self._waiting.values()))
        self._waiting.clear()
        self._turns.clear()
        self._known = set(self.on_way.values())
        return left

    def _stand_in_line(self, chat: str, now: datetime) -> None:
        heapq.heappush(self._turns, (self._pace.next_for(chat, now), self._waiting[chat][0], chat))
