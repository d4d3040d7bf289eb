"""The part of the register that matters to some agencies: what shares a portal or a region with them."""

from collections.abc import Collection, Iterable

from db import register
from db.connection import ArchiveFile
from db.readings.rows import as_json
from db.records import Agency


class Neighbourhood:
    """Reads the register in part: a country's is large, and one agency's portal names few of it."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    def around(self, ids: Collection[str]) -> list[Agency]:
        """These agencies, all of their portals, and all of the regions of either and of those right above them; by id.
        Of the register alone."""
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT id FROM agencies WHERE id IN (SELECT value FROM json_each(:ids)) OR portal IN (SELECT portal"
                " FROM agencies WHERE id IN (SELECT value FROM json_each(:ids)))",
                {"ids": as_json(sorted(ids))},
            ).fetchall()
            near = {agency_id for (agency_id,) in rows} | set(ids)
            regions = {agency_id.partition(":")[0] for agency_id in near}
            regions |= {region[:digits] + "0" * (6 - digits) for region in regions for digits in (2, 4)}
            for region in regions:
                more = connection.execute(
                    "SELECT id FROM agencies WHERE id > ? AND id < ?", (f"{region}:", f"{region};")
                )
                near |= {agency_id for (agency_id,) in more}
            return [agency for agency in register.each(connection, among=near) if agency.organ]

    def named(self, names: Iterable[str]) -> list[Agency]:
        """The agencies of the register that have one of these names, or one of these ids."""
        wanted = as_json(sorted(set(names)))
        with self._file.read() as connection:
            rows = connection.execute(
                "SELECT id FROM agencies WHERE name IN (SELECT value FROM json_each(:names))"
                " UNION SELECT agency_id FROM agency_aliases WHERE alias IN (SELECT value FROM json_each(:names))"
                " UNION SELECT id FROM agencies WHERE id IN (SELECT value FROM json_each(:names))",
                {"names": wanted},
            ).fetchall()
            found = {agency_id for (agency_id,) in rows}
            return [agency for agency in register.each(connection, among=found) if agency.organ] if found else []

    def stand_ins(self, ids: Collection[str] | None = None) -> list[tuple[str, int, str]]:
        """(agency, year or 0 for every year, another whose report counts for it); of these agencies, or of all."""
        if ids is None:
            return self._file.query("SELECT agency_id, year, by_agency_id FROM stand_ins")
        return self._file.query(
            "SELECT i.agency_id, i.year, i.by_agency_id FROM json_each(?) j"
            " CROSS JOIN stand_ins i ON i.agency_id = j.value",
            (as_json(sorted(ids)),),
        )
