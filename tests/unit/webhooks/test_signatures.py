"""Signatures hold for what was signed, for five minutes; for nothing else."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.signing import Signer, is_signed
from gateway.webhooks.signatures import new_secret, public_key, signed_headers

SIGNER = Signer(b"s" * 32)
BODY = b'{"event":"completed","sequence":3}'
SECRET, OTHER = new_secret(), new_secret()


def headers(
    body: bytes = BODY, name: str = "msg_1", ago: timedelta = timedelta()
) -> dict[str, str]:
    now = datetime.now(UTC) - ago
    return signed_headers(name, now, body, shared=(SECRET, OTHER), sign=SIGNER.sign)


@pytest.mark.parametrize("secret", [SECRET, OTHER], ids=["first", "second"])
def test_either_secret_verifies(secret: str) -> None:
    assert Webhook(secret).verify(BODY, headers()) == {"event": "completed", "sequence": 3}


def test_a_foreign_secret_does_not() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers())


@pytest.mark.parametrize("ago", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_replayed_one_is_too_old_and_its_time_cannot_be_changed(ago: timedelta) -> None:
    old = headers(ago=ago)
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(SECRET).verify(BODY, old)
    fresh = old | {"webhook-timestamp": headers()["webhook-timestamp"]}
    with pytest.raises(WebhookVerificationError, match="signature"):
        Webhook(SECRET).verify(BODY, fresh)


def test_the_id_cannot_be_changed() -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers() | {"webhook-id": "msg_2"})


@given(st.integers(0, len(BODY) - 1), st.integers(1, 127))
def test_no_byte_can_be_changed(place: int, by: int) -> None:
    changed = bytearray(BODY)
    changed[place] = (changed[place] + by) % 128
    signed = headers()
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(bytes(changed), signed)
    content = f"{signed['webhook-id']}.{signed['webhook-timestamp']}.".encode()
    own = base64.b64decode(signed["webhook-signature"].split(" ")[-1].removeprefix("v1a,"))
    key = public_key(SIGNER.public_key).removeprefix("whpk_")
    assert is_signed(content + BODY, own, key)
    assert not is_signed(content + bytes(changed), own, key)


@given(st.binary(max_size=200))
def test_any_text_is_signed_as_the_library_signs_it(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    now = datetime.now(UTC)
    (mark, _) = signed_headers("msg_1", now, text.encode(), shared=(SECRET,), sign=SIGNER.sign)[
        "webhook-signature"
    ].split(" ")
    assert mark == Webhook(SECRET).sign("msg_1", now, text)
