"""Errors of the bot: one line in the log, of what kind and where, without what anybody wrote."""

import logging
import traceback

_log = logging.getLogger("nianbao.bot")


def failed(what: str, error: BaseException) -> None:
    """Write down that something could not be done. An error's text may quote what people wrote, or an address with the
    token: its kind and its place in our code say enough."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/monitor/" in frame.filename]
    where = f" at {frames[-1].filename.rpartition('/monitor/')[2]}:{frames[-1].lineno}" if frames else ""
    _log.error("the bot could not do it: %s, %s%s", what, type(error).__name__, where)
