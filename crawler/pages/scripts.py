"""What stands in a page's source beside its tree: its inline scripts, its <base>, numbers that scripts keep in names.

Readers that need a few words of a script find them here, at the cost of some searches and no second tree.
"""

import re
from typing import NamedTuple

from crawler.pages.html import absolute

_BLOCK_COMMENT = re.compile(r"(?<![\"'\w*])/\*.*?(?:\*/|\Z)", re.S)
_BASE = re.compile(r"<base\b[^<>]{0,300}?\bhref\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))", re.I)
_HEAD = 16_384
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S)
_SIGNS = {"n": "\n", "t": "\t", "r": "\r"}


class Script(NamedTuple):
    """One inline script: its text without commented lines, and where its tag begins and its text ends in the source."""

    text: str
    start: int
    end: int


def inline_scripts(source: str) -> list[Script]:
    """The scripts of a page that stand in it and outside of its comments, in order."""
    found: list[Script] = []
    plain = _lower(source) if "<SCRIPT" in source or "<Script" in source else source
    comment, script, at = plain.find("<!--"), plain.find("<script"), 0
    # A script may begin with <!-- of old, a comment may hold an old script: whichever begins first holds the other.
    while script >= 0:
        if 0 <= comment < script:
            at = plain.find("-->", comment)
            if at < 0:
                break
        else:
            begin = plain.find(">", script) + 1
            end = plain.find("</script", begin)
            end = len(plain) if end < 0 else end
            if begin == 0:
                break
            if end > begin:
                found.append(Script(_plain(source[begin:end]), script, end))
            at = end
        comment = plain.find("<!--", at) if 0 <= comment < at else comment
        script = plain.find("<script", at)
    return found


def _lower(source: str) -> str:
    """In lower case, each character in its place: İ would become two."""
    lower = source.lower()
    return lower if len(lower) == len(source) else re.sub("[A-Z]+", lambda found: found.group().lower(), source)


def script_text(source: str) -> str:
    """All inline scripts of a page as one text."""
    return "\n".join(script.text for script in inline_scripts(source))


def base_of(source: str, url: str) -> str:
    """What the links of a page resolve against."""
    found = _BASE.search(source, 0, _HEAD)
    return (absolute(url, next(filter(None, found.groups()), None)) if found else None) or url


def number_in(script: str, names: str) -> int | None:
    """The number that a script gives to one of some names (a|b|c): `var a = 12;`, `a: "12"`."""
    found = re.search(rf"(?<![\w$.-])(?:{names})[\"']?\s{{0,20}}[=:]\s{{0,20}}[\"']?(\d{{1,7}})(?![\w.])", script)
    return int(found.group(1)) if found else None


def text_in(script: str, names: str) -> str | None:
    """The text or number that a script gives to one of some names (a|b|c): `a: '12'`, `var a = "x"`, `"a": 12`."""
    found = re.search(
        rf"(?<![\w$-])(?:{names})[\"']?\s{{0,20}}[=:]\s{{0,20}}(?:\"([^\"\n]{{0,300}})\"|'([^'\n]{{0,300}})'|(\d{{1,18}}))",
        script,
    )
    return next((group for group in found.groups() if group is not None), None) if found else None


def unquoted(text: str) -> str:
    """What a quoted text of a script says: without its quotes, escapes resolved."""
    return _ESCAPE.sub(_unescaped, text[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code is None:
        return _SIGNS.get(match.group(3), match.group(3))
    sign = chr(int(code, 16))
    return "\ufffd" if "\ud800" <= sign <= "\udfff" else sign


def _plain(text: str) -> str:
    if "/*" in text:
        text = _BLOCK_COMMENT.sub(" ", text)
    return without_line_comments(text)


def without_line_comments(text: str) -> str:
    """A script with the lines empty that begin with //."""
    if "//" not in text:
        return text
    return "\n".join("" if line.lstrip(" \t").startswith("//") else line for line in text.split("\n"))
