"""The encoder as a gateway uses it: with its adapter, and a memory of what was seen lately."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import islice
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from gateway.encoder import Encoder, EncoderError
from gateway.encoder_load import load_encoder
from gateway.settings import Settings
from guards import GuardError
from guards.meaning.adapter import RAW, Adapter, shipped_adapter

Row = NDArray[np.float32]

_KEPT = 4096
"""Embeddings that are kept, 1.5 KiB each of the packaged encoder: many chats repeat a system
prompt or a question."""

_TOGETHER = 8
"""Texts that are embedded before the first of them is given to who waits for it."""


def open_encoder(settings: Settings) -> CachedEncoder:
    """The encoder and the adapter that the settings name; seconds, so call it in a thread.

    The shipped adapter was trained for the packaged encoder: another one goes without, unless the
    settings name one for it. Raises `EncoderError`.
    """
    encoder = load_encoder(settings.encoder, settings.caches)
    try:
        if settings.adapter is not None:
            adapter = Adapter.load(settings.adapter)
        else:
            adapter = RAW if settings.encoder else shipped_adapter()
    except GuardError as error:
        raise EncoderError(f"LETHE_ADAPTER: {error}; train it anew or leave it out.") from error
    if adapter.matrix is not None and len(adapter.matrix) != encoder.dimension:
        raise EncoderError(
            f"LETHE_ADAPTER: it is for embeddings of {len(adapter.matrix)} dimensions, the encoder "
            f"has {encoder.dimension}; train one for it, or leave it out."
        )
    return CachedEncoder(encoder, adapter)


class CachedEncoder:
    """An encoder with its adapter that remembers its last embeddings, to the bit. Thread-safe.

    Texts are known by a keyed digest only. Of threads that ask for one text at once, one embeds
    it and the others wait.
    """

    def __init__(self, encoder: Encoder, adapter: Adapter = RAW) -> None:
        self.adapter = adapter
        self.fingerprint = f"{encoder.fingerprint}-{adapter.fingerprint}"
        self.dimension = encoder.dimension
        self._encoder = encoder
        self._key = secrets.token_bytes(16)
        self._lock = Lock()
        self._kept: OrderedDict[bytes, Row] = OrderedDict()
        self._pending: dict[bytes, Future[Row]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings of n texts, shape (n, dimension), unit norm. Raises what the encoder does."""
        digests = [self._digest(text) for text in texts]
        rows: dict[bytes, Row] = {}
        elsewhere: dict[bytes, Future[Row]] = {}
        mine: dict[bytes, str] = {}
        with self._lock:
            for digest, text in zip(digests, texts, strict=True):
                if (row := self._kept.get(digest)) is not None:
                    self._kept.move_to_end(digest)
                    rows[digest] = row
                elif digest in mine:
                    continue
                elif (future := self._pending.get(digest)) is not None:
                    elsewhere[digest] = future
                else:
                    self._pending[digest] = Future()
                    mine[digest] = text
        # One's own first: whoever waits for others owes nothing any more.
        rows |= self._embedded(mine)
        rows |= {digest: future.result() for digest, future in elsewhere.items()}
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        return np.stack([rows[digest] for digest in digests])

    def _embedded(self, texts: dict[bytes, str]) -> dict[bytes, Row]:
        """The embeddings of texts that were announced as pending."""
        rows: dict[bytes, Row] = {}
        remaining = iter(texts)
        try:
            while some := list(islice(remaining, _TOGETHER)):
                vectors = self._encoder.encode([texts[digest] for digest in some])
                for digest, vector in zip(some, vectors, strict=True):
                    rows[digest] = vector.copy()
                    self._keep(digest, rows[digest])
        except BaseException as error:
            with self._lock:
                for digest in texts.keys() - rows.keys():
                    self._pending.pop(digest).set_exception(error)
            raise
        return rows

    def _keep(self, digest: bytes, row: Row) -> None:
        with self._lock:
            self._kept[digest] = row
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            self._pending.pop(digest).set_result(row)

    def _digest(self, text: str) -> bytes:
        data = text.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, digest_size=16, key=self._key).digest()
