"""What was seen of reports, put together from the archive: publications with their looks and revisions."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from itertools import groupby

from db.archive import Archive
from db.collected.publications import LookAt, ReadDocument
from db.records import ADDED
from monitor.calendar import BEIJING
from monitor.judging.portal_reads import Key, PortalReads
from monitor.judging.season import Look, Publication, RevisionSeen
from parsers.dates import dates_beside
from parsers.report import DateCandidate, Report

_PAGES_WITHOUT = ("not-a-report", "no-tables", "image-only")  # kinds of unread pages that may link their report


def publications(
    archive: Archive, documents: Iterable[ReadDocument], portal_reads: PortalReads | None
) -> dict[Key, tuple[Publication, ...]]:
    """(agency, year) -> its publications, oldest first.

    documents: each with its agency; those of one address and agency may come in any order. portal_reads: of the portal
    of these agencies; they say when an address was listed of which the frontier knows nothing.
    """
    by_address: dict[tuple[str, int, str, str], list[ReadDocument]] = {}
    for one in documents:
        if one.agency_id is not None:
            by_address.setdefault((one.agency_id, one.year, one.source, one.url), []).append(one)
    every = [one for some in by_address.values() for one in some]
    listed = archive.publications.listed({(one.source, one.page_url) for one in every if one.source != ADDED})
    if portal_reads is not None:
        portal = portal_reads.portal
        lacking = {one.page_url for one in every if one.source == portal} - {url for _, url in listed}
        listed |= {(portal, url): when for url, when in portal_reads.first_listed(lacking).items()}
    files = _files(archive, every)
    pages = {url for one in every for url in (one.url, one.page_url)} | {f for some in files.values() for f in some}
    looks = archive.publications.looks(pages)
    dates = archive.publications.dates(one.report_id for one in every if one.report_id is not None)
    found: dict[Key, list[Publication]] = {}
    for (agency_id, year, _, _), some in by_address.items():
        made = _publication(sorted(some, key=lambda d: (d.seen_at, d.sha256)), listed, files, looks, dates)
        found.setdefault((agency_id, year), []).append(made)
    return {key: tuple(sorted(some, key=lambda p: (p.shown_at, p.url))) for key, some in found.items()}


def contents(archive: Archive, found: Collection[Publication]) -> dict[int, Report]:
    """The reports that are to be compared: of each address with several revisions, and, where the current ones of
    several addresses have different figures, those."""
    wanted = {r.report_id for p in found if len(p.revisions) > 1 for r in p.revisions}
    current = [p.revisions[-1].report_id for p in found if p.revisions]
    if len(set(current)) > 1:
        figures = archive.publications.figures(current)
        wanted |= set(figures) if len(set(figures.values())) > 1 else set()
    stored = {number: archive.publications.report(number) for number in sorted(wanted)}
    return {number: one.report for number, one in stored.items() if one is not None}


def _publication(
    documents: list[ReadDocument],
    listed: Mapping[tuple[str, str], tuple[str, datetime]],
    files: Mapping[tuple[str, str], tuple[str, ...]],
    looks: Mapping[str, list[LookAt]],
    dates: Mapping[int, tuple[DateCandidate, ...]],
) -> Publication:
    """One address of an agency's report for a year; its documents oldest first."""
    # What came to be read once was read: another answer since, which is no report, is told by its look.
    last = next((one for one in reversed(documents) if one.report_id is not None), documents[-1])
    column, listed_at = listed.get((last.source, last.page_url), (None, None))
    if listed_at is not None and listed_at < datetime(last.year + 1, 1, 1, tzinfo=BEIJING):
        listed_at = None  # it carried something else before
    linked = files.get((last.source, last.url), ())
    at = sorted({look for url in {last.url, last.page_url, *linked} for look in looks.get(url, ())}, key=_moment)
    said = dates.get(last.report_id, ()) if last.report_id is not None else ()
    if last.report_id is None:
        said = tuple(dates_beside(last.listed_on, (last.url,)))
    return Publication(
        source=last.source,
        url=last.url,
        page_url=last.page_url,
        column=column,
        title=last.title,
        listed_at=listed_at,
        first_seen_at=documents[0].seen_at,
        last_seen_at=max(one.last_seen_at for one in documents),
        sha256=last.sha256,
        kind=last.kind,
        listed_on=last.listed_on,
        dates=said,
        looks=tuple(Look(*look) for look in at),
        revisions=tuple(_revisions(one for one in documents if one.report_id is not None)),
        owner=last.owner,
        files=linked,
    )


def _revisions(documents: Iterable[ReadDocument]) -> Iterable[RevisionSeen]:
    for report_id, some in groupby(documents, key=lambda one: one.report_id):
        same = list(some)
        # The row is read from the first of its documents.
        yield RevisionSeen(
            report_id or 0,
            same[0].revision,
            same[0].sha256,
            same[0].content,
            same[0].parser_version,
            same[0].seen_at,
            max(one.last_seen_at for one in same),
        )


def _files(archive: Archive, documents: Iterable[ReadDocument]) -> dict[tuple[str, str], tuple[str, ...]]:
    """(source, page) -> the files that it links, of the pages that hold no report themselves."""
    pages: dict[str, set[str]] = {}
    for one in documents:
        if one.kind in _PAGES_WITHOUT and one.url == one.page_url and one.source != ADDED:
            pages.setdefault(one.source, set()).add(one.url)
    return {
        (source, page): tuple(sorted(urls))
        for source, some in pages.items()
        for page, urls in archive.publications.files(source, some).items()
    }


def _moment(look: LookAt) -> tuple[datetime, str]:
    return look.at.astimezone(UTC), look.url
