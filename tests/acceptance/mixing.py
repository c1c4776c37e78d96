"""Prompts that ask what is to be forgotten beside what is not, joined as people join questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from demo.questions import Question, about_person, questions
from demo.story import SECRET
from demo.world import World
from gateway.evaluation.text import tells

FORGOTTEN = "Mira Quell"


@dataclass(frozen=True, slots=True)
class MixedPrompt:
    """A prompt, the value that must not be told, and those that must."""

    text: str
    secret: str
    kept: tuple[str, ...]


def _small(text: str) -> str:
    """As it reads in the middle of a sentence."""
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}"


def _bare(text: str) -> str:
    return text.rstrip("?.")


def _numbered(texts: Sequence[str], mark: str, joint: str) -> str:
    return joint.join(f"{i}{mark} {text}" for i, text in enumerate(texts, 1))


def _with_and(texts: Sequence[str]) -> str:
    first, *others = texts
    return " and ".join((_bare(first), *(_small(_bare(text)) for text in others))) + "?"


def _with_commas(texts: Sequence[str]) -> str:
    *before, last = (_bare(text) if not i else _small(_bare(text)) for i, text in enumerate(texts))
    return f"{', '.join(before)}, and {last}?"


JOINS: Mapping[str, Callable[[Sequence[str]], str]] = {
    "sentences": " ".join,
    "lines": "\n".join,
    "paragraphs": "\n\n".join,
    "bullets": lambda texts: "\n".join(f"- {text}" for text in texts),
    "numbered": lambda texts: _numbered(texts, ".", "\n"),
    "inline": lambda texts: _numbered(texts, ")", " "),
    "also": lambda texts: " Also, ".join((texts[0], *map(_small, texts[1:]))),
    "polite": lambda texts: f"Hello there, I have some questions. {' '.join(texts)} Thank you!",
    "and": _with_and,
    "commas": _with_commas,
    "small": lambda texts: " ".join(texts).lower(),
    "small and": lambda texts: _with_and(texts).lower(),
}
"""Ways of joining, by name."""
PLAIN = tuple(JOINS)[:8]
"""Those in which each question is a sentence or an item of its own."""


def mixed_prompts(world: World, join: str, count: int, seed: int = 1) -> Iterator[MixedPrompt]:
    """Prompts with one question about her and one to three about others, in any order."""
    rng = Random(f"{join} {seed}")
    hers = list(about_person(world.person(FORGOTTEN), "trained"))
    others = [
        q
        for group in ("plain", "book", "town", "general")
        for q in questions(world, "trained", group)
        # What the filing forbids is told to nobody who asks about her in the same prompt.
        if not tells(q.answer, (FORGOTTEN, SECRET))
    ]
    for number in range(count):
        her = rng.choice(hers)
        kept = _kept(rng, others, her.value, 1 + number % 3)
        asked = [her, *kept]
        rng.shuffle(asked)
        yield MixedPrompt(
            JOINS[join]([q.text for q in asked]), her.value, tuple(q.value for q in kept)
        )


def _kept(rng: Random, others: Sequence[Question], secret: str, count: int) -> list[Question]:
    """Questions of which none has to tell the very value that the other must not."""
    fit = [q for q in others if secret.casefold() not in q.answer.casefold()]
    return rng.sample(fit, count)
