"""What changed between two reports of one agency; a pure function of their figures."""

from collections.abc import Mapping
from typing import NamedTuple

from parsers.report import Figure


class Change(NamedTuple):
    """One figure that differs between two years: before or after is None where that report has no such figure."""

    figure: str
    before: Figure | None
    after: Figure | None


def changes(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> list[Change]:
    """The figures that both forms have and whose values or null-states differ, in the form's order."""
    return [
        Change(name, before[name], figure)
        for name, figure in after.items()
        if name in before and (before[name].value, _null(before[name])) != (figure.value, _null(figure))
    ]


def _null(figure: Figure) -> str | None:
    return figure.state if figure.value is None else None
