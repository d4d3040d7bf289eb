"""Work that waits, beside the loop: in a thread that nobody has to wait for at the end."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """What it gives, or raises. Unlike those of an executor the thread does not hold up the end of this process."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # for the one who waits
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name="work", daemon=True).start()
    return await asyncio.wrap_future(future)
