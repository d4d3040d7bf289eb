"""All checks of an archive in a row: the database, the documents, their folder, the manifests and their time stamps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from db.archive import Archive
from db.collected.manifests import end_of
from db.errors import ArchiveError
from db.keeping import verify
from db.keeping.verify import Fault
from monitor.calendar import BEIJING
from monitor.evidence.stamps import StampError, check_stamp
from monitor.processes import in_processes


@dataclass(slots=True)
class Counts:
    """What was looked at: documents and their bytes, manifests, time stamps."""

    documents: int = 0
    size: int = 0
    manifests: int = 0
    stamps: int = 0


def faults_of(
    archive: Archive,
    counts: Counts,
    *,
    since: date | None = None,
    ca: Path | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Iterator[Fault]:
    """Every fault of an archive, as it is found. counts is filled on the way.

    since: a day in Beijing; only documents first seen, and manifests, from then on. ca: see stamps.check_stamp.
    """
    yield from verify.readable(archive, verify.database_faults(archive))
    start = datetime.combine(since, time(), BEIJING).astimezone(UTC) if since else None
    for checked in in_processes(verify.check_batch, verify.batches(archive, start), verify.crashed):
        counts.documents += checked.documents
        counts.size += checked.size
        yield from checked.faults
        if on_progress:
            on_progress(counts.documents)
    yield from verify.readable(archive, verify.folder_faults(archive))
    yield from verify.readable(archive, verify.given_up(archive))
    yield from verify.readable(archive, verify.manifest_faults(archive, since))
    yield from verify.readable(archive, _stamp_faults(archive, counts, since, ca))


def _stamp_faults(archive: Archive, counts: Counts, since: date | None, ca: Path | None) -> Iterator[Fault]:
    for manifest in archive.manifests.listed(since):
        counts.manifests += 1
        if manifest.token is None:
            continue
        counts.stamps += 1
        try:
            stamped_at = check_stamp(manifest.token, archive.get_document(manifest.sha256), ca)
        except StampError as error:
            what, _, do = f"{archive.path}: the manifest of {manifest.day}: {error}".rpartition("; ")
            yield Fault("stamp", True, what, do)
        except ArchiveError:
            continue  # its document is a fault of its own already
        else:
            if stamped_at < end_of(manifest.day):
                what = f"{archive.path}: the manifest of {manifest.day} was stamped before its day was over"
                yield Fault("stamp", True, what, "restore the archive from a copy")
