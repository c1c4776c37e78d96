"""A registry that has been filled before a gateway starts on it.

Over HTTP a hundred thousand filings take ten minutes. Here they are written as a gateway would
write them, but for the embeddings of very many, which are made up (see `guards_world`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import redis.asyncio as redis
from numpy.typing import NDArray

from gateway.bench.guards_world import Embeddings
from gateway.bench.prompts import filing
from gateway.compiling import Compiler
from gateway.datakey import open_cipher
from gateway.encoder import Encoder
from gateway.registry.embedded import EmbeddedRedis
from gateway.registry.filing import Filing
from gateway.registry.models import Draft
from gateway.registry_open import open_registry
from gateway.settings_load import load_settings
from guards import dump_rule

_TRUE = 2_000
"""Filings whose embeddings are computed; of more they are made up from as many."""

_AT_ONCE = 64


async def fill(folder: Path, count: int, encoder: Encoder) -> None:
    """File `count` requests into the embedded registry of a data folder, which nobody uses yet."""
    settings = load_settings(data_dir=folder)
    cipher = open_cipher(settings)
    if count > _TRUE:
        encoder = _MadeUp(encoder, Embeddings(encoder, _TRUE))
    compiler = Compiler(encoder, cipher.derive("passages"))
    async with (
        open_registry(settings, cipher) as registry,
        redis.Redis.from_url(EmbeddedRedis(folder).url) as plain,
    ):
        await registry.open()
        await plain.config_set("appendfsync", "no")  # nothing here must outlive the machine
        for first in range(0, count, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, count))
            drafts = await asyncio.to_thread(_drafts, numbers, compiler)
            await asyncio.gather(*(registry.file(draft) for draft in drafts))


def _drafts(numbers: range, compiler: Compiler) -> list[Draft]:
    now, drafts = datetime.now(UTC), []
    for number in numbers:
        request_id, filed = f"fr_bench{number}", Filing.model_validate(filing(number))
        rule = dump_rule(compiler.compile(request_id, 1, filed))
        drafts.append(Draft(request_id, filed, rule, now, now))
    return drafts


@dataclass
class _MadeUp:
    """An encoder that draws its embeddings, and calls them the true one's."""

    true: Encoder
    embeddings: Embeddings

    def __post_init__(self) -> None:
        self.fingerprint = self.true.fingerprint
        self.dimension = self.true.dimension
        self.adapter = self.true.adapter

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.embeddings.draw(len(texts))
