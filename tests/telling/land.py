"""A small land for histories: regions, agencies, claims, and who wants to hear of what.

This is the model of who must hear. It knows nothing of monitor/telling/matching.py, nor of codes: which region lies in
which is written out by hand.
"""

import random
from dataclasses import dataclass, field

from db.records import Agency, Finding
from db.telling.records import Filter

# Each region with all those in which it lies, itself first; and how a person may write it in a filter.
LIES_IN = {
    "370402": ("370402", "370400", "370000"),
    "370481": ("370481", "370400", "370000"),
    "370400": ("370400", "370000"),
    "370000": ("370000",),
    "510104": ("510104", "510100", "510000"),
    "510100": ("510100", "510000"),
    "370402001": ("370402001", "370402", "370400", "370000"),
}
SPELLINGS = {
    "370000": ("370000", "37"),
    "370400": ("370400", "3704"),
    "370402": ("370402",),
    "370402001": ("370402001",),
    "510000": ("510000", "51"),
    "510100": ("510100", "5101"),
    "510104": ("510104",),
}
REGION_OF = {spelling: region for region, spellings in SPELLINGS.items() for spelling in spellings}

AGENCIES = [
    Agency("370402:教育局", "甲区教育局", region_code="370402", organ="教育"),
    Agency("370481:人民政府", "乙市人民政府", region_code="370481", organ="政府"),
    Agency("370400:财政局", "丙市财政局", region_code="370400", organ="财政"),
    Agency("370000:教育厅", "丁省教育厅", region_code="370000", organ="教育"),
    Agency("510104:财政局", "戊区财政局", region_code="510104", organ="财政"),
    Agency("510100:人民政府", "己市人民政府", region_code="510100", organ="政府"),
    Agency("370402001:街道办", "庚街道办事处", region_code="370402001", organ="街道"),
]
BY_ID = {agency.id: agency for agency in AGENCIES}
UNKNOWN = "不在册的局"  # told of as it is printed; no filter by place, agency or organ fits it

RULES = {"sum-total": "identity", "same-words": "narrative", "missing": "time", "late": "time", "odd-form": "form"}
SEVERITIES = ("notice", "warning", "error")
YEAR = 2023


@dataclass(slots=True)
class Slot:
    """What may be found of one agency by one rule."""

    agency_id: str | None
    rule: str
    severity: str
    told: bool
    certainty: str

    def finding(self, claim: int) -> Finding:
        agency = BY_ID[self.agency_id].name if self.agency_id else UNKNOWN
        return Finding(
            rule=self.rule,
            kind=RULES[self.rule],
            severity=self.severity,
            certainty=self.certainty,
            basis="arithmetic",
            agency_id=self.agency_id,
            agency=agency,
            year=YEAR,
            figure=None,
            figures=[],
            observed=claim,
            expected=100,
            sentence_zh="甲",
            sentence_en="A",
            told=self.told,
        )


def some_slots(draw: random.Random) -> list[Slot]:
    """What a history is about: two to six agencies, some rules each."""
    agencies = draw.sample([*BY_ID, None], draw.randint(2, 6))
    return [
        Slot(
            agency,
            rule,
            draw.choice(SEVERITIES),
            told=draw.random() < 0.93,
            certainty="doubtful" if draw.random() < 0.05 else "certain",
        )
        for agency in agencies
        for rule in draw.sample([*RULES], draw.randint(1, 3))
    ]


def some_filter(draw: random.Random) -> Filter:
    """One that gives none to three facets."""
    if draw.random() < 0.3:
        return Filter()
    facets = {
        "place": draw.choice([*REGION_OF]),
        "agency_id": draw.choice([*BY_ID]),
        "organ": draw.choice(["教育", "财政", "政府", "街道"]),
        "kind": draw.choice(["identity", "narrative", "time", "form"]),
        "rule": draw.choice([*RULES]),
        "severity": draw.choice(SEVERITIES),
    }
    given = draw.sample([*facets], draw.choice([1, 1, 1, 2, 2, 3]))
    return Filter(**{name: facets[name] for name in given})


def fits(wanted: Filter, slot: Slot) -> bool:
    """Whether a filter is about what may be found."""
    agency = BY_ID.get(slot.agency_id or "")
    if wanted.place and (agency is None or REGION_OF[wanted.place] not in LIES_IN[agency.region_code]):
        return False
    if wanted.agency_id and wanted.agency_id != slot.agency_id:
        return False
    if wanted.organ and (agency is None or wanted.organ != agency.organ):
        return False
    if wanted.kind and wanted.kind != RULES[slot.rule]:
        return False
    if wanted.rule and wanted.rule != slot.rule:
        return False
    return not wanted.severity or SEVERITIES.index(slot.severity) >= SEVERITIES.index(wanted.severity)


@dataclass(slots=True)
class Chat:
    """A chat of the model. ids: the numbers that it had, the last is the one that it has. audience: desk, public.
    refuses: by the world's will. is_gone: by what it answered."""

    ids: list[str]
    audience: str
    origin: str
    filters: list[Filter] = field(default_factory=list)
    refuses: bool = False
    is_gone: bool = False

    @property
    def id(self) -> str:
        return self.ids[-1]

    def wants(self, slot: Slot) -> bool:
        return any(fits(one, slot) for one in self.filters)


def some_chats(draw: random.Random) -> list[Chat]:
    """Two to seven: desks and public channels of the settings, which hear of everything, and strangers."""
    chats = [
        Chat([draw.choice(["11", "-1012", "-13"])], "desk", "config", [Filter()]),
        Chat([draw.choice(["@public_a", "-1021"])], "public", "config", [Filter()]),
    ]
    for number in range(draw.randint(0, 5)):
        identity = draw.choice([str(31 + number), str(-41 - number), f"-100{51 + number}"])
        chat = Chat([identity], "public", "bot")
        for wanted in (some_filter(draw) for _ in range(draw.randint(1, 3))):
            if wanted not in chat.filters:
                chat.filters.append(wanted)
        chats.append(chat)
    return chats
