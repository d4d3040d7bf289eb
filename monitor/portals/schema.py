"""The JSON Schema of portal files (draft 7, which the TOML tools of editors know), made from the models of
crawler/portal.py and crawler/platforms/options.py. It says what editors can check; `nianbao portal check` says all.
"""

import json
from typing import Any

from pydantic import BaseModel

from crawler.platforms import PLATFORM_NAMES
from crawler.platforms.options import OPTIONS, Options
from crawler.portal import PortalFile
from monitor.portals import words

Schema = dict[str, Any]

_TABLES = {
    "columns": words.COLUMN,
    "expect": words.EXPECT,
    "selectors": words.SELECTORS,
    "browser": words.BROWSER,
    "pages": words.PAGES,
}
# What the validators of crawler/portal.py ask of texts, as far as a pattern can say it.
_HOST = r"^(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[1-9][0-9]{0,4})?$"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"


def portal_schema() -> Schema:
    """The schema. KeyError for a key of the models that has no sentence in `words`."""
    schema = _table(PortalFile, words.FILE)
    properties = schema["properties"]
    for key, sentences in _TABLES.items():
        inner = properties[key].get("items", properties[key])
        _describe(inner, sentences)
    properties["platform"]["enum"] = sorted(PLATFORM_NAMES)
    properties["allowed_hosts"]["items"]["pattern"] = _HOST
    properties["columns"]["items"]["properties"]["url"]["pattern"] = r"^https?://"
    properties["hours"]["pattern"] = rf"^{_TIME}-{_TIME}$"
    properties["proxy"]["pattern"] = r"^[A-Za-z_][A-Za-z0-9_]*$"
    properties["pages"]["properties"]["pattern"]["pattern"] = r"^((?!\{n\}).)*\{n\}((?!\{n\}).)*$"
    properties["options"] = {"type": "object", "description": words.FILE["options"]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "nianbao: a portal file",
        **schema,
        "allOf": [_of_platform(name) for name in sorted(PLATFORM_NAMES)],
    }


def schema_text() -> str:
    """The schema as it stands in docs/portal.schema.json."""
    return json.dumps(portal_schema(), ensure_ascii=False, indent=2) + "\n"


def _of_platform(name: str) -> Schema:
    model = OPTIONS.get(name, Options)
    options = _table(model, words.OPTIONS.get(name, {}))
    return {
        "if": {"properties": {"platform": {"const": name}}, "required": ["platform"]},
        "then": {"properties": {"options": options}},
    }


def _table(model: type[BaseModel], sentences: dict[str, str]) -> Schema:
    raw = model.model_json_schema()
    schema: Schema = _plain(raw, raw.get("$defs", {}))
    for key in ("$defs", "title", "description"):
        schema.pop(key, None)
    _describe(schema, sentences)
    return schema


def _describe(schema: Schema, sentences: dict[str, str]) -> None:
    for key, value in schema.get("properties", {}).items():
        value["description"] = sentences[key]


def _plain(node: Any, defs: Schema) -> Any:
    """Without references, titles, and the null that TOML does not have."""
    if isinstance(node, list):
        return [_plain(item, defs) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        inner = _plain(defs[node["$ref"].rpartition("/")[2]], defs)
        return {key: value for key, value in inner.items() if key != "description"}
    kinds = [kind for kind in node.get("anyOf", []) if kind != {"type": "null"}]
    if kinds:
        rest = {key: value for key, value in node.items() if key not in ("anyOf", "title")}
        node = {**rest, **kinds[0]} if len(kinds) == 1 else {**rest, "anyOf": kinds}
    if node.get("default", 0) is None:
        node = {key: value for key, value in node.items() if key != "default"}
    # `properties` holds keys of the file, of which one may be called title.
    return {
        key: {name: _plain(inner, defs) for name, inner in value.items()}
        if key == "properties"
        else _plain(value, defs)
        for key, value in node.items()
        if key != "title" or not isinstance(value, str)
    }
