"""Whether a page says that its list is empty, and may be believed.

Only a list that is there can be empty: the sentence stands by itself, where a list stands, is seen by a reader, and no
script fills the place (crawler/outcomes/scripted.py).
"""

import json
import re
from itertools import islice
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.outcomes.marks import EMPTY_TEXT
from crawler.outcomes.scripted import filled_by_script, fills
from crawler.pages.html import BLANK, is_within, visible_text

_LONGEST_SENTENCE = 40
_LIST_TAGS = {"ul", "ol", "li", "table", "tbody", "tr", "td", "dl", "dd"}
_LIST_NAMES = re.compile(
    r"list|lb|news|con|main|result|data|column|article|item|box|page|right|gl|gk|nb|info|none|empty", re.I
)
# Beside the list, and empty for reasons of their own.
_ASIDE = re.compile(
    r"relat|recommend|comment|\bside|sidebar|foot|header|\bnav|search|login|\bhot|attach|share|menu", re.I
)
_AROUND = {"template", "nav", "footer", "header", "aside"}
# What only the page of a list has: the tags that the standard for government sites prescribes, the way to it, or the
# place of a list with nothing in it.
_LIST_PAGE = re.compile(
    r"\bname\s*=\s*[\"']?Column(?:Name|Type)\b|(?:当前|您的|所在)位置|<(ul|ol|table|tbody)\b[^<>]{0,300}>\s*</\1\s*>",
    re.I,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_WHOLE_PAGE = re.compile(r"<(?:html|body|head|div|table)\b|\bstyle\s*=|\bhidden\b", re.I)
_UNSEEN = {"script", "style", "noscript", "template", "select", "option", "title", "textarea"}
_LEVELS = 5
_MOST_LEVELS = 60
_MOST_SENTENCES = 20
_PARTS_OF_SENTENCE = 10
_TOTALS = ("total", "totalrecord", "totalcount", "recordcount", "totalnum", "count", "totalelements", "allrow")
_DEPTH = 6


def says_empty(tree: LexborHTMLParser, source: str) -> str | None:
    """The words in which a page says that its list is empty; None if it does not, or cannot be believed.

    source: the page, decoded, of which tree was made. To be asked only of a page without entries.
    """
    if source.lstrip()[:1] in ("{", "["):
        return _empty_json(source)
    if (found := re.search(r"<totalrecord>\s*0\s*</totalrecord>", source, re.I)) and "<record>" not in source:
        return found.group()
    body = tree.body
    if body is None or EMPTY_TEXT.search(BLANK.sub("", source)) is None:
        return None
    whole = visible_text(body)
    found = EMPTY_TEXT.search(whole)
    if found is None or filled_by_script(source) is not None:
        return None
    if len(whole) <= _LONGEST_SENTENCE and not _WHOLE_PAGE.search(source):
        return found.group()  # an answer of this sentence and nothing else: a fragment for a list
    said = ((words, node) for node in body.traverse() if (words := _own_sentence(node)) is not None)
    return next((words for words, node in islice(said, _MOST_SENTENCES) if _is_in_list(node, source)), None)


def _own_sentence(node: LexborNode) -> str | None:
    """The sentence, if it is all that an element of its own says."""
    if node.tag in _UNSEEN or is_within(node, _UNSEEN):
        return None
    own = BLANK.sub("", node.text(deep=False))
    found = EMPTY_TEXT.search(own) if 0 < len(own) <= _LONGEST_SENTENCE else None
    # A sentence has next to no elements inside; whatever is nested in it is part of it.
    inner = node.css("*") if found else []
    if found is None or len(inner) > _PARTS_OF_SENTENCE:
        return None
    return found.group() if len(BLANK.sub("", node.text(deep=True))) <= _LONGEST_SENTENCE else None


def _is_in_list(node: LexborNode, source: str) -> bool:
    """Whether an element is seen and stands where a list stands, in a place that no script fills."""
    ids: set[str] = set()
    classes: set[str] = set()
    is_list = bool(_LIST_PAGE.search(source))
    above: LexborNode | None = node
    for level in range(_MOST_LEVELS):
        if above is None or above.tag in ("body", "html"):
            break
        attributes = above.attributes
        own_id, own_classes = attributes.get("id") or "", attributes.get("class") or ""
        hidden = "hidden" in attributes or _HIDDEN.search(attributes.get("style") or "")
        if hidden or above.tag in _AROUND or _ASIDE.search(f"{own_classes} {own_id}"):
            return False
        if level < _LEVELS:
            is_list |= above.tag in _LIST_TAGS or bool(_LIST_NAMES.search(f"{own_classes} {own_id}"))
            ids |= {own_id} if own_id else set()
            classes |= set(own_classes.split()) if above.tag in _LIST_TAGS or level == 0 else set()
        above = above.parent
    return is_list and fills(source, ids, classes) is None


def _empty_json(source: str) -> str | None:
    """`"total": 0` of a list sent as JSON, if no list in it has entries."""
    try:
        data = json.loads(source)
    except (ValueError, RecursionError):
        return None
    totals: list[str] = []
    has_entries = _look_into(data, totals, 0)
    return totals[0] if totals and not has_entries else None


def _look_into(data: Any, totals: list[str], depth: int) -> bool:
    """Collect the totals that are 0; gives whether anything in the data is a list with entries, or a total above 0."""
    if depth > _DEPTH:
        return True  # too deep to be sure
    if isinstance(data, list):
        return bool(data)
    if not isinstance(data, dict):
        return False
    found = False
    for key, value in data.items():
        if key.lower().replace("_", "") in _TOTALS and isinstance(value, int | str):
            if str(value).strip() == "0":
                totals.append(f'"{key}":0')
            elif str(value).strip().isdigit():
                found = True
        found |= _look_into(value, totals, depth + 1)
    return found
