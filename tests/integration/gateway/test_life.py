"""A request's whole life over HTTP: approved, paused, edited, extended, by whom, and told how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.integration.gateway.test_roles import lethe
from tests.running import Running

PATH = "/admin/forget-requests"


class Officer:
    """Somebody with a key of their own."""

    def __init__(self, gateway: Running, *roles: str) -> None:
        options = [part for role in roles for part in ("--role", role)]
        (made,) = lethe(gateway, "keys", "create", *options, "--name", roles[0])
        self.id = made["id"]
        headers = {"Authorization": f"Bearer {made['key']}"}
        self.http = httpx.Client(base_url=gateway.http.base_url, headers=headers, timeout=30)

    def file(self, name: str, **more: Any) -> dict[str, Any]:
        answer = self.http.post(PATH, json={"subject": {"name": name}, **more}, params={"wait": 5})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def does(self, request: dict[str, Any], what: str, **said: Any) -> httpx.Response:
        return self.http.post(f"{PATH}/{request['id']}/{what}", json=said or None)


Hire = Callable[..., Officer]


@pytest.fixture(scope="module")
def hire() -> Iterator[Hire]:
    """Gives keys to officers."""
    with ExitStack() as stack:

        def hired(gateway: Running, *roles: str) -> Officer:
            officer = Officer(gateway, *roles)
            stack.callback(officer.http.close)
            return officer

        yield hired


@pytest.fixture(scope="module")
def filer(gateway: Running, hire: Hire) -> Officer:
    return hire(gateway, "filer", "approver")


@pytest.fixture(scope="module")
def approver(gateway: Running, hire: Hire) -> Officer:
    return hire(gateway, "approver", "filer")


def test_nobody_decides_on_what_they_filed(
    gateway: Running, filer: Officer, approver: Officer
) -> None:
    filed = filer.file("Odalys Quandahl")
    assert filed["case"]["filed_by"] == filer.id
    for what in ("lift", "pause"):
        refused = filer.does(filed, what)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "four_eyes")
    assert not gateway.told("Who is Odalys Quandahl?")
    lifted = approver.does(filed, "lift", reason="mistake", remark="It was Odalys Quandt.")
    assert lifted.status_code == 200
    case = lifted.json()["case"]
    assert (case["decided_by"], case["reason"]) == (approver.id, "mistake")
    assert gateway.told("Who is Odalys Quandahl?")


def test_the_bootstrap_key_is_nobody_in_particular(gateway: Running) -> None:
    filed = gateway.http.post(PATH, json={"subject": {"name": "Perrin Oakhollow"}}).json()
    assert gateway.http.post(f"{PATH}/{filed['id']}/lift").status_code == 200


def test_a_paused_request_does_not_act_until_it_is_resumed(
    gateway: Running, filer: Officer, approver: Officer
) -> None:
    filed = filer.file("Ysolde Brackenridge", regulation="dmca")
    paused = approver.does(filed, "pause", reason="counter_notice", remark="Case 7.")
    assert (paused.json()["status"], paused.json()["request_status"]) == ("paused", "in_progress")
    assert gateway.told("Who is Ysolde Brackenridge?")
    assert approver.does(filed, "pause").status_code == 200  # again changes nothing
    resumed = approver.http.post(f"{PATH}/{filed['id']}/resume", params={"wait": 5})
    assert resumed.json()["status"] == "completed"
    assert not gateway.told("Who is Ysolde Brackenridge?")
    noted = approver.http.get(f"{PATH}/{filed['id']}/notes").json()["items"]
    assert [(note["text"], note["by"]) for note in noted] == [("Case 7.", approver.id)]
    approver.does(filed, "lift")
    again = approver.does(filed, "resume")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "wrong_status")


def test_nothing_is_edited_away_that_may_not_be_lifted(
    gateway: Running, filer: Officer, approver: Officer
) -> None:
    filed = filer.file("Wilhelmina Grackle", retain=["What is a grackle?"])
    one = f"{PATH}/{filed['id']}"
    away = {"subject": {"name": "Wilhelmina Finch"}}
    refused = filer.http.patch(one, json=away)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "four_eyes")
    assert filer.http.patch(one, json={"retain": ["Who is W. Grackle?"]}).status_code == 403
    more = filer.http.patch(one, json={"subject": {"aliases": ["W. Grackle"]}, "retain": None})
    assert (more.status_code, more.json()["version"]) == (200, 2), more.text
    changed = approver.http.patch(one, json=away)
    assert (changed.status_code, changed.json()["version"]) == (200, 3)
    # Who has edited it does not decide on it any more.
    assert approver.does(filed, "lift").json()["error"]["code"] == "four_eyes"
    assert changed.json()["case"]["edited_by"] == [filer.id, approver.id]


def test_an_edit_is_another_version_and_the_old_one_stays(
    gateway: Running, filer: Officer, approver: Officer
) -> None:
    filed = approver.file("Thaddeus Wickermoor")
    one = f"{PATH}/{filed['id']}"
    patch = {"subject": {"name": "Thaddeus Wickerfell"}, "retain": ["Where is the moor?"]}
    stale = filer.http.patch(one, json=patch, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "version_changed")
    edited = filer.http.patch(one, json=patch, headers={"If-Match": "1"}, params={"wait": 5})
    assert (edited.status_code, edited.json()["version"]) == (200, 2), edited.text
    assert edited.json()["status"] == "completed"
    assert not gateway.told("Who is Thaddeus Wickerfell?")
    assert gateway.told("Who is Thaddeus Wickermoor?")
    versions = filer.http.get(f"{one}/versions").json()["items"]
    names = [each["subject"]["name"] for each in versions]
    assert names == ["Thaddeus Wickermoor", "Thaddeus Wickerfell"]
    for part, whole in (
        ("versions", versions),
        ("events", filer.http.get(f"{one}/events").json()["items"]),
    ):
        seen, query = [], {"limit": "1"}
        while page := filer.http.get(f"{one}/{part}", params=query).json():
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert seen == whole
        assert filer.http.get(f"{one}/{part}?limit=0").status_code == 400
    # null takes away, what is the same changes nothing.
    same = filer.http.patch(one, json={"retain": None})
    assert (same.json()["version"], same.json()["retain"]) == (3, [])
    assert filer.http.patch(one, json={"retain": None}).json()["version"] == 3


@pytest.mark.parametrize(
    ("patch", "param"),
    [
        ({"regulation": "ccpa"}, "regulation"),
        ({"subject_request_id": str(uuid4())}, "subject_request_id"),
        ({"subject": None}, "subject"),
        ({"subject": {"nickname": "T"}}, "subject.nickname"),
        ([], None),
    ],
)
def test_an_edit_that_is_none(
    gateway: Running, filer: Officer, patch: object, param: str | None
) -> None:
    filed = filer.file(f"Corwin Ashgrove {uuid4().hex[:6]}")
    answer = filer.http.patch(f"{PATH}/{filed['id']}", json=patch)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    filer.http.delete(f"{PATH}/{filed['id']}")


def test_a_due_date_is_moved_once_and_as_far_as_the_law_lets(
    filer: Officer, approver: Officer
) -> None:
    waiting = filer.file("Linnea Stormgate", identity_verified=False)
    assert waiting["status"] == "identity_unverified"
    later = approver.does(waiting, "extend", reason="complexity", remark="Many passages.")
    assert later.json()["expected_completion_time"] > waiting["expected_completion_time"]
    again = approver.does(waiting, "extend")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "not_extendable")
    done = filer.file("Linnea Stormgard")
    assert approver.does(done, "extend").status_code == 409  # its clock has stopped


def test_who_asks_is_verified_first(gateway: Running, filer: Officer, approver: Officer) -> None:
    waiting = filer.file("Casimir Duskwater", identity_verified=False)
    assert gateway.told("Who is Casimir Duskwater?")
    assert approver.does(waiting, "approve").status_code == 409
    verified = approver.does(waiting, "verify-identity", remark="A passport was shown.")
    assert verified.json()["case"]["remark"] == "A passport was shown."
    assert verified.json()["status"] in ("in_progress", "completed")
    assert not gateway.told("Who is Casimir Duskwater?")
    other = filer.file("Casimir Dawnwater", identity_verified=False)
    denied = approver.does(other, "deny", reason="insuf_verification", exemption="none")
    assert (denied.json()["status"], denied.json()["request_status"]) == ("denied", "cancelled")
    assert approver.does(other, "deny", reason="because").status_code == 400


def test_notes_and_events_tell_what_happened(filer: Officer, approver: Officer) -> None:
    filed = filer.file("Rosalind Thornbury")
    assert filer.does(filed, "notes", text="She called twice.").status_code == 201
    assert filer.does(filed, "notes").status_code == 400
    approver.does(filed, "lift")
    one = f"{PATH}/{filed['id']}"
    (note,) = approver.http.get(f"{one}/notes").json()["items"]
    assert (note["text"], note["by"]) == ("She called twice.", filer.id)
    for part in ("notes", "deliveries"):
        for query in ("limit=1", "limit=x", "cursor=y", "wrong=1"):
            refused = approver.http.get(f"{one}/{part}?{query}")
            assert (refused.status_code, "none here" in refused.text) == (400, True)
    told = approver.http.get(f"{one}/events").json()["items"]
    assert [event["action"] for event in told] == ["filed", "completed", "noted", "lifted"]
    assert [told[0]["by"], told[-1]["by"]] == [filer.id, approver.id]
    assert "Rosalind" not in orjson.dumps(told).decode()
    assert approver.http.get(f"{PATH}/fr_none/events").status_code == 404


def test_lists_hold_what_fits(filer: Officer) -> None:
    submitted = str(uuid4())
    filed = filer.file("Isolde Fennimore", regulation="ccpa", subject_request_id=submitted)
    for query in (
        {"subject": "isolde  FENNIMORE"},
        {"subject_request_id": submitted},
        {"regulation": "ccpa", "status": "completed", "received_since": filed["received_time"]},
    ):
        found = filer.http.get(PATH, params=query).json()["items"]
        assert filed["id"] in [each["id"] for each in found], query
    assert filer.http.get(PATH, params={"overdue": "true"}).json()["items"] == []
    for query in ({"overdue": "perhaps"}, {"regulation": "hipaa"}, {"since": "2027"},
                  {"received_since": "soon"}, {"subject_request_id": "7"}):  # fmt: skip
        assert filer.http.get(PATH, params=query).status_code == 400, query


class TestApproval:
    def test_required_a_filing_waits(self, start_gateway: StartGateway, hire: Hire) -> None:
        gateway = start_gateway(approval="required")
        filer, approver = hire(gateway, "filer", "approver"), hire(gateway, "approver", "filer")
        filed = filer.file("Odalys Quandahl", scope={"forbidden": ["Operation Night Heron"]})
        assert filed["status"] == filed["request_status"] == "pending"
        assert gateway.told("Who is Odalys Quandahl?")
        refused = filer.does(filed, "approve")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "four_eyes")
        approved = approver.http.post(f"{PATH}/{filed['id']}/approve", params={"wait": 5})
        assert approved.json()["status"] == "completed", approved.text
        assert not gateway.told("Who is Odalys Quandahl?")
        told = approver.http.get(f"{PATH}/{filed['id']}/events").json()["items"]
        assert [event["action"] for event in told][:2] == ["filed", "approved"]
        # What was approved is not made into something else by its filer.
        patch = {"subject": {"name": "Perrin Oakhollow"}}
        one = f"{PATH}/{filed['id']}"
        assert filer.http.patch(one, json=patch).status_code == 403
        # Nor by its approver, who would file and approve that alone; they may take away.
        more = approver.http.patch(one, json=patch)
        assert (more.status_code, more.json()["error"]["code"]) == (403, "four_eyes")
        less = approver.http.patch(one, json={"scope": {"forbidden": None}})
        assert (less.status_code, less.json()["version"]) == (200, 2), less.text

    def test_provisional_privacy_acts_at_once(
        self, start_gateway: StartGateway, hire: Hire
    ) -> None:
        gateway = start_gateway(approval="provisional")
        filer, approver = hire(gateway, "filer"), hire(gateway, "approver")
        person, book = (
            filer.file("Odalys Quandahl"),
            filer.file("Emberfall Rising", regulation="dmca"),
        )
        assert [each["status"] for each in (person, book)] == ["pending", "pending"]
        assert [each["provisional"] for each in (person, book)] == [True, False]
        assert not gateway.told("Who is Odalys Quandahl?")
        assert gateway.told("What is Emberfall Rising about?")
        approver.does(person, "deny", reason="no_match")
        approver.does(book, "approve")
        assert gateway.told("Who is Odalys Quandahl?")
        assert not gateway.told("What is Emberfall Rising about?")
