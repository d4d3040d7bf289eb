"""Drafts and templates: always files that the crawler takes, whatever the site calls itself."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms import PLATFORM_NAMES
from crawler.platforms.options import OPTIONS
from crawler.portal import PortalFile
from crawler.probing.draft import SCHEMA_LINE, Draft, draft_toml
from crawler.probing.result import ProbedColumn
from crawler.probing.template import template_toml
from parsers.strict_toml import parse_strict

URL = "https://www.liuxi.gov.cn/nb/"
SAID = st.text(min_size=2, max_size=40)


def draft(**more: object) -> Draft:
    fields: dict[str, object] = {
        "name": "柳溪县人民政府",
        "platform": "trs",
        "allowed_hosts": ["www.liuxi.gov.cn"],
        "columns": [ProbedColumn(URL, outcome="ok", pages=3, reports=41)],
        "day": "2024-02-20",
        "evidence": "createPageHTML(3, 0",
        "place": "柳溪县",
        "counted": 41,
    }
    return Draft(**(fields | more))  # type: ignore[arg-type]


def test_what_a_draft_says() -> None:
    text = draft_toml(draft(options={"counts_from": 1, "chnlid": "<where>"}, browser={"more": "#more"}))
    assert text.startswith(SCHEMA_LINE) and 'chnlid = "<where>" # to be filled in' in text
    assert tomllib.loads(text) == {
        "name": "柳溪县人民政府",
        "platform": "trs",
        "allowed_hosts": ["www.liuxi.gov.cn"],
        "delay_s": 3.0,
        "place": "柳溪县",
        "expect": {"min": 37, "max": 61},
        "notes": [
            "2024-02-20: probed; trs by createPageHTML(3, 0",
            f"2024-02-20: 41 reports on 3 pages of {URL}: ok",
        ],
        "columns": [{"url": URL}],
        "browser": {"more": "#more"},
        "options": {"counts_from": 1, "chnlid": "<where>"},
    }


def test_what_is_doubtful_is_said_beside_it() -> None:
    columns = [
        ProbedColumn(URL, "2023年", 2023, "unknown", "the list says 3 pages, 1 with entries were read", 1, 9),
        ProbedColumn(f"{URL}bm/", "部门"),
    ]
    text = draft_toml(draft(columns=columns, counted=None, place=None, is_certain=False, fetch="browser"))
    data = tomllib.loads(text)
    assert "expect" not in data and "# expect" in text
    assert "place" not in data and "# place" in text
    assert data["columns"] == [{"url": URL, "year": 2023}, {"url": f"{URL}bm/"}]
    lines = text.splitlines()
    assert any(line.startswith(f'url = "{URL}" # 2023年; unknown: the list says 3 pages') for line in lines)
    assert any("部门; not looked at" in line for line in lines)
    assert any(line.startswith('platform = "trs" # likely') for line in lines)
    assert data["fetch"] == "browser"


def test_as_long_as_there_may_be_more_nothing_is_expected() -> None:
    column = ProbedColumn(URL, outcome="ok", pages=1, reports=1)
    text = draft_toml(draft(columns=[column], is_whole=False, doubts=[f"{URL}: no pager was seen"]))
    assert "expect" not in tomllib.loads(text)
    assert "# expect = { min = 37, max = 61 }  # 41 reports seen, maybe not all: count in the browser" in text
    assert f"# Look at: {URL}: no pager was seen" in text
    assert tomllib.loads(text)["notes"][1] == f"2024-02-20: 1 report on 1 page of {URL}: ok"


def test_a_portal_on_this_machine_has_no_delay() -> None:
    text = draft_toml(
        draft(allowed_hosts=["127.0.0.1:8080"], columns=[ProbedColumn("http://127.0.0.1:8080/")], on_loopback=True)
    )
    assert parse_strict(text, PortalFile, "draft").delay_s == 0


@given(name=SAID, place=SAID, title=st.text(max_size=40), why=st.text(max_size=40), doubt=st.text(max_size=60))
def test_whatever_a_site_says_the_draft_is_taken(name: str, place: str, title: str, why: str, doubt: str) -> None:
    column = ProbedColumn(URL, title, None, "unknown", why)
    text = draft_toml(draft(name=name, place=place, columns=[column], evidence=doubt, doubts=[doubt]))
    read = parse_strict(text, PortalFile, "draft")
    assert (read.name, read.place, read.columns[0].url) == (name, place, URL)


@pytest.mark.parametrize("platform", sorted(PLATFORM_NAMES))
def test_a_template_of_each_platform_is_taken(platform: str) -> None:
    text = template_toml(platform)
    read = parse_strict(text, PortalFile, "template")
    assert read.platform == platform and text.startswith(SCHEMA_LINE)
    assert all(f"{name} = " in text for name in OPTIONS[platform].model_fields) if platform in OPTIONS else True


@pytest.mark.parametrize("platform", sorted(OPTIONS))
def test_the_options_of_a_template_are_right_without_their_marks(platform: str) -> None:
    text = template_toml(platform)
    said = text[text.index("[options]\n") :].replace("\n# ", "\n")
    options = OPTIONS[platform].model_validate(tomllib.loads(said)["options"])
    assert options.model_fields_set == set(OPTIONS[platform].model_fields)


def test_a_template_is_right_without_its_marks() -> None:
    """What stands behind a # is TOML too, but for the sentences."""
    head = template_toml("static_list").split("[[columns]]")[0]
    keys = [line.removeprefix("# ") for line in head.splitlines() if line.startswith("# ") and " = " in line]
    assert set(tomllib.loads("\n".join(keys))) == {"place", "default_agency", "expect", "notes"}
