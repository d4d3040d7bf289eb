"""`nianbao agency …`: the register of agencies. Each command is loaded only when it is called."""

import click

from monitor.lazy_group import lazy_group

COMMANDS = {
    "list": "Show the register: agencies, duties, portals, years.",
    "unknown": "Show who is named in the archive and not in the register.",
    "alias": "Write one more name of an agency into the register.",
    "add": "Write one more agency into the register.",
    "import": "Write a list of agencies that you have into the register.",
    "propose": "Make rows to be confirmed, from who published and from publication notices.",
    "start": "Make a register without agencies.",
}


@click.command(cls=lazy_group(COMMANDS, "monitor.commands.agency_"))
def command() -> None:
    """The register of agencies: who there is, what they are called, and who owes a report by when.

    The register is the CSV that `register` in config.toml names. What these commands write there leaves the rest of
    the file as it is, and the file as it was stays beside it as FILE.bak.

    \b
    Example:
      nianbao agency list
      nianbao agency unknown
      nianbao agency alias 柳溪县人社局 990101:人力资源和社会保障局
      nianbao agency import names.txt --portal liuxi --region 990101 --dry-run
    """
