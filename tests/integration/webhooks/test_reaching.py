"""No filing's address leads into the network, however it is written and whatever DNS says."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from yarl import URL

from gateway.errors import InvalidRequest
from gateway.registry.redis_store import RedisRegistry
from gateway.settings_load import load_settings
from gateway.webhooks.addresses import Reach
from gateway.webhooks.ordering import RecipientOrder, check_callbacks
from gateway.webhooks.sending import Outcome, Sender
from tests.integration.registry.support import NOW, draft, filing
from tests.integration.webhooks.conftest import dispatching
from tests.integration.webhooks.receiving import Receiver, until

REFUSED = Outcome(error="refused_address")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0", "0.0.0.0", "[::1]",
     "[::ffff:127.0.0.1]", "127.0.0.1.", "LOCALHOST."],
)  # fmt: skip
async def test_loopback_is_refused_when_connecting(receiver: Receiver, host: str) -> None:
    async with Sender(Reach(), 2.0) as sender:
        outcome = await sender.send(f"http://{host}:{receiver.port}/", {}, b"{}")
    # Odd ways to write an address are not even looked up.
    assert outcome.error in ("refused_address", "unknown_host", "no_answer")
    assert receiver.got == []


async def test_a_name_that_turns_is_refused_when_connecting(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["93.184.216.34", "127.0.0.1"]
    asked = []

    async def resolve(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        address = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    url = f"http://turning.example:{receiver.port}/"
    order = RecipientOrder(url=url)
    assert (await order.recipient(Reach(), NOW)).url == url  # it was public then
    async with Sender(Reach(), 2.0) as sender:
        assert await sender.send(url, {}, b"{}") == REFUSED
        # Named by the operator, it may lead where it likes.
    async with Sender(Reach(hosts=frozenset({"turning.example"})), 2.0) as sender:
        assert (await sender.send(url, {}, b"{}")).delivered
    assert len(receiver.got) == 1


async def test_a_refused_address_is_tried_again_and_then_given_up(
    registry: RedisRegistry, receiver: Receiver
) -> None:
    counted: list[str] = []
    async with dispatching(registry, reach=Reach(), counted=counted):
        record, _ = await registry.file(draft(status_callback_urls=[receiver.url]))
        await until(lambda: counted == ["failed"] * 3 + ["given_up"])
    ((delivery, _),) = await registry.deliveries.of(record.id)
    assert (delivery.last_error, delivery.last_status) == ("refused_address", None)
    assert receiver.got == []


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://localhost:9/", "http://[fd00::1]/"])
async def test_what_leads_inside_as_it_is_written_is_refused_at_once(url: str) -> None:
    with pytest.raises(InvalidRequest, match="LETHE_CALLBACK_HOSTS") as error:
        check_callbacks(filing(status_callback_urls=["https://example.org/", url]), Reach())
    assert error.value.param == "status_callback_urls.1"
    with pytest.raises(InvalidRequest, match="LETHE_CALLBACK_HOSTS"):
        await RecipientOrder(url=url).recipient(Reach(), NOW)


async def test_subjects_travel_encrypted_or_stay_on_this_machine() -> None:
    here = Reach(loopback=True)
    order = RecipientOrder(url="http://127.0.0.1:9/", include_subject=True)
    assert (await order.recipient(here, NOW)).include_subject
    with pytest.raises(InvalidRequest, match="https"):
        await RecipientOrder(url="http://8.8.8.8/", include_subject=True).recipient(here, NOW)


@pytest.mark.parametrize(
    ("address", "lets"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("100.100.100.200", False),
        ("169.254.169.254", False),
        ("168.63.129.16", False),
        ("192.0.0.192", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("239.1.1.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd00:ec2::254", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::93.184.216.34", True),
        ("64:ff9b:1::1", False),
        ("2002:a00:1::1", False),
        ("fec0::1", False),
        ("::10.0.0.1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:10.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
    ],
)
def test_only_public_addresses_are_let(address: str, lets: bool) -> None:
    assert Reach().lets(address) is lets
    assert Reach(loopback=True).lets(address) is (lets or address in ("127.0.0.1", "::1"))


@pytest.mark.parametrize(
    ("settings", "lets"),
    [
        ({}, True),
        ({"host": "0.0.0.0"}, False),
        ({"trusted_proxies": "127.0.0.1"}, False),
        ({"redis_url": "redis://127.0.0.1:6379/0"}, False),
        ({"trusted_proxies": "127.0.0.1", "callback_hosts": "127.0.0.0/8"}, True),
    ],
)
def test_loopback_is_for_trying_out(settings: dict[str, Any], lets: bool) -> None:
    reach = Reach.of(load_settings(**settings))
    assert reach.lets("127.0.0.1") is lets
    assert (reach.problem(URL("http://localhost:8000/")) is None) is lets


def test_named_networks_are_let() -> None:
    reach = Reach.of(load_settings(callback_hosts="RAG.internal, 10.1.0.0/16,192.168.0.7"))
    assert reach.lets("10.1.2.3")
    assert reach.lets("192.168.0.7")
    assert not reach.lets("10.2.0.1")
    assert not reach.lets("192.168.0.8")
    assert reach.problem(URL("http://rag.internal/")) is None
    assert reach.problem(URL("http://other.internal/"), ["10.2.0.1"])
