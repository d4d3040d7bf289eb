"""Bytes to text, whatever the declarations say.

Portals declare the wrong encoding often enough that the bytes decide: a byte order mark, then UTF-8 if it fits, then
what is declared, with GB2312 and GBK always read as GB18030, of which they are parts.
"""

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,80}?encoding)\s*=\s*["']?\s*([\w:.-]{2,40})""", re.I)
_CHINESE = {
    "gb2312",
    "gbk",
    "gb-2312",
    "gb_2312-80",
    "x-gbk",
    "cp936",
    "936",
    "euc-cn",
    "hz-gb-2312",
    "chinese",
    "gb18030",
}
# Words that a page of either encoding is bound to hold; which of two readings has them settles a contradiction.
_TRADITIONAL = {"big5", "big5-hkscs", "x-big5"}
_NOT_ON_PAGES = {
    "unicode-escape",
    "raw-unicode-escape",
    "unicode_escape",
    "raw_unicode_escape",
    "punycode",
    "idna",
    "utf-7",
}
# Private-use characters and C1 controls are what a wrong Chinese encoding turns bytes into.
_DAMAGE = re.compile("[\ufffd\ue000-\uf8ff\x80-\x9f]")
# A stray byte in a long page must not turn the whole page into another encoding.
_TOLERATED_DAMAGE = 0.002


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode a page or a text file.

    data: the bytes as fetched. declared: the charset of the Content-Type header, if any; it is only a hint.
    Returns the text without a byte order mark. Never raises: bytes that no encoding explains become U+FFFD.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    damaged = [_lenient(data, encoding) for encoding in _candidates(data, declared)]
    return min(damaged, key=lambda pair: pair[0])[1]


def _lenient(data: bytes, encoding: str) -> tuple[float, str]:
    """(share of the text that is damaged, text); small damage counts as none, so that the first candidate wins."""
    text = data.decode(encoding, "replace")
    share = len(_DAMAGE.findall(text)) / max(len(text), 1)
    return (0.0 if share < _TOLERATED_DAMAGE else share), text


def _candidates(data: bytes, declared: str | None) -> list[str]:
    names = ["utf-8", "gb18030"]
    match = _META.search(data[:4096])
    for name in (match.group(1).decode("ascii", "ignore") if match else None, declared):
        known = _known(name)
        if known and known not in names:
            # A declaration that is neither of the two usual ones is believed only where it fits without damage.
            names.append(known)
    return names


def _known(name: str | None) -> str | None:
    if not name:
        return None
    name = name.strip().lower()
    if name in _CHINESE:
        return "gb18030"
    if name in _TRADITIONAL:
        return "big5hkscs"
    try:
        known = codecs.lookup(name).name
        # A page may name what is no encoding of text at all: hex, rot13, idna.
        b"a".decode(known)
    except (LookupError, ValueError):
        return None
    return None if known in _NOT_ON_PAGES else known
