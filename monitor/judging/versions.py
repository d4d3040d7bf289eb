"""The agency's report at several addresses at the same time, with different figures. Pure."""

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from monitor.compare import Change
from monitor.judging.alteration import alteration
from monitor.judging.revisions import Content, lines, own
from monitor.judging.season import Publication, Season
from monitor.judging.withdrawal import is_gone
from parsers.names import clean_name

MOST_DIFFERENT = 0.5
"""Of the numbers that are given in both; where more differ, one of the two is perhaps another report."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Two contents that stood at the same time. is_one_page: they are linked from one page. is_doubtful: so much
    differs that one may be another report, or of other bodies."""

    first: Content
    second: Content
    figures: tuple[Change, ...]
    is_one_page: bool
    is_doubtful: bool

    @property
    def is_seen_twice(self) -> bool:
        """Whether a second look has shown each of them."""
        return self.first.is_seen_twice and self.second.is_seen_twice


def versions(season: Season) -> list[Versions]:
    """The pairs of addresses of an agency's own report whose figures differ; of more than two those with the first."""
    replaced = [{p.url for p in line} for line in lines(season)]
    found = []
    for one, other in combinations(sorted(own(season), key=lambda p: p.first_seen_at), 2):
        if any({one.url, other.url} <= line for line in replaced) or not _overlap(one, other):
            continue
        if (pair := _compared(season, one, other)) is not None:
            found.append(pair)
    return found


def _compared(season: Season, one: Publication, other: Publication) -> Versions | None:
    reports = [season.contents.get(p.revisions[-1].report_id) for p in (one, other)]
    first, second = reports
    if first is None or second is None or one.revisions[-1].parser_version != other.revisions[-1].parser_version:
        return None
    names = {clean_name(report.agency or "") for report in (first, second)}
    if len(names) > 1 or first.scope != second.scope or one.sha256 == other.sha256:
        return None  # of other bodies, by their own words
    said = alteration(first, second)
    figures = tuple(c for c in said.figures if _is_number(c)) if said else ()
    if not figures:
        return None
    given = sum(first.value(name) is not None and second.value(name) is not None for name in first.figures)
    return Versions(
        Content(one.url, one.revisions[-1], first),
        Content(other.url, other.revisions[-1], second),
        figures,
        one.page_url == other.page_url,
        len(figures) > MOST_DIFFERENT * given,
    )


def _is_number(change: Change) -> bool:
    """A number on both sides: a blank in one of two files is a matter of the format more often than of the figure."""
    return all(figure is not None and figure.value is not None for figure in (change.before, change.after))


def _overlap(one: Publication, other: Publication) -> bool:
    """Whether both contents stood at the same time, as far as was seen, and neither is gone."""
    if any(is_gone(look.outcome for look in p.own_looks) for p in (one, other)):
        return False
    begun: datetime = max(p.revisions[-1].first_seen_at for p in (one, other))
    return all(p.revisions[-1].last_seen_at >= begun for p in (one, other))
