"""An export of the audit shows itself what was done to it, to anybody, without Lethe."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.audit.check import check
from gateway.audit.export import AuditExport
from gateway.audit.heads import read_head, signed_head
from gateway.registry.audit import Deed, Head, genesis, link
from gateway.registry.errors import AuditBroken
from gateway.registry.memory import MemoryRegistry
from gateway.signing import Signer

SIGNER, FORGER = Signer(bytes(32)), Signer(b"f" * 32)
EPOCH = str(UUID(int=7))

deeds = st.builds(
    Deed,
    st.sampled_from(["filed", "lifted", "noted"]),
    st.sampled_from(["key_1", "bootstrap"]),
    st.none() | st.just("fr_1"),
    st.none() | st.integers(1, 3),
    st.dictionaries(st.sampled_from(["reason", "count"]), st.integers(0, 9), max_size=2),
)
histories = st.lists(deeds, min_size=2, max_size=8)


def chained(done: Sequence[Deed], epoch: str = EPOCH) -> tuple[list[bytes], list[Head]]:
    """Lines, and the head after each; the first is the beginning."""
    lines, heads = [], [genesis(epoch)]
    for deed in done:
        line, head = link(deed, 1, heads[-1])
        lines.append(line)
        heads.append(head)
    return lines, heads


def exported(done: Sequence[Deed], epoch: str = EPOCH) -> list[bytes]:
    lines, heads = chained(done, epoch)
    return [*lines, signed_head(epoch, heads[-1], SIGNER).line]


@given(histories)
def test_what_nobody_touched_is_whole(done: list[Deed]) -> None:
    found = check(exported(done), public_key=SIGNER.public_key)
    assert found.entries == len(done)
    assert found.signed is not None
    assert found.signed.epoch == EPOCH
    assert (found.first and found.first.number, found.last and found.last.number) == (1, len(done))


@given(histories, st.data())
def test_any_altered_byte_is_found(done: list[Deed], data: st.DataObject) -> None:
    lines = exported(done)
    at = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[at]) - 1))
    other = data.draw(st.integers(0, 255))
    assume(other != lines[at][place])
    lines[at] = lines[at][:place] + bytes([other]) + lines[at][place + 1 :]
    with pytest.raises(AuditBroken):
        check(lines, public_key=SIGNER.public_key)


@given(histories, st.data())
def test_any_line_that_is_dropped_is_found(done: list[Deed], data: st.DataObject) -> None:
    lines = exported(done)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    with pytest.raises(AuditBroken):
        check(lines)


@given(histories, st.data())
def test_any_two_lines_that_change_places_are_found(done: list[Deed], data: st.DataObject) -> None:
    lines = exported(done)
    one, two = data.draw(
        st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True)
    )
    lines[one], lines[two] = lines[two], lines[one]
    with pytest.raises(AuditBroken):
        check(lines)


@given(histories, st.data())
def test_any_line_that_is_repeated_or_put_in_is_found(
    done: list[Deed], data: st.DataObject
) -> None:
    lines = exported(done)
    strange = exported(done, str(UUID(int=9)))[:-1]
    put = data.draw(st.sampled_from([*lines[:-1], *strange, b"", b"{}", b"null", b"\xff"]))
    lines.insert(data.draw(st.integers(0, len(lines))), put)
    with pytest.raises(AuditBroken):
        check(lines)


@given(histories, st.data())
def test_a_cut_tail_is_found_by_the_signed_head(done: list[Deed], data: st.DataObject) -> None:
    lines = exported(done)
    left = data.draw(st.integers(1, len(done) - 1))
    with pytest.raises(AuditBroken, match=r"missing|ends with"):
        check([*lines[:left], lines[-1]])
    with pytest.raises(AuditBroken, match="end of the export is missing"):
        check(lines[:left])


@given(histories)
def test_entries_of_another_ledger_are_found(done: list[Deed]) -> None:
    lines, heads = chained(done, str(UUID(int=9)))
    with pytest.raises(AuditBroken, match="another ledger"):
        check([*lines, signed_head(EPOCH, heads[-1], SIGNER).line])


@given(histories, histories, st.data())
def test_a_head_that_was_kept_shows_what_was_rewritten(
    done: list[Deed], other: list[Deed], data: st.DataObject
) -> None:
    lines, heads = chained(done)
    kept = heads[data.draw(st.integers(0, len(done)))]
    check([*lines, signed_head(EPOCH, heads[-1], SIGNER).line], kept=kept)
    rewritten, anew = chained(other)
    assume(kept not in anew)
    with pytest.raises(AuditBroken):
        check([*rewritten, signed_head(EPOCH, anew[-1], SIGNER).line], kept=kept)


@given(histories, st.data())
def test_exports_that_go_on_from_each_other_are_one(done: list[Deed], data: st.DataObject) -> None:
    lines, heads = chained(done)
    until = data.draw(st.integers(0, len(done)))
    begin = [*lines[:until], signed_head(EPOCH, heads[until], SIGNER).line]
    rest = [*lines[until:], signed_head(EPOCH, heads[-1], SIGNER).line]
    assert check([*begin, *rest]).entries == len(done)
    assert check(rest, kept=heads[until]).entries == len(done) - until
    if until:
        with pytest.raises(AuditBroken, match="are missing"):
            check(rest)
    if until != len(done):
        wrong = Head(heads[until].number, "0" * 64)
        with pytest.raises(AuditBroken):
            check(rest, kept=wrong)


def test_a_head_that_somebody_else_signed() -> None:
    lines, heads = chained([Deed("filed", "key_1")])
    forged = [*lines, signed_head(EPOCH, heads[-1], FORGER).line]
    check(forged)  # nobody said whose key it is
    with pytest.raises(AuditBroken, match="another key"):
        check(forged, public_key=SIGNER.public_key)
    borrowed = orjson.loads(forged[-1]) | {"public_key": SIGNER.public_key}
    with pytest.raises(AuditBroken, match="not signed"):
        read_head(orjson.dumps(borrowed))


def test_an_export_that_broke_off_says_why() -> None:
    lines = exported([Deed("filed", "key_1")])
    error = {"error": {"message": "Redis cannot be reached.", "type": "x", "param": None}}
    with pytest.raises(AuditBroken, match="not finished: Redis cannot be reached"):
        check([lines[0], orjson.dumps(error)])


def test_a_ledger_without_an_entry() -> None:
    assert check([signed_head(EPOCH, genesis(EPOCH), SIGNER).line]).entries == 0
    with pytest.raises(AuditBroken, match="another ledger"):
        check([signed_head(EPOCH, Head(0, "0" * 64), SIGNER).line])
    with pytest.raises(AuditBroken):
        check([])


async def test_an_export_of_which_the_end_is_cut_meanwhile_breaks_off() -> None:
    registry = MemoryRegistry()
    for _ in range(300):
        await registry.log(Deed("exported", "key_1"))
    lines = AuditExport(registry, SIGNER).lines()
    block = await anext(lines)
    del registry._audit[block.count(b"\n") :]
    (last,) = [line async for line in lines]
    assert b"is missing" in last
    with pytest.raises(AuditBroken, match="not finished"):
        check([*block.splitlines(), last.rstrip()])
