"""What kind of file some bytes are, told from the bytes alone.

Names and Content-Type headers are wrong too often: `.doc` may be HTML or docx, `.wps` OLE or zip, and portals send
everything as application/octet-stream.
"""

import codecs
import re

from parsers.archives import open_container
from parsers.errors import (
    EmptyDocument,
    EncryptedDocument,
    ImageOnlyDocument,
    OversizedDocument,
    TruncatedDocument,
    UnsupportedMedia,
)

MAX_BYTES = 50 * 1024 * 1024

_HEAD = 4096
# Bytes looked at to tell text from binary, and text from HTML.
_SAMPLE = 256 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BLANK = b" \t\r\n\f\v\0"

_IMAGES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_IMAGE = "a {kind} image and no text: published, but it has to be read by a person"
_KNOWN = (
    (b"{\\rtf", "an RTF file, for which there is no reader: save it as docx or PDF"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it and add the files in it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it and add the files in it"),
    (b"\x1f\x8b", "a file packed with gzip: unpack it and add what is in it"),
    (b"\xfd7zXZ\0", "a file packed with xz: unpack it and add what is in it"),
    (b"\x28\xb5\x2f\xfd", "a file packed with zstd: unpack it and add what is in it"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")

# Names of streams as an OLE directory writes them: UTF-16, ended by a zero.
_OLE_ENCRYPTED = tuple(f"{name}\0".encode("utf-16-le") for name in ("EncryptedPackage", "EncryptionInfo"))
_OLE_WORD = "WordDocument\0".encode("utf-16-le")
_OLE_EXCEL = tuple(f"{name}\0".encode("utf-16-le") for name in ("Workbook", "Book"))

_PDF = b"%PDF-"
_MHTML = re.compile(rb"^(?:mime-version|from|subject|date|message-id|snapshot-content-location):", re.I)
# Elements that make a text HTML wherever they stand. Names in angle brackets such as <政府信息公开条例> are no tags.
_STRONG = (
    "html|head|body|meta|title|base|link|style|script|div|p|span|table|thead|tbody|tfoot|tr|td|th|caption|col|colgroup"
    "|br|hr|h[1-6]|ul|ol|li|dl|dt|dd|font|center|img|form|input|iframe|article|section|header|footer|main|nav|pre"
    "|blockquote|strong|em|o:p|ucapcontent"
)
_TAG = re.compile(rf"<!doctype\s+html|<(?:{_STRONG})(?:\s[^<>]*)?/?>".encode(), re.I)
# One-letter elements also come about in a text that compares letters (a<b>c); an end tag has to confirm them.
_WEAK_START = re.compile(rb"<([abiqsu])(?:\s[^<>]*)?>", re.I)
_WEAK_END = re.compile(rb"</([abiqsu])\s*>", re.I)
_XML_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_HTML_ROOT = re.compile(rf"(?:{_STRONG}|[abiqsu])".encode(), re.I)
# Control characters that no text file holds; tab, line and page breaks, Ctrl-Z and ESC are left out.
_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\v\f\r\x1a\x1b")
_INVISIBLE = "\ufeff\u200b\u3000\xa0 \t\r\n\f\v\0"

# What opens a cell, and what ends it or shows that the tag stood in a script or a comment.
_CELL = re.compile(rb"<t[dh][\s>]", re.I)
_AFTER_CELL = re.compile(rb"</(?:t[dhr]|tbody|table|body|html|script|textarea|template)\b|-->", re.I)
_ENDS_WHOLE = re.compile(rb"</(?:html|body)\b", re.I)
_LAST, _TAIL = 200, 64 * 1024  # bytes from the end

_PLAIN_HTML = (b"<!doctype html", b"<html")  # nearly every page; what begins so is nothing else


def sniff(data: bytes) -> str:
    """The kind of a file: "html", "pdf", "docx", "xlsx" or "text".

    data: the bytes as fetched. Raises EmptyDocument, OversizedDocument, EncryptedDocument, TruncatedDocument (a zip cut
    off, a page that ends inside a table cell), ImageOnlyDocument or UnsupportedMedia, each with one sentence that says
    what the file is.
    """
    if len(data) > MAX_BYTES:
        size, limit = len(data) / 2**20, MAX_BYTES // 2**20
        raise OversizedDocument(f"the file has {size:.0f} MB; files above {limit} MB are not opened")
    head = data[:_HEAD].removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)
    if head[:14].lower().startswith(_PLAIN_HTML):
        return _whole_html(data)
    if not head and not data.removeprefix(codecs.BOM_UTF8).strip(_BLANK):
        raise EmptyDocument("the file is empty: fetch it again")
    if data.startswith(_OLE):
        raise _ole_error(data)
    if data.startswith(_ZIP):
        return _sniff_zip(data)
    if _is_pdf(data, head):
        return "pdf"
    _refuse_known(data, head)
    return _sniff_text(data)


def _is_pdf(data: bytes, head: bytes) -> bool:
    if head.startswith(_PDF):
        return True
    # Mail gateways and some portals put a line in front of the header; a page that only mentions it has no objects.
    return _PDF in data[:1024] and b" obj" in data


def _refuse_known(data: bytes, head: bytes) -> None:
    for magic, kind in _IMAGES:
        if data.startswith(magic):
            raise ImageOnlyDocument(f"the file is {_IMAGE.format(kind=kind)}")
    if (data.startswith(b"BM") and data[6:10] == b"\0\0\0\0") or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        raise ImageOnlyDocument(f"the file is {_IMAGE.format(kind='BMP' if data[:2] == b'BM' else 'WebP')}")
    for magic, sentence in _KNOWN:
        if head.startswith(magic):
            raise UnsupportedMedia(f"the file is {sentence}")
    if _MHTML.match(head) and b"multipart/" in head.lower():
        raise UnsupportedMedia(
            "the file is a web archive (MHTML), for which there is no reader: save it as HTML or PDF"
        )


def _ole_error(data: bytes) -> EncryptedDocument | UnsupportedMedia:
    if any(name in data for name in _OLE_ENCRYPTED):
        return EncryptedDocument("the Office file asks for a password: ask for, or save, a copy without one")
    if _OLE_WORD in data:
        return UnsupportedMedia(
            "the file is a binary Word file (.doc, .wps), for which there is no reader: save it as docx"
        )
    if any(name in data for name in _OLE_EXCEL):
        return UnsupportedMedia(
            "the file is a binary Excel file (.xls, .et), for which there is no reader: save it as xlsx"
        )
    return UnsupportedMedia("the file is an OLE container of unknown content: save it as docx, xlsx or PDF")


def _sniff_zip(data: bytes) -> str:
    container = open_container(data)
    names = container.names
    if any(name.startswith("word/") for name in names):
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "xl/workbook.bin" in names:
        raise UnsupportedMedia(
            "the file is a binary Excel workbook (.xlsb), for which there is no reader: save it as xlsx"
        )
    if "OFD.xml" in names:
        raise UnsupportedMedia("the file is an OFD file, for which there is no reader: save it as PDF")
    if any(name.startswith("ppt/") for name in names):
        raise UnsupportedMedia("the file is a PowerPoint file, for which there is no reader: save it as PDF")
    if "mimetype" in names and "content.xml" in names:
        raise UnsupportedMedia(
            "the file is an OpenDocument file, for which there is no reader: save it as docx or xlsx"
        )
    raise UnsupportedMedia(f"the file is a zip archive of {len(names)} files: unpack it and add the files in it")


def _sniff_text(data: bytes) -> str:
    sample = data[:_SAMPLE]
    if sample.startswith(_UTF16):
        sample = sample.decode("utf-16", "replace").encode("utf-8", "replace")
    if len(sample) - len(sample.translate(None, _CONTROLS)) > 0.01 * len(sample):
        raise UnsupportedMedia("the file is of an unknown binary kind: it is neither HTML, PDF, docx, xlsx nor text")
    root = _xml_root(sample)
    if root is not None and not _HTML_ROOT.fullmatch(root):
        name = root.decode("utf-8", "replace")
        raise UnsupportedMedia(f"the file is an XML file with the root {name!r}, for which there is no reader")
    # No byte of a Chinese character is "<" or ">" in UTF-8, GB18030 or Big5, so tags are found before decoding.
    if _TAG.search(sample) or _has_weak_element(sample):
        return _whole_html(data)
    text = _lenient(sample)
    if not text.strip(_INVISIBLE):
        raise EmptyDocument("the file holds nothing but white space: fetch it again")
    if text.count("\ufffd") > 0.05 * len(text):
        raise UnsupportedMedia("the file is text in an unknown encoding: save it as UTF-8")
    return "text"


def _whole_html(data: bytes) -> str:
    """ "html", unless the page ends inside a table cell: of a number in it only the first digits may be there."""
    if _ENDS_WHOLE.search(data[-_LAST:]):
        return "html"
    tail = data[-_TAIL:]
    ends = [match.end() for match in _CELL.finditer(tail)]
    if ends and not _AFTER_CELL.search(tail, ends[-1]):
        raise TruncatedDocument("the page ends in the middle of a table cell, it is cut off: fetch it again")
    return "html"


def _has_weak_element(sample: bytes) -> bool:
    starts = {name.lower() for name in _WEAK_START.findall(sample)}
    return bool(starts) and not starts.isdisjoint(name.lower() for name in _WEAK_END.findall(sample))


def _xml_root(sample: bytes) -> bytes | None:
    """Name of the root element, without its prefix, of what begins with an XML declaration; None for all else."""
    rest = sample[:_HEAD].removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)
    if rest[:6].lower() not in (b"<?xml ", b"<?xml\t", b"<?xml\r", b"<?xml\n"):
        return None
    while rest.startswith((b"<?", b"<!--")):
        end = b"?>" if rest.startswith(b"<?") else b"-->"
        rest = rest.partition(end)[2].lstrip(_BLANK)
    match = _XML_ROOT.match(rest)
    return match.group(1) if match else None


def _lenient(sample: bytes) -> str:
    """The sample as UTF-8 or else GB18030; a character cut off by the sample's end counts as whole."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        readings = (sample.decode(encoding, "replace") for encoding in ("utf-8", "gb18030"))
        return min(readings, key=lambda text: text.count("\ufffd"))
