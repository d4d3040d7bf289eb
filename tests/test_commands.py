"""The commands as a user calls them: what they print, where, and with which status. No network."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.sandbox.faults import break_identity
from crawler.sandbox.sample import SampleReport
from crawler.sandbox.writers import docx, html, pdf, text, xlsx
from db.archive import Archive
from db.records import ColumnRead, ListedLink
from monitor.cli import COMMANDS, main
from parsers.form import load_forms
from tests.monitor.judged import COUNTRY

PARSE_KEYS = [
    "file", "sha256", "media", "agency", "agency_id", "year", "form", "title", "signed_on", "published_on",
    "published_source", "period", "scope", "figures", "cells", "sections", "doubts",
]  # fmt: skip
CHECK_KEYS = [
    "rule", "kind", "severity", "certainty", "basis", "agency", "year", "figure", "figures", "observed", "expected",
    "sentence_zh", "sentence_en", "places", "fingerprint",
]  # fmt: skip
REGISTER_HEADER = "id,name,aliases,region_code,organ,duty,duty_source,from_year,to_year,portal\n"
DUTY = "art49_department,政府信息公开条例 (2019) 第四十九条"


def _agency(name: str, year: int) -> SampleReport:
    """A report of the pretend country's quietest bureau, under another name."""
    marked = {t.agency_id for t in COUNTRY.truths} | {i.agency_id for i in COUNTRY.innocents}
    plan = next(
        p
        for p in COUNTRY.plans
        if p.agency.id not in marked and p.year == year and p.agency.name.endswith("住房和城乡建设局")
    )
    own = plan.sample.agency
    sections = tuple(
        replace(s, paragraphs=tuple(p.replace(own, name) for p in s.paragraphs)) for s in plan.sample.sections
    )
    return replace(plan.sample, agency=name, title=f"{name}{year}年政府信息公开工作年度报告", sections=sections)


NAME = "洪泽区财政局"
FULL_NAME = "淮安市洪泽区财政局"
BEFORE, AFTER = _agency(NAME, 2022), _agency(NAME, 2023)


def _broken(sample: SampleReport, rule: str) -> SampleReport:
    figures = dict(sample.figures)
    break_identity(figures, rule)
    return replace(sample, figures=figures)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder of its own, and the default archive lies there."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str, status: int) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == status, (result.exit_code, result.output, result.exception)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def _lines(result: Result) -> list[dict[str, Any]]:
    """The JSON lines of standard output; anything else there fails."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def _dump(archive: Path) -> dict[str, list[str]]:
    """All rows of an archive, table by table. The index of words keeps none."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'report_search%'"
    with sqlite3.connect(archive) as connection:
        tables = [r[0] for r in connection.execute(named)]
        rows = {t: sorted(map(repr, connection.execute(f'SELECT * FROM "{t}"'))) for t in tables}
    connection.close()
    return rows


def _documents(archive: Path) -> list[str]:
    return sorted(p.name for p in Path(f"{archive}.documents").rglob("*.zst"))


def _write(name: str, sample: SampleReport) -> str:
    writer = {"html": html, "pdf": pdf, "docx": docx, "xlsx": xlsx, "txt": text}[name.rpartition(".")[2]]
    Path(name).write_bytes(writer.write(sample))
    return name


# parse


def test_parse_json_gives_one_line_a_file_with_the_promised_keys() -> None:
    files = [_write(name, AFTER) for name in ("a.html", "b.pdf", "c.docx", "d.xlsx", "e.txt")]
    result = _run("parse", "--json", *files, status=0)
    read = _lines(result)
    assert result.stderr == ""
    assert [r["file"] for r in read] == files
    assert [r["media"] for r in read] == ["html", "pdf", "docx", "xlsx", "text"]
    names = load_forms()["2021"].figure_names
    for r in read:
        assert list(r) == PARSE_KEYS
        assert (r["agency"], r["agency_id"], r["year"], r["form"]) == (NAME, "320813:财政局", 2023, "2021")
        assert (r["title"], r["signed_on"]) == (AFTER.title, AFTER.signed_on)
        assert r["period"] == ["2023-01-01", "2023-12-31"]
        assert len(r["sha256"]) == 64
        assert list(r["figures"]) == list(r["cells"]) == list(names)
        for cell in r["cells"].values():
            assert list(cell) == ["state", "text", "unit", "how", "place"]
            assert cell["place"] is None or list(cell["place"]) == ["page", "box", "table", "row", "column"]
        assert any(cell["place"] for cell in r["cells"].values())
        assert [s["number"] for s in r["sections"]] == [1, 2, 3, 4, 5, 6]
        assert all(list(s) == ["number", "heading", "text"] for s in r["sections"])
        assert all(list(d) == ["figure", "reason", "text"] for d in r["doubts"])
    # What was put in comes out, whatever the file format.
    put_in = {name: value for name, value in AFTER.figures.items() if isinstance(value, int)}
    assert len(put_in) > 100
    for r in read:
        assert {name: r["figures"][name] for name in put_in} == put_in, r["file"]


def test_parse_reads_the_others_where_a_file_cannot_be_read() -> None:
    Path("broken.pdf").write_bytes(b"%PDF-1.7\n")
    files = [_write("a.html", AFTER), "broken.pdf", _write("b.html", BEFORE), "nowhere.html", _write("c.html", AFTER)]
    result = _run("parse", "--json", *files, status=2)
    read = _lines(result)
    assert [r["file"] for r in read] == files
    assert [r.get("year") for r in read] == [2023, None, 2022, None, 2023]
    for r, kind in ((read[1], "truncated"), (read[3], "not-found")):
        assert list(r) == ["file", "error", "kind"]
        assert r["kind"] == kind
        assert f"nianbao: {r['file']}: {r['error']}\n" in result.stderr


def test_parse_shows_the_tables() -> None:
    result = _run("parse", _write("a.html", AFTER), status=0)
    assert AFTER.title in result.stdout
    assert "320813:财政局" in result.stdout


# check


def test_check_json_of_a_certain_error() -> None:
    good, bad = _write("a.html", BEFORE), _write("b.html", _broken(AFTER, "applications-balance"))
    result = _run("check", "--json", bad, status=1)
    findings = _lines(result)
    assert {f["rule"] for f in findings} == {"applications-balance"}
    for f in findings:
        assert list(f) == CHECK_KEYS
        assert (f["kind"], f["severity"], f["certainty"]) == ("identity", "error", "certain")
        assert (f["agency"], f["year"]) == (NAME, 2023)
        assert f["figure"] in f["figures"]
        assert f["observed"] == f["expected"] + 1
        assert NAME in f["sentence_zh"]
        assert str(f["observed"]) in f["sentence_zh"]
        assert str(f["observed"]) in f["sentence_en"]
        assert all(list(p) == ["year", "sha256", "source", "figure", "place"] for p in f["places"])
        assert len(f["fingerprint"]) == 16
    assert len({f["fingerprint"] for f in findings}) == len(findings) == 2
    # Something that could not be done comes before findings; nothing to find is 0.
    both = _run("check", "--json", bad, "nowhere.html", status=2)
    assert _lines(both) == findings
    assert both.stderr == "nianbao: nowhere.html: there is no such file; check the path\n"
    assert _lines(_run("check", "--json", good, status=0)) == []
    assert "1 report judged, 0 findings." in _run("check", good, status=0).stdout


def test_check_holds_two_years_of_one_agency_against_each_other() -> None:
    before, after = _write("2022.html", BEFORE), _write("2023.docx", AFTER)
    broken = _write("broken.pdf", _broken(AFTER, "carry-over"))
    assert _lines(_run("check", "--json", before, after, status=0)) == []
    assert _lines(_run("check", "--json", broken, status=0)) == []
    (finding,) = _lines(_run("check", "--json", broken, before, status=0))
    assert (finding["rule"], finding["severity"]) == ("carry-over", "warning")
    assert finding["figure"] == "applications.carried_in.total"
    assert (finding["observed"], finding["expected"]) == (
        BEFORE.figures["applications.carried_out.total"] + 2,  # type: ignore[operator]
        BEFORE.figures["applications.carried_out.total"],
    )
    assert {p["year"] for p in finding["places"]} == {2022, 2023}
    # One name with the city in front and one without are one agency.
    named = replace(BEFORE, agency=FULL_NAME, title=BEFORE.title.replace(NAME, FULL_NAME))
    assert [f["rule"] for f in _lines(_run("check", "--json", broken, _write("n.html", named), status=0))] == [
        "carry-over"
    ]


def test_check_does_not_judge_a_report_whose_year_is_unknown() -> None:
    bare = replace(AFTER, title="政府信息公开工作年度报告", opening=("本报告依法编制。",), sections=AFTER.sections[1:4])
    bare = replace(bare, sections=tuple(replace(s, paragraphs=()) for s in bare.sections), signed_on=None)
    result = _run("check", "--json", _write("a.html", bare), status=2)
    assert result.stderr.startswith("nianbao: a.html: neither its title nor its text says for which year")
    assert result.stdout == ""


def test_check_without_files_judges_the_archive(here: Path) -> None:
    _write("2022.html", BEFORE)
    _write("2023.html", _broken(_broken(AFTER, "carry-over"), "challenges-total"))
    _run("add", "2022.html", "2023.html", status=0)
    before = _dump(here / "nianbao.db")
    findings = _lines(_run("check", "--json", status=1))
    assert sorted(f["rule"] for f in findings) == ["carry-over", "challenges-total"]
    assert _dump(here / "nianbao.db") == before
    assert _lines(_run("check", "--json", "--archive", str(here / "nianbao.db"), status=1)) == findings
    stored = _lines(_run("findings", "--json", status=1))
    assert {row.pop("life")["is_open"] for row in stored} == {True}
    assert sorted(stored, key=lambda f: f["fingerprint"]) == sorted(findings, key=lambda f: f["fingerprint"])


# add, findings


def test_adding_twice_is_adding_once(here: Path) -> None:
    (here / "in" / "deep").mkdir(parents=True)
    _write("in/a.html", BEFORE)
    _write("in/deep/b.docx", _broken(AFTER, "applications-balance"))
    (here / "in" / ".hidden").write_text("not taken", "utf-8")
    result = _run("add", "in", status=0)
    assert result.stdout == "2 files: 2 new reports, 0 revised, 0 kept unread, 0 already there.\n"
    first, documents = _dump(here / "nianbao.db"), _documents(here / "nianbao.db")
    assert len(documents) == 2
    result = _run("add", "in", "in/a.html", status=0)
    assert ": 0 new reports, 0 revised" in result.stdout
    again = _dump(here / "nianbao.db")
    # Only when a finding was last seen may change.
    assert {t: rows for t, rows in again.items() if t != "findings"} == {
        t: rows for t, rows in first.items() if t != "findings"
    }
    assert len(again["findings"]) == len(first["findings"]) == 2
    assert _documents(here / "nianbao.db") == documents


def test_a_changed_file_is_a_revision(here: Path) -> None:
    _write("a.html", _broken(AFTER, "applications-balance"))
    _run("add", "a.html", "--fetched-at", "2024-01-30T09:00:00+08:00", status=0)
    assert len(_lines(_run("findings", "--json", status=1))) == 2
    _write("a.html", AFTER)
    result = _run("add", "a.html", "--fetched-at", "2024-02-01T09:00:00+08:00", status=0)
    assert result.stdout == "1 file: 0 new reports, 1 revised, 0 kept unread, 0 already there.\n"
    assert _lines(_run("findings", "--json", status=0)) == []
    assert len(_lines(_run("findings", "--json", "--all", status=1))) == 2


def test_add_takes_where_when_and_whose(here: Path) -> None:
    _write("r.html", replace(AFTER, agency="", title="2023年政府信息公开工作年度报告"))
    url, at = "http://www.example.gov.cn/r.html", "2024-01-30T09:00:00+08:00"
    _run("add", "r.html", "--url", url, "--fetched-at", at, "--agency", FULL_NAME, "--archive", "x.db", status=0)
    assert not (here / "nianbao.db").exists()
    with Archive.open(here / "x.db") as archive:
        (report,) = archive.reports()
    assert (report.agency_id, report.year, report.url) == ("320813:财政局", 2023, url)
    assert report.first_seen_at == datetime(2024, 1, 30, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--url", "http://www.example.gov.cn/"], "--url and --agency are for a single file; add the files one by one"),
        (["--agency", NAME], "--url and --agency are for a single file; add the files one by one"),
        (["--fetched-at", "soon"], "--fetched-at soon: is no time; write it as 2024-02-20T10:00:00+08:00"),
        (
            ["--fetched-at", "2024-01-30T09:00:00"],
            "--fetched-at 2024-01-30T09:00:00: has no zone; write it as 2024-01-30T09:00:00+08:00",
        ),
    ],
)
def test_add_refuses_what_it_cannot_understand(here: Path, arguments: list[str], sentence: str) -> None:
    files = [_write("a.html", BEFORE), _write("b.html", AFTER)]
    result = _run("add", *files, *arguments, status=2)
    assert (result.stdout, result.stderr) == ("", f"nianbao: {sentence}\n")
    assert not (here / "nianbao.db").exists()


def test_findings_by_year_and_agency() -> None:
    other = _broken(_agency("洪泽区水利局", 2023), "challenges-total")
    _write("a.html", _broken(AFTER, "applications-results"))
    _write("b.html", _broken(BEFORE, "challenges-total"))
    _write("c.html", other)
    _run("add", "a.html", "b.html", "c.html", status=0)

    def rules(*arguments: str, status: int = 1) -> set[tuple[str, int, str]]:
        found = _lines(_run("findings", "--json", *arguments, status=status))
        assert all(list(f) == [*CHECK_KEYS, "life"] for f in found)
        return {(f["agency"], f["year"], f["rule"]) for f in found}

    water = ("洪泽区水利局", 2023, "challenges-total")
    old, new = (NAME, 2022, "challenges-total"), (NAME, 2023, "applications-results")
    assert rules() == {water, old, new}
    assert rules("--year", "2023") == {water, new}
    assert rules("--agency", NAME) == rules("--agency", "320813:财政局") == {old, new}
    assert rules("--agency", NAME, "--year", "2022") == {old}
    assert rules("--year", "2019", status=0) == set()
    assert _run("findings", "--year", "2022", status=1).stdout.endswith("\n1 finding.\n")
    assert _run("findings", "--all", status=1).stdout.endswith(
        f"\n{len(_lines(_run('findings', '--json', status=1)))} findings.\n"
    )


# diff


def test_diff_finds_the_agency_by_every_name_of_it() -> None:
    _run("add", _write("a.html", BEFORE), _write("b.html", AFTER), status=0)
    changes = _lines(_run("diff", "--json", FULL_NAME, status=0))
    keys = ["agency", "year", "figure", "before", "before_state", "before_how", "after", "after_state", "after_how"]
    assert all(list(c) == keys for c in changes)
    assert {(c["agency"], c["year"]) for c in changes} == {(NAME, 2023)}
    expected = {
        n: (BEFORE.figures[n], AFTER.figures[n])
        for n in AFTER.figures
        if isinstance(AFTER.figures[n], int) and BEFORE.figures[n] != AFTER.figures[n]
    }
    assert expected
    assert {c["figure"]: (c["before"], c["after"]) for c in changes if c["figure"] in expected} == expected
    assert all(c["before"] != c["after"] or c["before_state"] != c["after_state"] for c in changes)
    for name in (NAME, "320813:财政局", "江苏省淮安市洪泽区财政局"):
        assert _lines(_run("diff", "--json", name, "2023", status=0)) == changes
    shown = _run("diff", NAME, status=0).stdout
    assert f"{len(changes)} figures changed." in shown


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["苏州市财政局"], "苏州市财政局: no report of such an agency is in the archive"),
        ([NAME, "2022"], f"{NAME}: the report for 2021 is not in the archive (it has 2022, 2023)"),
        ([NAME, "2019"], f"{NAME}: the report for 2019 is not in the archive (it has 2022, 2023)"),
    ],
)
def test_diff_says_what_is_not_there(arguments: list[str], sentence: str) -> None:
    _run("add", _write("a.html", BEFORE), _write("b.html", AFTER), status=0)
    result = _run("diff", "--json", *arguments, status=2)
    assert result.stdout == ""
    assert result.stderr.startswith(f"nianbao: {sentence}")
    assert result.stderr.count("\n") == 1


# missing


def _deployment(here: Path) -> None:
    """A register of four agencies, and a portal on this machine whose column is kept for their reports."""
    rows = [
        f"320813:财政局,{FULL_NAME},{NAME},320813,department,{DUTY},,,town",
        f"320813:水利局,洪泽区水利局,,320813,department,{DUTY},,,town",
        f"320813:司法局,洪泽区司法局,,320813,department,{DUTY},,,",
        "320813:气象局,洪泽区气象局,,320813,department,none,,,,town",
    ]
    (here / "register.csv").write_text(REGISTER_HEADER + "\n".join(rows) + "\n", "utf-8")
    (here / "portals").mkdir()
    (here / "portals" / "town.toml").write_text(
        'name = "洪泽区人民政府"\nplatform = "static_list"\nallowed_hosts = ["127.0.0.1:9"]\n'
        'columns = [{ url = "http://127.0.0.1:9/nb/" }]\nplace = "洪泽区"\n',
        "utf-8",
    )
    (here / "config.toml").write_text('register = "register.csv"\nportals = ["portals"]\n', "utf-8")


def test_missing_tells_who_owes_what(here: Path) -> None:
    _deployment(here)
    _run("add", _write("a.html", AFTER), status=0)
    after = ["--now", "2024-03-20T10:00:00+08:00"]
    states = _lines(_run("missing", "2023", "--json", "--all", *after, status=0))
    assert all(list(s) == ["agency", "agency_id", "year", "state", "due", "lacking", "reads", "unread"] for s in states)
    assert {s["agency"]: s["state"] for s in states} == {
        FULL_NAME: "present",
        "洪泽区水利局": "unknown",
        "洪泽区司法局": "unknown",
        "洪泽区气象局": "not_owed",
    }
    # Three looks on three days at a column that shows another's report of that year, and not this one.
    with Archive.open(here / "nianbao.db") as archive:
        archive.add_portal("town", "洪泽区人民政府", "static_list")
        for day in (0, 4, 9):
            at = datetime(2024, 3, 4, 2, tzinfo=UTC) + timedelta(days=day)
            link = ListedLink("http://127.0.0.1:9/nb/1.html", AFTER.title, "2024-01-20")
            archive.add_column_read(ColumnRead("town", "http://127.0.0.1:9/nb/", at, "ok", 1, [link]))
    states = _lines(_run("missing", "2023", "--json", *after, status=1))
    assert {s["agency"]: s["state"] for s in states} == {"洪泽区水利局": "missing", "洪泽区司法局": "unknown"}
    water = next(s for s in states if s["agency"] == "洪泽区水利局")
    assert (water["lacking"], len(water["reads"]), water["year"]) == ([], 3, 2023)
    assert water["due"] == "2024-01-31"
    assert all(list(r) == ["column", "at"] for r in water["reads"])
    shown = _run("missing", "2023", *after, status=1).stdout
    assert "洪泽区水利局" in shown
    assert "1 missing" in shown
    # Before the deadline nobody is late.
    early = _lines(_run("missing", "2023", "--json", "--now", "2024-01-15T10:00:00+08:00", status=0))
    assert {s["state"] for s in early} <= {"not_yet_due", "unknown"}


def test_missing_without_a_register_says_so(here: Path) -> None:
    Archive.open(here / "nianbao.db").close()
    result = _run("missing", "2023", status=0)
    assert result.stdout == "The register names no agency; set `register` in config.toml.\n"
    assert _lines(_run("missing", "2023", "--json", "--all", status=0)) == []


def test_a_pretended_time_is_for_portals_on_this_machine(here: Path) -> None:
    _deployment(here)
    _run("add", _write("a.html", AFTER), status=0)
    portal = here / "portals" / "town.toml"
    portal.write_text(portal.read_text("utf-8").replace("127.0.0.1:9", "www.example.gov.cn"), "utf-8")
    for command in (["missing", "2023"], ["run"], ["crawl"]):
        result = _run(*command, "--now", "2024-03-20T10:00:00+08:00", status=2)
        assert result.stderr == "nianbao: --now is only for portals on this machine; leave it out\n"


# What all commands share


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_help_has_an_example(command: str) -> None:
    shown = _run(command, "--help", status=0).stdout
    assert f"Example:\n    nianbao {command}" in shown
    assert _run(command, "-h", status=0).stdout == shown


@pytest.mark.parametrize("arguments", [["check"], ["findings"], ["missing", "2023"], ["diff", NAME]])
def test_without_an_archive_there_is_one_sentence(here: Path, arguments: list[str]) -> None:
    result = _run(*arguments, "--archive", "no.db", status=2)
    assert (result.stdout, result.stderr) == (
        "",
        "nianbao: no.db: there is no archive yet; make one with `nianbao run` or `nianbao add`, "
        "or name it with --archive\n",
    )
    assert not (here / "no.db").exists()


CALLS = {
    "parse": ["a.html"], "check": ["a.html"], "add": ["a.html"], "run": [], "crawl": [],
    "missing": ["2023"], "findings": [], "diff": [NAME],
}  # fmt: skip


@pytest.mark.parametrize("command", CALLS)
def test_wrong_settings_are_named_by_file_and_line(here: Path, command: str) -> None:
    _write("a.html", AFTER)
    (here / "config.toml").write_text('archive = "x.db"\n\narchiv = "y.db"\n[crawl]\nat_once = 0\n', "utf-8")
    result = _run(command, *CALLS[command], status=2)
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first.startswith("nianbao: config.toml:3: archiv: ")
    assert "archive" in first
    assert second.startswith("nianbao: config.toml:5: crawl.at_once: ")
    assert not (here / "x.db").exists()
    missing = _run(command, *CALLS[command], "--config", "other.toml", status=2)
    assert missing.stderr.startswith("nianbao: other.toml: there is no such file")


def test_settings_and_archive_are_those_that_were_named(here: Path) -> None:
    (here / "season").mkdir()
    (here / "season" / "s.toml").write_text('archive = "a.db"\n', "utf-8")
    (here / "config.toml").write_text('archive = "own.db"\n', "utf-8")
    file = _write("a.html", AFTER)
    _run("add", file, "--config", "season/s.toml", status=0)
    assert sorted(p.name for p in here.rglob("*.db")) == ["a.db"]
    assert (here / "season" / "a.db").exists()
    _run("add", file, status=0)
    _run("add", file, "--config", "season/s.toml", "--archive", "named.db", status=0)
    assert sorted(p.name for p in here.rglob("*.db")) == ["a.db", "named.db", "own.db"]
    for arguments in (["--config", "season/s.toml"], [], ["--archive", "named.db"]):
        assert "1 report judged" in _run("check", *arguments, status=0).stdout


def test_names_of_the_register_are_used(here: Path) -> None:
    (here / "register.csv").write_text(
        REGISTER_HEADER + f"320813:财政局,{FULL_NAME},洪财局,320813,department,{DUTY},,,\n", "utf-8"
    )
    (here / "config.toml").write_text('register = "register.csv"\n', "utf-8")
    file = _write(
        "a.html",
        _broken(replace(AFTER, agency="洪财局", title="洪财局2023年政府信息公开工作年度报告"), "challenges-total"),
    )
    (read,) = _lines(_run("parse", "--json", file, status=0))
    assert (read["agency"], read["agency_id"]) == ("洪财局", "320813:财政局")
    assert {f["agency"] for f in _lines(_run("check", "--json", file, status=1))} == {FULL_NAME}
    (here / "register.csv").write_text(REGISTER_HEADER + ",x,,32,department,none,,,,\n", "utf-8")
    result = _run("parse", "--json", file, status=2)
    assert "register.csv:2: id: is empty; fill it in" in result.stderr


def test_what_is_no_archive_is_one_sentence(here: Path) -> None:
    (here / "nianbao.db").write_bytes(b"this is no archive" * 100)
    for arguments in (["check"], ["findings"], ["missing", "2023"], ["diff", NAME], ["add", _write("a.html", AFTER)]):
        result = _run(*arguments, status=2)
        assert result.stdout == ""
        assert result.stderr.startswith("nianbao: ")
        assert "nianbao.db" in result.stderr
        assert result.stderr.count("\n") == 1
    assert (here / "nianbao.db").read_bytes() == b"this is no archive" * 100
