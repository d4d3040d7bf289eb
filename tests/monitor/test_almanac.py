"""The calendar and the deadlines that SQL finds in the archive."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.almanac import CalendarDay, Deadline, keep
from db.archive import Archive
from db.local_rules import LocalRule
from monitor.almanac import holidays_unknown, keep_almanac
from monitor.calendar import end_of_day, is_working_day
from monitor.cli import main
from monitor.config import load_config
from monitor.duties import DUTIES, deadline
from monitor.job import Outcome, judge_added, run_job
from monitor.judging.archive import Judgement
from monitor.pipeline import Reading
from monitor.telling.courier import Delivered


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.db"
    with Archive.open(path) as archive:
        keep_almanac(archive)
    return path


def test_another_process_finds_the_calendar_and_the_deadlines(path: Path) -> None:
    select = (
        "SELECT c.name, c.source, d.due_on, d.due_until, d.is_workday, d.next_workday, d.basis_zh FROM calendar c"
        " JOIN deadlines d ON d.duty = 'art49_department' AND d.year = 2025 WHERE c.day = '2024-02-12'"
    )
    code = f"import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute({select!r}).fetchone(), sep='|')"
    done = subprocess.run([sys.executable, "-P", "-c", code, path], capture_output=True, text=True, check=True)
    name, source, *rest, basis = done.stdout.strip().split("|")
    assert (name, rest) == ("Spring Festival", ["2026-01-31", "2026-01-31T16:00:00+00:00", "0", "2026-02-02"])
    assert source.startswith("chinesecalendar 1.")
    assert source.endswith(": General Office of the State Council, holiday notice for 2024")
    assert "第四十九条第一款" in basis


def test_the_calendar_with_the_days_of_the_week_is_that_of_the_rules(path: Path) -> None:
    with Archive.open(path) as archive:
        told = dict(archive.query("SELECT day, is_workday FROM calendar"))
        sources = dict(archive.query("SELECT day, source FROM calendar"))
    years = sorted({int(day[:4]) for day in told})
    assert years[0] == 2004
    assert years == list(range(2004, years[-1] + 1))
    day = date(2004, 1, 1)
    while day.year <= years[-1]:
        usual = day.weekday() < 5
        assert (bool(told.get(str(day), usual)), True) == is_working_day(day)
        assert str(day) not in told or bool(told[str(day)]) != usual
        day += timedelta(days=1)
    assert sources["2007-12-29"].endswith("for 2008")  # a Saturday that is worked for the New Year's holiday
    assert sources["2007-09-29"].endswith("for 2007")


def test_each_dated_duty_has_its_deadlines_and_no_other(path: Path) -> None:
    with Archive.open(path) as archive:
        rows = archive.query("SELECT duty, year, due_on, due_until, is_workday, next_workday FROM deadlines")
        (last_known,) = archive.query("SELECT max(substr(day, 1, 4)) FROM calendar")[0]
    last = int(last_known) + 1
    assert {(duty, year): due for duty, year, due, *_ in rows} == {
        (duty, year): str(due) for duty in DUTIES for year in range(2008, last + 1) if (due := deadline(duty, year))
    }
    for _, year, due, until, is_workday, next_workday in rows:
        assert datetime.fromisoformat(until) == end_of_day(date.fromisoformat(due))
        assert ((is_workday is None), (next_workday is None)) == (year >= last - 1,) * 2  # due in a year not yet known
        if next_workday is not None:
            assert is_working_day(date.fromisoformat(next_workday)) == (True, True)
            assert is_workday == is_working_day(date.fromisoformat(due))[0]
    assert {duty for duty, year, *_ in rows if year == 2018} == {"art49_department", "art49_government", "no_date"}
    assert {due for _, year, due, *_ in rows if year == 2018} == {"2019-03-31"}
    assert {duty for duty, year, *_ in rows if year == 2019} == {"art49_department", "art49_government"}


def test_nothing_is_written_where_nothing_is_new(path: Path) -> None:
    with Archive.open(path) as writer, Archive.open(path, wait_s=0.05) as archive, writer.write():
        keep_almanac(archive)  # would wait for the writer, and give up
    with Archive.open(path) as archive:
        before = archive.query("SELECT total_changes()")
        keep_almanac(archive)
        assert archive.query("SELECT total_changes()") == before


def test_what_is_new_takes_the_place_of_what_was_there(path: Path) -> None:
    day = CalendarDay("2031-01-01", 0, "New Year's Day", "a later notice")
    due = Deadline("art49_department", 2030, "2031-01-31", "2031-01-31T16:00:00+00:00", 1, "2031-02-03", "甲", "A")
    with Archive.open(path) as archive:
        assert archive.almanac.keep([day], [due]) is True
        assert archive.query("SELECT * FROM calendar") == [tuple(day)]
        assert archive.query("SELECT * FROM deadlines") == [tuple(due)]
        with archive.write() as connection:
            assert keep(connection, [day], [due]) is False
            assert keep(connection, [day], []) is True
        assert archive.query("SELECT * FROM deadlines") == []


def test_a_run_and_what_follows_on_adding_bring_them(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("portals = []\n")
    config = load_config(tmp_path / "config.toml")
    now = datetime(2024, 2, 1, 12, 0, tzinfo=UTC)
    with Archive.open(tmp_path / "run.db") as ran, Archive.open(tmp_path / "added.db") as added:
        run_job(ran, ran.path, config, [], [], now=now)
        judge_added(added, config, now)
        for archive in (ran, added):
            assert archive.query("SELECT due_on FROM deadlines WHERE duty = 'art49_government' AND year = 2023") == [
                ("2024-03-31",)
            ]
            assert archive.query("SELECT is_workday FROM calendar WHERE day = '2024-02-04'") == [(1,)]


RULES = """\
region_code,organ,from_year,to_year,month,day,name,source
990100,township,2021,,2,20,《示例市办法》,https://www.example.gov.cn/banfa.html
"""
TOWNS = LocalRule("9901", "township", 2021, None, 2, 20, "《示例市办法》", "https://www.example.gov.cn/banfa.html")


def test_local_rules_come_with_a_run_and_stay_until_the_file_says_otherwise(tmp_path: Path) -> None:
    rules, now = tmp_path / "local_rules.csv", datetime(2024, 2, 1, 12, 0, tzinfo=UTC)
    rules.write_text(RULES, "utf-8")
    settings = tmp_path / "config.toml"
    settings.write_text('portals = []\nlocal_rules = "local_rules.csv"\n')
    with Archive.open(tmp_path / "a.db") as archive:
        run_job(archive, archive.path, load_config(settings), [], [], now=now)
    select = "SELECT region_code, month, day, to_year, source FROM local_rules"
    code = f"import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute({select!r}).fetchall())"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, tmp_path / "a.db"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[('9901', 2, 20, None, 'https://www.example.gov.cn/banfa.html')]"
    settings.write_text("portals = []\n")
    with Archive.open(tmp_path / "a.db") as archive:
        judge_added(archive, load_config(settings), now)  # settings without local rules say nothing of them
        assert list(archive.almanac.local_rules()) == [TOWNS]
        assert archive.almanac.keep_local_rules(archive.almanac.local_rules()) is False
    rules.write_text(RULES.splitlines()[0], "utf-8")
    settings.write_text('portals = []\nlocal_rules = "local_rules.csv"\n')
    with Archive.open(tmp_path / "a.db") as archive:
        judge_added(archive, load_config(settings), now)
    with Archive.open(tmp_path / "a.db") as archive:
        assert list(archive.almanac.local_rules()) == []


def test_holidays_that_are_not_known_are_told() -> None:
    assert holidays_unknown(datetime(2024, 2, 1, tzinfo=UTC)) is None
    told = holidays_unknown(datetime(2090, 2, 1, tzinfo=UTC))
    assert told is not None
    assert "the public holidays of 2090 are not known" in told[0] and "chinesecalendar" in told[0]
    assert "8 Mondays to Fridays later" in told[0] and "update that package" in told[1]


PORTAL = """
name = "柳溪县人民政府"
platform = "static_list"
columns = [{ url = "http://127.0.0.1:9/nb/" }]
allowed_hosts = ["127.0.0.1"]
"""


@pytest.mark.parametrize(("now", "told"), [("2024-02-01T12:00:00+08:00", 0), ("2090-02-01T12:00:00+08:00", 1)])
def test_a_run_says_once_that_holidays_are_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: str, told: int
) -> None:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "liuxi.toml").write_text(PORTAL, "utf-8")
    (tmp_path / "config.toml").touch()
    nothing = Outcome([], Reading(), Judgement(), Delivered(), [], datetime.fromisoformat(now))
    monkeypatch.setattr("monitor.job.run_job", lambda *given, **more: nothing)
    result = CliRunner().invoke(main, ["run", "--config", str(tmp_path / "config.toml"), "--now", now])
    assert result.exit_code == 0, result.output
    assert result.stderr.count("the public holidays of 2090 are not known") == told
    assert "holidays" not in result.stdout
