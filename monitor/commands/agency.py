"""`nianbao agency …`: the register of agencies. Each command is loaded only when it is called."""

from importlib import import_module

import click

COMMANDS = {
    "list": "Show the register: agencies, duties, portals, years.",
    "unknown": "Show who is named in the archive and not in the register.",
    "alias": "Write one more name of an agency into the register.",
    "add": "Write one more agency into the register.",
    "import": "Write a list of agencies that you have into the register.",
    "propose": "Make rows to be confirmed, from who published and from publication notices.",
    "start": "Make a register without agencies.",
}


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"monitor.commands.agency_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Group)
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
