"""The daily manifests and their time stamps, for the command and for the main job."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from db.archive import Archive
from db.collected.manifests import Manifest
from monitor.config import Config
from monitor.evidence.stamps import StampError, request_stamp


def make_manifests(archive: Archive, now: datetime, day: date | None = None) -> list[Manifest]:
    """The manifest of a day, else those of all days that are over, have visits and have none yet; oldest first.

    Raises ArchiveError for a day that is not over, or that comes before one that has its manifest.
    """
    days = archive.manifests.lacking(now) if day is None else [day]
    return [archive.manifests.make(each, now) for each in days]


def stamp_manifests(archive: Archive, config: Config, manifests: Iterable[Manifest]) -> list[str]:
    """Have manifests stamped by the service of the settings; sentences about what could not be done.

    A service that fails is not asked again; what it has stamped by then is kept.
    """
    service, ca = config.evidence.timestamp_url, config.timestamp_ca
    for manifest in manifests:
        try:
            token, at = request_stamp(archive.get_document(manifest.sha256), service, ca)
        except StampError as error:
            return [f"the manifest of {manifest.day}: {error}"]
        archive.manifests.add_stamp(manifest.day, token, service, at)
    return []


def keep_daily(archive: Archive, config: Config, now: datetime) -> list[str]:
    """What the main job does once a run: the manifests that are lacking are made and, where the settings name a
    service, all that have no time stamp are stamped. Sentences about what could not be done; it is tried again with the
    next run."""
    make_manifests(archive, now)
    if not config.evidence.timestamp_url:
        return []
    return stamp_manifests(archive, config, [m for m in archive.manifests.listed() if m.token is None])


def manifest_dict(manifest: Manifest) -> dict[str, Any]:
    """A manifest as one line of `manifest --json`."""
    return {
        "day": manifest.day.isoformat(),
        "sha256": manifest.sha256,
        "entries": manifest.entries,
        "made_at": manifest.made_at.isoformat(),
        "service": manifest.service,
        "stamped_at": manifest.stamped_at.isoformat() if manifest.stamped_at else None,
    }
