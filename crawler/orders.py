"""The child's side of what is ordered from another process: one JSON object on stdin, JSON lines on stdout, logs on
stderr, one JSON line each. The parent's side is crawler/run.py.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from crawler.logs import log_to_stderr

Tell = Callable[[dict[str, Any]], None]

_BETWEEN_PROGRESS_S = 0.2


class ChildOrder(BaseModel):
    """What every order says. lifeline: stdin stays open after the order for as long as the one who gave it lives,
    however it dies; the child ends with it."""

    lifeline: bool = False


AnyOrder = TypeVar("AnyOrder", bound=ChildOrder)


def take_order(model: type[AnyOrder]) -> AnyOrder | None:
    """The order on stdin, with logs set up and the lifeline held; None, with a sentence on stderr, if it is not valid.

    To be called first in the process.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # until the work begins there is nothing to be ended in order
    log_to_stderr()
    try:
        order = model.model_validate_json(sys.stdin.buffer.readline())
    except ValidationError as error:
        print(f"crawler: the order on stdin is not valid: {error}", file=sys.stderr)
        return None
    if order.lifeline:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    return order


def now_and_then(portal: str, tell: Tell) -> Callable[[int, str], None]:
    """Gives what tells of the progress of a portal, but not more often than anybody can read."""
    next_at = 0.0

    def progress(requests: int, url: str) -> None:
        nonlocal next_at
        if (now := time.monotonic()) >= next_at:
            next_at = now + _BETWEEN_PROGRESS_S
            tell({"event": "progress", "portal": portal, "requests": requests, "url": url})

    return progress


def print_line(message: dict[str, Any]) -> None:
    """Tell the parent; without harm where it no longer listens."""
    try:
        print(json.dumps(message, ensure_ascii=False), flush=True)
    except BrokenPipeError:
        # Nobody listens any more. What is still in the buffer would be a traceback at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end_with_stdin() -> None:
    """Wait until the one who gave the order is no more, or lets go of us."""
    while os.read(0, 4096):  # not sys.stdin, whose lock would be held at exit
        pass
    os.kill(os.getpid(), signal.SIGTERM)
