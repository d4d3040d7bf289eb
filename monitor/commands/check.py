"""`nianbao check [FILE...]`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    archive_option,
    complain,
    config_option,
    console,
    counted,
    exit_status,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
    progress,
    register_names,
)

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.rules.case import Judged


@click.command()
@click.argument("files", nargs=-1, type=click.Path(), metavar="[FILE...]")
@json_option
@config_option
@archive_option
def command(files: tuple[str, ...], as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Judge reports by all rules, and across years where two years of one agency are among them.

    With FILE it judges these files alone, without FILE the archive. Nothing is stored or told.

    \b
    Example:
      nianbao check 2022.html 2023.pdf
      nianbao check --json --archive nianbao.db
    """
    with plain_errors():
        from dataclasses import asdict

        from monitor.as_json import finding_dict, line
        from monitor.judging import archive_reports, judge_reports

        config = load_settings(config_file)
        failed = False
        if files:
            reports, failed = _read(files, config)
        else:
            with open_archive(config, archive_file, must_exist=True) as archive:
                reports = archive_reports(archive)
        findings = judge_reports(reports, config.thresholds, same_name_is_same=bool(files))
        if as_json:
            for finding in findings:
                click.echo(line(finding_dict(finding)))
        else:
            from monitor.shown import show_findings

            screen = console()
            show_findings(screen, ({**asdict(f), "fingerprint": f.fingerprint} for f in findings))
            screen.print(f"{counted(len(reports), 'report')} judged, {counted(len(findings), 'finding')}.")
    sys.exit(exit_status(findings, failed=failed))


def _read(files: tuple[str, ...], config: "Config") -> "tuple[list[Judged], bool]":
    """The reports of the files, and whether one of them could not be judged."""
    from monitor.reading import read_files
    from monitor.rules.case import Judged

    names = register_names(config)
    reports: list[Judged] = []
    failed = False
    with progress() as bar:
        task = bar.add_task("reading", total=len(files))
        for read in read_files(files):
            bar.advance(task)
            report = read.report
            if report is None or read.sha256 is None:
                failed = True
                complain(f"{read.file}: {read.error}")
            elif report.year is None:
                failed = True
                complain(
                    f"{read.file}: neither its title nor its text says for which year the report is; it is not judged"
                )
            else:
                agency = report.agency or Path(read.file).name
                agency_id = names.resolve(report.agency, text="\n".join(s.text for s in report.sections))
                name = names.canonical.get(agency_id or "", agency)
                reports.append(Judged(agency_id, name, report.year, read.sha256, report, read.file))
    return reports, failed
