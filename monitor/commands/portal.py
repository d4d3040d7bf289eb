"""`nianbao portal …`: adding portals and looking after them. Each command is loaded only when it is called."""

from importlib import import_module

import click

COMMANDS = {
    "probe": "Look at a site: which software it is, and what would be collected from it.",
    "new": "Write a portal file: from a look at the site, or a template.",
    "check": "Check portal files strictly, all faults at once.",
    "list": "Show the portals: last success, freshness, counts.",
    "test": "Crawl a portal dry: nothing is stored.",
    "record": "Keep pages of a portal as a test case, for `test --recorded`.",
    "schema": "Print the JSON Schema of portal files, for editors.",
}


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"monitor.commands.portal_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=_Group)
def command() -> None:
    """Portals: the sites that carry reports, each a TOML file in portals/ beside config.toml.

    \b
    Example:
      nianbao portal probe https://www.example.gov.cn/zwgk/xxgknb/
      nianbao portal new liuxi https://www.example.gov.cn/
      nianbao portal check
      nianbao portal test liuxi
    """
