"""Certificates are checked, unless the portal's file says otherwise, which every visit then says; proxies by name."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from watched_server import Server, serve

from crawler.errors import CrawlError
from crawler.run import crawl_portal
from crawler.settings import scrapy_settings
from db.archive import Archive


def make_certificate(folder: Path, name: str = "127.0.0.1") -> tuple[Path, Path]:
    """Files with a certificate that nobody but itself has signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "liuxi")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def networks(path: Path) -> list[dict[str, Any]]:
    with Archive.open(path) as archive:
        return [
            json.loads(text) for (text,) in archive.query("SELECT network FROM visits WHERE requests > 0 ORDER BY id")
        ]


def test_a_certificate_that_nobody_signed_is_refused_with_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with serve(make_certificate(tmp_path)) as site:
        site.put_reports("/nb/", 1)
        summary = crawl_portal(site.portal(), path, contact=None, network="a test")
        assert site.seen == [] and summary.outcome == "failed"
        said = (
            f"the TLS certificate of {site.host} is not to be trusted (nobody trusted has signed it, or it has "
            "expired); verify_tls = false in the portal's file asks all the same"
        )
        with Archive.open(path) as archive:
            ((kind, outcome, evidence, requests),) = archive.query(
                "SELECT kind, outcome, evidence, requests FROM visits WHERE kind = 'robots'"
            )
        assert (kind, outcome, evidence, requests) == ("robots", "failed", said, 1)  # asking again would not help
        assert networks(path) == [{"from": "a test", "via": "direct", "server": None, "tls": None}]


def test_an_exception_is_written_down_with_each_visit(tmp_path: Path) -> None:
    with serve(make_certificate(tmp_path)) as site:
        site.put_reports("/nb/", 1)
        summary = crawl_portal(site.portal(verify_tls=False), tmp_path / "a.db", contact=None, network="a test")
        assert summary.outcome == "ok", summary.errors
    expected = {"from": "a test", "via": "direct", "server": "127.0.0.1", "tls": "not verified"}
    assert networks(tmp_path / "a.db") == [expected] * 3


@pytest.mark.parametrize(("name", "outcome"), [("127.0.0.1", "ok"), ("127.0.0.2", "failed")])
def test_a_trusted_certificate_must_be_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, outcome: str
) -> None:
    files = make_certificate(tmp_path, name)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    with serve(files) as site:
        site.put_reports("/nb/", 1)
        summary = crawl_portal(site.portal(), tmp_path / "a.db", contact=None)
    assert summary.outcome == outcome, summary.errors
    if outcome == "ok":
        assert {network["tls"] for network in networks(tmp_path / "a.db")} == {"verified"}
    else:
        assert any("it is of another name" in error for error in summary.errors), summary.errors


# A proxy


@dataclass
class Proxy:
    address: str = ""
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)  # method, target, credentials


@contextmanager
def proxy() -> Iterator[Proxy]:
    """Passes on what is asked of it by GET, with a header that names it; wants credentials."""
    wanted = "Basic " + base64.b64encode(b"watch:s3cret").decode()
    state = Proxy()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            credentials = self.headers.get("Proxy-Authorization")
            state.asked.append((self.command, self.path, credentials))
            if credentials != wanted:
                self.send_response(407)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            parts = urlsplit(self.path)
            connection = HTTPConnection(str(parts.hostname), parts.port or 80)
            headers = {name: value for name, value in self.headers.items() if not name.startswith("Proxy-")}
            connection.request("GET", parts.path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                self.send_header(name, value)
            self.send_header("Via", "1.1 localhost (watch)")
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://watch:s3cret@localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def site() -> Iterator[Server]:
    with serve() as server:
        server.put_reports("/nb/", 1)
        yield server


def everything(folder: Path) -> bytes:
    """All that a crawl left behind, documents unpacked."""
    with Archive.open(folder / "a.db") as archive:
        documents = [archive.get_document(sha256) for (sha256,) in archive.query("SELECT sha256 FROM documents")]
    # Closed, the journal is carried over: the file is all that was written, deleted rows included.
    return b"\n".join([(folder / "a.db").read_bytes(), *documents, (folder / "log").read_bytes()])


def test_a_proxy_is_used_and_never_written_down(tmp_path: Path, site: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy() as relay:
        monkeypatch.setenv("LIUXI_PROXY", relay.address)
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # those of the surroundings count for nothing
        portal = site.portal(proxy="LIUXI_PROXY")
        summary = crawl_portal(portal, tmp_path / "a.db", contact=None, log_file=tmp_path / "log")
        assert summary.outcome == "ok", summary.errors
        assert len(relay.asked) == len(site.seen) == 3
        assert {method for method, _, _ in relay.asked} == {"GET"}
    networks_seen = networks(tmp_path / "a.db")
    assert networks_seen == [{"from": "", "via": "proxy LIUXI_PROXY", "server": None, "tls": None}] * 3
    left = everything(tmp_path)
    port = relay.address.rpartition(":")[2]
    for secret in ("s3cret", "d2F0Y2g6", "localhost", f":{port}"):
        assert secret.encode() not in left, secret
    assert b"1.1 (proxy) ((proxy))" in left


def test_a_proxy_that_refuses_is_named_by_its_variable(
    tmp_path: Path, site: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy() as relay:
        monkeypatch.setenv("LIUXI_PROXY", relay.address.replace("watch:s3cret", "watch:wrong-s3cret"))
        portal = site.portal(proxy="LIUXI_PROXY")
        summary = crawl_portal(portal, tmp_path / "a.db", contact=None, log_file=tmp_path / "log")
        assert len(relay.asked) == 1  # another password will not come by waiting
    assert summary.outcome == "failed" and site.seen == []
    left = everything(tmp_path)
    assert b"the proxy of LIUXI_PROXY refuses: status 407" in left
    assert b"s3cret" not in left and b"localhost" not in left


@pytest.mark.parametrize(
    "address", ["socks5://watch:s3cret@h:1", "s3cret", "http://s3cret", "https://s3cret:1", "http://s3cret:x"]
)
def test_what_is_no_address_of_a_proxy(site: Server, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("LIUXI_PROXY", address)
    with pytest.raises(CrawlError, match="LIUXI_PROXY does not hold a proxy's address") as raised:
        scrapy_settings(site.portal(proxy="LIUXI_PROXY"), "nianbao/1")
    assert "s3cret" not in str(raised.value)
    monkeypatch.delenv("LIUXI_PROXY")
    with pytest.raises(CrawlError, match=r"LIUXI_PROXY .* is not set; set it or drop"):
        scrapy_settings(site.portal(proxy="LIUXI_PROXY"), "nianbao/1")


def test_a_tunnel_that_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(make_certificate(tmp_path)) as site, proxy() as relay:  # this proxy knows no CONNECT
        monkeypatch.setenv("LIUXI_PROXY", relay.address)
        portal = site.portal(proxy="LIUXI_PROXY")
        summary = crawl_portal(portal, tmp_path / "a.db", contact=None, log_file=tmp_path / "log")
    assert summary.outcome == "failed"
    left = everything(tmp_path)
    assert b"no way to the portal was opened (by the proxy of LIUXI_PROXY)" in left
    assert b"s3cret" not in left and b"localhost" not in left
