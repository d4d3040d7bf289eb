"""`nianbao backup`"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    complain,
    config_option,
    counted,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)

if TYPE_CHECKING:
    from db.keeping.backup import Backup
    from db.keeping.backup_documents import Copied


@click.command()
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), metavar="DIR", help="The folder; else the one of the settings."
)
@click.option("--documents", is_flag=True, help="Bring the documents that are not there yet, too.")
@click.option("--list", "lists", is_flag=True, help="Make none; show those that there are.")
@json_option
@config_option
@archive_option
def command(
    folder: Path | None,
    documents: bool,
    lists: bool,
    as_json: bool,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Back up the archive while others work with it; check the copy; delete the oldest by the settings.

    A backup is one packed file with its SHA-256 beside it. `nianbao restore` puts it back.

    \b
    Example:
      nianbao backup
      nianbao backup --to /mnt/other-disk/nianbao --documents
    """
    copied = None
    with plain_errors():
        from db.connection import folder_of
        from db.keeping import backup

        config = load_settings(config_file)
        path = archive_file or config.archive
        folder = folder or config.backup_folder or folder_of(path)
        if lists:
            _show(backup.listed(folder), folder, as_json)
            sys.exit(FINE)
        with open_archive(config, archive_file, must_exist=True) as archive:
            made = backup.back_up(archive, folder, datetime.now(UTC))
            gone = backup.rotate(folder, made, config.backup.keep())
            if not as_json:
                click.echo(
                    f"{made.path}: {made.size / 2**20:,.1f} MiB, {counted(sum(made.counts.values()), 'row')} that"
                    " nothing can bring back; unpacked, opened and checked."
                )
                if gone:
                    click.echo(f"{counted(len(gone), 'older backup')} deleted: {', '.join(p.name for p in gone)}")
            if documents:
                from db.keeping.backup_documents import back_up_documents

                copied = back_up_documents(archive, folder)
        if as_json:
            line = _as_dict(made) | {"deleted": [str(p) for p in gone], "documents": copied and _counts(copied)}
            click.echo(json.dumps(line, ensure_ascii=False))
        elif copied is None:
            click.echo(f"The documents are not in it; they lie in {archive.documents.folder} (--documents takes them).")
        else:
            click.echo(
                f"{counted(copied.linked + copied.copied, 'document')} new beside it ({copied.size / 2**20:,.1f} MiB;"
                f" {copied.linked} linked, {copied.copied} copied), {copied.present} there before."
            )
            if copied.present:
                click.echo(
                    "What was there before is not hashed again, and a linked one is damaged when the archive's own is;"
                    " `nianbao verify` hashes the archive's."
                )
            if copied.saved:
                click.echo(f"Of what was there before, missing in {archive.documents.folder}: {copied.saved}.")
        for sentence in (*copied.faults, *copied.saved_as) if copied else ():
            complain(sentence)
    sys.exit(FAILED if copied and copied.failed else FINE)


def _show(backups: "list[Backup]", folder: Path, as_json: bool) -> None:
    for backup in backups:
        if as_json:
            click.echo(json.dumps(_as_dict(backup) | {"is_there": backup.is_there}, ensure_ascii=False))
        else:
            state = f"{backup.size / 2**20:,.1f} MiB" if backup.is_there else "not there any more, or cut off"
            before = ", before it was brought up to date" if backup.is_before_migration else ""
            click.echo(f"{backup.path}: {state}, schema {backup.schema}{before}, of {backup.archive}")
    if not backups and not as_json:
        click.echo(f"{folder}: no backup yet; `nianbao backup` makes one")


def _as_dict(backup: "Backup") -> dict[str, Any]:
    return {
        "file": str(backup.path),
        "sha256": backup.sha256,
        "size": backup.size,
        "made_at": backup.made_at.isoformat(),
        "archive": backup.archive,
        "schema": backup.schema,
        "is_before_migration": backup.is_before_migration,
        "rows": backup.counts,
    }


def _counts(copied: "Copied") -> dict[str, Any]:
    return {
        "present": copied.present,
        "saved": copied.saved,
        "linked": copied.linked,
        "copied": copied.copied,
        "size": copied.size,
        "failed": copied.failed,
    }
