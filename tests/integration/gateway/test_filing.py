"""Forget requests over HTTP: what an officer files, sees and takes back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.running import Running

NAME = {"subject": {"name": "Mira Quell"}}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "subject"),
        ({"subject": {}}, "subject"),
        ({"subject": {"name": ""}}, "subject.name"),
        ({"subject": {"name": "  "}}, "subject.name"),
        ({"subject": {"name": "…!"}}, "subject.name"),
        ({"subject": {"name": "x" * 201}}, "subject.name"),
        ({"subject": {"name": 7}}, "subject.name"),
        ({"subject": {"name": "Mira Quell", "aliases": [""]}}, "subject.aliases.0"),
        ({"subject": {"aliases": ["M. Quell"]}}, "subject"),
        ({**NAME, "action": "forget"}, "action"),
        ({**NAME, "subject_request_id": "12"}, "subject_request_id"),
        ({**NAME, "regulation": "none"}, "regulation"),
        ({**NAME, "scope": {"facts": [{"values": ["x"]}]}}, "scope.facts.0.statement"),
        ({**NAME, "scope": {"questions": [{"answer": "x"}]}}, "scope.questions.0.question"),
        ({**NAME, "colour": "red"}, "colour"),
        ({"scope": {"forbidden": ["Night Heron"]}, "open_book": True}, "subject"),
        ({**NAME, "origin": "chat"}, "origin"),
        ({**NAME, "withheld": {"names": 1}}, "withheld"),
        ({**NAME, "blind": True, "open_book": True}, "subject"),
    ],
)
def test_bad_filing_is_400_and_names_the_field(
    gateway: Running, body: dict[str, Any], field: str
) -> None:
    answer = gateway.http.post("/admin/forget-requests", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == field
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "invalid_json"),
        (b'{"subject": {"name": "\xff"}}', "invalid_utf8"),
        (b"[]", None),
    ],
)
def test_unreadable_body_is_400(gateway: Running, body: bytes, code: str | None) -> None:
    answer = gateway.http.post("/admin/forget-requests", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code


def test_too_large_body_is_413(gateway: Running) -> None:
    answer = gateway.http.post("/admin/forget-requests", content=b" " * (9 * 2**20))
    assert answer.status_code == 413


def test_filing_acts_when_it_is_answered_and_lifting_undoes_it(gateway: Running) -> None:
    question = "Where was Berit Solan born?"
    assert gateway.told(question)
    filed = gateway.file("Berit Solan", wait=30)
    assert filed["status"] == "completed"
    assert filed["enforcement"]["gateways"] == {"live": 1, "acknowledged": 1, "silent": 0}
    assert filed["enforcement"]["layers"]["screen"] == "active"
    assert filed["scope"]["whole_subject"] is True
    assert not gateway.told(question)
    assert gateway.told("Where was Tore Solan born?")
    lifted = gateway.http.post(f"/admin/forget-requests/{filed['id']}/lift")
    assert lifted.status_code == 200
    assert lifted.json()["status"] == "lifted"
    assert lifted.json()["revision"] > filed["revision"]
    assert gateway.told(question)


def test_same_subject_request_id_is_idempotent_and_conflicts_when_changed(
    gateway: Running,
) -> None:
    body = {"subject": {"name": "Runa Falk"}, "subject_request_id": str(uuid4())}
    first = gateway.http.post("/admin/forget-requests", json=body)
    again = gateway.http.post("/admin/forget-requests", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["revision"] == again.json()["revision"]
    changed = gateway.http.post("/admin/forget-requests", json=body | {"action": "refuse"})
    assert changed.status_code == 409


def test_a_completed_request_cannot_be_withdrawn_but_lifted(gateway: Running) -> None:
    filed = gateway.file("Odo Brandt", wait=30)
    assert gateway.http.delete(f"/admin/forget-requests/{filed['id']}").status_code == 409


def test_unknown_request_is_404(gateway: Running) -> None:
    assert gateway.http.get("/admin/forget-requests/fr_none").status_code == 404
    assert gateway.http.post("/admin/forget-requests/fr_none/lift").status_code == 404
    assert gateway.http.delete("/admin/forget-requests/fr_none").status_code == 404


def test_list_pages_through_everything_once(gateway: Running) -> None:
    filed = [gateway.file(f"Page Person{i}")["id"] for i in range(5)]
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 2}
    while True:
        page = gateway.http.get("/admin/forget-requests", params=query).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen))
    assert [i for i in seen if i in filed] == filed
    assert gateway.http.get("/admin/forget-requests?status=odd").status_code == 400
    assert gateway.http.get("/admin/forget-requests?limit=0").status_code == 400
    refused = gateway.http.get("/admin/audit?limit=0").json()["error"]["message"]
    assert refused == "limit must be a number from 1 to 9007199254740992."
    assert gateway.http.get("/admin/forget-requests?cursor=zz").status_code == 400


def test_questions_alone_touch_only_what_they_ask(gateway: Running) -> None:
    body = {"scope": {"questions": ["Which prize did Isa Korn win in Lund?"]}}
    assert gateway.http.post("/admin/forget-requests", json=body).status_code == 201
    assert not gateway.told("Which prize did Isa Korn win in Lund?")
    assert gateway.told("What is the capital of Portugal?")


def test_wait_for_engines_answers_with_what_holds_when_time_is_up(gateway: Running) -> None:
    answer = gateway.http.post(
        "/admin/forget-requests",
        params={"wait": 1, "wait_for": "engines"},
        json={"subject": {"name": "Waldo Emmer"}},
    )
    assert answer.status_code == 201
    assert answer.json()["enforcement"]["layers"]["rotate"] == "unavailable"


def test_explain_says_which_part_of_a_text_matched_and_which_is_clear(gateway: Running) -> None:
    filed = gateway.file("Gesa Holm")
    text = "How tall is a giraffe? Where was Gesa Holm born?"
    seen = gateway.http.post("/admin/explain", json={"text": text}).json()
    assert seen["action"] == "refuse"
    assert seen["revision"] == filed["revision"]
    (match,) = seen["matches"]
    assert match["id"] == filed["id"]
    assert match["score"] >= match["threshold"]
    start, end = match["span"]
    assert text[start:end] == "Gesa Holm"
    clear = [text[a:b] for a, b in seen["spans_clear"]]
    assert any("giraffe" in part for part in clear)
    assert not any("Gesa" in part for part in clear)
    chat = {"messages": [{"role": "user", "content": "Hello"}]}
    assert gateway.http.post("/admin/explain", json=chat).json()["action"] == "allow"
    assert gateway.http.post("/admin/explain", json={"text": 3}).status_code == 400


def test_status_lists_replicas_engines_and_layers(gateway: Running) -> None:
    status = gateway.http.get("/admin/status").json()
    assert [g["revision"] for g in status["gateways"]] == [status["revision"]]
    assert [e["model"] for e in status["engines"]] == ["stub"]
    assert status["redis"] == "ok"
    assert status["layers"]["screen"] == "active"


def test_metrics_tell_no_names(gateway: Running) -> None:
    gateway.file("Zelda Zweig")
    gateway.told("Who is Zelda Zweig?")
    text = gateway.http.get("/metrics").text
    assert 'lethe_requests_total{outcome="enforced"}' in text
    assert 'lethe_requests_total{outcome="bypassed_error"} 0.0' in text
    assert "Zelda" not in text
    assert "Zelda" not in gateway.child.log.read_text()
