"""Which findings a chat may see: the one place that decides it, for lists, numbers, buttons and documents alike."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_args

from db.archive import Archive
from db.errors import ArchiveError
from db.finding_state import State, claim_in
from db.readings.rows import as_json
from db.telling.gates import ARITHMETIC
from db.telling.lookups import Lookups
from db.times import to_text
from monitor.config import Config
from monitor.judging.rule import Kind

Row = dict[str, Any]


class Eyes(NamedTuple):
    """Who looks: a desk, which sees what stands and is sure enough, also what waits for a person; anybody else sees
    what the public may be told."""

    is_desk: bool
    config: Config
    now: datetime


def visible(archive: Archive, eyes: Eyes, rows: Iterable[Row]) -> list[Row]:
    """Those of these rows of findings that may be seen."""
    suspended = archive.life.suspended()
    return [row for row in rows if _may_see(eyes, row, archive.life.state(row["fingerprint"]), suspended)]


def one(archive: Archive, eyes: Eyes, fingerprint: str) -> Row | None:
    """The finding of a number, or of its beginning; None where there is none, or it may not be seen: who may not see it
    must not learn which."""
    try:
        number = archive.life.find(fingerprint)
    except ArchiveError:
        return None
    found = visible(archive, eyes, archive.life.rows([number]))
    return found[0] if found else None


def listed(
    archive: Archive,
    eyes: Eyes,
    *,
    place: str = "",
    agency_id: str = "",
    rules: Sequence[str] = (),
    year: int | None = None,
    most: int,
) -> list[Row]:
    """The findings that may be seen, the newest first, of the newest `most` that fit."""
    chosen = Lookups(archive).findings(
        place=place, agency_id=agency_id, rules=rules, year=year, public_kinds=_public_kinds(eyes), most=most
    )
    return visible(archive, eyes, archive.life.rows(chosen))


def _may_see(eyes: Eyes, row: Row, state: State, suspended: dict[str, str]) -> bool:
    if not (row["is_open"] and row["told"] and row["confirmed"]) or row["certainty"] == "doubtful":
        return False
    if eyes.is_desk:
        return True
    claim = claim_in(as_json(row["observed"]), as_json(row["expected"]))
    if row["held_why"] is not None or row["rule"] in suspended or state.is_silenced(claim, to_text(eyes.now)):
        return False
    if row["kind"] == ARITHMETIC or not eyes.config.findings.public_needs_release:
        return True
    return state.is_released(claim)


def _public_kinds(eyes: Eyes) -> list[str] | None:
    if eyes.is_desk:
        return None
    return [ARITHMETIC] if eyes.config.findings.public_needs_release else list(get_args(Kind))
