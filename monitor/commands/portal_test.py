"""`nianbao portal test ID`"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    complain,
    config_option,
    json_option,
    load_settings,
    now_option,
    plain_errors,
    progress,
    read_time,
    register_agencies,
)

if TYPE_CHECKING:
    from crawler.portal import Portal
    from monitor.config import Config


@click.command()
@click.argument("portal_id", metavar="ID")
@click.option("--pages", type=click.IntRange(0), default=5, show_default=True, help="Open so many reports at most.")
@click.option("--all", "every", is_flag=True, help="Open every report.")
@click.option("--recorded", is_flag=True, help="Play the recorded test case again; nobody is asked.")
@click.option("--any-hour", is_flag=True, help="Set the hours of the portal aside.")
@click.option("--log", "log_file", type=click.Path(path_type=Path, dir_okay=False), help="Keep the crawl's log there.")
@json_option
@config_option
@now_option
def command(
    portal_id: str,
    pages: int,
    every: bool,
    recorded: bool,
    any_hour: bool,
    log_file: Path | None,
    as_json: bool,
    config_file: Path | None,
    now_text: str | None,
) -> None:
    """Crawl a portal dry: nothing is stored, nobody is told.

    All pages of its lists are read and some of its reports opened, as a crawl does it. Status 0 only if every column
    was read to its end and as many reports are listed as `expect` says; with --recorded, if all is as it was recorded.

    \b
    Example:
      nianbao portal test liuxi
      nianbao portal test liuxi --pages 20
      nianbao portal test liuxi --recorded
    """
    with plain_errors():
        from monitor.crawling import deployment_portals

        config = load_settings(config_file)
        (portal,) = deployment_portals(config, [portal_id])
        if recorded:
            is_fine = _replay(portal, config, as_json=as_json, log_file=log_file)
        else:
            asked = (None if every else pages, now_text, any_hour)
            is_fine = _try(portal, config, *asked, as_json=as_json, log_file=log_file)
    sys.exit(FINE if is_fine else FAILED)


def _try(
    portal: "Portal",
    config: "Config",
    pages: int | None,
    now_text: str | None,
    any_hour: bool,
    *,
    as_json: bool,
    log_file: Path | None,
) -> bool:
    from monitor.portals.dry_run import Asking, dry_run
    from monitor.portals.shown import show_trial

    asking = Asking(pages, read_time(now_text), any_hour=any_hour)
    with progress() as bar:
        task = bar.add_task("trying", total=None)

        def on_progress(message: dict[str, object]) -> None:
            bar.update(task, description=f"trying {portal.id}: {message.get('requests')} requests")

        with dry_run(
            portal, config, asking, register_agencies(config), log_file=log_file, on_progress=on_progress
        ) as run:
            trial = run.trial
    for sentence in trial.sentences:
        complain(sentence)
    if as_json:
        click.echo(json.dumps({"event": "trial", **trial.to_json()}, ensure_ascii=False))
    else:
        show_trial(trial)
    return trial.is_fine


def _replay(portal: "Portal", config: "Config", *, as_json: bool, log_file: Path | None) -> bool:
    from monitor.portals.recorded import TestCase, shortened

    case = TestCase.of(config, portal)
    differences = case.differences(portal, config, log_file=log_file)
    for sentence in shortened(differences):
        complain(f"{portal.id}: {sentence}")
    if as_json:
        facts = {"portal": portal.id, "recorded_at": case.recorded_at, "differences": differences}
        click.echo(json.dumps({"event": "replay", **facts}, ensure_ascii=False))
    elif not differences:
        click.echo(f"{portal.id}: as it was recorded on {case.recorded_at[:10]}")
    return not differences
