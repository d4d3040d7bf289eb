"""The zip for a journalist: complete, checked by its own instructions, and one flipped byte is found."""

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from db.archive import Archive
from db.collected.visit_text import visit_text
from monitor.cli import main
from monitor.config import load_config
from monitor.evidence.daily import keep_daily, make_manifests, stamp_manifests
from tests.monitor.evidence_archive import ABSENT, ADDED, CARRIED, READ_DAYS, Season, season
from tests.monitor.loopback_tsa import LoopbackTsa, openssl

NOW = READ_DAYS[-1].replace(month=3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """A season with manifests, the last of them stamped."""
    folder = tmp_path_factory.mktemp("season")
    with LoopbackTsa(tmp_path_factory.mktemp("tsa")) as tsa, season(folder) as played:
        settings = f'[evidence]\ntimestamp_url = "{tsa.url}"\ntimestamp_ca = "{tsa.ca}"\n'
        (folder / "config.toml").write_text(settings, "utf-8")
        manifests = make_manifests(played.archive, NOW)
        assert stamp_manifests(played.archive, load_config(folder / "config.toml"), manifests[-1:]) == []
        yield played


@pytest.fixture
def here(made: Season, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(made: Season, *arguments: str, status: int = 0) -> Result:
    settings = str(made.path.with_name("config.toml"))
    result = CliRunner().invoke(main, ["evidence", *arguments, "--config", settings])
    assert result.exit_code == status, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result


def _unpacked(made: Season, here: Path, *wanted: str) -> Path:
    _run(made, *wanted, "--out", "bundle.zip")
    with zipfile.ZipFile(here / "bundle.zip") as bundle:
        bundle.extractall(here / "bundle")
    return here / "bundle"


def _check(folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run what README.txt says for Linux."""
    lines = (folder / "README.txt").read_text("utf-8").splitlines()
    command = lines[lines.index("Linux:") + 1].strip()
    if shutil.which(shlex.split(command)[0]) is None:
        pytest.skip("sha256sum is not installed")
    return subprocess.run(shlex.split(command), cwd=folder, capture_output=True, timeout=60, env={"LC_ALL": "C"})


def _data(folder: Path) -> dict:
    return json.loads((folder / "data.json").read_text("utf-8"))


class _Page(HTMLParser):
    """Tags, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_finding_about_two_years_has_both_documents(made: Season, here: Path) -> None:
    folder = _unpacked(made, here, made.carry_over)
    data = _data(folder)
    assert [(report["year"], report["agency"]) for report in data["reports"]] == [
        (CARRIED.year, CARRIED.agency),
        (CARRIED.year - 1, CARRIED.agency),
    ]
    for document in data["documents"]:
        body = (folder / document["file"]).read_bytes()
        assert hashlib.sha256(body).hexdigest() == document["sha256"]
        assert made.archive.get_document(document["sha256"]) == body
    page = _Page((folder / "index.html").read_text("utf-8"))
    assert data["finding"]["sentence_zh"] in page.text and data["finding"]["sentence_en"] in page.text
    observed, expected = data["finding"]["observed"], data["finding"]["expected"]
    marked = re.findall(r'class="number (?:marked|main)"[^>]*>(\d+)<', (folder / "index.html").read_text("utf-8"))
    assert {str(observed), str(expected)} <= set(marked)
    assert "二、上年结转政府信息公开申请数量" in page.text and "四、结转下年度继续办理" in page.text
    assert "文件第2个表格" in page.text or "文件第3个表格" in page.text


def test_every_visit_is_there_whatever_came_of_it(made: Season, here: Path) -> None:
    folder = _unpacked(made, here, made.carry_over)
    visits = _data(folder)["visits"]
    own = [v for v in visits if "/2023/" in v["url"]]
    assert [(v["status"], v["outcome"]) for v in own] == [(200, "ok"), (412, "blocked"), (None, "failed"), (200, "ok")]
    first = own[0]
    assert first["redirects"] == [[302, first["url"]]] and first["final_url"] == f"{first['url']}?moved"
    assert first["request_headers"]["User-Agent"] == "nianbao/test"
    assert first["network"]["from"] == "a desk in another town"
    record = (folder / first["file"]).read_text("utf-8")
    seen = next(v for v in made.archive.evidence.visits_to([first["url"]]) if v.visit.at.isoformat() == first["at"])
    assert record == visit_text(seen.visit)
    assert "< server: 名称/1\n" in record and "> User-Agent: nianbao/test\n" in record


def test_an_absence_shows_what_the_lists_showed(made: Season, here: Path) -> None:
    folder = _unpacked(made, here, made.missing)
    data = _data(folder)
    assert data["reports"] == [] and data["finding"]["rule"] == "missing"
    reads = data["reads"]
    assert [read["at"][:10] for read in reads] == ["2024-01-30", "2024-02-05", "2024-02-07", "2024-02-20"]
    assert [read["is_ground"] for read in reads] == [False, True, True, True]
    assert all(read["is_complete"] and read["is_linked"] for read in reads)
    page = _Page((folder / "index.html").read_text("utf-8"))
    for read in reads:
        assert read["column"] == made.columns["county_990181"]
        for part in read["pages"]:
            text = (folder / part["list"]).read_bytes()
            assert hashlib.sha256(text).hexdigest() == part["links_sha256"]
            titles = [title for _, title, _ in json.loads(text)]
            assert not any(ABSENT.agency in title and "2023" in title for title in titles)
            assert len(titles) == part["entries"] > 0
            visit = data["visits"][part["visit"] - 1]
            document = next(d for d in data["documents"] if d["sha256"] == visit["sha256"])
            assert (folder / document["file"]).is_file()
    assert "每一页都已取得" in page.text
    assert re.search("其中标题含该机关名称（槿汀市审计局.*?）及“2023”字样的0条", page.text)
    assert "未查到仅指上列栏目在上列时间的情形" in page.text
    # What was not kept, or did not come again, is said.
    unkept = [v for v in data["visits"] if v["body_sha256"]]
    assert len(unkept) == 2 and all(v["bytes_from"].startswith("2024-01-30") for v in unkept)
    assert "same entries and other counters; its own bytes were not kept (SHA-256 abababababab…)" in page.text
    assert "The server said: not modified. The bytes came with the visit of 2024-01-30" in page.text


def test_what_was_added_by_hand_is_said_to_be(made: Season, here: Path) -> None:
    sha256 = hashlib.sha256(ADDED).hexdigest()
    folder = _unpacked(made, here, sha256)
    page = _Page((folder / "index.html").read_text("utf-8"))
    assert "it was not fetched from the site by this system. By whom: 未记录 / not recorded" in page.text
    assert "/data/somebody" not in re.sub(r"(?s)<pre>.*?</pre>", "", (folder / "index.html").read_text("utf-8"))
    assert (folder / _data(folder)["documents"][0]["file"]).read_bytes() == ADDED


def test_who_added_a_file_is_said_where_it_was_written_down() -> None:
    from db.records import Visit
    from monitor.evidence.case import Look
    from monitor.evidence.page import added_by

    network = {"by": "desk", "added_at": "2024-02-01T02:00:00+00:00"}
    visit = Visit(None, "file:///r.html", "added", NOW, None, "ok", network=network)
    assert added_by(Look(1, visit, "visits/1.txt")) == {"who": "desk", "added": "2024-02-01T02:00:00+00:00"}


def test_the_main_job_makes_and_stamps_what_is_lacking(tmp_path: Path) -> None:
    with LoopbackTsa(_made(tmp_path / "tsa")) as tsa, season(_made(tmp_path / "season")) as played:
        path = tmp_path / "season" / "config.toml"
        assert keep_daily(played.archive, load_config(path), NOW) == []
        assert [m.token for m in played.archive.manifests.listed()] == [None] * 4
        path.write_text(f'[evidence]\ntimestamp_url = "{tsa.url}"\n', "utf-8")
        tsa.status = 503
        (sentence,) = keep_daily(played.archive, load_config(path), NOW)
        assert "the manifest of 2024-01-30: 127.0.0.1" in sentence and len(tsa.asked) == 1
        tsa.status = 200
        assert keep_daily(played.archive, load_config(path), NOW) == []
        assert all(m.token for m in played.archive.manifests.listed())
        assert keep_daily(played.archive, load_config(path), NOW) == []
        assert len(tsa.asked) == 5


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_the_page_needs_nothing_from_outside(made: Season, here: Path) -> None:
    for wanted in (made.carry_over, made.missing):
        folder = _unpacked(made, here, wanted)
        page = _Page((folder / "index.html").read_text("utf-8"))
        assert not page.tags & {"script", "img", "iframe", "link", "object", "embed", "form"}
        local = [link for link in page.links if "://" not in link]
        assert local and all((folder / link).is_file() for link in local)
        assert {"zh", "en"} <= set(re.findall(r'lang="(\w+)"', (folder / "index.html").read_text("utf-8")))
        shutil.rmtree(folder)


def test_what_others_wrote_cannot_change_the_page(made: Season, here: Path, tmp_path: Path) -> None:
    from monitor.evidence.words import address, shown

    assert shown("<script>\u202e\x07&") == "&lt;script&gt;⟨U+202E⟩⟨U+0007⟩&amp;"
    assert 'href="javascript' not in address("javascript:alert(1)")
    assert address('http://x/"><b>').count("<") == 2


@pytest.mark.parametrize("which", ["carry_over", "missing"])
def test_the_bundle_is_checked_by_its_own_instructions(made: Season, here: Path, which: str) -> None:
    folder = _unpacked(made, here, getattr(made, which))
    assert _check(folder).returncode == 0
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()}
    assert {str(path.relative_to(folder)) for path in files} - {"SHA256SUMS"} == listed
    kinds = {(path.parent.name, path.suffix): path for path in files if path.name != "SHA256SUMS"}
    assert {("manifests", ".tsr"), ("manifests", ".pem"), ("visits", ".txt"), ("documents", ".html")} <= kinds.keys()
    for path in kinds.values():
        whole = path.read_bytes()
        for place in (0, len(whole) // 2, len(whole) - 1):
            flipped = bytearray(whole)
            flipped[place] ^= 1
            path.write_bytes(flipped)
            if path.name != "README.txt":  # the instructions are read before they are flipped
                assert _check(folder).returncode != 0, (path, place)
        path.write_bytes(whole)
    (folder / "README.txt").write_bytes((folder / "README.txt").read_bytes() + b"x")
    assert _check(folder).returncode != 0


def test_the_manifests_and_their_stamp_hold(made: Season, here: Path) -> None:
    folder = _unpacked(made, here, made.carry_over)
    readme = (folder / "README.txt").read_text("utf-8")
    commands = sorted({line.strip() for line in readme.splitlines() if line.strip().startswith("openssl ts ")})
    assert len(commands) == 1
    arguments = [str(folder / a) if a.startswith("manifests/") else a for a in shlex.split(commands[0])[1:]]
    assert b"Verification: OK" in openssl(*arguments)
    # The chain leads from each day to the stamped one, and each visit's file is what its manifest says.
    texts = {path.stem: path.read_text("utf-8") for path in (folder / "manifests").glob("*.txt")}
    days = sorted(texts)
    for before, day in pairwise(days):
        digest = hashlib.sha256(texts[before].encode()).hexdigest()
        assert texts[day].endswith(f"previous\t{before}\t{digest}\n")
    for visit in _data(folder)["visits"]:
        digest = hashlib.sha256((folder / visit["file"]).read_bytes()).hexdigest()
        line = next(line for line in texts[visit["manifest"]].splitlines() if line.endswith(f"\t{digest}"))
        assert visit["url"] in line and (visit["sha256"] or "-") in line


def test_the_same_archive_gives_the_same_zip(made: Season, here: Path) -> None:
    said = _run(made, made.carry_over, "--json", "--out", "a.zip").stdout
    _run(made, made.carry_over, "--out", "b.zip")
    assert (here / "a.zip").read_bytes() == (here / "b.zip").read_bytes()
    value = json.loads(said)
    assert value["sha256"] == hashlib.sha256((here / "a.zip").read_bytes()).hexdigest()
    with zipfile.ZipFile(here / "a.zip") as bundle:
        assert value["sums"] == hashlib.sha256(bundle.read("SHA256SUMS")).hexdigest()
        assert value["files"] == len(bundle.namelist())
        assert all(name.isascii() for name in bundle.namelist())
    assert sorted(path.name for path in here.iterdir()) == ["a.zip", "b.zip"]


def test_a_report_is_named_in_every_way(made: Season, here: Path) -> None:
    row = next(r for r in made.archive.evidence.reports(year=CARRIED.year))
    wanted = [
        [row.agency, str(row.year)], [f"{row.agency} {row.year}"], [f"{row.agency}{row.year}年"], [row.sha256],
        [row.sha256[:12]], [row.url], ["990121:统计局", "2023"],
    ]  # fmt: skip
    seen = set()
    for number, words in enumerate(wanted):
        _run(made, *words, "--out", f"{number}.zip")
        seen.add((here / f"{number}.zip").read_bytes())
    assert len(seen) == 1
    with zipfile.ZipFile(here / "0.zip") as bundle:
        assert json.loads(bundle.read("data.json"))["finding"] is None
        page = bundle.read("index.html").decode()
    assert "It makes no claim about the report." in page
    assert page.count("<tr") > 30, "without a finding all rows are shown"


def test_what_may_mean_several_things_is_listed(made: Season, here: Path) -> None:
    said = _run(made, CARRIED.agency, status=2).stderr
    assert "may mean any of these; say which:" in said
    assert said.count("nianbao:   report ") == 2
    near = _run(made, "统计局 2023", status=2).stderr
    assert "may mean any of these" in near and CARRIED.agency in near, "a part of a name is never taken by guess"
    assert "no finding and no report is called so" in _run(made, "0000000000000000", status=2).stderr
    assert "no finding and no report is called so" in _run(made, "火星局 2023", status=2).stderr
    assert list(here.iterdir()) == []


def test_a_lost_document_is_said_to_be_lost(made: Season, here: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made.path.parent, copy)
    with Archive.open(copy / "nianbao.db") as archive:
        sha256 = archive.evidence.reports(year=CARRIED.year)[0].sha256
        archive.documents.path(sha256).unlink()
    result = CliRunner().invoke(
        main, ["evidence", made.carry_over, "--archive", str(copy / "nianbao.db"), "--out", "c.zip"]
    )
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile("c.zip") as bundle:
        assert f"The bytes of document {sha256} are no longer in the archive" in bundle.read("index.html").decode()


def test_a_place_that_cannot_be_written_is_one_sentence(made: Season, here: Path) -> None:
    said = _run(made, made.missing, "--out", "no/such/folder.zip", status=2).stderr
    assert said.startswith("nianbao: no/such/folder.zip: cannot be written") and said.count("\n") == 1


def _state_of(folder: Path) -> tuple[str, dict]:
    page = (folder / "index.html").read_text("utf-8")
    return page, _data(folder)["finding"]["standing"]


def test_what_people_call_wrong_is_not_shown_as_standing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with season(_made(tmp_path / "season")) as played:
        plain, standing = _state_of(_unpacked(played, tmp_path, played.carry_over))
        assert "仍然成立" in plain and standing["stands"] is True and "请注意：" not in plain
        say = partial(played.archive.life.answer, played.carry_over, at=NOW)
        say("checked", by="李强")
        checked, standing = _state_of(_unpacked(played, tmp_path, played.carry_over))
        assert "已有1人核对" in checked and standing["checked"] == 1 and "李强" not in checked
        say("muted", by="李强", until=NOW + timedelta(days=3))
        muted, standing = _state_of(_unpacked(played, tmp_path, played.carry_over))
        assert "仍然成立" not in muted and "已设为不再提醒（至" in muted and standing["is_muted"]
        say("wrong", by="王敏", reason="第3页跨页，王敏看过，电话13812345678")
        folder = _unpacked(played, tmp_path, played.carry_over)
        wrong, standing = _state_of(folder)
        assert "经人核对认为不成立（理由：第3页跨页，某人看过，电话[电话]）" in wrong and "仍然成立" not in wrong
        assert not standing["stands"] and standing["wrong"] == ["第3页跨页，某人看过，电话[电话]"]
        readme = (folder / "README.txt").read_text("utf-8")
        assert "经人核对认为不成立" in readme and "calls it wrong" in readme
        assert all("王敏" not in path.read_text("utf-8") for path in folder.glob("*.*"))
        played.archive.life.suspend("missing", by="desk", reason="见第3页", at=NOW)
        absent, standing = _state_of(_unpacked(played, tmp_path, played.missing))
        assert "得出它的规则目前停用" in absent and not standing["stands"]


def test_folders_of_whoever_added_a_file_are_left_out(made: Season, here: Path) -> None:
    folder = _unpacked(made, here, hashlib.sha256(ADDED).hexdigest())
    texts = [p for p in folder.rglob("*") if p.suffix in (".txt", ".json", ".html") and p.parent.name != "manifests"]
    assert texts and all("somebody" not in path.read_text("utf-8") for path in texts)
    (look,) = [one for one in _data(folder)["visits"] if one["url"].startswith("file:")]
    assert re.fullmatch(r"file:[0-9a-f]{12}/[^/]+", look["url"])
    digest = re.search(r"record-sha256: ([0-9a-f]{64})", (folder / look["file"]).read_text("utf-8"))
    assert digest and digest[1] in (folder / f"manifests/{look['manifest']}.txt").read_text("utf-8")
