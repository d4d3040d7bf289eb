"""`nianbao answer FINGERPRINT WORD`"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from monitor.commands.common import (
    FINE,
    archive_option,
    complain,
    config_option,
    counted,
    load_settings,
    open_archive,
    plain_errors,
    printable,
)

_WORDS = ("right", "wrong", "mute", "unmute", "checked", "asked", "answered", "published")


@click.command()
@click.argument("fingerprint")
@click.argument("word", type=click.Choice(_WORDS), metavar="WORD")
@click.option("--by", required=True, metavar="NAME", help="Your name: who says so.")
@click.option("--reason", metavar="TEXT", help="Why; needed for wrong.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="Of mute: its last day, in Beijing; else for good.",
)
@click.option(
    "--file", type=click.Path(path_type=Path), help="Of answered: the agency's own answer, kept as a document."
)
@config_option
@archive_option
def command(
    fingerprint: str,
    word: str,
    by: str,
    reason: str | None,
    until: datetime | None,
    file: Path | None,
    config_file: Path | None,
    archive_file: Path | None,
) -> None:
    """Say what you make of a finding, or what was done with it; kept with your name, and never lost.

    FINGERPRINT is the number under a finding, or its first 8 digits or more; WORD is right, wrong, mute, unmute,
    checked, asked, answered or published. What you call wrong, or mute, is not told
    again as long as it says the same; whoever was told hears that it is withdrawn. A rule that is judged wrong too
    often is suspended by itself.

    \b
    Example:
      nianbao answer 3fa0c11be2 wrong --by 王敏 --reason "第3页表格跨页，总计在下一页"
      nianbao answer 3fa0c11be2 mute --until 2024-06-30 --by 王敏
      nianbao answer 3fa0c11be2 answered --file reply.pdf --by 李强
    """
    with plain_errors():
        from monitor.life.answers import answer

        config, now = load_settings(config_file), datetime.now(UTC)
        with open_archive(config, archive_file, must_exist=True) as archive:
            which = archive.life.find(fingerprint)
            day = until.date() if until else None
            done = answer(archive, config, which, word, by=by, at=now, reason=reason, until=day, file=file)
            (row,) = archive.evidence.findings(which)
        click.echo(printable(f"{which} {row['rule']}, {row['agency']} {row['year']}: {word}, by {by}"))
        if not done.is_new:
            click.echo("says so already; nothing was changed")
        if done.takes_back:
            click.echo(f"{by} called it wrong before: that is taken back")
        if done.messages:
            click.echo(f"{counted(done.messages, 'message')} to those who were told, sent with the next run")
        if done.suspended:
            complain(
                f"the rule {row['rule']} is suspended: {done.suspended}; its findings are shown and no longer told,"
                f" until `nianbao release --rule {row['rule']}`"
            )
    sys.exit(FINE)
