"""What pretend portals of Hanweb (大汉) have in common, old and new: downloads, addresses of articles, their pages."""

from datetime import datetime
from html import escape
from urllib.parse import quote

from crawler.sandbox.portal_site import MEDIA_TYPES, Answer, Publication, PublishedFile, Request
from crawler.sandbox.portals.furniture import FurnishedSite, hex_name, index_number
from crawler.sandbox.portals.parts import metadata

DOWNLOAD = "/module/download/downfile.jsp"
_FIRST_ARTICLE = 90


def article_number(item: Publication) -> int:
    """The number that the software gives an article."""
    return _FIRST_ARTICLE + item.number


class HanwebSite(FurnishedSite):
    """A portal of Hanweb, with files behind a download script."""

    def file_key(self, item: Publication, file: PublishedFile, index: int) -> str:
        """The name under which the software keeps a file: 32 hexadecimal digits and its ending."""
        return f"{hex_name(self, 100_000 + item.number * 10 + index)}.{file.ending}"

    def file_path(self, item: Publication, file: PublishedFile, index: int) -> str:
        return f"{DOWNLOAD}?classid=0&filename={self.file_key(item, file, index)}&showname={quote(file.name)}"

    def home(self, request: Request) -> str:
        columns = "".join(f'<a href="{escape(href)}">{name}</a> ' for href, name in self.home_columns)
        return super().home(request).replace('<a href="/hd/">', f'{columns}<a href="/hd/">', 1)

    @property
    def home_columns(self) -> tuple[tuple[str, str], ...]:
        """Columns that the home page's menu links, as (address, name), beside the section."""
        return (("/col/col8801/index.html", "要闻动态"), ("/col/col8802/index.html", "通知公告"))

    def answer(self, request: Request, now: datetime) -> Answer | None:
        if request.path == DOWNLOAD:
            return self._download(request, now)
        return super().answer(request, now)

    def _download(self, request: Request, now: datetime) -> Answer | None:
        """A file by its key, whatever name it is to be shown with."""
        for item in self.shown(now):
            for index, file in enumerate(item.files):
                key = self.file_key(item, file, index)
                if key == request.query.get("filename"):
                    shown = quote(request.query.get("showname") or key)
                    disposition = ("Content-Disposition", f"attachment;filename={shown}")
                    body = self.kept(("file", key), file.make)
                    media = MEDIA_TYPES[file.media] if item.number % 2 else "application/octet-stream"
                    return Answer(body, media, item.published_at, headers=(disposition,))
        return None

    def file_links(self, item: Publication) -> str:
        """Paragraphs with an article's files, as its text ends with them."""
        return "".join(
            f'<p style="text-indent:2em"><img src="/module/jslib/icons/{file.ending}.png" border="0">'
            f'<a href="{escape(self.file_path(item, file, index))}" title="{escape(file.name)}">{escape(file.name)}'
            "</a></p>"
            for index, file in enumerate(item.files)
        )

    def disclosure_head(self, item: Publication) -> str:
        """The metadata block and the headline."""
        return f'{metadata(item, index_number(item))}\n<h1 class="title">{escape(item.title)}</h1>'
