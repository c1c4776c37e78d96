"""What `GET /admin/status` tells of the replicas, the store and the disk."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.doctor.facts import Facts, Finding

_FULL = 0.8
_LEAST_FREE = 2**30
_LEAST_SHARE = 0.05
_UNSAVED_S = 60.0


def replicas(facts: Facts) -> Iterator[Finding]:
    """All live, at one revision."""
    known = facts.status.field("gateways")
    if known is None:
        return
    silent = [str(each["id"]) for each in known if not each["live"]]
    newest = max((each["revision"] for each in known), default=0)
    behind = [str(each["id"]) for each in known if each["live"] and each["revision"] < newest]
    if silent:
        yield Finding(
            "replicas",
            "fail",
            f"Silent, so no filing is completed: {', '.join(silent)}.",
            "Start them again, or expire them: DELETE /admin/gateways/ID.",
        )
    if behind:
        yield Finding(
            "replicas",
            "warn",
            f"Behind revision {newest}: {', '.join(behind)}.",
            "Ask again in a second; if they stay behind, their logs say why.",
        )
    if not silent and not behind and known:
        yield Finding("replicas", "ok", f"{len(known)} at revision {newest}, all live.")


def redis(facts: Facts) -> Iterator[Finding]:
    """There, persistent, not evicting, with room."""
    if facts.status.status != 200:
        return
    store = facts.status.field("store")
    if facts.status.field("redis") != "ok" or store is None:
        yield Finding(
            "redis",
            "fail",
            "The gateway does not reach Redis: filings are refused.",
            "Start Redis, or mend the way to it; what was filed stays enforced meanwhile.",
        )
        return
    if store["policy"] != "noeviction":
        yield Finding(
            "redis eviction",
            "fail",
            f"Redis drops data when memory is short ({store['policy']}).",
            "Set maxmemory-policy noeviction.",
        )
    if store["volatile"] or not store["persistent"]:
        yield Finding(
            "redis persistence",
            "fail",
            "Redis does not write every filing to its disk.",
            "Set appendonly yes and appendfsync always; see in its log whether its disk is full.",
        )
    yield _memory(store["used_memory"], store["max_memory"])
    if not facts.ready.field("warnings"):
        yield Finding("redis", "ok", f"Redis {store['version']} answers.")


def _memory(used: int, most: int) -> Finding:
    if not most:
        return Finding(
            "redis memory",
            "warn",
            f"Redis uses {_mib(used)} and has no bound.",
            "Set maxmemory below what its machine has: else the kernel ends it some day.",
        )
    if used > _FULL * most:
        return Finding(
            "redis memory",
            "warn",
            f"Redis uses {_mib(used)} of {_mib(most)}; at the bound filings are refused.",
            "Raise maxmemory, and the memory of its machine with it.",
        )
    return Finding("redis memory", "ok", f"Redis uses {_mib(used)} of {_mib(most)}.")


def disk(facts: Facts) -> Iterator[Finding]:
    """Room in the data folder, and a snapshot that holds everything."""
    free, size = facts.status.field("disk", "free"), facts.status.field("disk", "size")
    if free is None or size is None:
        return
    if free < max(_LEAST_FREE, _LEAST_SHARE * size):
        yield Finding(
            "disk",
            "warn",
            f"{_mib(free)} are free in the data folder.",
            "Make room: the snapshot, and the embedded Redis, are written there.",
        )
    else:
        yield Finding("disk", "ok", f"{_mib(free)} are free in the data folder.")
    if (facts.status.field("snapshot", "unsaved_s") or 0) > _UNSAVED_S:
        yield Finding(
            "snapshot",
            "warn",
            "The snapshot on disk lacks a change that is older than a minute.",
            "The gateway's log says why it cannot be written.",
        )


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
