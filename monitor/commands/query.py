"""`nianbao query [NAME]`: the ready queries, each a command with the parameters of its file as options."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.commands.asked import answer, answer_options
from monitor.commands.common import (
    FINE,
    archive_option,
    config_option,
    console,
    load_settings,
    open_archive,
    plain_errors,
)

if TYPE_CHECKING:
    from db.questions.ready_queries import Parameter, ReadyQuery

_TYPES = {"integer": click.INT, "text": click.STRING, "day": click.STRING, "figure": click.STRING}
_METAVARS = {"integer": "N", "text": "TEXT", "day": "DAY", "figure": "FIGURE"}


class ReadyQueries(click.Group):
    """The queries as commands; none is read before one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from db.questions.ready_queries import ready_queries

        return list(ready_queries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from db.questions.ready_queries import ready_queries

        query = ready_queries().get(cmd_name)
        return _command(query) if query else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from parsers.strict_toml import unknown_name

            ctx.fail(f"there is no query {args[0]!r}; {unknown_name(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


@click.command(cls=ReadyQueries, invoke_without_command=True)
@config_option
@archive_option
@click.pass_context
def command(context: click.Context, config_file: Path | None, archive_file: Path | None) -> None:
    """Ask the archive one of the ready questions; without NAME, list them.

    Each has its own options, which `nianbao query NAME --help` shows with its notes: units, what n counts, what is left
    out, what no row means. --config and --archive may stand before or behind NAME.

    \b
    Example:
      nianbao query
      nianbao query coverage --year 2023
      nianbao query biggest-changes --figure applications.new.total --format csv
    """
    if context.invoked_subcommand is not None:
        context.obj = (config_file, archive_file)
        return
    from rich.table import Table
    from rich.text import Text

    from db.questions.ready_queries import ready_queries

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("query", no_wrap=True)
    table.add_column("tells")
    for query in ready_queries().values():
        options = " ".join(f"--{_option(parameter)}" for parameter in query.parameters)
        table.add_row(query.name, Text.assemble(query.about, (f"\n{options}", "dim")))
    console().print(table)
    sys.exit(FINE)


def _command(query: "ReadyQuery") -> click.Command:
    from db.questions.ready_queries import REPORTS

    @click.pass_context
    def run(
        context: click.Context,
        how: str | None,
        out: Path | None,
        timeout_s: float,
        config_file: Path | None,
        archive_file: Path | None,
        **values: Any,
    ) -> None:
        with plain_errors():
            from db.questions.ready_queries import bound, empty_answer

            config_before, archive_before = context.obj
            config = load_settings(config_file or config_before)
            with open_archive(config, archive_file or archive_before, must_exist=True) as archive:
                with archive.read() as connection:
                    statement, parameters = bound(connection, query, values)
                if answer(archive, statement, parameters, how=how, out=out, timeout_s=timeout_s) == 0:
                    with archive.read() as connection:
                        click.echo(empty_answer(connection, query, parameters), err=True)
        sys.exit(FINE)

    function: Any = answer_options(config_option(archive_option(run)))
    for parameter in reversed(query.parameters):  # click shows first what was added last
        function = _with_option(function, parameter)
    empty = query.empty.replace(REPORTS, "the reports looked at")
    return click.command(query.name, help=f"{query.about}\n\n{query.notes}\n\nWithout a row: {empty}")(function)


def _with_option(function: Any, parameter: "Parameter") -> Any:
    about = f"{parameter.about[0].upper()}{parameter.about[1:]}"
    default = f"; {parameter.default} else" if parameter.default is not None else ""
    return click.option(
        f"--{_option(parameter)}",
        parameter.name,
        type=_TYPES[parameter.type],
        metavar=_METAVARS[parameter.type],
        help=f"{about}{default}.",
    )(function)


def _option(parameter: "Parameter") -> str:
    return parameter.name.replace("_", "-")
