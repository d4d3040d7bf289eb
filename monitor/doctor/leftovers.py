"""What killed commands leave beside an archive: working copies and halves, which nobody reads and which take room."""

from collections.abc import Iterator
from glob import escape
from pathlib import Path

from db.collected import holders
from db.rebuilding.rebuild import copy_path
from monitor.doctor.line import Line, notice
from monitor.exports import bundle

_RESTORING = ".restoring"


def leftover_lines(path: Path, leases: list[holders.Lease]) -> Iterator[Line]:
    """path: of the archive. leases: which processes have something of it for themselves."""
    copy = copy_path(path)
    if not any(lease.name == "rebuild" and lease.runs is not False for lease in leases):
        for left in sorted(copy.parent.glob(f"{escape(copy.name)}*")):
            yield _line(left, "the working copy of a `nianbao rebuild` that was broken off", "the next rebuild does it")
    real = path.resolve()
    for half in sorted(real.parent.glob(f".{escape(real.name)}.*{_RESTORING}")):
        yield _line(half, "half of a `nianbao restore` that was broken off", "the next restore does it")
    for ending in (bundle.PARTIAL, bundle.REPLACED):
        for folder in sorted(path.parent.glob(f"*{escape(ending)}")):
            if folder.is_dir() and bundle.is_release_folder(folder):
                release = folder.name.removesuffix(ending)
                what = "half of" if ending == bundle.PARTIAL else "what stood before in the place of"
                yield _line(folder, f"{what} a release that was broken off", f"the next export to {release} does it")


def _line(path: Path, what: str, who: str) -> Line:
    files = path.rglob("*") if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files if file.is_file())
    return notice(
        "leftover", f"{path}: is {what} ({size / 2**20:,.1f} MiB)", f"delete it if none is running; {who} too"
    )
