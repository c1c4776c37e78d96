"""The sample of ordinary use that every filing is tried on, made ready once."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from gateway.compiling import Compiler
from gateway.durable import create_once, make_folder
from gateway.encoder import Encoder
from guards.collateral import Collateral, Sample, windows_of
from guards.rule import Rule, Vectors
from guards.ruleset import RuleSet

log = logging.getLogger(__name__)


class Sampling:
    """Tries rules on the retained prompts and on ordinary answers that come with Lethe.

    The embeddings of the prompts take seconds: they are made in the background after `start`, and
    kept in a file of the cache folder.
    """

    def __init__(self, prompts: Sequence[str], compiler: Compiler, caches: Path) -> None:
        self._prompts = prompts
        self._compiler = compiler
        self._caches = caches
        self._making: asyncio.Task[Sample] | None = None

    def start(self) -> None:
        """Make the sample ready from now on."""
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._made))

    async def stop(self) -> None:
        """Do not wait for the sample any more."""
        if self._making is not None:
            self._making.cancel()
            await asyncio.gather(self._making, return_exceptions=True)

    async def touched_by(self, rule: Rule, rules: RuleSet) -> Collateral:
        """What a rule would touch of the sample beside other rules; milliseconds for most rules."""
        if self._making is None or (self._making.done() and self._making.exception() is not None):
            self._making = None
            self.start()
        assert self._making is not None  # noqa: S101  # it was started just now
        sample = await asyncio.shield(self._making)
        return await asyncio.to_thread(sample.touched_by, rule, rules)

    def _made(self) -> Sample:
        encoder = self._compiler.encoder
        vectors = kept_vectors(windows_of(self._prompts), encoder, self._caches)
        replies = ordinary_replies()
        return Sample(
            self._prompts,
            replies,
            vectors,
            encode=encoder.encode,
            adapter=encoder.adapter,
            key=self._compiler.key,
        )


def ordinary_replies() -> tuple[str, ...]:
    """Sentences of ordinary answers, which come with Lethe."""
    text = files("gateway").joinpath("data/ordinary_replies.txt").read_text("utf-8")
    return tuple(text.splitlines())


def kept_vectors(texts: Sequence[str], encoder: Encoder, folder: Path) -> Vectors:
    """The embeddings of some texts that are no secret, from a file or made and kept there."""
    digest = hashlib.blake2b(encoder.fingerprint.encode(), digest_size=12)
    for text in texts:
        digest.update(len(text).to_bytes(8, "big") + text.encode("utf-8", "surrogatepass"))
    path = folder / "samples" / f"{digest.hexdigest()}.f4"
    shape = len(texts), encoder.dimension
    with contextlib.suppress(OSError):
        kept = np.fromfile(path, "<f4")
        if kept.size == shape[0] * shape[1] and np.isfinite(kept).all():
            return kept.reshape(shape)
        path.unlink()
    vectors = encoder.encode(texts)
    try:
        make_folder(path.parent)
        create_once(path, vectors.astype("<f4").tobytes())
    except OSError as error:  # it is made again at the next start
        log.warning("The sample of ordinary prompts cannot be kept: %s", error.strerror)
    return vectors
