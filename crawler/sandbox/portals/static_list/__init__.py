"""Pretend portals whose lists are plain pages, laid out in many ways."""

import hashlib
from datetime import datetime
from functools import cached_property
from typing import Any

from crawler.sandbox.portal_site import Answer, Listed, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import FurnishedSite
from crawler.sandbox.portals.static_list.layout import Layout
from crawler.sandbox.portals.static_list.plain import Headings, Links, OddMarkup, RowsTwice, Script, Table
from crawler.sandbox.portals.static_list.systems import Eportal, Hebei, Jiangxi, Openness, Shandong
from crawler.sandbox.portals.static_list.years import Frame, Matrix, Redirect, Years

_LAYOUTS: dict[str, type[Layout]] = {
    "links": Links,
    "script": Script,
    "table": Table,
    "years": Years,
    "redirect": Redirect,
    "matrix": Matrix,
    "frame": Frame,
    "headings": Headings,
    "selectors": OddMarkup,
    "rows_twice": RowsTwice,
    "openness": Openness,
    "shandong": Shandong,
    "eportal": Eportal,
    "hebei": Hebei,
    "jiangxi": Jiangxi,
}


class StaticListSite(FurnishedSite):
    """variants: see the classes in plain.py, years.py and systems.py."""

    platform = "static_list"
    variants = tuple(_LAYOUTS)

    @cached_property
    def layout(self) -> Layout:
        """How this site is laid out."""
        return _LAYOUTS[self.variant](self)

    @property
    def column_paths(self) -> tuple[str, ...]:
        return (self.layout.column_path,)

    def portal_file(self, origin: str) -> dict[str, Any]:
        return super().portal_file(origin) | self.layout.portal_file()

    def article_path(self, item: Publication) -> str:
        return self.layout.article_path(item)

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        return self.layout.file_path(item, file, index)

    def truth(self, now: datetime) -> list[Listed]:
        own = self.layout.truth(now)
        return super().truth(now) if own is None else own

    def answer(self, request: Request, now: datetime) -> Answer | None:
        answer = super().answer(request, now)
        if answer is None or not self.layout.has_etag:
            return answer
        tag = hashlib.sha256(answer.body).hexdigest()[:16]
        return answer._replace(headers=(*answer.headers, ("ETag", f'"{tag}"')))

    def article(self, item: Publication, request: Request, now: datetime) -> Answer:
        return self.article_answer(item, now, self.layout.article(item, now), column=self.layout.column_path)

    def lists(self, request: Request, now: datetime) -> Answer | None:
        if (answer := self.layout.special(request, now)) is not None:
            return answer
        text = self.layout.lists(request, now)
        return None if text is None else self.page(text, self.changed(now))

    def page(self, text: str, modified: datetime, *, encoding: str | None = None, label: str | None = None) -> Answer:
        """A page in the site's own encoding; encoding and label are the layout's."""
        layout = self.layout
        text = text.replace('<meta charset="utf-8">', f'<meta charset="{layout.meta}">', 1)
        return super().page(text, modified, encoding=layout.encoding, label=layout.header)
