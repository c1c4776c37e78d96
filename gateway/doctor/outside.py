"""What a stranger sees: health, transport, and whether a key is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from yarl import URL

from gateway.doctor.facts import Facts, Finding
from gateway.settings import is_loopback

_SKEW_S = 5.0


def health(facts: Facts) -> Iterator[Finding]:
    """Alive, and ready."""
    if facts.health.status != 200 or facts.health.field("status") != "ok":
        yield Finding(
            "reachable", "fail", f"What answers at {facts.base} is no Lethe.", "Set LETHE_URL."
        )
        return
    yield Finding("reachable", "ok", f"A gateway answers at {facts.base}.")
    if facts.ready.status == 200:
        yield Finding("ready", "ok", "Enforcement is assured and an engine answers.")
    else:
        why = facts.ready.field("problems") or ["It says why to the key of an operator only."]
        yield Finding(
            "ready", "fail", "The gateway is not ready.", " ".join(str(each) for each in why)
        )
    for warning in facts.ready.field("warnings") or ():
        yield Finding("warnings", "warn", "The gateway warns of its store.", str(warning))


def transport(facts: Facts) -> Iterator[Finding]:
    """Encrypted, or on this machine."""
    url = URL(facts.base)
    host = url.host or ""
    mend = "Serve it by TLS, at the gateway or at a proxy before it: keys and prompts travel here."
    if url.scheme == "https":
        yield Finding("transport", "ok", "The connection is encrypted.")
    elif is_loopback(host):
        yield Finding("transport", "ok", "The connection stays on this machine.")
    elif is_private(host):
        yield Finding("transport", "warn", "The connection is not encrypted.", mend)
    else:
        yield Finding("transport", "fail", "The connection is public and not encrypted.", mend)


def authentication(facts: Facts) -> Iterator[Finding]:
    """Nothing is answered without a key."""
    if facts.unkeyed.status == 401 and facts.unkeyed_chat.status == 401:
        yield Finding("authentication", "ok", "Calls without a key are refused.")
        return
    on_machine = is_loopback(URL(facts.base).host or "")
    yield Finding(
        "authentication",
        "warn" if on_machine else "fail",
        "Calls without a key are answered.",
        "Set LETHE_AUTH=on, and give out keys with 'lethe keys create'.",
    )


def key(facts: Facts) -> Iterator[Finding]:
    """What the key of the doctor may do."""
    asked = {"operator": (facts.status, facts.metrics), "client": (facts.models,)}
    said = {name: {reply.status for reply in replies} for name, replies in asked.items()}
    if any(401 in statuses for statuses in said.values()):
        yield Finding(
            "key", "fail", "The API key was not issued there, or is none.", "Set LETHE_API_KEY."
        )
        return
    lacking = [name for name, statuses in said.items() if 403 in statuses]
    if lacking:
        yield Finding(
            "key",
            "warn",
            f"The API key lacks a role ({', '.join(lacking)}): not everything is checked.",
            "Make one with 'lethe keys create --role operator --role client'.",
        )
    else:
        yield Finding("key", "ok", "The API key may ask everything that is checked.")


def clock(facts: Facts) -> Iterator[Finding]:
    """The same time here, at the gateway and in the store."""
    ahead = {"gateway": facts.health.ahead_s, "store": facts.status.field("store", "clock_ahead_s")}
    wrong = [
        f"the {name}'s clock is {abs(by):.0f} s {'ahead' if by > 0 else 'behind'}"
        for name, by in ahead.items()
        if by is not None and abs(by) > _SKEW_S
    ]
    if wrong:
        told = f"Clocks differ: {', '.join(wrong)}."
        yield Finding("clocks", "warn", told, "Keep all machines' clocks by NTP: leases need it.")
    elif ahead["gateway"] is not None:
        yield Finding("clocks", "ok", "The clocks agree.")


def is_private(host: str) -> bool:
    """Whether a host is on this machine or in a private network, as far as its name tells."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local", ".localhost"))
