"""`nianbao portal test`, `record` and `list`: dry, told in full, and played again without asking anybody."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scrapy import FormRequest, Request
from scrapy.exceptions import DownloadFailedError

from crawler.asking.replay import Replay, as_recorded
from crawler.errors import CrawlError
from crawler.portal import load_portal
from crawler.sandbox.country import Country
from crawler.sandbox.portals import site_class
from crawler.sandbox.publications import publications
from crawler.sandbox.server import PortalServer
from db.archive import Archive
from monitor.cli import main
from monitor.portals.recorded import ANSWERS, EXPECTED, Case, differences, shortened
from monitor.portals.trial import Trial, TriedColumn
from tests.crawler.forked import forking
from tests.crawler.small_site import Site, detail, html, row, serve


def nianbao(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--config", str(folder / "config.toml")])


def portal_file(folder: Path, host: str, more: str = "", path: str = "/old/") -> None:
    (folder / "portals").mkdir(exist_ok=True)
    (folder / "config.toml").touch()
    (folder / "portals" / "liuxi.toml").write_text(
        f'name = "柳溪县人民政府"\nplatform = "static_list"\nallowed_hosts = ["{host}"]\nplace = "柳溪县"\n{more}'
        f'[[columns]]\nurl = "http://{host}{path}"\n',
        "utf-8",
    )


@pytest.fixture(autouse=True)
def cheap_children(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with forking(monkeypatch):
        yield


@pytest.fixture
def site() -> Iterator[Site]:
    """A list behind a redirect, five reports, one of them behind a redirect, one gone."""
    names = ("财政局", "水利局", "审计局", "教育局", "民政局")
    rows = "".join(row(f"{number}.html", name) for number, name in enumerate(names))
    with serve() as site:
        site.pages = {
            "/old/": (301, {"Location": "/nb/"}, b""),
            "/nb/": html(f"<ul>{rows}</ul>"),
            "/nb/1.html": (302, {"Location": "/nb/moved.html"}, b""),
            "/nb/moved.html": detail("水利局"),
            **{f"/nb/{number}.html": detail(names[number]) for number in (0, 2, 3)},
        }
        yield site


def test_a_trial_stores_nothing_and_opens_some(site: Site, tmp_path: Path) -> None:
    portal_file(tmp_path, site.host, "expect = { min = 5, max = 9 }\n")
    result = nianbao(tmp_path, "portal", "test", "liuxi", "--pages", "2", "--json")
    assert result.exit_code == 0, result.output
    trial = json.loads(result.stdout)
    assert trial["is_fine"] and trial["listed"] == 5 and trial["outcome"] == "ok"
    assert [(column["outcome"], column["pages"], column["reports"]) for column in trial["columns"]] == [("ok", 1, 5)]
    agencies = {(report["agency"], report["year"]) for report in trial["reports"]}
    assert agencies == {(f"柳溪县{name}", 2023) for name in ("财政局", "水利局", "审计局", "教育局", "民政局")}
    # The first and the last of the list, by date and address.
    assert [path for path in site.paths() if path.startswith("/nb/")] == ["/nb/", "/nb/4.html", "/nb/0.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "portals"]


def test_too_few_is_not_fine(site: Site, tmp_path: Path) -> None:
    portal_file(tmp_path, site.host, "expect = { min = 6 }\n")
    result = nianbao(tmp_path, "portal", "record", "liuxi", "--pages", "0")
    assert result.exit_code == 2
    assert "5 reports are listed, expect.min is 6" in result.stderr
    assert (
        "not fine; 1 of 1 column read to the end, 5 reports listed (expect at least 6: does not hold)" in result.stderr
    )
    assert "nothing was recorded" in result.stderr and not (tmp_path / "recorded").exists()


def test_a_recorded_portal_is_played_without_it(site: Site, tmp_path: Path) -> None:
    portal_file(tmp_path, site.host)
    missing = nianbao(tmp_path, "portal", "test", "liuxi", "--recorded")
    assert missing.exit_code == 2 and "nianbao portal record liuxi" in missing.stderr
    result = nianbao(tmp_path, "portal", "record", "liuxi", "--pages", "9")
    assert result.exit_code == 0, result.output
    case = tmp_path / "recorded" / "liuxi"
    assert sorted(path.name for path in case.iterdir()) == [ANSWERS, EXPECTED]
    expected = json.loads((case / EXPECTED).read_text("utf-8"))
    assert expected["pages"] == 9 and len(expected["reports"]) == 5
    asked = len(site.asked)
    site.pages = {}  # nothing is there any more
    again = nianbao(tmp_path, "portal", "test", "liuxi", "--recorded")
    assert again.exit_code == 0, again.output
    assert again.stdout == f"liuxi: as it was recorded on {expected['recorded_at'][:10]}\n"
    assert len(site.asked) == asked
    # A change of the file that loses the list is told, and a page that was not recorded is not asked for.
    portal_file(tmp_path, site.host, path="/other/")
    changed = nianbao(tmp_path, "portal", "test", "liuxi", "--recorded", "--json")
    assert changed.exit_code == 2 and len(site.asked) == asked
    said = json.loads(changed.stdout)["differences"]
    assert any("the crawl was ok, and is failed" in sentence for sentence in said)
    assert any("/other/: is asked for now, and was not when it was recorded" in sentence for sentence in said)
    assert sum("is not there any more" in sentence for sentence in said) >= 6  # the column and its reports
    (case / EXPECTED).write_text('{"format": 9}', "utf-8")
    broken = nianbao(tmp_path, "portal", "test", "liuxi", "--recorded")
    assert broken.exit_code == 2 and "record it again" in broken.stderr


def test_replay_answers_by_method_and_body(tmp_path: Path) -> None:
    """A portal whose further pages are posted for: what was posted belongs to the question."""
    country = Country.build(1, agencies=40, years=[2022, 2023], portals=1)  # more than one group of three pages
    place = country.places[0]
    items = publications(country, place)
    county = site_class("jpage")("liuxi", "柳溪县人民政府", place.name, items, variant="post")
    now = country.demo_days()[-1]
    (tmp_path / "portals").mkdir()
    (tmp_path / "config.toml").touch()
    with PortalServer([county], now) as server:
        (path,) = server.portal_tomls(tmp_path / "portals")
        result = nianbao(tmp_path, "portal", "record", "liuxi", "--pages", "1", "--now", now.isoformat())
        listed = len(server.truth("liuxi"))
        origin = server.origin("liuxi")
    assert result.exit_code == 0, result.output
    again = nianbao(tmp_path, "portal", "test", "liuxi", "--recorded")
    assert again.exit_code == 0, again.output
    answers = tmp_path / "recorded" / "liuxi" / ANSWERS
    expected = json.loads((answers.parent / EXPECTED).read_text("utf-8"))
    assert len(expected["reports"]) == listed and expected["recorded_at"].startswith("2024")
    assert any("#post:" in url for url in expected["visits"])
    replay = Replay(answers)
    assert len(replay) >= 3
    home = asyncio.run(replay(Request(load_portal(path).columns[0].url)))
    assert home.status == 200 and b"dataproxy" in home.body
    for unknown in (Request(f"{origin}/nowhere"), FormRequest(load_portal(path).columns[0].url, formdata={"a": "b"})):
        with pytest.raises(DownloadFailedError, match="not recorded"):
            asyncio.run(replay(unknown))
    answers.write_bytes(answers.read_bytes()[:2000])
    cut = nianbao(tmp_path, "portal", "test", "liuxi", "--recorded")
    assert cut.exit_code == 2 and "answers.warc.gz beside it is not the file that belongs to it" in cut.stderr
    for data in (b"", b"no web archive"):
        answers.write_bytes(data)
        with pytest.raises(CrawlError, match="record it again"):
            Replay(answers)


def test_a_recorded_portal_has_no_pace(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        'name = "aa"\nplatform = "static_list"\nallowed_hosts = ["www.example.gov.cn"]\nfetch = "browser"\n'
        'hours = "01:00-02:00"\nproxy = "A"\ndelay_s = 9.0\n[[columns]]\nurl = "https://www.example.gov.cn/a/"\n'
    )
    real = load_portal(tmp_path / "a.toml")
    played = as_recorded(real)
    assert real.is_paced and not played.is_paced
    assert (played.fetch, played.proxy, played.open_hours, played.delay_s) == ("plain", None, None, 0.0)
    assert (played.id, played.columns, played.daily_budget) == (real.id, real.columns, real.daily_budget)


def test_differences_are_sentences() -> None:
    report = {"url": "http://h/1", "title": "甲", "agency": "甲局", "year": 2023, "listed_on": None, "column": "c"}
    about = {"format": 1, "portal": "a", "recorded_at": "2024-01-01T00:00:00+00:00", "pages": 5, "documents": []}
    case = Case.model_validate(
        about
        | {
            "outcome": "ok",
            "columns": [{"url": "c", "outcome": "ok", "pages": 2, "reports": 1}],
            "reports": [report],
            "visits": {"c": "ok", "http://h/1": "ok"},
        }
    )
    assert differences(case, case) == []
    now = Case.model_validate(
        about
        | {
            "outcome": "ok",
            "columns": [{"url": "c", "outcome": "unknown", "pages": 2, "reports": 1}],
            "reports": [report | {"agency": None}, report | {"url": "http://h/2"}],
            "visits": {"c": "ok", "http://h/1": "gone"},
        }
    )
    assert differences(case, now) == [
        "column c: outcome was ok, and is unknown",
        "report http://h/1: agency was 甲局, and is nothing",
        "report http://h/2 甲 is new",
        "http://h/1: was ok, and is gone",
    ]


def test_of_many_differences_three_of_a_kind_are_shown() -> None:
    said = [f"report http://h/{n} 甲局 2023年报 is not there any more" for n in range(5)]
    said += [f"http://h/{n}: was ok, and is not asked for any more" for n in range(4)]
    said += ["the crawl was ok, and is failed", *(f"report http://h/{n}: year was 2022, and is {n}" for n in range(3))]
    shown = shortened(said)
    assert shown[:3] == said[:3] and shown[3] == "and 2 more of this kind; --json prints them all"
    assert shown[4:8] == [*said[5:8], "and 1 more of this kind; --json prints them all"]
    assert shown[8:] == said[9:]


def test_a_trial_says_what_is_doubtful_and_is_fine(tmp_path: Path) -> None:
    with serve() as site:
        pager = '<script>createPageHTML(1, 0, "index", "html");</script>'
        rows = "".join(row(f"{number}.html", f"第{number}局") for number in range(12))
        news = '<li><a href="n.html">柳溪县召开会议</a><span>2024-01-02</span></li>'  # counts as an entry too
        site.pages = {"/gkmlpt/nb/": html(f"<ul>{rows}{news}</ul>"), "/whole/": html(f"<ul>{rows}</ul>{pager}")}
        portal_file(tmp_path, site.host, "expect = { min = 9, max = 20 }\n", path="/gkmlpt/nb/")
        result = nianbao(tmp_path, "portal", "test", "liuxi", "--pages", "0")
        assert result.exit_code == 0, result.output
        assert "Doubtful: 2" in result.stdout
        assert "one page with 13 entries, and no pager was seen on it" in result.stdout
        assert "/gkmlpt/ is how addresses of gkmlpt look" in result.stdout
        portal_file(tmp_path, site.host, "expect = { min = 9, max = 20 }\n", path="/whole/")
        whole = nianbao(tmp_path, "portal", "test", "liuxi", "--pages", "0")
        assert whole.exit_code == 0 and "no pager was seen" not in whole.stdout, whole.output


def test_a_trial_of_a_guarded_list_says_what_to_do(tmp_path: Path) -> None:
    with serve() as site:
        site.pages = {"/nb/": html("<script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=1;</script>", 412)}
        portal_file(tmp_path, site.host, path="/nb/")
        result = nianbao(tmp_path, "portal", "test", "liuxi")
    said = " ".join(result.stdout.split())
    assert result.exit_code == 2 and "a browser does not help and is not used for that" in said, result.output


def test_what_is_fine() -> None:
    trial = Trial("a", "2024-01-01", "ok", 5, least=0)
    assert not trial.is_fine  # no column at all
    trial.columns = [TriedColumn("c", "ok"), TriedColumn("d", "empty")]
    assert trial.is_fine
    trial.least = 1
    assert not trial.is_fine
    trial.least, trial.columns = 0, [TriedColumn("c", "ok"), TriedColumn("d")]
    assert not trial.is_fine


def test_the_list_of_portals(site: Site, tmp_path: Path) -> None:
    portal_file(tmp_path, site.host, 'expect = { min = 5, max = 9 }\nhours = "00:00-23:59"\n')
    before = nianbao(tmp_path, "portal", "list", "--json")
    assert before.exit_code == 0, before.output
    state = json.loads(before.stdout)
    assert (state["last_at"], state["listed"], state["next"]) == (None, None, "first crawl; only 00:00-23:59")
    assert not (tmp_path / "nianbao.db").exists()
    assert nianbao(tmp_path, "crawl", "--any-hour").exit_code == 0
    state = json.loads(nianbao(tmp_path, "portal", "list", "liuxi", "--json").stdout)
    assert (state["outcome"], state["listed"], state["expected"], state["keeps"]) == ("ok", 5, "5–9", True)
    assert state["last_at"] == state["good_at"] and state["columns_at"] and state["age_days"] == 0
    with Archive.open(tmp_path / "nianbao.db") as archive:
        a_sample_is_spread(archive)
        later = datetime.now(UTC) + timedelta(minutes=1)
        crawl = archive.crawls.begin("liuxi", later)
        archive.crawls.end(crawl, later, outcome="failed", is_complete=False, summary={"reports": 1})
    state = json.loads(nianbao(tmp_path, "portal", "list", "--json").stdout)
    assert (state["outcome"], state["listed"], state["keeps"]) == ("failed", 1, False)
    shown = nianbao(tmp_path, "portal", "list")
    assert shown.exit_code == 0 and "liuxi" in shown.stdout
    (tmp_path / "portals" / "liuxi.toml").unlink()
    assert "no portal yet" in nianbao(tmp_path, "portal", "list").stdout


def a_sample_is_spread(archive: Archive) -> None:
    """Of what is due, as many reports as wanted stay due, the first and the last among them; nothing else does."""
    last = max(address.due_at for address in archive.frontier.reports("liuxi").values() if address.due_at)
    assert archive.frontier.count_due("liuxi", last) == 5
    archive.frontier.keep_sample("liuxi", last, 3)
    assert {address.url[-6:] for address in archive.frontier.due("liuxi", last, 9)} == {"0.html", "2.html", "4.html"}
    archive.frontier.keep_sample("liuxi", last, 9)
    assert archive.frontier.count_due("liuxi", last) == 3
    archive.frontier.keep_sample("liuxi", last, 0)
    assert archive.frontier.count_due("liuxi", last) == 0
