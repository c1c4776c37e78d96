"""What every answer of a gateway travels with: headers that tell browsers to trust it little; TLS.

The headers are the server's own, the same on every answer: they cost nothing, and a refusal has
none that an answer has not.
"""

from __future__ import annotations

import ssl
from typing import Any

from gateway.errors import SettingsError
from gateway.settings import Settings

_HEADERS = [
    ("x-content-type-options", "nosniff"),
    # Replies and forget requests are about people: no proxy and no browser keeps one.
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
]
_ONLY_TLS = ("strict-transport-security", "max-age=31536000")


def transport(settings: Settings) -> dict[str, Any]:
    """What uvicorn is to be told; raises `SettingsError` for a certificate that cannot be used."""
    if settings.tls_cert is None:
        return {"headers": _HEADERS}
    try:
        # In the words of the settings, rather than uvicorn's when it starts.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            settings.tls_cert, settings.tls_key, password=""
        )
    except (OSError, ValueError) as error:  # ssl.SSLError is one
        raise SettingsError(
            f"LETHE_TLS_CERT and LETHE_TLS_KEY cannot be used ({_told(error)}): name readable PEM "
            "files, the certificate first in its chain and the key its own, without a passphrase."
        ) from error
    return {
        "headers": [*_HEADERS, _ONLY_TLS],
        "ssl_certfile": settings.tls_cert,
        "ssl_keyfile": settings.tls_key,
    }


def _told(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "no PEM file"
    return error.strerror or "no PEM file" if isinstance(error, OSError) else "no PEM file"
