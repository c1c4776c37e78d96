"""What a thief looks for who has a list of names and no key: every usual writing of each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote_plus

import numpy as np
from numpy.typing import NDArray

from folding import fold

DIGESTS = ("md5", "sha1", "sha256", "blake2b")
_HEAD = 8
"""Bytes by which a writing is looked for first: no writing is shorter."""
_CHUNK = 1 << 22


def writings(name: str) -> list[bytes]:
    """A name as it could stand somewhere: foldings, encodings, unkeyed digests whole or cut.

    What is too short to be more than chance is left out.
    """
    return [writing for writing in _writings(name) if len(writing) >= _HEAD]


def _writings(name: str) -> Iterator[bytes]:
    folded = fold(name).text
    first, _, last = name.rpartition(" ")
    forms = dict.fromkeys(
        (name, folded, name.upper(), name.casefold().replace(" ", ""), name.replace(" ", "_"),
         name.replace(" ", "-"), quote_plus(name), name.replace(" ", "%20"), f"{last}, {first}")
    )  # fmt: skip
    for form in forms:
        data = form.encode()
        yield from (
            data,
            form.encode("utf-16-le"),
            data.hex().encode(),
            data.hex().upper().encode(),
        )
        yield from _base64(data)
    for form in dict.fromkeys((name, folded, folded.replace(" ", ""))):
        for digest in _digests(form.encode()):
            yield digest[:_HEAD]
            yield digest.hex()[: 2 * _HEAD].encode()
            yield digest.hex()[: 2 * _HEAD].upper().encode()
            yield base64.b64encode(digest)[:10]
            yield base64.urlsafe_b64encode(digest)[:10]


def _digests(data: bytes) -> Iterator[bytes]:
    yield from (hashlib.new(name, data, usedforsecurity=False).digest() for name in DIGESTS)
    yield hashlib.blake2b(data, digest_size=_HEAD).digest()  # another length is another hash
    yield hashlib.blake2b(data, digest_size=32).digest()


def _base64(data: bytes) -> Iterator[bytes]:
    """A text in base64, wherever in a longer one it begins."""
    for shift, cut in ((0, 0), (1, 2), (2, 3)):
        coded = base64.b64encode(bytes(shift) + data).rstrip(b"=")
        yield coded[cut : len(coded) - ((len(data) + shift) % 3 > 0)]


@dataclass(frozen=True)
class Dictionary:
    """Some names, and all of their writings by how they begin."""

    names: Sequence[str]

    @cached_property
    def _heads(self) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
        heads = bytearray()
        owners: list[int] = []
        for number, name in enumerate(self.names):
            found = {writing[:_HEAD] for writing in writings(name)}
            heads += b"".join(found)
            owners += [number] * len(found)
        every = np.frombuffer(bytes(heads), "<u8")
        order = np.argsort(every)
        return every[order], np.array(owners, np.uint32)[order]

    @property
    def tried(self) -> int:
        """How many writings are looked for."""
        return len(self._heads[0])

    def found_in(self, text: bytes) -> set[str]:
        """The names of which a writing stands in some bytes."""
        found: set[str] = set()
        for begin in range(0, len(text), _CHUNK):
            piece = np.frombuffer(text, np.uint8)[begin : begin + _CHUNK + _HEAD - 1]
            if len(piece) >= _HEAD:
                found |= self._in_piece(piece, begin, text)
        return found

    def _in_piece(self, piece: NDArray[np.uint8], begin: int, text: bytes) -> set[str]:
        heads, owners = self._heads
        windows = np.lib.stride_tricks.sliding_window_view(piece, _HEAD)
        numbers = np.ascontiguousarray(windows).view("<u8").ravel()
        at = np.searchsorted(heads, numbers)
        hits = np.flatnonzero(
            (at < len(heads)) & (heads[np.minimum(at, len(heads) - 1)] == numbers)
        )
        found: set[str] = set()
        for place in hits.tolist():
            first, last = at[place], np.searchsorted(heads, numbers[place], "right")
            here = begin + place
            for owner in set(owners[first:last].tolist()):
                name = self.names[owner]
                if name not in found and any(text.startswith(w, here) for w in writings(name)):
                    found.add(name)
        return found
