"""A look at an address with all that follows from it, in one transaction of few statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from db.collected import frontier, neighbours, seen
from db.connection import ArchiveFile
from db.records import Address, Neighbour, Sighting, Visit


class Body(NamedTuple):
    """Bytes that came, on disk already. media: the media type that the server named."""

    sha256: str
    data: bytes
    media: str | None
    at: datetime


class Looks:
    """Visits with their documents, and what they mean for the frontier."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def keep(
        self,
        visits: Sequence[tuple[Visit, Body | None]],
        *,
        shows: Sighting | Neighbour | None = None,
        visited: Address | None = None,
        attached: Sequence[Address] = (),
    ) -> tuple[list[int], int]:
        """Write down visits; gives their numbers, and how many documents the archive had no row of.

        shows: what the last of them has shown. visited: the address that they were for, as it stands now. attached: the
        addresses of files that it links. Bytes that are no longer on disk (see Archive.drop_bytes) are written again.
        """
        new = 0
        numbers = []
        with self._file.write() as connection:
            for visit, body in visits:
                if body is not None:
                    new += seen.add_document(
                        connection, body.sha256, len(body.data), body.media, body.at, written=self._writer(body)
                    )
                numbers.append(seen.add_visit(connection, visit))
            if shows is not None:
                shows.visit_id = numbers[-1]
                if isinstance(shows, Sighting):
                    seen.add_sighting(connection, shows)
                else:
                    neighbours.add(connection, shows)
            if visited is not None:
                frontier.set_visited(connection, visited)
            if attached:
                frontier.add(connection, attached)
        return numbers, new

    def _writer(self, body: Body) -> seen.Written:
        def written() -> None:
            if not self._file.documents.has(body.sha256):
                self._file.documents.write(body.data, body.sha256)
            self._file.documents.flush_name_later(body.sha256)  # another process may have written it just now

        return written
