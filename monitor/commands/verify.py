"""`nianbao verify`"""

import sys
import time
from datetime import datetime
from pathlib import Path

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    config_option,
    counted,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
    progress,
)


@click.command()
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only documents and manifests from this day on."
)
@json_option
@config_option
@archive_option
def command(since: datetime | None, as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Check that the archive is what it was: hash every document anew, follow every reference, check the manifests.

    Prints one line for each fault: what, where, what to do. A notice is no damage: a file that a killed process left.
    DAY is a day in Beijing, as in 2024-02-20.

    \b
    Example:
      nianbao verify
      nianbao verify --since 2024-02-01 --json
    """
    with plain_errors():
        from monitor.as_json import line
        from monitor.evidence.checking import Counts, faults_of

        config = load_settings(config_file)
        counts, faults, notices, started = Counts(), 0, 0, time.monotonic()
        with open_archive(config, archive_file, must_exist=True) as archive, progress() as bar:
            task = bar.add_task("hashing", total=None)
            found = faults_of(
                archive,
                counts,
                since=since.date() if since else None,
                ca=config.timestamp_ca,
                on_progress=lambda done: bar.update(task, completed=done),
            )
            for fault in found:
                faults, notices = faults + fault.is_damage, notices + (not fault.is_damage)
                if as_json:
                    severity = "error" if fault.is_damage else "notice"
                    click.echo(line({"kind": fault.kind, "severity": severity, "what": fault.what, "do": fault.do}))
                else:
                    click.echo(f"{'fault' if fault.is_damage else 'notice'}: {fault.sentence}")
        if not as_json:
            click.echo(
                f"{counted(counts.documents, 'document')} ({counts.size / 2**20:,.1f} MiB) hashed in "
                f"{time.monotonic() - started:.1f} s, {counted(counts.manifests, 'manifest')}, "
                f"{counted(counts.stamps, 'time stamp')}: {counted(faults, 'fault')}, {counted(notices, 'notice')}."
            )
    sys.exit(FAILED if faults else FINE)
