"""Nothing is left out of the evidence of an absence, nothing is said of it that the bundle does not show."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.archive import Archive
from db.records import ColumnRead, ListedLink, ListedPage, Outcome, Sighting, Visit
from monitor.cli import main
from tests.monitor.evidence_archive import ABSENT, ADDED, READ_DAYS, season

COLUMN = "https://county_990181.example.gov.cn/nb/"
PORTAL = "county_990181"
LATER = READ_DAYS[-1] + timedelta(days=1)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("season")
    with season(folder) as made:
        fingerprint = made.missing
    yield folder, fingerprint


Bundle = Callable[..., tuple[dict, str, str]]


@pytest.fixture
def bundle(played: tuple[Path, str], tmp_path: Path) -> Iterator[tuple[Archive, Bundle]]:
    """A copy of the season to write into, and what is in the bundle made of it: data.json, index.html, README.txt."""
    folder, fingerprint = played
    shutil.copytree(folder, tmp_path / "season")
    path = tmp_path / "season" / "nianbao.db"

    def made(wanted: str = fingerprint, config: str = "") -> tuple[dict, str, str]:
        settings = path.with_name("config.toml")
        settings.write_text(config, "utf-8")
        out = tmp_path / "bundle.zip"
        arguments = ["evidence", wanted, "--archive", str(path), "--config", str(settings), "--out", str(out)]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        with zipfile.ZipFile(out) as zipped:
            data = json.loads(zipped.read("data.json"))
            assert {v["file"] for v in data["visits"]} <= set(zipped.namelist())
            return data, zipped.read("index.html").decode(), zipped.read("README.txt").decode()

    with Archive.open(path) as archive:
        yield archive, made


def _read(archive: Archive, at: datetime, outcome: Outcome, visits: list[Visit], *links: ListedLink) -> None:
    listing = [ListedPage(archive.add_visit(visit), archive.keep_links(list(links))) for visit in visits]
    archive.add_column_read(ColumnRead(PORTAL, COLUMN, at, outcome, len(visits), listing=listing))


def _rows(page: str) -> list[str]:
    """The rows of the table of reads."""
    return [row for row in re.findall(r"(?s)<tr.*?</tr>", page) if "Pages" in row and "<td" in row]


def test_refused_and_failed_visits_of_other_days_are_in_it(bundle: tuple[Archive, Bundle]) -> None:
    archive, made = bundle
    before = {(v["url"], v["at"]) for v in made()[0]["visits"]}
    refused = Visit(PORTAL, f"{COLUMN}index_1.html", "list", LATER, 403, "blocked", "refused")
    archive.add_visit(refused)  # without a read of the column, as of a crawl that was killed
    failed = Visit(PORTAL, COLUMN, "list", READ_DAYS[1] + timedelta(days=1), None, "failed", "no answer")
    archive.add_visit(failed)
    data, page, _ = made()
    new = {(v["url"], v["at"]) for v in data["visits"]} - before
    assert new == {(v.url, v.at.isoformat()) for v in (refused, failed)}
    assert "Every visit to these addresses" in page and "403 " in page


def test_reads_of_every_outcome_and_later_ones_are_listed(bundle: tuple[Archive, Bundle]) -> None:
    archive, made = bundle
    moment = LATER + timedelta(seconds=1)
    blocked = Visit(PORTAL, COLUMN, "list", moment, 412, "blocked", "challenge")
    _read(archive, LATER, "blocked", [blocked])
    title = f"{ABSENT.agency}2023年政府信息公开工作年度报告"
    shown = ListedLink(f"{COLUMN}late.html", title, "2024-02-22")
    day_after = LATER + timedelta(days=1)
    _read(archive, day_after, "ok", [Visit(PORTAL, COLUMN, "list", day_after, 200, "ok")], shown)
    data, page, _ = made()
    assert [(r["outcome"], r["is_complete"], r["is_ground"]) for r in data["reads"]] == [
        ("ok", True, False), ("ok", True, True), ("ok", True, True), ("ok", True, True),
        ("blocked", False, False), ("ok", True, False),
    ]  # fmt: skip
    assert moment.isoformat() in {v["at"] for v in data["visits"]}
    assert (
        "All reads of this list in the archive, whatever came of them: 6. Those that the finding rests on: 3." in page
    )
    assert "Reads marked “complete”: 5." in page
    by_outcome = {"被拦截" in row: "complete" in row for row in _rows(page)}
    assert by_outcome == {True: False, False: True}
    # What speaks against the finding is said, and shown.
    assert "title (Beijing time): 2024-02-22 10:00:00" in page and title in page


def test_columns_that_could_carry_it_are_in_it_though_the_finding_rests_on_none_of_their_reads(
    bundle: tuple[Archive, Bundle], tmp_path: Path
) -> None:
    archive, made = bundle
    other = "https://county_990181.example.gov.cn/second/"
    archive.add_visit(Visit(PORTAL, other, "list", LATER, 403, "blocked", "refused"))
    archive.add_column_read(ColumnRead(PORTAL, other, LATER, "blocked", 1))
    data, page, _ = made()  # the settings name no portal: all columns that were read
    assert {r["column"] for r in data["reads"]} == {COLUMN, other}
    assert (other, 403) in {(v["url"], v["status"]) for v in data["visits"]}
    # The settings name the portal: its columns of that year, those never read too.
    portals = tmp_path / "season" / "portals"
    portals.mkdir()
    never = "https://city.example.gov.cn/nb/"
    columns = "".join(
        f'[[columns]]\nurl = "{url}"\nyear = {year}\n' for url, year in ((f"{never}2022/", 2022), (never, 2023))
    )
    (portals / f"{PORTAL}.toml").write_text(
        f'name = "某县"\nplatform = "static_list"\nallowed_hosts = ["city.example.gov.cn"]\n{columns}',
        "utf-8",
    )
    data, page, _ = made(config='portals = ["portals"]\n')
    assert {r["column"] for r in data["reads"]} == {COLUMN}
    assert never in page and f"{never}2022/" not in page
    assert page.count("The archive has no read of this list.") == 1


def _as_of_first_schema(archive: Archive) -> None:
    """What the second migration makes of an archive of the first schema: one page for a whole list, without visit."""
    with archive.write() as connection:
        connection.execute("DELETE FROM column_read_pages WHERE position > 0")
        connection.execute("UPDATE column_read_pages SET visit_id = NULL")


def test_pages_without_a_link_are_found_by_address_and_time(bundle: tuple[Archive, Bundle]) -> None:
    archive, made = bundle
    linked = {v["url"] for v in made()[0]["visits"]}
    assert linked == {COLUMN, f"{COLUMN}index_1.html"}
    _as_of_first_schema(archive)
    data, page, _ = made()
    assert {v["url"] for v in data["visits"]} == linked, "page 2 is in it"
    assert [(len(r["visits"]), r["is_linked"], r["is_complete"]) for r in data["reads"]] == [(2, False, True)] * 4
    assert page.count("the visits given were found by address and time") == 4
    assert "What all pages together listed on 2024-02-20" in page


def test_pages_that_cannot_be_linked_are_said_to_be(bundle: tuple[Archive, Bundle]) -> None:
    archive, made = bundle
    _as_of_first_schema(archive)
    elsewhere = "https://county_990181.example.gov.cn/other/"
    with archive.write() as connection:
        connection.execute("UPDATE visits SET url = ? || at WHERE url = ?", (elsewhere, f"{COLUMN}index_1.html"))
    data, page, _ = made()
    assert [(len(r["visits"]), r["is_complete"]) for r in data["reads"]] == [(1, False)] * 4
    assert page.count("for this read the pages beyond the first are not linked") == 4
    assert "every page of the list was obtained" not in page and "每一页都已取得" not in page
    with archive.write() as connection:
        connection.execute("UPDATE visits SET url = ? || id WHERE url = ?", (elsewhere, COLUMN))
    data, page, _ = made()
    assert data["visits"] == [] and page.count("for this read no page is linked to a visit") == 4


def test_a_pretended_time_is_said_everywhere(bundle: tuple[Archive, Bundle]) -> None:
    archive, made = bundle
    _, page, readme = made()
    assert "pretended" not in page + readme
    network = {"from": None, "via": "direct", "server": "127.0.0.1", "tls": None, "clock": "pretended"}
    archive.add_visit(Visit(PORTAL, COLUMN, "list", LATER, 200, "ok", network=network))
    data, page, readme = made()
    banner = f"of the {len(data['visits'])} visits in this bundle 1 were made by crawls that played another day"
    for text in (page, readme):
        assert banner in text and "由按设定日期运行的抓取作出，其时间系设定" in text
    assert page.count("its time is a pretended one") == 1 and "127.0.0.1, pretended" not in page
    assert data["visits_with_pretended_time"] == 1 and data["visits"][-1]["network"]["clock"] == "pretended"


def test_a_page_that_a_browser_showed_is_said_to_be_one(bundle: tuple[Archive, Bundle]) -> None:
    archive, made = bundle
    data, page, readme = made()
    assert data["visits_shown_by_a_browser"] == 0 and "显示后的页面" not in page + readme
    network = {"from": None, "via": "direct", "server": "127.0.0.1", "tls": None, "by": "browser", "page": "ab" * 32}
    archive.add_visit(Visit(PORTAL, COLUMN, "list", LATER, 200, "ok", network=network))
    data, page, readme = made()
    for text in (page, readme):
        assert "1 were to pages that only a browser running their scripts can show" in text and "显示后的页面" in text
    assert page.count("the page as a browser showed it") == 1 and "ab" * 32 in page
    assert data["visits_shown_by_a_browser"] == 1


def test_folders_of_an_adder_are_not_in_the_page_and_the_readme_says_where_they_are(
    bundle: tuple[Archive, Bundle],
) -> None:
    import hashlib

    archive, made = bundle
    data, page, readme = made(hashlib.sha256(ADDED).hexdigest())
    assert "odd.html" in page and "/data/somebody" not in page
    assert re.fullmatch("file:[0-9a-f]{12}/odd.html", data["visits"][0]["url"])
    for text in (page, readme):
        assert "their path on the machine of whoever added them is left out" in text and "添加者机器上的路径" in text
    # A sighting without a visit: its address is said too, without folders.
    sha256 = archive.put_document(b"other", media=None, seen_at=LATER)
    url = "file:///data/somebody/other.html"
    archive.add_sighting(Sighting(None, url, url, "page", None, None, sha256, LATER))
    _, page, _ = made(sha256)
    assert "no visit on record to: other.html" in page and "/data/somebody" not in page
    # Where nothing was added, nothing is said; a manifest that lists an added file is enough.
    assert "whoever added them" not in made()[2]
    archive.manifests.make(READ_DAYS[0].date(), datetime(2024, 3, 1, tzinfo=UTC))
    assert "whoever added them" in made()[2]


def _said(played: tuple[Path, str], *words: str) -> str:
    archive = str(played[0] / "nianbao.db")
    result = CliRunner().invoke(main, ["evidence", *words, "--archive", archive, "--out", "never.zip"])
    assert result.exit_code == 2 and "Traceback" not in result.output, (result.output, result.exception)
    assert not Path("never.zip").exists()
    return result.stderr


def test_what_is_asked_for_must_be_named(played: tuple[Path, str], bundle: tuple[Archive, Bundle]) -> None:
    fingerprint = played[1]
    for nothing in ("", "  "):
        said = _said(played, nothing)
        assert said.startswith("nianbao: say what the evidence is for") and said.count("\n") == 1
    assert "the beginning of a fingerprint needs 4 digits or more" in _said(played, f"{fingerprint[:2]}f"[:3])
    assert bundle[1](fingerprint[:4])[0]["finding"]["fingerprint"] == fingerprint
    assert _said(played, "县").count("\n") <= 12
