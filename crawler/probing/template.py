"""A portal file to be filled in by hand: for one platform, with its options explained. Pure, and without a look."""

import inspect
import textwrap
from collections.abc import Mapping
from typing import Any

import tomlkit

from crawler.platforms.options import OPTIONS, Options
from crawler.portal import PortalFile
from crawler.probing.draft import SCHEMA_LINE
from parsers.strict_toml import parse_strict

_WIDTH = 116
EXAMPLE_HOST = "www.example.gov.cn"
"""What stands in a template for the site's own host; `nianbao portal check` names it as a fault."""
_PATHS = {
    "boda": "/xxgk/nb.htm",
    "gkmlpt": "/gkmlpt/index#2712",
    "jpaas": "/col/col1545/index.html?number=JD16-JD1602",
    "jpage": "/col/col8812/index.html",
    "json_list": "/zwgk/zfxxgknb/list.html",
    "longxun": "/public/column/1000001?type=4&catId=6719511&action=list",
    "static_list": "/zwgk/xxgknb/",
    "trs": "/zwgk/zfxxgkzl/zfxxgknb/",
    "ucap": "/lxx/c108463/newxxgk_list.shtml",
    "xxgk": "/col/col8812/index.html?vc_xxgkarea=11990101923811106U&jh=264",
}
# What an option may look like, as its own platform's addresses and scripts have it. What a platform cannot do without
# is to be filled in.
_EXAMPLES: dict[str, dict[str, Any]] = {
    "json_list": {
        "endpoint": "<the request whose answer has the titles, as in list?page={page}>",
        "send": "form",
        "fields": {"pageIndex": "{page}", "channel_id": "f0d2c3a1b5e84c6f9a7d1e2b3c4d5e6f"},
        "rows": "<where the entries stand in the answer, as in data.list>",
        "title": "<where the title stands in an entry, as in title>",
        "url": "<where the address stands in an entry, as in url>",
        "date": "publishDate",
        "total": "data.total",
        "pages": "data.pages",
    },
    "jpaas": {"tagId": "信息列表", "className": "JD16", "xxgkType": "1", "pageSize": 15},
    "jpage": {
        "proxyUrl": "/module/web/jpage/dataproxy.jsp",
        "perPage": 15,
        "ajaxParam": {"col": 1, "appid": 1, "webid": 11, "path": "/", "columnid": 8812, "unitid": "23071"},
        "request": "startrecord",
        "unitid": "23071",
    },
    "longxun": {
        "siteId": "2653861",
        "organId": "1000001",
        "catId": "6719511",
        "type": "4",
        "file": "/xxgk/publicInfoList_newest2020",
    },
    "trs": {
        "counts_from": 1,
        "endpoint": "/fjdzapp/search",
        "channelid": "229105",
        "chnlid": "1207",
        "prepage": 15,
        "siteId": "ff808081",
    },
    "ucap": {
        "endpoint": "/common/search/",
        "channelid": "ab5e6deadd6898ea1f93292c7eba2094",
        "codeId": "c102416",
        "size": 15,
    },
    "xxgk": {
        "area": "11990101923811106U",
        "infotypeId": "A0101",
        "jdid": "264",
        "divid": "div51",
        "years": [2021, 2022, 2023],
    },
}
_HEAD = """\
# A portal of the platform {platform}. Fill in what stands in quotation marks, and take the # from what is needed.
# Every key is explained in docs/portals.md; try the file with `nianbao portal check` and `nianbao portal test`.

name = "柳溪县人民政府"                      # the site's name
platform = "{platform}"
allowed_hosts = ["{host}"]      # no other host is ever asked
delay_s = 3.0                               # seconds from an answer to the next request
# place = "柳溪县"                          # completes short names: 财政局 -> 柳溪县财政局
# default_agency = "柳溪县财政局"           # whose reports these are where no title says it
# expect = {{ min = 45, max = 70 }}           # reports on all columns; fewer: something is broken
# notes = ["2024-02-20: what was observed"]

# One for each list, as it stands in the browser's address bar.
[[columns]]
url = "https://{host}{path}"
# year = 2023                               # where the whole list is of one reporting year
# agency = "柳溪县财政局"                   # where the whole list is one agency's
"""


def template_toml(platform: str) -> str:
    """The text of a file for a platform of PLATFORM_NAMES; as it stands the crawler takes it."""
    text = SCHEMA_LINE + _HEAD.format(platform=platform, host=EXAMPLE_HOST, path=_PATHS[platform])
    model = OPTIONS.get(platform)
    if model is not None:
        text += "\n" + _options(model, _EXAMPLES[platform])
    parse_strict(text, PortalFile, "the template")
    return text


def _options(model: type[Options], examples: Mapping[str, Any]) -> str:
    """The table [options]: what they are for, then each of them, those that may be left out behind a #."""
    about = textwrap.wrap(" ".join(inspect.cleandoc(model.__doc__ or "").split()), _WIDTH)
    lines = [f"# {line}" for line in about]
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    lines.append("[options]" if required else "# [options]")
    for name, field in model.model_fields.items():
        sign = "" if name in required else "# "
        lines.append(f"{sign}{name} = {_value(examples.get(name, field.default))}")
    return "\n".join(lines) + "\n"


def _value(example: Any) -> str:
    """On one line, as it stands behind a #."""
    item = tomlkit.item(example)
    if isinstance(example, dict):
        item = tomlkit.inline_table()
        item.update(example)
    return item.as_string()
