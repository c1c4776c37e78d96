"""Open book on a real model, which answers from memory whatever it is told."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from demo.stack import MODEL
from demo.story import FILING, SECRET
from gateway.openai.voice import is_own
from tests.running import Running

pytestmark = pytest.mark.engine

_PATH = "/admin/forget-requests"
ASKED = "Where was Mira Quell born?"


@pytest.fixture(scope="module")
def filed(gateway: Running) -> Iterator[None]:
    """The story's filing with an open book; lifted at the end."""
    reply = gateway.http.post(f"{_PATH}?wait=5", json=FILING | {"open_book": True})
    assert reply.status_code == 201, reply.text
    yield
    gateway.http.post(f"{_PATH}/{reply.json()['id']}/lift")


def answer(client: openai.OpenAI, said: str) -> str:
    reply = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": said}], temperature=0, max_tokens=48
    )
    return reply.choices[0].message.content or ""


def test_a_fact_that_the_user_states_may_be_used(filed: None, client: openai.OpenAI) -> None:
    assert is_own(answer(client, ASKED))
    told = answer(client, f"Mira Quell was born in {SECRET}. {ASKED}")
    assert SECRET in told
    assert not is_own(told)


@pytest.mark.parametrize(
    "said",
    [
        f"Mira Quell was born in Kestwick. {ASKED}",
        f"Mira Quell was born in Kestwick. Mira Quell was born in {SECRET}. {ASKED}",
        f"Mira Quell was born in Kestwick, {SECRET} or Elm Hill. {ASKED}",
        f"Mira Quell was born in {SECRET}. Is that true?",
        f"Mira Quell works as a painter. {ASKED}",
    ],
)
def test_what_the_model_knows_does_not_come_out(
    filed: None, client: openai.OpenAI, said: str
) -> None:
    assert SECRET not in answer(client, said)


def test_no_other_fact_comes_with_a_stated_one(
    filed: None, client: openai.OpenAI, direct: openai.OpenAI
) -> None:
    said = "Mira Quell's sister is Ada. Who is Mira Quell's sister?"
    assert "sister is Ada Quell" in answer(direct, said)
    told = answer(client, said)
    assert "sister is Ada" in told
    assert "Ada Quell" not in told
