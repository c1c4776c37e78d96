"""Filing and lifting over HTTP while the registry fails at the worst moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import httpx
import orjson
import pytest
import pytest_asyncio

from gateway.access import Access, new_key
from gateway.admin import following
from gateway.app import create_app
from gateway.caller import Caller
from gateway.compiling import Compiler
from gateway.enforcement import Enforcer
from gateway.engines.steering import Steering
from gateway.errors import RegistryUnavailable
from gateway.housekeeping import expire
from gateway.intents import CONTACT, ForgetIntents
from gateway.layers import Layers
from gateway.monitor import FalseStops
from gateway.parts import Parts
from gateway.registry import memory
from gateway.registry.amendment import Amendment
from gateway.registry.errors import Unreadable
from gateway.registry.filing import Filing
from gateway.registry.filter import Filter
from gateway.registry.models import Change, Draft, Record, Replica, State
from gateway.registry.moving import move
from gateway.registry.status import Status
from gateway.sampling import Sampling
from gateway.settings import LAYERS
from gateway.settings_load import load_settings
from gateway.telemetry import Metrics
from gateway.telemetry.surroundings import Surroundings
from gateway.telemetry.watching import look_around
from guards import RuleError, dump_rule
from tests.unit.test_enforcement import ASK, CIPHER, FakeEncoder, Flaky, enforcer, file

DOWN = RegistryUnavailable("Redis does not answer.")
PATH = "/admin/forget-requests"


class Failing(Flaky):
    """A registry of which single methods can be made to fail."""

    reading: Exception | None = None
    listing: Exception | None = None
    following: Exception | None = None

    async def get(self, request_id: str) -> Record:
        if self.reading:
            raise self.reading
        return await super().get(request_id)

    async def gateways(self) -> tuple[Replica, ...]:
        if self.listing:
            raise self.listing
        return await super().gateways()

    async def state(self, held: Mapping[str, Record] | None = None) -> State:
        if self.following:
            raise self.following
        return await super().state(held)

    async def tail(self, after: int, block_s: float) -> tuple[Change, ...]:
        changes = await super().tail(after, block_s)
        if self.following and changes:
            raise self.following
        return changes


@pytest.fixture
def registry() -> Failing:
    return Failing()


@pytest_asyncio.fixture
async def running(
    registry: Failing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Enforcer]:
    monkeypatch.setattr(following, "_OWN_S", 0.5)
    follower = enforcer(registry, tmp_path)
    await follower.start()
    yield follower
    await follower.stop()


@pytest.fixture
def parts(registry: Failing, running: Enforcer, tmp_path: Path) -> Any:
    return SimpleNamespace(
        settings=load_settings(auth="off"),
        cipher=CIPHER,
        registry=registry,
        encoder=FakeEncoder(),
        enforcer=running,
        pool=SimpleNamespace(endpoints=[SimpleNamespace(healthy=True, url="", model="stub")]),
        interventions=SimpleNamespace(act=False, able=False),
        engines=SimpleNamespace(all=()),
        layers=Layers((), None, LAYERS, Steering(FakeEncoder(), (), 1.0)),
        access=Access(running, b"k", None, open_access=True),
        metrics=Metrics(),
        sampling=Sampling(("How tall is a giraffe?",), running.compiler, tmp_path),
        monitor=FalseStops(),
        count=None,
        observe=None,
        traces=SimpleNamespace(pick=None),
        warnings=registry.warnings,
        screen=running.screen,
        watch=None,
    )


@pytest_asyncio.fixture
async def http(parts: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(cast(Parts, parts)))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


def filing() -> dict[str, Any]:
    return {"subject": {"name": "Mira Quell"}, "subject_request_id": str(uuid4())}


async def test_more_strings_than_an_engine_can_ban_are_refused(http: httpx.AsyncClient) -> None:
    values = [f"{n} {'x' * 1_900}" for n in range(200)]
    facts = [{"statement": "Mira Quell is long.", "values": [value]} for value in values]
    answer = await http.post(
        PATH, json={"subject": {"name": "Mira Quell"}, "scope": {"facts": facts}}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "scope"
    assert "several requests" in answer.json()["error"]["message"]


@pytest.mark.parametrize("wait", [0, 1])
@pytest.mark.parametrize("error", [DOWN, Unreadable("It was altered.")])
async def test_what_was_accepted_is_answered_whatever_fails_next(
    registry: Failing, http: httpx.AsyncClient, wait: int, error: Exception
) -> None:
    registry.listing = error
    answer = await http.post(PATH, params={"wait": wait}, json=filing())
    assert answer.status_code == 201
    seen = answer.json()
    assert seen["status"] == "in_progress"
    assert seen["enforcement"]["gateways"] == {"live": 0, "acknowledged": 0, "silent": 0}
    assert seen["enforcement"]["layers"]["screen"] == "pending"
    lifted = await http.post(f"{PATH}/{seen['id']}/lift")
    assert (lifted.status_code, lifted.json()["status"]) == (200, "lifted")
    assert (await http.get(f"{PATH}/{seen['id']}")).status_code == 503


async def test_withdrawing_is_answered_whatever_fails_next(
    registry: Failing, http: httpx.AsyncClient
) -> None:
    await registry.acknowledge("another", 0)  # hence it is not completed
    record = await file(registry, "Mira Quell")
    registry.listing = DOWN
    answer = await http.delete(f"{PATH}/{record.id}")
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")


async def test_recorded_but_not_enforced_is_no_201(
    registry: Failing, running: Enforcer, http: httpx.AsyncClient
) -> None:
    registry.following = RuleError("A rule cannot be read.")
    body = filing()
    answer = await http.post(PATH, json=body)
    assert answer.status_code == 503
    error = answer.json()["error"]
    (record,) = (await registry.list(Filter(), 10, None)).items
    assert error["code"] == "recorded_not_enforced"
    assert record.id in error["message"]
    assert "subject_request_id" in error["message"]
    registry.following = None
    assert await running.reached(record.revision, 30.0)
    again = await http.post(PATH, json=body)
    assert (again.status_code, again.json()["id"]) == (200, record.id)


@pytest.mark.parametrize(("method", "suffix"), [("POST", "/lift"), ("DELETE", "")])
async def test_a_rule_that_cannot_be_read_is_taken_back(
    registry: Failing, running: Enforcer, http: httpx.AsyncClient, method: str, suffix: str
) -> None:
    bad = await file(registry, "Mira Quell", rule=b"garbage")
    registry._records[bad.id] = replace(bad, filed=b'{"subject":{"name":"a"}}')  # nor compiled
    assert not await running.reached(bad.revision, 0.3)
    assert (await http.get("/readyz")).status_code == 503
    assert (await http.post(PATH, json=filing())).status_code == 503
    answer = await http.request(method, f"{PATH}/{bad.id}{suffix}")
    assert answer.status_code in (200, 202), answer.text
    assert await running.reached(answer.json()["revision"], 30.0)
    assert (await http.get("/readyz")).status_code == 200
    assert (await http.post(PATH, json=filing())).status_code == 201


async def propose(registry: Failing, name: str) -> Record:
    filing = Filing.model_validate({"subject": {"name": name}, "origin": "chat"})
    compiled = dump_rule(Compiler(FakeEncoder(), b"").compile("fr_proposed", 1, filing))
    now = datetime.now(UTC)
    record, _ = await registry.propose(Draft("fr_proposed", filing, compiled, now, now))
    return record


async def test_approved_but_not_enforced_is_no_200(
    registry: Failing, running: Enforcer, http: httpx.AsyncClient
) -> None:
    record = await propose(registry, "Mira Quell")
    assert (await running.screen(ASK)).action == "allow"
    registry.following = RuleError("A rule cannot be read.")
    answer = await http.post(f"{PATH}/{record.id}/approve")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "recorded_not_enforced"
    registry.following = None
    again = await http.post(f"{PATH}/{record.id}/approve")
    assert again.status_code == 200
    assert (await running.screen(ASK)).action == "refuse"


async def test_an_approval_is_answered_whatever_fails_next(
    registry: Failing, http: httpx.AsyncClient
) -> None:
    record = await propose(registry, "Mira Quell")
    registry.listing = DOWN
    answer = await http.post(f"{PATH}/{record.id}/approve", params={"wait": 1})
    assert answer.status_code == 200
    assert answer.json()["status"] in ("in_progress", "completed")


async def test_what_has_been_completed_is_not_withdrawn_after_an_edit(
    registry: Failing, running: Enforcer, http: httpx.AsyncClient
) -> None:
    """Filers may withdraw what is in progress, and edit what is completed, but not both in turn."""
    record = await file(registry, "Mira Quell")
    assert await running.reached(record.revision, 30.0)
    await registry.acknowledge("another", record.revision)
    assert (await registry.get(record.id)).status is Status.COMPLETED
    whole = await http.delete(f"{PATH}/{record.id}")
    assert (whole.status_code, whole.json()["error"]["code"]) == (409, "completed_before")
    more = {"subject": {"aliases": ["M. Quell"]}}
    edited = await http.patch(f"{PATH}/{record.id}", json=more)
    assert edited.json()["status"] == "in_progress"  # "another" does not enforce it yet
    answer = await http.delete(f"{PATH}/{record.id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "completed_before")
    assert (await running.screen(ASK)).action == "refuse"
    assert (await http.post(f"{PATH}/{record.id}/pause")).status_code == 200
    assert (await http.delete(f"{PATH}/{record.id}")).status_code == 409
    assert (await http.post(f"{PATH}/{record.id}/lift")).status_code == 200


async def test_an_edit_that_is_held_does_not_act_through_an_approval_meanwhile(
    registry: Failing, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await propose(registry, "Mira Quell")
    amend = registry.amend

    async def approved_first(found: Record, amendment: Amendment) -> Record:
        monkeypatch.setattr(registry, "amend", amend)
        await move(registry, found.id, Status.APPROVED, "key_approver")
        return await amend(found, amendment)

    monkeypatch.setattr(registry, "amend", approved_first)
    common = {"subject": {"aliases": ["Python"]}}
    answer = await http.patch(f"{PATH}/{record.id}", json=common)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "held"), answer.text
    assert (await registry.get(record.id)).version == 1


async def test_only_the_version_that_was_looked_at_is_approved(
    registry: Failing, http: httpx.AsyncClient
) -> None:
    record = await propose(registry, "Mira Quell")
    more = {"subject": {"aliases": ["M. Quell"]}}
    assert (await http.patch(f"{PATH}/{record.id}", json=more)).json()["version"] == 2
    approve = f"{PATH}/{record.id}/approve"
    stale = await http.post(approve, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "version_changed")
    assert (await registry.get(record.id)).status is Status.PENDING
    assert (await http.post(approve, headers={"If-Match": "2"})).status_code == 200


@pytest.mark.parametrize("version", ["9" * 5_000, "²", "1.0", ""])
async def test_a_version_that_is_none(
    registry: Failing, http: httpx.AsyncClient, version: str
) -> None:
    record = await file(registry, "Mira Quell")
    headers = {b"If-Match": version.encode("latin-1")}
    answer = await http.patch(f"{PATH}/{record.id}", json={}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "If-Match")


async def test_an_edit_that_is_nested_deeply(registry: Failing, http: httpx.AsyncClient) -> None:
    record = await file(registry, "Mira Quell")
    deep = b'{"subject":' * 1_000 + b"1" + b"}" * 1_000
    answer = await http.patch(f"{PATH}/{record.id}", content=deep)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "subject.subject")


async def test_a_line_that_is_nested_deeply_stops_no_other(http: httpx.AsyncClient) -> None:
    lines = [
        b'{"subject": {"name": "Mira Quell"}, "retain": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"subject": {"name": "Odalys Quandahl"}}',
    ]
    answer = await http.post(f"{PATH}/import", content=b"\n".join(lines))
    told = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [each["status"] for each in told] == [400, 201]


class TestForgetIntents:
    @pytest.fixture
    def intents(self, parts: Any) -> ForgetIntents:
        return ForgetIntents(parts)

    async def test_other_messages_are_not_answered(self, intents: ForgetIntents) -> None:
        assert await intents.reply("How can I forget Mira Quell?", None, {}) is None

    async def test_one_subject_waits_once(self, intents: ForgetIntents, registry: Failing) -> None:
        first = await intents.reply("Forget Mira Quell.", None, {})
        again = await intents.reply("Please forget everything about mira quell.", None, {})
        other = await intents.reply("Please forget everything about MIRA QUELL.", None, {})
        (record,) = (await registry.list(Filter(Status.PENDING), 10, None)).items
        assert first is not None
        assert other is not None
        assert again is None  # a name in small letters is not taken for one here
        assert record.id in first
        assert record.id in other
        assert "before" in other

    async def test_the_list_is_not_told_to_who_may_not_file(
        self, intents: ForgetIntents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert await intents.reply("Forget Mira Quell.", None, {}, True) is None
        client = SimpleNamespace(caller=lambda headers: Caller("key_client", frozenset({"client"})))
        monkeypatch.setattr(intents, "_access", client)
        told = {await intents.reply("Forget Mira Quell.", None, {}, c) for c in (True, False)}
        assert len(told) == 1
        assert "privacy officer" in str(told.pop())

    async def test_me_needs_a_name(self, intents: ForgetIntents, registry: Failing) -> None:
        assert "full name" in str(await intents.reply("Forget me.", None, {}))
        assert "full name" in str(await intents.reply("Forget me.", "…", {}))
        assert "full name" in str(await intents.reply("Forget me.", "x" * 300, {}))
        for number in ("user-12345", "1b4e28ba-2fa1-4d2b-883f-0016d3cca427", "gesa@example.org"):
            assert "full name" in str(await intents.reply("Forget me.", number, {}))
        assert (await registry.list(Filter(), 10, None)).items == ()
        assert "Gesa Holm" in str(await intents.reply("Forget me.", "Gesa Holm", {}))

    async def test_without_the_registry_it_says_so(
        self, intents: ForgetIntents, running: Enforcer, registry: Failing
    ) -> None:
        registry.following = registry.trouble = DOWN
        async with asyncio.timeout(30):
            while running.connected:  # noqa: ASYNC110  # the enforcer tells it by a flag only
                await asyncio.sleep(0.01)
        told = str(await intents.reply("Forget Mira Quell.", None, {}))
        assert "could not note" in told
        assert "privacy officer" in told

    async def test_a_full_queue_is_told(
        self, intents: ForgetIntents, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(memory, "MAX_PENDING", 1)
        await intents.reply("Forget Mira Quell.", None, {})
        assert "too many" in str(await intents.reply("Forget Tom Hart.", None, {}))

    async def test_only_a_filer_s_key_files(self, parts: Any, registry: Failing) -> None:
        hash_key = b"k"
        key, token = new_key("chat", frozenset({"client"}), hash_key)
        table = SimpleNamespace(keys={key.digest: key})
        parts.access = Access(cast(Any, table), hash_key, None, open_access=False)
        headers = {"authorization": f"Bearer {token}"}
        told = str(await ForgetIntents(parts).reply("Forget Mira Quell.", None, headers))
        assert CONTACT in told
        assert (await registry.list(Filter(), 10, None)).items == ()


async def test_open_access_is_told_details(registry: Failing, http: httpx.AsyncClient) -> None:
    seen = (await http.get("/readyz")).json()
    assert seen["warnings"] == list(registry.warnings)
    assert seen["problems"] == []


async def test_dates_go_by_the_clock_of_the_store(
    http: httpx.AsyncClient,
    parts: Any,
    registry: Failing,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    apart = timedelta(days=400)
    monkeypatch.setattr(registry, "_clock", lambda: time.time() + apart.total_seconds())
    parts.metrics.surroundings.seen = await look_around(registry, tmp_path, tmp_path / "snapshot")
    body = filing() | {"identity_verified": False}
    filed = (await http.post("/admin/forget-requests", json=body)).json()
    received = datetime.fromisoformat(filed["received_time"])
    assert abs(received - datetime.now(UTC) - apart) < timedelta(minutes=5)
    assert await expire(registry, "gateway:a") == 0  # it would be over by this machine's clock


def test_without_a_look_dates_go_by_the_own_clock() -> None:
    assert Surroundings(lambda: 86_400.0).now() == datetime(1970, 1, 2, tzinfo=UTC)
