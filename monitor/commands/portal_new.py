"""`nianbao portal new ID URL`"""

import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

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
    read_time,
)
from monitor.commands.portal_probe import look_at, look_options

if TYPE_CHECKING:
    from monitor.config import Config


@click.command()
@click.argument("portal_id", metavar="ID")
@click.argument("url", metavar="[URL]", required=False)
@click.option("--platform", metavar="NAME", help="Without URL: a template for this platform, to be filled in.")
@click.option(
    "--from", "province", metavar="PROVINCE", help="Without URL: the survey's file of a province, as in shaanxi."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@look_options
@config_option
@now_option
def command(
    portal_id: str,
    url: str | None,
    platform: str | None,
    province: str | None,
    force: bool,
    allow: tuple[str, ...],
    most: int,
    no_verify_tls: bool,
    config_file: Path | None,
    now_text: str | None,
) -> None:
    """Write a portal file, portals/ID.toml beside config.toml: drafted from a look at URL, or a template.

    The look is that of `nianbao portal probe`, and shows the same. With --platform and without URL nothing is asked of
    any site, and the file is a template with the options of that platform explained; with --from it is what a survey
    noted of a province's own site, unverified. Beside the first file the schema is laid by which editors complete keys.

    \b
    Example:
      nianbao portal new liuxi https://www.example.gov.cn/zwgk/xxgknb/
      nianbao portal new liuxi --platform jpage
      nianbao portal new shaanxi --from shaanxi
    """
    with plain_errors():
        config = load_settings(config_file)
        path = _path(config, portal_id, force=force)
        if sum(given is not None for given in (url, platform, province)) != 1:
            fail("give the address of the site, or --platform for a template, or --from for a province; one of them")
        if province is not None:
            from monitor.portals.starters import starter

            _write(path, starter(province), force=force)
            click.echo(f"{path}: written, never tried; look at it, then: nianbao portal test {portal_id}")
            sys.exit(FINE)
        if url is None:
            _write(path, _template(platform or ""), force=force)
            click.echo(f"{path}: a template, written; fill it in, then: nianbao portal check {portal_id}")
            sys.exit(FINE)
        now = read_time(now_text)
        probe = look_at(config, url, allow, most, verify_tls=not no_verify_tls, now=now)
        from monitor.probe_shown import show_probe

        show_probe(probe, draft=False)
        if probe.draft:
            _write(path, probe.draft, force=force)
            todo = f"read it, then: nianbao portal test {portal_id}"
            if _is_unfilled(probe.draft):
                todo = f"fill in what stands there as <…> before the next crawl, then: nianbao portal check {portal_id}"
            written = "written" if probe.found else "written, and not complete"
            click.echo(f"\n{path}: {written}; {todo}")
        if not probe.found:
            complain(probe.sentence)
            if not probe.draft:
                # No file helps against a guard.
                is_refused = any(page.outcome == "blocked" for page in probe.pages)
                todo = "" if is_refused else f"; `nianbao portal new {portal_id} --platform NAME` makes a template"
                complain(f"{path} was not written{todo}")
    sys.exit(FINE if probe.found else FAILED)


def _is_unfilled(draft: str) -> bool:
    from crawler.probing.needed import unfilled

    return bool(unfilled(tomllib.loads(draft).get("options", {})))


def _path(config: "Config", portal_id: str, *, force: bool) -> Path:
    """Where the file is to be: in the deployment's first folder of portals, else in portals/ beside its settings."""
    from crawler.portal import is_portal_id
    from monitor.config import BUILT_IN_PORTALS, DEFAULT_FILE

    if not is_portal_id(portal_id):
        fail(f"{portal_id}: a portal's id has only a-z, 0-9, _ and -, as in liuxi_county; give another one")
    base = Path.cwd() if config.source == DEFAULT_FILE else config.source.resolve().parent
    own = [folder for folder in config.portals if folder != BUILT_IN_PORTALS]
    path = (own[0] if own else base / "portals") / f"{portal_id}.toml"
    if path.exists() and not force:
        fail(f"{path}: is there already; --force writes over it, or give another id")
    return path


def _template(platform: str) -> str:
    from crawler.platforms import PLATFORM_NAMES
    from crawler.probing.template import template_toml
    from parsers.strict_toml import unknown_name

    if platform not in PLATFORM_NAMES:
        fail(f"--platform {platform}: there is no such platform; {unknown_name(platform, sorted(PLATFORM_NAMES))}")
    return template_toml(platform)


def _write(path: Path, text: str, *, force: bool) -> None:
    """Write the file, and the schema that its first line names; one that has come meanwhile is not written over."""
    from crawler.probing.draft import SCHEMA_NAME
    from monitor.portals.schema import schema_text

    schema = path.parent / SCHEMA_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        fail(f"{path}: is there already; --force writes over it, or give another id")
    except OSError as error:
        fail(f"{path}: cannot be written ({error.strerror}); check the folder and its permissions")
    try:
        with schema.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(schema_text())
    except FileExistsError:
        pass
    except OSError as error:
        complain(f"{schema}: cannot be written ({error.strerror}); editors complete no keys without it")
