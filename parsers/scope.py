"""Whom the figures of a table cover, where the report says so."""

import re
from collections.abc import Sequence

from parsers.blocks import Block, Paragraph
from parsers.form import Form
from parsers.sections import section_number

_WORDS = re.compile(
    r"统计范围|统计口径|数据口径|统计数据(?:包括|包含|不含|仅|为)|(?:本表|以上|上述|所列)数据(?:包括|包含|不含|仅|为|系)|数据(?:涵盖|包含|不含)"
)
_SENTENCE_END = "。；;"
_PERIOD = re.compile(r"(?:统计期限|时限|截至|截止|起至|起止)")
_LONGEST = 160  # characters


def read_scope(blocks: Sequence[Block], form: Form) -> dict[str, str]:
    """table -> the sentence that says whom its figures cover. A sentence in front of the sections is for all tables;
    tables of which nothing is said are absent (vocabulary: unstated)."""
    tables = {section.number: [t.name for t in form.table if t.section == section.number] for section in form.section}
    scope: dict[str, str] = {}
    current: int | None = None
    for block in blocks:
        if not isinstance(block, Paragraph) or not block.main:
            continue
        if len(block.text) <= 50 and (number := section_number(block.text, form)):
            current = number
            continue
        match = _WORDS.search(block.text)
        if not match:
            continue
        sentence = _sentence_around(block.text, match.start(), match.end())
        if _PERIOD.search(sentence) or len(sentence) > _LONGEST:
            continue
        covered = [t.name for t in form.table if t.name not in scope] if current is None else tables.get(current, ())
        scope.update(dict.fromkeys(covered, sentence))
    return scope


def _sentence_around(text: str, start: int, end: int) -> str:
    first = max(text.rfind(mark, 0, start) for mark in _SENTENCE_END) + 1
    ends = [place for mark in _SENTENCE_END if (place := text.find(mark, end)) >= 0]
    return text[first : min(ends, default=len(text))].strip()
