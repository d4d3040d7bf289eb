"""Files that belong to a page, however the page leads to them: links, frames, viewers, buttons."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from crawler.pages import Attachment
from crawler.pages.html import FILE_ENDINGS, absolute, clean, file_name_of, has_file_ending, is_within

_FRAMES = {"iframe", "frame", "embed", "object", "param"}
_AROUND = {"header", "nav", "footer"}
_SAYS_ATTACHMENT = re.compile(r"附件|下载|年报|年度报告|工作报告")
_VIEWER_CALL = re.compile(r"showVsbpdfIframe\(\s*[\"']([^\"']{1,1000})[\"']")
# PDFObject.embed("x.pdf"), pdfjsLib.getDocument({url: "x.pdf"}), var pdfUrl = "x.pdf": one quoted file in a script.
_VIEWER_WORDS = re.compile(r"PDFObject\.embed|getDocument\s*\(|viewer\.html\?file=|pdf_?(?:url|path|file)", re.I)
_QUOTED = re.compile(r"[\"']([^\"'<>]{1,1000})[\"']")
_WEB_PAGE = re.compile(r"\.s?html?$|/$", re.I)
# Scripts that send a file whose name stands nowhere but in their answer: downfile.jsp?id=7, DownloadAttachUrl.
_DOWNLOAD = re.compile(
    r"/(?:file)?[Dd]own\w*\.(?:jsp|do|action|aspx?|ashx|php)\b|/[Aa]ttach\w*\.(?:jsp|do|action|aspx?|ashx|php)\b"
    r"|urltype=news\.DownloadAttachUrl|[?&]wbfileid="
)
_CARRIERS = (
    "a, iframe, frame, embed, object, param, [data-url], [data-href], [data-file], [data-path], [fileurl], [onclick]"
)
_MOST_CARRIERS = 3000
_ADDRESSES = ("href", "data-url", "data-href", "data-file", "data-path", "fileurl", "src", "data", "value")
# What names a file in the source of a page. A page without any, and without a viewer's call, has no attachment: no
# program writes the dot in front of an ending as an entity or with a percent sign.
_FILE_SIGN = re.compile(rb"\.(?:%s)(?![a-z0-9])" % "|".join(FILE_ENDINGS).encode(), re.I)
# What names a download script.
_SCRIPT_SIGNS = (b"showVsbpdfIframe", b"down", b"Down", b"attach", b"Attach", b"wbfileid")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def may_have_attachments(body: bytes) -> bool:
    """Whether a page can have attachments, by its bytes alone: False only if it has none."""
    return (
        _FILE_SIGN.search(body) is not None or any(sign in body for sign in _SCRIPT_SIGNS) or body.startswith(_UTF_16)
    )


def find_attachments(bodies: list[LexborNode], whole: LexborNode | None, base: str, url: str) -> list[Attachment]:
    """The files of a page, each address once, in page order.

    bodies: where the text of the article is. whole: the page's body; without a file in the article, those files count
    that the page calls attachment or report. base: what links resolve against. url: the page's own address.
    """
    found = {item.url: item for node in bodies for item in _inside(node, base)}
    if not found and whole is not None:
        found = {item.url: item for item in _inside(whole, base, only_named=True)}
    found.pop(url, None)
    return list(found.values())


def _inside(node: LexborNode, base: str, *, only_named: bool = False) -> Iterator[Attachment]:
    """Files inside an element. only_named: of the whole page, those that are called attachment or report."""
    for carrier in node.css(_CARRIERS)[:_MOST_CARRIERS]:
        found = _file_of(carrier, base)
        if found is None or is_within(carrier, _AROUND):
            continue
        if not only_named or _is_called_attachment(carrier, found):
            yield found
    for script in node.css("script"):
        source = script.text(deep=True)
        for call in _VIEWER_CALL.finditer(source):
            if (url := absolute(base, call.group(1))) is not None:
                yield Attachment(url, None)
        if _VIEWER_WORDS.search(source):
            yield from _quoted_files(source, base)


def _is_called_attachment(carrier: LexborNode, found: Attachment) -> bool:
    if carrier.tag in _FRAMES or carrier.attributes.get("appendix") == "true":
        return True
    return bool(_SAYS_ATTACHMENT.search(f"{found.name or ''} {_around(carrier)}"))


def _around(node: LexborNode) -> str:
    """What a link says, and the beginning of what stands around it."""
    parent = node.parent
    return f"{node.text(deep=True)} {parent.text(deep=True)[:40] if parent else ''}"


def _file_of(node: LexborNode, base: str) -> Attachment | None:
    attributes = node.attributes
    names = [clean(attributes.get(key) or "") for key in ("download", "title", "data-name")]
    if node.tag == "a":  # links do not nest; what else is clicked on may
        names.append(clean(node.text(deep=True)))
    name = next((text for text in names if has_file_ending(text)), None)
    for key in _ADDRESSES:
        url = absolute(base, attributes.get(key))
        if url is None:
            continue
        target, real = file_name_of(url)
        if target is not None:
            return Attachment(target, name or real)
        if node.tag == "a" and name is not None and not _WEB_PAGE.search(urlsplit(url).path):
            return Attachment(url, name)
        if node.tag == "a" and _DOWNLOAD.search(url) and _SAYS_ATTACHMENT.search(_around(node)):
            return Attachment(url, None)
    # down3('<uuid>.PDF'), window.open('a.pdf'), javascript:download('a.doc')
    for key in ("onclick", "href"):
        script = attributes.get(key) or ""
        if key == "onclick" or script.lstrip().lower().startswith("javascript:"):
            for found in _quoted_files(script, base):
                return Attachment(found.url, name or found.name)
    return None


def _quoted_files(script: str, base: str) -> Iterator[Attachment]:
    for quoted in _QUOTED.finditer(script):
        url = absolute(base, quoted.group(1))
        target, real = file_name_of(url) if url is not None else (None, None)
        if target is not None:
            yield Attachment(target, real)
