"""Why a server was not reached, in words that say the way out."""

from __future__ import annotations

import aiohttp


def why_unreached(base: str, error: Exception) -> tuple[str, str]:
    """What went wrong on the way to the gateway at a base URL, and what to do about it."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = getattr(error.certificate_error, "verify_message", "") or "it cannot be checked"
        return (
            f"The certificate at {base} is not trusted ({why})",
            "set SSL_CERT_FILE to a PEM file of who signed it, or LETHE_URL to a name that it is "
            "made out to",
        )
    if isinstance(error, aiohttp.ClientSSLError):
        return (
            f"What answers at {base} speaks no TLS that fits",
            "write http:// in LETHE_URL if it speaks plain HTTP",
        )
    cut = isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError)
    if cut and not isinstance(error, aiohttp.ClientConnectorError) and base.startswith("http:"):
        return (
            f"What answers at {base} breaks off ({type(error).__name__})",
            "write https:// in LETHE_URL if it speaks TLS; else the gateway's log says why",
        )
    return (
        f"No gateway answers at {base} ({type(error).__name__})",
        "start one with 'lethe serve' or set LETHE_URL",
    )
