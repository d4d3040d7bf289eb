"""The release bundle: a folder with SQLite, CSV, Parquet, what they mean, and their sums.

Written beside its place and renamed once it is whole. An earlier bundle at that place is replaced; anything else there
is left alone and refused.
"""

import dataclasses
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from db.archive import Archive
from db.release.database import Snapshot, write_release
from db.release.resources import OpenRelease, Resource, open_release
from monitor.exports import ExportError, datapackage, files, sums
from monitor.exports.datapackage import About
from monitor.exports.masking import Masked, mask
from monitor.exports.readme import dictionary, readmes
from monitor.exports.rules import listed_rules
from parsers.read import PARSER_VERSION

DATABASE = "nianbao.sqlite"
PARTIAL, REPLACED = ".partial", ".replaced"

_FOLDERS = {"csv", "parquet"}
_OWN = {DATABASE, "datapackage.json", "DICTIONARY.md", "README.md", "README.zh.md", sums.FILE}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle on disk. rows: how many each of its tables has. files: how many there are."""

    folder: Path
    snapshot: Snapshot
    masked: Masked
    rows: dict[str, int]
    files: int
    has_parquet: bool


def write_bundle(
    archive: Archive,
    folder: Path,
    *,
    now: datetime,
    parquet: bool = True,
    licence: str | None = None,
    on_file: Callable[[str], None] = lambda name: None,
) -> Bundle:
    """Write the bundle of an archive. now: when it is made. parquet: write Parquet, too; the extra must be installed.
    licence: under which it is published, in the publisher's words. on_file: told of each file before it is written.

    Raises ExportError, with what to do, and ArchiveError.
    """
    place = folder.absolute()  # a name as "." or "a/.." has no neighbour to write to
    if not place.name or place.name == "..":
        raise ExportError(f"{folder}: name the folder that is to be made")
    _refuse_others(place)
    partial = place.with_name(place.name + PARTIAL)
    try:
        _clear(partial)
        partial.mkdir(parents=True)
        bundle = _write(archive, partial, now, parquet, licence, on_file)
        _put_in_place(partial, place)
    except OSError as error:
        raise ExportError(
            f"{folder}: cannot be written ({error.strerror}); make room, or choose another place"
        ) from error
    return dataclasses.replace(bundle, folder=folder)


def _write(
    archive: Archive,
    folder: Path,
    now: datetime,
    parquet: bool,
    licence: str | None,
    on_file: Callable[[str], None],
) -> Bundle:
    masked = Masked()
    facts = {
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "nianbao": version("nianbao"),
        "parser": PARSER_VERSION,
    }
    on_file(DATABASE)
    snapshot = write_release(
        archive, folder / DATABASE, mask=lambda text: mask(text, masked), rules=listed_rules(), facts=facts
    )
    with open_release(folder / DATABASE) as release:
        resources = release.resources()
        rows = _write_tables(release, resources, folder, parquet, on_file)
        about = About(release.facts(), licence, dataclasses.asdict(masked), snapshot.withheld, parquet)
        texts = readmes(about, rows, release.years(), release.findings()) | {
            "DICTIONARY.md": dictionary(release.dictionary())
        }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    tables = {
        Path(name): sums.sum_of(folder / name) for name in _in_order(sums.files_in(folder) - texts.keys(), resources)
    }
    package = datapackage.datapackage(about, resources, tables)
    (folder / datapackage.FILE).write_text(package, encoding="utf-8")
    sums.write_sums(folder)
    return Bundle(folder, snapshot, masked, rows, len(sums.files_in(folder)), parquet)


def _write_tables(
    release: OpenRelease, resources: list[Resource], folder: Path, parquet: bool, on_file: Callable[[str], None]
) -> dict[str, int]:
    """Returns how many rows each table has."""
    rows = {}
    for kind in sorted(_FOLDERS) if parquet else ["csv"]:
        (folder / kind).mkdir()
        write = files.write_csv if kind == "csv" else files.write_parquet
        for resource in resources:
            name = f"{kind}/{resource.name}.{kind}"
            on_file(name)
            rows[resource.name] = write(release, resource, folder / name)
    return rows


def _in_order(names: set[str], resources: list[Resource]) -> list[str]:
    """The database first, then the tables as a reader meets them, CSV before Parquet."""
    rank = {resource.name: number for number, resource in enumerate(resources)}
    return sorted(names, key=lambda name: (name != DATABASE, Path(name).suffix, rank.get(Path(name).stem, -1)))


# The place of the bundle


def _refuse_others(place: Path) -> None:
    """Raises ExportError where something stands that is no earlier bundle, or more than that."""
    if not (place.exists() or place.is_symlink()):
        if not place.parent.is_dir():
            raise ExportError(f"{place}: its folder does not exist; make it, or give another path")
        return
    if not place.is_dir() or place.is_symlink():
        raise ExportError(f"{place}: is no folder; give another path")
    there = sums.files_in(place)
    if not there:
        return
    if not _is_ours(place):
        raise ExportError(f"{place}: is no earlier release of nianbao; give the path of a new folder")
    if others := sorted(there - sums.listed_in(place)):
        raise ExportError(
            f"{place}: holds {others[0]}, which is not of the release; move it elsewhere, or give another path"
        )


def _is_ours(place: Path) -> bool:
    try:
        package = json.loads((place / datapackage.FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(package, dict) and package.get("name") == datapackage.NAME and "nianbao" in package


def is_release_folder(folder: Path) -> bool:
    """Whether a folder holds a release, or a part of one."""
    return (folder / DATABASE).exists() or _is_ours(folder)


def _clear(partial: Path) -> None:
    """Throw away what an interrupted export left. Raises ExportError if something else is there."""
    if not partial.exists():
        return
    own = {name for name in sums.files_in(partial) if name in _OWN or name.partition("/")[0] in _FOLDERS}
    if others := sorted(sums.files_in(partial) - own - {f"{DATABASE}-journal"}):
        raise ExportError(f"{partial}: is in the way and holds {others[0]}; move it elsewhere")
    shutil.rmtree(partial)


def _put_in_place(partial: Path, place: Path) -> None:
    """Give the whole bundle its name; an earlier one goes only then."""
    replaced = place.with_name(place.name + REPLACED)
    if place.exists():
        if replaced.exists():
            shutil.rmtree(replaced)  # of an export that was interrupted right here
        place.rename(replaced)
    partial.rename(place)
    if replaced.exists():
        shutil.rmtree(replaced)
