"""data.json of a bundle: what index.html shows, for programs. Keys: docs/evidence.md."""

import json
from importlib.metadata import version
from typing import Any

from db.readings.corrections import Correction
from db.records import StoredReport, Visit
from monitor.as_json import cell_dict, report_dict, row_dict
from monitor.evidence.case import Case, Look
from monitor.evidence.reads import reads_data


def data_json(case: Case) -> str:
    """The text of data.json."""
    value = {
        "nianbao": version("nianbao"),
        "agency": case.agency,
        "year": case.year or None,
        "finding": _finding(case),
        "visits_with_pretended_time": case.pretended,
        "visits_shown_by_a_browser": case.rendered,
        "reports": [
            {
                "id": row.id,
                "agency": row.agency,
                "year": row.year,
                "source": row.source,
                "url": row.url,
                "revision": row.revision,
                "sha256": row.sha256,
                "first_seen_at": row.first_seen_at.isoformat(),
                "last_seen_at": row.last_seen_at.isoformat(),
                "read": report_dict(stored.report),
                "corrections": [_correction(one, stored) for one in case.corrections.get(row.id, ())],
            }
            for row, stored in case.reports
        ],
        "reads": reads_data(case),
        "documents": [
            {
                "sha256": sha256,
                "file": kept.file,
                "is_withheld": kept.is_withheld,
                "size": kept.row.size,
                "media": kept.row.media,
                "first_seen_at": kept.row.first_seen_at.isoformat(),
                "addresses": kept.addresses,
                "given_up": kept.given_up,
            }
            for sha256, kept in case.documents.items()
        ],
        "visits": [_look(look) for look in case.looks],
        "manifests": [
            {
                "day": manifest.day.isoformat(),
                "sha256": manifest.sha256,
                "service": manifest.service,
                "stamped_at": manifest.stamped_at.isoformat() if manifest.stamped_at else None,
            }
            for manifest in case.manifests
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _finding(case: Case) -> dict[str, Any] | None:
    if case.finding is None:
        return None
    events = [{"event": event, "at": at.isoformat()} for event, at in case.events]
    standing = case.standing.data() if case.standing else None
    state = {"is_open": bool(case.finding["is_open"]), "standing": standing, "events": events}
    return row_dict(case.finding) | state


def _correction(one: Correction, stored: StoredReport) -> dict[str, Any]:
    """What a person has corrected, and what was read before."""
    read = stored.report.misread.get(one.figure)
    return {
        "figure": one.figure,
        "by": one.made_by,
        "source": one.source,
        "made_at": one.made_at.isoformat(),
        "read": None if read is None else cell_dict(read),
    }


def _look(look: Look) -> dict[str, Any]:
    visit: Visit = look.visit
    return {
        "number": look.number,
        "file": look.file,
        "manifest": look.manifest,
        "url": visit.url,
        "kind": visit.kind,
        "at": visit.at.isoformat(),
        "status": visit.status,
        "outcome": visit.outcome,
        "evidence": visit.evidence,
        "final_url": visit.final_url,
        "redirects": visit.redirects,
        "network": visit.network,
        "request_headers": visit.request_headers,
        "response_headers": visit.response_headers,
        "sha256": visit.sha256,
        "body_sha256": visit.body_sha256,
        "bytes_from": look.origin.isoformat() if look.origin else None,
    }
