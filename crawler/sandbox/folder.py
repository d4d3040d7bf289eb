"""Given files as one portal of plain pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from crawler.sandbox import season
from crawler.sandbox.portal_site import ENDINGS, MEDIA_TYPES, Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.static_list import StaticListSite


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPage(Publication):
    """A publication whose page is given. data: its bytes, which speak for their own encoding."""

    data: bytes


class FolderSite(StaticListSite):
    """Plain lists; a given page stands there as it is."""

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        if isinstance(item, GivenPage):
            return Answer(item.data, "text/html", item.published_at)
        return super().article(item, request, now)


def folder_site(files: Sequence[tuple[str, bytes, str]], *, listed_on: date, id: str, name: str) -> FolderSite:
    """Given files as entries of one column: HTML as the page itself, anything else attached to a short page.

    Raises ValueError for a media that the sandbox does not serve.
    """
    published_at = season.at_beijing(listed_on, 9)
    items: list[Publication] = []
    for number, (title, data, media) in enumerate(files):
        if media == "html":
            items.append(GivenPage(number, title, "report", name, published_at, _nothing, data=data))
        elif media in MEDIA_TYPES:
            file = PublishedFile(f"{title}.{ENDINGS[media]}", media, partial(_given, data))
            items.append(Publication(number, title, "report", name, published_at, _attached, (file,)))
        else:
            raise ValueError(f"{title}: unknown media {media!r}; known are {', '.join(MEDIA_TYPES)}")
    return FolderSite(id, name, None, items)


def _given(data: bytes) -> bytes:
    return data


def _nothing(day: date) -> str:
    return ""


def _attached(day: date) -> str:
    return "<p>全文见附件。</p>"
