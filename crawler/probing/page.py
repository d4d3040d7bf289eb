"""What one page says of itself, whatever software made it: its tags, its name, where it leads. Pure."""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.html import absolute, clean
from parsers.encoding import decode

_MOST_LINKS = 4000
_MOST_FRAMES = 20
_TAGS = ("sitename", "columnname", "columntype", "articletitle")
# #2712 of a gkmlpt column, #/list of a page made by scripts; nothing that crawler/address.py would take for a question.
_FRAGMENT = re.compile(r"#(/?[\w-]{1,30}(?:/[\w-]{1,30}){0,4})$")
_SEPARATORS = re.compile(r"[_|－]|\s[-—–]\s?|\s?[-—–]\s|-{2,}|(?<=[^\d])-(?=[^\d])")


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link: absolute address (with a fragment where that may name a column), and what a reader sees of it."""

    url: str
    text: str


@dataclass(frozen=True, slots=True)
class PageFacts:
    """tags: of 国办发〔2017〕47号 that are there and not empty, names in lower case. name: the first part of the title.
    last_name: its last part, mostly the site's. links, frames: in page order."""

    tags: dict[str, str] = field(default_factory=dict)
    name: str = ""
    last_name: str = ""
    links: list[PageLink] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)

    @property
    def is_article(self) -> bool:
        """Whether its tags say that it is the page of one article."""
        return "articletitle" in self.tags


def page_facts(body: bytes, charset: str | None, url: str) -> PageFacts:
    """Read a page. Never raises; what is no HTML has no facts."""
    tree = LexborHTMLParser(decode(body, charset))
    base_node = tree.css_first("base[href]")
    base = (absolute(url, base_node.attributes.get("href")) if base_node is not None else None) or url
    tags: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        key = (node.attributes.get("name") or "").strip().lower()
        text = clean(node.attributes.get("content") or "")
        if key in _TAGS and text:
            tags.setdefault(key, text[:200])
    title = tree.css_first("title")
    parts = _SEPARATORS.split(clean(title.text(deep=True))[:300]) if title is not None else []
    parts = [part.strip() for part in parts if part.strip()]
    frames = [absolute(base, node.attributes.get("src")) for node in tree.css("iframe[src], frame[src]")[:_MOST_FRAMES]]
    return PageFacts(
        tags=tags,
        name=parts[0] if parts else "",
        last_name=parts[-1] if parts else "",
        links=[link for node in tree.css("a[href], area[href]")[:_MOST_LINKS] if (link := _link(node, base))],
        frames=[frame for frame in dict.fromkeys(frames) if frame is not None],
    )


def _link(node: LexborNode, base: str) -> PageLink | None:
    href = (node.attributes.get("href") or "").strip()
    url = absolute(base, href)
    if url is None:
        return None
    fragment = _FRAGMENT.search(href)
    text = clean(node.text(deep=True))
    if not text:
        picture = node.css_first("img")
        told = [node.attributes.get("title"), node.attributes.get("alt")]
        told += [picture.attributes.get("alt"), picture.attributes.get("title")] if picture is not None else []
        text = clean(next((words for words in told if words), ""))
    return PageLink(url + (fragment.group() if fragment else ""), text[:200])
