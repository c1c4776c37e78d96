"""Where the gateway is and with which key it is asked, and why it was not reached."""

from __future__ import annotations

import os

from gateway.errors import LetheError


class CallFailed(LetheError):
    """The gateway cannot be reached, or refused; the message says the way out."""


def address() -> str:
    """The URL of the gateway, LETHE_URL, without a slash at its end; raises `CallFailed`."""
    said = os.environ.get("LETHE_URL", "http://127.0.0.1:8080")
    if not is_http(said):
        raise CallFailed("LETHE_URL is no URL such as http://127.0.0.1:8080: write it like that.")
    return said.rstrip("/")


def api_key() -> str | None:
    """LETHE_API_KEY, None where there is none; raises `CallFailed`."""
    key = os.environ.get("LETHE_API_KEY") or None
    if key is not None and not key.isprintable():
        raise CallFailed(
            "LETHE_API_KEY holds characters that no header may, such as a line break: set it to "
            "the key alone."
        )
    return key


def is_http(text: str) -> bool:
    """Whether a text is a URL with http or https, and with a host."""
    from yarl import URL

    try:
        url = URL(text)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def unreached(base: str, error: Exception) -> CallFailed:
    """What went wrong on the way to the gateway at a base URL, and the way out."""
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = getattr(error.certificate_error, "verify_message", "") or "it cannot be checked"
        return CallFailed(
            f"The certificate at {base} is not trusted ({why}): set SSL_CERT_FILE to a PEM file of "
            "who signed it, or LETHE_URL to a name that it is made out to."
        )
    if isinstance(error, aiohttp.ClientSSLError):
        return CallFailed(
            f"What answers at {base} speaks no TLS that fits: write http:// in LETHE_URL if it "
            "speaks plain HTTP."
        )
    cut = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)
    if cut and not isinstance(error, aiohttp.ClientConnectorError) and base.startswith("http:"):
        return CallFailed(
            f"What answers at {base} breaks off ({type(error).__name__}): write https:// in "
            "LETHE_URL if it speaks TLS; else the gateway's log says why."
        )
    return CallFailed(
        f"No gateway answers at {base} ({type(error).__name__}): start one with 'lethe serve' "
        "or set LETHE_URL."
    )
