"""`nianbao portal record ID`"""

import sys
from pathlib import Path

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    complain,
    config_option,
    fail,
    load_settings,
    now_option,
    plain_errors,
    progress,
    read_time,
    register_agencies,
)


@click.command()
@click.argument("portal_id", metavar="ID")
@click.option("--pages", type=click.IntRange(0), default=5, show_default=True, help="Open so many reports at most.")
@click.option("--any-hour", is_flag=True, help="Set the hours of the portal aside.")
@click.option("--as-it-is", is_flag=True, help="Keep it though it is not fine: a case of what goes wrong.")
@config_option
@now_option
def command(
    portal_id: str, pages: int, any_hour: bool, as_it_is: bool, config_file: Path | None, now_text: str | None
) -> None:
    """Try a portal, and keep its answers as a test case in recorded/ID/ beside config.toml.

    `nianbao portal test ID --recorded` plays it again without asking anybody, and says what is read otherwise: after a
    change of the portal's file, or a new version of this program. An earlier test case is replaced.

    \b
    Example:
      nianbao portal record liuxi
      nianbao portal test liuxi --recorded
    """
    with plain_errors():
        from monitor.crawling import deployment_portals
        from monitor.exports import ExportError
        from monitor.portals.dry_run import Asking, dry_run
        from monitor.portals.recorded import folder_of, save
        from monitor.portals.shown import verdict

        config = load_settings(config_file)
        (portal,) = deployment_portals(config, [portal_id])
        asking = Asking(pages, read_time(now_text), any_hour=any_hour)
        with progress() as bar:
            task = bar.add_task("recording", total=None)

            def on_progress(message: dict[str, object]) -> None:
                bar.update(task, description=f"recording {portal.id}: {message.get('requests')} requests")

            with dry_run(portal, config, asking, register_agencies(config), on_progress=on_progress) as run:
                trial = run.trial
                for sentence in trial.sentences:
                    complain(sentence)
                if not trial.requests:
                    fail(f"{portal.id}: nothing was asked, so there is nothing to record")
                if not trial.is_fine and not as_it_is:
                    fail(f"{verdict(trial)}; nothing was recorded; correct the file, or say --as-it-is")
                try:
                    folder = save(folder_of(config, portal.id), run)
                except ExportError as error:
                    fail(str(error))
                    raise
        click.echo(f"{folder}: recorded; {verdict(trial)}")
    sys.exit(FINE if trial.is_fine else FAILED)
