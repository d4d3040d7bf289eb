"""A tiny Bot API on loopback that keeps what it is sent and fails on request."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

TOKEN = "1234567:TEST-token-that-must-not-leak"

Answer = tuple[int, dict[str, Any]]


class FakeTelegram:
    """Answers getMe and sendMessage for one bot. `answer(chat, text)` may return (status, body) instead of success."""

    def __init__(self, answer: Callable[[str, str], Answer | None] = lambda chat, text: None) -> None:
        self.sent: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.answer = answer
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
                status, reply = fake.reply(self.path, fields)
                data = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/bot"

    def reply(self, path: str, fields: dict[str, str]) -> Answer:
        self.paths.append(path)
        if not path.startswith(f"/bot{TOKEN}/"):
            return 401, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if path.endswith("/getMe"):
            bot = {"id": 1234567, "is_bot": True, "first_name": "test", "username": "test_bot"}
            return 200, {"ok": True, "result": bot}
        failure = self.answer(fields["chat_id"], fields["text"])
        if failure:
            return failure
        if len(fields["text"].encode("utf-16-le")) // 2 > 4096:
            return 400, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"}
        self.sent.append(fields)
        message = {"message_id": len(self.sent), "date": 0, "chat": {"id": 1, "type": "private"}}
        return 200, {"ok": True, "result": message}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def refused(status: int, description: str, **parameters: int) -> Answer:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return status, body | ({"parameters": parameters} if parameters else {})
