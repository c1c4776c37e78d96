"""Records and keys to bytes and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.case import Case, pack_case, unpack_case
from gateway.registry.cipher import Cipher
from gateway.registry.codec import (
    from_microseconds,
    open_key,
    pack_key,
    pack_record,
    read_values,
    seal_case,
    seal_key,
    seal_steering,
    sealed_texts,
    submission,
    to_microseconds,
    unpack_key,
    unpack_record,
)
from gateway.registry.delta import Delta, pack_delta, unpack_delta
from gateway.registry.errors import Unreadable
from gateway.registry.filed import filing_bytes, filing_from
from gateway.registry.filing import Filing
from gateway.registry.models import ApiKey, Record
from gateway.registry.status import Status

CIPHER = Cipher(bytes(32))
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).map(lambda t: f"a{t}b")
times = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@st.composite
def filings(draw: st.DrawFn) -> Filing:
    lists = st.lists(texts, max_size=3)
    return Filing.model_validate(
        {
            "subject": {"name": draw(texts), "aliases": draw(lists)},
            "scope": {
                "questions": draw(lists),
                "passages": draw(lists),
                "facts": [{"statement": draw(texts), "values": draw(lists)}],
                "whole_subject": draw(st.none() | st.booleans()),
            },
            "action": draw(st.sampled_from(["auto", "refuse", "suppress"])),
            "subject_request_id": draw(st.none() | st.uuids(version=4)),
        }
    )


cases = st.builds(
    Case,
    filed_by=texts,
    decided_by=st.none() | texts,
    reason=st.none() | texts,
    remark=st.none() | texts,
    extended=st.booleans(),
    hold=st.none() | st.just({"reason": "collateral", "blocked": 9}),
)
records = st.builds(
    Record,
    id=st.text("abc_123", min_size=1),
    version=st.integers(1, 9),
    revision=st.integers(1, 2**50),
    status=st.sampled_from(Status),
    filed=filings().map(filing_bytes),
    rule=st.binary(),
    received_time=times,
    expected_completion_time=times,
    completed_time=st.none() | times,
    steering=st.binary(),
    provisional=st.booleans(),
    case=cases.map(pack_case),
)
api_keys = st.builds(
    ApiKey,
    id=texts,
    name=texts,
    roles=st.frozensets(st.sampled_from(["client", "filer"])),
    digest=st.binary(),
    created_time=times,
    expires_time=st.none() | times,
    models=st.none() | st.frozensets(texts, max_size=3),
    requests_per_minute=st.none() | st.integers(1, 2**31),
)


@given(records)
def test_records_come_back(record: Record) -> None:
    assert unpack_record(pack_record(record)) == record


@given(api_keys)
def test_keys_come_back(key: ApiKey) -> None:
    assert unpack_key(pack_key(key)) == key
    assert open_key(key.id, seal_key(key, CIPHER), CIPHER) == key


@given(api_keys)
def test_a_key_of_an_older_version_is_read(key: ApiKey) -> None:
    fields = orjson.loads(pack_key(key))
    for name in ("expires_time", "models", "requests_per_minute"):
        del fields[name]
    plain = replace(key, expires_time=None, models=None, requests_per_minute=None)
    assert unpack_key(orjson.dumps(fields)) == plain


@given(st.lists(records, max_size=3), st.lists(texts), st.none() | st.lists(api_keys, max_size=2))
def test_changes_come_back(
    changed: list[Record], dropped: list[str], keys: list[ApiKey] | None
) -> None:
    known = None if keys is None else tuple(keys)
    delta = Delta("epoch", 7, tuple(changed), tuple(dropped), known, more=True)
    assert unpack_delta(pack_delta(delta)) == delta


@given(records)
def test_a_sealed_record_comes_back_in_its_place_alone(record: Record) -> None:
    filed, rule = sealed_texts(record.id, record.version, record.filing, record.rule, CIPHER)
    completed = record.completed_time
    values = [
        b"%d" % record.version,
        b"%d" % record.revision,
        record.status.encode(),
        b"%d" % to_microseconds(record.received_time),
        b"%d" % to_microseconds(record.expected_completion_time),
        None if completed is None else b"%d" % to_microseconds(completed),
        filed,
        rule,
        seal_steering(record, record.steering, CIPHER) if record.steering else None,
        b"1" if record.provisional else b"0",
        seal_case(record.id, unpack_case(record.case), CIPHER),
    ]
    assert read_values(record.id, values, CIPHER) == record
    with pytest.raises(Unreadable):
        read_values(record.id + "x", values, CIPHER)
    with pytest.raises(Unreadable):
        read_values(record.id, [*values[:6], rule, filed, *values[8:]], CIPHER)


@given(filings(), filings())
def test_filings_come_back_and_equal_bytes_mean_equal_filings(one: Filing, two: Filing) -> None:
    assert filing_from(filing_bytes(one)) == one
    assert (filing_bytes(one) == filing_bytes(two)) == (one == two)


def test_defaults_are_left_out() -> None:
    # Or a field that a later version adds would make a repeated submission look changed.
    filing = Filing.model_validate({"subject": {"name": "Mira Quell"}, "regulation": "gdpr"})
    assert filing_bytes(filing) == b'{"subject":{"name":"Mira Quell"}}'


@given(filings())
def test_a_submission_says_nothing(filing: Filing) -> None:
    lookup, content = submission(filing, CIPHER)
    assert (lookup == "") == (filing.subject_request_id is None)
    assert len(content) == 64
    assert str(filing.subject_request_id) not in lookup


@given(times)
def test_times_keep_their_microseconds(time: datetime) -> None:
    assert from_microseconds(to_microseconds(time)) == time


def test_times_of_other_zones_become_utc() -> None:
    time = datetime(2026, 1, 1, 3, tzinfo=timezone(timedelta(hours=3)))
    assert from_microseconds(to_microseconds(time)).isoformat() == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("packed", [b"", b"\0\0\0\x02{}", b"\xff" * 9, b"\0\0\0\x02[]"])
def test_garbage_is_unreadable(packed: bytes) -> None:
    with pytest.raises(Unreadable):
        unpack_record(packed)
    with pytest.raises(Unreadable):
        unpack_key(packed[4:])
    with pytest.raises(Unreadable):
        unpack_delta(packed)


def test_the_error_quotes_nobody() -> None:
    now = datetime.now(UTC)
    filed = b'{"subject":{"nam_":"Ann"}}'
    record = Record("fr_1", 1, 1, Status.LIFTED, filed, b"", now, now)
    with pytest.raises(Unreadable) as error:
        _ = unpack_record(pack_record(record)).filing
    assert "Ann" not in str(error.value)
    assert error.value.__suppress_context__
