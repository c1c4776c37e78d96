"""From the audit to bodies and targets, and from attempts to the next: pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.opendsr import REQUEST_STATUS
from gateway.registry.amendment import Amendment
from gateway.registry.audit import Entry
from gateway.registry.hooks import (
    EVENTS,
    Delivery,
    Recipient,
    open_delivery,
    open_recipient,
    seal_delivery,
    seal_recipient,
)
from gateway.registry.models import Record
from gateway.registry.redis_deliveries import Told
from gateway.registry.status import MOVES, Status
from gateway.webhooks.events import deliveries_of, happenings
from gateway.webhooks.making import together
from gateway.webhooks.retrying import DELAYS_S, after
from gateway.webhooks.sending import Outcome
from tests.integration.registry.support import CIPHER, draft

NOW = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
WAITING = Delivery("msg_1", "fr_1", "filed", 1, 1, "a.example", "t", "fr_1:x", {"a": 1}, url="u")


def told(action: str, number: int = 7, **details: Any) -> Told:
    entry = Entry(number, "2031-02-03T04:05:06.000Z", "key", action, "fr_1", 1, 5, details, "")
    return Told(entry, f"{number:064x}")


def record(**filed: Any) -> Record:
    return replace(draft(**filed), id="fr_1").recorded(5)


def test_every_way_to_move_a_request_is_told() -> None:
    for to in (*MOVES, Status.COMPLETED):
        assert to.value in EVENTS
    assert set(REQUEST_STATUS) == set(Status)


@pytest.mark.parametrize("action", ["steered", "noted", "key_created", "webhook_delivered", "…"])
def test_what_changes_no_status_is_not_told(action: str) -> None:
    assert list(happenings(told(action, to="lifted"))) == []


def test_a_deed_of_an_amendment_can_be_told() -> None:
    amendment = Amendment("paused", "key", record().decided, status=Status.PAUSED)
    entry = told("paused", **amendment.deed(record()).details)
    (happening,) = happenings(entry)
    assert (happening.event, happening.status) == ("paused", Status.PAUSED)


def ids(told_of: Told, held: Record, *recipients: Recipient) -> list[tuple[str, str]]:
    (happening,) = happenings(told_of)
    made = deliveries_of(
        happening, held, 1, held.filing, recipients=recipients, lookup=CIPHER.lookup
    )
    return [(each.id, each.lane) for each in made]


def test_ids_follow_from_entry_and_target() -> None:
    urls = ["https://a.example/x", "https://a.example/y", "https://a.example/x"]
    held = record(status_callback_urls=urls)
    store = Recipient("rcp_1", "", "https://b.example/", "whsec_", NOW)
    gone = replace(store, id="rcp_2", disabled=True)
    late = replace(store, id="rcp_3", since=7)
    deaf = replace(store, id="rcp_4", events=frozenset({"completed"}))
    first = ids(told("paused", to="paused"), held, store, gone, late, deaf)
    assert first == ids(told("paused", to="paused"), held, store, gone, late, deaf)
    assert len({name for name, _ in first}) == len(first) == 3
    other = ids(told("paused", 8, to="paused"), held, store)
    assert {lane for _, lane in other} == {lane for _, lane in first}
    assert not {name for name, _ in other} & {name for name, _ in first}


@given(
    st.lists(st.one_of(st.integers(100, 599), st.sampled_from(["timeout", "unreachable"]))),
    st.floats(0, 1, exclude_max=True),
)
def test_a_delivery_ends_after_ten_attempts_at_the_latest(
    answers: list[int | str], chance: float
) -> None:
    delivery, waited = WAITING, timedelta()
    for number, answer in enumerate([*answers, *["timeout"] * 10], start=1):
        outcome = Outcome(answer) if isinstance(answer, int) else Outcome(error=answer)
        delivery, delay = after(delivery, outcome, NOW, chance)
        assert delivery.tries == number
        if delay is None:
            break
        assert delivery.state == "waiting"
        assert timedelta(seconds=5) <= delay < timedelta(hours=29)
        waited += delay
    assert delivery.tries <= 10 == len(DELAYS_S) + 1
    assert waited < timedelta(days=4)
    last = delivery.last_status
    assert (delivery.state == "delivered") == (last is not None and 200 <= last < 300)
    assert delivery.state != "waiting"
    assert (delivery.url, delivery.body) == (None, {})


@pytest.mark.parametrize(
    "outcome", [Outcome(410), Outcome(error="removed"), Outcome(error="disabled")]
)
def test_what_nobody_will_take_is_given_up_at_once(outcome: Outcome) -> None:
    delivery, delay = after(WAITING, outcome, NOW, 0.5)
    assert (delivery.state, delay) == ("given_up", None)


def test_what_is_kept_comes_back_and_tells_no_secret() -> None:
    tried, _ = after(WAITING, Outcome(500), NOW, 0.5)
    assert open_delivery("msg_1", seal_delivery(tried, CIPHER), CIPHER) == tried
    store = Recipient(
        "rcp_1", "RAG", "https://b.example/hidden", "whsec_x", NOW,
        events=frozenset({"lifted"}), previous="whsec_y", previous_until=NOW,
    )  # fmt: skip
    assert open_recipient("rcp_1", seal_recipient(store, CIPHER), CIPHER) == store
    assert "whsec" not in repr(store)
    assert "hidden" not in repr(store)
    assert "'u'" not in repr(WAITING)


def test_few_entries_that_tell_of_many_requests_are_looked_at_together() -> None:
    many = [told("completed", n, ids=[f"fr_{n}_{i}" for i in range(500)]) for n in range(1, 201)]
    assert [len(of_entry) for of_entry in together(many)] == [500] * 4
    huge = told("completed", 1, ids=[f"fr_{i}" for i in range(5_000)])
    assert [len(of_entry) for of_entry in together([huge, *many])] == [5_000]
    few = [told("log_in", n) for n in range(1, 4)]
    assert together(few) == [[], [], []]
