"""Many reports, a page at a time: each page is a read of its own, so that nobody who writes meanwhile is in the way,
and no more than a page is in memory."""

from collections.abc import Iterable, Iterator

from db.connection import ArchiveFile
from db.readings.rows import as_json

PAGE = 500


def latest_of(file: ArchiveFile, numbers: Iterable[int], years: Iterable[int] | None = None) -> list[int]:
    """The numbers of the reports to trust of these agencies, by number; in their order, then by year. years: only those
    for these."""
    chosen = "" if years is None else " AND w.year IN (SELECT value FROM json_each(:years))"
    rows = file.query(
        "SELECT w.report_id FROM json_each(:numbers) n CROSS JOIN wide w ON w.agency_no = n.value AND w.is_latest = 1"
        f"{chosen} ORDER BY n.key, w.year, w.report_id",
        {"numbers": as_json(list(numbers)), "years": None if years is None else as_json(sorted(years))},
    )
    return [report_id for (report_id,) in rows]


def latest(file: ArchiveFile, year: int | None = None, agency_id: str | None = None) -> Iterator[int]:
    """The numbers of the reports to trust, for a year or an agency if named; by agency, then year. The agencies are in
    the order in which the archive came to know them."""
    last = (0, 0, 0)
    chosen = "" if year is None else " AND year = :year"
    if agency_id is not None:
        chosen += " AND agency_no = (SELECT no FROM agency_keys WHERE key = :agency)"
    while True:
        rows = file.query(
            "SELECT agency_no, year, report_id FROM wide WHERE is_latest = 1"
            f" AND (agency_no, year, report_id) > (:no, :last_year, :id){chosen}"
            " ORDER BY agency_no, year, report_id LIMIT :most",
            {
                "no": last[0], "last_year": last[1], "id": last[2], "most": PAGE, "year": year, "agency": agency_id,
            },
        )  # fmt: skip
        for *_, report_id in rows:
            yield report_id
        if len(rows) < PAGE:
            return
        last = rows[-1]
