"""The label of a figure in words: in Chinese as the form prints it, in English from figures.toml."""

import re
import tomllib
from functools import lru_cache

from monitor.catalogue import FOLDER
from parsers.form import Form

_NUMERALS = "〇一二三四五六七八九十"
# 一、 in front of a row would read as the number of a section.
_ROW_NUMBER = re.compile(r"^[一二三四五六七八九十]+、")
_BRACKETED_REST = re.compile(r"（(?:区分处理|单位)[^）]*）$")


def figure_words(figure: str, form: Form) -> tuple[str, str]:
    """("四、行政复议·总计", "IV, administrative reconsideration, total") for `challenges.reconsideration.total`.

    figure: a name of this form (KeyError if the form has no such figure).
    """
    table_name, row, column = figure.split(".")
    table = form.tables[table_name]
    labels = (_plain(table.rows[row].label), _plain(table.columns[column].label))
    zh = f"{_NUMERALS[table.section]}、{labels[0]}·{labels[1]}"
    english = (
        _english("tables", table_name),
        _english("rows", row, table_name),
        _english("columns", column, table_name),
    )
    return zh, ", ".join(english)


def line_words(table: str, name: str, form: Form) -> tuple[str, str]:
    """The label of a row or a column of a table, as figure_words writes it; KeyError where the table has neither."""
    of = form.tables[table]
    kind, label = ("rows", of.rows[name].label) if name in of.rows else ("columns", of.columns[name].label)
    return _plain(label), _english(kind, name, table)


def _plain(label: str) -> str:
    return _BRACKETED_REST.sub("", _ROW_NUMBER.sub("", label))


def _english(kind: str, name: str, table: str = "") -> str:
    """The English of a table, row or column; where figures.toml has none, as for a form that was just added, its name
    in the form file with blanks."""
    words = _words()[kind]
    return words.get(f"{table}.{name}") or words.get(name) or name.replace("_", " ")


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((FOLDER / "figures.toml").read_text("utf-8"))
