"""What the deployment signs, others can check, and nobody else can make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.cipher import Cipher
from gateway.signing import Signer, is_signed, read_public_key
from gateway.webhooks.signatures import public_key

SIGNER = Signer(Cipher(bytes(range(32))).derive("signing"))


@given(st.binary(max_size=200))
def test_what_is_signed_is_known_again(data: bytes) -> None:
    assert is_signed(data, SIGNER.sign(data), SIGNER.public_key)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_a_signature_is_of_one_text_only(one: bytes, two: bytes) -> None:
    assert is_signed(two, SIGNER.sign(one), SIGNER.public_key) == (one == two)


def test_all_gateways_of_a_deployment_sign_alike() -> None:
    same = Signer(Cipher(bytes(range(32))).derive("signing"))
    other = Signer(Cipher(bytes(32)).derive("signing"))
    assert same.public_key == SIGNER.public_key
    assert not is_signed(b"text", other.sign(b"text"), SIGNER.public_key)


@pytest.mark.parametrize("key", ["", "x", "é", "AAAA", SIGNER.public_key[:-4], "A" * 44])
def test_what_is_no_key_has_signed_nothing(key: str) -> None:
    assert not is_signed(b"text", SIGNER.sign(b"text"), key)


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64)])
def test_what_is_no_signature(signature: bytes) -> None:
    assert not is_signed(b"text", signature, SIGNER.public_key)


def test_a_public_key_is_read_as_webhooks_show_it_too() -> None:
    assert read_public_key(SIGNER.public_key) == SIGNER.public_key
    assert read_public_key(public_key(SIGNER.public_key)) == SIGNER.public_key


@pytest.mark.parametrize("text", ["", "zzz", "whpk_", "AAAA", "é", f"{SIGNER.public_key}AAAA"])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        read_public_key(text)
