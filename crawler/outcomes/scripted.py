"""Whether a page's list is filled by a script: then what a plain fetch sees of it is no list, and never an empty one.

Judged on the source, carefully: where in doubt, the list is taken to be filled by a script, and ends as unknown.
"""

import re

# What crawler/asking/browser.py writes into a page that was rendered: then its scripts have done what they do, and only
# a frame that could not be put in its place still holds something.
_RENDERED = re.compile(r"<html\b[^<>]{0,2000}?\sdata-rendered-by=", re.I)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_SCRIPT = re.compile(r"<script\b([^<>]*)>(.*?)(?:</script\s*>|\Z)", re.I | re.S)
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "a template is left in the page",
        re.compile(
            r"\{\{[^{}\n]{1,200}\}\}|<%[=#]?[^%<>]{1,200}%>|<\?=?[^?<>]{0,20}\w+\.\w+[^?<>]{0,200}\?>"
            r"|[\s\"'](?:v-(?:for|if|else|show|html|text|cloak)|(?:data-)?ng-(?:repeat|if|show|bind|controller)"
            r"|ms-(?:for|repeat|each|if|visible|controller)|x-(?:for|show|if)|\*ngFor|\*ngIf|data-bind)(?=[\s=>])"
            r"|<script\b[^<>]{0,200}\btype\s*=\s*[\"']?text/(?:x-)?(?:html|template|ng-template|jsrender|handlebars|tmpl|art)[^<>]{0,50}"
            r"|<template\b",
            re.I,
        ),
    ),
    (
        "the page is an empty frame for a script",
        re.compile(
            r"<div\b[^<>]{0,200}\bid\s*=\s*[\"']?(?:app|root|__nuxt|__next|main-app)[\"']?[^<>]{0,200}>"
            r"\s*(?:<(?:router-view|app-root)\b[^<>]{0,50}>\s*(?:</(?:router-view|app-root)>)?\s*)?</div>",
            re.I,
        ),
    ),
    (
        "a script makes the list",
        re.compile(
            r"\.jpage\s*\(|unitbuild\.js|\bquerydata\s*=|\bloadDynamic\s*\(|\bXhwpage\s*\(|\bInitData\w*\s*="
            r"|<script\b[^<>]{0,200}>\s*(?:<!\[CDATA\[)?\s*<datastore\b"
            r"|window\._CONFIG\s*=|/fjdzapp/|document\.write(?:ln)?\([^;]{0,200}<\s*(?:li|tr)\b",
            re.I,
        ),
    ),
    (
        "an empty place for a list",
        re.compile(
            r"<(ul|ol|tbody|dl)\b[^<>]{0,200}\bid\s*=[^<>]{1,200}>\s*</\1\s*>"
            r"|<div\b(?=[^<>]{0,200}\bid\s*=\s*[\"']?[^\"'<>]{0,40}(?:list|data|rows|items|列表|信息|内容))[^<>]{1,200}>\s*</div\s*>",
            re.I,
        ),
    ),
    (
        "the list may be in a frame",
        re.compile(
            r"<i?frame\b(?![^<>]{0,300}display:\s*none)"
            r"(?=[^<>]{0,300}\bsrc\s*=\s*[\"']?(?!about:|javascript:)[^\"'\s<>])[^<>]{1,80}",
            re.I,
        ),
    ),
)
_HEAD = 4000  # characters
_LOADS = re.compile(
    r"\$\.(?:ajax|get|post|getJSON)\s*\(|\bjQuery\.(?:ajax|get|post|getJSON)\s*\(|\bfetch\s*\(|\baxios\b"
    r"|\bXMLHttpRequest\b|\.load\(\s*[\"']|\$http\b|\blayui\b|\bajaxPage\b"
)
_COUNTS = re.compile(r"click|count|hits?\b|visit|\bpv\b|stat|dianji|access|online", re.I)
_LISTS = re.compile(r"page_?(?:size|no|num|index)|list|rows|records|\.each\s*\(|forEach|append(?:To|Child)?\s*\(", re.I)


def filled_by_script(source: str) -> str | None:
    """What shows that the list of a page is made by a script, in a few words; None if nothing does.

    source: the page, decoded. A script that only fetches a hit counter is no such sign.
    """
    page = _without_comments(source)
    is_rendered = _RENDERED.search(page[:_HEAD]) is not None
    for words, pattern in _SIGNS[-1:] if is_rendered else _SIGNS:
        if found := pattern.search(page):
            return f"{words}: {' '.join(found.group().split())[:60]}"
    if is_rendered:
        return None
    for script in _SCRIPT.finditer(page):
        body = script.group(2)
        if (load := _LOADS.search(body)) and not (_COUNTS.search(body) and not _LISTS.search(body)):
            return f"a script loads something: {load.group()}"
    return None


# Scripts whose names say that they make lists or the whole page.
_MAKER = re.compile(
    r"<script\b[^<>]{0,200}\bsrc\s*=\s*[\"']?[^\"'<>\s]{0,300}?"
    r"((?:list|data|(?<!j)query|ajax|api|render|chunk|bundle|(?:app|main|index)[.-][0-9a-f]{6})[\w.-]{0,60}\.js)",
    re.I,
)


def fills(source: str, ids: set[str], classes: set[str]) -> str | None:
    """What may fill an element: a script of the page that names one of its ids or classes, or, if the element has an
    id, a script file that by its name makes lists. None if nothing does."""
    page = _without_comments(source)
    return _filler(page, "\n".join(_scripts(page)), ids, classes)


def _filler(page: str, scripts: str, ids: set[str], classes: set[str]) -> str | None:
    for name in sorted(ids | classes):
        if name in scripts and re.search(rf"[#.\"'`]{re.escape(name)}[\"'`\s)>\]:,]", scripts):
            return f"a script fills {name}"
    if ids and (maker := _MAKER.search(page)):
        return f"{maker.group(1)} may fill {min(ids)}"
    return None


def _without_comments(source: str) -> str:
    return _COMMENT.sub("", source) if "<!--" in source else source


def _scripts(page: str) -> list[str]:
    """The texts of a page's scripts. page: without comments."""
    return [match.group(2) for match in _SCRIPT.finditer(page)]


_MAKES_LIST = re.compile(
    r"\.jpage\s*\(|unitbuild\.js|\bquerydata\s*=|<\s*(?:datastore|recordset)\b"
    r"|<[a-z]{1,8}\b[^<>]{0,300}\s(?:v-for|(?:data-)?ng-repeat|ms-(?:for|repeat|each)|x-for|\*ngFor)\s*=",
    re.I,
)
# One of these is a part of whatever `_MAKES_LIST` matches, in lower case: found much faster, and in next to no page.
_PARTS_OF_MAKERS = (b"unitbuild.js", b"querydata", b"datastore", b"recordset", b"jpage", b"*ngfor")
_ATTRIBUTE_OF_MAKERS = re.compile(rb"-(?:for|repeat|each)")
_PLACE = re.compile(
    r"<(ul|ol|tbody|dl|table|div)\b(?=[^<>]{0,200}\bid\s*=\s*[\"']?([\w-]{1,60}))[^<>]{0,200}>\s*</\1\s*>", re.I
)
_LIST_PLACE = re.compile(r"list|data|rows|items|news|content|xxgk|nb", re.I)
_OTHER_PLACE = re.compile(r"nav|menu|foot|head|share|search|hot|banner|slide|page|link|tip|weather|login|bdsh", re.I)
_MAKES_ROWS = re.compile(r"<\s*(?:li|tr|dl|dd)\b", re.I)
_FRAME = re.compile(r"<i?frame\b([^<>]{1,600})>", re.I)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_LIST_FRAME = re.compile(r"list|tree|column|xxgk|nianbao|ndbg|infopublic|zfxxgk", re.I)
_OTHER_FRAME = re.compile(
    r"top|head|foot|nav|menu|search|weather|tianqi|share|count|stat|banner|login|video|player|map", re.I
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|(?:height|width)\s*:\s*[01](?:px)?\s*(?:;|$)", re.I)
_TALL = 300  # pixels; a frame as tall as a list


def made_elsewhere(source: str) -> str | None:
    """What shows that a page, although entries stand in it, gets its list from a script or shows it in a frame; None if
    nothing plainly does. Statistics, sharing buttons and hidden frames are no such sign.

    source: the page, decoded.
    """
    page = _without_comments(source)
    letters = page.encode("utf-8", "replace").lower()
    if b"data-rendered-by" in letters[: 4 * _HEAD] and _RENDERED.search(page[:_HEAD]):
        return _framed(page)
    if _may_make_list(letters) and (found := _MAKES_LIST.search(page)):
        return f"a script makes the list: {' '.join(found.group().split())[:60]}"
    return _loaded(page) or (_framed(page) if b"frame" in letters else None)


def _may_make_list(letters: bytes) -> bool:
    """Whether `_MAKES_LIST` has to be looked for. letters: the page in lower case."""
    return any(part in letters for part in _PARTS_OF_MAKERS) or _ATTRIBUTE_OF_MAKERS.search(letters) is not None


def _loaded(page: str) -> str | None:
    """What shows that a script loads rows, or what fills an empty place of a list."""
    scripts = _scripts(page)
    for script in scripts:
        if (load := _LOADS.search(script)) and _MAKES_ROWS.search(script):
            return f"a script loads rows: {load.group()}"
    everything = "\n".join(scripts)
    if not _LOADS.search(everything):
        return None
    for place in _PLACE.finditer(page):
        tag, name = place.group(1).lower(), place.group(2)
        if _OTHER_PLACE.search(name) or (tag == "div" and not _LIST_PLACE.search(name)):
            continue
        if _filler(page, everything, {name}, set()):
            return f"a script fills {name}"
    return None


def _framed(page: str) -> str | None:
    return next((words for found in _FRAME.finditer(page) if (words := _list_frame(found.group(1)))), None)


def _list_frame(tag: str) -> str | None:
    given = {name.lower(): "".join(values) for name, *values in _ATTRIBUTE.findall(tag)}
    src = given.get("src", "").strip()
    hidden = (
        _HIDDEN.search(given.get("style", "")) or given.get("width") in ("0", "1") or given.get("height") in ("0", "1")
    )
    if not src or hidden or re.match(r"about:|javascript:", src, re.I):
        return None
    path = re.sub(r"^(?:https?:)?//[^/]*", "", src)
    if _OTHER_FRAME.search(path):
        return None
    height = re.search(r"height\s*:\s*(\d+)\s*px", given.get("style", "")) or re.match(
        r"(\d+)", given.get("height", "")
    )
    is_tall = "%" in given.get("height", "") or (height is not None and int(height.group(1)) >= _TALL)
    is_own = path == src
    return f"a frame holds more: {src[:60]}" if _LIST_FRAME.search(path) or (is_own and is_tall) else None
