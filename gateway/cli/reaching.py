"""Where the gateway is, and with which key it is asked."""

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
