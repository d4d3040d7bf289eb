"""The first crawls of portals: what they bring of old years is recorded, and told to nobody, whoever is killed when."""

from collections.abc import Iterable
from datetime import datetime

from crawler.portal import Portal
from db.archive import Archive

_MARK = "first crawl: "  # of a portal, from before it begins until what it brought is judged


def first_crawls(archive: Archive, portals: Iterable[Portal]) -> set[str]:
    """The portals that were never crawled to the end."""
    return {portal.id for portal in portals if not archive.crawls.has_complete(portal.id)}


def mark_first(archive: Archive, portals: Iterable[Portal], at: datetime) -> None:
    """Before crawls begin: remember for which portals they are the first."""
    for portal in first_crawls(archive, portals):
        archive.jobs.mark(_MARK + portal, at)


def marked_first(archive: Archive) -> set[str]:
    """The portals whose first crawls have begun, and are not judged yet; whether they are configured still or not."""
    return {name.removeprefix(_MARK) for name in archive.jobs.marks() if name.startswith(_MARK)}


def unmark_first(archive: Archive, portals: Iterable[str]) -> None:
    """All that their first crawls brought is judged."""
    for portal in portals:
        archive.jobs.unmark(_MARK + portal)
