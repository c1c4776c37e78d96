"""Who is told of what happens to forget requests, and what was delivered to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from gateway.registry.cipher import Cipher
from gateway.registry.filed import unreadable
from gateway.registry.places import delivery_of, recipient_of

Event = Literal[
    "filed",
    "pending",
    "approved",
    "in_progress",
    "completed",
    "amended",
    "extended",
    "paused",
    "lifted",
    "cancelled",
    "denied",
    "expired",
]
EVENTS: tuple[Event, ...] = get_args(Event)
"""What others are told of; the words are those of the audit."""

MAX_RECIPIENTS = 16
"""Each is told of five hundred completions at once, at times."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who has to follow: a store of passages, a cache, another gateway.

    `since` is the number of the audit's last entry when it was registered: it is told of what came
    after. `events` None: all. `previous` is the secret before the present one, with which is
    signed as well until `previous_until`. A `disabled` one has said that it is gone.
    """

    id: str
    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    created_time: datetime
    since: int = 0
    events: frozenset[Event] | None = None
    include_subject: bool = False
    disabled: bool = False
    previous: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one target, under the same id at every try.

    What it says is `body`, without subject and scope; those are read when it is sent. `url` is
    that of a filing's callback, kept while it waits; a recipient's is read when it is sent. Those
    of one `lane` (one target, one request) go out one after the other, and so many lanes of one
    `target` at a time.
    """

    id: str
    request_id: str
    event: Event
    sequence: int
    version: int
    host: str
    target: str
    lane: str
    body: dict[str, Any] = field(repr=False, default_factory=dict)
    recipient: str | None = None
    url: str | None = field(default=None, repr=False)
    state: Literal["waiting", "delivered", "given_up"] = "waiting"
    tries: int = 0
    last_status: int | None = None
    last_error: str | None = None
    last_time: datetime | None = None


_RECIPIENT = TypeAdapter(Recipient)
_DELIVERY = TypeAdapter(Delivery)
T = TypeVar("T")


def seal_recipient(recipient: Recipient, cipher: Cipher) -> bytes:
    """A recipient, sealed for its id."""
    return cipher.seal(_RECIPIENT.dump_json(recipient), recipient_of(recipient.id))


def open_recipient(recipient_id: str, sealed: bytes, cipher: Cipher) -> Recipient:
    """The recipient of `seal_recipient`; raises `Unreadable`."""
    packed = cipher.open_(sealed, recipient_of(recipient_id))
    return _read("A recipient of webhooks", _RECIPIENT, packed)


def seal_delivery(delivery: Delivery, cipher: Cipher) -> bytes:
    """A delivery, sealed for its id: nobody who can only write to Redis has something sent."""
    packed = _DELIVERY.dump_json(delivery, exclude_defaults=True)  # there are many
    return cipher.seal(packed, delivery_of(delivery.id))


def open_delivery(delivery_id: str, sealed: bytes, cipher: Cipher) -> Delivery:
    """The delivery of `seal_delivery`; raises `Unreadable`."""
    return _read("A delivery", _DELIVERY, cipher.open_(sealed, delivery_of(delivery_id)))


def _read(what: str, kind: TypeAdapter[T], packed: bytes) -> T:
    try:
        return kind.validate_json(packed)
    except ValidationError as error:
        raise unreadable(what, error) from None
