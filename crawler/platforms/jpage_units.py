"""The units of a page of jpage: each a list with its rows, its count, and the way to ask for the rest.

A unit stands in a page as a datastore in a script, or as an array InitData<unit>, beside the call that draws it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from crawler.pages.javascript import object_after
from crawler.pages.scripts import Script
from crawler.platforms.options import JpageOptions

_STORE = re.compile(r"\s*(?:<!\[CDATA\[\s*)?(?:<\?xml[^<>]{0,200}\?>\s*)?<datastore\b", re.I)
_RECORD = re.compile(r"<record(?=[\s>])[^<>]{0,200}>", re.I)
_RECORD_END = re.compile(r"</record\s*>", re.I)
_CDATA = re.compile(r"\s*<!\[CDATA\[")
_TOTAL = re.compile(r"<totalrecord>\s*(?:<!\[CDATA\[)?\s*(\d{1,7})\b", re.I)
_NEXT_GROUP = re.compile(r"<nextgroup>(.{0,3000}?)</nextgroup>", re.I | re.S)
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s<>]{1,2000})", re.I)
_CALL = re.compile(r"\(\s{0,9}[\"']([^\"'()\n]{1,160})[\"']\s{0,9}\)\s{0,9}\.\s{0,9}jpage\s{0,9}(?=\()")
_INIT_DATA = re.compile(r"\bInitData_?(\w{0,60})\s{0,9}=\s{0,9}(?=\[)")
_ELEMENT = re.compile(r"<(?:div|ul|table|td|span)\b[^<>]{0,300}?\sid\s*=\s*[\"']?([^\"'\s<>]{1,200})", re.I)
_IN_FRONT = 1000  # characters before a script in which the element around it begins
_LONGEST_CALL = 20_000
_MOST_UNITS = 60
_LONGEST_DATA = 500_000


@dataclass(slots=True)
class Unit:
    """One list of a page. total: entries of all groups, None where nothing says it. per_page, group_size: how the proxy
    is asked. form: what its script sends. next_group: what a group names as the next one, as it is written there."""

    id: str
    rows: list[str] = field(default_factory=list)
    total: int | None = None
    per_page: int | None = None
    group_size: int = 3
    proxy: str | None = None
    form: dict[str, str] = field(default_factory=dict)
    next_group: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all its rows stand in the page."""
        return self.total is not None and len(self.rows) >= self.total


def units_of(source: str, scripts: list[Script], options: JpageOptions) -> list[Unit]:
    """The units of a page with their rows, in order; [] of a page without any.

    source: the page, decoded. scripts: its inline scripts. A unit of which nothing could be read, or that is one too
    many, comes without any count.
    """
    units: dict[str, Unit] = {}
    calls: dict[str, Unit] = {}
    for script in scripts:
        if len(units) + len(calls) >= _MOST_UNITS:
            calls["…"] = Unit("…")
            break
        if is_store(script.text):
            found = read_store(script.text)
            found.id = _element_around(source, script)
            units[found.id if found.id and found.id not in units else f"#{len(units)}"] = found
            continue
        for given in islice(_INIT_DATA.finditer(script.text), _MOST_UNITS) if "InitData" in script.text else ():
            rows = object_after(script.text[given.end() : given.end() + _LONGEST_DATA], r"\A")
            texts = [row for row in rows if isinstance(row, str)] if isinstance(rows, list) else []
            units[given.group(1) or f"#{len(units)}"] = Unit(given.group(1), texts)
        for unit in _calls(script.text) if "jpage" in script.text else ():
            calls.setdefault(unit.id, unit)
    _join(units, calls)
    for unit in units.values():
        unit.proxy = options.proxyUrl or unit.proxy
        unit.per_page = options.perPage or unit.per_page
        unit.form = unit.form | {name: str(value) for name, value in options.ajaxParam.items()}
    return list(units.values())


def is_store(text: str) -> bool:
    """Whether a text is a datastore: an answer of the proxy, or the script of a unit."""
    return _STORE.match(text[:500]) is not None


def _calls(script: str) -> Iterable[Unit]:
    for match in islice(_CALL.finditer(script), _MOST_UNITS):
        given = object_after(script[match.end() : match.end() + _LONGEST_CALL], r"\A")
        # $("#12"), $("div[id='12']")
        name = re.sub(r"^.*[#=]|[\]'\"]", "", match.group(1))
        if not isinstance(given, dict):
            yield Unit(name)
            continue
        param = given.get("ajaxParam")
        form = {name: _sent(value) for name, value in param.items()} if isinstance(param, dict) else {}
        proxy = given.get("proxyUrl")
        yield Unit(
            name,
            total=whole_number(given.get("totalRecord")),
            per_page=whole_number(given.get("perPage")) or None,
            group_size=whole_number(given.get("groupSize")) or 3,
            proxy=proxy if isinstance(proxy, str) and proxy else None,
            form=form,
        )


def _join(units: dict[str, Unit], calls: dict[str, Unit]) -> None:
    """Give each unit the counts and the proxy of its call; a call without data in the page is a unit by itself."""
    for name in [name for name in calls if name not in units]:
        other = calls[name].form.get("unitid", "")
        if other in units and other not in calls:
            calls[other] = calls.pop(name)
    lonely = [name for name in units if name not in calls]
    callers = [name for name in calls if name not in units]
    pairs = list(zip(lonely, callers, strict=False)) if len(lonely) == len(callers) else []
    if len(pairs) == 1 or all(units[name].total in (None, calls[other].total) for name, other in pairs):
        for name, other in pairs:
            units[other] = units.pop(name)
    for name, call in calls.items():
        unit = units.setdefault(name, Unit(name))
        # The data is of today, the call may be of the day on which the page was built: the larger count is the safer.
        totals = [total for total in (unit.total, call.total) if total is not None]
        units[name] = replace(call, rows=unit.rows, next_group=unit.next_group, total=max(totals, default=None))


def read_store(text: str) -> Unit:
    """A datastore: its rows, its total, the group that follows."""
    head, *parts = _RECORD.split(text)
    rows, rest = [], [head]
    for part in parts:
        end = _RECORD_END.search(part)
        content, behind = (part[: end.start()], part[end.end() :]) if end else (part, "")
        rest.append(behind)
        if (opened := _CDATA.match(content)) is not None:
            content = content[opened.end() :].partition("]]>")[0]
        elif "&lt;" in content:
            content = content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
        if content.strip():
            rows.append(content)
    outside = "".join(rest)
    total, group = _TOTAL.search(outside), _NEXT_GROUP.search(outside)
    href = _HREF.search(group.group(1)) if group else None
    return Unit(
        "",
        rows,
        total=int(total.group(1)) if total else None,
        next_group=href.group(1).replace("&amp;", "&") if href else None,
    )


def _element_around(source: str, script: Script) -> str:
    found = _ELEMENT.findall(source[max(script.start - _IN_FRONT, 0) : script.start])
    return found[-1] if found else ""


def outside_of_scripts(source: str, scripts: list[Script]) -> str:
    """The page without its scripts."""
    parts, at = [], 0
    for script in scripts:
        parts.append(source[at : script.start])
        at = script.end
    return "".join([*parts, source[at:]])


def _sent(value: object) -> str:
    """A value as a script sends it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def whole_number(value: object) -> int | None:
    """A number of at most seven digits, as scripts and addresses write it; None of anything else."""
    text = str(value).strip() if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else None
