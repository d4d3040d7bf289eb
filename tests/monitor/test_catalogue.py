"""The sentences: complete in both languages, filled in strictly, and never an accusation."""

from pathlib import Path

import pytest

from monitor.catalogue import CatalogueError, Entry, fill, load_catalogue, read_catalogue, say, word
from monitor.catalogue.figures import figure_words
from monitor.rules import rules
from parsers.form import load_forms

TOTAL = {
    "agency": "临江市教育局",
    "year": 2023,
    "figure_zh": "四、行政复议·总计",
    "figure_en": "IV, administrative reconsideration, total",
    "observed": 0,
    "expected": 11,
    "terms": "10 + 1 + 0 + 0 = 11",
}


def every_entry() -> dict[str, Entry]:
    """The sentences of the catalogue's files, and those of the rules."""
    of_rules = {f"{r.name}.{key}": entry for r in rules().values() for key, entry in r.says.items()}
    return load_catalogue() | of_rules


@pytest.mark.parametrize("key", every_entry())
def test_every_entry_can_be_said_in_full(key: str) -> None:
    entry = every_entry()[key]
    fields = {name: f"<{name}>" for name in entry.needs | entry.optional}
    for language, text in zip(("zh", "en"), fill(entry, fields), strict=True):
        other = "_en>" if language == "zh" else "_zh>"
        assert "{" not in text
        assert other not in text


NEVER_SAID = ("未公布", "抄袭", "错误", "违法", "拒不", "failed to publish", "did not publish", "plagiar")


@pytest.mark.parametrize("key", every_entry())
def test_words_that_are_never_said(key: str) -> None:
    entry = every_entry()[key]
    assert not [said for said in NEVER_SAID if said in entry.zh + entry.en]


def test_missing_says_where_and_as_of_when() -> None:
    zh, en = rules()["missing"].says["not-found"].zh, rules()["missing"].says["not-found"].en
    assert zh.startswith("截至{as_of_zh}")
    assert "在下列栏目未查到" in zh
    assert en.startswith("As of {as_of_en}")


def test_a_sentence_is_filled_in() -> None:
    zh, en = fill(rules()["challenges-total"].says["broken"], TOTAL)
    assert "“四、行政复议·总计”印为0，而所列各类结果之和为11（10 + 1 + 0 + 0 = 11）" in zh
    assert en.endswith("which of them is wrong.")
    mend = say("mend", figure_zh="四", figure_en="IV", observed=0, expected=11)
    longer_zh, longer_en = fill(
        rules()["challenges-total"].says["broken"], {**TOTAL, "mend_zh": mend[0], "mend_en": mend[1]}
    )
    assert longer_zh == zh + mend[0]
    assert longer_en == f"{en} {mend[1]}"


def test_values_are_put_in_as_they_are() -> None:
    zh, _ = fill(rules()["challenges-total"].says["broken"], TOTAL | {"agency": "{year} <b>&{agency}"})
    assert zh.startswith("{year} <b>&{agency}2023年")


MEND = {"figure_zh": "四", "figure_en": "IV", "observed": 0, "expected": 11}


@pytest.mark.parametrize(
    ("key", "fields", "said"),
    [
        ("mned", MEND, "no entry 'mned'"),
        ("mend", {k: v for k, v in MEND.items() if k != "observed"}, "mend: .* needs a value for observed"),
        ("mend", MEND | {"observed": None}, "mend: .* needs a value for observed"),
        ("mend", MEND | {"figrue_zh": ""}, "no entry uses the field figrue_zh"),
    ],
)
def test_a_slip_in_the_code_is_an_error(key: str, fields: dict, said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        say(key, **fields)


@pytest.mark.parametrize("fields", [{k: v for k, v in TOTAL.items() if k != "terms"}, TOTAL | {"terms": None}])
def test_so_is_one_in_a_rule(fields: dict) -> None:
    with pytest.raises(CatalogueError, match="needs a value for terms"):
        fill(rules()["challenges-total"].says["broken"], fields)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[a]\nzh = "{x}"\nen = "{y}"', "only one of them has x, y"),
        ('[a]\nzh = "{x_zh}"\nen = "{x_zh}"', "only one of them has x, x_zh"),
        ('[a]\nzh = "一"', "must be a table with zh, en"),
        ('[a]\nzh = "一"\nen = "one"\nde = "eins"', "must be a table with zh, en"),
        ('[a]\nzh = "{x.y}"\nen = "{x.y}"', "no plain field name"),
        ('[a]\nzh = "{x!r}"\nen = "{x!r}"', "no plain field name"),
        ('[a]\nzh = "{0}"\nen = "{0}"', "no plain field name"),
        ('[a]\nzh = "{x"\nen = "{x"', "expected '}'"),
        ('[a]\nzh = " "\nen = "one"', "must be sentences"),
        ('[a]\nzh = "{x}"\nen = "{x}"\noptional = ["y"]', "not used: y"),
        ("[a", "cannot be read"),
    ],
)
def test_a_slip_in_the_files_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(CatalogueError, match=said):
        read_catalogue([path])


def test_all_faults_are_told_at_once_and_no_key_twice(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text('[a]\nzh = "一"\nen = "one"\n[b]\nzh = "{x}"\nen = "y"', "utf-8")
    second.write_text('[a]\nzh = "二"\nen = "two"', "utf-8")
    with pytest.raises(CatalogueError) as raised:
        read_catalogue([first, second])
    assert len(str(raised.value).splitlines()) == 2


def test_terms() -> None:
    assert word("certainty", "certain") == ("确定", "certain")
    assert word("basis", "Article 7") == ("Article 7", "Article 7")


@pytest.mark.parametrize("form", load_forms().values(), ids=lambda form: form.name)
def test_every_figure_of_every_form_has_words_of_its_own(form) -> None:
    words = {name: figure_words(name, form) for name in form.figure_names}
    for language in (0, 1):
        assert len({pair[language] for pair in words.values()}) == len(words)
    assert words["challenges.reconsideration.total"] == (
        "四、行政复议·总计",
        "IV, administrative reconsideration, total",
    )
    assert words["applications.carried_in.business"][0] == "三、上年结转政府信息公开申请数量·商业企业"
