"""One annual report as the sandbox knows it, before any file format."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# None is printed as an empty cell, a string exactly as it is ("/", "+3", "251000元").
Printable = int | float | str | None
Figures = Mapping[str, Printable]

SECTION_NUMERALS = "一二三四五六"


@dataclass(frozen=True, slots=True)
class SampleSection:
    """One section: heading as printed ("一、总体情况") and its paragraphs; tables come after the paragraphs."""

    heading: str
    paragraphs: tuple[str, ...] = ()

    @property
    def number(self) -> int | None:
        """1 to 6 from the numeral that opens the heading, None where there is none."""
        head = self.heading.strip()[:1]
        return SECTION_NUMERALS.index(head) + 1 if head and head in SECTION_NUMERALS else None


@dataclass(frozen=True, slots=True)
class SampleReport:
    """One report. Shapes and units are those of the vocabulary.

    title, agency: as printed. year: the reporting year. form: "2019" or "2021". figures: {`table.row.column`: value};
    a figure that is not given is printed as an empty cell. signed_on: printed at the end of the text, if not None.
    published_on: the date that the portal gives, ISO as all dates here. period: first and last day of the reporting
    period, None for the whole year. opening: the paragraphs before section 一; if empty, one that states the period.
    """

    title: str
    agency: str
    year: int
    form: str
    figures: Figures
    sections: tuple[SampleSection, ...]
    signed_on: str | None = None
    published_on: str | None = None
    period: tuple[str, str] | None = None
    opening: tuple[str, ...] = ()

    def opening_paragraphs(self) -> tuple[str, ...]:
        """What stands before section 一."""
        if self.opening:
            return self.opening
        first, last = self.period or (f"{self.year}-01-01", f"{self.year}-12-31")
        return (f"本报告所列数据的统计期限自{chinese_date(first)}起至{chinese_date(last)}止。",)


def chinese_date(iso: str) -> str:
    """2024-01-09 -> 2024年1月9日."""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def printed(value: Printable) -> str:
    """A figure as the cell shows it: None is empty, a string stays as it is, 7730.5 stays 7730.5."""
    if value is None:
        return ""
    return value if isinstance(value, str) else format(value, "d" if isinstance(value, int) else ".10g")


class PackageAbsent(RuntimeError):
    """A writer needs a package that is not installed; the message names it and the formats that do without."""

    def __init__(self, package: str, media: str) -> None:
        super().__init__(
            f"the sandbox cannot write {media}: the package {package} is not installed; it is one of the test "
            f"dependencies (requirements-test.lock); html and text need no package"
        )
