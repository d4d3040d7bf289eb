"""`nianbao check [FILE...]`"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
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
    register_agencies,
)

if TYPE_CHECKING:
    from db.records import Agency, Finding
    from monitor.judging.case import Judged
    from monitor.judging.reports import JudgedReport
    from monitor.spool import Spool


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
        from monitor.judging.bodies import Bodies
        from monitor.judging.reports import ArchiveJudge, judge_reports

        config = load_settings(config_file)
        failed, judged = False, _Judged()
        if files:
            agencies = register_agencies(config)
            reports, failed = _read(files, agencies)
            judged.reports = len(reports)
            found = judge_reports(reports, config.thresholds, same_name_is_same=True, bodies=Bodies(agencies))
            _show(judged.passing(found), as_json=as_json)
        else:
            with open_archive(config, archive_file, must_exist=True) as archive:
                every = ArchiveJudge(archive, config.thresholds).all()
                _show(judged.passing(judged.findings_of(every)), as_json=as_json)
        if not as_json:
            console().print(f"{counted(judged.reports, 'report')} judged, {counted(judged.findings, 'finding')}.")
    sys.exit(exit_status(judged.errors, failed=failed))


@dataclass(slots=True)
class _Judged:
    """What was judged, counted as it goes by."""

    reports: int = 0
    findings: int = 0
    errors: int = 0  # that are certain

    def findings_of(self, batches: "Iterable[list[JudgedReport]]") -> "Iterator[Finding]":
        for batch in batches:
            self.reports += len(batch)
            for one in batch:
                yield from one.findings

    def passing(self, findings: "Iterable[Finding]") -> "Iterator[Finding]":
        for finding in findings:
            self.findings += 1
            self.errors += finding.severity == "error" and finding.certainty == "certain"
            yield finding


def _show(findings: "Iterable[Finding]", *, as_json: bool) -> None:
    if as_json:
        from monitor.as_json import finding_dict, line

        for finding in findings:
            click.echo(line(finding_dict(finding)))
    else:
        from monitor.shown import show_findings

        show_findings(console(), ({**asdict(f), "fingerprint": f.fingerprint} for f in findings))


def _read(files: tuple[str, ...], agencies: "list[Agency]") -> "tuple[Spool[Judged], bool]":
    """The reports of the files, and whether one of them could not be judged. agencies: of the register."""
    from monitor.judging.case import Judged
    from monitor.reading import read_files
    from monitor.spool import Spool
    from monitor.whose import Whose, names_of

    names = names_of(agencies)
    whose = Whose(names, {}, {})
    reports: Spool[Judged] = Spool()
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
                others = frozenset((whose.ids_of(report.agency, None) - {agency_id}) & names.canonical.keys())
                reports.append(Judged(agency_id, name, report.year, read.sha256, report, read.file, others))
    return reports, failed
