"""A Bot API on loopback for tests: the real wire format, the real limits, and faults by script.

    with FakeBotApi() as api:
        api.script = lambda method, chat, number: too_many(30) if chat == "11" and number == 1 else None
        ...  # a bot with api.base_url and TOKEN
        api.received("11")

`number` counts the calls of one method for one chat, from 1; `chat` is "" where the method names none.
"""

from tests.bot_api.fake import TOKEN, FakeBotApi
from tests.bot_api.faults import (
    Fault,
    Script,
    drop_after,
    drop_before,
    hang_after,
    hang_before,
    malformed,
    refused,
    too_many,
)
from tests.bot_api.state import Sent

__all__ = [
    "TOKEN",
    "FakeBotApi",
    "Fault",
    "Script",
    "Sent",
    "drop_after",
    "drop_before",
    "hang_after",
    "hang_before",
    "malformed",
    "refused",
    "too_many",
]
