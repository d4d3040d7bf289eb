"""Publication notices of the archive to the claims that they make."""

from urllib.parse import urljoin

from db.archive import Archive
from db.collected.claims import Claim, Notice
from monitor.whose import Whose
from parsers.errors import OversizedDocument, UnreadableDocument
from parsers.publication_notice import NOTICE_VERSION, read_notice
from parsers.titles import read_title


def read_notices(archive: Archive, whose: Whose) -> int:
    """Read every notice whose newest bytes this version has not read. Returns how many were read.

    Claims are what a site says of its units. Nobody becomes an agency of the register by them.
    """
    waiting = archive.claims.to_read(NOTICE_VERSION)
    for notice in waiting:
        read_one(archive, whose, notice)
    return len(waiting)


def read_one(archive: Archive, whose: Whose, notice: Notice) -> None:
    """Keep what one notice says, or why it cannot be read."""
    try:
        found = read_notice(archive.get_document(notice.sha256), notice.title)
    except UnreadableDocument as error:
        archive.claims.store(notice, [], parser_version=NOTICE_VERSION, error=(error.kind, str(error)))
        return
    except (MemoryError, RecursionError) as error:
        kind = OversizedDocument.kind
        sentence = f"too deeply nested or too large to be read ({type(error).__name__})"
        archive.claims.store(notice, [], parser_version=NOTICE_VERSION, error=(kind, sentence))
        return
    heading = read_title(notice.title or "").year
    claims = [
        Claim(
            c.unit,
            whose.id_of(c.unit, notice.portal),
            c.year or heading,
            c.has_published,
            urljoin(notice.url, c.link) if c.link else None,
        )
        for c in found
    ]
    archive.claims.store(notice, claims, parser_version=NOTICE_VERSION)
