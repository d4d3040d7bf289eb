"""Just as much HTTP/1.1 as a client of the Bot API speaks: on a loop of its own, in a thread of its own."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit


@dataclass(slots=True)
class Request:
    """A call: the path, the fields, and the files as (name, bytes)."""

    target: str
    path: str
    fields: dict[str, str]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(slots=True)
class Answer:
    """status, body: what is answered; body None: nothing, as `hangs` says until the other side goes, else at once."""

    status: int
    body: bytes | None
    hangs: bool = False


Handler = Callable[[Request], Awaitable[Answer]]


class LoopbackServer:
    """Answers on a free port of 127.0.0.1 while it is open. `loop` is the server's, for call_soon_threadsafe."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except (asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            pass  # the other side has gone, or the server closes
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            request = await _read(head, reader)
            answer = await self._handler(request)
            if answer.body is None:
                if answer.hangs:
                    with suppress(ConnectionError):
                        await reader.read()
                return
            writer.write(
                f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(answer.body)}\r\n\r\n".encode()
                + answer.body
            )
            await writer.drain()


async def _read(head: bytes, reader: asyncio.StreamReader) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    target = first.split(" ")[1]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    address = urlsplit(target)
    request = Request(target, address.path, dict(parse_qsl(address.query, keep_blank_values=True)))
    kind = headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        _multipart(kind, body, request)
    elif kind.startswith("application/json"):
        said = json.loads(body or b"{}")
        request.fields.update({k: v if isinstance(v, str) else json.dumps(v) for k, v in said.items()})
    else:
        request.fields.update(parse_qsl(body.decode(), keep_blank_values=True))
    return request


def _multipart(kind: str, body: bytes, request: Request) -> None:
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        file_name = part.get_filename()
        if file_name is None:
            request.fields[name] = data.decode()
        else:
            request.files[name] = (file_name, data)
