"""TLS and proxies, with a real server and a certificate authority of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support import ANSWER, RawServer, python, read_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = ("gb_test_tls_public", "gb_test_tls_secret")
CALL = f"""
import sys
from gameball_referrals import Client, GameballError
try:
    Client(*{KEYS!r}, base_url=sys.argv[1], timeout=5, max_retries=0).delete_customer("u1")
    print("done")
except GameballError as error:
    print(error.kind, error)
"""
NO_PROXY: dict[str, Any] = {
    "HTTPS_PROXY": "",
    "https_proxy": "",
    "ALL_PROXY": "",
    "all_proxy": "",
    "NO_PROXY": "",
    "no_proxy": "",
}


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make an authority's certificate and a server's context for 127.0.0.1."""
    now = datetime.now(timezone.utc)

    def signed(
        name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, *, ca: bool
    ) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(by, hashes.SHA256())
        )

    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    pem = serialization.Encoding.PEM
    roots, chain = folder / "roots.pem", folder / "server.pem"
    roots.write_bytes(signed("Test CA", authority, authority, ca=True).public_bytes(pem))
    key = server.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(signed("127.0.0.1", server, authority, ca=False).public_bytes(pem) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return roots, context


class TlsServer(RawServer):
    """Answers every request, and remembers them."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self.requests: list[bytes] = []
        super().__init__(self._answer)
        self.url = self.url.replace("http://", "https://")

    def _answer(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secured:
            while request := read_request(secured):
                self.requests.append(request)
                secured.sendall(ANSWER)


class Proxy(RawServer):
    """Tunnels as an HTTP proxy does, and remembers where to."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        super().__init__(self._tunnel)

    def _tunnel(self, connection: socket.socket) -> None:
        head = read_request(connection)
        self.heads.append(head)
        host, _, port = head.split()[1].decode().rpartition(":")
        with socket.create_connection((host, int(port))) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_pump, args=(target, connection), daemon=True).start()
            _pump(connection, target)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass


@pytest.fixture(name="roots_and_server")
def _roots_and_server(tmp_path: Path) -> Iterator[tuple[Path, TlsServer]]:
    roots, context = certificate(tmp_path)
    with TlsServer(context) as server:
        yield roots, server


def test_the_systems_roots_are_trusted(roots_and_server: tuple[Path, TlsServer]) -> None:
    roots, server = roots_and_server
    assert python(CALL, server.url, **NO_PROXY, SSL_CERT_FILE=str(roots)).stdout == "done\n"
    assert len(server.requests) == 1


def test_an_unknown_authority_is_not(roots_and_server: tuple[Path, TlsServer]) -> None:
    _, server = roots_and_server
    said = python(CALL, server.url, **NO_PROXY).stdout
    assert said.startswith("connection could not connect to 127.0.0.1")
    assert "certificate" in said
    assert server.requests == []


def test_a_proxy_tunnels_and_sees_no_key(roots_and_server: tuple[Path, TlsServer]) -> None:
    roots, server = roots_and_server
    with Proxy() as proxy:
        environment = {**NO_PROXY, "HTTPS_PROXY": proxy.url.replace("//", "//user:word@"), "SSL_CERT_FILE": str(roots)}
        assert python(CALL, server.url, **environment).stdout == "done\n"
    (head,) = proxy.heads
    assert head.startswith(b"CONNECT 127.0.0.1:")
    assert b"proxy-authorization: basic " in head.lower()
    assert not any(key.encode() in head for key in KEYS)
    assert len(server.requests) == 1
