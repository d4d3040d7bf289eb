"""A time stamp service on loopback, made with openssl: keys of its own, and answers that can be spoilt."""

import shutil
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

import pytest

_CONFIG = """\
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
"""


def openssl(*arguments: str) -> bytes:
    """Run openssl; the test is skipped where it is not installed."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    return subprocess.run([program, *arguments], check=True, capture_output=True, timeout=60).stdout


class LoopbackTsa:
    """Serves while it is a context. asked: the queries. spoil: changes an answer. status: of the HTTP answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = folder / "ca.pem"
        self.asked: list[bytes] = []
        self.status = 200
        self.spoil: Callable[[bytes], bytes] = lambda answer: answer
        self._make_keys()

    def _make_keys(self) -> None:
        here = str(self.folder)
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        openssl(
            "req",
            "-x509",
            *new_key,
            "-keyout",
            f"{here}/ca.key",
            "-out",
            f"{here}/ca.pem",
            "-subj",
            "/CN=Root",
            "-days",
            "9",
        )
        openssl("req", *new_key, "-keyout", f"{here}/tsa.key", "-out", f"{here}/tsa.csr", "-subj", "/CN=Stamps")
        (self.folder / "use.cnf").write_text("extendedKeyUsage=critical,timeStamping\n")
        openssl(
            "x509", "-req", "-in", f"{here}/tsa.csr", "-CA", f"{here}/ca.pem", "-CAkey", f"{here}/ca.key",
            "-set_serial", "7", "-out", f"{here}/tsa.pem", "-days", "9", "-extfile", f"{here}/use.cnf",
        )  # fmt: skip
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=here))
        (self.folder / "serial").write_text("01\n")

    def answer(self, query: bytes) -> bytes:
        """The stamp for a query."""
        asked, answered = self.folder / "asked.tsq", self.folder / "answered.tsr"
        asked.write_bytes(query)
        config = str(self.folder / "tsa.cnf")
        openssl("ts", "-reply", "-config", config, "-queryfile", str(asked), "-out", str(answered))
        return answered.read_bytes()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "LoopbackTsa":
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                service.asked.append(query)
                answer = service.spoil(service.answer(query))
                self.send_response(service.status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
