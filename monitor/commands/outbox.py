"""`nianbao outbox`"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    counted,
    fail,
    json_option,
    load_settings,
    open_archive,
    plain_errors,
    printable,
)

if TYPE_CHECKING:
    from db.telling.overview import Backlog

_TELEGRAM = "telegram"


@click.command()
@click.option("--failed", is_flag=True, help="Each message that was refused, or tried in vain so far.")
@click.option("--retry", metavar="CHAT", help="A chat that refused accepts again: send it what was refused.")
@json_option
@config_option
@archive_option
def command(
    failed: bool, retry: str | None, as_json: bool, config_file: Path | None, archive_file: Path | None
) -> None:
    """Show what waits to be told to which chat, what was put off until when, and what was refused and why.

    One line a chat; nothing where all is told. A chat that refuses for good (the bot was thrown out, the account is
    gone) is sent nothing more until it speaks to the bot again, or --retry says that it accepts again. Times are
    Beijing's.

    \b
    Example:
      nianbao outbox
      nianbao outbox --failed --json
      nianbao outbox --retry -1001234567890
    """
    with plain_errors():
        from monitor.as_json import line

        if failed and retry is not None:
            fail("--failed shows, and --retry changes; give one of them")
        config, now = load_settings(config_file), datetime.now(UTC)
        with open_archive(config, archive_file, must_exist=True) as archive:
            if retry is not None:
                again = archive.subscribers.accept(_TELEGRAM, retry, now)
                if as_json:
                    click.echo(line({"channel": _TELEGRAM, "subscriber": retry, "retried": again}))
                else:
                    said = f"{counted(again, 'message')} to be sent with the next round"
                    click.echo(printable(f"{retry}: accepts again; {said}"))
                sys.exit(FINE)
            rows = archive.outbox.failed() if failed else [_as_row(one) for one in archive.outbox.overview(now)]
        for row in rows:
            click.echo(line(row) if as_json else printable(_message(row) if failed else _chat(row)))
        if not rows and not as_json:
            click.echo("No message was refused or failed." if failed else "Nothing waits, and no chat refuses.")
    sys.exit(FINE)


def _as_row(one: "Backlog") -> dict[str, Any]:
    values = one._asdict()
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _chat(row: dict[str, Any]) -> str:
    """How it stands with one chat, in a line."""
    named = ", ".join(filter(None, (row["title"], row["audience"])))
    parts = [f"{row['waiting']} waiting"]
    if row["due"]:
        parts.append(f"{row['due']} to be sent now")
    if row["kept_back"]:
        parts.append(f"{row['kept_back']} not to be told for now (`nianbao findings` says why)")
    if row["oldest"]:
        parts.append(f"oldest of {_minute(row['oldest'])}")
    if row["waiting"] and row["next_try"] and not row["due"]:
        parts.append(f"next try {_minute(row['next_try'])}")
    if row["error"]:
        parts.append(f"last try: {row['error']}")
    if row["paused_until"]:
        parts.append(f"paused until {_minute(row['paused_until'])}: {row['paused_why']}")
    if row["refused"]:
        parts.append(f"{row['refused']} refused, last: {row['refused_why']}")
    if row["gone_at"]:
        parts.append(f"accepts nothing since {_minute(row['gone_at'])}: {row['gone_why']}")
    return f"{row['channel']} {row['subscriber']}{f' ({named})' if named else ''}: {'; '.join(parts)}"


def _message(row: dict[str, Any]) -> str:
    """One message, in a line."""
    when = "refused" if row["state"] == "refused" else f"next try {_minute(row['next_try'])}"
    tries = counted(row["attempts"], "try").replace("trys", "tries")
    about = f"{row['fingerprint']} {row['event']}, {row['headline']}"
    return f"{row['channel']} {row['subscriber']}: {about}; {tries}, {when}: {row['error']}"


def _minute(text: str) -> str:
    from monitor.calendar import BEIJING

    return f"{datetime.fromisoformat(text).astimezone(BEIJING):%Y-%m-%d %H:%M}"
