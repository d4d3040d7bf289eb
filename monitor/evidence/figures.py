"""The figures of a finding as the report prints them: rows under the labels of its form, with their places."""

from collections.abc import Iterable
from typing import Any

from db.evidence import ReportRow
from db.records import StoredReport
from monitor.catalogue import say
from monitor.catalogue.figures import figure_words
from monitor.evidence.case import Case
from monitor.evidence.words import Words, beijing, both, label, sentence, shown, without_folders
from monitor.judging.case import read_words
from parsers.form import Form, Table, load_forms
from parsers.report import CORRECTED, REALIGNED, ROW_ABSENT, Figure, Place

_NUMERALS = "〇一二三四五六七八九十"


def figures_section(case: Case) -> str:
    """The rows that the case is about, report by report; all rows of a report where there is no finding. "" where no
    report with figures is in it."""
    parts = []
    for row, stored in case.reports:
        main = case.finding["figure"] if case.finding and row.year == case.year else None
        if stored.report.form is not None and (marked := marked_figures(case, row, stored)) is not None:
            parts.append(_of_report(case, row, stored, marked, main))
    if not parts:
        return ""
    figures = [figure for _, stored in case.reports for figure in stored.report.figures.values()]
    realigned = any(figure.state == REALIGNED for figure in figures)
    corrected = any(figure.how == CORRECTED for figure in figures)
    return (
        (sentence("figures-lead") if case.finding else "")
        + "".join(parts)
        + (sentence("realigned") if realigned else "")
        + (sentence("corrected") if corrected else "")
    )


def marked_figures(case: Case, row: ReportRow, stored: StoredReport) -> set[str] | None:
    """The figures of this report that the finding names; an empty set without a finding, None where the finding is not
    about this report's figures."""
    if case.finding is None:
        return set()
    placed = {
        p["figure"] for p in case.finding["places"] if p.get("sha256") == row.sha256 and p["year"] == row.year
    } - {None}
    if row.year == case.year:  # figures without a cell have no place, and belong to the report of the year
        elsewhere = {p["figure"] for p in case.finding["places"]}
        placed |= {name for name in case.finding["figures"] if name not in elsewhere}
    return (placed & stored.report.figures.keys()) or None


def _of_report(case: Case, row: ReportRow, stored: StoredReport, marked: set[str], main: str | None) -> str:
    form = load_forms()[stored.report.form or ""]
    title = stored.report.title or row.title or without_folders(row.url)
    heading = both(say("bundle-from-report", year=row.year, title=title))
    tables = "".join(_table(table, form, stored, marked, main) for table in form.table)
    return f"<h3>{heading}</h3>{tables}{_places(stored, marked)}{_corrections(case, stored, marked)}"


def _corrections(case: Case, stored: StoredReport, marked: set[str]) -> str:
    """Who has corrected which of the figures that are shown, when, on what, and what was read."""
    form = load_forms()[stored.report.form or ""]
    items = []
    for one in case.corrections.get(stored.id, ()):
        read = stored.report.misread.get(one.figure)
        if read is None or (marked and one.figure not in marked):
            continue
        words, (read_zh, read_en) = figure_words(one.figure, form), read_words(read)
        said = say(
            "bundle-corrected-by",
            figure_zh=words[0],
            figure_en=words[1],
            who=one.made_by,
            when=beijing(one.made_at),
            ground=one.source,
            read_zh=read_zh,
            read_en=read_en,
        )
        items.append(f"<li>{both(said)}</li>")
    return f"<ul class=places>{''.join(items)}</ul>" if items else ""


def _table(table: Table, form: Form, stored: StoredReport, marked: set[str], main: str | None) -> str:
    """The rows of one table that hold a marked figure, or all of them; rows with the same columns under one heading."""
    figures = stored.report.figures
    lines, above = [], None
    for name, spec in table.rows.items():
        columns = table.columns_of(name)
        cells = {column: figures[f"{table.name}.{name}.{column}"] for column in columns}
        if marked and not any(cell.name in marked for cell in cells.values()):
            continue
        if not marked and all(cell.state == ROW_ABSENT for cell in cells.values()):
            continue
        if columns != above:
            heads = "".join(f"<th scope=col>{shown(table.columns[column].label)}</th>" for column in columns)
            lines.append(f"<tr class=heads><th scope=col>{label('row')}</th>{heads}</tr>")
            above = columns
        printed = "".join(
            f'<td class="{_class(cell.name, marked, main)}" data-label="{shown(table.columns[column].label)}">'
            f"{cell_text(cell)}</td>"
            for column, cell in cells.items()
        )
        lines.append(f"<tr><th scope=row>{shown(spec.label)}</th>{printed}</tr>")
    if not lines:
        return ""
    heading = next(s.heading for s in form.section if s.number == table.section)
    caption = f"<caption>{_NUMERALS[table.section]}、{shown(heading)}</caption>"
    return f'<div class="wide"><table class="figures">{caption}{"".join(lines)}</table></div>'


def _class(figure: str, marked: set[str], main: str | None) -> str:
    return "number main" if figure == main else "number marked" if figure in marked else "number"


def cell_text(figure: Figure) -> str:
    """A cell as HTML: the text as printed; in words what is not a number; marked what was not plainly read."""
    mark = "✎" if figure.how == CORRECTED else "~" if figure.state == REALIGNED else ""
    if figure.value is None and figure.state != "unreadable":
        return f"<small>{both(say(f'bundle-cell-{figure.state}'))}</small>{mark}"
    unit = figure.unit if figure.unit and figure.unit != "unit_unknown" else ""
    text = shown(figure.text if figure.text is not None else "" if figure.value is None else figure.value)
    if figure.value is None:
        return f"{text} <small>{both(say('bundle-cell-unreadable'))}</small>{mark}"
    return f"{text}{mark}{f' {shown(unit)}' if unit else ''}"


def _places(stored: StoredReport, marked: Iterable[str]) -> str:
    """Where each marked figure stands in the document."""
    form = load_forms()[stored.report.form or ""]
    items = []
    for name in (n for n in form.figure_names if n in set(marked)):
        figure = stored.report.figures[name]
        words, place = figure_words(name, form), figure.place
        if place is None and figure.how == CORRECTED and figure.state != ROW_ABSENT:
            items.append(f"{both(words)}<br>{both(say('bundle-place-by-hand'))}")
        elif place is None:
            items.append(both(say("bundle-no-place", figure=words[0])))
        else:
            items.append(f"{both(words)}<br>{both(place_words(place))}")
    return f"<ul class=places>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""


def place_words(place: Place | dict[str, Any]) -> Words:
    """A place in words, counted from 1."""
    p = place if isinstance(place, dict) else place._asdict()
    parts = []
    if p["page"] is not None:
        parts.append(say("bundle-place-page", page=p["page"]))
    if p["column"] is not None:
        parts.append(say("bundle-place-grid", table=p["table"] + 1, row=p["row"] + 1, column=p["column"] + 1))
    else:
        parts.append(say("bundle-place-line", table=p["table"] + 1, row=p["row"] + 1))
    if p["box"] is not None:
        parts.append(say("bundle-place-box", box=", ".join(f"{x:g}" for x in p["box"])))
    return "，".join(zh for zh, _ in parts), ", ".join(en for _, en in parts)
