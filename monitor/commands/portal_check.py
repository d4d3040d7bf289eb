"""`nianbao portal check [ID|FILE ...]`"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    config_option,
    counted,
    fail,
    json_option,
    load_settings,
    plain_errors,
    printable,
)

if TYPE_CHECKING:
    from monitor.config import Config


@click.command()
@click.argument("wanted", nargs=-1, metavar="[ID|FILE...]")
@json_option
@config_option
def command(wanted: tuple[str, ...], as_json: bool, config_file: Path | None) -> None:
    """Check portal files strictly: all of the deployment, or those named by id or file.

    Every fault of every file at once, with file, line, what is wrong and what would be right. Notes are worth a look
    and no fault. Nobody is asked; `nianbao portal test` tries a portal. Status 2 if a file cannot be used.

    \b
    Example:
      nianbao portal check
      nianbao portal check liuxi drafts/songtang.toml
    """
    with plain_errors():
        from monitor.portals.checking import check_files

        paths = _paths(wanted, load_settings(config_file))
        faults = check_files(paths)
        for fault in faults:
            if as_json:
                click.echo(json.dumps({"event": "fault", **asdict(fault)}, ensure_ascii=False))
            else:
                click.echo(printable(str(fault)), err=fault.severity == "error")
        wrong = {fault.file for fault in faults if fault.severity == "error"}
        notes = sum(fault.severity == "note" for fault in faults)
        if as_json:
            facts = {"event": "checked", "files": len(paths), "wrong": len(wrong), "notes": notes}
            click.echo(json.dumps(facts))
        elif not paths:
            click.echo("no portal file yet; `nianbao portal new` writes a first one, docs/portals.md says how")
        else:
            click.echo(f"{counted(len(paths), 'portal file')}, {len(wrong)} wrong, {counted(notes, 'note')}")
    sys.exit(FAILED if wrong else FINE)


def _paths(wanted: tuple[str, ...], config: "Config") -> list[Path]:
    """The files that are meant. An id is looked for in the folders of the deployment, then in the package's."""
    if not wanted:
        return [path for folder in config.portals for path in sorted(folder.glob("*.toml"))]
    paths, unknown = [], []
    for name in wanted:
        inside = [folder / f"{name}.toml" for folder in config.portals]
        path = Path(name) if name.endswith(".toml") else next((p for p in inside if p.is_file()), None)
        if path is not None and path.is_file():
            paths.append(path)
        else:
            unknown.append(name)
    if unknown:
        places = ", ".join(map(str, config.portals[:-1])) or "portals/ beside config.toml, which is not there yet"
        fail(
            "\n".join(
                f"there is no portal {name!r} (an id is looked for in {places}; a file ends in .toml)"
                for name in unknown
            )
        )
    return paths
