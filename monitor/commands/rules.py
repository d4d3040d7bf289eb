"""`nianbao rules [RULE]`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    config_option,
    console,
    counted,
    existing_archive,
    fail,
    json_option,
    load_settings,
    plain_errors,
)

if TYPE_CHECKING:
    from db.archive import Archive
    from monitor.judging.rule import Rule

_RECORD = ("open", "right", "wrong", "suspended_since", "suspended_why")


@click.command()
@click.argument("rule", required=False)
@click.option("--markdown", is_flag=True, help="All of them as a page (docs/rules.md), without an archive.")
@json_option
@config_option
@archive_option
def command(
    rule: str | None, markdown: bool, as_json: bool, config_file: Path | None, archive_file: Path | None
) -> None:
    """Show every rule, what it rests on, how sure it is, and what has become of its findings; or all of one RULE.

    The findings are those of the archive, if there is one: how many stand, how often people called one right or wrong,
    and whether the rule is suspended.

    \b
    Example:
      nianbao rules
      nianbao rules carry-over
      nianbao rules --json
    """
    with plain_errors():
        from monitor.as_json import line
        from monitor.rules import rules
        from parsers.strict_toml import unknown_name

        known = rules()
        if rule is not None and rule not in known:
            fail(f"{rule}: there is no such rule; {unknown_name(rule, list(known))}")
            raise SystemExit(FAILED)
        wanted = [known[rule]] if rule is not None else list(known.values())
        if markdown:
            from monitor.rules_page import page, section

            click.echo(page(wanted) if rule is None else section(wanted[0]), nl=False)
            sys.exit(FINE)
        config = load_settings(config_file)
        records: dict[str, dict[str, Any]] = {}
        archive = existing_archive(config, archive_file)
        if archive is not None:
            with archive:
                records = _records(archive, [one.name for one in wanted])
        else:
            where = archive_file or config.archive
            click.echo(f"nianbao: {where}: there is no archive yet; what became of findings is not known", err=True)
        if as_json:
            for one in wanted:
                click.echo(line(_as_dict(one) | records.get(one.name, dict.fromkeys(_RECORD))))
        elif rule is not None:
            _show_one(wanted[0], records.get(rule))
        else:
            _show(wanted, records)
    sys.exit(FINE)


def _records(archive: "Archive", names: list[str]) -> dict[str, dict[str, Any]]:
    """By rule, what the archive knows of it; keys as _RECORD."""
    from db.rule_counts import RuleCount, counts

    with archive.read() as connection:
        counted_of = counts(connection)
    suspended = archive.life.suspended()
    records = {}
    for name in names:
        record, count = archive.life.record(name), counted_of.get(name, RuleCount(0, None))
        values = (count.open, record.right, record.wrong, count.suspended_at, suspended.get(name))
        records[name] = dict(zip(_RECORD, values, strict=True))
    return records


def _as_dict(rule: "Rule") -> dict[str, Any]:
    """A rule as one line of `--json`, without its record."""
    innocent = {
        excluded: [{"zh": one.zh, "en": one.en} for one in rule.innocent if one.excluded is excluded]
        for excluded in (True, False)
    }
    return {
        "rule": rule.name,
        "kind": rule.kind,
        "severity": rule.severity,
        "certainty": rule.certainty,
        "basis": rule.basis,
        "told": rule.told,
        "needs": str(rule.needs),
        "defect": str(rule.defect) if rule.defect else None,
        "article_zh": rule.article.zh if rule.article else None,
        "article_en": rule.article.en if rule.article else None,
        "about": rule.about,
        "sentences": {key: {"zh": entry.zh, "en": entry.en} for key, entry in rule.says.items()},
        "excluded": innocent[True],
        "not_excluded": innocent[False],
    }


def _show(rules: "list[Rule]", records: dict[str, dict[str, Any]]) -> None:
    from rich.table import Table

    screen = console()
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("rule", no_wrap=True)
    table.add_column("kind, severity, certainty; basis; defect", overflow="fold")
    table.add_column("told", no_wrap=True)
    for heading in ("open", "right", "wrong") if records else ():
        table.add_column(heading, justify="right", no_wrap=True)
    for rule in rules:
        record = records.get(rule.name)
        told = "suspended" if record and record["suspended_since"] else "yes" if rule.told else "shown only"
        claim = "; ".join(filter(None, (f"{rule.kind}, {rule.severity}, {rule.certainty}", rule.basis, rule.defect)))
        numbers = [f"{record[key]:,}" for key in ("open", "right", "wrong")] if record else []
        table.add_row(rule.name, claim, told, *numbers)
    screen.print(table)
    for rule in rules:
        record = records.get(rule.name)
        if record and record["suspended_since"]:
            screen.print(f"{rule.name}: {_suspended(record)}.")
    screen.print(f"{counted(len(rules), 'rule')}; `nianbao rules RULE` shows one of them whole.")


def _show_one(rule: "Rule", record: dict[str, Any] | None) -> None:
    from monitor.rules_page import section

    click.echo(section(rule), nl=False)
    if record is None:
        return
    click.echo(
        f"\nIn the archive: {counted(record['open'], 'finding')} open; called right {record['right']}, "
        f"wrong {record['wrong']} times{'; ' + _suspended(record) if record['suspended_since'] else ''}."
    )


def _suspended(record: dict[str, Any]) -> str:
    return f"suspended since {record['suspended_since']}: {record['suspended_why']}"
