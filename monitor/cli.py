"""`nianbao`: a thin face over the rooms. Each command is loaded only when it is called, so that --help is quick."""

import sys

import click

from monitor.lazy_group import lazy_group
from monitor.pipes import quiet_end

INTERRUPTED = 130

COMMANDS = {
    "parse": "Read report files and print what they say.",
    "check": "Judge reports by all rules: given files, or the archive.",
    "add": "Take report files that you already have into the archive.",
    "run": "The main job: crawl all portals, read, compare, tell.",
    "watch": "The main job, always: what is due by the calendar, the bot, delivery, backups.",
    "schedule": "Show what runs next by the calendar, when, why, and how the last run went.",
    "crawl": "Crawl portals into the archive; nothing is judged or told.",
    "missing": "Show who owes a report for a year and what is known of it.",
    "findings": "Show the findings in the archive, and what has become of them.",
    "answer": "Say what you make of a finding: right, wrong, muted, checked, asked, answered, published.",
    "release": "Release findings that are held, or to the public; or a rule that is suspended.",
    "outbox": "Show what waits to be told, what was put off, and what was refused and why.",
    "rules": "Show every rule: what it rests on, how sure it is, and its record.",
    "agency": "Keep the register: who is unknown, other names, lists, proposals.",
    "diff": "Show what changed between an agency's reports of two years.",
    "query": "Ask the archive a ready question: coverage, refusals, who is late, …",
    "sql": "Ask the archive in SQL, read-only.",
    "schema": "Show what the tables, views and columns of the archive hold.",
    "search": "Find words in the titles and the prose of all reports.",
    "history": "Show all that is known of one report: revisions, corrections, findings.",
    "correct": "Say what a report prints where it was misread; undo it; list what people said.",
    "reparse": "Read documents again with the parser of today, and say what changed.",
    "rebuild": "Make reports, figures and findings anew from what was seen, and say what differed.",
    "evidence": "Write a zip for a journalist: the proof of a finding or a report.",
    "export": "Write the archive for others: a release bundle, or a web archive (WARC).",
    "takedown": "Keep the list of what is withheld on request.",
    "verify": "Check that the archive is what it was: hash every document anew.",
    "backup": "Back up the archive while others work with it, checked and rotated.",
    "restore": "Put the archive of a backup in its place.",
    "doctor": "Look after the deployment: settings, machine, archive, backups, portals.",
    "retention": "Give up the bytes of old list pages that prove nothing any more.",
    "manifest": "Make the daily manifest of hashes, and have it time-stamped.",
    "title": "Say what the crawler makes of the title of one link.",
    "portal": "Add portals and look after them: probe, new, check, test, record.",
    "sandbox": "Serve the portals of a pretend country on this machine, to try things on.",
    "demo": "Play a season in a pretend country: the main job on built-in samples.",
}


@click.command(cls=lazy_group(COMMANDS, "monitor.commands."), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nianbao")
def main() -> None:
    """The watchdog's instrument for China's annual reports on government information disclosure.

    Exit status: 0 fine; 1 certain findings of severity error; 2 something could not be done.

    \b
    Example:
      nianbao parse report.pdf
      nianbao check 2022.html 2023.docx
      nianbao demo
    """


def entry() -> None:
    """The command as it is installed: an interrupted one ends with status 130, as shells expect."""
    try:
        sys.exit(main(standalone_mode=False))
    except click.Abort:
        click.echo("nianbao: interrupted; what was done stays, and the same command goes on from there", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        with quiet_end(error.exit_code):
            error.show()
        sys.exit(error.exit_code)


if __name__ == "__main__":
    entry()
