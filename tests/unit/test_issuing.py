"""What may be ordered of API keys, and who may give what."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.access import BOOTSTRAP, OPEN, Caller, new_key
from gateway.errors import Forbidden, InvalidRequest
from gateway.issuing import check_grant, expiry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90d", NOW + timedelta(days=90)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
        ("2026-03-01T12:00:01Z", NOW + timedelta(seconds=1)),
    ],
)
def test_days_and_dates(text: str, time: datetime) -> None:
    assert expiry(text, NOW) == time


@pytest.mark.parametrize(
    "text",
    ["", "0d", "-1d", "90", "90 d", "1٣d", "soon", "2026-03-01", "2026-03-01T12:00:00Z", "9999d",
     "9999-12-31", "0001-01-01T00:00:00+14:00", "2027-02-30"],
)  # fmt: skip
def test_what_is_no_time_to_come_says_the_way_out(text: str) -> None:
    with pytest.raises(InvalidRequest, match="90d") as caught:
        expiry(text, NOW)
    assert caught.value.param == "expires"


@given(st.text(max_size=40))
def test_any_text_is_a_time_to_come_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidRequest):
        assert expiry(text, NOW) > NOW


def maker(**limits: object) -> Caller:
    key, _ = new_key("maker", frozenset({"operator", "filer"}), b"k", **limits)  # type: ignore[arg-type]
    return Caller(key.id, key.roles, key)


@pytest.mark.parametrize("caller", [BOOTSTRAP, OPEN, maker()])
def test_what_the_maker_has_can_be_given(caller: Caller) -> None:
    key, _ = new_key("new", frozenset({"filer"}), b"k")
    check_grant(key, caller)


@pytest.mark.parametrize(
    ("limits", "ordered", "param"),
    [
        ({}, {"roles": frozenset({"filer", "approver"})}, "roles"),
        ({"expires_time": NOW}, {}, "expires"),
        ({"expires_time": NOW}, {"expires_time": NOW + timedelta(days=1)}, "expires"),
        ({"models": frozenset({"a"})}, {}, "models"),
        ({"models": frozenset({"a"})}, {"models": frozenset({"a", "b"})}, "models"),
    ],
)
def test_a_key_gives_no_more_than_it_has(
    limits: dict[str, object], ordered: dict[str, object], param: str
) -> None:
    asked: dict[str, object] = {"roles": frozenset({"filer"}), **ordered}
    key, _ = new_key("new", hash_key=b"k", **asked)  # type: ignore[arg-type]
    with pytest.raises(Forbidden) as caught:
        check_grant(key, maker(**limits))
    assert caught.value.param == param


def test_a_part_of_it_can_be_given() -> None:
    key, _ = new_key("new", frozenset({"filer"}), b"k", expires_time=NOW, models=frozenset({"a"}))
    check_grant(key, maker(expires_time=NOW, models=frozenset({"a", "b"})))
