"""The view `owed`: what SQL says of who owes a report by when is what the rules say."""

import itertools
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from crawler.register.checks import ORGANS
from db.archive import Archive
from db.local_rules import LocalRule, LocalRules
from db.records import Agency
from monitor.almanac import keep_almanac
from monitor.calendar import end_of_day
from monitor.cli import main
from monitor.duties import DUTIES, due_of, local_date
from parsers.report import Report

AT = datetime(2024, 3, 20, tzinfo=UTC)
ADDRESS = "https://www.example.gov.cn/banfa.html"
CODES = ("990000", "990100", "990101", "990102", "990101001", "990101001000", "9901", "000000")
LOCAL = LocalRules(
    [
        LocalRule(code, organ, first, last, month, day, f"《{code}办法》", ADDRESS)
        for (code, first, last, month, day), organ in itertools.product(
            [
                ("99", 2008, None, 3, 15),
                ("9901", 2018, 2019, 1, 20),
                ("9901", 2020, None, 2, 20),
                ("990101", 2021, 2021, 1, 10),
                ("990101001", 2022, None, 4, 5),
            ],
            ("township", "department", "street"),
        )
    ]
)
AGENCIES = [
    Agency(f"{code}:{organ}{duty}", f"{code}{organ}{duty}", (), code, organ, duty, ADDRESS)
    for code, organ, duty in itertools.product(CODES, ORGANS, DUTIES)
]
TOWN, STREET = "990101001:townshipno_date", "990102:streetno_date"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with bodies of every kind, local rules, and one report for each of some years."""
    path = tmp_path_factory.mktemp("owed") / "nianbao.db"
    with Archive.open(path) as archive:
        archive.import_agencies([*AGENCIES, Agency("990101:某局", "某局", region_code="990101")])
        keep_almanac(archive, LOCAL)
        for year in (2018, 2019, 2021, 2022):
            sha256 = archive.put_document(str(year).encode(), media="text/html", seen_at=AT)
            archive.store_report(
                Report("html", "青石镇", year), sha256=sha256, agency_id=TOWN, agency="", source="a", url=f"u{year}",
                seen_at=AT, parser_version="1", portal=None,
            )  # fmt: skip
    return path


def in_another_process(path: Path, select: str) -> list[list]:
    code = f"import json, sqlite3, sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute({select!r}).fetchall()))"
    done = subprocess.run([sys.executable, "-P", "-c", code, path], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_it_says_what_the_rules_say(path: Path) -> None:
    expected = {}
    for agency, year in itertools.product(AGENCIES, (2018, 2019, 2021, 2022)):
        code, organ = agency.region_code, agency.organ
        if (due := due_of(agency.duty, year, region_code=code, organ=organ, local=LOCAL)) is None:
            continue
        earlier = local_date(agency.duty, year, region_code=code, organ=organ, local=LOCAL)
        day = due.deadline(year)
        expected[agency.id, year] = [
            str(day), end_of_day(day).isoformat(), int(due.name == "local"),
            earlier and str(earlier.deadline(year)),
        ]  # fmt: skip
    found = in_another_process(path, "SELECT agency_id, year, due_on, due_until, is_local, local_due_on FROM owed")
    assert len(found) == len(expected)
    assert {(agency, year): rest for agency, year, *rest in found} == expected
    told = list(expected.values())
    assert {is_local for _, _, is_local, _ in told} == {0, 1} and {bool(earlier) for *_, earlier in told} == {
        True,
        False,
    }


def test_what_sets_the_date_is_named(path: Path) -> None:
    rows = in_another_process(path, f"SELECT year, due_on, basis FROM owed WHERE agency_id = '{TOWN}' ORDER BY year")
    assert rows[1:] == [
        [2019, "2020-01-20", f"《9901办法》 {ADDRESS}"],
        [2021, "2022-01-10", f"《990101办法》 {ADDRESS}"],
        [2022, "2023-04-05", f"《990101001办法》 {ADDRESS}"],
    ]
    assert rows[0][:2] == [2018, "2019-03-31"] and "(2007), Article 31" in rows[0][2], "all owed one then, by law"


def test_what_is_there(path: Path) -> None:
    rows = in_another_process(path, "SELECT agency_id, year, is_found, is_unread FROM owed WHERE is_found OR is_unread")
    assert sorted(rows) == [[TOWN, year, 1, 0] for year in (2018, 2019, 2021, 2022)]
    assert in_another_process(path, f"SELECT max(is_found) FROM owed WHERE agency_id = '{STREET}'") == [[0]]


def test_timeliness_knows_local_dates(path: Path) -> None:
    select = f"SELECT year, due_on, is_local, first_seen_on FROM timeliness WHERE agency_id = '{TOWN}' AND year > 2018"
    assert sorted(in_another_process(path, select)) == [
        [2019, "2020-01-20", 1, "2024-03-20"],
        [2021, "2022-01-10", 1, "2024-03-20"],
        [2022, "2023-04-05", 1, "2024-03-20"],
    ]


def test_coverage_counts_those_that_a_region_dates(path: Path) -> None:
    (path.parent / "config.toml").touch()
    words = ["--config", str(path.parent / "config.toml"), "--year", "2022", "--region", "990101", "--format", "json"]
    result = CliRunner().invoke(main, ["query", "coverage-by-organ", *words])
    rows = {row["organ"]: row for row in map(json.loads, result.stdout.splitlines())}
    # Three places, each with a body of each duty: two of the law, one of no date.
    town = rows["township"]
    assert (town["agencies"], town["by_law"], town["found"]) == (9, 6, 1)
    assert (rows["zone"]["agencies"], rows["zone"]["by_law"]) == (6, 6), "no rule is for zones"
