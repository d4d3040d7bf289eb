"""Files that were added by hand are named in a bundle as in a release: without the folders of somebody's machine."""

import re

from db.collected.visit_text import visit_sha256, visit_text
from db.records import Visit
from db.release.values import without_folders

_FILE = re.compile(r'file://[^\s"<>\\]+')
_RECORD = "record-sha256"


def without_paths(text: str) -> str:
    """The same text with `file:MARK/NAME` for each address of a file; MARK keeps apart files of the same name."""
    return _FILE.sub(lambda match: without_folders(match[0]), text)


def record_text(visit: Visit) -> str:
    """A visit's text as the manifest knows it; where it named folders, without them and with the SHA-256 of the whole
    text in a line of its own, so that it can still be found in the manifest."""
    text = visit_text(visit)
    bare = without_paths(text)
    return text if bare == text else f"{bare}{_RECORD}: {visit_sha256(visit)}\n"
