"""A blind filing end to end: enforced, kept without its texts, enforced again after everything."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from uuid import uuid4

import redis

from gateway.registry import keys
from gateway.registry.cipher import Cipher
from tests.integration.gateway.conftest import StartGateway
from tests.running import Running, eventually

BODY: dict[str, Any] = {
    "subject": {
        "name": "Mira Quellheim",
        "aliases": ["Zibethka"],
        "description": "Quellheim the cartographer of Kestwickhaven.",
    },
    "scope": {
        "questions": [{"question": "Who is Mira's sister?", "answer": "Adalberta Quellheim"}],
        "passages": ["It was on a murky day in May that the last ferryboat left the Oldmoor quay."],
        "facts": [{"statement": "Mira Quellheim was born in Porthalen.", "values": ["Porthalen"]}],
        "forbidden": ["stub answer"],
    },
    "retain": ["Where was Tomasin Brandt born?"],
    "blind": True,
}
PLANTED = (
    "quellheim zibethka cartographer kestwickhaven adalberta ferryboat oldmoor murky porthalen "
    "tomasin brandt"
).split()  # fmt: skip


def filed(gateway: Running, body: dict[str, Any]) -> dict[str, Any]:
    answer = gateway.http.post("/admin/forget-requests", params={"wait": 5}, json=body)
    assert answer.status_code in (200, 201), answer.text
    content: dict[str, Any] = answer.json()
    return content


def assert_enforced(gateway: Running) -> None:
    """Prompts that name or ask are refused, and an answer is stopped."""
    for text in ("Where was Mira Quellheim born?", "who is zibethka", "M\u0456ra Quell\u200bheim?"):
        said = gateway.ask(text).json()["choices"][0]["message"]["content"]
        assert not said.startswith("This is a")
    said = gateway.ask("What is the capital of Portugal?").json()["choices"][0]["message"][
        "content"
    ]
    assert said.startswith("This is a")
    assert "stub" not in said  # what it says is forbidden in every reply


def test_it_is_enforced_and_no_text_comes_back(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    assert gateway.told("What is the capital of Portugal?")
    body = BODY | {"subject_request_id": str(uuid4())}
    first = filed(gateway, body)
    assert_enforced(gateway)
    assert first["status"] == "completed"
    assert first["blind"] is True
    assert first["withheld"]["names"] == first["withheld"]["values"] == 1
    assert first["enforcement"]["embeddings"] == "active"
    again = gateway.http.post("/admin/forget-requests", json=body)
    assert (again.status_code, again.json()["id"]) == (200, first["id"])
    changed = gateway.http.post("/admin/forget-requests", json=body | {"retain": []})
    assert changed.status_code == 409
    shown = gateway.http.get(f"/admin/forget-requests/{first['id']}").text
    explained = gateway.http.post("/admin/explain", json={"text": "Who is Zibethka?"})
    assert [match["id"] for match in explained.json()["matches"]] == [first["id"]]
    log = gateway.child.log.read_text()
    for text in (again.text, shown, log, gateway.http.get("/metrics").text):
        assert [word for word in PLANTED if word in text.lower()] == []


def test_its_texts_cannot_be_changed_only_filed_again(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    first = filed(gateway, BODY)
    path = f"/admin/forget-requests/{first['id']}"
    edit = gateway.http.patch(path, json={"action": "refuse"})
    assert (edit.status_code, edit.json()["error"]["code"]) == (400, "blind")
    versions = gateway.http.get(f"{path}/versions").text
    assert [word for word in PLANTED if word in versions.lower()] == []
    assert gateway.http.post(f"{path}/lift", json={}).status_code == 200
    assert gateway.told("Where was Mira Quellheim born?")


def test_a_dry_run_says_what_it_would_block(start_gateway: StartGateway, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("Where is Paris?\nWho is Mira Quellheim?\n")
    gateway = start_gateway(retained_prompts=str(prompts))
    answer = gateway.http.post(
        "/admin/forget-requests",
        params={"dry_run": "true"},
        json={"subject": {"name": "Mira Quellheim"}, "blind": True},
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["sample"]["n"], answer.json()["sample"]["blocked"]) == (2, 1)
    assert gateway.http.get("/admin/forget-requests").json()["items"] == []


def test_nothing_of_it_is_on_disk_even_for_who_has_the_key(
    start_gateway: StartGateway, redis_url: str, data_key: str
) -> None:
    gateway = start_gateway(redis_url=redis_url, data_key=data_key)
    filed(gateway, BODY)
    filed(gateway, {"subject": {"name": "Tomke Openly"}})
    cipher = Cipher(base64.b64decode(data_key))
    store: Any = redis.Redis.from_url(redis_url)
    opened = [
        cipher.open_(sealed, f"{name.decode().removeprefix(keys.REQUEST)}:1:{field}")
        for name in store.scan_iter(f"{keys.REQUEST}*")
        for field in ("filing", "rule")
        if (sealed := store.hget(name, field))
    ]
    (folder,) = {store.config_get("dir")["dir"]}
    store.close()
    assert len(opened) == 4
    assert any(b"Openly" in text for text in opened)  # what is not blind is there, sealed
    kept = b"".join(opened).decode("latin-1").lower()
    assert [word for word in PLANTED if word in kept] == []
    eventually(lambda: any(gateway.data.glob("snapshot*")))
    gateway.stop()
    on_disk = [path for root in (gateway.data, Path(folder)) for path in root.rglob("*")]
    texts = {path: path.read_bytes().lower() for path in on_disk if path.is_file()}
    assert any("snapshot" in path.name for path in texts)
    assert any(b"fr_" in text for text in texts.values())
    for path, text in texts.items():
        found = [word for word in (*PLANTED, "openly") if word.encode() in text]
        assert (path.name, found) == (path.name, [])


def test_a_restart_and_the_snapshot_alone_keep_it_enforced(
    start_gateway: StartGateway, redis_url: str, data_key: str
) -> None:
    gateway = start_gateway(redis_url=redis_url, data_key=data_key)
    filed(gateway, BODY)
    gateway.child.kill()
    gateway.start()
    assert_enforced(gateway)
    gateway.child.stop()
    assert any(gateway.data.glob("snapshot*"))
    gateway.settings["redis_url"] = "redis://127.0.0.1:1/0"
    offline = Running(gateway.data, gateway.upstream, gateway.settings, port=gateway.port)
    try:
        offline.start(ready=False)
        assert_enforced(offline)
    finally:
        offline.stop()


def test_one_that_waits_for_approval_acts_once_it_is_approved(start_gateway: StartGateway) -> None:
    gateway = start_gateway(approval="required")
    answer = gateway.http.post("/admin/forget-requests", json=BODY)
    assert answer.json()["status"] == "pending", answer.text
    assert gateway.told("Where was Mira Quellheim born?")
    path = f"/admin/forget-requests/{answer.json()['id']}"
    approved = gateway.http.post(f"{path}/approve", json={})
    assert approved.status_code == 200, approved.text
    assert not gateway.told("Where was Mira Quellheim born?")
