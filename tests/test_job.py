"""The main job end to end: a portal on loopback that carries the real reports, crawled, read, judged and told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.portal import load_portals
from crawler.sandbox.server import FolderPortal
from db.archive import Archive
from monitor.config import load_config
from monitor.job import run_job
from monitor.judging.archive import standing_findings
from tests.bot_api import TOKEN, FakeBotApi

MEDIA = {".html": "html", ".pdf": "pdf", ".txt": "text"}
NOW = datetime(2024, 2, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def reports() -> dict[str, tuple[bytes, str, dict[str, object]]]:
    """Title -> (bytes, media, gold) of every real report."""
    folder = Path(__file__).parents[2] / "shared" / "reports"
    if not folder.is_dir():
        pytest.skip("../shared/reports is not there")
    found = {}
    for gold_file in sorted(folder.glob("*.gold.json")):
        gold = json.loads(gold_file.read_text("utf-8"))
        path = next(p for p in folder.glob(gold_file.name.replace(".gold.json", ".*")) if p.suffix in MEDIA)
        found[gold["title"]] = (path.read_bytes(), MEDIA[path.suffix], gold)
    return found


def test_real_reports_from_a_portal_to_one_alert_each(
    reports: dict[str, tuple[bytes, str, dict[str, object]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [(title, data, media) for title, (data, media, _) in reports.items()]
    (tmp_path / "portals").mkdir()
    with FakeBotApi() as telegram, FolderPortal(files) as server:
        server.portal_tomls(tmp_path / "portals")
        telegram_settings = f'[telegram]\nchats = [42]\nbase_url = "{telegram.base_url}"\n'
        (tmp_path / "config.toml").write_text('portals = ["portals"]\n' + telegram_settings, "utf-8")
        monkeypatch.setenv("NIANBAO_TELEGRAM_TOKEN", TOKEN)
        config = load_config(tmp_path / "config.toml")
        portals = [portal for portal in load_portals(config.portals).values() if portal.on_loopback]
        with Archive.open(config.archive) as archive:
            for round_number in range(2):
                server.now = moment = NOW + timedelta(hours=round_number)
                outcome = run_job(archive, config.archive, config, portals, [], now=moment)
                assert [summary.outcome for summary in outcome.crawls] == ["ok"]
                assert outcome.reading.new == (len(files) if round_number == 0 else 0)
            stored = {report.report.title: report for report in archive.reports()}
            told = [f for f in standing_findings(archive) if f.severity == "error"]
        texts = [message.text for message in telegram.sent]
    for title, (_, _, gold) in reports.items():
        figures = stored[title].report.figures
        assert {name: figures[name].value for name in gold["figures"]} == gold["figures"], title
    assert {(f.agency, f.year, f.figure, f.observed, f.expected) for f in told} == {
        ("洪泽区人民政府", 2023, "challenges.reconsideration.total", 0, 11),
        ("洪泽区人民政府", 2023, "challenges.litigation_after_reconsideration.total", 0, 5),
    }
    alerts = [text for text in texts if "洪泽区人民政府" in text]
    assert len(alerts) == 2, "each of the two broken totals is told once though the job ran twice"
    assert not any("未公布" in text for text in texts)
