"""What the command says where it does not reach a gateway: what is wrong, not only that it is."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.integration.gateway.test_cli import lethe
from tests.tls import self_signed


@contextmanager
def serving(tls: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Host and port of a server that speaks HTTP, by TLS if it has a certificate."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield "{}:{}".format(*server.server_address)
    finally:
        server.shutdown()
        server.server_close()


def told(command: str, **environment: str) -> str:
    done = lethe(command, **environment)
    assert done.returncode == 1
    (line,) = (done.stdout if command == "doctor" else done.stderr).splitlines()
    return line


commands = pytest.mark.parametrize("command", ["requests", "doctor"])


@commands
def test_a_certificate_that_is_not_trusted(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = self_signed(tmp_path)
    with serving(files) as at:
        assert "SSL_CERT_FILE" in told(command, url=f"https://{at}")
        monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
        reached = lethe(command, url=f"https://{at}")
        assert "is no Lethe" in reached.stdout + reached.stderr, "the way out leads there"


@commands
def test_plain_http_and_tls_mixed_up(command: str, tmp_path: Path) -> None:
    with serving() as at:
        assert "rite http://" in told(command, url=f"https://{at}")
    with serving(self_signed(tmp_path)) as at:
        assert "rite https://" in told(command, url=f"http://{at}")


@commands
@pytest.mark.parametrize("url", ["127.0.0.1:8080", "lethe.example", "ftp://a", "http://", ""])
def test_an_address_that_is_none(command: str, url: str) -> None:
    done = lethe(command, url=url)
    assert done.returncode == 1
    assert "LETHE_URL is no URL such as http://127.0.0.1:8080" in done.stderr


@commands
def test_a_key_that_no_header_may_hold(command: str) -> None:
    done = lethe(command, url="http://127.0.0.1:1", api_key="hush\n")
    assert done.returncode == 1
    assert "LETHE_API_KEY holds characters" in done.stderr
    assert "hush" not in done.stderr
