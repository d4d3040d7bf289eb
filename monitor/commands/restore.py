"""`nianbao restore FILE`"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.commands.common import FINE, complain, config_option, counted, json_option, load_settings, plain_errors

_MOST_SHOWN = 10  # missing documents


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "archive_file",
    type=click.Path(path_type=Path),
    metavar="ARCHIVE",
    help="Where to; else as in the settings.",
)
@click.option("--replace", is_flag=True, help="Put an archive that is there aside, under a new name.")
@json_option
@config_option
def command(file: Path, archive_file: Path | None, replace: bool, as_json: bool, config_file: Path | None) -> None:
    """Put the archive of a backup in its place, after checking it in every way.

    FILE is a backup, or any copy of an archive. Documents that lie beside the backup are brought too.

    \b
    Example:
      nianbao restore nianbao.db.backups/nianbao-20240201T040000Z.db.zst --replace
      nianbao restore /mnt/other-disk/nianbao/nianbao-20240201T040000Z.db.zst --to copy.db
    """
    with plain_errors():
        from db.keeping.restore import restore

        archive = archive_file or load_settings(config_file).archive
        done = restore(file, archive, at=datetime.now(UTC), replace=replace)
        if as_json:
            line = {
                "archive": str(done.archive),
                "aside": str(done.aside) if done.aside else None,
                "schema": done.schema,
                "has_sha256": done.has_sum,
                "documents": done.documents,
                "missing": done.missing,
                "missing_files": done.named,
                "brought": done.fetched.linked + done.fetched.copied,
            }
            click.echo(json.dumps(line, ensure_ascii=False))
            sys.exit(FINE)
        click.echo(f"{done.archive}: restored from {file}, schema {done.schema}; opened and checked.")
        if done.aside:
            click.echo(f"What was there before is now {done.aside}.")
        if not done.has_sum:
            complain(f"{file}: no SHA-256 of ours stood beside it; it was checked by its contents alone")
        for fault in done.fetched.faults:
            complain(fault)
        if brought := done.fetched.linked + done.fetched.copied:
            click.echo(f"{counted(brought, 'document')} brought from beside the backup.")
        if not done.missing:
            click.echo(f"All {counted(done.documents, 'document')} of it are on disk.")
        else:
            click.echo(f"{done.missing} of its {counted(done.documents, 'document')} are not on disk:")
            for name in done.named[:_MOST_SHOWN]:
                click.echo(f"  {name}")
            if done.missing > _MOST_SHOWN:
                click.echo(f"  … and {done.missing - _MOST_SHOWN} more; `nianbao verify` names all")
            click.echo("Bring them from a copy of the documents' folder; what was read from them is in the archive.")
    sys.exit(FINE)
