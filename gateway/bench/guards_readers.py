"""Adding and merging requests while a reader judges prompts: what each costs, and who waits."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.bench.guards_world import prompts
from gateway.bench.report import percentile
from gateway.encoder import Encoder
from gateway.pauses import let_go, uncollected
from guards import Conversation, Filing, RuleSet, compile_rule, screen
from guards.segments import Compaction, Segment

_PAUSE_S = 0.01
"""Between two filings, so that the reader is met in all its stages."""

_USUAL = 1_000
"""Verdicts that are timed before anything else is done."""


@dataclass(slots=True)
class Timed:
    """Seconds of: whole filings, their indexing alone, verdicts alone, verdicts beside work.

    `merged` is what a merge of all rules took.
    """

    filed: list[float] = field(default_factory=list)
    indexed: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    merged: float = 0.0

    def waits(self) -> dict[str, float]:
        """How long verdicts take alone, and beside work, as a report tells it."""
        usual, longest = percentile(self.usual, 50), percentile(self.beside, 100)
        return {
            "reader_usual_p50_ms": usual,
            "reader_usual_max_ms": percentile(self.usual, 100),
            "reader_p99_ms": percentile(self.beside, 99),
            "reader_max_ms": longest,
            "reader_longest_wait_ms": round(max(0.0, longest - usual), 3),
        }


class _Read:
    """The newest rule set, as the reader finds it."""

    def __init__(self, newest: RuleSet) -> None:
        self.newest = newest


def add_while_reading(ruled: RuleSet, filings: Sequence[Filing], encoder: Encoder) -> Timed:
    """Compile and add filings one after the other, as the registry's ledger brings them.

    What they leave to be merged is merged in a thread of its own, as in a gateway.
    """
    timed = Timed()
    stop = threading.Event()
    swapping = threading.Lock()

    def merge() -> None:
        while not stop.wait(_PAUSE_S):
            with uncollected():
                found = read.newest.compacted()
            if found is not None:
                with swapping:
                    read.newest = read.newest.with_compacted(found)

    with _reading(ruled, encoder, timed) as read:
        merger = threading.Thread(target=merge, name="merge")
        merger.start()
        try:
            for revision, filing in enumerate(filings, ruled.revision + 1):
                began = time.perf_counter()
                rule = compile_rule(filing, encoder.encode, encoder.fingerprint, encoder.adapter)
                compiled = time.perf_counter()
                with swapping:
                    read.newest = read.newest.with_rule(rule, revision)
                ended = time.perf_counter()
                timed.filed.append(ended - began)
                timed.indexed.append(ended - compiled)
                time.sleep(_PAUSE_S)
        finally:
            stop.set()
            merger.join()
    return timed


def merge_while_reading(ruled: RuleSet, encoder: Encoder) -> Timed:
    """Merge all rules into one segment, judge by it, and free it again."""
    timed = Timed()
    with _reading(ruled, encoder, timed) as read:
        began = time.perf_counter()
        with uncollected():
            segment = Segment.of(tuple(ruled.rules.values()))
            gc.freeze()
        read.newest = ruled.with_compacted(Compaction(frozenset(ruled.segments), segment))
        timed.merged = time.perf_counter() - began
        time.sleep(_PAUSE_S)
        read.newest = ruled
        pieces = Compaction(frozenset({segment}), None).pieces()
        del segment
        time.sleep(_PAUSE_S)
        let_go(pieces)
    return timed


@contextmanager
def _reading(ruled: RuleSet, encoder: Encoder, timed: Timed) -> Iterator[_Read]:
    """Have prompts judged by the newest rule set: for a while alone, then beside what is done.

    Their embeddings are made up: a forward varies by more than readers wait.
    """
    read = _Read(ruled)
    into = [timed.usual]
    stop = threading.Event()
    made_up = encoder.encode([f"Sentence {number}." for number in range(64)])

    def judge() -> None:
        for text in prompts(10**9, seed=2):
            if stop.is_set():
                return
            said = Conversation.of(text)
            began = time.perf_counter()
            screen(said, read.newest, lambda texts: made_up[: len(texts)])
            into[0].append(time.perf_counter() - began)

    reader = threading.Thread(target=judge, name="reader")
    reader.start()
    try:
        while len(timed.usual) < _USUAL and reader.is_alive():
            time.sleep(_PAUSE_S)
        into[0] = timed.beside
        yield read
    finally:
        stop.set()
        reader.join()
