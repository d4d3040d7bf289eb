"""Reports for the rules, made from the sandbox's figures without a document in between."""

from collections.abc import Mapping
from datetime import UTC, datetime

from crawler.sandbox.country import Country
from crawler.sandbox.sample import SampleReport
from db.records import Finding
from monitor.config import Thresholds
from monitor.judging.absence import Absence
from monitor.judging.case import Judged
from monitor.judging.season import Season
from monitor.rules import judge_season
from parsers.form import load_forms
from parsers.numbers import read_number
from parsers.report import PRINTED, ROW_ABSENT, Figure, Place, Report, Section

COUNTRY = Country.build(5)


def quiet_sample(year: int = 2023) -> SampleReport:
    """A report without faults that has applications from several kinds of applicants."""
    faulty = {truth.agency_id for truth in COUNTRY.truths}
    odd = {innocent.agency_id for innocent in COUNTRY.innocents}
    samples = [
        plan.sample
        for plan in COUNTRY.plans
        if plan.year == year and plan.agency.id not in faulty | odd and plan.sample.form == "2021"
    ]
    return max(samples, key=lambda s: sum(v for v in s.figures.values() if isinstance(v, int) and v < 900))


def judged(
    sample: SampleReport, changes: Mapping[str, int | str | None] | None = None, *, how: str = PRINTED
) -> Judged:
    """The sample as a report that was read, with some figures changed. how: printed or realigned, of the changed."""
    form = load_forms()[sample.form]
    figures = {}
    for place, name in enumerate(form.figure_names):
        value = (changes or {}).get(name, sample.figures.get(name, "absent"))
        if value == "absent":
            figures[name] = Figure(name, None, ROW_ABSENT)
            continue
        text = "" if value is None else str(value)
        reading = read_number(text, form.column_of(name).value)
        state = reading.state if reading.value is None else how if changes and name in changes else PRINTED
        figures[name] = Figure(name, reading.value, state, text, None, PRINTED, Place(None, None, 0, place, 0))
    sections = [Section(s.number or 0, s.heading, "\n".join(s.paragraphs)) for s in sample.sections]
    report = Report("html", sample.agency, sample.year, sample.form, sample.title, figures=figures, sections=sections)
    return Judged(f"990000:{sample.agency}", sample.agency, sample.year, "ab" * 32, report)


def absence_finding(absence: Absence) -> Finding | None:
    """What the rules about time say of a state by the reads alone."""
    now = datetime(absence.year + 1, 12, 1, tzinfo=UTC)
    found = judge_season(Season(absence.agency, absence.year, now, absence), Thresholds())
    assert len(found) <= 1
    return found[0] if found else None
