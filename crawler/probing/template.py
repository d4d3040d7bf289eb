"""A portal file to be filled in by hand: for one platform, with its options explained. Pure, and without a look."""

import inspect
import textwrap
from typing import Any

import tomlkit
from pydantic.fields import FieldInfo

from crawler.platforms.options import OPTIONS, Options
from crawler.portal import PortalFile
from crawler.probing.draft import SCHEMA_LINE
from parsers.strict_toml import parse_strict

_WIDTH = 116
# Options that a platform cannot do without, to be filled in: what they may look like.
_EXAMPLES: dict[str, Any] = {
    "endpoint": "<the request whose answer has the titles, as in list?page={page}>",
    "rows": "<where the entries stand in the answer, as in data.list>",
    "title": "<where the title stands in an entry, as in title>",
    "url": "<where the address stands in an entry, as in url>",
}
_HEAD = """\
# A portal of the platform {platform}. Fill in what stands in quotation marks, and take the # from what is needed.
# Every key is explained in docs/portals.md; try the file with `nianbao portal check` and `nianbao portal test`.

name = "柳溪县人民政府"                      # the site's name
platform = "{platform}"
allowed_hosts = ["www.example.gov.cn"]      # no other host is ever asked
delay_s = 3.0                               # seconds from an answer to the next request
# place = "柳溪县"                          # completes short names: 财政局 -> 柳溪县财政局
# default_agency = "柳溪县财政局"           # whose reports these are where no title says it
# expect = {{ min = 45, max = 70 }}           # reports on all columns; fewer: something is broken
# notes = ["2024-02-20: what was observed"]

# One for each list, as it stands in the browser's address bar.
[[columns]]
url = "https://www.example.gov.cn/zwgk/xxgknb/"
# year = 2023                               # where the whole list is of one reporting year
# agency = "柳溪县财政局"                   # where the whole list is one agency's
"""


def template_toml(platform: str) -> str:
    """The text of a file for a platform of PLATFORM_NAMES; as it stands the crawler takes it."""
    text = SCHEMA_LINE + _HEAD.format(platform=platform)
    model = OPTIONS.get(platform)
    if model is not None:
        text += "\n" + _options(model)
    parse_strict(text, PortalFile, "the template")
    return text


def _options(model: type[Options]) -> str:
    """The table [options]: what they are for, then each of them, those that may be left out behind a #."""
    about = textwrap.wrap(" ".join(inspect.cleandoc(model.__doc__ or "").split()), _WIDTH)
    lines = [f"# {line}" for line in about]
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    lines.append("[options]" if required else "# [options]")
    for name, field in model.model_fields.items():
        sign = "" if name in required else "# "
        lines.append(f"{sign}{name} = {_value(name, field)}")
    return "\n".join(lines) + "\n"


def _value(name: str, field: FieldInfo) -> str:
    if field.is_required() and name in _EXAMPLES:
        return tomlkit.item(_EXAMPLES[name]).as_string()
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    if isinstance(default, dict):
        return "{}"
    return '"…"' if default is None else tomlkit.item(default).as_string()
