"""The tables of a release as CSV and Parquet, row by row: memory does not grow with their length.

CSV is RFC 4180 in UTF-8 without a byte order mark; null is the empty field, zero is 0. Parquet keeps null as null, and
an empty text apart from it, which CSV cannot.
"""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from db.release.resources import OpenRelease, Resource, Row

if TYPE_CHECKING:
    import pyarrow

_FEW, _MANY = 5_000, 100_000  # rows of a group of Parquet: prose is long, and cells are many
_BUFFER = 1 << 20


def has_parquet() -> bool:
    """Whether the extra that writes Parquet is installed."""
    from importlib.util import find_spec

    return find_spec("pyarrow") is not None


def write_csv(release: OpenRelease, resource: Resource, path: Path) -> int:
    """Write a table; returns how many rows it has."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in release.rows(resource):
            count += 1
            yield row

    with path.open("w", encoding="utf-8", newline="", buffering=_BUFFER) as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in resource.fields])
        writer.writerows(counted())
    return count


def write_parquet(release: OpenRelease, resource: Resource, path: Path) -> int:
    """The same as Parquet."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = _schema(resource)
    rows, count = release.rows(resource), 0
    size = _MANY if resource.has_many else _FEW
    with ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(rows, size)):
            columns = zip(*group, strict=True)
            arrays = [pyarrow.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))
            count += len(group)
    return count


def _schema(resource: Resource) -> "pyarrow.Schema":
    import pyarrow

    types = {"INTEGER": pyarrow.int64(), "REAL": pyarrow.float64(), "ANY": pyarrow.float64(), "TEXT": pyarrow.string()}
    return pyarrow.schema(
        [
            pyarrow.field(field.name, types[field.sql_type], metadata={"description": field.description})
            for field in resource.fields
        ]
    )
