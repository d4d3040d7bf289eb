"""Groups of commands, each of which is loaded only when it is called, so that --help is quick."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from monitor.pipes import quiet_end


def lazy_group(commands: Mapping[str, str], modules: str) -> type[click.Group]:
    """A class for `@click.command(cls=…)`. commands: name -> what its line in the help says, in order. modules: what
    stands before a command's name in that of its module, which has it as `command`."""

    class LazyGroup(click.Group):
        def list_commands(self, ctx: click.Context) -> list[str]:
            return list(commands)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
            if cmd_name not in commands:
                return None
            found: click.Command = import_module(f"{modules}{cmd_name}").command
            return found

        def make_context(self, *arguments: Any, **more: Any) -> click.Context:
            with quiet_end():  # --help is printed here
                return super().make_context(*arguments, **more)

        def invoke(self, ctx: click.Context) -> Any:
            with quiet_end():  # click would end with status 1
                return super().invoke(ctx)

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
            with formatter.section("Commands"):
                formatter.write_dl(list(commands.items()))

    return LazyGroup
