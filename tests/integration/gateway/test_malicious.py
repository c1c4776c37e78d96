"""Filings that are made to break ordinary use: refused with the reason, or held for an officer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.integration.gateway.test_cli import lethe
from tests.running import KEY, Running

PATH = "/admin/forget-requests"
ORDINARY = (
    "Write a function in Python that reverses a linked list.",
    "What is the capital of France?",
    "How many pages has the book that I lent you?",
    "How do I write an email to the people who sent me this data?",
    "Ask Mark and Rose whether they will be in London on Monday.",
)
PYTHON = {"subject": {"name": "Python"}}
LICENCE = "Permission is hereby granted, free of charge, to any person obtaining a copy."
VOCABULARY = """able accept account across action address afraid agency allow amount animal
apply approach argue arrive article artist assume attack attention audience author avoid
away baby back bank base battle beat become bedroom begin behavior believe benefit""".split()


def named(*names: str, **more: Any) -> dict[str, Any]:
    return {"subject": {"name": names[0], "aliases": list(names[1:])}, **more}


def scoped(**scope: Any) -> dict[str, Any]:
    return {"scope": scope}


KINDS = {
    "a function word": named("the"),
    "a common word": named("data"),
    "a common word among the aliases": named("Mira Quell", "people"),
    "a city": named("London"),
    "a given name that is a word": named("Will"),
    "a programming language": PYTHON,
    "a competitor": named("Microsoft"),
    "a single letter": named("e"),
    "every vowel": scoped(forbidden=["a", "e", "i", "o", "u"]),
    "the alphabet": scoped(forbidden=[*"abcdefghijklmnopqrstuvwxyz"]),
    "a character of another script": named("的"),
    "a year": scoped(forbidden=["2024"]),
    "a wildcard": named("Mir*"),
    "a regular expression": scoped(forbidden=[".*[a-z]+.*"]),
    "SQL's wildcard": scoped(forbidden=["%quell%"]),
    "function words alone": scoped(forbidden=["of the"]),
    "a formula of politeness": scoped(forbidden=["let me know"]),
    "the vocabulary": scoped(forbidden=VOCABULARY),
    "the vocabulary as aliases": named("Mira Quell", *VOCABULARY),
    "words of other languages": scoped(forbidden=["Ihnen", "vous", "perché", "entonces"]),
    "a general question": scoped(questions=["What is the capital of France?"]),
    "a general question under a name": named(
        "Mira Quell", scope={"questions": ["What is the capital of France?"]}
    ),
    "a question that asks nothing": scoped(questions=["What is it?"]),
    "a general fact": scoped(facts=[{"statement": "The sky is blue."}]),
    "common values beside a common name": {
        "subject": {"name": "Paris"},
        "scope": {"whole_subject": False, "facts": [
            {"statement": "Paris is the city where the Quells lived.", "values": ["city"]}]},
    },
    "a licence": scoped(passages=[LICENCE]),
    "filler": scoped(passages=["Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do."]),
    "what assistants say": scoped(
        passages=["I hope this helps! Let me know if you have any other questions."]
    ),
    "a short passage of everyday words": scoped(passages=["And so it is."]),
    "a reserved word": scoped(forbidden=["def"]),
    "a tag": scoped(forbidden=["div"]),
    "a phrase of everyday words": named("the book"),
    "a question that is begun": named("how many"),
    "questions that others ask": scoped(questions=[
        "How tall is a giraffe on average?", "What was the Hanseatic League?", "Do whales sleep?",
        "What is a palimpsest?", "How does a lighthouse lens work?",
        "What is the difference between a frog and a toad?",
        "How did sailors find their longitude before satellites?",
        "How do bees find their way back to the hive?",
        "What causes the tides?", "Why are flamingos pink?", "Why do we have leap years?",
    ]),
}  # fmt: skip
HELD = {
    "a programming language",
    "a competitor",
    "common values beside a common name",
    "a reserved word",
    "a tag",
    "a phrase of everyday words",
    "a question that is begun",
    "questions that others ask",
}


def told(gateway: Running) -> list[str]:
    return [prompt for prompt in ORDINARY if not gateway.told(prompt)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_malicious_filing_is_refused_or_held(gateway: Running, kind: str) -> None:
    answer = gateway.http.post(PATH, json=KINDS[kind])
    seen = answer.json()
    if kind in HELD:
        assert (answer.status_code, seen["status"]) == (201, "pending"), seen
        assert seen["case"]["hold"]["reason"]
        assert seen["enforcement"]["layers"]["screen"] != "active"
    else:
        assert answer.status_code == 400, seen
        error = seen["error"]
        assert error["message"].startswith(f"{error['param']}: ")
        assert error["code"] in {
            "too_common", "too_short", "pattern", "too_general", "everyday_text",
        }  # fmt: skip


def test_ordinary_use_goes_on(gateway: Running) -> None:
    for body in KINDS.values():
        gateway.http.post(PATH, json=body)
    assert told(gateway) == []


def test_a_held_filing_needs_an_approver_who_says_so(gateway: Running) -> None:
    body = PYTHON | {"subject_request_id": str(uuid4())}
    filed = gateway.http.post(PATH, json=body).json()
    hold = filed["case"]["hold"]
    assert hold["reason"] == "collateral"
    assert hold["replies_rate"] > hold["limit"] == 0.02
    again = gateway.http.post(PATH, json=body)
    assert (again.status_code, again.json()["id"]) == (200, filed["id"])
    path = f"{PATH}/{filed['id']}"
    refused = gateway.http.post(f"{path}/approve")
    assert refused.status_code == 409
    error = refused.json()["error"]
    assert error["code"] == "held"
    assert "accept_collateral" in error["message"]
    assert "of which 2.0% are let pass" in error["message"]
    said = lethe("approve", filed["id"], url=str(gateway.http.base_url), api_key=KEY).stderr
    assert "Approve it with --accept-collateral if" in said
    assert gateway.http.get(path).json()["status"] == "pending"
    assert gateway.told(ORDINARY[0])
    approved = gateway.http.post(f"{path}/approve?wait=5", json={"accept_collateral": True})
    assert approved.status_code == 200, approved.text
    assert approved.json()["case"]["hold"]["accepted"] is True
    assert not gateway.told(ORDINARY[0])
    assert gateway.http.post(f"{path}/lift").status_code == 200
    assert gateway.told(ORDINARY[0])


def test_a_blind_filing_is_judged_before_its_texts_are_dropped(gateway: Running) -> None:
    refused = gateway.http.post(PATH, json=named("data") | {"blind": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "too_common")
    filed = gateway.http.post(PATH, json=PYTHON | {"blind": True}).json()
    assert (filed["status"], filed["case"]["hold"]["reason"]) == ("pending", "collateral")
    path = f"{PATH}/{filed['id']}"
    assert gateway.http.post(f"{path}/approve").status_code == 409
    doubtful = gateway.http.post(PATH, json=named("Madonna") | {"blind": True}).json()
    assert doubtful["case"]["hold"]["field"] == "subject.name"
    held = gateway.http.post(f"{PATH}/{doubtful['id']}/approve")
    assert held.status_code == 409
    message = held.json()["error"]["message"]
    assert "subject.name is doubtful (too_common)" in message
    assert "%" not in message, "nothing is over a limit"
    approved = gateway.http.post(f"{path}/approve", json={"accept_collateral": True})
    assert approved.status_code == 200, approved.text
    assert not gateway.told(ORDINARY[0])
    assert gateway.http.post(f"{path}/lift").status_code == 200


def test_a_dry_run_tells_that_a_filing_would_be_held(gateway: Running) -> None:
    seen = gateway.http.post(PATH, params={"dry_run": "true"}, json=PYTHON).json()
    assert seen["hold"]["reason"] == "collateral"
    assert seen["sample"]["replies"]["stopped"] > 5
    observing = PYTHON | {"action": "observe"}
    seen = gateway.http.post(PATH, params={"dry_run": "true"}, json=observing).json()
    assert seen["hold"] is None
    fine = gateway.http.post(PATH, params={"dry_run": "true"}, json=named("Berit Solan")).json()
    assert (fine["hold"], fine["sample"]["blocked"]) == (None, 0)


def test_an_edit_is_judged_as_a_filing_is(gateway: Running) -> None:
    filed = gateway.file("Odo Brandt", wait=30)
    path = f"{PATH}/{filed['id']}"
    refused = gateway.http.patch(path, json={"subject": {"aliases": ["people"]}})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "subject.aliases.0")
    held = gateway.http.patch(path, json={"subject": {"aliases": ["Python"]}})
    assert (held.status_code, held.json()["error"]["code"]) == (409, "held")
    assert gateway.http.get(path).json()["version"] == 1
    assert gateway.http.patch(path, json={"subject": {"aliases": ["O. Brandt"]}}).is_success
    assert gateway.told(ORDINARY[0])


def test_what_was_asked_for_in_a_chat_is_tried_when_it_is_approved(gateway: Running) -> None:
    gateway.ask("Please forget everything about New York.")
    pending = gateway.http.get(PATH, params={"status": "pending"}).json()["items"]
    (asked,) = [each for each in pending if each["origin"] == "chat"]
    assert asked["case"]["hold"]["field"] == "subject.name"
    assert gateway.http.post(f"{PATH}/{asked['id']}/approve").status_code == 409


def test_the_limit_is_a_setting(start_gateway: StartGateway) -> None:
    gateway = start_gateway(collateral_limit="1")
    filed = gateway.http.post(PATH, params={"wait": 5}, json=PYTHON).json()
    assert filed["status"] == "completed"
    assert not gateway.told(ORDINARY[0])
    doubtful = gateway.http.post(PATH, json=named("Madonna")).json()
    assert doubtful["case"]["hold"]["reason"] == "too_common"


def test_a_rule_that_acts_on_everything_is_suspected_and_stays(gateway: Running) -> None:
    filed = gateway.file("Gesa Holm", wait=30)
    for number in range(60):
        gateway.ask(f"Who is Gesa Holm, and what about number {number}?")
    path = f"{PATH}/{filed['id']}"
    assert gateway.http.get(path).json()["suspected"] is True
    assert filed["id"] in gateway.http.get("/admin/status").json()["suspected"]
    assert "lethe_false_stops_suspected 1.0" in gateway.http.get("/metrics").text
    assert not gateway.told("Who is Gesa Holm?")
    other = gateway.file("Berit Solan")
    assert gateway.http.get(f"{PATH}/{other['id']}").json()["suspected"] is False
