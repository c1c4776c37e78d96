"""An engine is killed and started anew: it holds nothing, and nothing is told meanwhile."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from demo.prompts import STORY, as_messages
from demo.stack import MODEL, engine_child, trace
from demo.story import FILING, SECRET
from gateway.evaluation.text import tells
from gateway.openai.voice import is_own
from tests.running import Running, eventually

pytestmark = pytest.mark.slow

ASKED = 200


def test_flagged_prompts_are_refused_until_a_killed_engine_holds_the_rules_again(
    tmp_path: Path,
) -> None:
    child, url = engine_child(tmp_path / "engine.log")
    gateway = Running(tmp_path / "gateway", url)
    try:
        child.start()
        trace(url)
        gateway.start()
        path = "/admin/forget-requests?wait=60&wait_for=engines"
        filed = gateway.http.post(path, json=FILING | {"action": "suppress"}, timeout=90).json()
        assert filed["enforcement"]["layers"]["rotate"] == "active"
        assert not is_own(_ask(gateway))

        child.kill()
        child.start()
        trace(url)
        # From the first answer on: refused at first, steered in the end, told never.
        answers: list[str] = []
        eventually(lambda: bool(_ask_when_up(gateway, answers)), within_s=60)
        deadline = time.monotonic() + 60
        while is_own(answers[-1]) and time.monotonic() < deadline:
            _ask_when_up(gateway, answers)
        assert not is_own(answers[-1])
        answers += [_ask(gateway) for _ in range(ASKED)]
        assert not any(tells(answer, [SECRET]) for answer in answers)
        (engine,) = gateway.http.get("/admin/status").json()["engines"]
        assert engine["self_test"] == "passed"
    finally:
        gateway.stop()
        child.stop()


def _ask(gateway: Running) -> str:
    body = {"model": MODEL, "messages": as_messages(STORY["fact"]), "max_tokens": 48}
    answer = gateway.http.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["choices"][0]["message"]["content"])


def _ask_when_up(gateway: Running, answers: list[str]) -> bool:
    """Ask, unless the gateway says that no engine answers yet."""
    body = {"model": MODEL, "messages": as_messages(STORY["fact"]), "max_tokens": 48}
    answer = gateway.http.post("/v1/chat/completions", json=body)
    if answer.status_code != 200:
        assert answer.status_code in (502, 503, 504), answer.text
        return False
    answers.append(str(answer.json()["choices"][0]["message"]["content"]))
    return True
