"""The archive's face to judging."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from db import findings, register
from db.connection import ArchiveFile
from db.judging import adoption, marks
from db.judging.marks import RULES, Key, Marked
from db.readings import paging
from db.readings.loading import load_reports
from db.readings.rows import as_json
from db.records import Agency, StoredReport
from db.times import to_text

__all__ = ["RULES", "Judging", "Key", "Marked", "Standing"]

_RELATED = (
    "SELECT o.id FROM agencies o WHERE (o.predecessors <> '[]' OR o.successors <> '[]') AND (o.id IN (SELECT value"
    " FROM json_each(:ids)) OR EXISTS (SELECT 1 FROM json_each(o.predecessors) r WHERE r.value IN (SELECT value FROM"
    " json_each(:ids))) OR EXISTS (SELECT 1 FROM json_each(o.successors) r WHERE r.value IN (SELECT value FROM"
    " json_each(:ids))))"
)
# Those that the ids name, and those that name them.
_RELATIVES = (
    f"WITH related (id) AS ({_RELATED}) SELECT id FROM related UNION SELECT r.value FROM related JOIN agencies o USING"
    " (id), json_each(o.predecessors) r UNION SELECT r.value FROM related JOIN agencies o USING (id),"
    " json_each(o.successors) r UNION SELECT value FROM json_each(:ids)"
)


class Standing(NamedTuple):
    """How many findings stand, and how many of them are certain errors."""

    findings: int
    errors: int


class Judging:
    """What is to be judged, and the reports as the rules take them."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    # What is to be judged

    def digest(self, subject: str = RULES) -> str | None:
        """Of what a subject was judged last; None where it was not yet, or not to the end."""
        with self._file.read() as connection:
            return marks.digest_of(connection, subject)

    def was_judged(self) -> bool:
        """Whether all was judged here before, to the end, be it by an older nianbao."""
        return self.digest() is not None or self.digest(marks.ONCE) is not None

    def judged(self, subject: str, digest: str, at: datetime) -> None:
        """Write down that a subject was judged."""
        with self._file.write() as connection:
            marks.set_digest(connection, subject, digest, to_text(at))
            if subject == RULES:
                marks.set_digest(connection, marks.ONCE, "", to_text(at))

    def begin(self) -> None:
        """Everything is going to be judged: until `judged` is called of all reports, whoever is killed begins anew;
        what changes meanwhile is marked."""
        with self._file.write() as connection:
            marks.begin(connection)

    def wait_for_owners(self, rules: Collection[str]) -> None:
        """Keep in mind of whom findings of these rules stand though there is no report of theirs any more."""
        with self._file.write() as connection:
            marks.mark_without_report(connection, rules)

    def marked(self, after: str, most: int) -> list[Marked]:
        """Some of the agencies of which something is to be judged, by key, from behind `after` on."""
        with self._file.read() as connection:
            return marks.marked(connection, after, most)

    def done(self, keys: Collection[Key]) -> None:
        """These were judged, within the transaction that saves what was found."""
        with self._file.write() as connection:
            marks.unmark(connection, keys)

    def moved(self, keys: Collection[Key], rules: Collection[str]) -> tuple[set[Key], set[Key]]:
        """Of agencies and years of which there is no report (any more): those of which findings stand whose documents
        are now known to be another's; and those of which findings of these rules stand that are nobody else's."""
        if not keys:
            return set(), set()
        with self._file.read() as connection:
            standing = marks.standing(connection, keys)
            documents = [
                (key, year, rule, {p["sha256"] for p in json.loads(places) if p.get("sha256") and p["year"] == year})
                for key, year, rule, places in standing
            ]
            taken = findings.documents_of_latest(connection, {one for *_, of in documents for one in of})
        moved = {(key, year) for key, year, _, of in documents if of & taken}
        return moved, {(key, year) for key, year, rule, _ in documents if rule in rules} - moved

    def adopt(self, keys: Iterable[Key] | None = None) -> int:
        """Have findings about agencies that the register did not know go on as those of the agencies that they are by
        now; how many. To be called before they are judged. keys: of these; else of those that are marked."""
        with self._file.write() as connection:
            return adoption.adopt(connection, adoption.unresolved(connection) if keys is None else keys)

    def standing(self) -> Standing:
        """What stands on record."""
        ((every, errors),) = self._file.query(
            "SELECT count(*), count(*) FILTER (WHERE severity = 'error' AND certainty = 'certain')"
            " FROM findings WHERE is_open"
        )
        return Standing(every, errors)

    # Reports

    def agencies_with_reports(self, most: int) -> Iterator[list[int]]:
        """The numbers of all agency keys, some at a time."""
        last = 0
        while True:
            rows = self._file.query("SELECT no FROM agency_keys WHERE no > ? ORDER BY no LIMIT ?", (last, most))
            if rows:
                yield [no for (no,) in rows]
                last = rows[-1][0]
            if len(rows) < most:
                return

    def reports(self, agencies: Iterable[int], years: Collection[int] | None = None) -> list[StoredReport]:
        """The reports to trust of these agencies (by the numbers of their keys), an agency's together and by year,
        their figures in no certain places (see load_reports): one view of the archive. years: only those of these."""
        with self._file.read() as connection:
            return list(load_reports(connection, paging.latest_of(self._file, agencies, years), placed=False))

    def placed(self, report_ids: Iterable[int]) -> dict[int, StoredReport]:
        """Reports with the places of their figures, by id."""
        with self._file.read() as connection:
            return {stored.id: stored for stored in load_reports(connection, report_ids)}

    # Whose they are

    def agencies(self, ids: Collection[str]) -> list[Agency]:
        """These agencies as the register has them, and those that came before or after them by what either side says;
        none of those that reports alone have named."""
        with self._file.read() as connection:
            wanted = [one for (one,) in connection.execute(_RELATIVES, {"ids": as_json(sorted(ids))})]
            return [agency for agency in register.each(connection, among=wanted) if agency.organ]

    def counted_by(self, ids: Collection[str]) -> set[str]:
        """These agencies, and those for which a report of theirs counts, too."""
        rows = self._file.query(
            "SELECT b.agency_id FROM json_each(:ids) i CROSS JOIN agency_keys k ON k.key = i.value"
            " CROSS JOIN wide w ON w.agency_no = k.no CROSS JOIN report_bodies b ON b.report_id = w.report_id"
            " UNION SELECT s.agency_id FROM stand_ins s WHERE s.by_agency_id IN (SELECT value FROM json_each(:ids))",
            {"ids": as_json(sorted(ids))},
        )
        return {*ids, *(one for (one,) in rows)}
