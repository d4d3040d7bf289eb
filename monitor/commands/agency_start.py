"""`nianbao agency start [FILE]`"""

from pathlib import Path

import click

from monitor.commands.common import fail, plain_errors


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=Path("agencies.csv"))
def command(file: Path) -> None:
    """Make a register without agencies: a CSV with all columns. A file that is there is never written over.

    \b
    Example:
      nianbao agency start
      nianbao agency start register.csv
    """
    with plain_errors():
        from crawler.register.file import EMPTY

        try:
            with file.open("x", encoding="utf-8", newline="") as opened:
                opened.write(EMPTY)
        except FileExistsError:
            fail(f"{file}: is there already; give another name")
        except OSError as error:
            fail(f"{file}: cannot be written ({error.strerror}); check the folder and its permissions")
        click.echo(
            f'{file}: a register without agencies. Write register = "{file.name}" into the config.toml beside it.'
        )
