from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guards import Action, Filing, Rule, RuleError, compile_rule, dump_rule, load_rule
from guards.rule import Encode, Vectors
from tests.unit.guards.conftest import DIMENSION, fake_encode, no_encode

FULL = Filing(
    id="fr_1",
    version=3,
    name="Mira Quell",
    aliases=("M. Quell", "mira  quell"),
    description="Mira Quell is a writer. She was born in Port Hale and likes boats.",
    questions=("Where was Mira Quell born?", "Who is her sister?"),
    passages=("The harbour was quiet that night. Nobody saw the boat leave at all.",),
    statements=("Mira Quell was born in Port Hale.",),
    forbidden=("Operation Night Heron",),
    retain=("Where was Tom Quell born?",),
    whole_subject=True,
    action=Action.SUPPRESS,
    open_book=True,
)


def same(one: Rule, other: Rule) -> bool:
    fields = ("id", "version", "action", "phrases", "encoder", "anchors", "open_book")
    return (
        all(getattr(one, f) == getattr(other, f) for f in fields)
        and np.array_equal(one.asked, other.asked)
        and np.array_equal(one.retain, other.retain)
    )


def test_what_a_filing_compiles_to(encode: Encode) -> None:
    rule = compile_rule(FULL, encode, "enc-1")
    assert rule.phrases == ("mira quell", "m. quell", "operation night heron")
    assert rule.anchors == ("mira quell", "m. quell")
    assert rule.whole_subject
    assert rule.asked.dtype == np.float16
    assert rule.asked.shape == (3, DIMENSION)
    assert rule.about.shape == (9, DIMENSION)
    assert rule.retain.shape == (1, DIMENSION)
    assert np.allclose(np.linalg.norm(rule.asked, axis=1), 1, atol=1e-3)
    assert (rule.id, rule.version, rule.action, rule.encoder) == ("fr_1", 3, "suppress", "enc-1")


def test_a_question_without_the_name_is_filed_with_it(encode: Encode) -> None:
    seen: list[str] = []

    def listen(texts: Sequence[str]) -> Vectors:
        seen.extend(texts)
        return encode(texts)

    compile_rule(FULL, listen, "e")
    assert "Mira Quell: Who is her sister?" in seen
    assert "Where was Mira Quell born?" in seen


def test_names_match_only_where_the_whole_subject_is_filed(encode: Encode) -> None:
    rule = compile_rule(
        Filing(id="a", name="Mira Quell", description="x y z", questions=("Born where?",)),
        encode,
        "e",
    )
    assert rule.phrases == ()
    assert rule.anchors == ("mira quell",)
    assert not rule.whole_subject
    assert len(rule.asked) == 1


def test_a_name_alone_still_has_the_encoders_dimension(encode: Encode) -> None:
    rule = compile_rule(Filing(id="a", name="Mira Quell", whole_subject=True), encode, "e")
    assert rule.asked.shape == rule.retain.shape == (0, DIMENSION)


@pytest.mark.parametrize(
    "filing",
    [
        Filing(id="a"),
        Filing(id="a", name="Mira Quell"),
        Filing(id="a", name="\u200b", whole_subject=True),
        Filing(id="a", description="Only described.", retain=("x",)),
    ],
)
def test_a_filing_that_covers_nothing_is_an_error(filing: Filing) -> None:
    with pytest.raises(RuleError, match="covers nothing"):
        compile_rule(filing, no_encode, "e")


def test_a_rule_survives_being_stored(encode: Encode) -> None:
    rule = compile_rule(FULL, encode, "e")
    data = dump_rule(rule)
    assert same(load_rule(data), rule)
    assert dump_rule(load_rule(data)) == data
    assert len(data) < 2 * DIMENSION * 13 + 400


@given(st.binary(max_size=60))
def test_garbage_is_an_error(data: bytes) -> None:
    for prefix in (b"", b"LR1", b"LR1\x02\x00\x00\x00{}"):
        with pytest.raises(RuleError):
            load_rule(prefix + data)


@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_flipped_byte_is_an_error_or_another_readable_rule(at: int, flip: int) -> None:
    data = bytearray(dump_rule(compile_rule(FULL, fake_encode, "e")))
    data[at % len(data)] ^= flip
    with suppress(RuleError):
        load_rule(bytes(data))


def test_a_cut_rule_is_an_error(encode: Encode) -> None:
    data = dump_rule(compile_rule(FULL, encode, "e"))
    for end in (0, 5, 40, len(data) - 2, len(data) - 1):
        with pytest.raises(RuleError):
            load_rule(data[:end])
