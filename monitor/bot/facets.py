"""What somebody wants to hear of, understood from words in Chinese and English, and said again in both."""

from collections.abc import Iterable
from typing import NamedTuple, get_args

from crawler.register.checks import ORGANS
from db.telling.lookups import Lookups, Named, Place
from db.telling.records import Filter
from monitor.bot.ask import echo
from monitor.catalogue import say, word
from monitor.judging.rule import Kind, Severity

Pair = tuple[str, str]

# What stands in front of a word and says what it is.
_HEADINGS = {
    "place": ("place", "region", "地区", "地方", "区划"),
    "agency_id": ("agency", "机关", "单位"),
    "organ": ("organ", "机构", "机构类型"),
    "kind": ("kind", "类别", "类型"),
    "rule": ("rule", "规则"),
    "severity": ("severity", "级别", "程度"),
}
_OF_HEADING = {name: facet for facet, names in _HEADINGS.items() for name in names}
_ALL = ("all", "everything", "全部", "所有")
_MORE = {
    # With the classes that an alert names, as far as one kind is meant.
    "kind": {
        "arithmetic": "identity", "算术": "identity", "勾稽": "identity", "数字勾稽": "identity", "文表": "narrative",
        "数字异常": "oddity", "法定期限": "time", "文字内容": "text", "格式内容": "form", "前后变化": "change",
    },
    "severity": {
        "alert": "error", "alerts": "error", "重点": "error", "errors": "error", "warnings": "warning",
        "notices": "notice",
    },
    "organ": {"乡镇": "township", "镇": "township", "开发区": "zone", "departments": "department"},
}  # fmt: skip
_MOST_CANDIDATES = 8
_NAMES = {"kind": get_args(Kind), "severity": get_args(Severity), "organ": ORGANS}


class Trouble(NamedTuple):
    """What was not understood: sentences for whoever wrote it."""

    said: list[Pair]


class Understood(NamedTuple):
    """facets: what is asked for, "" where nothing is said. is_all: it was said in so many words that all is meant."""

    facets: Filter
    is_all: bool


def understand(words: Iterable[str], lookups: Lookups, rules: list[str]) -> Understood | Trouble:
    """What these words ask for. rules: the names of those that there are."""
    found: dict[str, str] = {}
    is_all, rest = False, list(words)
    while rest:
        one = rest.pop(0)
        heading = _OF_HEADING.get(one.casefold().rstrip(":："))
        if heading is not None:
            if not rest:
                return Trouble([say("bot-lacks-word", word=one)])
            one = rest.pop(0)
        elif one.casefold() in _ALL:
            is_all = True
            continue
        answer = _facet(one, heading, lookups, rules)
        if isinstance(answer, Trouble):
            return answer
        facet, value = answer
        if found.setdefault(facet, value) != value:
            zh, en = word("bot-facet", facet)
            return Trouble([say("bot-twice", facet_zh=zh, facet_en=en)])
    return Understood(Filter(**found), is_all)


def place_or_agency(words: list[str], lookups: Lookups, rules: list[str]) -> Understood | Trouble:
    """The same, where only a place, an agency or a rule can be meant."""
    understood = understand(words, lookups, rules)
    if isinstance(understood, Trouble):
        return understood
    asked = {name for name, value in understood.facets._asdict().items() if value}
    return Trouble([say("bot-only-place")]) if asked - {"place", "agency_id", "rule"} else understood


def agency(text: str, lookups: Lookups) -> Named | Trouble:
    """The agency of a name, alias or id."""
    found = lookups.agencies(text)
    if len(found) == 1:
        return found[0]
    if found:
        return Trouble([say("bot-ambiguous", name=echo(text)), *_lines(found)])
    return _unknown(text, lookups.agencies_like(text, _MOST_CANDIDATES), [])


def in_words(facets: Filter, lookups: Lookups) -> Pair:
    """What a subscription is about, for people."""
    zh: list[str] = []
    en: list[str] = []
    for facet, value in facets._asdict().items():
        if not value:
            continue
        if facet == "place":
            name = lookups.place_name(value)
            pair = say("bot-below", place=name if name == value else f"{name} {value}")
        elif facet == "agency_id":
            known = lookups.agencies(value)
            pair = (known[0].name, known[0].name) if known else (value, value)
        elif facet == "rule":
            pair = rule_words(value)
        elif facet == "severity":
            least = word("severity", value)
            pair = word("bot-choice", value)  # as the buttons have it
            if pair == (value, value):
                pair = say("bot-at-least", least_zh=least[0], least_en=least[1])
        else:
            pair = word(facet, value) if facet == "kind" else word("bot-organ", value)
        zh.append(pair[0])
        en.append(pair[1])
    return ("，".join(zh), ", ".join(en)) if zh else say("bot-all-of-it")


def rule_words(name: str) -> Pair:
    """A rule in a few words, with its name."""
    zh, en = word("bot-rule", name)
    return (name, name) if zh == name else (f"{zh}（{name}）", f"{en} ({name})")


def _facet(text: str, heading: str | None, lookups: Lookups, rules: list[str]) -> tuple[str, str] | Trouble:
    """What one word is: that for which it is a fixed word first, then a place, then an agency."""
    folded = text.casefold()
    for facet in ("severity", "kind", "organ"):
        if heading in (None, facet) and (value := _fixed_words(facet).get(folded)):
            return facet, value
    if heading in (None, "rule"):
        named = folded.replace("_", "-")
        if value := next((name for name in rules if named in (name, word("bot-rule", name)[0])), None):
            return "rule", value
    if heading == "rule":
        return Trouble([say("bot-unknown-rule", name=echo(text), rules=" ".join(rules))])
    if heading in ("severity", "kind", "organ"):
        zh, en = _known(heading)
        return Trouble([say("bot-unknown-word", name=echo(text), known_zh=zh, known_en=en)])
    places = lookups.places(text) if heading in (None, "place") else []
    if len(places) == 1:
        return "place", places[0].code
    agencies = lookups.agencies(text) if heading in (None, "agency_id") else []
    if len(agencies) == 1 and not places:
        return "agency_id", agencies[0].id
    if places or agencies:
        shown = [Place(place.code, lookups.place_name(place.code)) for place in places[:_MOST_CANDIDATES]]
        return Trouble([say("bot-ambiguous", name=echo(text)), *_lines([*shown, *agencies[:_MOST_CANDIDATES]])])
    return _unknown(
        text,
        lookups.agencies_like(text, _MOST_CANDIDATES) if heading in (None, "agency_id") else [],
        lookups.places_like(text, _MOST_CANDIDATES) if heading in (None, "place") else [],
    )


def _unknown(text: str, agencies: list[Named], places: list[Place]) -> Trouble:
    some: list[Named | Place] = [*places[: _MOST_CANDIDATES // 2], *agencies[: _MOST_CANDIDATES // 2]]
    if not some:
        return Trouble([say("bot-unknown", name=echo(text))])
    return Trouble([say("bot-unknown-similar", name=echo(text)), *_lines(some)])


def _lines(candidates: Iterable[Named | Place]) -> list[Pair]:
    """One line for each, with what to write instead."""
    lines = []
    for one in candidates:
        line = f"• {one.name}  {one.code if isinstance(one, Place) else one.id}"
        lines.append((line, line))
    return lines


def _fixed_words(facet: str) -> dict[str, str]:
    """Word in any language -> what is meant."""
    table = dict(_MORE[facet])
    for name in _NAMES[facet]:
        zh, en = word("bot-organ" if facet == "organ" else facet, name)
        table |= {name: name, zh: name, en.casefold(): name}
    return table


def _known(facet: str) -> Pair:
    """The words of a facet, in a line."""
    pairs = [(name, word("bot-organ" if facet == "organ" else facet, name)) for name in _NAMES[facet]]
    return "、".join(f"{pair[0]} {name}" for name, pair in pairs), ", ".join(name for name, _ in pairs)
