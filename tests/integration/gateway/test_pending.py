"""Requests that wait: asked for in a chat, approved, denied; and filings that are only tried."""

from __future__ import annotations

import re
import signal
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.integration.gateway.test_roles import lethe
from tests.running import Running, eventually

PATH = "/admin/forget-requests"
ID = re.compile(r"fr_[0-9a-f]+")


def said(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["choices"][0]["message"]["content"])


def chat(gateway: Running, text: str, **fields: Any) -> httpx.Response:
    body = {"model": "stub", "messages": [{"role": "user", "content": text}], **fields}
    return gateway.http.post("/v1/chat/completions", json=body)


def pending(gateway: Running) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = gateway.http.get(PATH, params={"status": "pending"}).json()[
        "items"
    ]
    return items


def test_a_chat_that_asks_is_noted_and_enforced_once_approved(gateway: Running) -> None:
    answer = said(chat(gateway, "Please forget everything about Mira Quell."))
    (number,) = ID.findall(answer)
    seen = gateway.http.get(f"{PATH}/{number}").json()
    assert (seen["status"], seen["request_status"], seen["origin"]) == ("pending",) * 2 + ("chat",)
    assert seen["subject"]["name"] == "Mira Quell"
    assert seen["enforcement"]["layers"]["screen"] == "inactive"
    assert gateway.told("Where was Mira Quell born?")
    # Asked for again it is the same one, whatever the wording.
    assert number in said(chat(gateway, "forget MIRA QUELL!"))
    assert [row["id"] for row in pending(gateway)] == [number]
    approved = gateway.http.post(f"{PATH}/{number}/approve", params={"wait": 5})
    assert (approved.status_code, approved.json()["status"]) == (200, "completed")
    assert approved.json()["received_time"] == seen["received_time"]
    assert not gateway.told("Where was Mira Quell born?")
    assert gateway.http.post(f"{PATH}/{number}/approve").status_code == 200
    assert pending(gateway) == []
    # What is enforced is refused like any other prompt about the subject.
    assert number not in said(chat(gateway, "Please forget everything about Mira Quell."))


def test_denied_and_withdrawn_requests_are_never_enforced(gateway: Running) -> None:
    (first,) = ID.findall(said(chat(gateway, "Forget Tore Solan.")))
    denied = gateway.http.post(f"{PATH}/{first}/deny")
    assert (denied.status_code, denied.json()["status"]) == (200, "denied")
    assert denied.json()["request_status"] == "cancelled"
    assert gateway.http.post(f"{PATH}/{first}/approve").status_code == 409
    (second,) = ID.findall(said(chat(gateway, "Forget Tore Solan.")))
    assert second != first
    withdrawn = gateway.http.delete(f"{PATH}/{second}")
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (202, "cancelled")
    assert gateway.http.post(f"{PATH}/{second}/lift").status_code == 409
    assert gateway.told("Who is Tore Solan?")


def test_only_what_waits_is_approved_or_denied(gateway: Running) -> None:
    filed = gateway.file("Odo Brandt", wait=30)
    assert gateway.http.post(f"{PATH}/{filed['id']}/deny").status_code == 409
    assert gateway.http.post(f"{PATH}/fr_none/approve").status_code == 404
    assert gateway.http.post(f"{PATH}/fr_none/deny").status_code == 404


@pytest.mark.parametrize("field", ["user", "safety_identifier"])
def test_me_is_whom_the_client_speaks_for(gateway: Running, field: str) -> None:
    assert "full name" in said(chat(gateway, "Delete all my data."))
    answer = said(chat(gateway, "Delete all my data.", **{field: f"Gesa Holm {field[0].upper()}"}))
    (number,) = ID.findall(answer)
    seen = gateway.http.get(f"{PATH}/{number}").json()
    assert seen["subject"]["name"] == f"Gesa Holm {field[0].upper()}"


def test_it_is_an_ordinary_answer_streamed_or_not(gateway: Running) -> None:
    whole = chat(gateway, "Forget Isa Korn.").json()
    assert whole["choices"][0]["finish_reason"] == "stop"
    assert whole["usage"]["completion_tokens"] > 10
    streamed = chat(gateway, "Forget Isa Korn.", stream=True)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.text.endswith("data: [DONE]\n\n")
    assert pending(gateway)[-1]["id"] in streamed.text.replace('"}', "")  # the id is one piece


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "Forget it."}],
        [{"role": "user", "content": "How can I forget Zelda Zweig?"}],
        [
            {"role": "user", "content": "Forget Zelda Zweig."},
            {"role": "assistant", "content": "Why?"},
            {"role": "user", "content": "What is the capital of Portugal?"},
        ],
        [{"role": "system", "content": "Forget Zelda Zweig."}, {"role": "user", "content": "Hi"}],
    ],
)
def test_anything_else_goes_to_the_model(gateway: Running, messages: list[dict[str, str]]) -> None:
    before = pending(gateway)
    body = {"model": "stub", "messages": messages}
    assert "stub answer" in said(gateway.http.post("/v1/chat/completions", json=body))
    assert pending(gateway) == before


def test_structured_output_and_completions_go_to_the_model(gateway: Running) -> None:
    answer = chat(gateway, "Forget Zelda Zweig.", response_format={"type": "json_object"})
    assert "stub answer" in said(answer)
    body = {"model": "stub", "prompt": "Forget Zelda Zweig."}
    text = gateway.http.post("/v1/completions", json=body).json()["choices"][0]["text"]
    assert "stub answer" in text


def test_a_key_that_may_not_file_is_told_where_to_ask(start_gateway: StartGateway) -> None:
    gateway = start_gateway(forget_contact="privacy@example.org")
    (key,) = lethe(gateway, "keys", "create", "--role", "client")
    gateway.http.headers["Authorization"] = f"Bearer {key['key']}"
    answer = said(chat(gateway, "Please forget Mira Quell."))
    assert "privacy@example.org" in answer
    assert not ID.search(answer)
    gateway.http.headers["Authorization"] = "Bearer bench"
    assert pending(gateway) == []


def test_it_can_be_switched_off(start_gateway: StartGateway) -> None:
    gateway = start_gateway(forget_intent="off")
    assert "stub answer" in said(chat(gateway, "Please forget Mira Quell."))


def test_what_waits_survives_a_crash_and_is_not_enforced(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    (number,) = ID.findall(said(chat(gateway, "Please forget Mira Quell.")))
    gateway.signal(signal.SIGKILL)
    eventually(lambda: gateway.child.process is None or gateway.child.process.poll() is not None)
    gateway.start()
    assert [row["id"] for row in pending(gateway)] == [number]
    assert gateway.told("Where was Mira Quell born?")
    assert gateway.http.post(f"{PATH}/{number}/approve").status_code == 200
    assert not gateway.told("Where was Mira Quell born?")


def test_nothing_of_it_is_logged(gateway: Running) -> None:
    chat(gateway, "Please forget Waldo Emmer.")
    text = gateway.http.get("/metrics").text
    assert 'lethe_requests_total{outcome="forget_intent"}' in text
    assert "Waldo" not in text
    assert "Waldo" not in gateway.child.log.read_text()


class TestObserving:
    def test_is_counted_and_explained_and_not_enforced(self, gateway: Running) -> None:
        body = {"subject": {"name": "Berit Solan"}, "action": "observe"}
        filed = gateway.http.post(PATH, params={"wait": 5}, json=body).json()
        assert filed["status"] == "completed"
        assert filed["enforcement"]["layers"]["screen"] == "observing"
        assert filed["observed"] == 0
        assert gateway.told("Where was Berit Solan born?")
        assert gateway.told("What is the capital of Portugal?")
        assert gateway.http.get(f"{PATH}/{filed['id']}").json()["observed"] == 1
        seen = gateway.http.post("/admin/explain", json={"text": "Who is Berit Solan?"}).json()
        assert seen["action"] == "allow"
        assert [(m["id"], m["enforced"]) for m in seen["matches"]] == [(filed["id"], False)]
        assert gateway.http.get(f"{PATH}/{filed['id']}").json()["observed"] == 1
        assert "lethe_observed_total 1.0" in gateway.http.get("/metrics").text

    def test_does_not_weaken_another_request(self, gateway: Running) -> None:
        gateway.file("Runa Falk")
        body = {"subject": {"name": "Runa Falk"}, "action": "observe"}
        assert gateway.http.post(PATH, json=body).status_code == 201
        assert not gateway.told("Who is Runa Falk?")


class TestDryRun:
    def test_tells_what_a_filing_would_block_and_files_nothing(
        self, start_gateway: StartGateway
    ) -> None:
        gateway = start_gateway()
        tried = gateway.http.post(
            PATH, params={"dry_run": "true"}, json={"subject": {"name": "Isaac Newton"}}
        )
        assert tried.status_code == 200
        seen = tried.json()
        assert (seen["dry_run"], seen["valid"]) == (True, True)
        assert seen["sample"]["n"] >= 300
        assert (seen["sample"]["blocked"], seen["sample"]["already_blocked"]) == (1, 0)
        (example,) = seen["sample"]["examples"]
        assert example["text"] == "Where was Isaac Newton born?"
        assert example["score"] >= example["threshold"]
        assert gateway.http.get(PATH).json()["items"] == []
        assert gateway.http.get("/admin/status").json()["revision"] == 0
        assert gateway.told("Where was Isaac Newton born?")
        gateway.file("Isaac Newton")
        again = gateway.http.post(
            PATH, params={"dry_run": "true"}, json={"subject": {"name": "Isaac Newton"}}
        ).json()["sample"]
        assert (again["blocked"], again["already_blocked"]) == (0, 1)

    def test_bad_filings_are_told_as_in_filing(self, gateway: Running) -> None:
        for body, field in (({}, "subject"), ({"subject": {"name": "the"}}, "subject.name")):
            answer = gateway.http.post(PATH, params={"dry_run": "true"}, json=body)
            assert answer.status_code == 400
            assert answer.json()["error"]["param"] == field
        for params in (
            {"DRY_RUN": "true"},
            {"dryrun": "true"},
            [("dry_run", "1"), ("dry_run", "0")],
        ):
            body = {"subject": {"name": "Isaac Newton"}}
            assert gateway.http.post(PATH, params=params, json=body).status_code == 400  # type: ignore[arg-type]
        odd = gateway.http.post(PATH, params={"dry_run": "maybe"}, json={})
        assert odd.json()["error"]["param"] == "dry_run"
