"""Signatures of webhooks as Standard Webhooks has them (standardwebhooks.com).

`v1` is HMAC-SHA256 with a secret that sender and recipient share, `v1a` Ed25519 with the key of the
deployment, of which everybody may have the public half.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

_SECRET = "whsec_"  # noqa: S105  # a prefix
_PUBLIC = "whpk_"


def new_secret() -> str:
    """A secret for a recipient: 32 random bytes in base64, with their prefix."""
    return _SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def public_key(key: str) -> str:
    """The deployment's public key (base64) as receivers of webhooks write it."""
    return _PUBLIC + key


def signed_headers(
    name: str,
    time: datetime,
    body: bytes,
    *,
    shared: Sequence[str],
    sign: Callable[[bytes], bytes],
) -> dict[str, str]:
    """The headers that a webhook travels with, under its id at a time.

    It is signed with each `shared` secret, and by `sign` for the deployment.
    """
    sent = int(time.timestamp())
    content = f"{name}.{sent}.".encode() + body
    marks = [f"v1,{_base64(hmac.digest(_bytes(key), content, 'sha256'))}" for key in shared]
    marks.append(f"v1a,{_base64(sign(content))}")
    return {
        "webhook-id": name,
        "webhook-timestamp": str(sent),
        "webhook-signature": " ".join(marks),
    }


def _bytes(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_SECRET))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
