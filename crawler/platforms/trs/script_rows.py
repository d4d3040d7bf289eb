"""Rows that stand in scripts only, as 武汉 prints them:

<li><script>var url="./202602/t20260209_1.shtml"; var title="…"; document.writeln('<a href="'+url+'">'+title+'</a>');
</script><span>2026-02-09</span></li>
"""

import re
from html import unescape

from crawler.pages.html import absolute, clean, printed_date
from crawler.pages.scripts import Script, unquoted
from crawler.platforms import Link

_GIVEN = re.compile(
    r"(?<![\w$.-])(url|href|link|docurl|title|doctitle|linktitle|date|time|pubdate|pubtime|doctime|docreltime)\s{0,5}=\s{0,5}"
    r"(\"(?:[^\"\\\n]|\\.){0,1000}\"|'(?:[^'\\\n]|\\.){0,1000}')",
    re.I,
)
_ADDRESSES, _TITLES = ("url", "href", "link", "docurl"), ("title", "doctitle", "linktitle")
_TAG = re.compile(r"<[^<>]{1,500}>")
_ROW_END = re.compile(r"</(?:li|tr|dd)\b", re.I)
_BESIDE = 400  # characters behind a script in which its row may go on
_MOST_ROWS = 20_000


def script_rows(source: str, scripts: list[Script], base: str) -> list[Link]:
    """The entries that the scripts of a page write into it, in order, each address once."""
    links: dict[str, Link] = {}
    for script in scripts:
        if "document.write" not in script.text:
            continue
        rows = _rows(script.text)
        for number, row in enumerate(rows):
            url = absolute(base, row["url"])
            title = clean(_TAG.sub("", unescape(row["title"])))
            if url is None or not title:
                continue
            beside = _beside(source, script) if number == len(rows) - 1 else ""
            links.setdefault(url, Link(url, title, printed_date(row.get("date", "")) or printed_date(beside)))
            if len(links) >= _MOST_ROWS:
                return list(links.values())
    return list(links.values())


def _rows(text: str) -> list[dict[str, str]]:
    """What is given to url, title and date, row by row: a name that comes again begins another row."""
    rows: list[dict[str, str]] = [{}]
    ends: list[int] = [0]
    for found in _GIVEN.finditer(text):
        name, value = found.group(1).lower(), unquoted(found.group(2))
        if value.startswith("+"):
            continue  # '<a href=' + url + '>'
        key = "url" if name in _ADDRESSES else "title" if name in _TITLES else "date"
        if key in rows[-1]:
            if key == "date" or not value.strip():
                continue
            ends.append(found.start())
            rows.append({})
        rows[-1][key] = value
    whole = []
    for row, start, end in zip(rows, ends, [*ends[1:], len(text)], strict=True):
        if "url" in row and "title" in row:
            written = text[start:end].partition("document.write")[2]
            whole.append(row if "date" in row else row | {"date": _TAG.sub(" ", written[:2000])})
    return whole


def _beside(source: str, script: Script) -> str:
    """The text of a row behind its script."""
    rest = source[script.end : script.end + _BESIDE].partition(">")[2]  # behind </script>
    end = _ROW_END.search(rest)
    rest = rest[: end.start()] if end else rest.partition("<script")[0]
    return _TAG.sub(" ", rest)
