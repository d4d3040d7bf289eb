"""What rules about prose have in common: which sections were read, and whether all of the prose was."""

import re

from parsers.report import Report

FEWEST_HEADINGS = 3  # where fewer are found, the prose was not in the file, and nothing can be said of it
_SUBHEADING = re.compile(
    r"^\s*(?:[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]是|\d+[.、．])\s*([^。；，,;]{2,24})"
)


def prose_was_read(report: Report) -> bool:
    """Whether nothing speaks against all of the prose having been read: enough headings, no doubt about the whole."""
    return len(report.sections) >= FEWEST_HEADINGS and all(doubt.figure is not None for doubt in report.doubts)


def section_text(report: Report, number: int) -> str | None:
    """The prose of a section; None where its heading was not found."""
    return next((section.text for section in report.sections if section.number == number), None)


def subheadings(text: str) -> list[str]:
    """The beginnings of the paragraphs that are numbered （一） or 1., as far as they may be headings."""
    return [match[1] for line in text.splitlines() if (match := _SUBHEADING.match(line))]
