"""Whose a report is and of which year: from printed names, titles, and what is known of the portal."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from db.records import Agency
from parsers.names import Names, clean_name, regions_in
from parsers.titles import read_title, simplified

# The level of a place, without its name: 市公安局, 镇政府. Not 市场监督管理局.
_LEVEL = re.compile(r"(?:自治[区州县旗]|省|市(?![场政容])|县|区(?![域划])|州|盟|旗)|[镇乡](?:人民)?政府")


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
        within = self.region_of(portal)
        if printed and within and self._is_elsewhere(printed, within):
            agency_id = self.names.resolve(printed, text=text)
            return agency_id if agency_id in self.names.canonical else None
        candidates = (self.names.resolve(n, within=within, text=text) for n in self._candidates(printed, portal))
        found = [agency_id for agency_id in candidates if agency_id]
        # An alias without a place in front (生态环境局 of the city) must not catch another region's namesake.
        at_home = (i for i in found if i in self.names.canonical and within in (None, i[:6]))
        return next(at_home, found[0] if found else None)

    def _is_elsewhere(self, printed: str, within: str) -> bool:
        """Whether a name says itself that its place lies in another region; a namesake's place does not."""
        place = self.names.regions.taken_apart(clean_name(printed))
        return bool(place.places) and not regions_in(place.codes, within)

    def ids_of(self, printed: str | None, portal: str | None) -> set[str]:
        """The ids of all agencies that a name means: a joint report names several (文化和旅游局、文物局)."""
        whole, parts = printed or "", (printed or "").split("、")
        return {found for name in {whole, *parts} if (found := self.id_of(name, portal))}

    def name_of(self, printed: str | None, portal: str | None) -> str | None:
        """The full name of the agency that a name printed on a portal means: 农业农村局 and 县农业农村局 are
        柳溪县农业农村局 where that is the portal's place. As printed where no place is known.

        Of a joint report (文化和旅游局、文物局) the first body is completed, so that `ids_of` still finds each.
        """
        place, within = self.places.get(portal or ""), self.region_of(portal)
        if not printed or not place:
            return printed
        first, mark, rest = clean_name(printed).partition("、")
        if not mark and (known := self.names.canonical.get(self.names.resolve(first, within=within) or "")):
            return known
        return f"{self.names.canonical_name(first, place=place, within=within) or ''}{mark}{rest}"

    def region_of(self, portal: str | None) -> str | None:
        """The code of a portal's region; where nobody has said it, that of its place if the region list knows one."""
        if known := self.regions.get(portal or ""):
            return known
        codes, rest = self.names.regions.split(clean_name(self.places.get(portal or "", "")))
        return codes[0] if len(codes) == 1 and not rest else None

    def _candidates(self, printed: str | None, portal: str | None) -> list[str]:
        """What a printed name can be, the likeliest first: one without a place is of the portal's place before it is
        what it is elsewhere, and only that where the portal's region is not known."""
        place = self.places.get(portal or "")
        if not printed:
            return []
        if not place:
            return [printed]
        regions = self.names.regions
        completed = [place + printed.replace("、", f"、{place}"), self.name_of(printed, portal) or printed]
        if _LEVEL.match(printed):  # 市公安局 on the portal of a district is its city's
            completed.reverse()
        known = self.region_of(portal) is not None
        if not known and len(regions.split(place)[0]) > 1:
            # 市中区 is in four cities, and nobody has said which: only a name that says it itself can be told.
            return [printed] if len(regions.split(clean_name(printed))[0]) == 1 else []
        if regions.taken_apart(clean_name(printed)).places:
            return [printed, *completed]
        return [*completed, printed] if known else completed[:1]


def listed_year(title: str | None, listed_on: str | None, column_year: int | None = None) -> int | None:
    """The reporting year of a list entry: as the title says, else the column, else the year before its publication.

    None where it cannot be told; of what is published in December without a year, it cannot.
    """
    year = read_title(simplified(title)).year if title else None
    published = int(listed_on[:4]) - 1 if listed_on and listed_on[5:7] != "12" else None
    return year or column_year or published


def names_of(agencies: Iterable[Agency]) -> Names:
    """Names that know the register. Agencies that a report alone has named are left out: the region list knows them
    as well, and they must not stand in the way of what the register says of their name."""
    return Names((a.id, a.name, a.aliases) for a in agencies if a.organ)
