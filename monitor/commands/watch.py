"""`nianbao watch`"""

import asyncio
import os
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    complain,
    config_option,
    fail,
    load_settings,
    now_option,
    plain_errors,
    read_time,
)

if TYPE_CHECKING:
    from monitor.watch.watch import Watch

_INTERRUPTED = 130
_LONGEST_END_S = 9.5


@click.command()
@config_option
@archive_option
@now_option
@click.option("--until", "until_text", metavar="TIME", help="With --now: play the days until then, and end.")
def command(config_file: Path | None, archive_file: Path | None, now_text: str | None, until_text: str | None) -> None:
    """Watch all portals: crawl, read and compare by the calendar, tell, listen to the bot, back up. Does not end.

    What runs when, `nianbao schedule` shows. Without a token for Telegram all is done, and nobody told. SIGTERM or
    Ctrl-C ends it within ten seconds; killed at any instant and started again, it goes on from there. Portal files may
    be changed while it runs, settings count after a restart, and other commands may be used beside it.

    \b
    Example:
      nianbao watch
      nianbao watch --config season.toml
    """
    with plain_errors():
        from crawler.logs import log_to_stderr
        from monitor.channels import SendError
        from monitor.clock import RealClock, VirtualClock
        from monitor.secrets import keep_out_of_logs, telegram_token
        from monitor.watch.watch import Watch

        now, until = read_time(now_text), read_time(until_text, "--until")
        if (now is None) != (until is None):
            fail("--now and --until go together; give both, or none")
        config = load_settings(config_file)
        token = telegram_token(config, os.environ)
        keep_out_of_logs(token)
        log_to_stderr()
        if token is None:
            complain("there is no token for Telegram (docs/telling.md): what is to be told waits; all else is done")
        clock = VirtualClock(now) if now else RealClock()
        watch = Watch(config, archive_file or config.archive, clock, token=token)
        try:
            status = asyncio.run(_run(watch, until))
        except SendError as error:
            fail(str(error))
    sys.exit(status)


async def _run(watch: "Watch", until: datetime | None) -> int:
    """Until its end, or until a signal: it is handled once, and whoever sends it again changes nothing."""
    stop, loop, status = asyncio.Event(), asyncio.get_running_loop(), FINE

    def end(number: int) -> None:
        nonlocal status
        if not stop.is_set():
            status = _INTERRUPTED if number == signal.SIGINT else FINE
            stop.set()
            # Whatever holds up the end: all that is kept may be killed at any instant.
            timer = threading.Timer(_LONGEST_END_S, os._exit, [status])
            timer.daemon = True
            timer.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end, number)
    if until is None:
        await watch.run(stop)
        return status
    playing, stopped = asyncio.create_task(watch.play(until)), asyncio.create_task(stop.wait())
    await asyncio.wait({playing, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if playing.done():
        playing.result()
    return status
