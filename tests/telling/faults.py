"""How the channel fails in a history: the same for the same call, whatever else goes on meanwhile."""

import random
import zlib

from tests.bot_api import (
    Fault,
    drop_after,
    drop_before,
    hang_after,
    hang_before,
    malformed,
    refused,
    too_many,
)

_REFUSALS = (
    refused(403, "Forbidden: bot was blocked by the user"),
    refused(403, "Forbidden: bot was kicked from the supergroup chat"),
    refused(400, "Bad Request: chat not found"),
)
_MOVED = "Bad Request: group chat was upgraded to a supergroup chat"


def fault(call: str, rate: float, *, hangs: bool) -> Fault | None:
    """What goes wrong with a call, by its name; with so many of them anything does."""
    draw = random.Random(call)
    if draw.random() >= rate:
        return None
    faults = [
        (6, too_many(draw.choice([1, 5, 40, 900]))),
        (2, refused(400, "Bad Request: something that nobody has seen yet")),
        (2, refused(500, "Internal Server Error")),
        (1, Fault(502, b"<html>Bad Gateway</html>")),
        (2, refused(409, "Conflict: terminated by other getUpdates request")),
        (3, drop_before()),
        (3, drop_after()),
        (2, malformed()),
        (2, malformed(accepts=True)),
        (1, malformed(accepts=True, body=b'{"ok": true}')),
        (1, refused(401, "Unauthorized")),
        *([(1, hang_before()), (1, hang_after())] if hangs else []),
    ]
    return draw.choices([one for _, one in faults], [weight for weight, _ in faults])[0]


def refusal(chat: str) -> Fault:
    """How a chat refuses for good."""
    return _REFUSALS[zlib.crc32(chat.encode()) % len(_REFUSALS)]


def moved(new: str) -> Fault:
    """How a group says that it has another number."""
    return refused(400, _MOVED, migrate_to_chat_id=int(new))
