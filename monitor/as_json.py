"""Reports and findings as the JSON that `--json` prints (keys: docs/commands.md)."""

import json
from typing import Any

from db.records import Finding
from monitor.judging.case import place_dict
from monitor.reading import Read
from parsers.report import Figure, Report

FINDING_KEYS = (
    "rule", "kind", "severity", "certainty", "basis", "agency", "year", "figure", "figures", "observed", "expected",
    "sentence_zh", "sentence_en", "places", "fingerprint",
)  # fmt: skip

PLACE_KEYS = ("year", "sha256", "source", "figure", "place")


def report_dict(report: Report) -> dict[str, Any]:
    """A report without the file that it came from."""
    return {
        "media": report.media,
        "agency": report.agency,
        "year": report.year,
        "form": report.form,
        "title": report.title,
        "signed_on": report.signed_on,
        "published_on": report.published_on,
        "published_source": report.published_source,
        "period": list(report.period) if report.period else None,
        "scope": report.scope,
        "figures": {name: figure.value for name, figure in report.figures.items()},
        "cells": {
            name: {"state": f.state, "text": f.text, "unit": f.unit, "how": f.how, "place": place_dict(f.place)}
            for name, f in report.figures.items()
        },
        "sections": [section._asdict() for section in report.sections],
        "doubts": [doubt._asdict() for doubt in report.doubts],
    }


def cell_dict(figure: Figure) -> dict[str, Any]:
    """What was read of a cell, its number and all."""
    return {key: getattr(figure, key) for key in ("value", "state", "text", "unit", "how")}


def read_dict(read: Read, agency_id: str | None) -> dict[str, Any]:
    """One line of `parse --json`."""
    if read.report is None:
        return {"file": read.file, "error": read.error, "kind": read.kind}
    rest = report_dict(read.report)
    return {
        "file": read.file,
        "sha256": read.sha256,
        "media": rest.pop("media"),
        "agency": rest.pop("agency"),
        "agency_id": agency_id,
        **rest,
    }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """One line of `check --json`."""
    return _with_places({key: getattr(finding, key) for key in FINDING_KEYS})


def row_dict(row: dict[str, Any]) -> dict[str, Any]:
    """A stored finding as one line of `check --json`."""
    return _with_places({key: row.get(key) for key in FINDING_KEYS})


def _with_places(finding: dict[str, Any]) -> dict[str, Any]:
    places = [{key: place.get(key) for key in PLACE_KEYS} for place in finding["places"]]
    return finding | {"places": places}


def line(value: dict[str, Any]) -> str:
    """One JSON line, Chinese left readable."""
    return json.dumps(value, ensure_ascii=False)
