"""Telling systemd how we are (sd_notify): that we are ready, alive, ending. Without systemd nothing happens."""

import os
import socket
from contextlib import suppress

_ADDRESS = "NOTIFY_SOCKET"


def notify(*lines: str) -> None:
    """Send "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=…" where systemd has given an address for them."""
    address = os.environ.get(_ADDRESS, "")
    if not address.startswith(("/", "@")):
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
        sending.setblocking(False)  # one who does not listen must not hold us up
        sending.sendto("\n".join(lines).encode(), f"\0{address[1:]}" if address.startswith("@") else address)
