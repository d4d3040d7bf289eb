"""docs/portal.schema.json: it is the current one, and says what the loader says as far as a schema can."""

import json
import tomllib
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from crawler.platforms.options import OPTIONS
from crawler.portal import PortalFile
from crawler.sandbox.country import Country
from crawler.sandbox.portal_files import portal_toml
from crawler.sandbox.portals import all_shapes
from crawler.sandbox.sites import country_sites
from monitor.cli import main
from monitor.portals import words
from monitor.portals.schema import portal_schema
from monitor.portals.starters import starter_files
from parsers.strict_toml import ConfigError, parse_strict
from tests.conftest import ROOT
from tests.test_docs import PAGES, blocks

SCHEMA = ROOT / "docs" / "portal.schema.json"

LEAST = """
name = "柳溪县人民政府"
platform = "trs"
allowed_hosts = ["www.example.gov.cn"]
[[columns]]
url = "https://www.example.gov.cn/zwgk/xxgknb/"
"""


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_the_file_is_the_current_one() -> None:
    result = CliRunner().invoke(main, ["portal", "schema"])
    assert result.exit_code == 0
    assert result.stdout == SCHEMA.read_text("utf-8"), "nianbao portal schema > docs/portal.schema.json"


def test_every_key_is_explained_once() -> None:
    schema = portal_schema()
    assert set(words.FILE) == set(PortalFile.model_fields)
    assert {name: set(model.model_fields) for name, model in OPTIONS.items()} == {
        name: set(sentences) for name, sentences in words.OPTIONS.items()
    }

    def unexplained(node: Any, place: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        found = []
        for key, value in node.get("properties", {}).items():
            found += [] if value.get("description") else [f"{place}.{key}"]
            found += unexplained(value, f"{place}.{key}")
        return found + unexplained(node.get("items"), f"{place}[]")

    assert unexplained({key: value for key, value in schema.items() if key != "allOf"}, "") == []
    for branch in schema["allOf"]:
        assert unexplained(branch["then"]["properties"]["options"], "options") == []
    assert "$ref" not in json.dumps(schema) and '"null"' not in json.dumps(schema)


def test_it_takes_the_files_of_the_sandbox(validator: Draft7Validator) -> None:
    shapes = all_shapes()
    country = Country.build(1, agencies=len(shapes) * 8, years=[2022, 2023], portals=len(shapes))
    sites = country_sites(country, shapes=shapes)
    assert len(sites) == len(shapes)
    for site, shape in zip(sites, shapes, strict=True):
        assert_taken(validator, portal_toml(site, "127.0.0.1:8080"), str(shape))


def test_it_takes_starters_and_examples(validator: Draft7Validator) -> None:
    for path in (*starter_files(), ROOT / "docs" / "example-portal.toml"):
        text = path.read_text("utf-8")
        assert text.startswith("#:schema ./portal.schema.json\n"), path
        assert_taken(validator, text, path.name)
    shown = [block for page in PAGES for block in blocks(page, "toml") if block.text.startswith("# portals/")]
    assert shown
    for block in shown:
        assert_taken(validator, block.text, block.page)


def assert_taken(validator: Draft7Validator, text: str, name: str) -> None:
    parse_strict(text, PortalFile, name)
    assert [f"{name}: {error.json_path}: {error.message}" for error in validator.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('name = "柳溪县人民政府"\n', ""),
        ('name = "柳溪县人民政府"', "name = 3"),
        ('name = "柳溪县人民政府"', 'nane = "柳溪县人民政府"'),
        ('platform = "trs"', 'platform = "trz"'),
        ('["www.example.gov.cn"]', "[]"),
        ('["www.example.gov.cn"]', '["https://www.example.gov.cn"]'),
        ('["www.example.gov.cn"]', '["www.example.gov.cn"]\nhours = "22-6"'),
        ('["www.example.gov.cn"]', '["www.example.gov.cn"]\ndelay_s = "3"'),
        ('["www.example.gov.cn"]', '["www.example.gov.cn"]\nconnections = 9'),
        ('["www.example.gov.cn"]', '["www.example.gov.cn"]\nfetch = "chromium"'),
        ('["www.example.gov.cn"]', '["www.example.gov.cn"]\nproxy = "http://a:b@c:1"'),
        ('["www.example.gov.cn"]', '["www.example.gov.cn"]\nexpect = { least = 3 }'),
        ("url =", "address ="),
        ('"https://www', '"www'),
        ("[[columns]]", "[[columns]]\nyear = 1998"),
        ("[[columns]]", '[selectors]\nrows = "li"\n[[columns]]'),
        ("[[columns]]", '[pages]\npattern = "index.html"\n[[columns]]'),
        ("[[columns]]", "[browser]\nmost_clicks = 0\n[[columns]]"),
        ("[[columns]]", "[options]\ncounts_from = 2\n[[columns]]"),
        ("[[columns]]", '[options]\nunitid = "3"\n[[columns]]'),
        ('platform = "trs"', 'platform = "boda"\noptions = { counts_from = 1 }'),
        ('platform = "trs"', 'platform = "json_list"\noptions = { endpoint = "a?page={page}" }'),
    ],
)
def test_it_refuses_what_the_loader_refuses(validator: Draft7Validator, before: str, after: str) -> None:
    assert LEAST.count(before) == 1
    assert_taken(validator, LEAST, "least")
    wrong = LEAST.replace(before, after)
    with pytest.raises(ConfigError):
        parse_strict(wrong, PortalFile, "wrong")
    assert list(validator.iter_errors(tomllib.loads(wrong)))
