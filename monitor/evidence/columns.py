"""Which columns could have carried a report that was not found: more than those whose reads a finding names."""

from db.archive import Archive
from monitor.config import Config
from monitor.evidence.target import Target

_ABSENCES = ("missing", "overdue-unconfirmed")


def carrying(archive: Archive, target: Target, config: Config) -> list[str]:
    """The columns of the agency's portal that could carry the report that a finding looks for, by the settings; where
    these do not know the portal, all of its columns that the archive has read. [] for anything but an absence.

    Raises ConfigError for settings that cannot be read.
    """
    f = target.finding
    if f is None or f["rule"] not in _ABSENCES:
        return []
    from monitor.crawling import deployment_portals, portal_columns

    agency = archive.agency(f["agency_id"])
    if agency is None or agency.portal is None:
        return []
    portal = agency.portal
    for known in portal_columns(deployment_portals(config), archive.agencies()):
        if known.id == portal:
            # As in rules.absence.judge: those kept for another year or agency could not.
            fitting = (c for c in known.columns if c.year in (None, f["year"]) and c.agency in (None, f["agency_id"]))
            return [column.url for column in fitting]
    return archive.evidence.columns_of(portal)
