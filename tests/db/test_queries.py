"""The ready questions, and questions in SQL from people: what they answer, and what they cannot do."""

import csv
import io
import json
import re
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from archive_samples import make_report
from click.testing import CliRunner

from db.archive import Archive
from db.errors import ArchiveError
from db.questions.asking import Asking
from db.questions.ready_queries import ReadyQuery, bound, parse, ready_queries
from db.records import Agency, Sighting
from monitor.cli import main
from parsers.form import load_forms
from parsers.report import Figure
from tests.conftest import ROOT
from tests.questions_archive import make

QUERIES = ready_queries()
REFUSED = {
    name
    for form in load_forms().values()
    for name in form.figure_names
    if re.fullmatch(r"applications\.refused_\w+\.total", name)
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("queries") / "a.db"
    make(path)
    return path


def asked(archive: Archive, name: str, **values: int | str | None) -> list[dict[str, Any]]:
    with archive.read() as connection:
        sql, parameters = bound(connection, QUERIES[name], values)
    with Asking(archive) as asking:
        answer = asking.ask(sql, parameters)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer]


def short(archive: Archive, name: str, *columns: str, **values: int | str | None) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in asked(archive, name, **values)]


# The files


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_parameter_is_declared_and_used(query: ReadyQuery, path: Path) -> None:
    without_texts = re.sub(r"'[^']*'", "", query.sql)
    used = set(re.findall(r":([a-z_]+)", without_texts))
    declared = {parameter.name for parameter in query.parameters}
    types = {parameter.type for parameter in query.parameters}
    assert used | ({"figure"} if "{figure}" in query.sql else set()) == declared
    assert ("figure" in types) == ("{figure}" in query.sql) and query.notes
    assert "coalesce(" not in re.sub(r"coalesce\(\(|coalesce\((s\.cells|d\.title|portal)\b", "", query.sql), (
        "null is not zero"
    )
    with Archive.open(path) as archive:
        asked(archive, query.name)
        there = {"region": "99", "organ": "department", "source": "liuxi", "portal": "liuxi", "kind": "image-only"}
        rows = asked(archive, query.name, **{p.name: there[p.name] for p in query.parameters if p.type == "text"})
        assert isinstance(rows, list)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "organ",
            "foo",
            "--organ foo: the register of the archive has no such organ; it has department, government, t",
        ),
        ("region", "柳溪", "--region 柳溪: is no region code; 990101? give its first digits"),
        ("region", "", "--region : is no region code; give its first digits"),
        ("region", "44", "no agency whose region code begins so; it has 99"),
        ("region", "990000", "begins so; it has 990100, 990101; 99 takes in all that lies in it"),
        ("year", 1999, "--year 1999: the archive has no report of that year; it has 2021, 2022, 2023"),
        ("digits", 3, "--digits 3: give 2, 4 or 6"),
        ("portal", "x", "--portal x: the archive knows no such portal; it has added, liuxi, young"),
        ("source", "x", "--source x: the archive knows no such portal; it has added, liuxi, young"),
        ("kind", "scan", "--kind scan: nothing in the archive is unread for that reason; it has image-only"),
    ],
)
def test_a_value_of_which_the_archive_has_nothing_is_refused(
    name: str, value: int | str, said: str, path: Path
) -> None:
    with Archive.open(path) as archive:
        for query in QUERIES.values():
            if any(parameter.name == name for parameter in query.parameters):
                with pytest.raises(ArchiveError, match=re.escape(said)):
                    asked(archive, query.name, **{name: value})


def test_an_archive_without_reports_refuses_a_year_and_answers_with_what_no_row_means(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match=re.escape("the archive has no report of that year, nor any other")):
        asked(archive, "shares", year=2023)
    assert asked(archive, "unread", kind="image-only") == []  # nothing is unread for any reason
    for query in QUERIES.values():
        done = CliRunner().invoke(main, ["query", query.name, "--archive", str(archive.path), "--format", "json"])
        assert (done.exit_code, done.stdout) == (0, ""), query.name
        assert done.stderr == f"{query.empty.replace('{reports}', '0 reports')}\n"


def test_an_answer_without_a_row_says_what_was_looked_at(path: Path) -> None:
    for words, said in (
        (("fees", "--year", "2022"), "None of 13 reports of 2022 prints an amount above zero in 万元."),
        (("fees", "--year", "2021", "--region", "990100"), "None of 0 reports of 2021 (region 990100) prints"),
        (("shares", "--year", "2023", "--organ", "government", "--region", "990100"), "(organ government, region 9901"),
        (("late-twice", "--year", "2022"), "Nobody can have been in a first season"),
    ):
        done = run(path, "query", *words)
        assert done.returncode == 0 and "0 rows." in done.stdout and said in done.stderr, words
    assert run(path, "query", "fees", "--year", "2021").stderr == ""
    shown = CliRunner().invoke(main, ["query", "fees", "--help"]).stdout
    assert "Without a row: None of the reports looked at prints" in " ".join(shown.split())


def test_the_archive_may_be_named_before_the_question(path: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'archive = "{path}"\n', "utf-8")
    for words in (
        ("--config", str(config), "doubts"),
        ("--archive", str(path), "doubts"),
        ("--archive", "no.db", "doubts", "--archive", str(path)),
        ("doubts", "--config", str(config)),
    ):
        done = CliRunner().invoke(main, ["query", *words, "--format", "json"])
        assert done.exit_code == 0 and json.loads(done.stdout)["source"] == "liuxi", words
    listed = CliRunner().invoke(main, ["query", "--config", str(config)])
    assert listed.exit_code == 0 and "late-twice" in listed.stdout


def test_a_page_whose_attachment_was_read_is_not_unread(archive: Archive) -> None:
    page, file = "https://www.example.gov.cn/1.html", "https://www.example.gov.cn/1.pdf"
    seen_at = datetime(2024, 1, 20, 4, tzinfo=UTC)
    hashes = {}
    for url, part, body in ((page, "page", b"page"), (file, "attachment", b"file")):
        hashes[url] = archive.put_document(body, media="text/html", seen_at=seen_at)
        archive.add_sighting(Sighting("liuxi", page, url, part, "年度报告", None, hashes[url], seen_at))
    archive.store_unread(
        hashes[page], source="liuxi", url=page, kind="no-tables", sentence="no table", seen_at=seen_at,
        parser_version="1", title=None, year=2023,
    )  # fmt: skip
    assert short(archive, "unread", "url", "title") == [(page, "年度报告")]
    assert [row["url"] for row in archive.unread()] == [page]
    archive.store_report(
        make_report(2023), sha256=hashes[file], agency_id=None, agency="柳溪县财政局", source="liuxi", url=file,
        seen_at=seen_at, parser_version="1", portal="liuxi",
    )  # fmt: skip
    assert archive.query("SELECT count(*) FROM readings WHERE report_id IS NULL") == [(1,)]
    assert asked(archive, "unread") == archive.query("SELECT * FROM unread") == list(archive.unread()) == []


def test_refused_is_every_row_of_refusals_and_no_other() -> None:
    columns = {name.replace(".", "_") for name in REFUSED}
    assert len(columns) == 8
    for name in ("shares", "shares-by-region", "refusal-reasons"):
        assert set(re.findall(r"applications_refused_\w+", QUERIES[name].sql)) == columns, name


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- One line\nSELECT 1", "must be one sentence"),
        ("-- One.\n--\n-- :x number  what\nSELECT 1", "is no parameter"),
        ("-- One.\n--\n-- Notes.\nSELECT 1", "does not say what an empty answer means"),
    ],
)
def test_a_head_that_is_wrong_is_told(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse("odd", text)


def test_no_question_reads_the_archive_figure_by_figure() -> None:
    for query in QUERIES.values():
        assert not re.search(r"\b(FROM|JOIN) (figures|changes|applications|challenges)\b", query.sql), query.name


# The answers


def test_coverage(path: Path) -> None:
    with Archive.open(path) as archive:
        found = short(archive, "coverage", "region_code", "region", "year", "agencies", "found", "unread", digits=4)
        # 柳溪县: 16 departments and the government until 文化局 ends; 文物局 owes by itself no dated duty.
        assert found[0] == ("9901", "示例市", 2021, 19, 4, 1)
        assert short(archive, "coverage", "year", "agencies", "found", year=2023) == [(2023, 1, 1), (2023, 17, 17)]
        organs = short(archive, "coverage-by-organ", "organ", "agencies", "found", year=2023, region="990101")
        assert organs == [("department", 16, 16), ("government", 1, 1)]


def test_shares_of_regions_sum_only_what_is_whole(path: Path) -> None:
    with Archive.open(path) as archive:
        row = next(row for row in asked(archive, "shares-by-region", year=2023, organ="department", region="990101"))
    # 民政局 and 统计局 lack a number and are left out; 教育局 (19) counts here: the sum is what must reach 20.
    assert (row["reports"], row["left_out"]) == (13, 2)
    decided = {"财政局": 40, "教育局": 19, "司法局": 20, "公安局": 20, "审计局": 30, "水利局": 50, "农业农村局": 30}
    assert row["processed"] == sum(decided.values())
    assert (row["refused"], row["granted"]) == (10 + 19 + 9 + 1 + 0 + 2 + 1, 8 + 0 + 9 + 0 + 30 + 5 + 29)


def test_shares_show_none_under_twenty(path: Path) -> None:
    with Archive.open(path) as archive:
        rows = asked(archive, "shares", year=2023)
    assert min(row["processed"] for row in rows) == 20
    unknown = next(row for row in rows if row["agency"] == "柳溪县民政局")
    assert (unknown["granted"], unknown["refused"], unknown["refused_percent"]) == (1, None, None)


def test_always_zero_is_neither_null_nor_two_years(path: Path) -> None:
    with Archive.open(path) as archive:
        assert short(archive, "always-zero", "agency", "reports") == [("柳溪县档案局", 3)]
        pending = short(archive, "always-zero", "agency", figure="challenges.reconsideration.pending")
        assert ("柳溪县体育局",) in pending, "another figure of the same reports is zero throughout"


def test_changes_leave_nulls_out(path: Path) -> None:
    with Archive.open(path) as archive:
        rows = short(archive, "biggest-changes", "agency", "before", "value", "change")
        assert rows == [("柳溪县司法局", 100, 0, -100)]
        refused = short(archive, "biggest-changes", "agency", "change", figure="applications.refused_security.total")
        assert refused == []  # 民政局 had 0 and has a blank now


def test_late(path: Path) -> None:
    with Archive.open(path) as archive:
        late = short(archive, "latest-publishers", "agency", "year", "seen_late", "days_late")
        assert {row for row in late if row[2]} == {
            ("柳溪县财政局", 2022, 1, 20), ("柳溪县财政局", 2023, 1, 25), ("柳溪县教育局", 2022, 1, 20),
            ("柳溪县体育局", 2022, 1, 20), ("柳溪县招商局", 2023, 1, 25),
        }  # fmt: skip
        dated = next(row for row in asked(archive, "latest-publishers", year=2023) if row["agency"] == "柳溪县林业局")
        assert (dated["published_after"], dated["seen_late"], dated["days_late"]) == (28, 0, None)
        assert short(archive, "late-twice", "agency", year=2022) == []


def test_what_stands_beside_the_figures(path: Path) -> None:
    with Archive.open(path) as archive:
        assert short(archive, "unread", "agency", "year", "kind") == [("柳溪县财政局", 2021, "image-only")]
        assert short(archive, "revisions", "agency", "year", "revision") == [("柳溪县农业农村局", 2023, 2)]
        assert short(archive, "visits", "portal", "outcome", "visits") == [("liuxi", "ok", 2), ("liuxi", "blocked", 1)]
        assert short(archive, "visits", "visits", since="2024-02-06") == []
        assert short(archive, "doubts", "source", "media", "reports") == [("liuxi", "html", 1)]
        reasons = short(archive, "refusal-reasons", "label", "applications", "reports", "without_number", year=2023)
        assert reasons[0] == ("6.属于四类过程性信息", 265, 19, 0)
        assert ("3.危及“三安全一稳定”", 0, 18, 1) in reasons
        (blank,) = [row for row in asked(archive, "no-number", year=2021) if row["state"] == "blank"]
        assert (blank["table_name"], blank["cells"], blank["reports"]) == ("applications", 1, 1)
        absent = next(row for row in asked(archive, "no-number", year=2021) if row["state"] == "row_absent")
        assert (absent["cells"], absent["reports"]) == (7 * 4, 4), "a row kept in one line counts its cells"
        assert asked(archive, "findings-by-rule") == []


def test_correction_rates_and_fees(archive: Archive, store) -> None:
    archive.import_agencies([Agency("990101:财政局", "柳溪县财政局", region_code="990101", organ="department")])
    values: dict[str, int | float | None] = {
        "challenges.reconsideration.upheld": 14,
        "challenges.reconsideration.corrected": 5,
        "challenges.reconsideration.other": 1,
        "challenges.reconsideration.pending": 9,
        "challenges.litigation_direct.upheld": 19,
        "challenges.litigation_after_reconsideration.upheld": 40,
        "challenges.litigation_after_reconsideration.corrected": None,
        "disclosure.fees.amount": 3.5,
    }
    store(make_report(2023, values=values), agency_id="990101:财政局")
    rows = short(archive, "correction-rates", "kind", "concluded", "corrected", "corrected_percent", "left_out")
    assert rows == [("reconsideration", 20, 5, 25.0, 0)]  # pending are none; 19 are too few; a null cannot be told
    assert short(archive, "fees", "amount", "unit") == [(3.5, "万元")]
    report = make_report(2022, values=values)
    fees = Figure("disclosure.fees.amount", 35000, "printed", "35000", "元", "printed")
    report.figures["disclosure.fees.amount"] = fees
    store(report, b"B", agency_id="990101:财政局")
    assert short(archive, "fees", "amount") == [(3.5,)], "yuan and ten thousand yuan are never in one list"


def test_changes_of_body_and_scope_are_no_mismatch(path: Path) -> None:
    with Archive.open(path) as archive:
        assert sorted(short(archive, "carry-over", "agency")) == [("柳溪县林业局",), ("柳溪县财政局",)]
        with archive.write() as connection:  # the innocent ones are innocent for that reason alone
            connection.execute("SAVEPOINT guilty")
            connection.execute("UPDATE agencies SET successors = '[]', predecessors = '[]'")
            connection.execute("DELETE FROM scopes")
            sql, parameters = bound(connection, QUERIES["carry-over"], {})
            found = {row[0] for row in connection.execute(sql, parameters)}
            connection.execute("ROLLBACK TO guilty")
            connection.execute("RELEASE guilty")
    assert found == {"柳溪县林业局", "柳溪县财政局", "柳溪县文化和旅游局", "柳溪县自然资源局"}


def test_a_figure_is_a_column_only_if_a_form_has_it(path: Path) -> None:
    with Archive.open(path) as archive, archive.read() as connection:
        for figure, said in (
            ("applications.new.totl", "applications.new.total"),
            ('x" FROM wide; --', "no form has such a figure"),
            ("disclosure.fees.amount", "is an amount"),
        ):
            with pytest.raises(ArchiveError, match=re.escape(said)):
                bound(connection, QUERIES["biggest-changes"], {"figure": figure})
        with pytest.raises(ArchiveError, match="is no day"):
            bound(connection, QUERIES["visits"], {"since": "2024-2-30"})


# What people may ask


@pytest.mark.parametrize(
    ("select", "said"),
    [
        ("SELEC 1", 'near "SELEC": syntax error'),
        ("SELECT * FROM lates", "no such table: lates; latest or places? `nianbao schema` lists"),
        ("SELECT agncy FROM latest", "no such column: agncy; agency"),
        (
            "SELECT * FROM deadlines WHERE agency_id = ''",
            "no such column: agency_id; deadlines has duty, year, due_on,",
        ),
        (
            "SELECT d.yeer FROM deadlines d JOIN duties USING (duty)",
            "no such column: d.yeer; year? `nianbao schema TABL",
        ),
        ("SELECT 1; SELECT 2", "more than one statement"),
        ("-- nothing", "there is no question in it"),
        ("SELECT ?", "there is a parameter"),
        ("DELETE FROM reports", "DELETE is not allowed: the archive is opened for reading only"),
        ("INSERT INTO portals (id) VALUES ('x')", "INSERT is not allowed"),
        ("DROP TABLE reports", "SQL: DROP is not allowed: the archive is opened for reading only"),
        ("CREATE TEMP TABLE t (x)", "SQL: CREATE is not allowed"),
        ("-- so\n/* * */ VACUUM", "SQL: VACUUM is not allowed"),
        ("WITH x AS (SELECT 1) DELETE FROM reports", "SQL: DELETE is not allowed"),
        ("ATTACH 'other.db' AS o", "ATTACH is not allowed"),
        ("VACUUM INTO 'copy.db'", "SQL: VACUUM is not allowed"),
        ("PRAGMA query_only = OFF", "this PRAGMA is not allowed"),
        ("PRAGMA writable_schema = ON", "this PRAGMA is not allowed"),
        ("UPDATE sqlite_master SET sql = ''", "sqlite_master may not be modified"),
        ("UPDATE reports SET year = 1", "UPDATE is not allowed"),
        ("INSERT INTO report_search (report_search) VALUES ('delete-all')", "INSERT is not allowed"),
        ("BEGIN IMMEDIATE", "a transaction is not allowed"),
        ("SELECT load_extension('x')", "load_extension is not allowed"),
        ("SELECT zeroblob(1000000000)", "more room than there is"),
    ],
)
def test_what_is_wrong_or_not_allowed_is_one_sentence(select: str, said: str, path: Path, tmp_path: Path) -> None:
    with Archive.open(path) as archive, Asking(archive) as asking:
        with pytest.raises(ArchiveError) as caught:
            list(asking.ask(select))
        assert said in str(caught.value) and "\n" not in str(caught.value)
        assert list(asking.ask("SELECT count(*) FROM reports")) == [(37,)]


def test_what_is_about_the_schema_may_be_asked(path: Path) -> None:
    with Archive.open(path) as archive, Asking(archive) as asking:
        assert ("agency_no",) in set(asking.ask("SELECT name FROM pragma_table_info('wide')"))
        assert list(asking.ask("SELECT value FROM json_each('[1, 2]')")) == [(1,), (2,)]
        assert list(asking.ask("EXPLAIN QUERY PLAN SELECT * FROM latest WHERE agency_id = 'x'"))
        assert list(
            asking.ask("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3) SELECT x FROM n")
        )
        ((found,),) = asking.ask("SELECT count(*) FROM report_search WHERE report_search MATCH '\"一\"'")
        assert found > 0


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"


def test_a_question_without_an_end_is_broken_off(path: Path) -> None:
    with Archive.open(path) as archive, Asking(archive, timeout_s=0.05) as asking:
        with pytest.raises(ArchiveError, match=r"took longer than 0\.05 s and was broken off; narrow it down"):
            list(asking.ask(f"SELECT count(*) FROM ({ENDLESS})"))
        assert next(iter(asking.ask(ENDLESS))) == (1,), "the next question has its own time, and rows come at once"


def test_looking_at_the_rows_costs_no_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with Archive.open(path) as archive, Asking(archive, timeout_s=5) as asking:
        for number, _ in enumerate(asking.ask(f"{ENDLESS} LIMIT 100000")):
            if number % 256 == 255:
                clock[0] += 3600
    assert number == 99_999


def test_an_answer_is_of_one_moment_while_others_write(path: Path) -> None:
    with Archive.open(path) as archive, Archive.open(path) as other, Asking(archive) as asking:
        answer = iter(asking.ask("SELECT a.url, a.at FROM visits a, visits b, visits c, visits d, visits e, visits f"))
        first = next(answer)
        with other.write() as connection:
            connection.execute("UPDATE visits SET status = 299")
            assert len([first, *answer]) == 3**6
            done = run(path, "sql", "SELECT count(*) AS n FROM visits WHERE status = 299", "--format", "json")
            assert (done.returncode, done.stdout) == (0, '{"n": 0}\n'), "another process reads what was before"
            connection.execute("UPDATE visits SET status = 200")


# The command


def run(path: Path, *words: str, select: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "monitor", *words, "--archive", str(path)]
    return subprocess.run(command, input=select, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


VALUES = (
    "SELECT NULL AS a, 0 AS b, -3 AS c, 9007199254740993 AS d, 0.1 + 0.2 AS e, '=1+1' AS f, 'x,\"y\"' AS g,"
    " x'00ff' AS h"
)


def test_null_zero_and_numbers_stay_what_they_are(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = run(path, "sql", VALUES, "--out", str(out))
    assert (done.returncode, done.stdout) == (0, "") and f"{out}: 1 row" in done.stderr
    header, row = csv.reader(io.StringIO(out.read_text("utf-8")))
    assert dict(zip(header, row, strict=True)) == {
        "a": "", "b": "0", "c": "-3", "d": "9007199254740993", "e": "0.30000000000000004", "f": "=1+1", "g": 'x,"y"',
        "h": "00ff",
    }  # fmt: skip
    (line,) = run(path, "sql", VALUES, "--format", "json").stdout.splitlines()
    assert json.loads(line) == {
        "a": None, "b": 0, "c": -3, "d": 9007199254740993, "e": 0.1 + 0.2, "f": "=1+1", "g": 'x,"y"', "h": "00ff",
    }  # fmt: skip
    shown = run(path, "sql", VALUES).stdout
    assert "null" in shown and "9007199254740993" in shown and "0.30000000000000004" in shown and "1 row." in shown
    assert [file.name for file in tmp_path.iterdir()] == ["out.csv"]


def test_wide_rows_are_shown_one_by_one_and_many_are_cut(path: Path) -> None:
    wide = run(path, "sql", "SELECT * FROM latest WHERE agency = '柳溪县档案局' AND year = 2023").stdout
    assert "row 1" in wide and "applications_new_total" in wide and "null" in wide
    many = run(path, "sql", f"{ENDLESS} LIMIT 5000").stdout
    assert "The first 1000 rows; all of them with --format csv or json." in many
    texts = run(path, "sql", "SELECT '[red]' || char(27) || '[31m' AS t").stdout
    assert "[red]�[31m" in texts, "texts of others are neither orders to a terminal nor marks of ours"


def test_faults_of_the_command_are_one_sentence_and_status_2(path: Path, tmp_path: Path) -> None:
    for words, said in (
        (("sql", "SELECT x FROM latest"), "nianbao: SQL: no such column: x; "),
        (("sql", "SELECT 1 AS a, 2 AS a", "--format", "json"), "two columns of the answer are called a"),
        (("sql", "SELECT 1", "--out", str(tmp_path / "x.txt")), "say in which format"),
        (("sql", "SELECT 1", "--out", str(tmp_path / "no" / "x.csv")), "cannot be written"),
        (("sql", ENDLESS.replace("SELECT x FROM", "SELECT sum(x) FROM"), "--timeout", "0.2"), "took longer than 0.2 s"),
        (("query", "biggest-changes", "--figure", "x"), "no form has such a figure"),
    ):
        done = CliRunner().invoke(main, [*words, "--archive", str(path)])
        assert done.exit_code == 2 and said in done.stderr and isinstance(done.exception, SystemExit), words
        assert len(done.stderr.splitlines()) == 1 and done.stdout == "", words
    assert list(tmp_path.iterdir()) == []


def test_all_questions_are_listed(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "monitor", "query"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert set(QUERIES) <= set(re.findall(r"^([a-z-]+) ", done.stdout, re.M))
    wrong = subprocess.run([*command, "coverag"], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert wrong.returncode == 2 and "expected coverage" in wrong.stderr


def test_an_archive_of_another_user_may_be_asked(path: Path, tmp_path: Path) -> None:
    """One that may only be read, as on a medium: SQLite makes no journal beside it."""
    copy = tmp_path / "copy.db"
    with sqlite3.connect(path) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close(), target.close()
    code = (
        "import sys; from pathlib import Path; from db import protected;"
        "protected.may_only_be_read = lambda path: True\n"
        "from db.archive import Archive; from db.questions.asking import Asking\n"
        "with Archive.open(Path(sys.argv[1])) as archive, Asking(archive) as asking:\n"
        "    print(archive.is_read_only, *asking.ask('SELECT count(*) FROM reports'))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code, copy], capture_output=True, text=True, check=True)
    assert done.stdout == "True (37,)\n"
    assert [file.name for file in tmp_path.iterdir()] == ["copy.db"]


def _within_one_step() -> str:
    """A question on which SQLite works for hours without looking at the time."""
    return "SELECT instr(hex(zeroblob(8000000)), hex(zeroblob(4000000)) || '1')"


def test_what_cannot_be_broken_off_ends_in_time(path: Path) -> None:
    command = [sys.executable, "-P", "-m", "monitor", "sql", _within_one_step(), "--archive", str(path)]
    done = subprocess.run([*command, "--timeout", "0.5"], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "took longer than 0.5 s and was broken off" in done.stderr


def test_big_values_are_held_a_few_at_a_time(path: Path) -> None:
    rows = (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT zeroblob(8000000) FROM n"
    )
    tracemalloc.start()
    with Archive.open(path) as archive, Asking(archive) as asking:
        assert sum(len(row[0]) for row in asking.ask(rows)) == 60 * 8_000_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50_000_000
