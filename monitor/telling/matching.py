"""Who wants to hear of a finding. Pure, and fast: each filter lies under the facets that it gives, so that a finding
asks for as many entries as there are kinds of filters, however many there are of each."""

from collections.abc import Iterable
from typing import NamedTuple

from db.records import Agency, Finding
from db.telling.records import Filter, Subscriber

SEVERITIES = ("notice", "warning", "error")
"""From the least on."""

_ENDS = ((9, "000"), (6, "000"), (4, "00"), (2, "00"))  # the shorter code, and the rest that says "all of it"

_Entry = tuple[str, ...]


class _Shape(NamedTuple):
    """A kind of filters: how many digits of a place they give (0: none), and which of the other facets."""

    digits: int
    has_agency: bool
    has_organ: bool
    has_kind: bool
    has_rule: bool
    has_severity: bool


class Matcher:
    """Chats with what they want to hear of, ready to be asked."""

    def __init__(self, subscribers: Iterable[tuple[Subscriber, Iterable[Filter]]]) -> None:
        self._subscribers: list[Subscriber] = []
        self._entries: dict[_Shape, dict[_Entry, list[int]]] = {}
        for subscriber, filters in subscribers:
            number = len(self._subscribers)
            self._subscribers.append(subscriber)
            for one in filters:
                self._add(number, one)

    def match(self, finding: Finding, agency: Agency | None) -> list[Subscriber]:
        """The chats of which any filter fits, each once, in the order in which they were given. agency: the one that it
        is about; None where the register does not know it: then no filter by place, agency or organ fits."""
        place, agency_id, organ = (agency.region_code, agency.id, agency.organ) if agency else ("", "", "")
        found: set[int] = set()
        for shape, entries in self._entries.items():
            entry = (
                place[: shape.digits],
                agency_id if shape.has_agency else "",
                organ if shape.has_organ else "",
                finding.kind if shape.has_kind else "",
                finding.rule if shape.has_rule else "",
                finding.severity if shape.has_severity else "",
            )
            if entry in entries:
                found.update(entries[entry])
        return [self._subscribers[number] for number in sorted(found)]

    def _add(self, number: int, wanted: Filter) -> None:
        place = subtree(wanted.place)
        shape = _Shape(
            len(place),
            bool(wanted.agency_id),
            bool(wanted.organ),
            bool(wanted.kind),
            bool(wanted.rule),
            bool(wanted.severity),
        )
        entries = self._entries.setdefault(shape, {})
        # The least severity: the filter lies under each from it on.
        fitting = at_least(wanted.severity) if wanted.severity else ("",)
        for severity in fitting:
            entry = (place, wanted.agency_id, wanted.organ, wanted.kind, wanted.rule, severity)
            entries.setdefault(entry, []).append(number)


def subtree(code: str) -> str:
    """What the codes of a region and of all below it begin with: 370400 -> 3704, 370000000000 -> 37."""
    for digits, rest in _ENDS:
        if len(code) == digits + len(rest) and code.endswith(rest):
            code = code[:digits]
    return code


def at_least(severity: str) -> tuple[str, ...]:
    """The severities from one on; one that is none of ours is itself only."""
    return SEVERITIES[SEVERITIES.index(severity) :] if severity in SEVERITIES else (severity,)
