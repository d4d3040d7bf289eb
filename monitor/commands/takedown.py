"""`nianbao takedown …`: what is withheld on request. Each command is loaded only when it is called."""

import click

from monitor.lazy_group import lazy_group

COMMANDS = {
    "list": "Show what is withheld.",
    "add": "Withhold a document, or whatever was seen at an address.",
    "lift": "Withhold it no more.",
}


@click.command(cls=lazy_group(COMMANDS, "monitor.commands.takedown_"))
def command() -> None:
    """The takedown list: documents whose bytes and prose are withheld from everything that is handed out.

    Honoured by export, evidence and search. Nothing is deleted, figures stay, and an entry can be lifted.

    \b
    Example:
      nianbao takedown list
      nianbao takedown add 3fa0c11be2 --reason "names a private person" --asked-by "letter of 3 May 2025"
      nianbao takedown lift 2 --why "a clean copy was published"
    """
