"""What the machine has: SQLite, Chromium, fonts, a clock."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from db.connection import OLDEST_SQLITE
from monitor.doctor.line import Line, fault, notice, ok

if TYPE_CHECKING:
    from crawler.portal import Portal
    from monitor.config import Config

_APART = timedelta(seconds=60)  # of the machine's clock and that of its disk
_FC_LIST_S = 30.0
_FONT_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts", "/System/Library/Fonts",
    "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
_FONT_NAMES = (
    "cjk", "sourcehan", "source-han", "wqy", "wenquanyi", "uming", "ukai", "droidsansfallback", "simsun", "simhei",
    "msyh", "pingfang", "stheiti", "songti", "fandol",
)  # fmt: skip


def sqlite_lines() -> Iterator[Line]:
    """The SQLite that Python was built with."""
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        yield fault("sqlite", f"SQLite {version} is too old, {needed} is needed", "use a newer Python")
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
        except sqlite3.OperationalError:
            yield fault("sqlite", f"SQLite {version} has no full-text search (FTS5)", "use a Python that has it")
            return
    yield ok("sqlite", f"SQLite {version} with FTS5")


def chromium_lines(config: "Config | None", portals: "Iterable[Portal]") -> Iterator[Line]:
    """Chromium, where a portal needs it."""
    from crawler.asking.browser_process import find_chromium
    from crawler.errors import CrawlError

    needing = sorted(portal.id for portal in portals if portal.fetch == "browser")
    if not needing:
        yield ok("chromium", "no portal needs it")
        return
    try:
        program = find_chromium(config.browser.executable if config else None)
    except CrawlError as error:
        what, _, do = str(error).partition("; ")
        yield fault("chromium", f"{', '.join(needing)} cannot be crawled: {what}", do or "install it")
        return
    yield ok("chromium", f"{program}, for {', '.join(needing)}")


def font_lines() -> Iterator[Line]:
    """Fonts with Chinese characters, without which a page that is shown has boxes for text."""
    listing = shutil.which("fc-list")
    if listing is not None:
        try:
            done = subprocess.run([listing, ":lang=zh", "family"], capture_output=True, text=True, timeout=_FC_LIST_S)
        except (OSError, subprocess.TimeoutExpired):
            done = None
        if done is not None and done.returncode == 0:
            families = {line.partition(",")[0] for line in done.stdout.splitlines() if line.strip()}
            if families:
                yield ok("fonts", f"{len(families)} with Chinese characters, such as {min(families)}")
                return
    if (found := next(_font_files(), None)) is not None:
        yield ok("fonts", f"{found}")
        return
    yield notice(
        "fonts",
        "no font with Chinese characters is found; pages that a browser shows have boxes in their place",
        "install one, such as the package fonts-noto-cjk",
    )


def _font_files() -> Iterator[Path]:
    for name in _FONT_FOLDERS:
        for folder, _, files in os.walk(Path(name).expanduser()):
            for file in files:
                if any(part in file.lower().replace("_", "") for part in _FONT_NAMES):
                    yield Path(folder, file)


def clock_lines(folder: Path, now: datetime) -> Iterator[Line]:
    """The machine's clock against that of the file system, which may be another machine's."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".nianbao-clock-") as file:
            written = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError:
        return  # it may not be written here; the archive's own check says so
    if abs(written - now) > _APART:
        yield notice(
            "clock",
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, the disk of {folder} {written:%Y-%m-%d %H:%M}",
            "set the clock, and let it be kept by NTP",
        )
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M} UTC, as the disk of {folder} has it")
