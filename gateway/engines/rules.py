"""From a forget request to what an engine holds of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson

from folding import fold
from gateway.engines.status import EngineStatus
from gateway.engines.variants import Variant
from gateway.registry.errors import Unreadable
from gateway.registry.filing import Filing
from gateway.registry.models import Record
from guards.text.words import forbiddable
from steering import EngineRule, SteeringError, SteeringVector

_VARIANTS = 8
"""Of one request that are kept: old ones are of settings and models that nobody uses any more."""


def engine_rule(record: Record, status: EngineStatus) -> EngineRule:
    """What an engine holds of a record: the vectors that fit it, and the forbidden strings.

    Raises `Unreadable` where the record cannot be read, and `BadBans`.
    """
    every = (vector for vectors in vectors_of(record).values() for vector in vectors)
    fit = (v for v in every if v.model == status.fingerprint and v.layer in status.layers)
    return EngineRule(record.id, record.version, tuple(fit), forbidden(record.filing))


def forbidden(filing: Filing) -> tuple[str, ...]:
    """The strings that no answer to a matching prompt may hold.

    Forbidden strings, values of facts and answers of questions; of a whole subject its names too.
    """
    scope, subject = filing.scope, filing.subject
    names = (subject.name or "", *subject.aliases) if filing.whole_subject else ()
    values = (value for fact in scope.facts for value in fact.values)
    answers = (question.answer or "" for question in scope.questions)
    strings = (*scope.forbidden, *values, *answers, *names)
    return tuple(dict.fromkeys(text for text in strings if forbiddable(fold(text).text.strip())))


def vectors_of(record: Record) -> Mapping[str, tuple[SteeringVector, ...]]:
    """A record's steering vectors by the key of their `Variant`; raises `Unreadable`."""
    if not record.steering:
        return {}
    try:
        stored: Mapping[str, list[Any]] = orjson.loads(record.steering)
        return {
            key: tuple(SteeringVector.from_json(each) for each in vectors)
            for key, vectors in stored.items()
        }
    except (ValueError, TypeError, AttributeError, SteeringError) as error:
        raise Unreadable(f"The steering vectors of {record.id} cannot be read.") from error


def variants_of(record: Record) -> Collection[str]:
    """The keys of the variants that a record has vectors for; raises `Unreadable`."""
    try:
        return frozenset(orjson.loads(record.steering or b"{}"))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The steering vectors of {record.id} cannot be read.") from error


def with_vectors(record: Record, variant: Variant, vectors: Iterable[SteeringVector]) -> bytes:
    """A record's steering with the vectors of one variant added, as it is stored.

    Only the newest variants are kept.
    """
    stored = {key: held for key, held in vectors_of(record).items() if key != variant.key}
    stored[variant.key] = tuple(vectors)
    return orjson.dumps(
        {
            key: [vector.as_json() for vector in held]
            for key, held in list(stored.items())[-_VARIANTS:]
        }
    )
