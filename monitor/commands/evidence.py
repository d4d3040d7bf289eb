"""`nianbao evidence REPORT|FINDING`"""

import sys
from pathlib import Path

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    counted,
    fail,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="REPORT|FINDING")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE.zip", help="Where to write it; else a name here.")
@json_option
@config_option
@archive_option
def command(
    words: tuple[str, ...], out: Path | None, as_json: bool, config_file: Path | None, archive_file: Path | None
) -> None:
    """Write a zip for a journalist: the documents that a finding or a report rests on, and how to check them.

    FINDING is a fingerprint or its beginning, 4 digits or more. REPORT is an agency and a year, or a
    report's number, address, or the SHA-256 of its document. The zip holds index.html in Chinese and English, the exact
    bytes, every visit with its headers, the daily manifests, and SHA256SUMS over all of it.

    \b
    Example:
      nianbao evidence fa66d3e21a14fbaf
      nianbao evidence 蓼泠区卫生健康局 2023 --out report.zip
    """
    with plain_errors():
        from monitor.as_json import line
        from monitor.evidence.bundle import BundleError, write_bundle
        from monitor.evidence.case import collect
        from monitor.evidence.columns import carrying
        from monitor.evidence.target import TargetError, find_target

        config = load_settings(config_file)
        with open_archive(config, archive_file, must_exist=True) as archive:
            try:
                target = find_target(archive, " ".join(words))
                case = collect(archive, target, carrying(archive, target, config))
                written = write_bundle(archive, case, out or Path(f"{case.name}.zip"), config.timestamp_ca)
            except (TargetError, BundleError) as error:
                fail(str(error))
                raise
        if as_json:
            value = {"file": str(written.path), "files": written.files, "sha256": written.sha256, "sums": written.sums}
            click.echo(line(value))
        else:
            click.echo(f"{written.path}: {counted(written.files, 'file')}, {counted(len(case.looks), 'visit')}")
            click.echo(f"SHA-256 of the zip: {written.sha256}")
            click.echo(f"SHA-256 of its SHA256SUMS: {written.sums}")
    sys.exit(FINE)
