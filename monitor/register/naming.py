"""From the name of an agency to a row of the register: id, region, organ, and the duty where it is certain."""

import re
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from db.records import Agency
from monitor.duties import ART49_GOVERNMENT, NO_DATE
from parsers.gazetteer import contains
from parsers.names import GOVERNMENT, Names, clean_name, gazetteer

GOVERNMENT_SOURCE = "政府信息公开条例 (2019), Article 49, paragraph 2"
_CLOSE = 0.6  # of SequenceMatcher, for a name to be suggested
_SUGGESTIONS = 3

# By the name's ending, in this order.
_ORGANS = (
    ("office", re.compile(r"人民政府办公[厅室]$|^(?:政府)?办公[厅室]$|政府办公[厅室]$|政府办$")),
    ("street", re.compile(r"街道(?:办事处)?$|(?<!区)办事处$")),
    ("township", re.compile(r"(?:镇|乡|苏木)(?:人民)?(?:政府)?$")),
    ("government", re.compile(r"^$|人民政府$")),
    (
        "branch",
        re.compile(
            r"分局$|支局$|税务局$|气象局$|海关$|海事局$|调查队$|烟草专卖局$|邮政管理局$|国家安全局$|消防救援[支大]队$"
        ),
    ),
    (
        "zone",
        re.compile(r"(?:园区|开发区|高新区|保税区|试验区|景区|新区)(?:管理委员会|管委会|办事处)?$|管委会$|管理委员会$"),
    ),
    ("department", re.compile(r"(?:局|委|委员会|厅|部|署|办|办公室|中心|院)$")),
)
_UNDATED = ("office", "street", "township", "zone", "branch")
_LEVELS = ("自治区", "自治州", "自治县", "自治旗", "省", "市", "县", "区", "州", "旗", "盟")
_TOWN = re.compile(r"(?:镇|乡|苏木)$")
_STREET = re.compile(r"街道$")


class Placed(NamedTuple):
    """What a name says. aliases: the shorter spellings that follow from it."""

    id: str
    name: str
    aliases: tuple[str, ...]
    region_code: str


def place_name(printed: str, *, region: str | None = None, place: str = "") -> Placed | None:
    """Where an agency belongs and what its id is; None where its region cannot be told.

    region: the code that a name without a place in front belongs to, and the one that is meant where a place's name is
    borne by several. place: what that region is called where the region list does not know it.
    """
    name = clean_name(printed)
    if not name:
        return None
    names = _plain_names()
    codes, _ = names.regions.split(name)
    if region and codes and not any(code == region or contains(region, code) for code in codes):
        # A place elsewhere is printed in front; where several bear its name, nobody can tell which.
        if len(codes) > 1:
            return None
        region, place = None, ""
    full = names.canonical_name(name, place=place or None, within=region) or name
    code, _, local = (names.resolve(full, within=region) or "").partition(":")
    if not code and region:
        front = place or names.regions.names.get(region, "")
        code, local = region, full.removeprefix(front)
        full = front + local
    if not code:
        return None
    # No alias without a place in front: 财政局 alone would mean every region's.
    front = full.removesuffix(local) if full.endswith(local) else names.regions.names.get(code, "")
    whole = _in_full(local)
    short = names.regions.split(name)[1] if codes else name.removeprefix(front)
    for level in _LEVELS:
        # 县教育局 behind 柳溪县 says no more than 教育局; 市 in 市场监管局 is no level: 场监管局 is nobody.
        rest = short.removeprefix(level).removeprefix("本级")
        if rest != short and front.endswith(level) and names.canonical_name(rest, place=front, within=code) == full:
            short = rest
            break
    aliases = (front + short,) if front and short and short not in (local, whole) else ()
    return Placed(f"{code}:{whole}", front + whole, aliases, code)


@lru_cache(maxsize=1)
def _plain_names() -> Names:
    return Names()


def _in_full(local: str) -> str:
    """The organ's own name where a bare town or street is printed: its report is that of its government or office."""
    if _TOWN.search(local):
        return local + GOVERNMENT
    return local + "办事处" if _STREET.search(local) else local


def organ_of(local: str) -> str:
    """The organ that the local part of an id speaks of, by its ending; `other` where that says nothing."""
    return next((organ for organ, ending in _ORGANS if ending.search(local)), "other")


def duty_of(agency_id: str, organ: str) -> tuple[str, str]:
    """(duty, its source) where the kind of body makes it certain, else ("", "")."""
    code, _, local = agency_id.partition(":")
    if organ in _UNDATED:
        return NO_DATE, ""
    if organ == "government" and local == GOVERNMENT and code in gazetteer().names:
        return ART49_GOVERNMENT, GOVERNMENT_SOURCE
    return "", ""


def candidates(printed: str, agencies: Iterable[Agency], region: str | None = None) -> list[Agency]:
    """The agencies of the register that a name comes closest to, the nearest first.

    An abbreviation leaves out characters and keeps their order (人社局); that is nearer than any likeness. region: of
    the portal; its agencies come before others.
    """
    name = clean_name(printed)
    scored = []
    for agency in agencies:
        score = max((_likeness(name, clean_name(one)) for one in _spellings(agency)), default=0.0)
        if score >= _CLOSE:
            nearby = region is not None and agency.region_code.startswith(region)
            scored.append((not nearby, -score, agency.id, agency))
    return [agency for *_, agency in sorted(scored, key=lambda found: found[:3])[:_SUGGESTIONS]]


def _spellings(agency: Agency) -> Iterable[str]:
    return (agency.name, agency.id.partition(":")[2], *agency.aliases)


def _likeness(name: str, known: str) -> float:
    if len(name) >= 3 and len(name) < len(known) and name[-1] == known[-1] and _is_abbreviation(name, known):
        return 1.0
    matcher = SequenceMatcher(None, name, known, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _CLOSE else 0.0


def _is_abbreviation(short: str, long: str) -> bool:
    characters = iter(long)
    return all(character in characters for character in short)


def place_of(region: str, agencies: Iterable[Agency]) -> str:
    """What the register calls a region: what stands in front of the local names of most of its agencies."""
    fronts = Counter(
        agency.name.removesuffix(local)
        for agency in agencies
        if agency.region_code == region and agency.name.endswith(local := agency.id.partition(":")[2])
    )
    return fronts.most_common(1)[0][0] if fronts else ""
