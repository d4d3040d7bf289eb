"""datapackage.json: what is in a bundle, for programs (Frictionless Data Package, version 1)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db.release.cells import Field
from db.release.resources import Resource
from monitor.exports.sums import Summed

NAME = "nianbao"
FILE = "datapackage.json"

_TYPES = {"INTEGER": "integer", "REAL": "number", "ANY": "number", "TEXT": "string"}
_DATE = re.compile(r"day|.*_on|period_.*|as_of|next_workday|watched_since")
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


@dataclass(frozen=True, slots=True)
class About:
    """What a bundle says of itself. facts: of the table `release` (snapshot, made_at, nianbao, parser, schema).
    licence: as whoever publishes it has chosen; None: nothing is said. masked: how much of each kind was masked."""

    facts: Mapping[str, str]
    licence: str | None
    masked: Mapping[str, int]
    withheld: int
    has_parquet: bool

    @property
    def snapshot(self) -> str:
        return self.facts["snapshot"]

    @property
    def short(self) -> str:
        """The beginning of the snapshot id, enough to cite."""
        return self.snapshot[:16]


def datapackage(about: About, resources: Sequence[Resource], files: Mapping[Path, Summed]) -> str:
    """The text of the file. files: those of the bundle that are tables, by their path in it, with size and hash."""
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": NAME,
        "id": about.snapshot,
        "title": "Annual reports on government information disclosure (政府信息公开工作年度报告)",
        "created": about.facts["made_at"],
        "nianbao": {**about.facts, "masked": dict(about.masked), "withheld_rows": about.withheld},
        "resources": [_resource(path, summed, resources) for path, summed in files.items()],
    }
    if about.licence:
        package["licenses"] = [{"name": about.licence}]
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _resource(path: Path, summed: Summed, resources: Sequence[Resource]) -> dict[str, Any]:
    kind = path.suffix.removeprefix(".")
    plain: dict[str, Any] = {
        "path": path.as_posix(),
        "format": kind,
        "bytes": summed.size,
        "hash": f"sha256:{summed.sha256}",
    }
    resource = next((one for one in resources if one.name == path.stem and kind in _MEDIA), None)
    if resource is None:
        return {"name": f"{path.stem}-{kind}", **plain, "mediatype": "application/vnd.sqlite3"}
    own = "" if kind == "csv" else "-parquet"
    schema: dict[str, Any] = {"fields": [_field(field) for field in resource.fields], "missingValues": [""]}
    if resource.key:
        schema["primaryKey"] = list(resource.key)
    if resource.references:
        schema["foreignKeys"] = [
            {"fields": list(r.columns), "reference": {"resource": r.resource + own, "fields": list(r.there)}}
            for r in resource.references
        ]
    tabular = {"profile": "tabular-data-resource", "encoding": "utf-8"} if kind == "csv" else {}
    head = {"name": resource.name + own, **tabular, "title": resource.about}
    return {**head, **plain, "mediatype": _MEDIA[kind], "schema": schema}


def _field(field: Field) -> dict[str, str]:
    value = {"name": field.name, "type": _TYPES[field.sql_type], "description": field.description}
    if field.sql_type == "TEXT" and (field.name == "at" or field.name.endswith("_at")):
        value |= {"type": "datetime", "format": "any"}
    elif field.sql_type == "TEXT" and _DATE.fullmatch(field.name):
        value["type"] = "date"
    return value
