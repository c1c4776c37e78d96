"""Sealing, opening and hashing."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import SettingsError
from gateway.registry.cipher import OVERHEAD, Cipher, sealed_by
from gateway.registry.errors import Unreadable, WrongDataKey
from gateway.registry.keyring import Keyring

KEY, OTHER = Cipher(bytes(32)), Cipher(b"\x01" * 32)
FROM_BEFORE = {
    "lookup": "8e7d4970",
    "mark": "252c402c",
    "api-keys": "a67dde81",
    "passages": "7b1cb827",
    "wording": "c07718de",
    "cache-salt": "21a07ff5",
    "import": "60b7b9ee",
    "signing": "5549673a",
}


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


@given(st.binary(), st.text(st.characters(codec="utf-8")))
def test_with_the_key_before_all_is_opened_and_one_seals(plaintext: bytes, context: str) -> None:
    both = Cipher(b"\x01" * 32, bytes(32))
    assert both.open_(KEY.seal(plaintext, context), context) == plaintext
    assert OTHER.open_(both.seal(plaintext, context), context) == plaintext
    both.use(KEY.key_id)
    assert KEY.open_(both.seal(plaintext, context), context) == plaintext
    moved = both.resealed(both.seal(plaintext, context, OTHER.key_id), context)
    assert (sealed_by(moved), KEY.open_(moved, context)) == (KEY.key_id, plaintext)


def test_a_key_that_is_not_known_cannot_be_used() -> None:
    with pytest.raises(WrongDataKey, match="LETHE_PREVIOUS_DATA_KEY"):
        Cipher(bytes(32)).use(OTHER.key_id)


@given(st.binary(max_size=100) | st.text() | st.integers())
def test_only_what_is_sealed_has_a_key(value: object) -> None:
    sealed = isinstance(value, bytes) and len(value) >= OVERHEAD and value[:1] == b"\x01"
    assert (sealed_by(value) is not None) == sealed


@given(st.text(st.characters(codec="utf-8")))
def test_hashes_outlive_the_key_that_they_were_made_from(purpose: str) -> None:
    first, both = Cipher(bytes(32)), Cipher(b"\x01" * 32, bytes(32))
    assert both.derive(purpose) == first.derive(purpose)
    later = Cipher(b"\x02" * 32)
    later.adopt(Keyring.unpack(first.keyring.pack()))
    assert later.derive(purpose) == first.derive(purpose)
    assert (later.lookup("x"), later.mark(b"x", "y")) == (first.lookup("x"), first.mark(b"x", "y"))


def test_a_keyring_that_comes_too_late_is_refused() -> None:
    late = Cipher(b"\x02" * 32)
    late.lookup("Mira Quell")
    with pytest.raises(SettingsError, match="restart"):
        late.adopt(Cipher(bytes(32)).keyring)


@given(st.binary() | st.dictionaries(st.text(), st.text()).map(orjson.dumps))
def test_garbage_is_no_keyring(packed: bytes) -> None:
    with pytest.raises(Unreadable):
        Keyring.unpack(packed)


def test_the_keys_of_a_store_of_the_version_before_are_the_same() -> None:
    """Of those that were derived from the data key itself, as they were for 32 zero bytes."""
    derived = {purpose: KEY.derive(purpose).hex()[:8] for purpose in FROM_BEFORE}
    assert derived == FROM_BEFORE


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_data_key_has_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Cipher(bytes(length))
