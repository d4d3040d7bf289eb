"""What people answer to findings, put into the archive with all that follows: who is told, which rule is suspended."""

import mimetypes
from datetime import date, datetime, time
from pathlib import Path

from db.archive import Archive
from db.errors import ArchiveError
from db.finding_state import ANSWERED, ASKED, CHECKED, MUTED, PUBLISHED, RIGHT, UNMUTED, WRONG
from db.life import Answered
from monitor.calendar import BEIJING
from monitor.config import Config
from monitor.life.maintainers import rule_suspended
from monitor.telling.teller import Teller

WORDS = {
    "right": RIGHT,
    "wrong": WRONG,
    "mute": MUTED,
    "unmute": UNMUTED,
    "checked": CHECKED,
    "asked": ASKED,
    "answered": ANSWERED,
    "published": PUBLISHED,
}
"""What is said on the command line, and the event that it makes."""


def answer(
    archive: Archive,
    config: Config,
    fingerprint: str,
    word: str,
    *,
    by: str,
    at: datetime,
    reason: str | None = None,
    until: date | None = None,
    file: Path | None = None,
) -> Answered:
    """Write down what a person says of a finding. word: a key of WORDS. until: of mute, its last day in Beijing. file:
    of answered, the agency's own answer, which is kept as a document.

    Raises ArchiveError for what cannot be said, and for a file that cannot be read.
    """
    event = WORDS[word]
    if until is not None and event != MUTED:
        raise ArchiveError("--until goes with mute")
    if file is not None and event != ANSWERED:
        raise ArchiveError("--file goes with answered: it is the agency's own answer")
    data = None if file is None else _read(file)
    end = None if until is None else last_moment(until)
    if end is not None and end < at:
        raise ArchiveError(f"--until {until}: is over already; give a day to come, or leave it out to mute it for good")
    with archive.write():
        media = mimetypes.guess_type(file.name)[0] if file else None
        sha256 = None if data is None else archive.put_document(data, media=media, seen_at=at)
        return archive.life.answer(
            fingerprint,
            event,
            by=by,
            at=at,
            reason=reason,
            until=end,
            sha256=sha256,
            checks_needed=config.findings.checks_needed,
            messages=Teller(archive, config, at).messages,
            notices=lambda rule, record: rule_suspended(rule, record, at, config),
        )


def last_moment(day: date) -> datetime:
    """The last moment of a day in Beijing."""
    return datetime.combine(day, time.max, BEIJING)


def _read(file: Path) -> bytes:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ArchiveError(
            f"{file}: cannot be read ({error.strerror}); give the file of the agency's answer"
        ) from error
    if not data:
        raise ArchiveError(f"{file}: is empty; give the file of the agency's answer")
    return data
