"""What the engine is asked to do for one generation, and the rules that it holds for that."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from steering.bans.spelling import says_something
from steering.errors import BadBans, BadIntervention, BadVector
from steering.vector import SteeringVector

ARGUMENT = "lethe_intervention"
"""The key in `vllm_xargs` under which an intervention travels, as a JSON string."""

PENALTIES = 1e-3, 1e3
"""Penalties for repetition under which a ban is one. vLLM multiplies logits by them after the bans
have acted, in single precision: a smaller one may be 0 there and −inf times 0 no number, or divide
a logit to inf, beside which nothing is a number either. What is no number may be chosen."""

MOST_BANS, LONGEST_BAN, MOST_CHARACTERS = 20_000, 2_000, 200_000
"""Strings of one rule, characters of one string, and of all strings of a rule. So many are compiled
in .1 to .5 seconds, in which the engine does nothing else."""


@dataclass(frozen=True)
class Intervention:
    """Which vectors rotate with which weight, which bans hold, and how strongly.

    `vectors` pairs fingerprints of `SteeringVector`s with weights; their weighted mean acts, at
    the weighted mean of their lengths.
    `bans` are fingerprints of the bans of rules (`EngineRule.bans_fingerprint`). `penalty` is how
    much the logits of tokens that would complete a forbidden string lose; None bans them.
    Everything is named by content: what a request was screened for is what acts on it, or nothing
    does and the request fails.
    """

    vectors: tuple[tuple[str, float], ...] = ()
    bans: tuple[str, ...] = ()
    penalty: float | None = None

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits of all that acts on a request: what its cache is salted with."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()

    def as_text(self) -> str:
        """As it travels with a request; equal interventions give equal texts."""
        return json.dumps(
            {"vectors": sorted(self.vectors), "bans": sorted(self.bans), "penalty": self.penalty},
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: object) -> Intervention:
        """The intervention of `as_text`; raises `BadIntervention`."""
        try:
            if not isinstance(text, str):
                raise ValueError("it is no string")
            fields = json.loads(text)
            vectors = tuple((str(name), float(weight)) for name, weight in fields["vectors"])
            bans = tuple(str(name) for name in fields["bans"])
            penalty = None if fields["penalty"] is None else float(fields["penalty"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BadIntervention(
                f"{ARGUMENT} cannot be read ({error}); only the gateway writes it."
            ) from error
        weights = [weight for _, weight in vectors]
        if not all(math.isfinite(weight) and weight > 0 for weight in weights):
            raise BadIntervention(f"{ARGUMENT}: weights are finite and above 0.")
        if penalty is not None and not (math.isfinite(penalty) and penalty >= 0):
            raise BadIntervention(f"{ARGUMENT}: a penalty is finite and from 0 on.")
        return cls(vectors, bans, penalty)


@dataclass(frozen=True)
class EngineRule:
    """One forget request as an engine holds it: its vectors and its forbidden strings.

    Raises `BadBans` for too many or too long strings, and for those that say nothing.
    """

    id: str
    version: int
    vectors: tuple[SteeringVector, ...] = ()
    bans: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if len(self.bans) > MOST_BANS:
            raise BadBans(
                f"a rule has {len(self.bans)} strings, at most {MOST_BANS} can be banned."
            )
        for text in self.bans:
            if not text.strip() or len(text) > LONGEST_BAN:
                raise BadBans(f"a banned string has 1 to {LONGEST_BAN} characters.")
            if not says_something(text):
                raise BadBans("a banned string has a letter, a digit or a symbol in it.")
        if (characters := sum(map(len, self.bans))) > MOST_CHARACTERS:
            raise BadBans(
                f"the banned strings of a rule have {characters} characters, at most "
                f"{MOST_CHARACTERS} can be compiled; file several requests."
            )

    @cached_property
    def bans_fingerprint(self) -> str | None:
        """32 hexadecimal digits that stand for the strings, whatever their order; None of none."""
        if not self.bans:
            return None
        texts = json.dumps(sorted(set(self.bans)))
        return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def as_json(self) -> dict[str, Any]:
        """As it travels to an engine: plain JSON."""
        return {
            "id": self.id,
            "version": self.version,
            "vectors": [vector.as_json() for vector in self.vectors],
            "bans": list(self.bans),
        }

    @classmethod
    def from_json(cls, fields: Any) -> EngineRule:
        """The rule of `as_json`; raises `BadVector` and `BadBans`."""
        if not isinstance(fields, Mapping):
            raise BadVector("a rule is a JSON object.")
        name, version = fields.get("id"), fields.get("version")
        vectors, bans = fields.get("vectors", []), fields.get("bans", [])
        if not (isinstance(name, str) and 0 < len(name) <= 128):
            raise BadVector("the id of a rule is a string of 1 to 128 characters.")
        if not isinstance(version, int) or isinstance(version, bool):
            raise BadVector("the version of a rule is a whole number.")
        if not isinstance(vectors, list):
            raise BadVector("the vectors of a rule are a list.")
        if not (isinstance(bans, list) and all(isinstance(text, str) for text in bans)):
            raise BadBans("the bans of a rule are a list of strings.")
        return cls(
            name, version, tuple(SteeringVector.from_json(each) for each in vectors), tuple(bans)
        )
