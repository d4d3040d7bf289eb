"""The agencies that documents of the archive name and the register does not know."""

from collections.abc import Iterator
from typing import NamedTuple

from db.collected.claims import NOTICE
from db.connection import ArchiveFile
from db.schema.unread import READ_BESIDE


class Mention(NamedTuple):
    """One document that names an agency.

    name: as printed. agency_id: by the region list alone, None where it cannot be told. kind: report, unread (published
    and not read) or notice (a publication notice lists it).
    """

    name: str
    agency_id: str | None
    portal: str | None
    kind: str
    year: int | None
    url: str


# An agency without an organ is one that the register does not have: see db/register.py.
_STRANGE = "(agency_id IS NULL OR agency_id IN (SELECT id FROM agencies WHERE organ = ''))"
_MENTIONS = f"""
SELECT coalesce(printed_agency, agency), agency_id, portal, 'report', year, url FROM reports
  WHERE is_current = 1 AND {_STRANGE}
UNION ALL
SELECT agency, agency_id, nullif(source, 'added'), 'unread', year, url FROM readings r
  WHERE report_id IS NULL AND agency IS NOT NULL AND {_STRANGE} AND NOT EXISTS (
    SELECT 1 FROM readings e WHERE e.source = r.source AND e.url = r.url AND e.seen_at > r.seen_at)
  AND NOT {READ_BESIDE.format(row="r")}
UNION ALL
SELECT unit, agency_id, portal, 'notice', year, url FROM claims k
  WHERE (agency_id IS NULL OR agency_id NOT IN (SELECT id FROM agencies WHERE organ <> '')) AND NOT EXISTS (
    SELECT 1 FROM neighbours o JOIN neighbours n ON n.portal = o.portal AND n.url = o.url AND n.kind = '{NOTICE}'
    WHERE o.portal = k.portal AND o.url = k.url AND o.sha256 = k.sha256
    AND (n.last_seen_at, n.id) > (o.last_seen_at, o.id))
ORDER BY 3, 1, 5, 6
"""


class Strangers:
    """Who is named in an archive and not in its register."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def mentions(self) -> Iterator[Mention]:
        """Every document that names an agency which the register does not know; by portal (those without one first),
        name, year, address. Nothing is to be written before the last of them."""
        with self._file.read() as connection:
            for row in connection.execute(_MENTIONS):
                yield Mention(*row)
