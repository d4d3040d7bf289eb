"""The official forms as data: loading parsers/forms/*.toml, strictly.

A form is a TOML file; nothing in the code knows the name of a table, a row or a column. See docs/forms.md.
"""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from parsers.strict_toml import ConfigError, load_strict

FORMS_FOLDER = Path(__file__).parent / "forms"

Name = str
ValueKind = Literal["count", "change", "amount"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Years(_Strict):
    """The reporting years a form is prescribed for; `to` is None while it is in force."""

    first: int = Field(alias="from", ge=2008, le=2100)
    last: int | None = Field(default=None, alias="to", ge=2008, le=2100)

    def __contains__(self, year: object) -> bool:
        return isinstance(year, int) and self.first <= year and (self.last is None or year <= self.last)


class SectionHeading(_Strict):
    """One of the six sections, with the spellings of its heading."""

    number: int = Field(ge=1, le=20)
    heading: str = Field(min_length=2)
    spellings: list[str] = []


class Column(_Strict):
    """One column: label, spellings, and what its figures are.

    value: "count" (a non-negative integer), "change" (a signed integer) or "amount" (a decimal number with a unit).
    printed_unit: the unit that the form itself prints in the label, if it does.
    """

    label: str = Field(min_length=1)
    spellings: list[str] = []
    value: ValueKind = "count"
    printed_unit: str | None = None


class Row(_Strict):
    """One row: label, spellings; columns: those that it has, if not all of the table's."""

    label: str = Field(min_length=1)
    spellings: list[str] = []
    columns: list[Name] | None = None


class Table(_Strict):
    """One table of a form.

    layout: "rows" (a line for each row) or "across" (all rows side by side in one line of figures).
    headers: labels that stand only in header rows. groups: labels of groups of rows, without figures of their own.
    variants: sets of rows of which a report prints one; the set that is not printed is no term of an identity.
    """

    name: Name = Field(pattern=r"^[a-z][a-z0-9_]*$")
    section: int
    layout: Literal["rows", "across"] = "rows"
    headers: list[str] = []
    groups: list[str] = []
    variants: list[list[Name]] = []
    columns: dict[Name, Column] = Field(min_length=1)
    rows: dict[Name, Row] = Field(min_length=1)

    def columns_of(self, row: Name) -> list[Name]:
        """The names of the columns that a row has, in the order in which they are printed."""
        own = self.rows[row].columns
        return list(self.columns) if own is None else own

    def cells(self) -> Iterator[tuple[Name, Name]]:
        """(row, column) of every cell, in printed order."""
        return ((row, column) for row in self.rows for column in self.columns_of(row))

    @model_validator(mode="after")
    def _names_agree(self) -> "Table":
        for row_name, row in self.rows.items():
            for column in row.columns or ():
                if column not in self.columns:
                    raise ValueError(f"row {row_name!r} names column {column!r}; known are {', '.join(self.columns)}")
        for group in self.variants:
            for row_name in group:
                if row_name not in self.rows:
                    raise ValueError(f"variants name row {row_name!r}; known are {', '.join(self.rows)}")
        return self


class IdentityRule(_Strict):
    """One identity as the form declares it: sum of `left` = sum of `right`, within a report or between two years.

    for_each: "column": the terms are rows, one instance for each column; "row": the terms are columns, one instance
    for each row (`only`: for these). right_last_year: terms of the report of the year before. subject: the term that
    a finding is about. basis: "printed" (in the form), "arithmetic", "convention" or "inference".
    """

    name: Name = Field(pattern=r"^[a-z][a-z0-9-]*$")
    table: Name
    for_each: Literal["row", "column"]
    only: list[Name] | None = None
    left: list[Name] = Field(min_length=1)
    right: list[Name] = []
    right_last_year: list[Name] = []
    subject: Name
    basis: Literal["printed", "arithmetic", "convention", "inference"]
    severity: Literal["error", "warning", "notice"]

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def spans_years(self) -> bool:
        return bool(self.right_last_year)


class Form(_Strict):
    """One official form: tables, labels with their spellings, units and identities."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    prescribed_by: str = Field(min_length=4)
    years: Years
    section: list[SectionHeading] = Field(min_length=1)
    table: list[Table] = Field(min_length=1)
    identity: list[IdentityRule] = []
    watched: list[str] = []
    """Figures whose striking change from one year to the next is worth a look."""

    def __hash__(self) -> int:
        # Forms are frozen but hold lists; what is derived from a form is cached under it.
        return hash(self.name)

    @cached_property
    def tables(self) -> dict[Name, Table]:
        return {table.name: table for table in self.table}

    @cached_property
    def figure_names(self) -> tuple[str, ...]:
        """`table.row.column` of every figure, in printed order."""
        return tuple(f"{t.name}.{row}.{column}" for t in self.table for row, column in t.cells())

    @cached_property
    def figure_set(self) -> frozenset[str]:
        return frozenset(self.figure_names)

    def column_of(self, figure: str) -> Column:
        """The column of a figure; KeyError if the form has no such figure."""
        return self._column_by_figure[figure]

    @cached_property
    def _column_by_figure(self) -> dict[str, Column]:
        return {f"{t.name}.{row}.{column}": t.columns[column] for t in self.table for row, column in t.cells()}

    @cached_property
    def plain_counts(self) -> frozenset[str]:
        """The figures that are non-negative integers without a unit: nearly all."""
        return frozenset(name for name, column in self._column_by_figure.items() if column.value == "count")

    @model_validator(mode="after")
    def _names_agree(self) -> "Form":
        if len(self.tables) != len(self.table):
            raise ValueError("two tables share a name")
        numbers = [section.number for section in self.section]
        if numbers != sorted(set(numbers)):
            raise ValueError("section numbers must rise")
        for table in self.table:
            if table.section not in numbers:
                raise ValueError(f"table {table.name!r} names section {table.section}, which the form has not")
        for rule in self.identity:
            self._check_identity(rule)
        for figure in self.watched:
            if figure not in self.figure_set:
                raise ValueError(f"watched names {figure!r}, which is no figure of this form")
        return self

    def _check_identity(self, rule: IdentityRule) -> None:
        where = f"identity {rule.name!r}"
        table = self.tables.get(rule.table)
        if table is None:
            raise ValueError(f"{where} names table {rule.table!r}; known are {', '.join(self.tables)}")
        terms, instances = (table.rows, table.columns) if rule.for_each == "column" else (table.columns, table.rows)
        for term in (*rule.left, *rule.right, *rule.right_last_year, rule.subject):
            if term not in terms:
                raise ValueError(f"{where} names {term!r}; known are {', '.join(terms)}")
        for instance in rule.only or ():
            if instance not in instances:
                raise ValueError(f"{where} is for {instance!r}; known are {', '.join(instances)}")
        if not rule.right and not rule.right_last_year:
            raise ValueError(f"{where} has no right side")
        if rule.subject not in rule.left:
            raise ValueError(f"{where}: its subject {rule.subject!r} must be a term of the left side")


def load_form(path: Path) -> Form:
    """Read one form file. Raises ConfigError, naming the file, the line and every fault."""
    form = load_strict(path, Form)
    if form.name != path.stem:
        raise ConfigError([f"{path}: name: is {form.name!r}, but the file is called {path.stem!r}; make them equal"])
    return form


@lru_cache(maxsize=8)
def load_forms(folder: Path = FORMS_FOLDER) -> dict[str, Form]:
    """All forms of a folder by name, oldest first. Raises ConfigError; a folder without forms is one."""
    forms = sorted((load_form(path) for path in folder.glob("*.toml")), key=lambda form: (form.years.first, form.name))
    if not forms:
        raise ConfigError([f"{folder}: no form (*.toml) is here; check the folder"])
    return {form.name: form for form in forms}
