"""The bytes behind the reads of a portal's columns: which documents each read's list pages were."""

from datetime import datetime
from typing import NamedTuple

from db.connection import ArchiveFile
from db.times import from_text


class PageBytes(NamedTuple):
    """One list page of a read. sha256: of its document, None where none is known (a read that an older version of the
    archive kept without its visits, an answer without bytes). content_type: the header as the server sent it."""

    sha256: str | None
    content_type: str | None


class ReadBytes(NamedTuple):
    """The list pages of a read in order. id: of the read."""

    id: int
    pages: list[PageBytes]


_PAGES = """
SELECT c.id, c.column_url, c.at, v.sha256,
  (SELECT h.value FROM json_each(v.response_headers) h WHERE lower(h.key) = 'content-type')
FROM column_reads c JOIN column_read_pages p ON p.read_id = c.id LEFT JOIN visits v ON v.id = p.visit_id
WHERE c.portal = ? ORDER BY c.id, p.position
"""


class ReadPages:
    """The list pages of column reads, as documents."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def of(self, portal: str) -> dict[tuple[str, datetime], ReadBytes]:
        """(column, time of the read) -> its pages, for every read of a portal's columns."""
        found: dict[tuple[str, datetime], ReadBytes] = {}
        with self._file.read() as connection:
            for read_id, column, at, sha256, content_type in connection.execute(_PAGES, (portal,)):
                read = found.setdefault((column, from_text(at)), ReadBytes(read_id, []))
                read.pages.append(PageBytes(sha256, content_type))
        return found
