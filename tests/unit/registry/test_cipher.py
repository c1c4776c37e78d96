"""Sealing, opening and hashing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.cipher import OVERHEAD, Cipher
from gateway.registry.errors import Unreadable, WrongDataKey

KEY, OTHER = Cipher(bytes(32)), Cipher(b"\x01" * 32)


@given(st.binary(), st.text(st.characters(codec="utf-8")))
def test_opens_what_it_sealed(plaintext: bytes, context: str) -> None:
    sealed = KEY.seal(plaintext, context)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert Cipher(bytes(32)).open_(sealed, context) == plaintext


@given(st.binary(min_size=8))
def test_hides_the_text_and_never_repeats_itself(plaintext: bytes) -> None:
    one, two = KEY.seal(plaintext, "x"), KEY.seal(plaintext, "x")
    assert one != two
    assert plaintext not in one


@given(st.binary(), st.data())
def test_notices_every_altered_byte(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(plaintext, "x"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((Unreadable, WrongDataKey)):
        KEY.open_(bytes(sealed), "x")


@given(st.binary(), st.data())
def test_notices_a_cut(plaintext: bytes, data: st.DataObject) -> None:
    sealed = KEY.seal(plaintext, "x")
    with pytest.raises(Unreadable):
        KEY.open_(sealed[: data.draw(st.integers(0, len(sealed) - 1))], "x")


@given(st.binary(max_size=100))
def test_garbage_is_unreadable(garbage: bytes) -> None:
    with pytest.raises((Unreadable, WrongDataKey)):
        KEY.open_(garbage, "x")


def test_belongs_to_its_context() -> None:
    with pytest.raises(Unreadable):
        KEY.open_(KEY.seal(b"text", "fr_1:1:filing"), "fr_2:1:filing")


def test_another_key_is_told_apart_from_damage() -> None:
    with pytest.raises(WrongDataKey, match="LETHE_DATA_KEY"):
        OTHER.open_(KEY.seal(b"text", "x"), "x")
    assert KEY.key_id != OTHER.key_id


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_lookups_agree_exactly_when_texts_do(one: str, two: str) -> None:
    assert (KEY.lookup(one) == KEY.lookup(two)) == (one == two)
    assert KEY.lookup(one) != OTHER.lookup(one)


def test_every_purpose_has_its_own_key() -> None:
    derived = [KEY.derive(purpose) for purpose in ("seal", "lookup", "salt", "wording", "")]
    assert len(set(derived)) == len(derived)
    assert all(len(key) == 32 for key in derived)
    assert KEY.derive("salt") != OTHER.derive("salt")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_data_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Cipher(bytes(length))
