"""From a forget request to what an engine holds of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson

from folding import fold
from gateway.registry.errors import Unreadable
from gateway.registry.filing import Filing
from gateway.registry.models import Record
from guards.text.words import too_common
from steering import EngineRule, SteeringError, SteeringVector

_LEAST = 2
"""Characters of a value that can be banned: a single one would garble every answer."""


def engine_rule(record: Record, fingerprint: str) -> EngineRule:
    """What an engine with these weights holds of a record: its vectors and forbidden strings.

    Raises `Unreadable` where the record cannot be read.
    """
    vectors = vectors_of(record).get(fingerprint, ())
    return EngineRule(record.id, record.version, vectors, forbidden(record.filing))


def forbidden(filing: Filing) -> tuple[str, ...]:
    """The strings that no answer to a matching prompt may hold.

    Forbidden strings, values of facts and answers of questions; of a whole subject its names too.
    """
    scope, subject = filing.scope, filing.subject
    names = (subject.name or "", *subject.aliases) if filing.whole_subject else ()
    values = (value for fact in scope.facts for value in fact.values)
    answers = (question.answer or "" for question in scope.questions)
    strings = (*scope.forbidden, *values, *answers, *names)
    return tuple(dict.fromkeys(text for text in strings if _can_be_banned(text)))


def vectors_of(record: Record) -> Mapping[str, tuple[SteeringVector, ...]]:
    """A record's steering vectors by the fingerprint of the model; raises `Unreadable`."""
    if not record.steering:
        return {}
    try:
        by_model: Mapping[str, list[Any]] = orjson.loads(record.steering)
        return {
            fingerprint: tuple(SteeringVector.from_json(each) for each in vectors)
            for fingerprint, vectors in by_model.items()
        }
    except (ValueError, TypeError, AttributeError, SteeringError) as error:
        raise Unreadable(f"The steering vectors of {record.id} cannot be read.") from error


def models_of(record: Record) -> Collection[str]:
    """The fingerprints of the models that a record has vectors for; raises `Unreadable`."""
    try:
        return frozenset(orjson.loads(record.steering or b"{}"))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The steering vectors of {record.id} cannot be read.") from error


def with_vectors(record: Record, fingerprint: str, vectors: Iterable[SteeringVector]) -> bytes:
    """A record's steering with the vectors for one model replaced, as it is stored."""
    by_model = {**vectors_of(record), fingerprint: tuple(vectors)}
    return orjson.dumps(
        {name: [vector.as_json() for vector in held] for name, held in by_model.items()}
    )


def _can_be_banned(text: str) -> bool:
    folded = fold(text).text.strip()
    return len(folded) >= _LEAST and not too_common(folded)
