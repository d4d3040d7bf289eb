"""What has become of a finding, as a bundle says it: whether it stands, and what is said of it besides.

Reasons are in it, masked as prose is; who gave them is not.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

from db.archive import Archive
from db.finding_state import claim_in
from db.readings.rows import as_json
from db.times import from_text
from monitor.catalogue import say
from monitor.evidence.words import Words, beijing
from monitor.exports.masking import Masked, mask


class Standing(NamedTuple):
    """gone_at: None while the rules find it. wrong: the reasons of those who call it wrong as it is now. is_muted: a
    person wants nothing told of it, until muted_until (None: for good). is_held: it waits for a person's look.
    is_suspended: its rule is. is_confirmed: more than one look was had. is_told: it is not only shown. checked: how
    many people have checked it as it is now."""

    gone_at: datetime | None
    wrong: tuple[str, ...]
    is_muted: bool
    muted_until: datetime | None
    is_held: bool
    is_suspended: bool
    is_confirmed: bool
    is_told: bool
    checked: int

    @property
    def is_open(self) -> bool:
        return self.gone_at is None

    @property
    def is_plain(self) -> bool:
        """It stands, and nothing else is to be said of that."""
        return self.is_open and not self.reservations()

    def reservations(self) -> list[Words]:
        """What a reader must know before using it, as clauses."""
        found = [say("bundle-said-wrong", reason=reason) for reason in self.wrong]
        if self.is_held:
            found.append(say("bundle-said-held"))
        if self.is_suspended:
            found.append(say("bundle-said-suspended"))
        if self.is_muted and self.muted_until is not None:
            found.append(say("bundle-said-muted-until", when=beijing(self.muted_until)[:10]))
        elif self.is_muted:
            found.append(say("bundle-said-muted"))
        if not self.is_confirmed:
            found.append(say("bundle-said-unconfirmed"))
        elif not self.is_told:
            found.append(say("bundle-said-not-told"))
        return found

    def words(self) -> Words:
        """The state in a sentence."""
        if self.is_plain:
            return say("bundle-open")
        first = say("bundle-gone", when=beijing(self.gone_at)) if self.gone_at else say("bundle-still-found")
        parts = [first, *self.reservations()]
        return "；".join(zh for zh, _ in parts), "; ".join(en for _, en in parts)

    def data(self) -> dict[str, Any]:
        """For data.json."""
        return {
            "stands": self.is_plain,
            "wrong": list(self.wrong),
            "is_muted": self.is_muted,
            "muted_until": self.muted_until and self.muted_until.isoformat(),
            "is_held": self.is_held,
            "is_suspended": self.is_suspended,
            "confirmed": self.is_confirmed,
            "told": self.is_told,
            "checked": self.checked,
        }


def standing_of(archive: Archive, row: dict[str, Any]) -> Standing:
    """Of a finding as the archive has it. A mute that is over by now is still named, with its last day."""
    state = archive.life.state(row["fingerprint"])
    claim = claim_in(as_json(row["observed"]), as_json(row["expected"]))
    names = {event.made_by for event in archive.life.events(row["fingerprint"]) if event.made_by}
    mute = state.mute(claim, "")
    return Standing(
        gone_at=None if row["is_open"] else from_text(row["gone_at"]),
        wrong=tuple(nameless(said.reason or "—", names) for said in state.wrongs(claim)),
        is_muted=mute is not None,
        muted_until=from_text(mute.until) if mute and mute.until else None,
        is_held=row["held_why"] is not None,
        is_suspended=row["rule"] in archive.life.suspended(),
        is_confirmed=bool(row["confirmed"]),
        is_told=bool(row["told"]) and row["certainty"] != "doubtful",
        checked=len(state.checked_by(claim)),
    )


def nameless(reason: str, names: set[str]) -> str:
    """A reason as it is handed out: masked, and without those who answered."""
    if names:
        known = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        reason = re.sub(known, say("bundle-somebody")[0], reason)
    return mask(reason, Masked())
