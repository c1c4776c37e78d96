"""A made-up deployment for `lethe bench guards`: filings, prompts and embeddings of any number.

Names, filings and prompts are invented by a seeded generator. Encoding a hundred thousand filings
would take an hour, so their embeddings are made up too: a few thousand true sentence embeddings
are mixed two by two, with noise. So they fill the encoder's space as true ones do, and lie as far
from each other as different questions. Only what is timed goes through the real encoder.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.encoder import Encoder
from guards import Filing, Rule, compile_rule

Vectors = NDArray[np.float32]

_GIVEN = (
    "Alma Bram Cleo Dorin Edda Falk Greta Hanno Ilse Jorin Kaja Lenz Mara Nils Orla Pavo Quirin "
    "Runa Silja Tjark Ulla Veit Wanja Yorick Zenia Anouk Bero Carla Darius Elin Finn Gesa"
).split()
_FIRST = (
    "bar bren cal dor fen gar hol kes lim mar nor oster pel quen ras sil tor ulm ven wik"
).split()
_MIDDLE = "a am an e el en er i in ir o ol on or u un y as es is".split()
_LAST = (
    "berg blom dahl der feld gard ham holt kamp land lund mann mark ner ring rup sen stad thal wen"
).split()
_ASKED = (
    "Where was {} born?|Who is {} married to?|What did {} study?|Which prize did {} win?|"
    "What is the address of {}?|When did {} move abroad?|Who taught {} to paint?|"
    "How did {} make a living?|What was the first book of {}?|Why did {} leave the council?"
).split("|")
_WHO = "my neighbour,a teacher,the gardener,our team,a student,the baker,a friend,the driver".split(
    ","
)
_DOES = "builds,cleans,draws,fixes,moves,paints,plans,repairs,sells,tests,washes,writes".split(",")
_WHAT = (
    "a bridge,an old engine,the garden,a lamp,the market stall,a mill,the piano,a small river map,"
    "the tower clock,a violin,the window,a wooden table"
).split(",")
_HOW = (
    "before the winter,after lunch,by hand,in one hour,with a friend,for very little money".split(
        ","
    )
)


def name(number: int) -> str:
    """The name of an invented person, distinct up to 256,000."""
    rest, given = divmod(number, len(_GIVEN))
    rest, first = divmod(rest, len(_FIRST))
    rest, middle = divmod(rest, len(_MIDDLE))
    surname = _FIRST[first] + _MIDDLE[middle] + _LAST[rest % len(_LAST)]
    return f"{_GIVEN[given]} {surname.capitalize()}"


def filing(number: int) -> Filing:
    """One of a mix: six in ten file a person by name, four a question or two about one."""
    who = name(number)
    if number % 10 < 6:
        return Filing(id=f"fr_{number}", name=who, whole_subject=True)
    first = number // 10
    asked = [_ASKED[(first + k) % len(_ASKED)].format(who) for k in range(1 + number % 2)]
    return Filing(id=f"fr_{number}", questions=tuple(asked))


def prompts(count: int, seed: int) -> Iterator[str]:
    """Distinct prompts of 64 tokens in four sentences, that touch no filing."""
    rng = random.Random(seed)
    for number in range(count):
        parts = [f"Please tell me about plan {seed} {number}."]
        parts += [_sentence(rng) for _ in range(3)]
        yield " ".join(parts)


def long_prompt(tokens: int, seed: int) -> str:
    """A prompt of about so many tokens, no two sentences alike."""
    rng = random.Random(seed)
    return " ".join(f"Part {n}: {_sentence(rng)}" for n in range(tokens // 22))


def _sentence(rng: random.Random) -> str:
    return (
        f"Then {rng.choice(_WHO)} {rng.choice(_DOES)} {rng.choice(_WHAT)} {rng.choice(_HOW)}, "
        f"and {rng.choice(_WHO)} {rng.choice(_DOES)} {rng.choice(_WHAT)}."
    )


class Embeddings:
    """Made-up embeddings around true ones; see the module."""

    def __init__(self, encoder: Encoder, true: int, seed: int = 7) -> None:
        texts = [_ASKED[n % len(_ASKED)].format(name(n * 37)) for n in range(true)]
        self._bank = encoder.encode(texts)
        self._rng = np.random.default_rng(seed)

    def draw(self, count: int) -> Vectors:
        """Embeddings of `count` filed texts, unit norm, shape (count, d)."""
        first, second = self._rng.integers(0, len(self._bank), (2, count))
        mixed = self._bank[first] + 0.7 * self._bank[second] + 0.7 * self._noise(count)
        return _unit(mixed)

    def near(self, vectors: Vectors, noise: float) -> Vectors:
        """Embeddings that lie beside others: as paraphrases do for a noise of 0.5."""
        return _unit(vectors + noise * self._noise(len(vectors)))

    def _noise(self, count: int) -> Vectors:
        return _unit(self._rng.standard_normal((count, self._bank.shape[1]), np.float32))


def rules(numbers: range, encoder: Encoder, embeddings: Embeddings) -> list[Rule]:
    """The rules of some filings, compiled as they always are but for their embeddings."""

    def encode(texts: Sequence[str]) -> Vectors:
        return embeddings.draw(len(texts))

    return [
        compile_rule(filing(number), encode, encoder.fingerprint, encoder.adapter)
        for number in numbers
    ]


def _unit(vectors: Vectors) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
