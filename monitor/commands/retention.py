"""`nianbao retention`"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    counted,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
)

if TYPE_CHECKING:
    from db.keeping.retention import Plan


@click.command()
@click.option("--apply", "applies", is_flag=True, help="Give them up; without it they are only counted.")
@json_option
@config_option
@archive_option
def command(applies: bool, as_json: bool, config_file: Path | None, archive_file: Path | None) -> None:
    """Count the old list pages that prove nothing any more; with --apply give their bytes up.

    How old they must be stands in config.toml ([retention] list_pages_days; 0, never, unless you change it). What they
    listed, their hashes and their visits stay. docs/safety.md has the rules.

    \b
    Example:
      nianbao retention
      nianbao retention --apply
    """
    with plain_errors():
        from db.keeping.retention import Retention
        from monitor.retaining import keep_from, owed_until

        config, now = load_settings(config_file), datetime.now(UTC)
        days = config.retention.list_pages_days
        if not days:
            if not as_json:
                click.echo(f"Nothing is given up: {config.source} has list_pages_days = 0 in [retention].")
            sys.exit(FINE)
        before = keep_from(now, days)
        with open_archive(config, archive_file, must_exist=True) as archive:
            owed = owed_until(now, archive.almanac.local_rules())
            retention = Retention(archive)
            if applies:
                plan = retention.apply(before=before, owed=owed, at=now, why=f"list page older than {days} days")
            else:
                plan = retention.plan(before=before, owed=owed)
        if as_json:
            line = {
                "applied": applies,
                "before": before.isoformat(),
                "documents": plan.documents,
                "size": plan.size,
                "kept": plan.kept,
                "left": plan.left,
            }
            click.echo(json.dumps(line, ensure_ascii=False))
        else:
            _show(plan, before, applies=applies)
    sys.exit(FINE)


def _show(plan: "Plan", before: datetime, *, applies: bool) -> None:
    click.echo(f"List pages last seen before {before:%Y-%m-%d %H:%M} UTC:")
    for reason, count in plan.kept.items():
        click.echo(f"  kept, {reason}: {count}")
    what = f"{counted(plan.documents, 'document')}, {plan.size / 2**20:,.1f} MiB"
    click.echo(f"  given up: {what}" if applies else f"  may be given up: {what}; --apply does it")
    if plan.left:
        click.echo(f"  given up before and still on disk: {plan.left}; --apply takes them away")
