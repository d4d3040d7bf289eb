"""The figures of an archive as one Parquet file, and the questions that DuckDB answers on it."""

from pathlib import Path
from typing import TYPE_CHECKING

from db.archive import Archive
from db.schema.wide import column_name, known_columns, variant_bits
from parsers.form import Form, load_forms
from parsers.identities import Instance, expand

if TYPE_CHECKING:
    import duckdb

THREADS = 2
_BATCH = 100_000  # rows of a row group


def export(archive: Archive, to: Path) -> None:
    """Write the latest report of each agency and year, zstd, a row group for each 100,000 or so."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    amounts = {
        column.column: pa.float64()
        for form in archive.forms
        for column in known_columns(archive._connection, form)
        if column.is_amount
    }
    names = [row[1] for row in archive.query("PRAGMA table_info(wide)")]
    texts = {name: pa.string() for name in ("key", "form", *names) if name in ("key", "form") or name.endswith("_unit")}
    kinds = amounts | texts
    cursor = archive._connection.execute(
        "SELECT k.key, w.* FROM wide w JOIN agency_keys k ON k.no = w.agency_no WHERE w.is_latest = 1"
        " ORDER BY w.report_id"
    )
    schema = pa.schema([(name, kinds.get(name, pa.int64())) for name in ("key", *names)])
    with pq.ParquetWriter(to, schema, compression="zstd") as writer:
        while rows := cursor.fetchmany(_BATCH):
            columns = [
                pa.array(column, kind) for column, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
            ]
            writer.write_table(pa.table(columns, schema=schema))


def connect() -> "duckdb.DuckDBPyConnection":
    """DuckDB as it is compared with."""
    import duckdb

    return duckdb.connect(config={"threads": THREADS})


def changes(
    duck: "duckdb.DuckDBPyConnection", file: Path, figure: str, agency: str = "agency_no"
) -> list[tuple[object, ...]]:
    """By year: reports with one of the year before, how many changed, by how much together, the largest rise.

    agency: the column by which an agency is known again, its number or its key.
    """
    column = column_name(figure)
    return duck.execute(
        f"SELECT w.year, count(*), count(*) FILTER (w.{column} <> y.{column}), sum(w.{column} - y.{column}),"
        f" max(w.{column} - y.{column}) FROM '{file}' w JOIN '{file}' y ON y.{agency} = w.{agency}"
        " AND y.year = w.year - 1 GROUP BY w.year ORDER BY w.year"
    ).fetchall()


def broken(
    duck: "duckdb.DuckDBPyConnection", file: Path, forms: dict[str, Form], rule: str
) -> list[tuple[str, int, str]]:
    """(agency key, year, row or column) of every equation of a rule that is broken, in order."""
    found = [one for spans_years in (False, True) for one in scan(duck, file, forms, spans_years, only={rule})]
    return sorted(where for _, *where in found)  # type: ignore[misc]


def scan(
    duck: "duckdb.DuckDBPyConnection",
    file: Path,
    forms: dict[str, Form],
    spans_years: bool,
    striking: tuple[float, float, float] | None = None,
    only: set[str] | None = None,
) -> list[tuple[str, str, int, str]]:
    """As db.questions.scan.breaches, said in another way, in one query. striking: the least larger figure, the ratio,
    and the change over the root of the sum."""
    conditions = {form.name: _conditions(form, spans_years, striking, only) for form in forms.values()}
    conditions = {form: of for form, of in conditions.items() if of}
    if not conditions:
        return []
    join = f" JOIN '{file}' y ON y.agency_no = w.agency_no AND y.year = w.year - 1" if spans_years else ""
    most = max(map(len, conditions.values()))
    flags = []
    for number in range(most):
        cases = [f"WHEN '{form}' THEN {of[number][2]}" for form, of in conditions.items() if number < len(of)]
        flags.append(f"coalesce(CASE w.form {' '.join(cases)} END, false) AS c{number}")
    which = " OR ".join(f"c{number}" for number in range(most))
    rows = duck.execute(
        f"SELECT * FROM (SELECT w.key, w.year, w.form, {', '.join(flags)} FROM '{file}' w{join}) WHERE {which}"
    ).fetchall()
    return [
        (rule, key, year, instance)
        for key, year, form, *marks in rows
        for (rule, instance, _), mark in zip(conditions.get(form, ()), marks, strict=False)
        if mark
    ]


def _conditions(
    form: Form, spans_years: bool, striking: tuple[float, float, float] | None, only: set[str] | None
) -> list[tuple[str, str, str]]:
    """(rule, row or column, SQL)"""
    found = [(i.rule.name, i.key, _condition(form, i)) for i in expand(form) if i.rule.spans_years is spans_years]
    if striking and spans_years:
        found += [("striking-change", figure, _striking(figure, *striking)) for figure in form.watched]
    return [one for one in found if only is None or one[0] in only]


def _striking(figure: str, least: float, ratio: float, sigma: float) -> str:
    now, before = (f"{side}.{column_name(figure)}" for side in "wy")
    larger, smaller = f"greatest({now}, {before})", f"least({now}, {before})"
    return (
        f"(w.form = y.form AND {now} IS NOT NULL AND {before} IS NOT NULL AND {larger} >= {least}"
        f" AND {larger} >= {ratio} * greatest({smaller}, 1)"
        f" AND {larger} - {smaller} >= {sigma} * sqrt({larger} + {smaller}))"
    )


def _condition(form: Form, instance: Instance) -> str:
    bits = variant_bits(form)
    left = [_term(form, bits, name) for name in instance.left]
    right = [_term(form, bits, name) for name in instance.right]
    right += [(f"y.{column_name(name)}", f"y.{column_name(name)} IS NULL") for name in instance.right_last_year]
    # Last year's form may not have the figure.
    have = [f"'{f.name}'" for f in load_forms().values() if f.figure_set.issuperset(instance.right_last_year)]
    known = f"y.form IN ({', '.join(have)}) AND " if instance.right_last_year else ""
    gap = " - ".join(f"({' + '.join(f'coalesce({value}, 0)' for value, _ in side)})" for side in (left, right))
    whole = [" AND ".join(f"NOT ({blank})" for _, blank in side) for side in (right, left)]
    return f"({known}(({gap} > 0 AND {whole[0]}) OR ({gap} < 0 AND {whole[1]})))"


def _term(form: Form, bits: dict[str, int], figure: str) -> tuple[str, str]:
    table, row, _ = figure.split(".")
    blank = f"w.{column_name(figure)} IS NULL"
    if (bit := bits.get(f"{table}.{row}")) is not None:
        of_table = sum({1 << other for name, other in bits.items() if name.startswith(f"{table}.")})
        blank += f" AND (w.variants & {1 << bit} <> 0 OR w.variants & {of_table} = 0)"
    return f"w.{column_name(figure)}", blank
