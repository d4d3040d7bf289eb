"""The links of a page with the line that each stands in; the readers keep texts and drop addresses."""

from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsers.encoding import decode
from parsers.notice_words import folded

# Where portal software keeps the article.
_ARTICLE = (
    "#zoom,#Zoom,#UCAP-CONTENT,#zoomcon,#vsb_content,#ivs_content,.TRS_Editor,.trs_editor_view,.v_news_content,"
    ".article-content,.article_content,.xxgk_content,.bt-content,.news_cont_d_wrap,.tyxxy_main,.j-fontContent,"
    ".art-con,.Custom_UnionStyle,.view,article"
)
_LINES = frozenset(("p", "li", "td", "th", "div", "dd", "dt", "h1", "h2", "h3", "h4", "body"))
_AROUND = frozenset(("nav", "header", "footer"))


class Anchor(NamedTuple):
    """text: folded. href: as written. line: the folded text around it. main: not in a navigation, or inside the
    article where the page has a known one. in_article: inside a known one. in_table: inside a table's cell."""

    text: str
    href: str
    line: str
    main: bool
    in_article: bool
    in_table: bool


def read_anchors(data: bytes) -> list[Anchor]:
    """The links of an HTML page in its order; those without text or to a place in the page are left out."""
    tree = LexborHTMLParser(decode(data))
    for node in tree.css("script,style,noscript,template"):
        node.decompose()
    article = max(tree.css(_ARTICLE), key=lambda node: len(node.text()), default=None)
    if article is not None and tree.body is not None and len(article.text()) * 10 < len(tree.body.text()):
        article = None  # a teaser
    found = []
    for node in tree.css("a[href]"):
        href = (node.attributes.get("href") or "").strip()
        text = folded(node.text())
        if not text or not href or href.lower().startswith(("#", "javascript:", "mailto:")):
            continue
        around = list(_ancestors(node))
        tags = {one.tag for one in around}
        in_article = article is not None and any(one.mem_id == article.mem_id for one in around)
        line = next((one for one in around if one.tag in _LINES), node)
        main = in_article if article is not None else not tags & _AROUND
        found.append(Anchor(text, href, folded(line.text()[:400]), main, in_article, bool(tags & {"td", "th"})))
    return found


def _ancestors(node: LexborNode) -> list[LexborNode]:
    found = []
    parent = node.parent
    while parent is not None:
        found.append(parent)
        parent = parent.parent
    return found
