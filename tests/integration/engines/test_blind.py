"""Engines are given nothing of a blind request: what would be suppressed is refused."""

from __future__ import annotations

from tests.integration.engines.fake import FakeEngine
from tests.integration.engines.test_engines import NAMED, Start, start
from tests.integration.openai.conftest import eventually

__all__ = ["start"]

BLIND = NAMED | {"blind": True, "action": "suppress"}


async def test_no_layer_of_an_engine_acts_and_none_is_waited_for(start: Start) -> None:
    fake = FakeEngine()
    gateway = await start([fake])
    await gateway.file(BLIND)
    await eventually(gateway.held)
    assert fake.held.rules["fr_1"].bans == ()
    assert not gateway.steered()
    states = gateway.states()
    assert (states["rotate"], states["ban"]) == ("inactive", "inactive")


async def test_no_engine_is_trusted_with_what_it_touches(start: Start) -> None:
    fake = FakeEngine()
    gateway = await start([fake])
    await gateway.file(BLIND)
    await gateway.file({"subject": {"name": "Tom Brandt"}}, "fr_2")
    await eventually(gateway.held)
    await eventually(lambda: gateway.steered("fr_2"))
    await eventually(gateway.held)
    interventions = gateway.interventions("rotate", "ban")
    assert await interventions.for_("m", ["fr_2"], "Who is Tom Brandt?") is not None
    assert await interventions.for_("m", ["fr_1"], "Who is Mira Quell?") is None
    both = "Who is Tom Brandt, and Mira Quell?"
    assert await interventions.for_("m", ["fr_1", "fr_2"], both) is None
