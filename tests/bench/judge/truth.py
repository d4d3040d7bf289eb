"""The book of what is wrong in this country: what must be found, what may be said besides, and who is innocent."""

from collections import Counter
from dataclasses import dataclass, field

WITH_FIGURE = frozenset(
    ("applications-balance", "applications-results", "applications-applicants", "challenges-total", "normative-stock")
)
"""Rules of which each broken figure is a finding of its own. Of all others an agency and a year are counted once."""

Key = tuple[str, str, int, str | None]
"""Rule, agency, reporting year, figure."""


def key_of(rule: str, agency_id: str, year: int, figure: str | None) -> Key:
    """What a finding is known by."""
    return rule, agency_id, year, figure if rule in WITH_FIGURE else None


@dataclass(slots=True)
class Truth:
    """errors: what must be found, with what was done. allowed: what may be said and need not, with the reason: it held
    for a while, or good observers would differ. innocents: look-alikes, by agency and year: their kinds. plots: each
    error that was put in, its kind with agency and year, however many findings follow from it. same: a body whose
    report is another's -> that other: a joint report may stand under either."""

    errors: dict[Key, str] = field(default_factory=dict)
    allowed: dict[Key, str] = field(default_factory=dict)
    innocents: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    plots: list[tuple[str, tuple[str, int]]] = field(default_factory=list)
    same: dict[str, str] = field(default_factory=dict)

    def expect(self, rule: str, agency_id: str, year: int, figure: str | None = None, *, why: str) -> None:
        """The finding must be made."""
        self.errors.setdefault(key_of(rule, agency_id, year, figure), why)

    def allow(self, rule: str, agency_id: str, year: int, figure: str | None = None, *, why: str) -> None:
        """The finding may be made: it is no false one, and not to make it is no fault."""
        self.allowed.setdefault(key_of(rule, agency_id, year, figure), why)

    def innocent(self, kind: str, agency_id: str, year: int) -> None:
        """Something that looks like an error, and is none."""
        self.innocents.setdefault((agency_id, year), []).append(kind)

    def put_in(self) -> Counter[str]:
        """How many of each kind of error there are."""
        return Counter(kind for kind, _ in self.plots)

    def look_alikes(self) -> Counter[str]:
        """How many of each kind of look-alike there are."""
        return Counter(kind for kinds in self.innocents.values() for kind in kinds)

    def circumstances(self, agency_id: str, year: int) -> str:
        """All that was done to the report of an agency for a year, in words."""
        said = [kind for kind, key in self.plots if key == (agency_id, year)]
        return "; ".join([*said, *self.innocents.get((agency_id, year), [])]) or "an ordinary report"
