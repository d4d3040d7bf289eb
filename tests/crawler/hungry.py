"""`python -m tests.crawler.hungry`: a child by crawler/orders.py whose own child takes memory, and outlives it."""

import json
import signal
import subprocess
import sys

_GRANDCHILD = """
import signal, sys
data = b"x" * (int(sys.argv[1]) << 20)
print("full", flush=True)
while True:
    signal.pause()
"""


def main() -> None:
    order = json.loads(sys.stdin.readline())
    if order["deaf"]:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    grandchild = subprocess.Popen(
        [sys.executable, "-c", _GRANDCHILD, str(order["megabytes"])], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    assert grandchild.stdout is not None
    grandchild.stdout.readline()
    print(json.dumps({"event": "full", "pid": grandchild.pid}), flush=True)
    if order["ends"]:
        grandchild.kill()
        return
    sys.stdin.read()


if __name__ == "__main__":
    main()
