"""What is on the takedown list leaves a case: bytes, prose, titles and the texts of cells. Visits, hashes and figures
stay, and the bundle says what was left out."""

import dataclasses

from db.records import StoredReport
from db.takedowns import Held
from monitor.evidence.case import Case


def withhold(case: Case, held: Held) -> None:
    """Take out of a case what is withheld now."""
    if not held:
        return
    withheld = set()
    for sha256, kept in case.documents.items():
        if held.holds(sha256, kept.addresses):
            case.documents[sha256] = dataclasses.replace(kept, file=None, lost=None, is_withheld=True)
            withheld.add(sha256)
    for n, (row, stored) in enumerate(case.reports):
        if row.sha256 in withheld or held.holds(row.sha256, (row.url,)):
            case.reports[n] = row._replace(title=None), _without_prose(stored)
    case.sightings = [s._replace(title=None) if s.sha256 in withheld else s for s in case.sightings]
    if case.finding is None and not case.reports:  # it is called after the title of its document
        case.agency = next(iter(withheld), case.agency)


def _without_prose(stored: StoredReport) -> StoredReport:
    report = stored.report
    figures = {name: figure._replace(text=None) for name, figure in report.figures.items()}
    misread = {name: figure._replace(text=None) for name, figure in report.misread.items()}
    dates = [date._replace(text=None) for date in report.dates]
    bare = dataclasses.replace(
        report, title=None, scope={}, figures=figures, misread=misread, sections=[], doubts=[], dates=dates
    )
    return dataclasses.replace(stored, report=bare)
