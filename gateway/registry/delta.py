"""What changed from one state to the next, as bytes: a frame of the snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from gateway.registry.codec import pack_key, pack_record, unpack_key, unpack_record
from gateway.registry.filed import unreadable
from gateway.registry.models import ApiKey, Record, State

_LENGTH_BYTES = 4
_PART_BYTES = 2**20
"""Of records, from which a whole state is told in another part: so much is in memory twice."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Records that are new or have changed, the ids of those that are enforced no more.

    `keys` are all API keys, None where they are those of before. `more` says that this is only a
    part: the state is whole with the first delta that says otherwise.
    """

    epoch: str
    revision: int
    records: tuple[Record, ...] = field(default=(), repr=False)
    dropped: tuple[str, ...] = ()
    keys: tuple[ApiKey, ...] | None = None
    more: bool = False

    @property
    def size(self) -> int:
        """Bytes of the records, about."""
        return sum(map(_size, self.records))


def whole(state: State) -> Iterator[Delta]:
    """A state, told as changes of an empty one, in parts."""
    part: list[Record] = []
    size = 0
    for record in state.records:
        if size > _PART_BYTES:
            yield Delta(state.epoch, state.revision, tuple(part), more=True)
            part, size = [], 0
        part.append(record)
        size += _size(record)
    yield Delta(state.epoch, state.revision, tuple(part), keys=state.keys)


def pack_delta(delta: Delta) -> bytes:
    """A delta as one run of bytes, not encrypted: length of the head, head, keys, records."""
    keys = [pack_key(key) for key in delta.keys or ()]
    records = [pack_record(record) for record in delta.records]
    head = orjson.dumps(
        {
            "epoch": delta.epoch,
            "revision": delta.revision,
            "dropped": delta.dropped,
            "more": delta.more,
            "keys": None if delta.keys is None else [len(key) for key in keys],
            "records": [len(record) for record in records],
        }
    )
    return b"".join((len(head).to_bytes(_LENGTH_BYTES, "big"), head, *keys, *records))


def unpack_delta(packed: bytes) -> Delta:
    """The delta of `pack_delta`; raises `Unreadable`."""
    begin = _LENGTH_BYTES + int.from_bytes(packed[:_LENGTH_BYTES], "big")
    try:
        head = orjson.loads(packed[_LENGTH_BYTES:begin])
        pieces = _pieces(packed, begin, [*(head["keys"] or ()), *head["records"]])
        keys = tuple(unpack_key(next(pieces)) for _ in head["keys"] or ())
        return Delta(
            epoch=head["epoch"],
            revision=head["revision"],
            records=tuple(map(unpack_record, pieces)),
            dropped=tuple(head["dropped"]),
            keys=None if head["keys"] is None else keys,
            more=head["more"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise unreadable("A set of changes", error) from None


def _size(record: Record) -> int:
    return len(record.filed) + len(record.rule) + len(record.steering)


def _pieces(packed: bytes, begin: int, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield packed[begin : begin + size]
        begin += size
