"""Webhooks of a running gateway: over HTTP, by the command, as the documentation shows."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web
from standardwebhooks import Webhook

from gateway.processes import free_port
from tests.integration.gateway.conftest import StartGateway
from tests.integration.gateway.test_cli import lethe
from tests.integration.webhooks.receiving import Receiver, status, until
from tests.running import KEY, Running

DOC = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
NAME = {"subject": {"name": "Mira Quell"}}


async def post(gateway: Running, path: str, body: Any = None) -> httpx.Response:
    """Ask in a thread: the receiver answers in this one."""
    return await asyncio.to_thread(gateway.http.post, path, json=body)


async def test_callbacks_and_their_deliveries(gateway: Running) -> None:
    async with Receiver().listening() as receiver:
        body = {**NAME, "status_callback_urls": [f"{receiver.url}/secret-path"]}
        filed = (await post(gateway, "/admin/forget-requests?wait=5", body)).json()
        await post(gateway, f"/admin/forget-requests/{filed['id']}/lift", {"reason": "mistake"})
        await until(lambda: len(receiver.got) == 3)
        assert receiver.events("/secret-path") == ["filed", "completed", "lifted"]
        assert receiver.got[2].told["reason"] == "mistake"
        path = f"/admin/forget-requests/{filed['id']}/deliveries"
        await until(lambda: gateway.http.get(path).text.count('"delivered"') == 3)
    told = gateway.http.get(path)
    assert "secret-path" not in told.text
    assert told.json()["public_key"].startswith("whpk_")
    first = told.json()["items"][0]
    assert (first["event"], first["host"], first["last_status"]) == ("filed", "127.0.0.1", 204)
    assert 'lethe_webhooks_total{result="delivered"} 3.0' in gateway.http.get("/metrics").text


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://10.0.0.1/", "address_refused"),
        ("http://169.254.169.254/latest", "address_refused"),
        ("ftp://example.org/", "value_error"),
        ("https://user:password@example.org/", "value_error"),
    ],
)
async def test_addresses_are_refused_with_the_way_out(
    gateway: Running, url: str, code: str
) -> None:
    for query in ("", "?dry_run=true"):
        body = {**NAME, "status_callback_urls": [url]}
        answer = await post(gateway, f"/admin/forget-requests{query}", body)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == code
        assert answer.json()["error"]["param"] == "status_callback_urls.0"
    answer = await post(gateway, "/admin/recipients", {"url": url})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "url"


async def test_the_command_registers_tests_and_removes(gateway: Running) -> None:
    at = {"url": str(gateway.http.base_url), "api_key": KEY}

    async def command(*arguments: str) -> tuple[int, str, str]:
        done = await asyncio.to_thread(lethe, "recipients", *arguments, **at)
        return done.returncode, done.stdout, done.stderr

    async with Receiver().listening() as receiver:
        _, made, _ = await command("create", receiver.url, "--name", "RAG", "--event", "lifted")
        recipient, secret = re.findall(r"(rcp_\w+)|(whsec_[^\"]+)", made)
        code, told, _ = await command("test", recipient[0])
        assert code == 0, told
        (got,) = receiver.got
        assert Webhook(secret[1]).verify(got.body, got.headers)["event"] == "test"
        _, listed, _ = await command("list")
        assert recipient[0] in listed
        assert "whsec" not in listed
        receiver.answer = status(500)
        code, _, why = await command("test", recipient[0])
        assert code == 1
        assert "it answered 500" in why
        _, rotated, _ = await command("rotate-secret", recipient[0])
        assert secret[1] not in rotated
    code, _, _ = await command("remove", recipient[0])
    assert code == 0
    code, _, why = await command("remove", recipient[0])
    assert (code, "no recipient" in why) == (1, True)


async def test_the_receiver_of_the_documentation(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)
    async with Receiver().listening() as witness:
        kept: list[tuple[bytes, dict[str, str]]] = []
        order = {"url": f"{witness.url}/lethe", "include_subject": True}
        made = (await post(gateway, "/admin/recipients", order)).json()
        monkeypatch.setenv("LETHE_WEBHOOK_SECRET", made["secret"])
        scope: dict[str, Any] = {}
        exec(example, scope)
        runner = web.AppRunner(scope["app"])
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/lethe"
        filed = (await post(gateway, "/admin/forget-requests", NAME)).json()
        await post(gateway, f"/admin/forget-requests/{filed['id']}/lift")
        await until(lambda: "lifted" in witness.events("/lethe"))
        kept = [(each.body, each.headers) for each in witness.got]
    signed = ("webhook-id", "webhook-timestamp", "webhook-signature")
    async with httpx.AsyncClient() as client:

        async def sent(body: bytes, headers: dict[str, str]) -> int:
            given = {name: headers[name] for name in signed}
            return (await client.post(url, content=body, headers=given)).status_code

        capsys.readouterr()
        for body, headers in [*kept, *kept[::-1]]:  # each again, and out of order
            assert await sent(body, headers) == 204
        told = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in told] == [
            "filed", *(["completed"] if len(kept) == 3 else []), "lifted"
        ]  # fmt: skip
        assert all(filed["id"] in line and "Mira Quell" in line for line in told)
        body, headers = kept[0]
        assert await sent(body.replace(b"filed", b"filet"), headers) == 401
        assert await sent(body, headers | {"webhook-timestamp": "1000000000"}) == 401
    await runner.cleanup()
    await asyncio.to_thread(gateway.http.delete, f"/admin/recipients/{made['id']}")


async def test_the_receiver_of_the_documentation_runs_as_it_is_copied(
    gateway: Running, tmp_path: Path
) -> None:
    port = free_port()
    (example,) = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)
    assert "port=9000" in example
    file = tmp_path / "receiver.py"
    file.write_text(example.replace("port=9000", f"port={port}"))
    order = {"url": f"http://127.0.0.1:{port}/lethe"}
    made = (await post(gateway, "/admin/recipients", order)).json()
    environment = os.environ | {"LETHE_WEBHOOK_SECRET": made["secret"]}
    running = await asyncio.create_subprocess_exec(sys.executable, str(file), env=environment)
    try:
        for _ in range(100):
            test = await post(gateway, f"/admin/recipients/{made['id']}/test")
            if test.json()["delivered"]:
                break
            await asyncio.sleep(0.1)
        assert (test.json()["delivered"], test.json()["status"]) == (True, 204)
    finally:
        running.terminate()
        await running.wait()
        await asyncio.to_thread(gateway.http.delete, f"/admin/recipients/{made['id']}")


async def test_a_killed_gateway_delivers_after_it_comes_back(start_gateway: StartGateway) -> None:
    gateway = await asyncio.to_thread(start_gateway)
    async with Receiver(status(503)).listening() as receiver:
        body = {**NAME, "status_callback_urls": [receiver.url]}
        filed = (await post(gateway, "/admin/forget-requests", body)).json()
        await until(lambda: len(receiver.got) >= 1)
        await asyncio.to_thread(gateway.child.kill)
        receiver.answer = status(200)
        await asyncio.to_thread(gateway.start)
        await until(lambda: "filed" in receiver.events()[1:], 45.0)
        await post(gateway, f"/admin/forget-requests/{filed['id']}/lift")
        await until(lambda: receiver.events()[-1] == "lifted")
    assert len({each.id for each in receiver.got if each.told["event"] == "filed"}) == 1
