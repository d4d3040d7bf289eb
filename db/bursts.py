"""What was found lately and told to nobody so far, by whose portal and by which parser; and how many there could be."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from db.findings import load
from db.readings.rows import as_json
from db.records import Finding
from db.times import from_text

if TYPE_CHECKING:
    from db.connection import ArchiveFile

_BATCH = 500

# Of those that are given, and those with a message that waits and was never tried; no person has released them.
_FRESH = """
SELECT f.fingerprint FROM (SELECT value AS fingerprint FROM json_each(:found)
    UNION SELECT fingerprint FROM outbox WHERE state = 'pending' AND attempts = 0 AND error IS NULL) c
CROSS JOIN findings f ON f.fingerprint = c.fingerprint
WHERE f.is_open AND f.told AND f.held_why IS NULL AND f.rule IN (SELECT value FROM json_each(:rules))
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.state = 'sent' AND o.fingerprint = f.fingerprint)
  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.state = 'pending' AND o.attempts > 0 AND o.fingerprint = f.fingerprint)
  AND NOT EXISTS (SELECT 1 FROM finding_events e WHERE e.fingerprint = f.fingerprint AND e.event = 'released')
ORDER BY f.fingerprint"""

_HELD = """
SELECT f.fingerprint, (SELECT max(e.at) FROM finding_events e WHERE e.fingerprint = f.fingerprint AND e.event = 'held')
FROM findings f WHERE f.fingerprint > :after AND f.is_open AND f.held_why IS NOT NULL
  AND f.rule IN (SELECT value FROM json_each(:rules)) ORDER BY f.fingerprint LIMIT :most"""

_OF_AGENCIES = """
SELECT a.id, a.portal, p.platform FROM json_each(?) i JOIN agencies a ON a.id = i.value
LEFT JOIN portals p ON p.id = a.portal"""

# By which parser the newest of the documents was read that a finding rests on.
_PARSER = """
SELECT d.parser_version FROM json_each(?) i JOIN readings d ON d.sha256 = i.value
WHERE d.parser_version <> '' ORDER BY d.seen_at DESC LIMIT 1"""


class Origin(NamedTuple):
    """Where a finding comes from. portal, platform: of its agency by the register; parser: by which the newest document
    that it rests on was read. None where it is not known."""

    portal: str | None
    platform: str | None
    parser: str | None


class Sizes(NamedTuple):
    """How many there could be: agencies of the register by portal and by platform, reports by the parser that read
    them."""

    portals: dict[str, int]
    platforms: dict[str, int]
    parsers: dict[str, int]


def fresh(file: "ArchiveFile", rules: Iterable[str], found: Iterable[str]) -> Iterator[Finding]:
    """The findings of some rules that stand, may be told and are not held, of which nobody was told so far: those that
    were found just now (fingerprints), and those whose messages wait untried. One by one; they may be changed
    meanwhile. What a person has released is not among them."""
    values = {"rules": as_json(sorted(rules)), "found": as_json(sorted(found))}
    fresh = [fingerprint for (fingerprint,) in file.query(_FRESH, values)]
    for start in range(0, len(fresh), _BATCH):
        with file.read() as connection:
            some = [load(connection, fingerprint) for fingerprint in fresh[start : start + _BATCH]]
        yield from some


def held(file: "ArchiveFile", rules: Iterable[str]) -> Iterator[tuple[Finding, datetime]]:
    """The findings of some rules that stand and are held, each with the time since when. One by one."""
    values = {"rules": as_json(sorted(rules)), "after": "", "most": _BATCH}
    while True:
        with file.read() as connection:
            some = connection.execute(_HELD, values).fetchall()
            found = [(load(connection, fingerprint), from_text(at)) for fingerprint, at in some]
        yield from found
        if len(some) < _BATCH:
            return
        values["after"] = some[-1][0]


def origins(file: "ArchiveFile", findings: list[Finding]) -> dict[str, Origin]:
    """Fingerprint -> where it comes from, for some findings."""
    ids = sorted({finding.agency_id for finding in findings if finding.agency_id is not None})
    of = {agency: (portal, platform) for agency, portal, platform in file.query(_OF_AGENCIES, (as_json(ids),))}
    found = {}
    for finding in findings:
        documents = sorted({place["sha256"] for place in finding.places if place.get("sha256")})
        parser = file.query(_PARSER, (as_json(documents),)) if documents else []
        found[finding.fingerprint] = Origin(
            *of.get(finding.agency_id or "", (None, None)), parser[0][0] if parser else None
        )
    return found


def sizes(file: "ArchiveFile") -> Sizes:
    """See Sizes."""
    portals = dict(
        file.query("SELECT portal, count(*) FROM agencies WHERE organ <> '' AND portal IS NOT NULL GROUP BY portal")
    )
    platforms: dict[str, int] = {}
    for portal, platform in file.query("SELECT id, platform FROM portals WHERE platform IS NOT NULL"):
        platforms[platform] = platforms.get(platform, 0) + portals.get(portal, 0)
    parsers = dict(
        file.query("SELECT parser_version, count(*) FROM reports WHERE is_current = 1 GROUP BY parser_version")
    )
    return Sizes(portals, platforms, parsers)
