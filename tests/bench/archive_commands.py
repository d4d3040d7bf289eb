"""The memory of each command that reads the archive, on the archive of the benchmark.

A command that goes through every report of the country takes its time: it is ended when a minute is up, and what is
told is its highest memory until then. tests/bench/memory.py measures whole runs.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.bench.measure import Result

LARGEST_MB = 300.0
MOST_S = 60.0
_BETWEEN_LOOKS_S = 0.05
_ROOT = Path(__file__).parents[2]

_AGENCY = "柳柳柳县财政局"
_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("check", "--json"),
    ("findings", "--json"),
    ("missing", "2025", "--json"),
    ("diff", _AGENCY, "2023"),
    ("history", _AGENCY, "2023"),
    ("search", "柳柳", "公开", "--count"),
    ("query", "coverage"),
    ("query", "biggest-changes", "--figure", "applications.new.total"),
    ("query", "no-number"),
    ("query", "carry-over", "--format", "csv"),
    ("sql", "SELECT * FROM latest", "--out", "latest.csv"),
    ("sql", "SELECT agency_id, year, change FROM changes WHERE figure = 'applications.new.total'", "--out", "c.jsonl"),
    ("evidence", _AGENCY, "2023", "--out", "evidence.zip"),
    ("agency", "unknown", "--json"),
    ("portal", "list"),
    ("retention",),
    ("verify",),
    ("doctor",),
    ("backup",),
    ("rebuild", "--dry-run"),
    ("reparse", "--all", "--dry-run"),
    ("export", "release"),
)
_MAY_FAIL = ("doctor", "verify")  # the archive of the benchmark has no visits, and the deployment no settings


class Peak(NamedTuple):
    """status: None where it was ended when the time was up. said: the last lines of its standard error."""

    megabytes: float
    seconds: float
    status: int | None
    said: str


def results(archive: Path, folder: Path) -> list[Result]:
    """The peak of every command; AssertionError where one cannot do what it is asked."""
    found = []
    for words in _COMMANDS:
        ran = peak([*words, "--archive", str(archive)], folder, MOST_S)
        line = " ".join(words[:3])
        if ran.status == 2 and words[0] not in _MAY_FAIL:
            raise AssertionError(f"nianbao {line}: {ran.said}")
        how = f"{ran.seconds:.0f} s" if ran.status is not None else f"ended after {ran.seconds:.0f} s"
        what = f"nianbao {line} ({how}): peak memory (MB)"
        met = ran.megabytes < LARGEST_MB
        found.append(Result(what, ran.megabytes, "", 0.0, ran.megabytes, f"under {LARGEST_MB:g} MB", met))
    return found


def peak(words: list[str], folder: Path, most_s: float) -> Peak:
    """Run `nianbao` in a folder for at most so many seconds, looking at the kernel's mark of its highest memory."""
    started = time.monotonic()
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "monitor", *words],
            cwd=folder, env={"PYTHONPATH": str(_ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
        )  # fmt: skip
        highest, is_ended = 0.0, False
        while child.poll() is None:
            highest = max(highest, _high_water(child.pid))
            if not is_ended and time.monotonic() - started > most_s:
                os.killpg(child.pid, signal.SIGKILL)  # with the processes that read documents for it
                is_ended = True
            time.sleep(_BETWEEN_LOOKS_S)
        said.seek(0)
        lines = said.read().splitlines()[-3:]
    return Peak(highest, time.monotonic() - started, None if is_ended else child.returncode, "\n".join(lines))


def _high_water(process: int) -> float:
    """VmHWM in MB; 0 of a process that has just ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
