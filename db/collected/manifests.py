"""Daily manifests: a text for each day that lists the hashes of what was seen, each naming the one before.

A manifest says nothing that the archive does not; it is made so that one hash, kept elsewhere or time-stamped, stands
for a whole day. Whoever has that hash can tell later whether a document, a visit or a read of a column was changed,
added or taken away. The text is canonical: made again from the same rows it has the same bytes.

Every visit is in exactly one manifest: that of its day in Beijing, or, where it was written down after that one was
made (a file added by hand under an earlier date), the next. The lines `visits` and `reads` say up to which number of
the archive a manifest goes, so that rows that came later do not change it. The form of the text: docs/evidence.md.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from db.collected import visits
from db.collected.visit_text import plain, visit_sha256
from db.errors import ArchiveError
from db.times import from_text, to_text

if TYPE_CHECKING:
    from db.archive import Archive

FIRST_LINE = "nianbao manifest 1"
MEDIA = "text/plain; charset=utf-8"

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_NOTHING = "-"
_END = 1 << 16  # bytes of the text that are enough for its first lines, or its last


@dataclass(slots=True)
class Manifest:
    """The manifest of one day. entries: lines about visits and reads. service, token, stamped_at: of its time stamp;
    token is the service's whole answer (RFC 3161, DER), None while it has none."""

    day: date
    made_at: datetime
    sha256: str
    entries: int
    service: str | None = None
    token: bytes | None = None
    stamped_at: datetime | None = None


class Reach(NamedTuple):
    """How far a manifest goes: the moment before which all that it lists was seen, and the last numbers then given to
    a visit and to a read of a column."""

    until: str
    visits: int
    reads: int


NOWHERE = Reach("", 0, 0)


class Manifests:
    """The manifests of an archive."""

    def __init__(self, archive: "Archive") -> None:
        self._archive = archive

    def listed(self, since: date | None = None) -> list[Manifest]:
        """All manifests by day, those from `since` on."""
        rows = self._archive.query(
            "SELECT day, made_at, sha256, entries, service, token, stamped_at FROM manifests WHERE day >= ?"
            " ORDER BY day",
            (since.isoformat() if since else "",),
        )
        return [
            Manifest(
                date.fromisoformat(day),
                from_text(made_at),
                sha256,
                entries,
                service,
                token,
                stamped and from_text(stamped),
            )
            for day, made_at, sha256, entries, service, token, stamped in rows
        ]

    def get(self, day: date) -> Manifest | None:
        """The manifest of a day."""
        return next((manifest for manifest in self.listed(day) if manifest.day == day), None)

    def covering(self, day: date) -> Manifest | None:
        """The first manifest of this day or later: where what was seen that day is listed."""
        return next(iter(self.listed(day)), None)

    def lacking(self, at: datetime) -> list[date]:
        """The days that are over at a moment, have visits and follow the last manifest, oldest first."""
        rows = self._archive.query(
            "SELECT DISTINCT date(at, '+8 hours') AS day FROM visits"
            " WHERE day > (SELECT coalesce(max(day), '') FROM manifests) ORDER BY day"
        )
        days = [date.fromisoformat(day) for (day,) in rows]
        return [day for day in days if end_of(day) <= at]

    def make(self, day: date, at: datetime) -> Manifest:
        """The manifest of a day in Beijing, made at a moment; the one that there is, where it was made before.

        Raises ArchiveError for a day that is not over, and for one before a day that has its manifest already: the
        chain only goes forward.
        """
        if (known := self.get(day)) is not None:
            return known
        if end_of(day) > at:
            raise ArchiveError(f"{day}: the day is not over in Beijing; make its manifest once it is")
        with self._archive.write() as connection:
            if later := self.listed(day):
                if later[0].day == day:  # another process has made it meanwhile
                    return later[0]
                raise ArchiveError(
                    f"{day}: {later[0].day} has its manifest already, and it lists what was seen before; manifests are "
                    "made in the order of the days"
                )
            last_visit, last_read = connection.execute(
                "SELECT (SELECT coalesce(max(id), 0) FROM visits), (SELECT coalesce(max(id), 0) FROM column_reads)"
            ).fetchone()
            reach = Reach(to_text(end_of(day)), last_visit, last_read)
            entries = 0

            def counted() -> Iterator[bytes]:
                nonlocal entries
                for line in self.lines(day, reach, self._before(day)):
                    entries += line.startswith(("visit\t", "read\t"))
                    yield line.encode("utf-8", "backslashreplace")

            # On the day of a first load a country's portals are visited a million times.
            sha256, size = self._archive.documents.write_pieces(counted())
            self._archive.add_document_row(sha256, size, MEDIA, at)
            manifest = Manifest(day, at, sha256, entries)
            connection.execute(
                "INSERT INTO manifests (day, made_at, sha256, entries) VALUES (?, ?, ?, ?)",
                (day.isoformat(), to_text(at), manifest.sha256, entries),
            )
        return manifest

    def add_stamp(self, day: date, token: bytes, service: str, at: datetime) -> None:
        """Keep the time stamp of a manifest. token: the service's whole answer; at: when it says that it was made."""
        with self._archive.write() as connection:
            connection.execute(
                "UPDATE manifests SET token = ?, service = ?, stamped_at = ? WHERE day = ?",
                (token, service, to_text(at), day.isoformat()),
            )

    def digest_now(self, manifest: Manifest) -> str:
        """SHA-256 of the text that the archive's rows give today for a manifest that was made before; the same as its
        own unless rows were changed or taken away. Raises ArchiveError where its document cannot be read."""
        digest = hashlib.sha256()
        for line in self.lines(manifest.day, self.reach(manifest), self._before(manifest.day)):
            digest.update(line.encode("utf-8", "backslashreplace"))
        return digest.hexdigest()

    def previous(self, manifest: Manifest) -> tuple[date, str] | None:
        """Day and SHA-256 of the manifest that this one names as the one before."""
        _, day, sha256 = self._ends(manifest)[1].rstrip("\n").rpartition("\n")[2].split("\t")
        return None if day == _NOTHING else (date.fromisoformat(day), sha256)

    def reach(self, manifest: Manifest) -> Reach:
        """How far a manifest goes, from its own text. Raises ArchiveError where that is not to be read."""
        facts = dict(line.split("\t", 1) for line in self._ends(manifest)[0].split("\n", 5)[1:5])
        return Reach(facts["until"], int(facts["visits"].split("\t")[1]), int(facts["reads"].split("\t")[1]))

    def lines(self, day: date, reach: Reach, before: Manifest | None) -> Iterator[str]:
        """The text, line by line; at the end the day and the SHA-256 of the manifest before."""
        start = self.reach(before) if before else NOWHERE
        yield f"{FIRST_LINE}\n"
        yield _line("day", day.isoformat())
        yield _line("until", reach.until)
        with self._archive.read() as connection:
            new = "at < :until AND id <= :last AND NOT (at < :start AND id <= :first)"
            bounds = {"until": reach.until, "start": start.until}
            of_visits = bounds | {"last": reach.visits, "first": start.visits}
            of_reads = bounds | {"last": reach.reads, "first": start.reads}
            for name, table, values in (("visits", "visits", of_visits), ("reads", "column_reads", of_reads)):
                (count,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {new}", values).fetchone()
                yield _line(name, count, values["last"])
            for _, visit in visits.load(connection, f"WHERE {new} ORDER BY at, url, kind", of_visits):
                yield _line(
                    "visit", to_text(visit.at), visit.portal, visit.kind, visit.url, visit.outcome, visit.status,
                    visit.sha256, visit.body_sha256, visit_sha256(visit),
                )  # fmt: skip
            reads = connection.execute(
                f"SELECT id, at, portal, column_url, outcome, pages FROM column_reads WHERE {new}"
                " ORDER BY at, portal, column_url",
                of_reads,
            )
            for read_id, *read in reads:
                yield _line("read", *read)
                pages = connection.execute(
                    "SELECT p.position, v.at, v.url, p.links_hash FROM column_read_pages p"
                    " LEFT JOIN visits v ON v.id = p.visit_id WHERE p.read_id = ? ORDER BY p.position",
                    (read_id,),
                )
                for page in pages:
                    yield _line("page", *page)
        yield _line("previous", *((before.day.isoformat(), before.sha256) if before else (None, None)))

    def _before(self, day: date) -> Manifest | None:
        return next((m for m in reversed(self.listed()) if m.day < day), None)

    def _ends(self, manifest: Manifest) -> tuple[str, str]:
        """The beginning and the end of its text, whole where it is short."""
        first, last = b"", b""
        for piece in self._archive.documents.pieces(manifest.sha256):
            first = first if len(first) >= _END else first + piece
            last = (last + piece)[-_END:]
        text = first.decode("utf-8", "replace")
        if not text.startswith(f"{FIRST_LINE}\n"):
            raise ArchiveError(
                f"{manifest.day}: document {manifest.sha256} is no manifest; restore the archive from a copy"
            )
        return text, last.decode("utf-8", "replace")


def end_of(day: date) -> datetime:
    """The moment at which a day in Beijing is over, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), BEIJING).astimezone(UTC)


def _line(*cells: object) -> str:
    return "\t".join(_NOTHING if cell is None else plain(cell) for cell in cells) + "\n"
