"""What differs between two readings of a report, or two revisions of it; a pure function of both."""

from collections import defaultdict
from typing import NamedTuple

from monitor.compare import Change
from parsers.report import Figure, Report


class Difference(NamedTuple):
    """From one report to the next. figures: those whose value, state or unit differ, in the order of the later form;
    one that only one of the forms has has None on the other side. form, title: (before, after), None where they are the
    same. sections: number -> new, gone or changed. dates: signed_on, published_on or period -> (before, after)."""

    figures: list[Change]
    form: tuple[str | None, str | None] | None
    title: tuple[str | None, str | None] | None
    sections: dict[int, str]
    dates: dict[str, tuple[object, object]]

    def __bool__(self) -> bool:
        return any(self)


def difference(before: Report, after: Report) -> Difference:
    """What the later one says differently."""
    names = list(dict.fromkeys((*after.figures, *before.figures)))
    pairs = [Change(name, before.figures.get(name), after.figures.get(name)) for name in names]
    dates = {
        name: (getattr(before, name), getattr(after, name))
        for name in ("signed_on", "published_on", "period")
        if getattr(before, name) != getattr(after, name)
    }
    return Difference(
        [change for change in pairs if _said(change.before) != _said(change.after)],
        None if before.form == after.form else (before.form, after.form),
        None if before.title == after.title else (before.title, after.title),
        _sections(before, after),
        dates,
    )


def figure_said(figure: Figure | None) -> str:
    """What a figure says, in short: 12, 3.5 万元, blank, 7 (realigned); "not in this form" for none."""
    if figure is None:
        return "not in this form"
    if figure.value is None:
        return figure.state + (f" {figure.text!r}" if figure.text and figure.state == "unreadable" else "")
    unit = f" {figure.unit}" if figure.unit else ""
    return f"{figure.value}{unit}{'' if figure.state == 'printed' else f' ({figure.state})'}"


def _said(figure: Figure | None) -> tuple[object, ...] | None:
    return None if figure is None else (figure.value, figure.state, figure.unit)


def _sections(before: Report, after: Report) -> dict[int, str]:
    texts: tuple[dict[int, list[tuple[str, str]]], ...] = (defaultdict(list), defaultdict(list))
    for found, report in zip(texts, (before, after), strict=True):
        for section in report.sections:
            found[section.number].append((section.heading, section.text))
    old, new = texts
    changed = {}
    for number in sorted({*old, *new}):
        if number not in old or number not in new:
            changed[number] = "gone" if number in old else "new"
        elif old[number] != new[number]:
            changed[number] = "changed"
    return changed
