"""The figures of an archive as one Parquet file, and the questions that DuckDB answers on it."""

from pathlib import Path
from typing import TYPE_CHECKING

from db.archive import Archive
from db.schema.wide import column_name, known_columns, variant_bits
from parsers.form import Form
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
    """As db.questions.identities_sql.broken, said in another way."""
    found: set[tuple[str, int, str]] = set()
    for form in forms.values():
        instances = [instance for instance in expand(form) if instance.rule.name == rule]
        if not instances:
            continue
        conditions = [_condition(form, instance) for instance in instances]
        last_year = any(instance.right_last_year for instance in instances)
        join = f" JOIN '{file}' y ON y.agency_no = w.agency_no AND y.year = w.year - 1" if last_year else ""
        flags = ", ".join(f"{condition} AS c{number}" for number, condition in enumerate(conditions))
        which = " OR ".join(f"c{number}" for number in range(len(conditions)))
        rows = duck.execute(
            f"SELECT * FROM (SELECT w.key, w.year, {flags} FROM '{file}' w{join} WHERE w.form = '{form.name}')"
            f" WHERE {which}"
        ).fetchall()
        for key, year, *flags_of in rows:
            found.update((key, year, i.key) for i, flag in zip(instances, flags_of, strict=True) if flag)
    return sorted(found)


def _condition(form: Form, instance: Instance) -> str:
    bits = variant_bits(form)
    left = [_term(form, bits, name) for name in instance.left]
    right = [_term(form, bits, name) for name in instance.right]
    right += [(f"y.{column_name(name)}", f"y.{column_name(name)} IS NULL") for name in instance.right_last_year]
    gap = " - ".join(f"({' + '.join(f'coalesce({value}, 0)' for value, _ in side)})" for side in (left, right))
    whole = [" AND ".join(f"NOT ({blank})" for _, blank in side) for side in (right, left)]
    return f"(({gap} > 0 AND {whole[0]}) OR ({gap} < 0 AND {whole[1]}))"


def _term(form: Form, bits: dict[str, int], figure: str) -> tuple[str, str]:
    table, row, _ = figure.split(".")
    blank = f"w.{column_name(figure)} IS NULL"
    if (bit := bits.get(f"{table}.{row}")) is not None:
        of_table = sum({1 << other for name, other in bits.items() if name.startswith(f"{table}.")})
        blank += f" AND (w.variants & {1 << bit} <> 0 OR w.variants & {of_table} = 0)"
    return f"w.{column_name(figure)}", blank
