"""`nianbao schema [TABLE]`"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from monitor.commands.common import (
    FAILED,
    FINE,
    archive_option,
    config_option,
    console,
    existing_archive,
    fail,
    json_option,
    load_settings,
    plain_errors,
    printable,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from db.schema.dictionary import Entry

MANY = 100_000  # rows; a table with more is not counted to its end
_LEAST = 40  # characters for the words beside a name

_ROOMS = {
    "view": "Views: start here",
    "kept": "Kept: what was seen and said; nothing can bring it back",
    "derived": "Derived: what was read and judged; it can be made again",
}


@click.command()
@click.argument("table", required=False)
@click.option("--markdown", is_flag=True, help="All of it as a page, as this nianbao makes it (docs/schema.md).")
@json_option
@config_option
@archive_option
def command(
    table: str | None, markdown: bool, as_json: bool, config_file: Path | None, archive_file: Path | None
) -> None:
    """Show the tables and views of the archive, or the columns of TABLE, with what each holds.

    The descriptions stand in the archive itself, in its table `dictionary`. Where there is no archive yet, those of
    this nianbao are shown. --json prints one line for each table, or for each column of TABLE.

    \b
    Example:
      nianbao schema
      nianbao schema latest
      nianbao schema --json
    """
    with plain_errors():
        from db.schema.dictionary import counts, listed, new_entries
        from monitor.as_json import line
        from monitor.schema_page import page
        from parsers.form import load_forms

        if markdown:
            forms = load_forms()
            click.echo(page(new_entries(forms), forms), nl=False)
            sys.exit(FINE)
        config = load_settings(config_file)
        path = archive_file or config.archive
        rows: dict[str, int | None] = {}
        archive = existing_archive(config, archive_file)
        if archive is not None:
            with archive, archive.read() as connection:
                entries = listed(connection)
                if table is None:
                    rows = counts(connection, MANY)
        else:
            entries = new_entries(load_forms())
            click.echo(f"nianbao: {path}: there is no archive yet; this is the schema of this nianbao", err=True)
        tables = [entry for entry in entries if entry.is_table]
        if table is not None and table not in {entry.table_name for entry in tables}:
            from parsers.strict_toml import unknown_name

            names = [entry.table_name for entry in tables]
            fail(f"{table}: there is no such table or view; {unknown_name(table, names)}")
            raise SystemExit(FAILED)
        if as_json:
            for entry in entries:
                if table is None and entry.is_table:
                    told = {"table": entry.table_name, "type": entry.type, "room": entry.room}
                    count = rows.get(entry.table_name)
                    click.echo(line(told | {"rows": count, "description": entry.description}))
                elif table == entry.table_name and not entry.is_table:
                    click.echo(line(entry._asdict()))
        elif table is None:
            _show_tables(tables, rows)
        else:
            _show_columns([entry for entry in entries if entry.table_name == table])
    sys.exit(FINE)


def _show_tables(tables: "list[Entry]", rows: dict[str, int | None]) -> None:
    from rich.text import Text

    screen = console()
    for room, title in _ROOMS.items():
        lines = []
        for entry in (entry for entry in tables if entry.room == room):
            count = rows.get(entry.table_name, 0) if entry.table_name in rows else ""
            number = f"over {MANY:,}" if count is None else f"{count:,}" if count != "" else ""
            lines.append((entry.table_name, number, Text(printable(entry.description))))
        screen.print(Text(title, style="bold"))
        heads = ("view" if room == "view" else "table", "rows" if rows else "", "holds")
        _show(screen, heads, lines, justify="right")
        screen.print()
    screen.print("`nianbao schema TABLE` shows the columns; `nianbao query` and `nianbao sql` ask.")


def _show_columns(entries: "list[Entry]") -> None:
    from rich.text import Text

    about, *columns = entries
    screen = console()
    what = "view" if about.room == "view" else f"table, {about.room}"
    screen.print(Text(f"{about.table_name} ({what}): {printable(about.description)}"), soft_wrap=not screen.is_terminal)
    lines = []
    for entry in columns:
        text = Text(printable(entry.description))
        if entry.label is not None:
            text = Text.assemble(printable(entry.label), (f" {entry.figure}. {entry.description}", "dim"))
        lines.append((entry.column_name, entry.type, text))
    _show(screen, ("column", "type", "holds"), lines, justify="left")


def _show(
    screen: "Console",
    heads: tuple[str, str, str],
    lines: "list[tuple[str, str, Text]]",
    *,
    justify: Literal["left", "right"],
) -> None:
    """Name, type or number, and words of each line. Names are always whole, to be copied and searched for; the words
    are folded on a terminal, and below the name where it leaves them too little room; a file or a pager has no edge."""
    from rich.cells import cell_len
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    names = max(cell_len(name) for name, *_ in (heads, *lines))
    seconds = max(cell_len(second) for _, second, _ in (heads, *lines))
    if not screen.is_terminal:
        for name, second, words in (heads, *lines):
            short = second.rjust(seconds) if justify == "right" else second.ljust(seconds)
            screen.print(Text(f"{name.ljust(names)}  {short}  {words}"), soft_wrap=True)
    elif names + seconds + 4 + _LEAST <= screen.width:
        table = Table(box=None, padding=(0, 2, 0, 0))
        table.add_column(heads[0], no_wrap=True)
        table.add_column(heads[1], no_wrap=True, justify=justify)
        table.add_column(heads[2], ratio=1, overflow="fold")
        for name, second, words in lines:
            table.add_row(Text(name), second, words)
        screen.print(table)
    else:
        for name, second, words in lines:
            screen.print(Text.assemble((name, "bold"), f"  {second}"), soft_wrap=True)
            screen.print(Padding(words, (0, 0, 0, 4)))
