"""`nianbao portal …`: adding portals and looking after them. Each command is loaded only when it is called."""

import click

from monitor.lazy_group import lazy_group

COMMANDS = {
    "probe": "Look at a site: which software it is, and what would be collected from it.",
    "new": "Write a portal file: from a look at the site, or a template.",
    "check": "Check portal files strictly, all faults at once.",
    "list": "Show the portals: last success, freshness, counts.",
    "test": "Crawl a portal dry: nothing is stored.",
    "record": "Keep pages of a portal as a test case, for `test --recorded`.",
    "schema": "Print the JSON Schema of portal files, for editors.",
}


@click.command(cls=lazy_group(COMMANDS, "monitor.commands.portal_"))
def command() -> None:
    """Portals: the sites that carry reports, each a TOML file in portals/ beside config.toml.

    \b
    Example:
      nianbao portal probe https://www.example.gov.cn/zwgk/xxgknb/
      nianbao portal new liuxi https://www.example.gov.cn/
      nianbao portal check
      nianbao portal test liuxi
    """
