"""Starting a crawl in a process of its own, and getting its summary whatever becomes of it."""

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

from crawler.errors import ContactError
from crawler.portal import Portal
from crawler.settings import user_agent
from crawler.summary import CrawlSummary
from crawler.walk.revisits import RevisitPace

if TYPE_CHECKING:
    from crawler.memory import Memory

DEFAULT_TIMEOUT_S = 1800.0
GRACE_S = 10.0  # from SIGTERM to SIGKILL; a child that is well takes LONGEST_END_S of crawler.walk.ending at most
_MEMORY_GRACE_S = 4.0  # the same where it takes too much memory, and may take more meanwhile
_LOOKS_EVERY_S = 1.0  # at the memory that a child takes
_STOP_GRACE_S = 5.0  # the same where somebody waits at the keyboard
# The child needs no tokens of channels: it gets what Python, TLS and time zones need, and its portal's proxy.
_PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PASSED_ON_PREFIXES = ("LC_", "PYTHON", "PLAYWRIGHT_BROWSERS_")

Progress = Callable[[dict[str, object]], None]
Limit = Literal["", "time", "memory"]


class Ended(NamedTuple):
    """How a child ended: the bound for which it was ended ("": none), and its exit status. unbegun: why there was none
    at all."""

    over: Limit
    status: int
    unbegun: str = ""


class Stop:
    """Ends crawls from another thread or from a signal handler: none begins any more, those under way end now."""

    def __init__(self) -> None:
        self.is_set = False
        self._children: set[subprocess.Popen[bytes]] = set()
        self._changing = threading.RLock()  # the handler may run where the lock is held

    def set(self) -> None:
        """End all crawls; what does not end within some seconds is killed. At once done, and twice without harm."""
        with self._changing:
            if self.is_set:
                return
            self.is_set = True
            for child in self._children:
                child.terminate()
        timer = threading.Timer(_STOP_GRACE_S, self._kill)
        timer.daemon = True
        timer.start()

    def add(self, child: "subprocess.Popen[bytes]") -> None:
        """A crawl has begun."""
        with self._changing:
            self._children.add(child)
            if self.is_set:
                child.terminate()

    def remove(self, child: "subprocess.Popen[bytes]") -> None:
        """A crawl is over."""
        with self._changing:
            self._children.discard(child)

    def _kill(self) -> None:
        with self._changing:
            for child in self._children:
                child.kill()


def crawl_portal(
    portal: Portal,
    archive_path: Path,
    *,
    contact: str | None,
    now: datetime | None = None,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_progress: Progress | None = None,
    log_file: Path | None = None,
    network: str = "",
    any_hour: bool = False,
    again: bool = False,
    revisit: RevisitPace | None = None,
    chromium: str | None = None,
    stop: Stop | None = None,
    memory_mb: float | None = None,
    most_pages: int | None = None,
    replay: Path | None = None,
) -> CrawlSummary:
    """Crawl one portal into the archive; blocks until the child process has ended.

    contact: e-mail or web address for the User-Agent; required unless the portal is on loopback. now: a virtual time,
    only for portals on loopback. timeout_s: after it the child is ended. memory_mb: the same once it takes more than so
    many MiB, with all that it starts. on_progress: gets
    {"event": "progress", "portal", "requests", "url"} some times a second. log_file: where the child's log goes, else
    to our own standard error. network, any_hour, again, revisit, chromium, most_pages, replay: see crawler.child.Order;
    with `replay` nobody is asked, and `now` may be given for any portal. stop: ends the crawl at any time.

    Never raises for what happens in the crawl: a summary with outcome "failed" and a sentence says it.
    """
    try:
        if replay is None:
            user_agent(contact, portal)
    except ContactError as error:
        return CrawlSummary(portal.id, errors=[f"{portal.id}: {error}"])
    stop = stop or Stop()
    if stop.is_set:
        return CrawlSummary(portal.id, "postponed", errors=[f"{portal.id}: ended before it was begun"])
    order: dict[str, object] = {
        "portal": portal.model_dump(mode="json"),
        "archive": str(Path(archive_path).absolute()),
        "contact": contact,
        "now": now.isoformat() if now is not None else None,
        "network": network,
        "any_hour": any_hour,
        "again": again,
        "revisit": asdict(revisit or RevisitPace()),
        "chromium": chromium,
        "most_pages": most_pages,
        "replay": str(Path(replay).absolute()) if replay is not None else None,
    }
    summaries: list[CrawlSummary] = []

    def relay(message: dict[str, object]) -> None:
        if message.get("event") == "summary":
            summaries.append(CrawlSummary.from_json(message))
        elif on_progress is not None:
            on_progress(message)

    ended = run_child(
        "crawler.child",
        order,
        relay,
        timeout_s=timeout_s,
        memory_mb=memory_mb,
        proxy=portal.proxy,
        log_file=log_file,
        stop=stop,
    )
    summary = summaries[-1] if summaries else CrawlSummary(portal.id)
    if ended.over:
        summary.outcome = "failed"
    if ended.over or not summaries:
        summary.errors.append(f"{portal.id}: {how_it_ended('crawl', ended, timeout_s, memory_mb)}")
    return summary


def run_child(
    module: str,
    order: dict[str, object],
    relay: Progress,
    *,
    timeout_s: float,
    memory_mb: float | None = None,
    proxy: str | None = None,
    log_file: Path | None = None,
    stop: Stop | None = None,
) -> Ended:
    """Run a module that takes an order (crawler/orders.py) in a process of its own, and wait for its end.

    relay: gets each line that it tells. proxy: the name of an environment variable that it is given too. timeout_s,
    memory_mb, log_file, stop: see `crawl_portal`.
    """
    stop = stop or Stop()
    try:
        with log_file.open("ab") if log_file else nullcontext() as log:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env=_environment(proxy),
            )
    except OSError as error:  # no room for one more process, or Python is being put in anew
        return Ended("", 1, f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror))
    stop.add(child)
    memory = _bound(child, memory_mb)
    try:
        _give_order(child, json.dumps(order | {"lifeline": True}, ensure_ascii=False).encode())
        over = _relay(child, time.monotonic() + timeout_s, relay, memory)
        if over:
            child.terminate()
            if _relay(child, time.monotonic() + (_MEMORY_GRACE_S if over == "memory" else GRACE_S), relay):
                child.kill()  # it does not listen, and goes on taking what it has too much of
    finally:
        status = _end(child)
        stop.remove(child)
    if over and memory is not None:
        memory.kill_rest()
    return Ended(over, status)


def _bound(child: "subprocess.Popen[bytes]", most_mb: float | None) -> "Memory | None":
    if most_mb is None:
        return None
    from crawler.memory import Memory  # psutil is slow to import

    return Memory(child.pid, most_mb)


def _give_order(child: "subprocess.Popen[bytes]", order: bytes) -> None:
    if child.stdin is None:
        return
    try:
        child.stdin.write(order + b"\n")
        child.stdin.flush()  # it stays open: the child ends with us
    except BrokenPipeError:
        pass  # it has ended already; its exit status says more


def _relay(child: "subprocess.Popen[bytes]", deadline: float, relay: Progress, memory: "Memory | None" = None) -> Limit:
    """Hand on the child's lines as they come, to the end of its output or until a bound is passed: then which."""
    stream: IO[bytes] | None = child.stdout
    if stream is None:
        return ""
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if memory is not None and memory.is_over():
                return "memory"
            if not selector.select(left if memory is None else min(left, _LOOKS_EVERY_S)):
                continue
            data = os.read(stream.fileno(), 65536)
            if not data:
                return ""
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                try:
                    message = json.loads(line)
                except ValueError:
                    continue  # a library that prints; our own lines are JSON
                if isinstance(message, dict):
                    relay(message)
    return "time"


def _end(child: "subprocess.Popen[bytes]") -> int:
    """Wait for this process to end, ask it to, kill it: this one and no other. Gives its exit status."""
    for step in (None, child.terminate, child.kill):
        if step is not None:
            step()
        try:
            status = child.wait(GRACE_S if step is not child.kill else None)
        except subprocess.TimeoutExpired:
            continue
        break
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(BrokenPipeError):  # of an order that was never read
                stream.close()
    return status


def how_it_ended(what: str, ended: Ended, timeout_s: float, memory_mb: float | None = None) -> str:
    """A sentence about a child that was ended, or that ended without what it was to tell."""
    if ended.unbegun:
        return f"the {what}'s process could not be begun ({ended.unbegun}); see what the machine lacks"
    if ended.over == "time":
        return f"the {what} was ended after {timeout_s:g} s; see the log, or allow more time"
    if ended.over == "memory":
        return f"the {what} was ended since it took more than {memory_mb:g} MiB of memory; see the log, or allow more"
    if ended.status < 0:
        return f"the {what}'s process was killed by {signal.Signals(-ended.status).name}; see the log"
    return f"the {what}'s process ended with exit status {ended.status} and without a summary; see the log"


def _environment(proxy: str | None) -> dict[str, str]:
    names = {*_PASSED_ON, proxy}
    return {key: value for key, value in os.environ.items() if key in names or key.startswith(_PASSED_ON_PREFIXES)}
