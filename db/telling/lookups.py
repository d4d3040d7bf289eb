"""What people ask for by name, found with few and quick questions: regions, agencies, their reports, findings to list,
documents at their addresses. Reading only.
"""

from collections.abc import Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import NamedTuple

from db.connection import ArchiveFile
from db.local_rules import region_stem
from db.readings.rows import as_json
from db.times import from_text

_GOVERNMENT = "人民政府"  # behind the name of a place; a province's is called so alone
_LONGEST = 20  # characters of a name that are looked for
_SHORTEST = 2
_POOL = 60  # names among which the likest are chosen
# By the index of years and agencies.
_OF_AGENCY = (
    "f.fingerprint IN (SELECT g.fingerprint FROM json_each(:years) y CROSS JOIN findings g"
    " ON g.year = y.value AND g.agency_key = :agency)"
)
_YEARS = as_json(list(range(2000, 2100)))
# The order of what is listed: the newest year and finding first.
_NEWEST = "ORDER BY f.year DESC, f.first_found_at DESC, f.fingerprint"


class Place(NamedTuple):
    """A region, by its code: of the packaged list, or one for whose government the register has a code."""

    code: str
    name: str


class Named(NamedTuple):
    """An agency of the register, as far as it takes to tell it from others."""

    id: str
    name: str
    region_code: str


class Held(NamedTuple):
    """A report that is there: its year, where it stands, its document, and when it was first and last seen."""

    year: int
    source: str
    url: str
    sha256: str
    title: str | None
    first_seen_at: datetime
    last_seen_at: datetime


class Shown(NamedTuple):
    """A document as it stood at an address."""

    url: str
    page_url: str
    title: str | None
    first_seen_at: datetime
    last_seen_at: datetime


class Tried(NamedTuple):
    """The last crawl of a portal that ended. name: of the portal, None where it is not known."""

    portal: str
    name: str | None
    at: datetime
    outcome: str


class Lookups:
    """Questions of people to an open archive."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file

    # Places

    def places(self, text: str) -> list[Place]:
        """The regions of a code, or a name, whole or its beginning (四川, 四川省); those whose whole name it is before
        all others. Of a code that the list does not have, that for which the register has agencies."""
        if text.isascii() and text.isdigit():
            return self._place_of_code(text)
        if len(text) < _SHORTEST:
            return []
        rows = self._file.query(
            "SELECT code, name FROM regions WHERE name LIKE :like ESCAPE '!'"
            " UNION SELECT region_code, substr(name, 1, length(name) - :shorter) FROM agencies"
            " WHERE organ = 'government' AND region_code <> '' AND name LIKE :like || :government ESCAPE '!'"
            " ORDER BY 1 LIMIT 100",
            {"like": _like(text)[1:], "government": _GOVERNMENT, "shorter": len(_GOVERNMENT)},
        )
        places: dict[str, Place] = {}
        for row in [row for row in rows if row[1] == text] or rows:
            places.setdefault(region_stem(row[0]), Place(*row))
        return list(places.values())

    def place_name(self, code: str) -> str:
        """The name of a region by its code, with what is around it; the code itself where it has none."""
        names = []
        stems = dict.fromkeys(code[:length] for length in (2, 4, 6, 9, 12) if length <= len(region_stem(code)))
        for stem in stems:
            found = self._file.query(
                "SELECT name FROM regions WHERE code = ? UNION ALL SELECT substr(name, 1, length(name) - ?) FROM"
                " agencies WHERE organ = 'government' AND region_code IN (?, ?) LIMIT 1",
                (stem.ljust(6, "0"), len(_GOVERNMENT), stem, stem.ljust(6, "0")),
            )
            names += [found[0][0]] if found else []
        kept = [name for n, name in enumerate(names) if not any(other.startswith(name) for other in names[n + 1 :])]
        return "".join(kept) or code

    def places_like(self, text: str, most: int) -> list[Place]:
        """Regions whose names have most of this in them."""
        for part in _parts(text):
            rows = self._file.query(
                "SELECT code, name FROM regions WHERE name LIKE ? ESCAPE '!' ORDER BY length(name), code LIMIT ?",
                (_like(part), most),
            )
            if rows:
                return [Place(*row) for row in rows]
        return []

    def _place_of_code(self, code: str) -> list[Place]:
        if len(code) not in (2, 4, 6, 9, 12) or not region_stem(code):
            return []
        stem = region_stem(code)
        known = self._file.query(
            "SELECT 1 FROM regions WHERE code = ? UNION ALL SELECT 1 FROM agencies WHERE region_code >= ? AND"
            " region_code < ? LIMIT 1",
            (stem.ljust(6, "0"), stem, f"{stem}:"),
        )
        return [Place(code, self.place_name(code))] if known else []

    # Agencies

    def agencies(self, text: str) -> list[Named]:
        """The agencies of the register that have this id, name or alias."""
        rows = self._file.query(
            "SELECT id, name, region_code FROM agencies WHERE organ <> '' AND (id = ?1 OR name = ?1 OR id IN"
            " (SELECT agency_id FROM agency_aliases WHERE alias = ?1)) ORDER BY id LIMIT 50",
            (text,),
        )
        exact = [row for row in rows if row[0] == text]
        return [Named(*row) for row in exact or rows]

    def agencies_like(self, text: str, most: int) -> list[Named]:
        """Agencies whose names or aliases are like this, the likest first."""
        found: dict[str, tuple[Named, str]] = {}
        for part in _parts(text):
            for agency_id, name, code, spelling in self._file.query(
                "SELECT id, name, region_code, name FROM agencies WHERE organ <> '' AND name LIKE ?1 ESCAPE '!'"
                " UNION SELECT a.id, a.name, a.region_code, s.alias FROM agency_aliases s JOIN agencies a"
                " ON a.id = s.agency_id WHERE a.organ <> '' AND s.alias LIKE ?1 ESCAPE '!' LIMIT ?2",
                (_like(part), _POOL),
            ):
                found.setdefault(f"{agency_id} {spelling}", (Named(agency_id, name, code), spelling))
            if len(found) >= _POOL:
                break
        ranked = sorted(found.values(), key=lambda one: -SequenceMatcher(None, text, one[1]).ratio())
        return list(dict.fromkeys(named for named, _ in ranked))[:most]

    def reports_of(self, agency_id: str) -> list[Held]:
        """The current reports of an agency, joint ones too; the newest year first."""
        columns = "r.year, r.source, r.url, r.sha256, r.title, r.first_seen_at, r.last_seen_at"
        rows = self._file.query(
            f"SELECT {columns} FROM reports r WHERE r.agency_key = ?1 AND r.is_current = 1"
            f" UNION SELECT {columns} FROM report_bodies b CROSS JOIN reports r ON r.id = b.report_id"
            " WHERE b.agency_id = ?1 AND r.is_current = 1 ORDER BY 1 DESC, 2, 3",
            (agency_id,),
        )
        return [Held._make((*row[:5], from_text(row[5]), from_text(row[6]))) for row in rows]

    # Findings

    def findings(
        self,
        *,
        place: str = "",
        agency_id: str = "",
        rules: Sequence[str] = (),
        year: int | None = None,
        public_kinds: Sequence[str] | None = None,
        most: int,
    ) -> list[str]:
        """The fingerprints of findings that stand, are told and are sure enough, the newest first; at most so many.

        place: a region's code, with all below it. public_kinds: only those that may be public: not held, and of these
        kinds or released by a person (of what claim is to be looked at); None: all.
        """
        stem = region_stem(place) if place else ""
        rows = self._file.query(
            "SELECT f.fingerprint FROM findings f LEFT JOIN agencies a ON a.id = f.agency_id"
            " WHERE f.is_open AND f.told AND f.confirmed AND f.certainty <> 'doubtful'"
            f" AND (:year IS NULL OR f.year = :year) AND {_OF_AGENCY if agency_id else '1'}"
            " AND (:stem = '' OR (a.region_code >= :stem AND a.region_code < :stem || ':'))"
            " AND (:rules = '[]' OR f.rule IN (SELECT value FROM json_each(:rules)))"
            " AND (:kinds IS NULL OR (f.held_why IS NULL AND (f.kind IN (SELECT value FROM json_each(:kinds)) OR EXISTS"
            " (SELECT 1 FROM finding_events e WHERE e.fingerprint = f.fingerprint AND e.event = 'released'))))"
            f" {_NEWEST} LIMIT :most",
            {
                "year": year,
                "agency": agency_id,
                "years": _YEARS,
                "stem": stem,
                "rules": as_json(list(rules)),
                "kinds": None if public_kinds is None else as_json(list(public_kinds)),
                "most": most,
            },
        )
        return [fingerprint for (fingerprint,) in rows]

    # Documents and looks

    def shown_at(self, sha256: str) -> list[Shown]:
        """Where and when a document was seen as a possible report; the last look first."""
        rows = self._file.query(
            "SELECT url, page_url, title, first_seen_at, last_seen_at FROM sightings WHERE sha256 = ?"
            " ORDER BY last_seen_at DESC, id LIMIT 20",
            (sha256,),
        )
        return [Shown._make((*row[:3], from_text(row[3]), from_text(row[4]))) for row in rows]

    def last_crawls(self) -> list[Tried]:
        """The last crawl of each portal that ended, by portal."""
        rows = self._file.query(
            "SELECT p.id, p.name, c.ended_at, c.outcome FROM portals p JOIN crawls c ON c.id = (SELECT max(id) FROM"
            " crawls WHERE portal = p.id AND ended_at IS NOT NULL) ORDER BY p.id"
        )
        return [Tried(portal, name, from_text(at), outcome) for portal, name, at, outcome in rows]


def _parts(text: str) -> list[str]:
    """A text and shorter ends and beginnings of it, the longest first."""
    text = text[:_LONGEST]
    parts = [text]
    for length in range(len(text) - 1, _SHORTEST - 1, -1):
        parts += [text[-length:], text[:length]]
    return [part for part in dict.fromkeys(parts) if part.strip()]


def _like(part: str) -> str:
    return "%" + "".join(f"!{c}" if c in "!%_" else c for c in part) + "%"
