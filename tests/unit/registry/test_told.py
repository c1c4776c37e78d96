"""What the ledger tells is what becomes of a request, whatever its life; anything else is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.amendment import Amendment
from gateway.registry.case import Case
from gateway.registry.errors import LedgerBroken
from gateway.registry.filing import Filing
from gateway.registry.models import Change, Draft, Record
from gateway.registry.status import ACTING, MOVES, Status
from gateway.registry.told import Told

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FILING = Filing.model_validate({"subject": {"name": "Mira Quell"}})
FIRST = (Status.IDENTITY_UNVERIFIED, Status.PENDING, Status.IN_PROGRESS)


def drafted(status: Status, provisional: bool = False) -> Draft:
    due = NOW + timedelta(days=30)
    return Draft("fr_1", FILING, b"rule", NOW, due, status=status, provisional=provisional)


def lived(draft: Draft, data: st.DataObject, told: Told) -> Record:
    """A record after some of the steps that it may take, as the registries take them."""
    told.take([Change(1, draft.kind, draft.id)])
    record = draft.recorded(1)
    for _ in range(data.draw(st.integers(0, 8))):
        next_ = [to for to, begin in MOVES.items() if record.status in begin]
        step = data.draw(st.sampled_from(["edit", "extend", "steer", "complete", *next_]))
        revision = told.revision + 1
        if step == "complete":
            if record.status in ACTING:
                record = replace(record, status=Status.COMPLETED)
            continue
        if step == "steer":
            kind: str | None = "steered"
            record = replace(record, revision=revision)
        else:
            amendment = {
                "edit": Amendment("amended", "key_1", Case(), filing=FILING, rule=b"another"),
                "extend": Amendment("extended", "key_1", Case(), due=NOW),
            }.get(step) or Amendment(step, "key_1", Case(), status=Status(step))
            kind = amendment.kind if amendment.revises(record) else None
            record = amendment.applied(record, revision if kind else record.revision)
        told.take([] if kind is None else [Change(revision, kind, record.id)])
    return record


@given(st.sampled_from(FIRST), st.booleans(), st.data())
def test_any_life(status: Status, provisional: bool, data: st.DataObject) -> None:
    told = Told(0)
    record = lived(drafted(status, provisional), data, told)
    point = told.of(record.id)
    assert point is not None
    assert point.fits(record)
    acting = {record.id: record} if record.enforced else {}
    told.check(acting, told.revision)
    other = Status.LIFTED if record.enforced else Status.IN_PROGRESS
    altered = replace(record, status=other)
    assert not point.fits(altered)
    with pytest.raises(LedgerBroken):
        told.check({altered.id: altered} if altered.enforced else {}, told.revision)
    for wrong in (record.revision - 1, record.revision + 1):
        assert not point.fits(replace(record, revision=wrong))
    assert not point.fits(replace(record, version=record.version + 1))


def test_what_changed_since_is_not_compared() -> None:
    """It is read at some moment after the revision that the rest is of, and followed from there."""
    told = Told(0)
    record = drafted(Status.IN_PROGRESS).recorded(1)
    told.take([Change(1, "filed", "fr_1"), Change(2, "lifted", "fr_1"), Change(3, "filed", "fr_2")])
    for records in ({}, {"fr_1": record}):
        told.check(records, 1)
    with pytest.raises(LedgerBroken):
        told.check({"fr_1": record}, 2)
    with pytest.raises(LedgerBroken, match="fr_3"):
        told.check({"fr_3": replace(record, id="fr_3")}, 1)


def test_schema_1_did_not_tell_whether_a_filing_waits() -> None:
    told = Told(unmarked=1)
    told.take([Change(1, "filed", "fr_1"), Change(2, "filed", "fr_2"), Change(3, "key", "key_1")])
    waiting = drafted(Status.PENDING).recorded(1)
    point = told.of("fr_1")
    assert point is not None
    assert point.fits(waiting)
    acting = replace(waiting, id="fr_2", revision=2, status=Status.IN_PROGRESS)
    told.check({"fr_2": acting}, 3)
    with pytest.raises(LedgerBroken, match="fr_2"):
        told.check({}, 3)
    for found in ([], ["key_1"]):
        told.check_keys(found, 3)


def test_api_keys() -> None:
    told = Told(0)
    told.take([Change(1, "key_created", "key_1"), Change(2, "key_created", "key_2")])
    told.take([Change(3, "key_revoked", "key_1")])
    told.check_keys(["key_2"], 3)
    told.check_keys(["key_1", "key_2"], 2)
    for found in ([], ["key_1", "key_2"], ["key_2", "key_3"]):
        with pytest.raises(LedgerBroken):
            told.check_keys(found, 3)


def test_changes_count_once_and_in_their_order() -> None:
    told = Told(0)
    changes = [Change(1, "filed", "fr_1"), Change(2, "amended", "fr_1")]
    told.take(changes)
    told.take(changes)
    told.take([Change(4, "amended", "fr_1")])
    point = told.of("fr_1")
    assert point is not None
    assert (point.version, told.revision) == (2, 2)
