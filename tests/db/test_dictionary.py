"""The archive explains itself: every table, view and column of it, and nothing that is not there."""

import io
import json
import re
import sqlite3
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console

from db.archive import Archive
from db.schema import dictionary
from db.schema.migrations import migrate
from monitor.cli import main
from parsers.form import Form, load_forms
from tests.conftest import ROOT

FORMS = load_forms()
_READ = """
import json, sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
there = []
for _, name, kind, *_ in connection.execute("PRAGMA main.table_list"):
    if kind != "shadow" and not name.startswith("sqlite_"):
        there.append([name, ""])
        there += [[name, row[0]] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (name,))]
told = connection.execute("SELECT table_name, column_name, description, room FROM dictionary").fetchall()
print(json.dumps({"there": there, "told": told}))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dictionary") / "a.db"
    Archive.open(path).close()
    return path


def test_a_new_process_finds_every_table_view_and_column_described(path: Path) -> None:
    done = subprocess.run([sys.executable, "-P", "-c", _READ, path], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    there = {(table, column) for table, column in found["there"]}
    told = {(table, column): text for table, column, text, _ in found["told"]}
    assert there == told.keys()
    assert all(text.strip().endswith((".", ")")) for text in told.values())
    assert ("report_search", "tokens") in there
    assert not any(table.startswith("report_search_") for table, _ in there)
    assert {room for *_, room in found["told"]} == {"kept", "derived", "view"}


def test_no_description_is_of_something_that_is_not_there(path: Path) -> None:
    words = tomllib.loads(dictionary.WORDS_FILE.read_text("utf-8"))["table"]
    described = {(table, column) for table, told in words.items() for column in ("", *told["columns"])}
    with Archive.open(path) as archive:
        there = set(archive.query("SELECT table_name, column_name FROM dictionary"))
        assert described - there == set()
        kinds = dict(archive.query("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    for table, told in words.items():
        assert (told["room"] == "view") == (kinds[table] == "view"), table
        assert told["room"] in ("kept", "derived", "view")


def test_what_is_not_described_is_found() -> None:
    """The first test fails for what somebody adds: a table or a column without words has no row."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("BEGIN")
    migrate(connection, FORMS)
    connection.execute("CREATE TABLE notes (text TEXT) STRICT")
    connection.execute("ALTER TABLE portals ADD COLUMN colour TEXT")
    dictionary.refresh(connection, FORMS)
    told = {(entry.table_name, entry.column_name) for entry in dictionary.listed(connection)}
    connection.close()
    assert ("portals", "name") in told
    assert not {("notes", ""), ("notes", "text"), ("portals", "colour")} & told


def test_figures_are_described_from_the_forms(path: Path) -> None:
    with Archive.open(path) as archive:
        rows = {
            (table, column): row
            for table, column, *row in archive.query(
                "SELECT table_name, column_name, type, figure, label, description FROM dictionary"
            )
        }
    for form in FORMS.values():
        for figure in form.figure_names:
            sql_type, named, label, description = rows["wide", figure.replace(".", "_")]
            assert named == figure and form.prescribed_by in description
            assert sql_type == ("REAL" if form.column_of(figure).value == "amount" else "INTEGER")
            assert rows["latest", figure.replace(".", "_")][1:3] == [figure, label]
    assert rows["wide", "applications_new_total"][2] == "一、本年新收政府信息公开申请数量·总计"
    unit = rows["wide", "disclosure_fees_amount_unit"]
    assert unit[1] == "disclosure.fees.amount" and unit[3].startswith("Unit of disclosure.fees.amount")
    assert rows["applications", "legal_service"][3].startswith("法律服务机构.")
    assert rows["disclosure_2019", "amount_unit"][3].startswith("Unit of amount")
    named = {(e.table_name, e.column_name): e for e in dictionary.new_entries(FORMS)}
    earlier = named["wide", "disclosure_normative_documents_made"]
    assert "国办公开办函〔2019〕60号" in earlier.description and "2021" not in earlier.description


def test_a_new_form_describes_itself(tmp_path: Path) -> None:
    raw = FORMS["2021"].model_dump(by_alias=True)
    table = next(one for one in raw["table"] if one["name"] == "challenges")
    later = {
        **raw,
        "name": "2031",
        "prescribed_by": "国办公开办函〔2031〕1号",
        "years": {"from": 2031},
        "table": [{**table, "name": "hearings"}],
        "identity": [],
        "watched": [],
    }
    forms = {**FORMS, "2031": Form.model_validate(later)}
    path = tmp_path / "a.db"
    Archive.open(path).close()
    with Archive.open(path, forms=forms) as archive, archive.read() as connection:
        told = {(entry.table_name, entry.column_name): entry for entry in dictionary.listed(connection)}
    assert told["wide", "hearings_reconsideration_total"].label == "行政复议·总计"
    assert "国办公开办函〔2031〕1号" in told["wide", "hearings_reconsideration_total"].description
    assert told["hearings", ""].room == "view" and told["hearings", "upheld"].description.startswith("结果维持.")


def test_nothing_is_written_where_nothing_has_changed(path: Path) -> None:
    with Archive.open(path) as archive, archive.write() as connection:
        before = connection.total_changes
        dictionary.refresh(connection, FORMS)
        assert connection.total_changes == before
        connection.execute("UPDATE dictionary SET description = '?' WHERE table_name = 'visits'")
        dictionary.refresh(connection, FORMS)
        assert connection.execute("SELECT count(*) FROM dictionary WHERE description = '?'").fetchone() == (0,)


@dataclass
class Done:
    out: str
    err: str
    status: int


def run(*words: str, cwd: Path) -> Done:
    command = [sys.executable, "-P", "-m", "monitor", "schema", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, timeout=60, env={"PYTHONPATH": str(ROOT), "COLUMNS": "120"}
    )
    return Done(done.stdout, done.stderr, done.returncode)


def test_the_page_is_that_of_the_code(tmp_path: Path) -> None:
    """Make it anew with `nianbao schema --markdown > docs/schema.md`."""
    done = run("--markdown", cwd=tmp_path)
    assert done.status == 0 and done.out == (ROOT / "docs" / "schema.md").read_text("utf-8")
    assert list(tmp_path.iterdir()) == [], "no archive is made"
    assert all(f"| `{figure}` |" in done.out for form in FORMS.values() for figure in form.figure_names)


def test_the_command_shows_tables_and_columns(path: Path, tmp_path: Path) -> None:
    rows = {
        row["table"]: row
        for row in map(json.loads, run("--json", "--archive", str(path), cwd=tmp_path).out.splitlines())
    }
    assert rows["portals"]["rows"] == 0 and rows["latest"]["rows"] is None and rows["form_figures"]["rows"] > 400
    assert rows["latest"]["room"] == "view" and rows["report_search"]["rows"] is None
    columns = [
        json.loads(line) for line in run("latest", "--json", "--archive", str(path), cwd=tmp_path).out.splitlines()
    ]
    with sqlite3.connect(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM pragma_table_info('latest')")]
    connection.close()
    assert [column["column_name"] for column in columns] == names
    shown = run("applications", "--archive", str(path), cwd=tmp_path)
    assert "applications (view)" in shown.out and "自然人" in shown.out
    wrong = run("aplications", "--archive", str(path), cwd=tmp_path)
    assert wrong.status == 2 and "there is no such table or view; expected applications" in wrong.err


def test_names_are_whole_and_a_pipe_has_no_edge(path: Path, tmp_path: Path) -> None:
    with sqlite3.connect(path) as connection:
        entries = connection.execute(
            "SELECT column_name, label, description FROM dictionary WHERE table_name = 'latest' AND position > 0"
            " ORDER BY position"
        ).fetchall()
    connection.close()
    lines = run("latest", "--archive", str(path), cwd=tmp_path).out.splitlines()[2:]
    assert [line.split()[0] for line in lines] == [name for name, *_ in entries]
    assert all((label or "") in line and words in line for line, (_, label, words) in zip(lines, entries, strict=True))
    assert run(cwd=tmp_path).out.count("One row for each agency and year: which report the other views show") == 1


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_on_a_terminal_the_names_are_whole_too(width: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    screen = Console(file=out, force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr("monitor.commands.schema.console", lambda: screen)
    done = CliRunner().invoke(main, ["schema", "latest", "--archive", str(path)])
    assert done.exit_code == 0
    shown = out.getvalue()
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM pragma_table_info('latest')").fetchall()
    connection.close()
    assert {name for (name,) in names} <= set(re.findall(r"^\S+", shown, re.M)) and "…" not in shown
    assert max(cell_len(line) for line in shown.splitlines() if line.startswith(" ")) <= width


def test_the_command_works_without_an_archive(tmp_path: Path) -> None:
    done = run(cwd=tmp_path)
    assert done.status == 0 and "there is no archive yet; this is the schema of this nianbao" in done.err
    assert "latest" in done.out and "takedowns" in done.out
    assert list(tmp_path.iterdir()) == []


def test_a_large_table_is_not_counted_to_its_end(path: Path) -> None:
    with Archive.open(path) as archive, archive.read() as connection:
        assert dictionary.counts(connection, 10)["forms"] == 2
        assert dictionary.counts(connection, 10)["form_figures"] is None
        assert "latest" not in dictionary.counts(connection, 10)
