"""Every place in Redis where something sealed is kept, and the context that it is sealed for.

Whoever rotates the data key walks through what is told here: a sealed value that is kept anywhere
else would be lost with the old key. The meta data are not told here: they are what a rotation
begins with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.registry import keys

_FIELDS = ("filing", "rule", "steering", "case")
Command = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value: where it is, and the context that it is sealed for.

    `field` is that of a hash, the index in a list, or empty where the key holds the value itself.
    """

    key: str
    field: bytes
    context: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of sealed value: how it is read, and the values in the answer.

    Both are given the id of what the values belong to, "" where the kind belongs to nothing.
    """

    name: str
    read: Callable[[str], Command]
    found: Callable[[str, Any], Iterator[Sealed]]


def filing_at(request_id: str, version: int) -> str:
    """The context of what is kept of a filing."""
    return f"{request_id}:{version}:filing"


def rule_at(request_id: str, version: int) -> str:
    """The context of its rule."""
    return f"{request_id}:{version}:rule"


def steering_at(request_id: str, version: int) -> str:
    """The context of its steering vectors."""
    return f"{request_id}:{version}:steering"


def case_of(request_id: str) -> str:
    """The context of what was decided about a request."""
    return f"{request_id}:case"


def note_on(request_id: str) -> str:
    """The context of a note on it."""
    return f"{request_id}:note"


def api_key_of(key_id: str) -> str:
    """The context of an API key."""
    return f"api-key:{key_id}"


def trace_of(trace_id: str) -> str:
    """The context of a trace."""
    return f"trace:{trace_id}"


def recipient_of(recipient_id: str) -> str:
    """The context of a recipient of webhooks."""
    return f"recipient:{recipient_id}"


def delivery_of(delivery_id: str) -> str:
    """The context of a delivery of a webhook."""
    return f"delivery:{delivery_id}"


def _request(request_id: str, answer: Sequence[bytes | None]) -> Iterator[Sealed]:
    version, *values = answer
    for name, value in zip(_FIELDS, values, strict=True):
        if value is not None and version is not None:
            key = keys.request(request_id)
            yield Sealed(key, name.encode(), _CONTEXTS[name](request_id, int(version)), value)


_CONTEXTS: dict[str, Callable[[str, int], str]] = {
    "filing": filing_at,
    "rule": rule_at,
    "steering": steering_at,
    "case": lambda request_id, version: case_of(request_id),
}


def _versions(request_id: str, answer: dict[bytes, bytes]) -> Iterator[Sealed]:
    key = keys.VERSIONS + request_id
    for number, value in answer.items():
        yield Sealed(key, number, filing_at(request_id, int(number)), value)


def _notes(request_id: str, answer: Sequence[bytes]) -> Iterator[Sealed]:
    for index, value in enumerate(answer):
        yield Sealed(keys.NOTES + request_id, b"%d" % index, note_on(request_id), value)


def _api_keys(_: str, answer: dict[bytes, bytes]) -> Iterator[Sealed]:
    for key_id, value in answer.items():
        yield Sealed(keys.API_KEYS, key_id, api_key_of(key_id.decode()), value)


def _recipients(_: str, answer: dict[bytes, bytes]) -> Iterator[Sealed]:
    for name, value in answer.items():
        yield Sealed(keys.RECIPIENTS, name, recipient_of(name.decode()), value)


def _deliveries(request_id: str, answer: dict[bytes, bytes]) -> Iterator[Sealed]:
    for name, value in answer.items():
        yield Sealed(keys.DELIVERIES + request_id, name, delivery_of(name.decode()), value)


def _trace(trace_id: str, answer: bytes | None) -> Iterator[Sealed]:
    if answer is not None:  # it has expired
        yield Sealed(keys.TRACE + trace_id, b"", trace_of(trace_id), answer)


OF_STORE = (
    Place("api_keys", lambda _: ("HGETALL", keys.API_KEYS), _api_keys),
    Place("recipients", lambda _: ("HGETALL", keys.RECIPIENTS), _recipients),
)
"""What is there once."""

_OF_REQUEST = (
    Place("requests", lambda i: ("HMGET", keys.request(i), "version", *_FIELDS), _request),
    Place("versions", lambda i: ("HGETALL", keys.VERSIONS + i), _versions),
    Place("notes", lambda i: ("LRANGE", keys.NOTES + i, 0, -1), _notes),
    Place("deliveries", lambda i: ("HGETALL", keys.DELIVERIES + i), _deliveries),
)

OF_EACH: Sequence[tuple[str, Sequence[Place]]] = (
    (keys.INDEX, _OF_REQUEST),
    (keys.TRACES, (Place("traces", lambda i: ("GET", keys.TRACE + i), _trace),)),
)
"""What belongs to each member of an index, a sorted set whose newest members are the last."""
