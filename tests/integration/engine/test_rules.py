"""Rules at the engine's door: what follows on what, what is refused, and that nothing is lost."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest

from steering import EngineRule
from tests.integration.engine.speaking import Engine

pytestmark = pytest.mark.engine


def test_revisions_follow_on_each_other(engine: Engine) -> None:
    epoch = engine.push(engine.vector(0), revision=5)
    assert (engine.status()["epoch"], engine.status()["revision"]) == (epoch, 5)
    rule = EngineRule("more", 3, (engine.vector(1),)).as_json()
    good = {"epoch": epoch, "base": 5, "revision": 7, "put": [rule], "drop": ["rule-0"]}
    behind = engine.post_rules(**{**good, "base": 4})
    assert behind.status_code == 409
    assert behind.json()["engine"]["revision"] == 5
    answer = engine.post_rules(**good)
    assert answer.json() == {"revision": 7, "rules": 1, "boot_id": engine.status()["boot_id"]}
    listed = engine.http.get("/v1/lethe/rules").json()
    assert listed == {"rules": [{"id": "more", "version": 3}], "count": 1, "next": None}
    assert engine.post_rules(**good).status_code == 409


def test_of_two_gateways_that_push_everything_the_later_wins(engine: Engine) -> None:
    part = {"epoch": "shared", "revision": 0, "put": []}
    assert engine.post_rules(**part, reset=True, push="one").status_code == 200
    assert engine.post_rules(**part, reset=True, push="two").status_code == 200
    assert engine.post_rules(**part, push="one").status_code == 409
    assert engine.post_rules(**{**part, "revision": 9}, push="two").json()["revision"] == 9


def test_a_push_of_everything_in_parts_interrupts_nobody(engine: Engine) -> None:
    acting = engine.intervention()
    first = engine.answer("The town by the sea", acting)
    kept = EngineRule("rule-0", 1, (engine.vector(0),), ("a sentence that nobody writes",))
    part: dict[str, Any] = {"epoch": "parts", "revision": 0, "push": "parts"}
    for more in ({"put": [], "reset": True}, {"put": [kept.as_json()]}):
        assert engine.post_rules(**part, **more).status_code == 200
        assert engine.status()["revision"] == 0
        assert engine.answer("The town by the sea", acting) == first
    assert engine.post_rules(**{**part, "revision": 3}, put=[]).json()["rules"] == 1
    assert engine.answer("The town by the sea", acting) == first
    assert engine.status()["counters"]["failed_closed"] == 0


def test_many_vectors_one_after_another_are_all_held(engine: Engine) -> None:
    epoch = engine.push(revision=0)
    for i in range(300):
        rule = EngineRule(f"rule-{i}", 1, (engine.vector(i),)).as_json()
        answer = engine.post_rules(epoch=epoch, base=i, revision=i + 1, put=[rule])
        assert answer.status_code == 200, answer.text
    assert engine.status()["rules"] == 300
    page = engine.http.get("/v1/lethe/rules", params={"after": "rule-98"}).json()
    assert [rule["id"] for rule in page["rules"]] == ["rule-99"]
    engine.push()
    assert engine.status()["rules"] == 0


def test_bad_pushes_are_refused_whole_with_a_reason_and_the_engine_lives(engine: Engine) -> None:
    epoch = engine.push(engine.vector(0))
    good = engine.vector(1)

    def pushed(*rules: Any, **other: Any) -> httpx.Response:
        body = {"epoch": epoch, "base": 1, "revision": 2, "put": list(rules), **other}
        return engine.post_rules(**body)

    def rule(**other: Any) -> dict[str, Any]:
        fields = EngineRule("bad", 1, (good,)).as_json()
        fields["vectors"] = [{**fields["vectors"][0], **other}]
        return fields

    narrow = np.array([1, 0], "<f4")
    wrong = [
        pushed(rule(), rule(layer=3)),
        pushed(rule(), rule(layer=-1)),
        pushed(rule(model="0" * 32)),
        pushed(rule(scale=None)),
        pushed(rule(scale=1e300, alpha=1e300)),
        pushed(rule(direction="not base64")),
        pushed(EngineRule("bad", 1, (engine.vector(1, direction=narrow),)).as_json()),
        pushed({"id": "bad", "version": 1, "bans": [" "]}),
        pushed({"id": "", "version": 1}),
        pushed(*[{"id": "bad", "version": 1}] * 1001),
        pushed(drop=[1]),
        pushed(base=None),
        pushed(revision="2"),
        engine.http.post("/v1/lethe/rules", content=b"{"),
        engine.http.post("/v1/lethe/rules", content=b'{"epoch": NaN}'),
        engine.http.post("/v1/lethe/rules", content=b"\xff"),
    ]
    for answer in wrong:
        assert answer.status_code == 400, answer.text
        error = answer.json()["error"]
        assert error["type"] == "invalid_request_error"
        assert error["message"]
        assert "bad" not in error["message"]
    status = engine.status()
    assert (status["epoch"], status["revision"], status["rules"]) == (epoch, 1, 1)
    assert engine.answer("The town by the sea")
