"""`nianbao demo`"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import FAILED, FINE, complain, console, counted, fail, plain_errors, progress

if TYPE_CHECKING:
    from rich.console import Console

    from db.records import Finding
    from monitor.demo import Score


@click.command()
@click.option("--seed", default=1, show_default=True, help="Another seed is another country.")
@click.option("--agencies", default=40, show_default=True, help="How many agencies the country has.")
@click.option(
    "--into",
    "folder",
    default="demo",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder for the archive and the settings.",
)
def command(seed: int, agencies: int, folder: Path) -> None:
    """Play a season in a pretend country: crawl, read, compare, tell, over several virtual days.

    The country's portals are served on this machine; nothing else is contacted. At the end the findings are held
    against the faults that the country knows it has: all of them, and no other.

    \b
    Example:
      nianbao demo
      nianbao demo --seed 7 --agencies 60
    """
    with plain_errors():
        from crawler.sandbox.country import Country
        from monitor.calendar import BEIJING
        from monitor.demo import DemoFolderError, play, prepare, score

        screen = console()
        try:
            country = Country.build(seed, agencies=agencies)
            prepare(folder)
        except (ValueError, DemoFolderError) as error:
            fail(str(error))
            raise
        days = country.demo_days()
        screen.print(
            f"A pretend country (seed {seed}): {len(country.agencies)} agencies, reports for {country.years[0]}–"
            f"{country.years[-1]}, {len(country.places)} portals on this machine."
        )
        findings: Iterable[Finding] = []
        failed = False
        with progress() as bar:
            task = bar.add_task("playing", total=len(days))
            for day in play(folder, country):
                bar.advance(task)
                requests = sum(crawl.requests for crawl in day.outcome.crawls)
                rules = ": " + ", ".join(sorted({f.rule for f in day.new})) if day.new else ""
                when = day.moment.astimezone(BEIJING)
                screen.print(
                    f"[bold]{when:%Y-%m-%d %H:%M}[/bold]  {requests:3} requests, "
                    f"{counted(day.outcome.reading.new, 'new report')}, {counted(len(day.new), 'new finding')}{rules}"
                )
                for crawl in day.outcome.crawls:
                    for sentence in crawl.errors:
                        complain(sentence)
                failed = failed or day.outcome.failed
                findings = day.standing
        result = score(country.truth(days[-1]), findings)
        _show_score(screen, result)
        _tour(screen, folder, result)
    complete = not (failed or result.overlooked or result.invented)
    if not complete:
        complain("the demo did not find exactly the faults that the country knows of; please report this with the seed")
    sys.exit(FINE if complete else FAILED)


def _show_score(screen: "Console", result: "Score") -> None:
    from rich.markup import escape

    screen.print("\n[bold]The country's faults, and what was found[/bold]")
    shown = set()
    for truth, finding in result.found:
        if finding.fingerprint not in shown:
            shown.add(finding.fingerprint)
            screen.print(f"[green]✓[/green] [bold]{truth.rule}[/bold]  {truth.agency}, {truth.year}")
            screen.print(f"  {escape(finding.sentence_zh)}", soft_wrap=True)
    for truth in result.overlooked:
        screen.print(f"[red]✗ overlooked[/red] [bold]{truth.rule}[/bold]  {truth.agency}, {truth.year}")
        screen.print(f"  {escape(truth.note)}")
    for finding in result.invented:
        screen.print(f"[red]✗ one too many[/red] [bold]{finding.rule}[/bold]  {finding.agency}, {finding.year}")
        screen.print(f"  {escape(finding.sentence_zh)}", soft_wrap=True)
    found = {truth.fault for truth, _ in result.found}
    overlooked = {truth.fault for truth in result.overlooked} - found
    screen.print(
        f"{len(found | overlooked)} faults known to the country: {len(found)} found, {len(overlooked)} overlooked; "
        f"{len(result.invented)} findings too many."
    )


def _tour(screen: "Console", folder: Path, result: "Score") -> None:
    settings, nianbao = folder / "config.toml", _program()
    example = next((finding for _, finding in result.found if finding.rule == "carry-over"), None)
    screen.print("\n[bold]How to look further[/bold]")
    lines = [
        (f"{nianbao} findings --config {settings}", "every finding with its proof, in Chinese and English"),
        (
            f"{nianbao} missing {max((f.year for _, f in result.found), default=2023)} --config {settings}",
            "who owes a report, and what is known of it",
        ),
    ]
    if example:
        lines.append(
            (
                f"{nianbao} diff {example.agency} {example.year} --config {settings}",
                "two years of one agency side by side",
            )
        )
    lines.append(
        (
            f"sqlite3 {folder / 'nianbao.db'} 'select * from latest limit 5'",
            "the archive with SQL; start with the views latest and figures",
        )
    )
    lines.append((f"{nianbao} parse FILE", "any report of your own; then check FILE..., and add FILE..."))
    for command_line, what in lines:
        screen.print(f"  [cyan]{command_line}[/cyan]\n      {what}", soft_wrap=True)


def _program() -> str:
    """How this command was called, so that the lines of the tour can be copied."""
    called = Path(sys.argv[0])
    try:
        return str(called.relative_to(Path.cwd()))
    except ValueError:
        return called.name if called.is_absolute() else str(called)
