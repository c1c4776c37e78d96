"""How a mixed prompt is taken apart, and what is said of what is not known."""

from __future__ import annotations

from itertools import pairwise, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openai.fields import Route
from gateway.openai.mixed.fits import last_text
from gateway.openai.mixed.plan import MOST_PARTS, Plan, plan_of
from gateway.openai.mixed.words import WORDS, not_known
from gateway.openai.prepare import prepare
from gateway.openai.voice.phrases import PHRASES

HERS = "Where was Mira Quell born?"
FRANCE = "What is the capital of France?"
TOM, HIS = "Who is Tom Hart?", "And where was he born?"


def plan(*parts: str, joint: str = " ", touched: tuple[int, ...] = (0,)) -> Plan | None:
    """The plan for these parts, of which those with these numbers are touched."""
    text = joint.join(parts)
    ends = [sum(len(p) for p in parts[: n + 1]) + n * len(joint) for n in range(len(parts))]
    spans = [(end - len(part), end) for part, end in zip(parts, ends, strict=True)]
    return plan_of(
        text,
        tuple(span for n, span in enumerate(spans) if n in touched),
        tuple(span for n, span in enumerate(spans) if n not in touched),
    )


def told(found: Plan | None) -> tuple[tuple[int, ...], list[tuple[int, str, bool]]]:
    assert found is not None
    return found.unknown, [(p.number, p.text, p.goes_on) for p in found.parts]


def test_questions_are_numbered_as_they_were_asked() -> None:
    assert told(plan(HERS, FRANCE, TOM)) == ((1,), [(2, FRANCE, False), (3, TOM, False)])
    assert told(plan(FRANCE, HERS, TOM, HERS, touched=(1, 3))) == (
        (2, 4),
        [(1, FRANCE, False), (3, TOM, False)],
    )


def test_what_goes_on_follows_the_question_before() -> None:
    assert told(plan(HERS, TOM, HIS)) == ((1,), [(2, TOM, False), (3, HIS, True)])


def test_what_asks_nothing_stands_with_each_question() -> None:
    wish = "Answer briefly, please."
    assert told(plan(FRANCE, HERS, TOM, wish, touched=(1,))) == (
        (2,),
        [(1, f"{FRANCE}\n{wish}", False), (3, f"{TOM}\n{wish}", False)],
    )


def test_only_context_was_touched() -> None:
    assert told(plan("I am reading a book by Mira Quell.", FRANCE)) == ((), [(1, FRANCE, False)])


@pytest.mark.parametrize("mark", ["1. ", "2) ", "(b) ", "- ", "* ", "• "])
def test_the_mark_of_an_item_does_not_travel(mark: str) -> None:
    found = plan(f"{mark}{HERS}", f"{mark}{FRANCE}", joint="\n")
    assert told(found)[1] == [(2, FRANCE, False)]
    assert found is not None
    assert found.lines


@pytest.mark.parametrize(
    ("parts", "touched"),
    [
        ((HERS, FRANCE), (0, 1)),
        ((HERS, FRANCE), ()),
        ((HERS, "I am a student."), (0,)),
        ((HERS, *[FRANCE] * MOST_PARTS), (0,)),
    ],
)
def test_nothing_is_mixed(parts: tuple[str, ...], touched: tuple[int, ...]) -> None:
    assert plan(*parts, touched=touched) is None


@given(
    st.text(min_size=2, max_size=80),
    st.lists(st.integers(0, 80), min_size=2, max_size=12, unique=True),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_nothing_that_is_touched_travels(text: str, cuts: list[int], hit: list[bool]) -> None:
    spans = list(pairwise(sorted(min(cut, len(text)) for cut in cuts)))
    marked = "".join("X" if any(h and a <= i < b for (a, b), h in zip(spans, hit, strict=False))
                     else "y" for i in range(len(text)))  # fmt: skip
    touched = tuple(s for s, h in zip(spans, hit, strict=False) if h)
    found = plan_of(
        "".join(f"{m}?" for m in marked),
        tuple((2 * a, 2 * b) for a, b in touched),
        tuple((2 * a, 2 * b) for a, b in spans if (a, b) not in touched),
    )
    if found is not None:
        assert not any("X" in said for said in (found.together, *(p.text for p in found.parts)))
        assert not set(found.unknown) & {part.number for part in found.parts}


def chat(**fields: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": HERS}]} | fields


def test_a_plain_chat_fits() -> None:
    parts = [{"role": "user", "content": [{"type": "text", "text": HERS}]}]
    for body in (chat(), chat(stream=True, max_tokens=5), chat(messages=parts)):
        assert last_text(prepare(Route.CHAT, body, b"k")) == HERS


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 2},
        {"logprobs": True},
        {"stop": ["\n"]},
        {"min_tokens": 4},
        {"tools": [TOOL]},
        {"response_format": {"type": "json_object"}},
        {"messages": [{"role": "user", "content": HERS}, {"role": "assistant", "content": "She"}]},
        {"messages": [{"role": "user", "content": HERS, "name": "Tom"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"},
                                                   {"type": "text", "text": "b"}]}]},
    ],
)  # fmt: skip
def test_what_means_one_answer_of_the_engine_does_not(fields: dict[str, Any]) -> None:
    assert last_text(prepare(Route.CHAT, chat(**fields), b"k")) is None


def test_a_completion_does_not() -> None:
    body = {"model": "m", "prompt": f"{HERS} {FRANCE}"}
    assert last_text(prepare(Route.COMPLETIONS, body, b"k")) is None


def test_it_is_clear_which_questions_are_not_known() -> None:
    for seed in range(8):
        assert "first question" in not_known("en", b"key", seed, (1,))
        assert "second and fourth questions" in not_known("en", b"key", seed, (2, 4))
        said = not_known("de", b"key", seed, (1, 2, 8))
        assert "die erste, die zweite und die achte Frage" in said
    assert "rest" in not_known("en", b"key", None, ())


def test_there_are_words_for_every_language_and_question() -> None:
    assert WORDS.keys() == PHRASES.keys()
    for words in WORDS.values():
        assert len(set(words.ordinals)) == MOST_PARTS
        assert all(text.count("{}") == 1 for text in (*words.one, *words.several))


def test_no_sentence_hints_at_a_reason() -> None:
    for language, seed, numbers in product(WORDS, range(8), ((), (1,), (1, 2))):
        said = not_known(language, b"key", seed, numbers).lower()
        assert said.endswith((".", "。"))
        for word in ("forget", "erasure", "privacy", "policy", "allowed", "gelöscht", "darf"):
            assert word not in said
