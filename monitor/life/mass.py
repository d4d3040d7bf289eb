"""When many findings of one kind come at once from one place, it is more likely us than all of them. Pure.

A site that was rebuilt, a change in the software of many sites, or a new reader of ours may make many reports look
missing, late, withdrawn or revised at the same moment. They are held until a person has looked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from db.bursts import Origin, Sizes

if TYPE_CHECKING:
    from monitor.config import Mass

WATCHED = frozenset({"missing", "late", "withdrawn", "revised"})
"""The rules whose findings are held where they come in masses."""

By = Literal["portal", "platform", "parser"]


class Group(NamedTuple):
    """Findings of one rule from one portal, from all portals of one platform, or read by one version of the parser."""

    rule: str
    by: By
    name: str


class Burst(NamedTuple):
    """Many at once. many: findings of this group; of: agencies there, or reports read by that parser."""

    group: Group
    many: int
    of: int

    @property
    def why(self) -> str:
        """Why each of them is held, in a few words."""
        what = "reports read by" if self.group.by == "parser" else "agencies of"
        return f"one of {self.many} {self.group.rule} at once, {what} {self.group.by} {self.group.name}: {self.of}"


def groups_of(rule: str, origin: Origin) -> Iterator[Group]:
    """The groups to which a finding of a rule belongs, the narrowest first; none for a rule that is not watched."""
    if rule not in WATCHED:
        return
    if origin.portal is not None:
        yield Group(rule, "portal", origin.portal)
    if origin.platform is not None:
        yield Group(rule, "platform", origin.platform)
    # Whether it is missing does not depend on how it is read; whether its content changed does.
    if rule == "revised" and origin.parser is not None:
        yield Group(rule, "parser", origin.parser)


def bursts(counts: Counter[Group], sizes: Sizes, thresholds: "Mass") -> dict[Group, Burst]:
    """The groups that are too many at once: at least min_count, and at least the share of all that there are. A group
    of which it is not known how many there are counts as all of them."""
    found = {}
    for group, count in counts.items():
        known = {"portal": sizes.portals, "platform": sizes.platforms, "parser": sizes.parsers}[group.by]
        of = max(known.get(group.name, 0), count)
        if count >= thresholds.min_count and count >= thresholds.share * of:
            found[group] = Burst(group, count, of)
    return found


def widest(groups: Iterable[Group], found: dict[Group, Burst]) -> Burst | None:
    """Of the groups of one finding the burst with most findings; None where none is one."""
    return max((found[group] for group in groups if group in found), key=lambda burst: burst.many, default=None)
