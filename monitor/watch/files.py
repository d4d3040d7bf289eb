"""The files of a deployment while the watch runs: portals that change count at once, settings after a restart, and what
is wrong with them is said once, in the log and to the maintainers.
"""

import hashlib
from datetime import datetime
from pathlib import Path

import structlog

from crawler.portal import Portal
from db.archive import Archive
from db.records import Message
from monitor.catalogue import say
from monitor.config import Config
from monitor.telling.messages import TELEGRAM, in_languages
from monitor.watch.portal_files import PortalFiles

log = structlog.get_logger("monitor")

_MARK = "portal files"  # of the faults that the maintainers were told of
_MOST_FAULTS = 10  # in a message; the log has them all


class Files:
    """portals: as their files said last without a fault, by id."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._portals = PortalFiles(config.portals)
        self._source = _state(config.source)
        self._faults: list[str] = []  # at the last look

    @property
    def portals(self) -> dict[str, Portal]:
        return self._portals.portals

    def look(self) -> None:
        """See what has changed, and say it in the log."""
        if self._portals.look():
            log.info("files", what="portals were read", portals=len(self.portals))
            for fault in self._portals.faults:
                log.error("files", what="a portal file cannot be used; what it said before goes on", why=fault)
        if (state := _state(self._config.source)) != self._source:
            self._source = state
            log.warning("files", what=f"{self._config.source} has changed; it counts once nianbao is started again")

    def tell(self, archive: Archive, now: datetime) -> None:
        """Write to the maintainers about faults that stood at the last call too, and about their end. A file that is
        just being written looks broken, too."""
        before, self._faults = self._faults, self._portals.faults
        if self._faults != before:
            return
        digest = hashlib.sha256("\n".join(self._faults).encode()).hexdigest()[:16] if self._faults else ""
        told = archive.jobs.marks().get(_MARK)
        if digest == (told.detail if told else ""):
            return
        if self._faults:
            lines = [*self._faults[:_MOST_FAULTS], *["…"][: len(self._faults) > _MOST_FAULTS]]
            said = say("portal-files-broken", faults="\n".join(lines))
        else:
            said = say("portal-files-fine")
        text = in_languages([said], self._config.telegram.language)
        with archive.write():
            archive.jobs.mark(_MARK, now, digest)
            archive.outbox.put(
                [
                    Message(str(chat), TELEGRAM, _MARK, f"{digest or 'fine'} {now.isoformat()}", text)
                    for chat in self._config.telegram.maintainers
                ],
                now,
            )


def _state(path: Path) -> tuple[int, int] | None:
    """What tells whether a file has changed; None of one that is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
