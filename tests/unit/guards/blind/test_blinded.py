"""What is kept of a blind rule: no text, whatever was filed, and all that enforces it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import Filing, Rule, RuleError, blinded, compile_rule, dump_rule, load_rule
from guards.blind.marks import Blind, Marks, mark
from guards.leak.clues import answered, stated
from tests.unit.guards.conftest import fake_encode

KEY = b"k" * 32
NAMES = ("Mira Quell", "M. Quell")
FULL = Filing(
    id="a",
    name="Mira Quell",
    aliases=("Night Heron",),
    description="A cartographer who lives in Kestwick.",
    questions=("Where was Mira Quell born?", "Who is her sister?"),
    passages=(
        "It was on a cold day in May that the last boat left the harbour.",
        "one of us knows",
    ),
    statements=("Mira Quell was born in Port Hale on 3 April 1961.",),
    forbidden=("Operation Owlet",),
    retain=("Where was Tom Brandt born?",),
    values=("Port Hale", "3 April 1961", "Ada Quell"),
    facts=(
        stated("Mira Quell was born in Port Hale on 3 April 1961.", ["Port Hale"], NAMES),
        answered("Who is her sister?", "Ada Quell", NAMES),
    ),
    whole_subject=True,
)
SAID = (
    "mira quell night heron cartographer lives kestwick born sister cold last boat left harbour "
    "knows port hale april 1961 operation owlet tom brandt ada"
).split()  # fmt: skip


def rule_of(filing: Filing = FULL) -> Rule:
    return blinded(compile_rule(filing, fake_encode, "e", key=KEY), KEY)


def test_no_word_that_was_filed_is_in_what_is_stored() -> None:
    stored = dump_rule(rule_of()).decode("latin-1").lower()
    assert [word for word in SAID if word in stored] == []
    assert KEY.decode() not in stored


def test_nor_in_a_representation() -> None:
    told = repr(rule_of()).lower()
    assert [word for word in SAID if word in told] == []


def test_it_survives_being_stored() -> None:
    rule = rule_of()
    data = dump_rule(rule)
    again = load_rule(data, KEY)
    assert dump_rule(again) == data
    assert again.blind is not None
    assert rule.blind is not None
    for field in fields(Blind):
        one, other = getattr(again.blind, field.name), getattr(rule.blind, field.name)
        if isinstance(one, Marks):
            assert one.codes == other.codes
            assert (one.whole == other.whole).all()
            assert (one.begun == other.begun).all()
        else:
            assert (one == other) is True or (one == other).all()
    assert (again.shingles == rule.shingles).all()
    assert again.clues == rule.clues
    assert (again.whole_subject, again.named) == (True, True)


def test_it_is_not_taken_for_one_that_can_be_read() -> None:
    """What knows of no blind rules must not enforce half of one."""
    plain = dump_rule(compile_rule(FULL, fake_encode, "e", key=KEY))
    assert dump_rule(rule_of())[:3] != plain[:3]


@given(st.integers(0, 4000), st.integers(1, 255))
def test_a_flipped_byte_is_an_error_or_another_readable_rule(at: int, flip: int) -> None:
    data = bytearray(dump_rule(rule_of()))
    data[at % len(data)] ^= flip
    with suppress(RuleError):
        load_rule(bytes(data), KEY)


def test_a_cut_rule_is_an_error() -> None:
    data = dump_rule(rule_of())
    for end in (0, 5, 40, len(data) - 2, len(data) - 1, len(data) - 8):
        with pytest.raises(RuleError):
            load_rule(data[:end], KEY)


def test_marks_tell_nothing_of_an_order_or_of_what_is_alike() -> None:
    kept = Marks.of(KEY, [("b c", 0), ("a c", 1), ("a d", 0)])
    assert list(kept.whole) == sorted(kept.whole)
    assert list(kept.begun) == sorted({mark(KEY, "a"), mark(KEY, "b")})
    assert mark(KEY, "a") != mark(b"x" * 32, "a")


def test_without_a_name_there_is_no_subject() -> None:
    rule = rule_of(replace(FULL, name=None, aliases=(), whole_subject=False))
    assert not rule.named
    assert not rule.whole_subject
    named = rule_of(replace(FULL, whole_subject=False))
    assert named.named
    assert not named.whole_subject
