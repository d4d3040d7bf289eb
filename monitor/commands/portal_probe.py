"""`nianbao portal probe URL`"""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
)

if TYPE_CHECKING:
    from crawler.probing.result import Probe
    from monitor.config import Config


def look_options(function: Any) -> Any:
    """The options of all commands that look at a site."""
    for option in (
        click.option("--no-verify-tls", is_flag=True, help="Read a site whose certificate is broken."),
        click.option(
            "--most",
            type=click.IntRange(2, 200),
            default=12,
            show_default=True,
            help="Requests at most; three times as many where a browser has to show the list.",
        ),
        click.option("--allow", multiple=True, metavar="HOST", help="A further host to ask; several times."),
    ):
        function = option(function)
    return function


@click.command()
@click.argument("url", metavar="URL")
@look_options
@json_option
@config_option
@now_option
def command(
    url: str,
    allow: tuple[str, ...],
    most: int,
    no_verify_tls: bool,
    as_json: bool,
    config_file: Path | None,
    now_text: str | None,
) -> None:
    """Look at a site: which software it is, where its annual reports are listed, and what would be collected.

    URL is best the list of annual reports itself (政府信息公开年报), else any page of the site, its home page too.
    Nothing is stored. The site is asked as a crawl asks it: its robots.txt, one request at a time, few of them.

    \b
    Example:
      nianbao portal probe https://www.example.gov.cn/zwgk/xxgknb/
      nianbao portal probe https://www.example.gov.cn/ --allow xxgk.example.gov.cn --most 30
    """
    with plain_errors():
        now = read_time(now_text)
        probe = look_at(load_settings(config_file), url, allow, most, verify_tls=not no_verify_tls, now=now)
        if as_json:
            from monitor.probe_shown import json_lines

            for line in json_lines(probe):
                click.echo(line)
        else:
            from monitor.probe_shown import show_probe

            show_probe(probe)
        if not probe.found:
            complain(probe.sentence)
    sys.exit(FINE if probe.found else FAILED)


def look_at(
    config: "Config", url: str, allow: tuple[str, ...], most: int, *, verify_tls: bool, now: datetime | None = None
) -> "Probe":
    """Look at a site with the settings of a deployment, showing the progress on a terminal. Raises ConfigError."""
    from crawler.probing.run import probe_site
    from crawler.run import Stop
    from monitor.crawling import ending_on_interrupt

    stop = Stop()
    with progress() as bar, ending_on_interrupt(stop, "ending; nothing was stored"):
        task = bar.add_task("looking", total=most)
        return probe_site(
            url,
            contact=config.contact or None,
            network=config.network,
            allow=allow,
            most=most,
            delay_s=config.crawl.delay_s,
            verify_tls=verify_tls,
            chromium=config.browser.executable,
            now=now,
            on_progress=lambda message: bar.update(task, completed=_sent(message)),
            stop=stop,
        )


def _sent(message: dict[str, object]) -> float:
    requests = message.get("requests")
    return requests if isinstance(requests, int) else 0
