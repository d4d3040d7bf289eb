"""What docx and xlsx have in common: parts of XML in a zip container, and the properties in docProps/core.xml."""

import re

from lxml import etree

from parsers.archives import Container
from parsers.errors import TruncatedDocument, UnsupportedMedia

_CORE = "docProps/core.xml"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_part(container: Container, name: str) -> etree._Element:
    """The root of one XML part, without comments and processing instructions.

    Raises TruncatedDocument if there is no such part or it is no well-formed XML, UnsupportedMedia if it declares a
    DTD, and what Container.read raises.
    """
    if name not in container:
        raise TruncatedDocument(f"the Office file has no part {name!r}: fetch it again")
    # A parser of its own for each part: lxml's parsers are not meant to be shared between threads.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(container.read(name), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise TruncatedDocument(f"part {name!r} of the Office file is damaged ({error}): fetch it again") from error
    if root.getroottree().docinfo.internalDTD is not None:
        # Office forbids it, and text given by an entity would be lost without a word.
        raise UnsupportedMedia(f"part {name!r} of the Office file declares a DTD, which no Office writes: not opened")
    return root


def properties(container: Container) -> dict[str, str]:
    """title and created (ISO date) as the file's own properties give them; missing or damaged ones are left out."""
    try:
        root = parse_part(container, _CORE)
    except (TruncatedDocument, UnsupportedMedia):
        return {}
    meta: dict[str, str] = {}
    for element in root.iterchildren("{*}title", "{*}created"):
        text = " ".join((element.text or "").split())
        if text and element.tag.endswith("}title"):
            meta["title"] = text
        elif match := _DATE.match(text):
            meta["created"] = match.group()
    return meta
