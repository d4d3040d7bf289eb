"""Whether people are told: the bot's token, the chats that refuse, the watch's sign of life, the troubles that last."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from monitor.doctor.line import Line, fault, notice, ok

if TYPE_CHECKING:
    from db.archive import Archive
    from monitor.config import Config

SILENT = timedelta(minutes=10)  # without a sign of life the watch does not run
AHEAD = timedelta(minutes=5)  # by which a sign of life may be after the clock

_MOST = 10  # lines of one kind


def token_lines(config: "Config | None") -> Iterator[Line]:
    """The token: whether it can be had, and by nobody else."""
    from monitor.config import TELEGRAM_TOKEN
    from monitor.secrets import SecretError, telegram_token

    if config is None:
        return
    telegram = config.telegram
    try:
        token = telegram_token(config, os.environ)
    except SecretError as error:
        what, _, do = str(error).rpartition("; ")
        yield fault("token", what, do)
        return
    if token is not None:
        where = TELEGRAM_TOKEN if os.environ.get(TELEGRAM_TOKEN, "").strip() else f"{config.token_file}"
        yield ok("token", f"{where}: the bot's token is there")
    elif telegram.chats or telegram.public or telegram.maintainers:
        yield notice(
            "token",
            f"{config.source}: [telegram] names chats, and there is no token, so that nobody is told anything",
            f"set {TELEGRAM_TOKEN}, or name a token_file",
        )


def chat_lines(archive: "Archive", now: datetime) -> Iterator[Line]:
    """Chats that refuse for good, and messages that were refused."""
    refusing = 0
    for chat in archive.outbox.overview(now):
        if chat.gone_at is None and not chat.refused:
            continue
        refusing += 1
        if refusing > _MOST:
            continue
        name = f"{chat.title} ({chat.subscriber})" if chat.title else chat.subscriber
        if chat.gone_at is not None:
            why = f" ({chat.gone_why})" if chat.gone_why else ""
            moved = f", and is now {chat.moved_to}" if chat.moved_to else ""
            what = f"the chat {name} takes no messages since {chat.gone_at:%Y-%m-%d}{why}{moved}"
            if not chat.moved_to:
                yield notice(
                    "chat", what, "add the bot again and send /start there, or take the chat out of the settings"
                )
        else:
            why = f" ({chat.refused_why})" if chat.refused_why else ""
            what = f"{chat.refused} message(s) to the chat {name} were refused{why}"
            yield notice("chat", what, "see `nianbao outbox --failed`")
    if refusing > _MOST:
        yield notice("chat", f"… and {refusing - _MOST} more chats that refuse", "see `nianbao outbox`")


def watch_lines(archive: "Archive", now: datetime) -> Iterator[Line]:
    """The sign of life of `nianbao watch`; nothing where it never ran."""
    from monitor.watch.selfwatch import ALIVE_MARK

    alive = archive.jobs.marks().get(ALIVE_MARK)
    if alive is None or alive.at > now + AHEAD:  # that the clock is wrong is said elsewhere
        return
    if now - alive.at > SILENT:
        yield notice(
            "watch",
            f"{archive.path}: `nianbao watch` gave its last sign of life at {alive.at:%Y-%m-%d %H:%M} UTC",
            "start it, if it is to run",
        )
    else:
        yield ok("watch", f"{archive.path}: `nianbao watch` runs")


def trouble_lines(archive: "Archive") -> Iterator[Line]:
    """What `nianbao watch` found wrong and is not over."""
    from db.telling.troubles import INTERRUPTED
    from monitor.watch.lasting import is_over
    from monitor.watch.trouble_words import in_english

    troubles = [kept for kept in archive.troubles.standing() if kept.kind != INTERRUPTED and not is_over(kept)]
    for kept in troubles[:_MOST]:
        what, do = in_english(kept)
        yield notice("trouble", f"{what}, since {kept.since:%Y-%m-%d %H:%M} UTC", do)
    if len(troubles) > _MOST:
        yield notice("trouble", f"… and {len(troubles) - _MOST} more", "see what the maintainers were told")
