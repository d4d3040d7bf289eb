"""What is checked between the rows of a register: relations that lead somewhere, run in no circle and fit in time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from db.records import Agency
from parsers.names import clean_name

Note = tuple[str, str]
"""(id of the agency, `column: sentence`)."""


def check_relations(agencies: Sequence[Agency], archived: Collection[str] | None) -> tuple[list[Note], list[Note]]:
    """(faults, warnings) about predecessors, successors, supervisor, parent and covered_by.

    archived: the ids that the archive knows, None where it was not asked.
    """
    known = {agency.id: agency for agency in agencies}
    faults: list[Note] = []
    warnings: list[Note] = []
    for agency in agencies:
        for column, other in _named(agency):
            if other in known:
                continue
            if archived is not None and other not in archived:
                faults.append(
                    (agency.id, f"{column}: {other} is no id of this register; add its row, or take it out here")
                )
            else:
                warnings.append((agency.id, f"{column}: {other} is not in this file, at most in the archive"))
    for column in ("supervisor", "parent", "covered_by"):
        edges = {a.id: [other] for a in agencies if (other := getattr(a, column))}
        faults += [_circle_fault(column, way, known) for way in _circles(edges)]
    successions = {pair: note for agency in agencies for pair, note in _successions(agency)}
    later: dict[str, list[str]] = defaultdict(list)
    for before, after in successions:
        later[before].append(after)
    faults += [_circle_fault("successors", way, known) for way in _circles(later)]
    for (before, after), (where, column) in successions.items():
        if before in known and after in known and before != after:
            wrong, odd = _years(known[before], known[after])
            faults += [(where, f"{column}: {sentence}") for sentence in wrong]
            warnings += [(where, f"{column}: {sentence}") for sentence in odd]
    return faults, warnings


def name_warnings(agencies: Iterable[Agency]) -> list[Note]:
    """Names and aliases that several agencies of one region bear: no document can be told apart by them."""
    bearers: dict[tuple[str, str], Agency] = {}  # the first of each
    others: dict[tuple[str, str], list[Agency]] = defaultdict(list)
    for agency in agencies:
        for spelling in {clean_name(name) for name in (agency.name, *agency.aliases)}:
            if bearers.setdefault((spelling, agency.region_code), agency) is not agency:
                others[spelling, agency.region_code].append(agency)
    return [
        (second.id, f"aliases: {spelling} is also a name of {first.id}; reports under it belong to neither")
        for (spelling, code), first in bearers.items()
        for second in others.get((spelling, code), ())
    ]


def _named(agency: Agency) -> Iterator[tuple[str, str]]:
    for column in ("predecessors", "successors"):
        for other in getattr(agency, column):
            yield column, other
    for column in ("supervisor", "parent", "covered_by"):
        if other := getattr(agency, column):
            yield column, other


def _successions(agency: Agency) -> Iterator[tuple[tuple[str, str], Note]]:
    """((before, after), (where it is said, column))."""
    for other in agency.successors:
        yield (agency.id, other), (agency.id, "successors")
    for other in agency.predecessors:
        yield (other, agency.id), (agency.id, "predecessors")


def _years(before: Agency, after: Agency) -> tuple[list[str], list[str]]:
    if before.to_year is None:
        return [f"{before.id} has a successor and no to_year; write its last reporting year"], []
    if after.to_year is not None and after.to_year < before.to_year:
        return [f"{after.id} ends in {after.to_year}, before its predecessor {before.id} in {before.to_year}"], []
    if after.from_year is not None and after.from_year > before.to_year + 1:
        return [], [f"nobody reports between {before.id}, to {before.to_year}, and {after.id}, from {after.from_year}"]
    return [], []


def _circle_fault(column: str, way: Sequence[str], known: Collection[str]) -> Note:
    """The fault, told at an agency that the file has: whoever names another is one."""
    where = next(one for one in way if one in known)
    return where, f"{column}: runs in a circle: {' → '.join([*way, way[0]])}; cut it"


def _circles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """The agencies on each circle, once."""
    done: set[str] = set()
    for start in edges:
        way: list[str] = []
        open_branches = [iter([start])]
        while open_branches:
            step = next(open_branches[-1], None)
            if step is None:
                open_branches.pop()
                if way:
                    done.add(way.pop())
            elif step in way:
                yield way[way.index(step) :]
            elif step not in done:
                way.append(step)
                open_branches.append(iter(edges.get(step, ())))
