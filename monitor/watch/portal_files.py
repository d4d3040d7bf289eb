"""The portals of a deployment as their files say now: what has changed is read again, a broken file changes nothing."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crawler.portal import Portal, load_portal
from parsers.strict_toml import ConfigError

State = tuple[int, int, int]  # of a file: when it was written, its size, its number


@dataclass(slots=True)
class _File:
    state: State
    portal: Portal | None = None  # as it was read last without a fault
    faults: list[str] = field(default_factory=list)


class PortalFiles:
    """Portal files in some folders; of two with the same id that of the earlier folder counts.

    portals: id -> portal, as they were read last without a fault.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.portals: dict[str, Portal] = {}
        self._folders = folders
        self._files: dict[Path, _File] = {}
        self._lost: dict[Path, str] = {}

    @property
    def faults(self) -> list[str]:
        """A sentence for each fault that the files have now."""
        return [*self._lost.values(), *(fault for file in self._files.values() for fault in file.faults)]

    def look(self) -> bool:
        """See what has changed, and read that again. Whether anything had.

        A folder that cannot be looked into counts as it was; so does a file that cannot be read, or has faults.
        """
        found: dict[Path, State] = {}
        lost: dict[Path, str] = {}
        for folder in self._folders:
            try:
                found |= _states(folder)
            except OSError as error:
                lost[folder] = f"{folder}: cannot be looked into ({error.strerror}); what it held goes on counting"
                found |= {path: file.state for path, file in self._files.items() if path.parent == folder}
        changed = [path for path, state in found.items() if self._is_new(path, state)]
        gone = self._files.keys() - found.keys()
        if not (changed or gone or lost != self._lost):
            return False
        self._lost = lost
        for path in changed:
            self._read(path, found[path])
        self._files = {path: self._files[path] for path in found}
        portals: dict[str, Portal] = {}
        for path, file in self._files.items():
            if file.portal is not None:
                portals.setdefault(path.stem, file.portal)
        self.portals = portals  # at once, since others may be looking at it
        return True

    def _is_new(self, path: Path, state: State) -> bool:
        known = self._files.get(path)
        return known is None or known.state != state

    def _read(self, path: Path, state: State) -> None:
        known = self._files.setdefault(path, _File(state))
        known.state, known.faults = state, []
        try:
            known.portal = load_portal(path)
        except ConfigError as error:
            known.faults = error.faults


def _states(folder: Path) -> dict[Path, State]:
    """The portal files of a folder in order, each with what tells whether it has changed."""
    found = {}
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name.endswith(".toml"):
                try:
                    status = entry.stat()
                except FileNotFoundError:  # gone since
                    continue
                except OSError:  # a link to itself, say: whoever reads it says so
                    found[folder / entry.name] = (0, 0, 0)
                    continue
                found[folder / entry.name] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found
