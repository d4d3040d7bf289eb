"""`nianbao add FILE|FOLDER...`"""

import getpass
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    complain,
    config_option,
    counted,
    fail,
    load_settings,
    open_archive,
    plain_errors,
    progress,
    read_time,
    register_agencies,
)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER...")
@click.option("--url", help="Where the file was found; for a single file.")
@click.option("--fetched-at", metavar="TIME", help="When it was fetched (ISO, with zone); else the file's own date.")
@click.option("--agency", help="Whose report it is, whatever the file says; for a single file.")
@config_option
@archive_option
def command(
    files: tuple[Path, ...],
    url: str | None,
    fetched_at: str | None,
    agency: str | None,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Take report files that you already have into the archive. Adding a file twice changes nothing.

    Of a folder every file is taken. What cannot be read is kept too, and listed.

    \b
    Example:
      nianbao add reports/
      nianbao add r.html --url http://www.example.gov.cn/r.html --fetched-at 2024-01-30T09:00:00+08:00
    """
    with plain_errors():
        from db.records import Sighting, Visit
        from monitor.crawling import deployment_portals
        from monitor.job import judge_added
        from monitor.pipeline import read_waiting
        from monitor.reading import load_file
        from monitor.whose import names_of
        from parsers.errors import UnreadableDocument

        at = read_time(fetched_at, "--fetched-at")
        config = load_settings(config_file)
        failed, given, taken = False, 0, 0
        by_hand = {"by": _user(), "added_at": datetime.now(UTC).isoformat(timespec="seconds")}
        if (url or agency) and len(list(islice(_files(files), 2))) != 1:
            fail("--url and --agency are for a single file; add the files one by one")
        with open_archive(config, archive_file) as archive:
            archive.import_agencies(register_agencies(config), whole=config.register is not None)
            if agency and names_of(archive.agencies()).resolve(agency) is None:
                fail(
                    f"--agency {agency}: is not known; write its province or city in front, or put it into the register"
                )
            with progress() as bar:
                task = bar.add_task("adding", total=None)
                for path in _files(files):
                    given += 1
                    bar.advance(task)
                    try:
                        data = load_file(path)
                        if not data.strip():
                            raise UnreadableDocument("is empty; there is nothing to add")
                    except UnreadableDocument as error:
                        complain(f"{path}: {error}")
                        failed = True
                        continue
                    seen_at = at or datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0)
                    address = url or path.resolve().as_uri()
                    taken += 1
                    with archive.write():
                        sha256 = archive.put_document(data, media=None, seen_at=seen_at)
                        visit = archive.add_visit(
                            Visit(None, address, "added", seen_at, None, "ok", sha256=sha256, network=by_hand)
                        )
                        archive.add_sighting(
                            Sighting(None, address, address, "page", None, None, sha256, seen_at, visit, agency)
                        )
            # Documents of portals may be waiting too.
            places = {portal.id: portal.place for portal in deployment_portals(config) if portal.place}
            reading = read_waiting(archive, regions=archive.portal_regions(), places=places)
            judge_added(archive, config, datetime.now(UTC))
        for sentence in reading.lost:
            complain(sentence)
        for address, sentence in reading.unread:
            complain(f"{address}: kept, but not read: {sentence}")
        changed = reading.new + reading.revised + len(reading.unread)
        click.echo(
            f"{counted(given, 'file')}: {counted(reading.new, 'new report')}, {reading.revised} revised, "
            f"{len(reading.unread)} kept unread, {max(taken - changed, 0)} already there."
        )
    sys.exit(FAILED if failed or reading.unread or reading.lost else FINE)


def _user() -> str | None:
    """Who adds: evidence says so. None where the system does not know."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def _files(given: Iterable[Path]) -> Iterator[Path]:
    """The files that are named, and all of the folders that are, in order of name."""
    for path in given:
        if path.is_dir():
            yield from _inside(path)
        else:
            yield path


def _inside(folder: Path) -> Iterator[Path]:
    try:
        paths = sorted(folder.iterdir())
    except PermissionError:
        complain(f"{folder}: cannot be opened; check its permissions")
        return
    for path in paths:
        if path.is_dir():
            if not path.is_symlink():  # which may lead back here
                yield from _inside(path)
        elif path.is_file() and not path.name.startswith("."):
            yield path
