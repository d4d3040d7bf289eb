"""The six sections of a report from its running text."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from parsers.blocks import Block, Paragraph
from parsers.form import Form
from parsers.labels import label_key
from parsers.lookup import lookup
from parsers.report import Section

_NUMERALS = {numeral: number for number, numeral in enumerate("一二三四五六七八九十", start=1)}
_NUMBERED = re.compile(r"^([一二三四五六七八九十])\s*[、.．,，:：\s]\s*(.{2,48})$")
_SUBHEADING = re.compile(r"^[（(]|^\d")
_LIKE = 0.6  # similarity from which a numbered line is the heading of its section, misprinted
_LONGEST_HEADING = 50  # characters
_LONGEST_PREFACE = 6000  # characters

# Lines that portals put below an article.
_FURNITURE = re.compile(
    r"^(?:【?(?:打印|关闭|收藏|返回顶部|分享)|分享到|扫一扫|上一[篇条]|下一[篇条]|相关(?:附件|链接|信息|文章|阅读)|附件[:：]?$|责任编辑|编辑[:：]|来源[:：]|浏览次数"
    r"|版权所有|主办[:：单]|承办[:：单]|网站标识码|ICP备|.{0,12}ICP备|.{0,12}公网安备|联系我们|网站地图|友情链接|字号|字体|我要纠错|当前位置|无障碍)"
)
# The agency and the date under the last section.
_SIGNATURE = re.compile(
    r"^[\s、\u4e00-\u9fff]{2,40}(?:政府|办公厅|办公室|局|委员会|厅|部|署|院|中心|镇|乡|街道|办事处|管委会)$|^(?:[\s\u4e00-\u9fff]{2,30})?(?:20\d\d|二[〇○零OＯ][^\s]{2})\s*年.{2,8}[日月]$"
)
_PAGE_NUMBER = re.compile(r"^[-—–\s]*\d{1,3}[-—–\s]*$|^第\s*\d+\s*页.{0,12}$")


def read_sections(blocks: Sequence[Block], form: Form) -> list[Section]:
    """The sections that the report prints; see read_prose."""
    return read_prose(blocks, form)[1]


def read_prose(blocks: Sequence[Block], form: Form) -> tuple[str, list[Section]]:
    """(preface, sections). The preface is what stands in front of the first section, one line a paragraph (of a very
    long one its beginning); it is empty where no section is found. The sections that the report prints are in order,
    each with its heading as printed and its prose.

    Headings of other texts inside the report (an internal notice with a 一、 and 二、 of its own) are not mistaken for
    the form's, since a heading must carry the form's words; tables of contents are passed over. A line of a heading's
    words without its number is a heading only where none has the number.
    """
    lines = list(_lines(blocks, form))
    numbers = [section_number(text, form) if text and len(text) <= _LONGEST_HEADING else None for text in lines]
    _drop_contents(numbers, lines)
    numbered = {number for number, text in zip(numbers, lines, strict=True) if number and _NUMBERED.match(text or "")}
    found: dict[int, tuple[str, list[str]]] = {}
    preface: list[str] = []
    current = 0
    for number, text in zip(numbers, lines, strict=True):
        if text is None:
            continue
        if number and number > current and (number not in numbered or _NUMBERED.match(text)):
            found[number] = (text, [])
            current = number
        elif current:
            found[current][1].append(text)
        else:
            preface.append(text)
    sections = [
        Section(number, heading, "\n".join(_trimmed(lines, number == max(found))))
        for number, (heading, lines) in sorted(found.items())
    ]
    return "\n".join(_trimmed(preface, last=False))[:_LONGEST_PREFACE] if sections else "", sections


def _lines(blocks: Sequence[Block], form: Form) -> Iterator[str | None]:
    """The lines of the article, None for a table. A heading may stand as a row of its own in a table that holds the
    whole report, or among the labels of a table that was flattened."""
    headers = lookup(form).headers
    for block in blocks:
        if isinstance(block, Paragraph):
            # A line of nothing but a table's heading is what flattening left of the table.
            if block.main and not (len(block.text) <= _LONGEST_HEADING and label_key(block.text) in headers):
                yield block.text
        else:
            for row in block.rows:
                if not row or not row[0]:
                    continue
                cells = row if block.loose else row[:1] if not any(row[1:]) else ()
                for text in cells:
                    if text and len(text) <= _LONGEST_HEADING and section_number(text, form):
                        yield text
            yield None


def _drop_contents(numbers: list[int | None], lines: Sequence[str | None]) -> None:
    """Forget the headings that are entries of a table of contents: headings one below the other, with nothing between
    them, that come again further down."""
    start = 0
    while start < len(numbers):
        end = start + 1
        number = numbers[start]
        if number is None:
            start = end
            continue
        while end < len(numbers) and (after := numbers[end]) is not None and after > (numbers[end - 1] or 0):
            end += 1
        if end - start > 1 and number in numbers[end:]:
            numbers[start:end] = [None] * (end - start)
        start = end


@lru_cache(maxsize=2048)
def section_number(text: str, form: Form) -> int | None:
    """The number of the section of which a line is the heading, or None."""
    key = label_key(text)
    if len(key) < 4:
        return None
    if _SUBHEADING.match(text):
        return None
    if number := _heading_keys(form).get(key):
        return number
    match = _NUMBERED.match(text)
    if not match or (number := _NUMERALS[match.group(1)]) > len(form.section) or "。" in text:
        return None
    headings = [
        label_key(s)
        for section in form.section
        if section.number == number
        for s in (section.heading, *section.spellings)
    ]
    return number if max((_likeness(key, heading) for heading in headings), default=0) >= _LIKE else None


@lru_cache(maxsize=16)
def _heading_keys(form: Form) -> dict[str, int]:
    return {label_key(s): section.number for section in form.section for s in (section.heading, *section.spellings)}


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def _trimmed(lines: list[str], last: bool) -> list[str]:
    """Without page numbers and, behind the last section, what the portal puts below the article."""
    lines = [line for line in lines if not _PAGE_NUMBER.match(line)]
    if last:
        for index, line in enumerate(lines):
            if len(line) < 60 and _FURNITURE.match(line):
                lines = lines[:index]
                break
        while lines and _SIGNATURE.match(lines[-1]):
            lines.pop()
    return lines
