"""What a rule may build on: figures that are given and plainly read, in tables that are not in doubt."""

from collections.abc import Iterable, Sequence

from parsers.report import CORRECTED, NULL_STATES, PRINTED, Number, Report


def plain_value(report: Report, name: str) -> Number | None:
    """The number of a figure that was read where it is printed, or for which a person vouches; else None."""
    figure = report.figures.get(name)
    return figure.value if figure is not None and figure.state in (PRINTED, CORRECTED) else None


def plain_values(report: Report, names: Sequence[str]) -> list[Number] | None:
    """The numbers of all these figures, in their order; None where one of them is not given, or not plainly read."""
    values = [value for name in names if (value := plain_value(report, name)) is not None]
    return values if len(values) == len(names) else None


def is_doubted(report: Report, table: str | None = None) -> bool:
    """Whether a doubt of ours is open about the report as a whole, or about a table, one of its rows or figures."""
    return any(
        doubt.figure is None or (table is not None and (doubt.figure == table or doubt.figure.startswith(f"{table}.")))
        for doubt in report.doubts
    )


def tables_read(report: Report) -> set[str]:
    """The tables of which at least one figure is there."""
    return {name.partition(".")[0] for name, figure in report.figures.items() if figure.state not in NULL_STATES}


def listed(words: Iterable[str]) -> str:
    """Words in a row, as both languages take them from the form: 主动公开、监督保障."""
    return "、".join(words)
