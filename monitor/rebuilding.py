"""Making all that is derived anew, in a copy beside the archive, and bringing what differs into it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from db.archive import Archive
from db.errors import ArchiveError
from db.rebuilding.merge import Merged, merge
from db.rebuilding.rebuild import Lost, copied, discard, notices
from monitor.config import Config
from monitor.judging.archive import judge_archive
from monitor.judging.portal_reads import PortalColumns
from monitor.notices import read_one
from monitor.pipeline import Reading, read_waiting
from monitor.whose import Whose, names_of
from parsers.publication_notice import NOTICE_VERSION
from parsers.read import PARSER_VERSION

_LEASE = "rebuild"


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild came to. lost: documents that cannot be read, with the reason; what they were read as stays.
    reading: what the others were read as. merged: what differed."""

    lost: list[Lost]
    reading: Reading
    merged: Merged


def rebuild(
    archive: Archive,
    config: Config,
    portals: Sequence[PortalColumns],
    *,
    now: datetime,
    dry_run: bool = False,
    on_document: Callable[[int], None] | None = None,
    on_read: Callable[[int, int], None] | None = None,
) -> Rebuilt:
    """Read every document again, judge anew as of `now`, and write down what differs (dry_run: nothing).

    Nothing is sent. Findings on record make no new event; such as are new are recorded as a run would record them.
    Raises ArchiveError while another process does the same.
    """
    if holder := archive.pace.take_lease(_LEASE):
        raise ArchiveError(f"{archive.path}: is being rebuilt by {holder}; wait for it, or stop it")
    try:
        with copied(archive, PARSER_VERSION, NOTICE_VERSION, on_document) as (copy, lost):
            regions = {portal.id: portal.region for portal in portals if portal.region}
            places = {portal.id: portal.place for portal in portals if portal.place}
            reading = read_waiting(copy, regions=regions, places=places, on_progress=on_read)
            whose = Whose(names_of(copy.agencies()), regions, places)
            for notice in notices(copy):  # what was said before counts no more, and is kept all the same
                read_one(copy, whose, notice)
            judge_archive(copy, config, portals, now=now)
        return Rebuilt(lost, reading, merge(archive, dry_run=dry_run))
    finally:
        with suppress(ArchiveError):  # a clean-up that fails must not hide the first error; the next rebuild says so
            discard(archive.path)
        archive.pace.release_lease(_LEASE)
