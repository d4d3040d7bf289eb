"""What of an alert's facts fits into a message. A fact is said whole or not at all; the rest is in a document."""

from collections.abc import Sequence
from typing import NamedTuple

from monitor.config import Language
from monitor.telling.facts import Fact
from monitor.telling.wording import Both

# Telegram: 4,096 UTF-16 units of a text, 1,024 of the caption of a document. Ours are a phone screen, scrolled once.
MOST_OF_BOTH = 3_500
MOST_OF_ONE = 2_300
MOST_WIDE = 1_150  # of one language, in Chinese characters; a Latin letter is half as wide
MOST_LINES = 24  # of one language
MOST_OF_CAPTION = 1_024
_BETWEEN_BLOCKS = 4  # line ends more than those of the facts


class Facts(NamedTuple):
    """The facts of an alert: what is claimed, on what it rests, all else, and what closes it. In this order they are
    read in one language. Where both are wanted, what it rests on, and what closes it, is said once behind both."""

    claim: Sequence[Fact]
    evidence: Sequence[Fact]
    rest: Sequence[Fact]
    end: Sequence[Fact]

    def every(self) -> list[Fact]:
        """All of them, in this order."""
        return [*self.claim, *self.evidence, *self.rest, *self.end]

    def said(self) -> "Lines":
        """All of them, as they are said in full."""
        return Lines(*([fact.said for fact in some] for some in self))


class Lines(NamedTuple):
    """What is said of each part of the facts."""

    claim: Sequence[Both]
    evidence: Sequence[Both]
    rest: Sequence[Both]
    end: Sequence[Both]


def whole(facts: Facts, language: Language) -> str | None:
    """All of it as one text; None where that is too long."""
    if any(fact.use == "always" for fact in facts.every()):
        return None
    text = rendered(facts.said(), language)
    return text if _fits(text, language) else None


def caption(facts: Facts, pointer: Both, language: Language, most: int = MOST_OF_CAPTION) -> str:
    """As much of it as a caption holds, the most important first; pointer: where the rest is."""
    once = (False, True, False, True)  # of which part what can be said for both languages is said once
    every = [(number, is_once, fact) for number, is_once in enumerate(once) for fact in facts[number]]
    chosen: dict[int, Both] = {}
    room = most - _length(pointer, language, is_once=False) - _BETWEEN_BLOCKS
    for place in sorted(range(len(every)), key=lambda place: every[place][2].rank):
        _, is_once, fact = every[place]
        instead = fact.brief if fact.use != "without-room" else None
        for said in (instead,) if instead else (fact.said, fact.brief):
            if said is not None and (length := _length(said, language, is_once=is_once)) <= room:
                chosen[place] = said
                room -= length
                break
    parts: tuple[list[Both], ...] = ([], [], [], [])
    for place in sorted(chosen):
        parts[every[place][0]].append(chosen[place])
    parts[2].append(pointer)
    return rendered(Lines(*parts), language)


def _length(said: Both, language: Language, *, is_once: bool) -> int:
    """How much room a fact takes, with the ends of its lines."""
    if language == "both":
        return units(said.both) + 1 if is_once and said.both else units(said.zh) + units(said.en) + 2
    return units(said.zh if language == "zh" else said.en) + 1


def rendered(lines: Lines, language: Language) -> str:
    """Lines one under the other in the languages that are wanted, what belongs together in a block."""
    if language != "both":
        parts = (lines.claim, lines.evidence, [*lines.rest, *lines.end])
        return "\n\n".join("\n".join(one.zh if language == "zh" else one.en for one in p) for p in parts if p)
    once = [*lines.evidence, *lines.end]
    apart = [*lines.claim, *(one for one in once if not one.both), *lines.rest]
    blocks = ([one.zh for one in apart], [one.en for one in apart], [one.both for one in once if one.both])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def units(text: str) -> int:
    """Length in UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def _fits(text: str, language: Language) -> bool:
    if language == "both":
        blocks = text.split("\n\n")
        return units(text) <= MOST_OF_BOTH and all(_is_short(block) for block in blocks)
    return units(text) <= MOST_OF_ONE and _is_short(text)


def _is_short(text: str) -> bool:
    wide = (len(text.encode()) - len(text)) / 2  # a Chinese character has three bytes
    lines = sum(bool(line) for line in text.splitlines())
    return wide + (len(text) - wide) / 2 <= MOST_WIDE and lines <= MOST_LINES
