"""docs/querying.md: every question in it is asked in a new process, of an archive in which the answer is known."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.questions_archive import make

PAGE = ROOT / "docs" / "querying.md"
_FENCE = re.compile(r"^```sql\n(.*?)^```$", re.M | re.S)

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("querying") / "a.db"
    make(path)
    return path


def blocks() -> dict[str, str]:
    """By the line in front of each block: its heading, or the sentence that asks."""
    text = PAGE.read_text("utf-8")
    found = {}
    for match in _FENCE.finditer(text):
        lines = [line for line in text[: match.start()].splitlines() if line.strip()]
        heading = next(line for line in reversed(lines) if line.startswith("#") or line.endswith(":"))
        found[heading.lstrip("# ").rstrip("?:")] = match[1]
    return found


def asked(path: Path, *words: str, select: str | None = None) -> subprocess.CompletedProcess[str]:
    """`nianbao …` in a process of its own."""
    command = [sys.executable, "-P", "-m", "monitor", *words, "--archive", str(path)]
    return subprocess.run(command, input=select, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)


def answer(path: Path, select: str) -> list[dict[str, Any]]:
    done = asked(path, "sql", "-", "--format", "json", select=select)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def shown_table(heading: str) -> list[list[str]]:
    """The cells of the table that the page shows as the answer."""
    section = PAGE.read_text("utf-8").partition(f"### {heading}?\n")[2].partition("\n#")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return [rows[0], *rows[2:]]


THREE: dict[str, list[dict[str, Any]]] = {
    "Which county departments with at least 20 decided applications refused more than they granted in 2023": [
        {"agency": "柳溪县财政局", "processed": 40, "granted": 8, "refused": 10},
        {"agency": "柳溪县公安局", "processed": 20, "granted": 0, "refused": 1},
    ],
    "Whose carry-over does not match": [
        {"agency": "柳溪县林业局", "year": 2023, "carried_out_before": 0, "carried_in": 2},
        {"agency": "柳溪县财政局", "year": 2023, "carried_out_before": 3, "carried_in": 5},
    ],
    "Who was seen late two years running": [
        {
            "agency": "柳溪县财政局",
            "first_year": 2022,
            "first_absent_on": "2023-02-05",
            "first_seen_on": "2023-02-20",
            "second_year": 2023,
            "second_absent_on": "2024-02-05",
            "second_seen_on": "2024-02-25",
        },
    ],
}


@pytest.mark.parametrize("question", THREE)
def test_the_three_questions(question: str, path: Path) -> None:
    found = answer(path, blocks()[question])
    assert found == THREE[question]
    assert shown_table(question) == [list(found[0]), *([str(value) for value in row.values()] for row in found)]


OTHERS: dict[str, Rows] = {
    # 司法局 says 100 for 2021; 体育局 gives no number then.
    "How many applications came in, and from whom": [
        (2021, 4, 3, 100, 0),
        (2022, 13, 13, 0, 0),
        (2023, 19, 19, 0, 0),
    ],
    "Why figures have no number, for one agency": [(2023, "applications.other_rest.total", "unreadable", "壹")],
    "How a figure changed, where both years have a number": [("柳溪县司法局", 2022, 100, 0, -100)],
    "Reasons for refusal, in the words of the form": [
        ("6.属于四类过程性信息", 265, 19),
        ("5.属于三类内部事务信息", 9, 19),
        ("2.其他法律行政法规禁止公开", 6, 19),
    ],
    "Fees, only where the unit is printed and the same": [("柳溪县司法局", 2021, 12.5)],
    "What people say about problems (section 五); for words anywhere take `nianbao search`": [],
    "Numbers that people have put right": [],
    "Reports that changed after they were published": [("柳溪县农业农村局", 2023)],
    "Published, and not read by us": [("柳溪县财政局", 2021, "image-only", "it has pictures only")],
    "Findings that stand, with how often each rule speaks": [],
    "What an absence rests on: the complete reads of a column, and how many links each showed": [
        ("liuxi", "https://www.example.gov.cn/nb/", "2022-01-10T09:00:00+00:00", 1, 0)
    ],
    "What a table or column holds, from the archive itself": [
        ("latest", "applications_new_total"),
        ("wide", "applications_new_total"),
    ],
}

_ASK_ALL = """
import json, sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(json.dumps({name: connection.execute(select).fetchall() for name, select in json.load(sys.stdin).items()}))
"""


def test_the_other_questions(path: Path) -> None:
    others = {name: select for name, select in blocks().items() if name not in THREE}
    assert others.keys() == OTHERS.keys()
    done = subprocess.run(
        [sys.executable, "-P", "-c", _ASK_ALL, str(path)],
        input=json.dumps(others),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answers = json.loads(done.stdout)
    for name, expected in OTHERS.items():
        rows = answers[name]
        if expected:  # of wide answers the first columns, of long ones the first rows
            rows = [tuple(row[: len(expected[0])]) for row in rows][: len(expected)]
        assert rows == expected, name
    assert len(answers["Published, and not read by us"]) == 1, "a page whose file was read is read"


def test_the_ready_questions_answer_the_same(path: Path) -> None:
    done = asked(path, "query", "carry-over", "--format", "json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted((row["agency"], row["year"], row["carried_out_before"], row["carried_in"]) for row in rows) == sorted(
        tuple(row.values()) for row in THREE["Whose carry-over does not match"]
    )
    done = asked(path, "query", "late-twice", "--format", "csv")
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["agency", "柳溪县财政局"]
    done = asked(path, "query", "shares", "--year", "2023", "--organ", "department", "--format", "json")
    shares = {row["agency"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert "柳溪县教育局" not in shares, "19 decided applications are too few for a share"
    assert shares["柳溪县民政局"]["refused"] is None
    assert shares["柳溪县民政局"]["refused_percent"] is None
    assert shares["柳溪县财政局"]["refused_percent"] == 25.0
    assert shares["柳溪县水利局"]["refused"] == 2, "what was not held is not refused"
