"""`nianbao correct` and `nianbao history`, each in a process of its own: what they say, what the archive says after."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.sandbox.faults import break_identity
from crawler.sandbox.writers import html
from db.archive import Archive
from db.records import Sighting
from monitor.cli import main
from monitor.config import Thresholds
from monitor.correcting import figure_said
from monitor.evidence.case import collect
from monitor.evidence.data import data_json
from monitor.evidence.page import index_html
from monitor.evidence.target import find_target
from monitor.judging.reports import judge_reports
from monitor.pipeline import read_waiting
from monitor.shown import cell_text, legend
from parsers.form import load_forms
from tests.monitor.judged import judged, quiet_sample

AT = datetime(2024, 2, 1, 4, tzinfo=UTC)
SAMPLE = quiet_sample()
NAME, YEAR = SAMPLE.agency, str(SAMPLE.year)
TOTAL = "challenges.litigation_direct.total"
PRINTED, RIGHT = int(str(SAMPLE.figures[TOTAL])) + 1, int(str(SAMPLE.figures[TOTAL]))
FORM = load_forms()["2021"]
URL = "https://www.example.gov.cn/nb/1.html"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with one report, of a portal, whose total is read as one too high."""
    folder = tmp_path_factory.mktemp("broken")
    figures = dict(SAMPLE.figures)
    break_identity(figures, "challenges-total")
    with Archive.open(folder / "a.db") as archive:
        archive.add_portal("liuxi", "柳溪县人民政府", "static_list")
        sha256 = archive.put_document(html.write(replace(SAMPLE, figures=figures)), media="text/html", seen_at=AT)
        archive.add_sighting(Sighting("liuxi", URL, URL, "page", SAMPLE.title, None, sha256, AT))
        assert read_waiting(archive).new == 1
    (folder / "config.toml").write_text('archive = "a.db"\n[telegram]\nchats = [1]\n', "utf-8")
    return folder


@pytest.fixture
def here(broken: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(broken, tmp_path / "here"))


def run(here: Path, *words: str, status: int = 0) -> str:
    """A command in a new process; its standard output, or where it fails its only sentence."""
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "monitor", *words], cwd=here, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == status, (ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr
    return ran.stdout if status == 0 else ran.stderr


def rows(here: Path, select: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(here / "a.db") as connection:
        found = connection.execute(select).fetchall()
    connection.close()
    return found


def test_a_correction_ends_a_finding_and_to_undo_it_brings_it_back(here: Path) -> None:
    said = ("--by", "王敏", "--source", "原页面第2页")
    run(here, "correct", NAME, YEAR, TOTAL, str(PRINTED), *said)  # vouched for: the finding stands, and says so
    ((rule, zh, en, certainty),) = rows(here, "SELECT rule, sentence_zh, sentence_en, certainty FROM findings")
    assert (rule, certainty) == ("challenges-total", "certain")
    assert f"的读数经人工更正（解析读作{PRINTED}）。" in zh
    assert en.endswith(f"was corrected by hand (the parser had read {PRINTED}).")
    out = run(here, "correct", NAME, YEAR, TOTAL.replace(".", "_"), str(RIGHT), *said)
    assert f"{TOTAL}: {PRINTED} (corrected) → {RIGHT} (corrected)" in out
    assert "0 findings new, 1 gone." in out
    assert rows(here, "SELECT is_open FROM findings") == [(0,)]
    assert [e for (e,) in rows(here, "SELECT event FROM finding_events ORDER BY id")] == ["found", "gone"]
    assert {e for (e,) in rows(here, "SELECT event FROM outbox WHERE state = 'pending'")} == {"found", "gone"}
    view = "SELECT value, state, how FROM figures WHERE figure = '{}'"
    assert rows(here, view.format(TOTAL)) == [(RIGHT, "corrected", "corrected")]
    out = run(here, "correct", NAME, YEAR, TOTAL, "--undo", "--by", "李强", "--source", "看错")
    assert f"{TOTAL}: {RIGHT} (corrected) → {PRINTED} (printed)" in out
    assert "1 finding new, 0 gone." in out
    assert rows(here, view.format(TOTAL)) == [(PRINTED, "printed", "printed")]
    ((sentence,),) = rows(here, "SELECT sentence_zh FROM findings WHERE is_open = 1")
    assert "更正" not in sentence


def test_history_and_list_tell_who_said_what(here: Path) -> None:
    run(here, "correct", NAME, YEAR, TOTAL, str(RIGHT), "--by", "王敏", "--source", "原页面第2页")
    run(here, "correct", NAME, YEAR, TOTAL, "--undo", "--by", "李强")
    run(here, "correct", NAME, YEAR, "disclosure.fees.amount", "１，２３４．５０", "--unit", "万元", "--by", "王敏",
        "--source", "原页面第1页")  # fmt: skip
    out = run(here, "history", NAME, YEAR)
    for words in (
        f"liuxi: {URL}", "revision 1: 2024-02-01 12:00 to 2024-02-01 12:00, the last one here, the one that the views",
        f"corrected by 王敏: {TOTAL} 四、未经复议直接起诉·总计 {RIGHT}", f"read as {PRINTED}", "by 李强",
        "disclosure.fees.amount 二、行政事业性收费·本年收费金额 1234.5 万元",
    ):  # fmt: skip
        assert words in out, out
    happened = re.findall(r"^(\d{4}-\d\d-\d\d \d\d:\d\d) (found|gone|correct\w+( taken back)?)", out, re.M)
    assert [time for time, *_ in happened] == sorted(time for time, *_ in happened)
    assert [what for _, what, _ in happened] == ["corrected", "correction taken back", "found", "corrected"]
    kinds = [json.loads(line)["kind"] for line in run(here, "history", NAME, YEAR, "--json").splitlines()]
    assert kinds == ["revision", "correction", "event", "correction"]
    assert kinds.count("revision") == 1
    assert kinds.count("correction") == 2
    assert "event" in kinds
    first, second = map(json.loads, run(here, "correct", "--list", "--json").splitlines())
    assert (first["figure"], first["value"], first["by"], first["undone_by"]) == (TOTAL, RIGHT, "王敏", "李强")
    assert (second["value"], second["text"], second["unit"]) == (1234.5, "１，２３４．５０", "万元")
    assert (second["undone_at"], second["read"]["how"], second["year"]) == (None, "printed", int(YEAR))
    assert "taken back" in run(here, "correct", "--list")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((NAME[:-1] + "署", YEAR, TOTAL, "5"), f"(near: {NAME}"),
        ((NAME, "2020", TOTAL, "5"), f"the report for 2020 is not in the archive (it has {YEAR})"),
        ((NAME, YEAR, "challenges.litigation_direct.totl", "5"), f"is no figure of form 2021 (near: {TOTAL}"),
        ((NAME, YEAR, "disclosure.procurement.amount", "5"), "is no figure of form 2021"),
        ((NAME, YEAR, TOTAL, "-5"), "-5 is below zero, and a count cannot be"),
        ((NAME, YEAR, TOTAL, "1.5"), "1.5 has decimals, and a count has none"),
        ((NAME, YEAR, TOTAL, "约5"), "约5 is not a number"),
        ((NAME, YEAR, TOTAL, ""), "the value is empty; write blank"),
        ((NAME, YEAR, TOTAL, "9" * 14), "is larger than any figure"),
        ((NAME, YEAR, TOTAL, "5", "--unit", "元"), "is no amount of money and has no unit"),
        ((NAME, YEAR, TOTAL, "blank", "--unit", "元"), "a cell without a number has no unit"),
        ((NAME, YEAR, TOTAL, "row_absent", "--text", "x"), "a row that is not printed has no text"),
        ((NAME, YEAR, "disclosure.fees.amount", "5"), "an amount needs its unit as printed"),
        ((NAME, YEAR, "disclosure.fees.amount", "-5", "--unit", "元"), "-5 is below zero, and an amount cannot be"),
        ((NAME, YEAR, "disclosure.fees.amount", "5", "--unit", "美元"), "美元 is no unit"),
        ((NAME, YEAR, "disclosure.fees.amount", "5万元", "--unit", "元"), "is in 万元, but --unit says 元"),
        ((NAME, YEAR, TOTAL, "5", "--url", "https://elsewhere.example/"), "no such report; choose with --url"),
        ((NAME, YEAR, TOTAL, "5", "--revision", "7"), "no such report; choose with --url"),
        ((NAME, YEAR, TOTAL, "--undo"), "no correction of"),
        ((NAME, YEAR, TOTAL, "5", "--by", " "), "--by is needed"),
        ((NAME, YEAR, TOTAL, "5", "--source", ""), "--source is needed"),
        ((NAME, YEAR, TOTAL), "give AGENCY YEAR FIGURE VALUE"),
        ((NAME, YEAR, TOTAL, "5", "--undo"), "give AGENCY YEAR FIGURE --undo"),
        ((NAME, YEAR, TOTAL, "5", "--json"), "--json goes with --list"),
        ((NAME, "--list"), "--list goes alone"),
    ],
)
def test_a_slip_is_said_in_one_sentence_and_changes_nothing(
    broken: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(broken)
    more = [w for o in ("--by", "--source") if o not in words for w in (o, "王敏")]
    result = CliRunner().invoke(main, ["correct", *words, *more])
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert rows(broken, "SELECT count(*) FROM corrections") == [(0,)]


def test_two_sources_are_chosen_by_address(here: Path) -> None:
    """The views trust one of them; the other one is corrected by its address, and only that one."""
    other = "https://county.example.gov.cn/2.html"
    with Archive.open(here / "a.db") as archive:
        sha256 = archive.put_document(html.write(SAMPLE), media="text/html", seen_at=AT)
        archive.add_sighting(Sighting(None, other, other, "page", SAMPLE.title, None, sha256, AT))
        read_waiting(archive)
    out = run(here, "correct", NAME, YEAR, TOTAL, "77", "--by", "王敏", "--source", "第2页", "--url", other)
    assert other in out
    column = TOTAL.replace(".", "_")
    assert rows(here, f"SELECT r.url, w.{column} FROM reports r JOIN wide w ON report_id = id ORDER BY r.id") == [
        (URL, PRINTED),
        (other, 77),
    ]


def test_words_stand_for_cells_without_a_number() -> None:
    said = {word: figure_said(TOTAL, word, FORM) for word in ("blank", "dash", "row_absent", "unreadable", "——")}
    assert [(f.value, f.state, f.text, f.how) for f in said.values()] == [
        (None, "blank", "", "corrected"),
        (None, "dash", None, "corrected"),
        (None, "row_absent", None, "corrected"),
        (None, "unreadable", None, "corrected"),
        (None, "dash", "——", "corrected"),
    ]
    assert figure_said(TOTAL, "unreadable", FORM, printed="3①").text == "3①"
    whole = figure_said("disclosure.fees.amount", "7730.28", FORM, unit="万元", printed="7730.28（含滞纳金）")
    assert (whole.value, whole.unit, whole.text) == (7730.28, "万元", "7730.28（含滞纳金）")
    change = load_forms()["2019"]
    assert figure_said("disclosure.licensing.items_change", "-3", change).value == -3


def test_corrected_cells_carry_a_mark() -> None:
    said = [figure_said(TOTAL, word, FORM) for word in ("1,234", "blank", "dash", "row_absent", "unreadable")]
    assert all("✎" in cell_text(figure) for figure in said)
    (line,) = legend(said)
    assert line.startswith("✎ corrected")
    assert legend([None]) == []


def test_a_figure_that_a_person_vouches_for_is_plainly_read() -> None:
    """Realigned, it is a doubt of ours; vouched for, an accusation may rest on it."""
    name = "applications.granted.natural_person"
    value = SAMPLE.figures[name]
    assert isinstance(value, int)
    doubtful = judge_reports([judged(SAMPLE, {name: value + 3}, how="realigned")], Thresholds())
    assert {f.certainty for f in doubtful} == {"doubtful"}
    vouched = judged(SAMPLE, {name: value + 3}, how="realigned")
    report = vouched.report
    report.misread = {name: report.figures[name]}
    report.figures[name] = report.figures[name]._replace(state="corrected", how="corrected")
    found = judge_reports([vouched], Thresholds())
    assert {f.certainty for f in found} == {"certain"}
    assert all("人工更正" in f.sentence_zh and "corrected by hand" in f.sentence_en for f in found)
    report.figures[name] = report.figures[name]._replace(value=None, state="unreadable")
    assert {f.certainty for f in judge_reports([vouched], Thresholds())} <= {"doubtful"}


def test_evidence_says_who_corrected_what_and_on_which_ground(here: Path) -> None:
    figures = (TOTAL, "challenges.litigation_direct.pending")
    with Archive.open(here / "a.db") as archive:
        ((sha256,),) = archive.query("SELECT sha256 FROM reports")
        for name, word in zip(figures, (str(RIGHT), "unreadable"), strict=True):
            archive.corrections.make(sha256, figure_said(name, word, FORM), by="王<敏>", source="第2页", at=AT)
        case = collect(archive, find_target(archive, f"{NAME} {YEAR}"))
    page = index_html(case, has_ca=False)
    assert f"人工更正，更正人王&lt;敏&gt;，2024-02-01 12:00:00（北京时间），依据：第2页。解析读作{PRINTED}。" in page
    assert "corrected by hand by 王&lt;敏&gt;, 2024-02-01 12:00:00 (Beijing time), on this ground: 第2页." in page
    assert f"{RIGHT}✎" in page
    assert "带✎者经人工更正" in page
    assert "None" not in page
    (report,) = json.loads(data_json(case))["reports"]
    assert {c["figure"]: c["read"]["value"] for c in report["corrections"]}[TOTAL] == PRINTED
    assert report["read"]["cells"][TOTAL]["how"] == "corrected"
