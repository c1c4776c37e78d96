"""Words are chosen by a key: the same for the same request."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.choices import pieces_of
from gateway.openai.voice import WORDINGS
from gateway.openai.voice.keyed import digest, pick
from guards import Conversation, Message


def wording(key: bytes, conversation: Conversation, seed: int | None, index: int) -> str:
    return pick(WORDINGS, digest(key, conversation), seed, index)


SEEDS = st.none() | st.integers(-(2**63), 2**63 - 1)


@given(st.binary(min_size=1), st.text(), SEEDS, st.integers(0, 127))
def test_the_same_request_gets_the_same_words(
    key: bytes, text: str, seed: int | None, index: int
) -> None:
    said = wording(key, Conversation.of(text), seed, index)
    assert said in WORDINGS
    assert said == wording(key, Conversation.of(text), seed, index)


def test_words_vary_with_prompt_seed_choice_and_key() -> None:
    one = Conversation.of("Who?")
    assert len({wording(b"k", Conversation.of(str(i)), None, 0) for i in range(200)}) > 10
    assert len({wording(b"k", one, seed, 0) for seed in range(200)}) > 10
    assert len({wording(b"k", one, None, index) for index in range(200)}) > 10
    assert len({wording(str(key).encode(), one, None, 0) for key in range(200)}) > 10


@given(st.sampled_from(WORDINGS) | st.text(min_size=1).filter(str.strip), st.integers(1, 60))
def test_pieces_are_the_text_in_so_many_parts(text: str, count: int) -> None:
    text = text.strip()
    cut = pieces_of(text, count)
    assert "".join(cut) == text
    assert len(cut) == min(count, len(text))
    assert all(cut)


def test_roles_and_borders_of_messages_count() -> None:
    said = [
        (Message("user", "ab"),),
        (Message("user", "a"), Message("user", "b")),
        (Message("system", "ab"),),
        (Message("user", "a"), Message("assistant", "b")),
    ]
    assert len({digest(b"k", Conversation(messages)) for messages in said}) == len(said)
