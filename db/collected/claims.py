"""What publication notices say: this unit has published its report for a year, or has not. Derived from the notices
among the neighbours; a claim of a site about itself, no reading of a report."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from db.connection import ArchiveFile

NOTICE = "publication_notice"

# The notice as it was seen last: of several documents at one address the newest.
_CURRENT = (
    "SELECT n.portal, n.url, n.sha256, n.title, n.listed_on, n.last_seen_at FROM neighbours n"
    f" WHERE n.kind = '{NOTICE}' AND NOT EXISTS (SELECT 1 FROM neighbours l WHERE l.portal = n.portal"
    " AND l.url = n.url AND (l.last_seen_at, l.id) > (n.last_seen_at, n.id))"
)
_COLUMNS = ("portal", "url", "sha256", "position", "unit", "agency_id", "year", "has_published", "link")


class Notice(NamedTuple):
    """A publication notice that is to be read: where it stands, its bytes, and what the list says of it."""

    portal: str
    url: str
    sha256: str
    title: str | None
    listed_on: str | None
    last_seen_at: str


class Claim(NamedTuple):
    """One unit of a notice: as printed, its id where it is known, the reporting year, and whether the notice says that
    it has published (None: it does not say). link: absolute."""

    unit: str
    agency_id: str | None
    year: int | None
    has_published: bool | None
    link: str | None


class Claims:
    """The claims of an archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def to_read(self, parser_version: str) -> list[Notice]:
        """The notices, each in its newest bytes, that this version of the parser has not read; oldest first."""
        with self._file.read() as connection:
            rows = connection.execute(
                f"SELECT c.* FROM ({_CURRENT}) c LEFT JOIN notice_readings r ON r.url = c.url AND r.sha256 = c.sha256"
                " AND r.parser_version = ? WHERE r.url IS NULL ORDER BY c.last_seen_at, c.portal, c.url",
                (parser_version,),
            )
            return [Notice(*row) for row in rows]

    def store(
        self,
        notice: Notice,
        claims: Iterable[Claim],
        *,
        parser_version: str,
        error: tuple[str, str] | None = None,
    ) -> None:
        """Put what a notice says in the place of what was read from the same bytes before.

        error: kind and sentence, where the notice could not be read.
        """
        claims = list(claims)
        with self._file.write() as connection:
            key = (notice.url, notice.sha256)
            connection.execute("DELETE FROM claims WHERE url = ? AND sha256 = ?", key)
            connection.executemany(
                f"INSERT INTO claims ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})",
                [(notice.portal, *key, position, *claim) for position, claim in enumerate(claims)],
            )
            connection.execute(
                "INSERT OR REPLACE INTO notice_readings (url, sha256, parser_version, claims, kind, sentence)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (*key, parser_version, len(claims), *(error or (None, None))),
            )

    def current(self, year: int | None = None) -> list[dict[str, Any]]:
        """What the notices say now; see `each`."""
        return list(self.each(year))

    def each(self, year: int | None = None) -> Iterator[dict[str, Any]]:
        """What the notices say now, by portal, address and place in the notice. Nothing is to be written before the
        last of it.

        Keys: portal, url, sha256, position, unit, agency_id, year, has_published (True, False, None), link, title and
        last_seen_at of the notice. year: only claims about it.
        """
        columns = ", ".join(f"k.{name}" for name in _COLUMNS)
        with self._file.read() as connection:
            cursor = connection.execute(
                f"SELECT {columns}, c.title, c.last_seen_at FROM ({_CURRENT}) c"
                " JOIN claims k ON k.url = c.url AND k.sha256 = c.sha256 AND k.portal = c.portal"
                " WHERE :year IS NULL OR k.year = :year ORDER BY k.portal, k.url, k.position",
                {"year": year},
            )
            names = [column[0] for column in cursor.description]
            for row in cursor:
                claim = dict(zip(names, row, strict=True))
                claim["has_published"] = None if claim["has_published"] is None else bool(claim["has_published"])
                yield claim
