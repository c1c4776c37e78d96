"""Engines: can they be steered, and can anybody but the gateways ask them?"""

from __future__ import annotations

from collections.abc import Iterator

from yarl import URL

from gateway.doctor.facts import Facts, Finding
from gateway.doctor.outside import is_private
from gateway.telemetry.surroundings import engine_name

_CLOSE = "Close its port to all but the gateways, and start it with --api-key."


def steerable(facts: Facts) -> Iterator[Finding]:
    """Healthy, with the plug-in, tested, and at the revision."""
    known, revision = facts.status.field("engines"), facts.status.field("revision")
    if known is None:
        return
    for engine in known:
        name = engine_name(engine["url"])
        if not engine["healthy"]:
            yield Finding(
                "engine",
                "fail",
                f"{name} does not answer.",
                "Start it, or correct LETHE_UPSTREAMS.",
            )
        elif engine["self_test"] != "passed":
            why = str(engine["missing"] or f"its self-test is {engine['self_test']}")
            told = f"{name} cannot be steered: what would be suppressed is refused."
            yield Finding("engine", "warn", told, why)
        elif (engine["revision"] or 0) < revision:
            yield Finding(
                "engine",
                "warn",
                f"{name} is at revision {engine['revision']}, the gateway at {revision}.",
                "Ask again in a second; if it stays behind, the gateway's log says why.",
            )
        else:
            yield Finding("engine", "ok", f"{name} is steerable, at revision {revision}.")
        if not is_private(URL(engine["url"]).host or ""):
            yield Finding("engine", "warn", f"{name} has a public address.", _CLOSE)


def unreachable(facts: Facts) -> Iterator[Finding]:
    """Each engine that was named to the doctor answers no stranger."""
    for url, direct in facts.engines.items():
        name = engine_name(url)
        if direct.models == 200:
            told = f"{name} answers anybody: whoever asks it goes past Lethe."
            yield Finding("engine access", "fail", told, _CLOSE)
        elif direct.tokenize not in (0, 401, 403, 404):
            told = f"{name} asks for a key under /v1 only; its other routes answer anybody."
            yield Finding("engine access", "warn", told, _CLOSE)
        else:
            yield Finding("engine access", "ok", f"{name} answers no stranger here.")
