"""Adding requests while a reader judges prompts: what each costs, and how long readers wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.bench.guards_world import prompts
from gateway.encoder import Encoder
from guards import Conversation, Filing, RuleSet, compile_rule, screen

_PAUSE_S = 0.01
"""Between two filings, so that the reader is met in all its stages."""

_USUAL = 1_000
"""Verdicts that are timed before anything is added."""


@dataclass(slots=True)
class Timed:
    """Seconds of: whole filings, their indexing alone, verdicts alone, verdicts beside filings."""

    filed: list[float] = field(default_factory=list)
    indexed: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)


def add_while_reading(ruled: RuleSet, filings: Sequence[Filing], encoder: Encoder) -> Timed:
    """Compile and add filings one after the other, as the registry's ledger brings them.

    The reader's prompts get made-up embeddings: a forward varies by more than readers wait.
    """
    timed = Timed()
    newest = [ruled]
    into = [timed.usual]
    stop = threading.Event()
    made_up = encoder.encode([f"Sentence {number}." for number in range(64)])

    def read() -> None:
        for text in prompts(10**9, seed=2):
            if stop.is_set():
                return
            said = Conversation.of(text)
            began = time.perf_counter()
            screen(said, newest[0], lambda texts: made_up[: len(texts)])
            into[0].append(time.perf_counter() - began)

    reader = threading.Thread(target=read, name="reader")
    reader.start()
    try:
        while len(timed.usual) < _USUAL and reader.is_alive():
            time.sleep(_PAUSE_S)
        into[0] = timed.beside
        for revision, filing in enumerate(filings, ruled.revision + 1):
            began = time.perf_counter()
            rule = compile_rule(filing, encoder.encode, encoder.fingerprint, encoder.adapter)
            compiled = time.perf_counter()
            newest[0] = newest[0].with_rule(rule, revision)
            ended = time.perf_counter()
            timed.filed.append(ended - began)
            timed.indexed.append(ended - compiled)
            time.sleep(_PAUSE_S)
    finally:
        stop.set()
        reader.join()
    return timed
