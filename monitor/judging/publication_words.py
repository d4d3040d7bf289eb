"""What the rules about published reports have in common: contents as places, looks as places, changes in words."""

from collections.abc import Sequence
from typing import Any

from monitor.catalogue import Entry, fill, sentence
from monitor.catalogue.figures import figure_words
from monitor.compare import Change
from monitor.judging.case import place_dict, read_words
from monitor.judging.revisions import Content
from monitor.judging.season import Look
from monitor.judging.time_words import Words, joined, pair
from parsers.form import Form

SHOWN = 8
"""Figures that are named in a sentence; all of them stand among the places."""

FROM_TO = sentence(zh="{figure_zh}由{before_zh}改为{after_zh}", en="{figure_en} from {before_en} to {after_en}")
HERE_THERE = sentence(
    zh="{figure_zh}前者为{before_zh}，后者为{after_zh}",
    en="{figure_en} {before_en} in the former, {after_en} in the latter",
)
_MORE = sentence(zh="另有{count}处数据", en="{count} more figures")


def change_words(changes: Sequence[Change], form: Form, entry: Entry = FROM_TO) -> Words:
    """Figures with what they said before and after, the first ones of many."""
    named = []
    for one in changes[:SHOWN]:
        if one.before is not None and one.after is not None:
            said = {
                **pair("figure", figure_words(one.figure, form)),
                **pair("before", read_words(one.before)),
                **pair("after", read_words(one.after)),
            }
            named.append(fill(entry, said))
    if len(changes) > SHOWN:
        named.append(fill(_MORE, {"count": len(changes) - SHOWN}))
    return joined(named)


def content_place(content: Content, year: int, figure: str | None = None) -> dict[str, Any]:
    """A figure of a document, or the document, as a place."""
    cell = content.report.figures.get(figure or "")
    return {
        "year": year,
        "sha256": content.seen.sha256,
        "source": content.url,
        "figure": figure,
        "place": place_dict(cell.place) if cell else None,
    }


def look_place(look: Look, year: int) -> dict[str, Any]:
    """A look at an address as a place: the address and the moment stand for a document's hash and cell."""
    return {
        "year": year,
        "sha256": None,
        "source": look.url,
        "figure": None,
        "place": {"address": look.url, "looked_at": look.at.isoformat(), "outcome": look.outcome},
    }
