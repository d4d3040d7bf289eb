"""`nianbao title TITLE`"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    complain,
    config_option,
    fail,
    json_option,
    load_settings,
    plain_errors,
    printable,
    register_names,
)

if TYPE_CHECKING:
    from crawler.portal import Portal
    from monitor.config import Config

FROM_STDIN = "-"
_KEYS = ("title", "url", "portal")


@click.command()
@click.argument("title", metavar="TITLE")
@click.option("--url", help="Where the link leads; without it the host is not judged.")
@click.option("--portal", "portal_id", metavar="ID", help="The portal on which it stands: its hosts, place and agency.")
@json_option
@config_option
def command(title: str, url: str | None, portal_id: str | None, as_json: bool, config_file: Path | None) -> None:
    """Say what the crawler makes of one link: is it a report, whose, for which year, and why not.

    TITLE `-` reads JSON Lines from standard input, each with title and url (and, if wanted, portal), and answers each.

    \b
    Example:
      nianbao title "柳溪县财政局2023年政府信息公开工作年度报告"
      nianbao title "住建局2025年政府信息公开工作年度报告" --url https://www.example.gov.cn/1.html --json
      cat links.jsonl | nianbao title - --json
    """
    with plain_errors():
        judge = _Judge(load_settings(config_file))
        if title != FROM_STDIN:
            if not _is_text(title + (url or "")):
                fail("what is given is not UTF-8; set the terminal to UTF-8, or give it as JSON Lines with `-`")
            _show(judge(title, url, portal_id), as_json)
            sys.exit(FINE)
        if url is not None:
            fail("--url goes with one title; in JSON Lines each line has its own `url`")
        if portal_id is not None:
            judge.portal(portal_id)
        failed = False
        for answer, fault in _answers(sys.stdin.buffer, portal_id, judge):
            if answer is not None:
                _show(answer, as_json)
            else:
                failed = True
                complain(f"standard input: {fault}")
        sys.exit(FAILED if failed else FINE)


class _Judge:
    """Judges links as the crawler does, with the register and the portals of the settings."""

    def __init__(self, config: "Config") -> None:
        self._config = config
        self._names = register_names(config)
        self._portals: dict[str, Portal] | None = None

    def portal(self, name: str) -> "Portal":
        """The portal of that id. Raises ConfigError."""
        from monitor.crawling import deployment_portals

        if self._portals is None:
            self._portals = {portal.id: portal for portal in deployment_portals(self._config)}
        if name not in self._portals:
            deployment_portals(self._config, [name])  # says what is wrong
        return self._portals[name]

    def __call__(self, title: str, url: str | None, portal: str | None) -> dict[str, Any]:
        """One answer, with the keys of docs/commands.md."""
        from crawler.walk.links import judge_link

        verdict = judge_link(title, url, self.portal(portal) if portal else None, names=self._names)
        return {
            "title": title,
            "url": url,
            "is_report": verdict.is_report,
            "why": verdict.why,
            "agency": verdict.agency,
            "agency_id": self._names.resolve(verdict.agency),
            "year": verdict.year,
            "kind": verdict.kind,
        }


def _answers(
    lines: Iterable[bytes], portal_id: str | None, judge: _Judge
) -> Iterator[tuple[dict[str, Any] | None, str]]:
    """(answer, "") or (None, what is wrong with the line) for each line that is not blank."""
    import json

    from parsers.strict_toml import ConfigError

    for number, data in enumerate(lines, start=1):
        if not data.strip():
            continue
        try:
            line = json.loads(data.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError:
            yield None, f"line {number}: is not UTF-8; save it as UTF-8"
            continue
        except (ValueError, RecursionError):
            yield None, f'line {number}: is not JSON; write it as {{"title": "...", "url": "..."}}'
            continue
        if fault := _fault(line):
            yield None, f"line {number}: {fault}"
            continue
        try:
            yield judge(line["title"], line.get("url") or None, line.get("portal") or portal_id), ""
        except ConfigError as error:
            yield None, f"line {number}: {error}"


def _fault(line: Any) -> str | None:
    if not isinstance(line, dict):
        return 'is no object; write it as {"title": "...", "url": "..."}'
    if "title" not in line:
        return "`title` is missing; add it"
    for key in _KEYS:
        if not isinstance(line.get(key, ""), str) and not (key != "title" and line[key] is None):
            return f"`{key}` must be a text in quotation marks"
        if not _is_text(line.get(key) or ""):
            return f"`{key}` holds half a character (a lone surrogate); write it in full"
    return None


def _is_text(text: str) -> bool:
    """Whether a text can be written out again: JSON and the command line let halves of characters through."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        from monitor.as_json import line

        click.echo(line(answer))
        return
    said = "a report" if answer["is_report"] else f"no report ({answer['kind']}): {answer['why']}"
    agency = answer["agency"] or "not named"
    if answer["agency"]:
        agency += f"  {answer['agency_id'] or 'not in the register or the region list'}"
    title = " ".join(answer["title"].split())  # on one line, whatever it holds
    click.echo(printable(f"{title}\n  {said}\n  agency  {agency}\n  year    {answer['year'] or 'not said'}"))
