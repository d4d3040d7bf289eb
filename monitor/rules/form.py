"""The form of a report: sections that are not there, and a form that is not the one for the year."""

from collections.abc import Iterator

from db.records import Finding
from monitor.catalogue import say
from monitor.rules.case import Case
from parsers.form import load_forms
from parsers.report import NULL_STATES

_NUMERALS = "〇一二三四五六七八九十"
_FEWEST_HEADINGS = 3  # where fewer are found, the prose was not in the file, and nothing can be said of it


def missing_section(case: Case) -> Iterator[Finding]:
    """A section of the form of which the report prints neither heading nor figures."""
    report, form = case.this.report, case.this.form
    found = {section.number for section in report.sections}
    if len(found) < _FEWEST_HEADINGS or any(doubt.figure is None for doubt in report.doubts):
        return  # the prose was not in the file, or not all of it could be read
    with_figures = {
        form.tables[name.split(".")[0]].section
        for name, figure in report.figures.items()
        if figure.state not in NULL_STATES
    }
    for section in form.section:
        if section.number in found or section.number in with_figures:
            continue
        heading = f"{_NUMERALS[section.number]}、{section.heading}"
        sentence = say(
            "missing-section", agency=case.this.agency, year=case.this.year, section_zh=heading, section_en=heading
        )
        # What a reader did not find may stand in a picture: never more than likely.
        finding = case.finding(
            "missing-section",
            "form",
            "warning",
            "likely",
            "printed",
            sentence,
            figure=f"section.{section.number}",
            expected=heading,
        )
        finding.places = [case.this.place()]
        yield finding


def unexpected_form(case: Case) -> Iterator[Finding]:
    """A report on a form that is not the one prescribed for its year."""
    form, year = case.this.form, case.this.year
    if year in form.years:
        return
    prescribed = next((f for f in load_forms().values() if year in f.years), None)
    if prescribed is None:
        return
    sentence = say(
        "unexpected-form",
        agency=case.this.agency,
        year=year,
        observed=form.name,
        expected=prescribed.name,
        prescribed_by=prescribed.prescribed_by,
    )
    finding = case.finding(
        "unexpected-form",
        "form",
        "warning",
        "certain",
        "printed",
        sentence,
        observed=form.name,
        expected=prescribed.name,
    )
    finding.places = [case.this.place()]
    yield finding
