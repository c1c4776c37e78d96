from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import pytest

from gateway.pauses import let_go, uncollected
from guards import Filing, RuleSet, compile_rule
from tests.unit.guards.conftest import fake_encode


def test_the_collector_is_back_after_an_error() -> None:
    def fail() -> None:
        with uncollected():
            assert not gc.isenabled()
            raise ValueError("it broke")

    with pytest.raises(ValueError, match="broke"):
        fail()
    assert gc.isenabled()


def test_merged_segments_are_freed_piece_by_piece_without_the_collector() -> None:
    filings = [Filing(id=f"fr_{n}", name=f"Mira {chr(97 + n % 26) * n}") for n in range(3, 43)]
    whole = (replace(filing, whole_subject=True) for filing in filings)
    rules = RuleSet.build([compile_rule(filing, fake_encode, "fake") for filing in whole], 1)
    for filing in filings:
        rules = rules.without(filing.id, 2)
    compaction = rules.compacted()
    assert compaction is not None
    names = [weakref.ref(segment.names) for segment in compaction.merged]
    rules = rules.with_compacted(compaction)
    with uncollected():
        pieces = compaction.pieces()
        del compaction
        let_go(pieces)
        assert [name() for name in names] == [None]
