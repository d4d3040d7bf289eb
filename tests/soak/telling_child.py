"""A courier in a process of its own, for tests/soak/telling.py: sends what is due, by the real clock.

python -m tests.soak.telling_child ARCHIVE BASE_URL
"""

import asyncio
import sys
from pathlib import Path

from db.archive import Archive
from monitor.channels.telegram import TelegramChannel
from monitor.clock import RealClock
from monitor.config import Telegram
from monitor.telling.courier import Courier
from tests.bot_api import TOKEN


async def main(path: Path, base_url: str) -> None:
    """Send what is due, by the real clock."""
    with Archive.open(path, wait_s=0.05) as archive:
        channel = TelegramChannel(Telegram(base_url=base_url), TOKEN)
        async with Courier(archive, [channel], RealClock()) as one:
            await one.round()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
