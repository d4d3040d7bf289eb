"""The release bundle: the same figures in every format, nothing private in any, and it opens as its README says."""

import csv
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyarrow import parquet as arrow

from db.archive import Archive
from db.records import Finding, Sighting, Visit
from db.release.tables import AS_TABLES, LEFT_OUT, TABLES
from monitor.cli import main
from monitor.duties import BEFORE_2019, DUTIES, LOCAL
from monitor.exports.bundle import write_bundle
from monitor.exports.rules import listed_rules
from monitor.rules import rule_names
from parsers.report import Doubt, Figure, Report, Section
from tests.db.archive_samples import make_report
from tests.monitor.evidence_archive import Season, season

NOW = datetime(2024, 5, 1, 8, tzinfo=UTC)
URL = "https://liuxi.example.gov.cn/2023.html"
HIDDEN_URL = "https://liuxi.example.gov.cn/2022.html"
FOLDER = "/data/somebody/reports"
PRIVATE = (
    "0571-88886666", "13812345678", "liuxi@example.com", "王小明", "watch@desk.example", "SECRETCOOKIE",
    "SECRETSESSION", "somebody/", "wenqing", "SECRETPROXY", "a reader's letter", "夏某某不愿公开", "隐去的标题",
    HIDDEN_URL, "370811198001011234", "liuxi_wx01",
)  # fmt: skip
"""What the archive holds and no file of the bundle may: numbers, names, cookies, folders, what was taken down."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    """A season, and two reports with all that must be masked or withheld."""
    with season(tmp_path_factory.mktemp("season")) as played:
        _add_private(played.archive)
        yield played


def _add_private(archive: Archive) -> None:
    archive.add_portal("liuxi", "柳溪县人民政府", "static_list")
    contact = (
        "联系人：王小明，电话：0571-88886666，手机13812345678，邮箱liuxi@example.com。热线12345。受理13812345678件。"
    )
    joined = "传真：0571-88886666，13812345678。身份证370811198001011234，微信号liuxi_wx01"
    report = replace(
        make_report(values={"applications.new.total": None, "disclosure.fees.amount": 12.5}),
        sections=[
            Section(1, "总体情况", contact),
            Section(2, "主动公开", joined),
            Section(5, "问题", '=1+1，\n“引号”,"a"'),
        ],
        doubts=[Doubt("applications.new.total", "blank", f"见 0571-88886666，{HIDDEN_URL}")],
        title="示例市财政局2023年政府信息公开工作年度报告（电话13812345678）",
    )
    _store(archive, report, URL, b"public")
    hidden = replace(
        make_report(2022, values={"applications.new.total": 41}),
        sections=[Section(1, "总体情况", "夏某某不愿公开，电话13812345678")],
        title="隐去的标题",
    )
    _store(archive, hidden, HIDDEN_URL, b"hidden")
    archive.takedowns.add(HIDDEN_URL, reason="names somebody", asked_by="a reader's letter", at=NOW)
    by_hand = f"file://{FOLDER}/extra.html"
    sha256 = archive.put_document(b"by hand", media=None, seen_at=NOW)
    network = {"by": "wenqing", "added_at": NOW.isoformat()}
    archive.add_visit(Visit(None, by_hand, "added", NOW, None, "ok", sha256=sha256, network=network))
    archive.add_sighting(Sighting(None, by_hand, by_hand, "page", None, None, sha256, NOW))
    archive.store_unread(
        sha256, source="added", url=by_hand, kind="no-tables", sentence=f"{by_hand}: no table", seen_at=NOW,
        parser_version="1", title="经办人：王小明",
    )  # fmt: skip


def _store(archive: Archive, report: Report, url: str, body: bytes) -> None:
    sha256 = archive.put_document(body, media="text/html", seen_at=NOW)
    asked = {"User-Agent": "nianbao (watch@desk.example)", "From": "watch@desk.example", "Cookie": "SECRETCOOKIE"}
    came = {"Content-Type": "text/html", "Set-Cookie": "SECRETSESSION=1", "X-Request-Id": "SECRETSESSION"}
    network = {"from": "a desk, watch@desk.example", "via": "proxy SECRETPROXY", "server": "127.0.0.1", "tls": None}
    visit = Visit(
        "liuxi", url, "detail", NOW, 200, "ok", request_headers=asked | {"Accept": "*/*"}, response_headers=came,
        network=network, sha256=sha256,
    )  # fmt: skip
    archive.add_sighting(Sighting("liuxi", url, url, "page", report.title, None, sha256, NOW, archive.add_visit(visit)))
    archive.store_report(
        report, sha256=sha256, agency_id=None, agency="示例市财政局", source="liuxi", url=url, seen_at=NOW,
        parser_version="1", portal="liuxi",
    )  # fmt: skip


@pytest.fixture(scope="module")
def bundle(made: Season, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, as the command writes it in a process of its own."""
    folder = tmp_path_factory.mktemp("bundle") / "release"
    done = _command(str(folder), "--licence", "CC-BY-4.0", "--archive", str(made.path))
    assert done.returncode == 0, done.stderr
    assert re.search(r"release: 6\d files, \d+ reports, \d+ cells; snapshot [0-9a-f]{16}\n", done.stdout)
    assert re.search(
        r"Masked: 3 e-mail .*, 3 lists of persons, 1 identity card number, 1 account. Withheld: ", done.stdout
    )
    return folder


def _command(*words: str) -> "subprocess.CompletedProcess[str]":
    code = "from monitor.cli import entry; entry()"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, "export", *words], capture_output=True, text=True, timeout=120
    )


def _run(*words: str, status: int = 0) -> str:
    done = CliRunner().invoke(main, ["export", *words])
    assert done.exit_code == status, (done.output, done.exception)
    return done.stdout + done.stderr


def _read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    return head, rows


def _sqlite(bundle: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{(bundle / 'nianbao.sqlite').as_uri()}?mode=ro", uri=True)


def _every_text(bundle: Path) -> Iterator[tuple[str, str]]:
    """File -> all that can be read in it."""
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        name = path.relative_to(bundle).as_posix()
        if path.suffix == ".parquet":
            yield name, repr(arrow.read_table(path).to_pydict())
        elif path.suffix == ".sqlite":
            yield name, path.read_bytes().decode("utf-8", "replace")
        else:
            yield name, path.read_text("utf-8")


# What is in it


def test_a_new_table_of_the_archive_is_handed_out_only_once_somebody_has_thought_of_it(made: Season) -> None:
    there = {
        name
        for name, kind in made.archive.query("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")
        if kind not in ("shadow", "view") and not name.startswith(("sqlite_", "_sqlite"))
    }
    assert there == set(TABLES) | LEFT_OUT.keys()


def test_the_database_opens_anywhere_and_is_no_archive(bundle: Path, made: Season) -> None:
    code = (
        "import json, sqlite3; c = sqlite3.connect('nianbao.sqlite'); one = lambda q: c.execute(q).fetchone()[0]\n"
        "names = [n for (n,) in c.execute(\"SELECT name FROM sqlite_master WHERE type IN ('table', 'view')\")]\n"
        "print(json.dumps([one('PRAGMA integrity_check'), one('PRAGMA application_id'), one('PRAGMA user_version'),"
        " one('PRAGMA journal_mode'), {n: one(f'SELECT count(*) FROM \"{n}\"') for n in names}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=bundle, capture_output=True, text=True, check=True)
    check, application, version, journal, counts = json.loads(done.stdout)
    assert (check, application, journal) == ("ok", 0, "delete")
    assert version == made.archive.query("PRAGMA user_version")[0][0]
    assert not counts.keys() & LEFT_OUT.keys() - {"dictionary"}
    views = {"latest", "figures", "changes", "applications", "challenges", "disclosure_2019", "disclosure_2021"}
    assert (
        views | set(TABLES) | set(AS_TABLES) | {"rules", "release", "retractions", "parser_versions"} <= counts.keys()
    )
    for name in set(TABLES) - {"sections", "places", "claims", "dictionary"}:
        assert counts[name] == made.archive.query(f"SELECT count(*) FROM {name}")[0][0], name
    opened = CliRunner().invoke(main, ["findings", "--archive", str(bundle / "nianbao.sqlite")])
    assert opened.exit_code == 2 and "database of another program" in opened.stderr


def test_every_column_is_described(bundle: Path) -> None:
    with _sqlite(bundle) as release:
        told = release.execute("SELECT table_name, column_name, description FROM dictionary").fetchall()
        for (name,) in release.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall():
            if name.startswith("sqlite_"):
                continue
            columns = [c for (c,) in release.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (name,))]
            assert [c for table, c, _ in told if table == name] == ["", *columns]
    undescribed = [(table, column) for table, column, words in told if words in (table, column.replace("_", " "))]
    assert undescribed == []
    page = (bundle / "DICTIONARY.md").read_text("utf-8")
    assert "## `latest` (view)" in page and "一、本年新收政府信息公开申请数量" in page


def test_cells_are_what_the_archive_read(bundle: Path, made: Season) -> None:
    head, rows = _read_csv(bundle / "csv/cells.csv")
    assert head == ["report_id", "figure", "value", "state", "how", "unit", "text"]
    cells = {(int(row[0]), row[1]): [value or None for value in row[2:]] for row in rows}
    assert len(cells) == len(rows)
    seen = 0
    for (report_id,) in made.archive.query("SELECT id FROM reports"):
        stored = made.archive.evidence.report(report_id)
        assert stored is not None
        for name, figure in stored.report.figures.items():
            value, *rest = cells[report_id, name]
            assert (None if value is None else float(value)) == figure.value
            text = None if stored.url == HIDDEN_URL and figure.state != "printed" else figure.text
            assert rest == [figure.state, figure.how, figure.unit, text or None]
            seen += 1
    assert seen == len(rows) > 400


def test_cells_are_in_the_database_as_in_their_file(bundle: Path) -> None:
    """In a new process, with nothing but SQLite: the same rows, and null told from zero as the README says."""
    code = (
        "import json, sqlite3; c = sqlite3.connect('nianbao.sqlite')\n"
        "print(json.dumps([c.execute('SELECT * FROM cells ORDER BY report_id, figure').fetchall(),"
        " dict(c.execute('SELECT state, count(*) FROM cells WHERE value IS NULL GROUP BY state').fetchall()),"
        " c.execute('SELECT count(*) FROM cells WHERE value = 0').fetchone()[0]]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=bundle, capture_output=True, text=True, check=True)
    rows, nulls, zeros = json.loads(done.stdout)
    head, listed = _read_csv(bundle / "csv/cells.csv")
    by_key = sorted(listed, key=lambda row: (int(row[0]), row[1]))
    assert [["" if value is None else str(value) for value in row] for row in rows] == by_key
    by_state = [row[head.index("state")] for row in listed if row[head.index("value")] == ""]
    assert nulls == {state: by_state.count(state) for state in by_state} and "blank" in nulls
    assert nulls.keys() <= {"blank", "dash", "row_absent", "not_in_form", "unreadable"}
    values = [row[head.index("value")] for row in listed]
    assert zeros == sum(bool(value) and float(value) == 0 for value in values) > 0


def test_whatever_the_package_and_the_readme_name_is_in_the_database(bundle: Path) -> None:
    with _sqlite(bundle) as release:
        there = {
            name: [c for (c,) in release.execute("SELECT name FROM pragma_table_info(?)", (name,))]
            for (name,) in release.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        }
    for resource in json.loads((bundle / "datapackage.json").read_text("utf-8"))["resources"]:
        if resource["format"] == "csv":
            columns = {field["name"] for field in resource["schema"]["fields"]}
            # reports: as DICTIONARY.md says.
            more = {"is_latest", "variants"} if resource["name"] == "reports" else set()
            assert columns - more <= set(there[resource["name"]]), resource["name"]
    assert there["cells"] == ["report_id", "figure", "value", "state", "how", "unit", "text"]
    page = (bundle / "DICTIONARY.md").read_text("utf-8")
    assert "## `cells` (view)" in page and "| `state` | TEXT | printed, realigned, corrected; else blank" in page
    said = "certain state text how value printed realigned corrected blank dash row_absent not_in_form unreadable"
    said += " status stands told certainty made_by"
    for name in ("README.md", "README.zh.md"):
        text = re.sub(r"```.*?```", "", (bundle / name).read_text("utf-8").partition("## ")[2], flags=re.DOTALL)
        for table, column in re.findall(r"`([a-z_]+)\.([a-z_0-9]+)`", text):
            if table not in ("nianbao", "datapackage"):
                assert column in there[table], (table, column)
        words = set(re.findall(r"`([a-z_]{3,})`", text)) - {*said.split(), "unit_unknown"}
        named = {word for word in words if word != "is_withheld" and not word.startswith("table_")}
        assert named <= there.keys() and {"latest", "cells", "findings", "visits"} <= named


def test_the_readme_says_how_many_findings_stand(bundle: Path) -> None:
    with _sqlite(bundle) as release:
        asked = "SELECT count(*), sum(status = 'stands'), sum(status = 'gone'), sum(gone_at IS NOT NULL) FROM findings"
        found, standing, gone, ended = release.execute(asked).fetchone()
    assert found >= standing + gone > 0 and gone == ended
    rest = found - standing - gone
    english, chinese = ((bundle / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    assert (
        f"{found} findings, of which {standing} stand, 0 were judged wrong, {rest} are only shown or wait, and"
        f" {gone} are gone" in english
    )
    assert f"提示{found}条，其中{standing}条仍成立，0条经人核对认为不成立，{rest}条" in chinese
    assert "Only findings with `status` = `stands` are claims" in english and "才是主张" in chinese


def test_masked_is_counted_once_and_only_where_it_stands(bundle: Path) -> None:
    """Not once more for each format, nor in what is withheld."""
    masked = json.loads((bundle / "datapackage.json").read_text("utf-8"))["nianbao"]["masked"]
    marks = {"emails": "邮箱", "phones": "电话", "passages": "人员名单略", "identities": "证件号", "accounts": "账号"}
    with _sqlite(bundle) as release:
        tables = [n for (n,) in release.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for name in tables if name != "dictionary" for row in release.execute(f'SELECT * FROM "{name}"')]
    texts = [value for row in rows for value in row if isinstance(value, str)]
    assert masked == {kind: sum(text.count(f"[{mark}]") for text in texts) for kind, mark in marks.items()}
    assert all(masked.values())


def test_every_format_has_the_same_numbers_and_nulls_as_the_archive(bundle: Path, made: Season) -> None:
    figures = [column for (column,) in made.archive.query("SELECT DISTINCT column_name FROM form_figures")]
    asked = ", ".join(f'count("{c}"), sum("{c}"), sum("{c}" = 0)' for c in figures)
    (expected,) = made.archive.query(f"SELECT count(*), {asked} FROM latest")
    with _sqlite(bundle) as release:
        assert release.execute(f"SELECT count(*), {asked} FROM latest").fetchone() == expected
    head, rows = _read_csv(bundle / "csv/latest.csv")
    numbers = {c: [float(row[head.index(c)]) for row in rows if row[head.index(c)] != ""] for c in figures}
    table = arrow.read_table(bundle / "parquet/latest.parquet")
    assert len(rows) == table.num_rows == expected[0]
    for n, column in enumerate(figures):
        found = [value for value in table[column].to_pylist() if value is not None]
        for values in (numbers[column], found):
            many, total, zeros = expected[1 + 3 * n : 4 + 3 * n]
            assert (len(values), values.count(0)) == (many, zeros or 0)
            assert sum(values) == pytest.approx(total or 0)
    fees = [row[head.index("disclosure_fees_amount")] for row in rows]
    new = [row[head.index("applications_new_total")] for row in rows]
    assert {"12.5", "0.0"} < set(fees) and {"", "41"} < set(new)


def test_csv_and_parquet_hold_the_same_rows(bundle: Path) -> None:
    names = {path.stem for path in (bundle / "csv").iterdir()}
    assert names == {path.stem for path in (bundle / "parquet").iterdir()}
    for name in sorted(names):
        head, rows = _read_csv(bundle / f"csv/{name}.csv")
        table = arrow.read_table(bundle / f"parquet/{name}.parquet")
        assert table.column_names == head
        for n, column in enumerate(head):
            for text, value in zip((row[n] for row in rows), table[column].to_pylist(), strict=True):
                if isinstance(value, int | float):
                    assert float(text) == value
                else:
                    assert text == (value or "")


def test_the_package_says_what_there_is(bundle: Path) -> None:
    package = json.loads((bundle / "datapackage.json").read_text("utf-8"))
    assert package["licenses"] == [{"name": "CC-BY-4.0"}] and package["profile"] == "data-package"
    named = {resource["name"]: resource for resource in package["resources"]}
    assert len(named) == len(package["resources"])
    for resource in package["resources"]:
        data = (bundle / resource["path"]).read_bytes()
        assert (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}") == (resource["bytes"], resource["hash"])
        if resource["format"] != "csv":
            continue
        head, rows = _read_csv(bundle / resource["path"])
        schema = resource["schema"]
        assert [field["name"] for field in schema["fields"]] == head
        assert all(field["description"] for field in schema["fields"])
        for field, values in zip(schema["fields"], zip(*rows, strict=True), strict=False):
            _check_type(field["type"], [value for value in values if value])
        if "primaryKey" in schema:
            keys = [tuple(row[head.index(name)] for name in schema["primaryKey"]) for row in rows]
            assert len(set(keys)) == len(keys) and all(all(key) for key in keys)
        for reference in schema.get("foreignKeys", []):
            there, others = _read_csv(bundle / f"csv/{reference['reference']['resource']}.csv")
            column, own = there.index(reference["reference"]["fields"][0]), head.index(reference["fields"][0])
            assert {row[own] for row in rows} - {""} <= {row[column] for row in others}, resource["name"]


def _check_type(kind: str, values: list[str]) -> None:
    reads = {"integer": int, "number": float, "datetime": datetime.fromisoformat, "string": str}
    for value in values:
        if kind == "date":
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", value), value
        else:
            reads[kind](value)


def test_the_sums_are_right_and_cover_every_file(bundle: Path) -> None:
    lines = (bundle / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    there = {p.relative_to(bundle).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in _files(bundle)}
    del there["SHA256SUMS"]
    assert listed == there and {"README.md", "README.zh.md", "DICTIONARY.md", "nianbao.sqlite"} <= listed.keys()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_rules_are_those_that_there_are(made: Season) -> None:
    listed = {rule.name: rule for rule in listed_rules()}
    assert list(listed) == rule_names()
    found = made.archive.query("SELECT rule, kind, severity, certainty, basis, told FROM findings")
    assert {row[0] for row in found} >= {"carry-over", "missing"}
    severities, certainties = ("error", "warning", "notice"), ("certain", "likely", "doubtful")
    for name, kind, severity, certainty, basis, told in found:
        rule = listed[name]
        # A rule says the highest that it gives.
        assert kind == rule.kind and severities.index(severity) >= severities.index(rule.severity)
        assert certainties.index(certainty) >= certainties.index(rule.certainty)
        # What rests on the law names the duty that it sets.
        assert basis == rule.basis or (rule.kind == "time" and basis in {*DUTIES, BEFORE_2019.name, LOCAL})
        assert rule.is_told or not told


# What is not in it


def test_nothing_private_is_in_any_file(bundle: Path, made: Season) -> None:
    with Archive.open(made.path) as archive:
        held = repr(
            [archive.query(f"SELECT * FROM {table}") for table in (*TABLES, *LEFT_OUT) if table != "report_search"]
        )
    for name, text in _every_text(bundle):
        for secret in (*PRIVATE, FOLDER):
            # A number that counts something is a figure, and stays.
            found = text.replace("13812345678件", "")
            assert secret not in found, f"{secret} stands in {name}"
    for secret in (*PRIVATE, FOLDER):
        assert secret in held, f"the archive does not hold {secret}: the test says nothing"


def test_what_was_masked_stands_in_its_place(bundle: Path) -> None:
    head, rows = _read_csv(bundle / "csv/sections.csv")
    texts = [row[head.index("text")] for row in rows]
    assert "[人员名单略]，电话：[电话]，手机[电话]，邮箱[邮箱]。热线12345。受理13812345678件。" in texts
    assert "传真：[电话]。身份证[证件号]，微信号[账号]" in texts
    assert '=1+1，\n“引号”,"a"' in texts
    head, rows = _read_csv(bundle / "csv/doubts.csv")
    assert [row[head.index("text")] for row in rows] == ["见 [电话]，[已撤下]"]
    head, rows = _read_csv(bundle / "csv/reports.csv")
    assert "示例市财政局2023年政府信息公开工作年度报告（电话[电话]）" in [row[head.index("title")] for row in rows]
    head, rows = _read_csv(bundle / "csv/visits.csv")
    by_url = {row[head.index("url")]: row for row in rows}
    assert json.loads(by_url[URL][head.index("request_headers")]) == {"Accept": "*/*"}
    assert json.loads(by_url[URL][head.index("response_headers")]) == {"Content-Type": "text/html"}
    assert json.loads(by_url[URL][head.index("network")])["via"] == "proxy"
    assert any(re.fullmatch(r"file:[0-9a-f]{12}/extra\.html", url) for url in by_url)


def test_what_was_taken_down_is_withheld_and_its_figures_stay(bundle: Path, made: Season) -> None:
    with _sqlite(bundle) as release:
        asked = "SELECT report_id, title, url, is_withheld, applications_new_total FROM latest WHERE sha256 = ?"
        sha256 = hashlib.sha256(b"hidden").hexdigest()
        ((report_id, *shown),) = release.execute(asked, (sha256,)).fetchall()
        assert shown == [None, None, 1, 41]
        for table in ("sections", "places"):
            assert release.execute(f"SELECT count(*) FROM {table} WHERE report_id = ?", (report_id,)).fetchone() == (0,)
        assert release.execute("SELECT is_withheld FROM documents WHERE sha256 = ?", (sha256,)).fetchone() == (1,)
        assert release.execute("SELECT count(*) FROM reports WHERE is_withheld").fetchone() == (1,)
        assert release.execute("SELECT url, is_withheld FROM visits WHERE sha256 = ?", (sha256,)).fetchall() == [
            (None, 1)
        ]
        texts = release.execute("SELECT text FROM cell_states WHERE report_id = ?", (report_id,)).fetchall()
        assert texts and set(texts) == {(None,)}
        # A table here: what was read beside it is found by addresses, which may be withheld.
        assert release.execute("SELECT type FROM sqlite_master WHERE name = 'unread'").fetchone() == ("table",)
        asked = "SELECT url, title, sentence, is_withheld FROM unread WHERE source = 'added'"
        rows = release.execute(asked).fetchall()
        assert rows and all(url.startswith("file:") and mark == 0 for url, _, _, mark in rows)
        assert FOLDER not in repr(rows) and "王小明" not in repr(rows)
    assert made.archive.query("SELECT count(*) FROM sections WHERE text LIKE '夏某某不愿公开%'") == [(1,)]


def test_what_was_taken_down_is_in_no_web_archive(made: Season, tmp_path: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    file = tmp_path / "a.warc.gz"
    said = _run("--warc", str(file), "--archive", str(made.path))
    assert "Left out for the takedown list: 1 visit." in said
    with file.open("rb") as stream:
        records = [
            (r.rec_headers.get_header("WARC-Target-URI"), r.content_stream().read()) for r in ArchiveIterator(stream)
        ]
    assert URL in {url for url, _ in records} and HIDDEN_URL not in {url for url, _ in records}
    assert not any(body == b"hidden" or HIDDEN_URL.encode() in body for _, body in records)


def test_evidence_says_what_was_taken_down_and_does_not_hold_it(made: Season, tmp_path: Path) -> None:
    file = tmp_path / "e.zip"
    sha256 = hashlib.sha256(b"hidden").hexdigest()
    done = CliRunner().invoke(main, ["evidence", sha256[:12], "--out", str(file), "--archive", str(made.path)])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(file) as opened:
        names, data = opened.namelist(), {name: opened.read(name).decode() for name in opened.namelist()}
    assert not [name for name in names if name.startswith("documents/")]
    for text in (data["README.txt"], data["index.html"]):
        assert f"文件{sha256}已应请求撤下" in text and f"Document {sha256} was taken down on request" in text
    told = json.loads(data["data.json"])
    assert [d["is_withheld"] for d in told["documents"]] == [True]
    read = told["reports"][0]["read"]
    assert read["figures"]["applications.new.total"] == 41 and read["sections"] == [] and read["title"] is None
    assert not any(secret in text for text in data.values() for secret in ("夏某某不愿公开", "隐去的标题"))


# Opening it as it says


def test_it_opens_as_its_readme_says(bundle: Path) -> None:
    _run_blocks(bundle)


def _run_blocks(bundle: Path) -> None:
    """Run the blocks of the READMEs, which are the same in both, in a new process in the folder of the bundle."""
    texts = [(bundle / name).read_text("utf-8") for name in ("README.md", "README.zh.md")]
    assert not any("$" in text for text in texts), "a field was not filled in"
    blocks, same = (re.findall(r"```(\w+)\n(.*?)\n```", text, re.DOTALL) for text in texts)
    assert blocks == same and [kind for kind, _ in blocks] == ["sql", "python", "python", "python", "sh"]
    (_, sql), *programs, (_, check) = blocks
    ask = f"import sqlite3\nfor row in sqlite3.connect('nianbao.sqlite').execute({sql!r}): print(*row)"
    code = "\nprint('-----')\n".join([ask, *(block for _, block in programs)])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=bundle, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    if shutil.which("sha256sum"):
        subprocess.run(check, shell=True, cwd=bundle, check=True, capture_output=True, timeout=60)
    shown = done.stdout.split("-----")
    with _sqlite(bundle) as release:
        totals = release.execute("SELECT year, sum(applications_new_total) FROM latest GROUP BY year").fetchall()
        blank = release.execute("SELECT count(*) FROM figures WHERE state = 'blank'").fetchone()[0]
    by_year = [text for text in shown if str(totals[0][0]) in text]
    assert len(by_year) >= 3 and totals and blank
    for text in by_year:
        assert all(re.search(rf"\b{year}\b.*\b{total}\b", text) for year, total in totals)
    assert sum(bool(re.search(rf"\bblank\b.*\b{blank}\b", text)) for text in shown) == 2


def test_without_parquet(made: Season, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "release"
    said = _run(str(folder), "--no-parquet", "--archive", str(made.path))
    assert "Parquet" not in said and not (folder / "parquet").exists()
    _run_blocks(folder)
    assert "parquet" not in (folder / "README.md").read_text("utf-8").lower()
    assert "许可条件" in (folder / "README.zh.md").read_text("utf-8")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    told = json.loads(_run(str(folder), "--json", "--archive", str(made.path)).splitlines()[0])
    assert told["files"] == len(_files(folder)) and not (folder / "parquet").exists()
    notice = _run(str(folder), "--archive", str(made.path))
    assert "Parquet is left out: it needs the extra `parquet`" in notice


# The same data, the same snapshot; and its place


def _snapshot(folder: Path) -> str:
    snapshot = json.loads((folder / "datapackage.json").read_text("utf-8"))["id"]
    assert isinstance(snapshot, str)
    return snapshot


def test_equal_data_have_equal_snapshots(bundle: Path, made: Season, tmp_path: Path) -> None:
    one = write_bundle(made.archive, tmp_path / "one", now=NOW, parquet=False)
    two = write_bundle(made.archive, tmp_path / "two", now=NOW + timedelta(days=9), parquet=False)
    assert one.snapshot.id == two.snapshot.id == _snapshot(bundle) == _snapshot(tmp_path / "one")
    assert (tmp_path / "one/csv/cells.csv").read_bytes() == (bundle / "csv/cells.csv").read_bytes()
    copied = tmp_path / "copy.db"
    with sqlite3.connect(made.path) as source, sqlite3.connect(copied) as target:
        source.backup(target)
    with Archive.open(copied) as archive:
        archive.add_portal("another", "Another", "static_list")
        changed = write_bundle(archive, tmp_path / "three", now=NOW, parquet=False)
    assert changed.snapshot.id != one.snapshot.id


def test_an_earlier_release_is_replaced_and_nothing_else_is(made: Season, tmp_path: Path) -> None:
    folder, words = tmp_path / "release", ("--no-parquet", "--archive", str(made.path))
    _run(str(folder), *words)
    _run(f"{folder}/", *words)
    mine = folder / "csv/notes.txt"
    mine.write_text("mine")
    assert "holds csv/notes.txt, which is not of the release" in _run(str(folder), *words, status=2)
    assert mine.read_text() == "mine" and (folder / "nianbao.sqlite").exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "datapackage.json").write_text('{"name": "nianbao"}')
    assert "is no earlier release of nianbao" in _run(str(other), *words, status=2)
    assert "is no folder" in _run(str(made.path), *words, status=2)
    assert "its folder does not exist" in _run(str(tmp_path / "a/b"), *words, status=2)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.partial").mkdir()
    (tmp_path / "empty.partial/other.txt").touch()
    assert "is in the way and holds other.txt" in _run(str(tmp_path / "empty"), *words, status=2)
    (tmp_path / "empty.partial/other.txt").unlink()
    _run(str(tmp_path / "empty"), *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "other", "release"]


def test_one_that_is_killed_leaves_the_earlier_release_whole(made: Season, bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    shutil.copytree(bundle, folder)
    code = (
        "import os, signal; from datetime import UTC, datetime; from pathlib import Path\n"
        "from db.archive import Archive; from monitor.exports.bundle import write_bundle\n"
        "def killed(name):\n"
        "    if name == 'csv/latest.csv': os.kill(os.getpid(), signal.SIGKILL)\n"
        f"with Archive.open(Path({str(made.path)!r})) as archive:\n"
        f"    write_bundle(archive, Path({str(folder)!r}), now=datetime.now(UTC), parquet=False, on_file=killed)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "release.partial").exists()
    test_the_sums_are_right_and_cover_every_file(folder)
    _run(str(folder), "--no-parquet", "--archive", str(made.path))
    assert [path.name for path in tmp_path.iterdir()] == ["release"]
    assert not (folder / "parquet").exists()


def test_one_thing_at_a_time(made: Season, tmp_path: Path) -> None:
    archive = ("--archive", str(made.path))
    assert "say one thing that is to be written" in _run(*archive, status=2)
    both = ("r", "--warc", "a.warc.gz", *archive)
    assert "say one thing that is to be written" in _run(*both, status=2)
    assert "go with --warc" in _run(str(tmp_path / "r"), "--year", "2023", *archive, status=2)
    assert "go with DIR" in _run("--warc", str(tmp_path / "a.warc.gz"), "--no-parquet", *archive, status=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_one_sentence(made: Season, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "cannot be written" in _run(str(tmp_path / "r"), "--archive", str(made.path), status=2)


# What people said, and what was taken back


def test_a_corrected_figure_is_shown_as_such(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db") as archive:
        _store(archive, make_report(values={"applications.new.total": None}), URL, b"A")
        figure = Figure("applications.new.total", 7, "corrected", "7", None, "corrected")
        sha256 = hashlib.sha256(b"A").hexdigest()
        archive.corrections.make(sha256, figure, by="desk", source="the PDF, call 13812345678", at=NOW)
        write_bundle(archive, tmp_path / "r", now=NOW, parquet=False)
    head, rows = _read_csv(tmp_path / "r/csv/cells.csv")
    (cell,) = [row[2:] for row in rows if row[1] == "applications.new.total"]
    assert cell == ["7", "corrected", "corrected", "", "7"]
    head, rows = _read_csv(tmp_path / "r/csv/corrections.csv")
    (said,) = [dict(zip(head, row, strict=True)) for row in rows]
    assert (said["value"], said["made_by"], said["source"]) == ("7", "person 1", "the PDF, call [电话]")


def test_what_was_told_and_is_gone_is_told_with_why(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db") as archive:
        _store(archive, make_report(), URL, b"A")
        claims = [
            _finding("challenges-total", "identity"),
            _finding("missing", "time"),
            _finding("carry-over", "identity"),
        ]
        claims[2].told = False
        _save(archive, claims, NOW)
        _save(archive, [], NOW + timedelta(days=1))
        _save(archive, claims[:1], NOW + timedelta(days=2))
        _store(archive, make_report(values={"applications.new.total": 5}), URL, b"B")
        write_bundle(archive, tmp_path / "r", now=NOW, parquet=False)
    head, rows = _read_csv(tmp_path / "r/csv/retractions.csv")
    told = {row[head.index("rule")]: dict(zip(head, row, strict=True)) for row in rows}
    assert told.keys() == {"challenges-total", "missing"}, "what was only shown needs no taking back"
    assert told["missing"]["why"] == "found or read since, or no longer owed" and told["missing"]["is_final"] == "1"
    assert told["challenges-total"]["why"] == "read or judged anew" and told["challenges-total"]["is_final"] == "0"
    assert told["missing"]["told_at"] == NOW.isoformat()
    assert told["missing"]["gone_at"] == (NOW + timedelta(days=1)).isoformat()


def test_what_people_said_is_handed_out_without_their_names_and_counts(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db") as archive:
        _store(archive, make_report(), URL, b"A")
        claims = [_finding(rule, "identity") for rule in ("challenges-total", "carry-over", "missing")]
        claims[2].certainty = "doubtful"
        _save(archive, claims, NOW)
        say = partial(archive.life.answer, at=NOW)
        say(claims[0].fingerprint, "checked", by="李强")
        say(claims[0].fingerprint, "wrong", by="王敏", reason="王敏与李强看过，电话13812345678")
        archive.life.suspend("carry-over", by="desk", reason="as desk said", at=NOW + timedelta(days=1))
        archive.life.release_rule("carry-over", by="王敏", reason="好了", at=NOW + timedelta(days=2))
        write_bundle(archive, tmp_path / "r", now=NOW, parquet=False)
        texts = dict(_every_text(tmp_path / "r"))
    assert texts and not [name for name, text in texts.items() if re.search("王敏|李强|desk said", text)]
    events = _dicts(tmp_path / "r/csv/finding_events.csv")
    said = [(row["event"], row["made_by"], row["reason"]) for row in events if row["made_by"]]
    assert said == [("checked", "person 1", ""), ("wrong", "person 2", "person 2与person 1看过，电话[电话]")]
    with _sqlite(tmp_path / "r") as release:
        rules = release.execute("SELECT made_by, reason FROM rule_events ORDER BY id").fetchall()
    assert rules == [("person 3", "as person 3 said"), ("person 2", "好了")]
    status = {row["rule"]: row["status"] for row in _dicts(tmp_path / "r/csv/findings.csv")}
    assert status == {"challenges-total": "wrong", "carry-over": "stands", "missing": "shown"}
    assert "3 findings, of which 1 stand, 1 were judged wrong, 1 are only shown" in texts["README.md"]


def test_what_was_replaced_says_so(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db") as archive:
        _store(archive, make_report(), URL, b"A")
        missing, other = _finding("missing", "time"), _finding("carry-over", "time")
        _save(archive, [missing], NOW)
        _save(archive, [other], NOW + timedelta(days=1))
        write_bundle(archive, tmp_path / "r", now=NOW, parquet=False)
    (row,) = _dicts(tmp_path / "r/csv/retractions.csv")
    assert row["why"] == "replaced by another finding about the same report"
    assert row["reason"] == f"replaced by {other.fingerprint}" and row["made_by"] == ""


def test_a_finding_of_a_suspended_rule_does_not_stand_in_a_release(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a.db") as archive:
        _store(archive, make_report(), URL, b"A")
        claims = [_finding("challenges-total", "identity"), _finding("carry-over", "identity")]
        claims[1].confirmed = False
        _save(archive, claims, NOW)
        archive.life.answer(claims[1].fingerprint, "muted", by="desk", at=NOW)
        archive.life.suspend("challenges-total", by=None, reason="too often wrong", at=NOW)
        write_bundle(archive, tmp_path / "r", now=NOW, parquet=False)
    status = {row["rule"]: row["status"] for row in _dicts(tmp_path / "r/csv/findings.csv")}
    assert status == {"challenges-total": "suspended", "carry-over": "muted"}


def _dicts(path: Path) -> list[dict[str, str]]:
    head, rows = _read_csv(path)
    return [dict(zip(head, row, strict=True)) for row in rows]


def _finding(rule: str, kind: str) -> Finding:
    return Finding(
        rule, kind, "error", "certain", "printed", None, "示例市财政局", 2023, None, [], 1, 2, "句", "sentence"
    )


def _save(archive: Archive, found: list[Finding], at: datetime) -> None:
    rules = {"challenges-total", "missing", "carry-over"}
    archive.save_findings(found, judged=None, rules=rules, messages=lambda finding, event: [], at=at)
