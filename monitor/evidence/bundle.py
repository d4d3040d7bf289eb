"""The zip: the same archive and target give the same bytes, whenever and wherever it is made."""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from db.archive import Archive
from monitor.evidence.case import Case
from monitor.evidence.data import data_json
from monitor.evidence.folders import record_text, without_paths
from monitor.evidence.instructions import SUMS, readme
from monitor.evidence.page import headline, index_html, lead, reservation
from monitor.evidence.withheld import withhold

_TIME = (1980, 1, 1, 0, 0, 0)  # a zip's first; the times that matter are in the files
_MODE = 0o100644 << 16


class BundleError(Exception):
    """The zip cannot be written; one sentence."""


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle on disk. files: how many are in it. sums: SHA-256 of its SHA256SUMS, which vouches for all others."""

    path: Path
    files: int
    sha256: str
    sums: str


def write_bundle(archive: Archive, case: Case, path: Path, ca: Path | None = None) -> Written:
    """Write a case as a zip. ca: the time stamp service's certificates, enclosed where a manifest is stamped.

    What is on the takedown list leaves the case first. Whatever was at the path is replaced once the zip is whole.
    Raises BundleError.
    """
    withhold(case, archive.takedowns.held())
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    sums: list[str] = []
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, data in _files(archive, case, ca):
                _put(bundle, name, data)
                sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
            listed = "".join(sorted(sums, key=lambda line: line[66:])).encode()
            _put(bundle, SUMS, listed)
        with partial.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise BundleError(f"{path}: cannot be written ({error.strerror}); choose another place with --out") from error
    finally:
        with suppress(OSError):  # a clean-up that fails must not hide the first error
            partial.unlink(missing_ok=True)
    return Written(path, len(sums) + 1, digest, hashlib.sha256(listed).hexdigest())


def _files(archive: Archive, case: Case, ca: Path | None) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file but SHA256SUMS."""
    has_ca = ca is not None and any(manifest.token for manifest in case.manifests)
    yield "README.txt", without_paths(_readme(case, has_ca=has_ca)).encode()
    yield "index.html", without_paths(index_html(case, has_ca=has_ca)).encode()
    yield "data.json", without_paths(data_json(case)).encode()
    for sha256, kept in case.documents.items():
        if kept.file:
            yield kept.file, archive.get_document(sha256)
    for look in case.looks:
        yield look.file, record_text(look.visit).encode("utf-8", "backslashreplace")
    for name, links in sorted(case.lists.items()):
        yield name, links.encode()
    for manifest in case.manifests:
        yield f"manifests/{manifest.day}.txt", archive.get_document(manifest.sha256)
        if manifest.token:
            yield f"manifests/{manifest.day}.tsr", manifest.token
    if has_ca and ca is not None:
        yield "manifests/ca.pem", ca.read_bytes()


def _readme(case: Case, *, has_ca: bool) -> str:
    return readme(case, headline(case), lead(case), reservation(case), has_ca=has_ca)


def _put(bundle: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
    bundle.writestr(info, data)
