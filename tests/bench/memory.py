"""How much memory a command takes at most: run as a child, its own mark of the kernel (VmHWM) read when it ends.

What `resource` says of children would not do: a child begins with the memory of whoever started it.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parents[2]
_CHILD = """
import pathlib, sys, time
from monitor.cli import main
sys.argv[0] = "nianbao"
mark, status, started = pathlib.Path(sys.argv.pop(1)), 0, time.monotonic()
try:
    main(standalone_mode=False)
except SystemExit as end:
    status = end.code
lines = pathlib.Path("/proc/self/status").read_text().splitlines()
peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
mark.write_text(f"{peak} {status or 0} {time.monotonic() - started}")
"""


class Measured(NamedTuple):
    """What a command took. peak: MiB at most, without its own children. status: with which it ended."""

    peak: float
    status: int
    seconds: float


def peak_of(words: Sequence[str], folder: Path, *, timeout_s: float = 600) -> Measured:
    """Run `nianbao …` in a folder, its output thrown away. Raises CalledProcessError where it does not get to an end
    of its own."""
    mark = folder / ".peak"
    # -P: the folder must not hide modules of ours.
    subprocess.run(
        [sys.executable, "-P", "-c", _CHILD, str(mark), *words],
        cwd=folder,
        env={"PYTHONPATH": str(_ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        timeout=timeout_s,
        check=True,
    )
    peak, status, seconds = mark.read_text().split()
    mark.unlink()
    return Measured(float(peak), int(status), float(seconds))
