"""`nianbao parse FILE...`"""

import sys
from pathlib import Path

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    complain,
    config_option,
    console,
    json_option,
    load_settings,
    plain_errors,
    progress,
    register_names,
)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="FILE...")
@json_option
@config_option
def command(files: tuple[str, ...], as_json: bool, config_file: Path | None) -> None:
    """Read report files (HTML, PDF, docx, xlsx, text) and print what they say.

    Without --json the tables are shown as the form prints them. What a file is, is found from its bytes.

    \b
    Example:
      nianbao parse report.pdf
      nianbao parse *.html --json > reports.jsonl
    """
    with plain_errors():
        from monitor.as_json import line, read_dict
        from monitor.reading import read_files

        names = register_names(load_settings(config_file))
        failed = False
        screen = console()
        with progress() as bar:
            task = bar.add_task("reading", total=len(files))
            for read in read_files(files):
                bar.advance(task)
                agency_id = None
                if read.report is None:
                    failed = True
                    complain(f"{read.file}: {read.error}")
                else:
                    agency_id = names.resolve(read.report.agency, text="\n".join(s.text for s in read.report.sections))
                if as_json:
                    click.echo(line(read_dict(read, agency_id)))
                elif read.report is not None:
                    from monitor.shown import show_report

                    show_report(screen, read.report, read.file, agency_id)
        sys.exit(FAILED if failed else FINE)
