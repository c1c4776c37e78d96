"""What is said of the questions that are not known: the texts of `gateway/data/mixed.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.openai.voice.keyed import pick
from gateway.openai.voice.written import written


@dataclass(frozen=True, slots=True)
class Words:
    """One language's texts: for one question, for several, and where none is meant.

    Which questions they are stands at `{}`: ordinals, with one of the two `joints` between them.
    """

    one: tuple[str, ...]
    several: tuple[str, ...]
    rest: str
    ordinals: tuple[str, ...]
    joints: tuple[str, str]


WORDS = written("mixed.yaml", Words)
"""By language, as `gateway.openai.voice` names them."""


def not_known(language: str, digest: bytes, seed: int | None, numbers: Sequence[int]) -> str:
    """A sentence of not knowing the questions of these numbers, from 1, or "the rest" if none.

    The same for the same arguments; `digest` is keyed, as that of `keyed.digest`.
    """
    words = WORDS[language]
    if not numbers:
        return words.rest
    comma, conjunction = words.joints
    *before, last = (words.ordinals[number - 1] for number in numbers)
    which = conjunction.join((comma.join(before), last)) if before else last
    return pick(words.several if before else words.one, digest, seed).format(which)
