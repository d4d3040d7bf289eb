"""The full name of an agency from the one that a portal prints (docs/titles.md): its place in front, as much of it as
is usual, and its organ not abbreviated."""

import re
from typing import NamedTuple

from parsers.abbreviations import Abbreviations
from parsers.gazetteer import Gazetteer, Placed, contains

GOVERNMENT = "人民政府"
LEAGUE_OFFICE = "行政公署"  # of leagues and 地区, which have no government of their own

# 市教育局, 自治区财政厅: the level of a place without its name. Not 市场…, 市政…, 区域….
_LEVEL = re.compile(
    r"(自治区|自治州|自治县|自治旗|省|市(?!直|场|容|民(?!政)|政(?!府|务|协|策|法))|县(?!直|域|乡)|区(?!直|域|划|块)|州|旗|盟)(?:本级)?(?=.{2})"
)
_NATIONAL = ("国家", "国务院", "中国", "中华", "中共", "中央", "全国", "最高")
_DISTRICT = re.compile(r"(?<![林特地治政])区$")  # no 林区, 特区, 地区, 自治区, 行政区
_LEAGUE = re.compile(r"(?:盟|地区)$")
_PLACE = re.compile(r"(?:[省市县区旗州盟镇乡]|街道|苏木)$")
_OFFICE = re.compile(r"(?:办事处|街道|人民政府|[镇乡])$")
_ZONE = re.compile(r"(?:园区|开发区|新区|工业园|产业园|管委会|管理委员会)$")


class Place(NamedTuple):
    """Where an agency is. name: what is printed in front of the agencies of this place. code: None where not known."""

    name: str
    code: str | None
    last: str


def government_of(place: str) -> str:
    """What the government of a bare place is called."""
    return LEAGUE_OFFICE if _LEAGUE.search(place) else GOVERNMENT


def of_county(place: Place) -> bool:
    """Whether a place is a county, district, banner or county-level city."""
    if place.code is not None:
        return not place.code.endswith("00")
    return place.last.endswith(("县", "旗"))


class FullNames:
    """Completes printed names from the region list and the list of short names, without a register."""

    def __init__(self, regions: Gazetteer, short: Abbreviations) -> None:
        self.regions = regions
        self.short = short

    def candidates(self, name: str, place: str | None, within: str | None = None) -> list[str]:
        """The full names that a printed one can stand for: one where that is certain, else several, the first of them
        as printed with its place. name, place: cleaned. within: a region code in which the agency lies."""
        if joint := self._joint(name, place, within):
            return [joint]
        where, local = self._placed(name, self._place(place, within) if place else None, place or "", within)
        front = where.name if where else ""
        if not local:
            return [self.short.certain(front) if self.short.township(front) else front + government_of(front)]
        found = self.short.expanded(local, of_county=where is not None and of_county(where))
        if len(found) == 1:
            return [front + found[0]]
        return [front + local, *(front + full for full in found)]

    def is_short(self, name: str) -> bool:
        """Whether a name without a place is plainly not a full one."""
        return bool(_LEVEL.match(name)) or name.endswith(("办", "委")) or bool(self.short.expanded(name))

    def stands_for(self, name: str, full: str) -> bool:
        """Whether a short name is one of a full name: 自治区北部湾办 of 广西壮族自治区北部湾经济区管理办公室."""
        if full.endswith(name):
            return True
        level = _LEVEL.match(name)
        local = name[level.end() :] if level else name
        own = self.regions.taken_apart(full)
        if not own.rest or own.rest[0] != local[0] or _organ(local) != _organ(own.rest):
            return False
        if level and not any(place.endswith(level[1]) for place in own.places):
            return False
        letters = iter(own.rest)
        return self.is_short(name) and all(letter in letters for letter in local)

    def _joint(self, name: str, place: str | None, within: str | None) -> str | None:
        """甲街道、甲园区 under one name: 甲街道(甲园区); other joint reports get their place in front."""
        first, mark, second = name.partition("、")
        if not mark or "、" in second or len(first) < 2 or len(second) < 2 or "(" in first:
            return None
        front = self.candidates(first, place, within)[0]
        if first[:2] == second[:2] and _OFFICE.search(first) and _ZONE.search(second):
            return f"{front}({second})"
        return f"{front}、{second}"

    def _placed(self, name: str, place: Place | None, printed: str, within: str | None) -> tuple[Place | None, str]:
        """(the place of a printed name, what follows it). printed: the portal's place as its file gives it."""
        if place is not None:
            for length in range(min(len(name), len(printed)), 1, -1):
                if printed.endswith(name[:length]) and _PLACE.search(name[:length]):
                    return place, name[length:]
        own = self.regions.taken_apart(name)
        if own.places:
            return self._named(own, within or (place.code if place else None)), own.rest
        if place is None or name.startswith(_NATIONAL):
            return None, name
        township = self.short.township(name)
        if place.name.endswith(("镇", "乡")) and name.startswith(place.name[-1]) and len(name) > 2:
            return place, name[1:]  # 镇政府 on the site of a township
        if (level := _LEVEL.match(name)) and not township:
            outer = self._level(level[1], place, printed)
            return outer, name[level.end() :] if outer else name
        if not township and any(name.startswith(stem) for stem in self._stems(printed)):
            return None, name
        return place, name

    def _place(self, printed: str, within: str | None) -> Place:
        apart = self.regions.taken_apart(printed)
        if not apart.places:
            return Place(printed, None, printed)
        place = self._named(apart, within)
        return Place(place.name + apart.rest, None, apart.rest) if apart.rest else place

    def _named(self, apart: Placed, within: str | None) -> Place:
        """How a place is printed in front of its agencies: a district with its city, all others alone."""
        last, codes = apart.places[-1], apart.codes
        if within and len(codes) > 1:
            codes = [c for c in codes if c == within or contains(within, c) or contains(c, within)] or codes
        if len(codes) > 1:
            return Place("".join(apart.places), None, last)
        if not codes:
            return Place(last, None, last)
        if _DISTRICT.search(last) and (around := self.regions.parents(codes[0])):
            return Place(around[0] + last, codes[0], last)
        return Place(last, codes[0], last)

    def _level(self, level: str, place: Place, printed: str) -> Place | None:
        """The place of one level at or around the portal's: 市 on the portal of a district is its city."""
        apart = self.regions.taken_apart(printed)
        if place.last.endswith(level):
            return place
        if place.code is not None:
            for code in self.regions.codes_around(place.code):
                if self.regions.names[code].endswith(level):
                    return Place(self.regions.names[code], code, self.regions.names[code])
        for name in reversed(apart.places):
            if name.endswith(level):
                return Place(name, None, name)
        return None

    def _stems(self, printed: str) -> list[str]:
        return [place[:-1] for place in self.regions.taken_apart(printed).places if len(place) > 2]


def _organ(name: str) -> str:
    """What sort of organ a name ends in, short or not: 办 and 办公室, 委 and 委员会 are the same."""
    for long, short in (("办公室", "办"), ("办公厅", "办"), ("委员会", "委"), ("办事处", "处")):
        if name.endswith(long):
            return short
    return name[-1:]
