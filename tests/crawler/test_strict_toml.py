"""Lines of keys, for any TOML that tomllib accepts."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from parsers.strict_toml import ConfigError, parse_strict
from parsers.toml_lines import key_lines

AWKWARD = '''\
# [not.a.table]
a = "# no comment ] }"   # comment = 1
"b c" = \'\'\'
d = 1
\'\'\'
e.f = [1, # ]
  { g = "}", h = [ [2], [3] ] },
]
[t]
x = 2024-01-01
[t.u."v.w"]
y = """a\\"b"""
[[l]]
n = 1
[l.m]
o = 1
[[l]]
n = 2
p = { q = { r = 1 } }
'''


def test_lines_of_awkward_text() -> None:
    lines = key_lines(AWKWARD)
    assert {key: lines[key] for key in lines if key[0] in ("a", "b c")} == {("a",): 2, ("b c",): 3}
    assert lines[("e", "f", 1, "g")] == 7 and lines[("e", "f", 1, "h", 1, 0)] == 7
    assert lines[("t", "x")] == 10 and lines[("t", "u", "v.w", "y")] == 12
    assert lines[("l", 0, "m", "o")] == 16 and lines[("l", 1, "n")] == 18 and lines[("l", 1, "p", "q", "r")] == 19


scalars = st.one_of(
    st.integers(), st.booleans(), st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=8)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


def write(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(c):08x}" if c in '"\\' or not c.isprintable() else c for c in value) + '"'
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(write, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{write(key)} = {write(inner)}" for key, inner in value.items()) + "}"
    return str(value)


@given(st.lists(values, min_size=1, max_size=5))
def test_every_top_key_is_found_on_its_line(items: list[Any]) -> None:
    lines: dict[str, int] = {}
    text = ""
    for number, item in enumerate(items):
        lines[f"key{number}"] = text.count("\n") + 1
        text += f"key{number} = {write(item)}\n"
    tomllib.loads(text)
    found = key_lines(text)
    assert {key: found[(key,)] for key in lines} == lines


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    token: str = ""
    size: int = 0


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    one: Inner = Inner()
    many: dict[str, Inner] = {}


def test_near_keys_are_those_of_the_table_at_hand() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_strict("[many.free]\nsiz = 1\n[one]\nzzz = 1\ntoken = 7\n", Outer, "c.toml")
    assert caught.value.faults == [
        "c.toml:2: many.free.siz: unknown key 'siz'; expected size",
        "c.toml:4: one.zzz: unknown key 'zzz'; known are token, size",
        "c.toml:5: one.token: must be a text in quotation marks",
    ]
