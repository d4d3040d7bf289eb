"""The forms as data: they hold what the vocabulary lists, faults are named, and a third form needs no code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers.form import Form, load_form, load_forms
from parsers.identities import BROKEN, HOLDS, expand, judge
from parsers.read import read_report
from parsers.strict_toml import ConfigError

FORMS = Path(__file__).parents[2] / "parsers" / "forms"

# An invented form of a later year: a table set in rows with an amount, and an identity between two years.
THIRD = """
name = "2031"
prescribed_by = "虚办函〔2031〕1号"
years = { from = 2031 }
watched = ["replies.on_time.count"]

[[section]]
number = 1
heading = "总体情况"

[[section]]
number = 2
heading = "答复情况"

[[table]]
name = "replies"
section = 2
headers = ["答复事项"]

[table.columns]
count = { label = "答复件数" }
late = { label = "逾期件数" }
total = { label = "合计" }
cost = { label = "办理经费（万元）", value = "amount" }

[table.rows]
on_time = { label = "网上答复" }
by_post = { label = "信函答复" }
in_person = { label = "当面答复" }

[[identity]]
name = "replies-total"
table = "replies"
for_each = "row"
left = ["total"]
right = ["count", "late"]
subject = "total"
basis = "arithmetic"
severity = "error"
"""

PAGE = """<h1>柳溪县财政局2031年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>本年运行平稳。</p><p>二、答复情况</p>
<table><tr><td>答复事项</td><td>答复件数</td><td>逾期件数</td><td>合计</td><td>办理经费（万元）</td></tr>
<tr><td>网上答复</td><td>7</td><td>1</td><td>8</td><td>1.5</td></tr>
<tr><td>信函答复</td><td>3</td><td>2</td><td>6</td><td>/</td></tr>
<tr><td>当面答复</td><td>0</td><td></td><td>0</td><td>0</td></tr></table>"""


@pytest.fixture
def third(tmp_path: Path) -> Iterator[dict[str, Form]]:
    (tmp_path / "2031.toml").write_text(THIRD, "utf-8")
    for path in FORMS.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    yield load_forms(tmp_path)


def test_a_third_form_is_read_and_judged_without_touching_code(third: dict[str, Form]) -> None:
    report = read_report(PAGE.encode(), forms=third)
    assert (report.form, report.year, report.agency) == ("2031", 2031, "柳溪县财政局")
    values = {name: figure.value for name, figure in report.figures.items()}
    assert values == {
        "replies.on_time.count": 7,
        "replies.on_time.late": 1,
        "replies.on_time.total": 8,
        "replies.on_time.cost": 1.5,
        "replies.by_post.count": 3,
        "replies.by_post.late": 2,
        "replies.by_post.total": 6,
        "replies.by_post.cost": None,
        "replies.in_person.count": 0,
        "replies.in_person.late": None,
        "replies.in_person.total": 0,
        "replies.in_person.cost": 0,
    }
    assert report.figures["replies.on_time.cost"].unit == "万元"
    assert report.figures["replies.by_post.cost"].state == "dash"
    assert [section.heading for section in report.sections] == ["一、总体情况", "二、答复情况"]
    outcomes = {i.key: judge(i, report.figures).outcome for i in expand(third["2031"])}
    assert outcomes == {"on_time": HOLDS, "by_post": BROKEN, "in_person": HOLDS}


def test_the_other_forms_are_read_as_before_beside_a_third(third: dict[str, Form]) -> None:
    assert list(third) == ["2019", "2021", "2031"]


@pytest.mark.parametrize(
    ("name", "figures", "years"), [("2019", 22 + 23 * 7 + 15, [2019, 2020]), ("2021", 10 + 26 * 7 + 15, [2021, 2030])]
)
def test_the_forms_hold_every_figure_of_the_vocabulary(name: str, figures: int, years: list[int]) -> None:
    form = load_forms()[name]
    assert len(form.figure_names) == len(form.figure_set) == figures
    assert all(year in form.years for year in years)
    assert years[0] - 1 not in form.years


def test_identities_carry_the_names_of_the_vocabulary() -> None:
    within = ["applications-balance", "applications-results", "applications-applicants", "challenges-total"]
    names = {form.name: [rule.name for rule in form.identity] for form in load_forms().values()}
    assert names == {"2019": [*within, "carry-over"], "2021": [*within, "carry-over", "normative-stock"]}


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ('label = "规章"', 'lable = "规章"', "unknown key 'lable'"),
        ('left = ["total"]', 'left = ["totals"]', "names 'totals'"),
        ("section = 2\nlayout", "section = 9\nlayout", "names section 9"),
        ('name = "2021"', 'name = "2022"', "make them equal"),
        ("watched = [", 'watched = [ "applications.new.all",', "is no figure of this form"),
        ('value = "amount"', 'value = "money"', "value"),
    ],
)
def test_a_fault_is_named_with_its_file(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    text = (FORMS / "2021.toml").read_text("utf-8")
    assert right in text
    path = tmp_path / "2021.toml"
    path.write_text(text.replace(right, wrong, 1), "utf-8")
    with pytest.raises(ConfigError) as error:
        load_form(path)
    assert str(path) in str(error.value)
    assert sentence in str(error.value)


def test_a_folder_without_forms_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no form"):
        load_forms(tmp_path)
