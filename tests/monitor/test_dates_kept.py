"""Every date that a report, its page, its list and its address give comes into the archive."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from crawler.sandbox.sample import SampleReport, SampleSection
from crawler.sandbox.writers import html
from crawler.sandbox.writers.html_page import PageFrame
from db.archive import Archive
from db.records import Sighting
from monitor.cli import main
from monitor.pipeline import read_waiting
from parsers.form import load_forms

AT = datetime(2024, 2, 1, 12, 0, tzinfo=UTC)
URL = "https://city.example/202401/t20240125_7.html"
SELECT = (
    "SELECT d.kind, d.day, d.source, d.text, r.signed_on, r.published_on, r.published_source FROM date_candidates d"
    " JOIN reports r ON r.id = d.report_id ORDER BY d.position"
)


def page(*, published_on: str | None, pub_date: str | None = None) -> bytes:
    headings = [section.heading for section in load_forms()["2021"].section]
    sections = tuple(SampleSection(f"{'一二三四五六'[n]}、{heading}", ("无。",)) for n, heading in enumerate(headings))
    figures: dict[str, int | float | None] = dict.fromkeys(load_forms()["2021"].figure_names, 0)
    sample = SampleReport(
        "柳溪县教育局2023年政府信息公开工作年度报告", "柳溪县教育局", 2023, "2021", figures, sections,
        signed_on="2024-01-18", published_on=published_on,
    )  # fmt: skip
    return html.write(sample, frame=PageFrame(pub_date=pub_date))


def kept(path: Path, body: bytes) -> list[str]:
    """What another process finds after a page was read."""
    with Archive.open(path) as archive:
        archive.add_portal("city", "柳溪县", "static_list")
        sha256 = archive.put_document(body, media="text/html", seen_at=AT)
        archive.add_sighting(Sighting("city", URL, URL, "page", "2023年年报", "2024-01-24", sha256, AT))
        assert read_waiting(archive).new == 1
    code = f"import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1]).execute({SELECT!r}): print(*row, sep='|')"
    done = subprocess.run([sys.executable, "-P", "-c", code, path], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_all_that_differ_are_kept_and_the_most_trusted_counts(tmp_path: Path) -> None:
    said = "2024-01-18|2024-01-20|page label"
    rows = kept(tmp_path / "a.db", page(published_on="2024-01-20", pub_date="2024-01-22"))
    assert [row.split("|")[:3] for row in rows] == [
        ["signed", "2024-01-18", "signature"],
        ["published", "2024-01-20", "page label"],
        ["published", "2024-01-22", "metadata"],
        ["published", "2024-01-24", "list"],
        ["published", "2024-01-25", "url"],
    ]
    assert all(row.endswith(f"|{said}") for row in rows)
    assert rows[2] == f"published|2024-01-22|metadata|2024-01-22|{said}"
    assert rows[3] == f"published|2024-01-24|list|None|{said}"


def test_without_a_date_on_the_page_that_of_the_list_counts_and_never_that_of_the_address(tmp_path: Path) -> None:
    rows = kept(tmp_path / "a.db", page(published_on=None))
    assert [row.split("|")[1:3] for row in rows] == [
        ["2024-01-18", "signature"],
        ["2024-01-24", "list"],
        ["2024-01-25", "url"],
    ]
    assert all(row.endswith("|2024-01-18|2024-01-24|list") for row in rows)


def test_parse_shows_the_dates_that_differ_and_keeps_its_keys(tmp_path: Path) -> None:
    differing = tmp_path / "differing.html"
    differing.write_bytes(page(published_on="2024-01-20", pub_date="2024-01-22"))
    alike = tmp_path / "alike.html"
    alike.write_bytes(page(published_on="2024-01-20", pub_date="2024-01-20"))
    shown = CliRunner().invoke(main, ["parse", str(differing)]).stdout
    shown = " ".join(shown.split())  # a terminal folds its lines
    assert "dates that differ: published 2024-01-20 (page label), published 2024-01-22 (metadata)" in shown
    assert "dates that differ" not in CliRunner().invoke(main, ["parse", str(alike)]).stdout
    as_json = [
        json.loads(CliRunner().invoke(main, ["parse", "--json", str(path)]).stdout) for path in (differing, alike)
    ]
    assert [(one["published_on"], one["published_source"], "dates" in one) for one in as_json] == [
        ("2024-01-20", "page label", False)
    ] * 2
