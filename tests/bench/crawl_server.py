"""`python -m tests.bench.crawl_server COUNT`: a column of COUNT reports on loopback, served as cheaply as can be.

Prints its port. Each report has a page of its own of about 60 KB, made from what the sandbox's writer gives; 100 stand
on a list page. Every answer has an ETag and a conditional request gets 304. `/_sent` answers with JSON: requests
answered and bytes sent since the last time it was asked.
"""

import asyncio
import json
import re
import sys
from functools import lru_cache
from typing import ClassVar

PER_PAGE = 100
_PAGE_BYTES = 60_000
_FILLER = re.compile(r'<script type="text/javascript">.*?</script>\n', re.S)
_CONDITION = re.compile(rb"\r\nif-none-match: *([^\r]+)", re.I)


class Column:
    """The pages by path. Reports differ in their number, title and first figure, so that no two have the same bytes."""

    def __init__(self, count: int) -> None:
        from crawler.sandbox.writers import html
        from tests.bench.documents import samples

        self.count = count
        self.pages = max(1, -(-count // PER_PAGE))
        self._parts = []
        for sample in samples():
            page = html.write(sample, page=True, realistic=True).decode()
            while len(page.encode()) > _PAGE_BYTES and _FILLER.search(page):
                page = _FILLER.sub("", page, count=1)
            self._parts.append([part.encode() for part in page.split(sample.title)])

    def body(self, path: str) -> bytes | None:
        """What stands at a path, None for nothing."""
        if path == "/robots.txt":
            return b"User-agent: *\nDisallow: /admin/\n"
        if found := re.fullmatch(r"/nb/(\d{6})/t(\d+)\.html", path):
            number = int(found.group(2))
            return self._report(number) if number < self.count else None
        if found := re.fullmatch(r"/nb/index(?:_(\d+))?\.html", path):
            number = int(found.group(1) or 0) + 1
            return self._list(number) if number <= self.pages else None
        return None

    def _report(self, number: int) -> bytes:
        parts = self._parts[number % len(self._parts)]
        return f"{title(number)}".encode().join(parts)

    @lru_cache(maxsize=64)  # noqa: B019 - one column lives as long as the process
    def _list(self, number: int) -> bytes:
        numbers = range((number - 1) * PER_PAGE, min(number * PER_PAGE, self.count))
        rows = "".join(
            f'<li><a href="./202401/t{n}.html" target="_blank">{title(n)}</a><span>2024-01-26</span></li>\n'
            for n in numbers
        )
        links = "".join(
            f"<span>{n}</span> " if n == number else f'<a href="{_page_name(n)}">{n}</a> '
            for n in range(1, self.pages + 1)
        )
        following = f'<a href="{_page_name(number + 1)}">下一页</a>' if number < self.pages else ""
        last = f'<a href="{_page_name(self.pages)}">尾页</a>'
        return (
            '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>年度报告_柳溪县</title></head>\n'
            '<body><div class="position"><a href="/">首页</a> &gt; <a href="./">年度报告</a></div>\n'
            f'<div class="main"><ul class="list">{rows}</ul>\n'
            f'<div class="pages">{links}{following} {last} 第{number}页/共{self.pages}页</div></div></body></html>\n'
        ).encode()


def _page_name(number: int) -> str:
    return "index.html" if number == 1 else f"index_{number - 1}.html"


def title(number: int) -> str:
    return f"柳溪县第{number}局{2014 + number % 10}年政府信息公开工作年度报告"


class Connection(asyncio.Protocol):
    """One kept-alive connection. Requests have no body."""

    sent: ClassVar[list[int]] = [0, 0]  # answers, bytes

    def __init__(self, column: Column) -> None:
        self._column = column
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1].decode("ascii")
        if path == "/_sent":
            body, Connection.sent = json.dumps(Connection.sent).encode(), [0, 0]
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            return
        body = self._column.body(path)
        tag = b'"%s"' % path.encode()
        asked = _CONDITION.search(request)
        if body is None:
            answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        elif asked is not None and asked.group(1) == tag:
            answer = b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % tag
        else:
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: %s\r\nContent-Length: %d\r\n\r\n"
            )
            answer = head % (tag, len(body)) + body
        Connection.sent[0] += 1
        Connection.sent[1] += len(answer)
        self._transport.write(answer)


async def serve(count: int) -> None:
    column = Column(count)
    server = await asyncio.get_running_loop().create_server(lambda: Connection(column), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until who started us is gone


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
