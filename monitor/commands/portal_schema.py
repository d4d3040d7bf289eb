"""`nianbao portal schema`"""

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of portal files, so that an editor completes keys and marks what is wrong.

    Beside the portal files, a first line `#:schema ./portal.schema.json` in each makes Taplo and its editors (Even
    Better TOML in VS Code) use it.

    \b
    Example:
      nianbao portal schema > portals/portal.schema.json
    """
    from monitor.portals.schema import schema_text

    click.echo(schema_text(), nl=False)
