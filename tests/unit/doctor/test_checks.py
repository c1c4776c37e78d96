"""What the doctor says of one deployment that is well, and of each way in which it may not be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.doctor import Direct, Facts, Finding, Reply, findings

STATUS: dict[str, Any] = {
    "revision": 7,
    "gateways": [
        {"id": "a", "revision": 7, "live": True},
        {"id": "b", "revision": 7, "live": True},
    ],
    "engines": [
        {
            "url": "http://user:secret@10.0.0.5:8000",
            "healthy": True,
            "self_test": "passed",
            "revision": 7,
            "missing": None,
        }
    ],
    "redis": "ok",
    "store": {
        "version": "7.4.0",
        "used_memory": 10 * 2**20,
        "max_memory": 100 * 2**20,
        "policy": "noeviction",
        "persistent": True,
        "volatile": False,
        "clock_ahead_s": 0.01,
    },
    "disk": {"free": 50 * 2**30, "size": 100 * 2**30},
    "snapshot": {"unsaved_s": 0.0},
}
COUNTED = 'lethe_requests_total{outcome="bypassed_error"} %s\n'
EVENTS = "data: {}\n\ndata: {}\n\ndata: {}\n\ndata: [DONE]\n\n"
WELL = Facts(
    base="https://lethe.example",
    health=Reply(200, {"status": "ok"}, ahead_s=0.2),
    ready=Reply(200, {"status": "ready", "warnings": []}),
    unkeyed=Reply(401),
    unkeyed_chat=Reply(401),
    status=Reply(200, STATUS),
    metrics=Reply(200, None, COUNTED % "0.0"),
    models=Reply(200, {"data": [{"id": "m"}]}),
    filed=Reply(200, {"items": []}),
    refused=Reply(200, {"action": "refuse"}),
    retained=(Reply(200, {"action": "allow"}),) * 5,
    chat=Reply(200, {"choices": [{"message": {"content": "Lisbon."}}]}),
    stream=Reply(200, None, EVENTS),
    engines={"http://10.0.0.5:8000": Direct(0, 0)},
)


def changed(*path: str | int, value: Any) -> Facts:
    """The facts with one field of the status changed."""
    status = copy.deepcopy(STATUS)
    place: Any = status
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return replace(WELL, status=Reply(200, status))


def test_all_is_well() -> None:
    found = findings(WELL)
    assert {finding.verdict for finding in found} == {"ok"}
    assert not any(finding.mend for finding in found)
    assert len(found) == 17


@pytest.mark.parametrize(
    ("facts", "check", "verdict"),
    [
        (Facts("http://127.0.0.1:1", Reply(error=TimeoutError())), "reachable", "fail"),
        (replace(WELL, health=Reply(200, {"hello": "world"})), "reachable", "fail"),
        (replace(WELL, ready=Reply(503, {"problems": ["No Redis."]})), "ready", "fail"),
        (replace(WELL, ready=Reply(503, {"status": "not ready"})), "ready", "fail"),
        (replace(WELL, ready=Reply(200, {"warnings": ["Slow."]})), "warnings", "warn"),
        (replace(WELL, base="http://lethe.example"), "transport", "fail"),
        (replace(WELL, base="http://gateway:8080"), "transport", "warn"),
        (replace(WELL, base="http://192.168.1.4:8080"), "transport", "warn"),
        (replace(WELL, base="http://127.0.0.1:8080"), "transport", "ok"),
        (replace(WELL, unkeyed=Reply(200, STATUS)), "authentication", "fail"),
        (replace(WELL, unkeyed_chat=Reply(200, {})), "authentication", "fail"),
        (
            replace(WELL, base="http://localhost:1", unkeyed=Reply(200, STATUS)),
            "authentication",
            "warn",
        ),
        (replace(WELL, status=Reply(401)), "key", "fail"),
        (replace(WELL, metrics=Reply(403)), "key", "warn"),
        (replace(WELL, models=Reply(403)), "key", "warn"),
        (replace(WELL, health=Reply(200, {"status": "ok"}, ahead_s=-90)), "clocks", "warn"),
        (changed("store", "clock_ahead_s", value=12.0), "clocks", "warn"),
        (changed("gateways", 0, "live", value=False), "replicas", "fail"),
        (changed("gateways", 0, "revision", value=6), "replicas", "warn"),
        (changed("redis", value="unreachable"), "redis", "fail"),
        (changed("store", "policy", value="allkeys-lru"), "redis eviction", "fail"),
        (changed("store", "persistent", value=False), "redis persistence", "fail"),
        (changed("store", "volatile", value=True), "redis persistence", "fail"),
        (changed("store", "max_memory", value=0), "redis memory", "warn"),
        (changed("store", "used_memory", value=81 * 2**20), "redis memory", "warn"),
        (changed("disk", "free", value=2**29), "disk", "warn"),
        (changed("disk", "free", value=4 * 2**30), "disk", "warn"),
        (changed("snapshot", "unsaved_s", value=61.0), "snapshot", "warn"),
        (changed("engines", 0, "healthy", value=False), "engine", "fail"),
        (changed("engines", 0, "self_test", value="failed"), "engine", "warn"),
        (changed("engines", 0, "self_test", value="unavailable"), "engine", "warn"),
        (changed("engines", 0, "revision", value=3), "engine", "warn"),
        (changed("engines", 0, "revision", value=None), "engine", "warn"),
        (changed("engines", 0, "url", value="http://8.8.8.8:8000"), "engine", "warn"),
        (replace(WELL, engines={"http://e:8000": Direct(200, 200)}), "engine access", "fail"),
        (replace(WELL, engines={"http://e:8000": Direct(401, 400)}), "engine access", "warn"),
        (replace(WELL, engines={"http://e:8000": Direct(401, 404)}), "engine access", "ok"),
        (replace(WELL, metrics=Reply(200, None, COUNTED % "2.0")), "verdicts", "fail"),
        (replace(WELL, refused=Reply(200, {"action": "allow"})), "refusal", "fail"),
        (replace(WELL, refused=Reply(500)), "refusal", "fail"),
        (replace(WELL, refused=None), "refusal", "ok"),
        (replace(WELL, retained=(Reply(200, {"action": "refuse"}),)), "retained", "warn"),
        (replace(WELL, chat=Reply(502, {"error": {"message": "Gone."}})), "chat", "fail"),
        (replace(WELL, chat=Reply(200, {"choices": []})), "chat", "fail"),
        (replace(WELL, stream=Reply(200, None, EVENTS[:20])), "streaming", "fail"),
        (replace(WELL, stream=Reply(503)), "streaming", "fail"),
    ],
)
def test_each_check(facts: Facts, check: str, verdict: str) -> None:
    said = [finding for finding in findings(facts) if finding.check == check]
    assert verdict in [finding.verdict for finding in said], said
    for finding in said:
        assert bool(finding.mend) == (finding.verdict != "ok"), finding
        assert "secret" not in finding.told + finding.mend


def test_a_stream_that_is_refused_is_no_fault_of_a_proxy() -> None:
    refused = Reply(503, {"error": {"message": "No engine answers."}})
    said = findings(replace(WELL, stream=refused))
    (found,) = [finding for finding in said if finding.check == "streaming"]
    assert ("503" in found.told, found.mend) == (True, "No engine answers.")


def test_roles_that_a_key_lacks_are_roles() -> None:
    said = findings(replace(WELL, status=Reply(403), metrics=Reply(403)))
    (found,) = [finding for finding in said if finding.check == "key"]
    assert "(operator)" in found.told


@pytest.mark.parametrize(
    "blind", ["status", "metrics", "models", "filed", "chat", "stream", "refused", "ready"]
)
def test_what_could_not_be_asked_breaks_no_check(blind: str) -> None:
    named: dict[str, Any] = {blind: Reply()}
    assert all(isinstance(finding, Finding) for finding in findings(replace(WELL, **named)))


@pytest.mark.parametrize(
    "told", [lambda content: None, lambda content: [], lambda content: {"error": {}}]
)
def test_foreign_answers_break_no_check(told: Callable[[Any], Any]) -> None:
    strange = {
        name: Reply(200, told(None))
        for name in ("status", "metrics", "models", "filed", "chat", "stream", "ready")
    }
    assert findings(replace(WELL, **strange))  # type: ignore[arg-type]
