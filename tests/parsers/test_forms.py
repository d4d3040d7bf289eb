"""Forms are data: what the two official ones hold, what a wrong file is told, and a third one without new code."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pages import Rows, table

from parsers.form import FORMS_FOLDER, load_form, load_forms
from parsers.identities import broken_in, expand, judge
from parsers.labels import label_key
from parsers.lookup import lookup
from parsers.read import read_report
from parsers.strict_toml import ConfigError

APPLICATION_COLUMNS = ["natural_person", "business", "research", "public_welfare", "legal_service", "other", "total"]
APPLICATION_ROWS = [
    "new", "carried_in", "granted", "partly_granted",
    "refused_state_secret", "refused_law_forbids", "refused_security", "refused_third_party",
    "refused_internal", "refused_process", "refused_enforcement_file", "refused_admin_query",
    "unavailable_not_held", "unavailable_not_ready", "unavailable_unclear",
    "dismissed_petition", "dismissed_repeat", "dismissed_publication", "dismissed_excessive", "dismissed_reconfirm",
]  # fmt: skip
STOCK = ["issued", "repealed", "in_force"]
MADE = ["made", "published", "total_published"]
ITEMS = ["items_last_year", "items_change", "decisions"]
DISCLOSURE = {
    "2021": {
        "regulations": STOCK,
        "normative_documents": STOCK,
        "licensing": ["decisions"],
        "penalties": ["decisions"],
        "coercion": ["decisions"],
        "fees": ["amount"],
    },
    "2019": {
        "regulations": MADE,
        "normative_documents": MADE,
        "licensing": ITEMS,
        "other_services": ITEMS,
        "penalties": ITEMS,
        "coercion": ITEMS,
        "fees": ITEMS[:2],
        "procurement": ["projects", "amount"],
    },
}
OTHER = {"2021": ["other", "other_not_corrected", "other_fee_unpaid", "other_rest"], "2019": ["other"]}


@pytest.mark.parametrize(("name", "count"), [("2019", 198), ("2021", 207)])
def test_the_forms_hold_the_figures_of_the_vocabulary_and_no_others(name: str, count: int) -> None:
    form = load_forms()[name]
    expected = [f"disclosure.{row}.{column}" for row, columns in DISCLOSURE[name].items() for column in columns]
    rows = [*APPLICATION_ROWS, *OTHER[name], "processed", "carried_out"]
    expected += [f"applications.{row}.{column}" for row in rows for column in APPLICATION_COLUMNS]
    challenges = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
    outcomes = ("upheld", "corrected", "other", "pending", "total")
    expected += [f"challenges.{row}.{column}" for row in challenges for column in outcomes]
    assert list(form.figure_names) == expected
    assert len(expected) == count
    amounts = {n for n in expected if form.column_of(n).value == "amount"}
    assert amounts == {"disclosure.fees.amount" if name == "2021" else "disclosure.procurement.amount"}
    assert {n for n in expected if form.column_of(n).value == "change"} == {
        n for n in expected if n.endswith("_change")
    }


def test_years_and_identities_are_those_of_the_vocabulary() -> None:
    forms = load_forms()
    assert list(forms) == ["2019", "2021"]
    assert [year in forms["2019"].years for year in (2018, 2019, 2020, 2021)] == [False, True, True, False]
    assert [year in forms["2021"].years for year in (2020, 2021, 2035)] == [False, True, True]
    within = ["applications-balance", "applications-results", "applications-applicants", "challenges-total"]
    assert [r.name for r in forms["2019"].identity] == [*within, "carry-over"]
    assert [r.name for r in forms["2021"].identity] == [*within, "carry-over", "normative-stock"]
    severities = {r.name: r.severity for r in forms["2021"].identity}
    assert severities == dict.fromkeys(within, "error") | {"carry-over": "warning", "normative-stock": "warning"}
    bases = {r.name: r.basis for r in forms["2021"].identity}
    assert (bases["applications-balance"], bases["applications-results"]) == ("printed", "arithmetic")
    assert (bases["carry-over"], bases["normative-stock"]) == ("convention", "inference")


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_each_identity_is_for_each_of_its_rows_or_columns(name: str) -> None:
    form = load_forms()[name]
    instances = expand(form)
    by_rule = {rule.name: [i.key for i in instances if i.rule is rule] for rule in form.identity}
    rows = list(form.tables["applications"].rows)
    assert by_rule["applications-balance"] == APPLICATION_COLUMNS
    assert by_rule["applications-applicants"] == rows
    assert len(by_rule["challenges-total"]) == 3
    results = next(i for i in instances if i.rule.name == "applications-results" and i.key == "total")
    assert len(results.right) == len(APPLICATION_ROWS) - 2 + len(OTHER[name])


@pytest.mark.parametrize("name", ["2019", "2021"])
def test_no_label_of_a_form_is_claimed_twice(name: str) -> None:
    """A spelling that two rows of a table share would give one row's figures to the other."""
    form = load_forms()[name]
    for part in form.table:
        for kind in (part.rows, part.columns):
            keys = [label_key(text) for spec in kind.values() for text in {spec.label, *spec.spellings}]
            by_owner = {(owner, label_key(t)) for owner, spec in kind.items() for t in (spec.label, *spec.spellings)}
            assert len({key for _, key in by_owner}) == len(by_owner), keys
    assert lookup(form).namesakes == {}


# A wrong file

GOOD = (FORMS_FOLDER / "2021.toml").read_text("utf-8").replace('name = "2021"', 'name = "wrong"', 1)


def wrong_file(folder: Path, text: str) -> str:
    path = folder / "wrong.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as error:
        load_form(path)
    message = str(error.value)
    assert "wrong.toml" in message
    return message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("prescribed_by =", "prescribd_by ="), ["prescribd_by", "prescribed_by"]),
        (('subject = "processed"', 'subjekt = "processed"'), ["subjekt", "subject"]),
        (
            (
                'regulations = { label = "规章", columns = ["issued"',
                'regulations = { label = "规章", columns = ["isued"',
            ),
            ["isued"],
        ),
        (
            ('left = ["processed", "carried_out"]', 'left = ["processd", "carried_out"]'),
            ["processd", "applications-balance"],
        ),
        (('only = ["regulations", "normative_documents"]', 'only = ["regulation"]'), ["regulation", "normative-stock"]),
        (('for_each = "column"', 'for_each = "cell"'), ["for_each"]),
        (('table = "challenges"\nfor_each', 'table = "challange"\nfor_each'), ["challange"]),
        (('variants = [["other"]', 'variants = [["others"]'), ["others"]),
        (("years = { from = 2021 }", 'years = { from = "soon" }'), ["years"]),
        (
            ('  "challenges.reconsideration.total",', '  "challenges.reconsideration.totals",'),
            ["challenges.reconsideration.totals"],
        ),
        (('section = 3\nlayout = "rows"', 'section = 9\nlayout = "rows"'), ["section 9"]),
        (("[[section]]\nnumber = 1", "[[section\nnumber = 1"), ["wrong.toml"]),
        (('name = "wrong"', 'name = "another"'), ["another", "wrong"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_wrong_form_says_where_and_what(tmp_path: Path, change: tuple[str, str], said: list[str]) -> None:
    assert GOOD.count(change[0]) >= 1
    message = wrong_file(tmp_path, GOOD.replace(*change, 1))
    assert all(word in message for word in said), message
    assert "Traceback" not in message


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("prescribed_by =", "prescribd_by =", 1).replace('basis = "printed"', 'basis = "rumour"', 1)
    text = text.replace('value = "amount"', 'value = "sum"', 1)
    message = wrong_file(tmp_path, text)
    assert all(word in message for word in ("prescribd_by", "basis", "value"))
    assert len(message.splitlines()) >= 3


def test_no_forms_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no form"):
        load_forms(tmp_path)


# A third form

THIRD = """
name = "2031"
prescribed_by = "国办公开办函〔2031〕1号"
years = { from = 2031 }

[[section]]
number = 1
heading = "总体情况"

[[section]]
number = 2
heading = "公开情况"

[[section]]
number = 3
heading = "数据共享情况"

[[table]]
name = "sharing"
section = 2
headers = ["共享内容"]

[table.columns]
shared = { label = "本年共享数据集数" }
withdrawn = { label = "本年下架数据集数" }
online = { label = "现有数据集数" }
change = { label = "比上年增/减", value = "change" }
cost = { label = "建设经费（单位：万元）", value = "amount" }

[table.rows]
traffic = { label = "交通数据", columns = ["shared", "withdrawn", "online"] }
health = { label = "卫生数据", columns = ["shared", "withdrawn", "online"] }
sum = { label = "合计", columns = ["shared", "withdrawn", "online"] }
staff = { label = "工作人员", columns = ["change"] }
platform = { label = "共享平台", columns = ["cost"] }

[[table]]
name = "requests"
section = 3
headers = ["申请来源"]

[table.columns]
granted = { label = "同意" }
refused = { label = "拒绝" }
all = { label = "全部" }

[table.rows]
citizens = { label = "市民" }
firms = { label = "企业" }
sum = { label = "合计" }

[[table]]
name = "appeals"
section = 3
layout = "across"

[table.columns]
won = { label = "胜诉" }
lost = { label = "败诉" }

[table.rows]
first = { label = "一审" }
second = { label = "二审" }

[[identity]]
name = "sharing-sum"
table = "sharing"
for_each = "column"
only = ["shared", "withdrawn", "online"]
left = ["sum"]
right = ["traffic", "health"]
subject = "sum"
basis = "arithmetic"
severity = "error"

[[identity]]
name = "requests-all"
table = "requests"
for_each = "row"
left = ["all"]
right = ["granted", "refused"]
subject = "all"
basis = "arithmetic"
severity = "error"
"""
SHARING: Rows = [
    ["共享内容", "本年共享数据集数", "本年下架数据集数", "现有数据集数"],
    ["交通数据", "3", "1", "20"],
    ["卫生数据", "4", "0", "31"],
    ["合计", "7", "1", "51"],
    ["共享内容", "比上年增/减"],
    ["工作人员", "-2"],
    ["共享内容", "建设经费（单位：万元）"],
    ["共享平台", "12.5"],
]
REQUESTS: Rows = [
    ["申请来源", "同意", "拒绝", "全部"],
    ["市民", "8", "2", "10"],
    ["企业", "1", "0", "2"],
    ["合计", "9", "2", "11"],
]
APPEALS: Rows = [["一审", "", "二审", ""], ["胜诉", "败诉", "胜诉", "败诉"], ["1", "0", "", "/"]]
EXPECTED = {
    "sharing.traffic.shared": 3, "sharing.traffic.withdrawn": 1, "sharing.traffic.online": 20,
    "sharing.health.shared": 4, "sharing.health.withdrawn": 0, "sharing.health.online": 31,
    "sharing.sum.shared": 7, "sharing.sum.withdrawn": 1, "sharing.sum.online": 51,
    "sharing.staff.change": -2, "sharing.platform.cost": 12.5,
    "requests.citizens.granted": 8, "requests.citizens.refused": 2, "requests.citizens.all": 10,
    "requests.firms.granted": 1, "requests.firms.refused": 0, "requests.firms.all": 2,
    "requests.sum.granted": 9, "requests.sum.refused": 2, "requests.sum.all": 11,
    "appeals.first.won": 1, "appeals.first.lost": 0, "appeals.second.won": None, "appeals.second.lost": None,
}  # fmt: skip


def as_html() -> bytes:
    return (
        "<h1>柳溪县水利局2031年政府信息公开工作年度报告</h1><p>一、总体情况</p><p>平稳。</p>"
        f"<p>二、公开情况</p>{table(SHARING)}<p>三、数据共享情况</p>{table(REQUESTS)}{table(APPEALS)}"
    ).encode()


def as_text() -> bytes:
    def lines(rows: Rows) -> str:
        return "\n" + "\n".join("\t".join(str(cell) for cell in row) for row in rows) + "\n"

    return (
        "柳溪县水利局2031年政府信息公开工作年度报告\n一、总体情况\n平稳。\n"
        f"二、公开情况\n{lines(SHARING)}\n三、数据共享情况\n{lines(REQUESTS)}\n{lines(APPEALS)}"
    ).encode()


@pytest.mark.parametrize("written", [as_html, as_text])
def test_a_third_form_is_a_file(tmp_path: Path, written: Callable[[], bytes]) -> None:
    (tmp_path / "2031.toml").write_text(THIRD, "utf-8")
    forms = load_forms(tmp_path)
    report = read_report(written(), forms=forms)
    assert (report.form, report.year, report.agency) == ("2031", 2031, "柳溪县水利局")
    assert {name: figure.value for name, figure in report.figures.items()} == EXPECTED
    assert report.figures["sharing.platform.cost"].unit == "万元"
    assert (report.figures["appeals.second.won"].state, report.figures["appeals.second.lost"].state) == (
        "blank",
        "dash",
    )
    assert [section.heading for section in report.sections] == ["一、总体情况", "二、公开情况", "三、数据共享情况"]
    broken = broken_in(report, forms["2031"])
    assert [(i.rule.name, i.subject, v.observed, v.expected) for i, v in broken] == [
        ("requests-all", "requests.firms.all", 2, 1)
    ]
    sums = [i for i in expand(forms["2031"]) if i.rule.name == "sharing-sum"]
    assert {judge(i, report.figures).outcome for i in sums} == {"holds"}


def test_a_third_form_stands_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "2031.toml").write_text(THIRD, "utf-8")
    for name in ("2019.toml", "2021.toml"):
        (tmp_path / name).write_text((FORMS_FOLDER / name).read_text("utf-8"), "utf-8")
    assert list(load_forms(tmp_path)) == ["2019", "2021", "2031"]
    assert read_report(as_html(), forms=load_forms(tmp_path)).form == "2031"
