"""Whose a report is and of which year: from printed names, titles, and what is known of the portal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from parsers.names import Names
from parsers.titles import read_title, simplified


@dataclass(slots=True)
class Whose:
    """regions: portal -> the code of the region of all its agencies. places: portal -> the place in front of short
    agency names (住建局)."""

    names: Names
    regions: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def id_of(self, printed: str | None, portal: str | None, *, text: str = "") -> str | None:
        """The id of the agency that a name printed on a portal means; None where that cannot be told.

        text: the document's prose, which may say which of several places is meant.
        """
        for name in self._candidates(printed, portal):
            if found := self.names.resolve(name, within=self.regions.get(portal or ""), text=text):
                return found
        return None

    def ids_of(self, printed: str | None, portal: str | None) -> set[str]:
        """The ids of all agencies that a name means: a joint report names several (文化和旅游局、文物局)."""
        for name in self._candidates(printed, portal):
            if found := self.names.resolve_all(name, within=self.regions.get(portal or "")):
                return found
        return set()

    def _candidates(self, printed: str | None, portal: str | None) -> list[str]:
        """The name as printed, then with the portal's place in front of each of its parts."""
        place = self.places.get(portal or "")
        if not printed:
            return []
        return [printed, place + printed.replace("、", f"、{place}")] if place else [printed]


def listed_year(title: str | None, listed_on: str | None, column_year: int | None = None) -> int | None:
    """The reporting year of a list entry: as the title says, else the column, else the year before its publication.

    None where it cannot be told; of what is published in December without a year, it cannot.
    """
    year = read_title(simplified(title)).year if title else None
    published = int(listed_on[:4]) - 1 if listed_on and listed_on[5:7] != "12" else None
    return year or column_year or published
