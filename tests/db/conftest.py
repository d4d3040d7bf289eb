from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from archive_samples import at

from db.archive import Archive
from db.records import Stored
from parsers.report import Report

Store = Callable[..., Stored]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(tmp_path / "a.db") as opened:
        yield opened


@pytest.fixture
def store(archive: Archive) -> Store:
    """Keep a report with a document of its own; `body` is the document's bytes."""

    def keep(
        report: Report,
        body: bytes = b"A",
        seen_at: datetime | None = None,
        *,
        agency_id: str | None = None,
        source: str = "city",
        url: str = "https://city.example/1.html",
        version: str = "1",
    ) -> Stored:
        moment = seen_at or at()
        sha256 = archive.put_document(body, media="text/html", seen_at=moment)
        return archive.store_report(
            report,
            sha256=sha256,
            agency_id=agency_id,
            agency=report.agency or "?",
            source=source,
            url=url,
            seen_at=moment,
            parser_version=version,
            portal=None,
        )

    return keep


@pytest.fixture
def dump(archive: Archive) -> Callable[[], list[str]]:
    """The rows of all tables as sorted text, to see whether anything has changed. The index of words keeps no rows."""

    def rows() -> list[str]:
        names = [row[0] for row in archive.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        names = [name for name in names if not name.startswith("report_search")]
        return [
            f"{name} {row}" for name in names for row in sorted(map(repr, archive.query(f'SELECT * FROM "{name}"')))
        ]

    return rows
