"""Every name in Redis, and nothing else; all share one hash tag, hence one Cluster slot."""

from __future__ import annotations

from gateway.registry.models import Status

PREFIX = "{lethe}:"

META = f"{PREFIX}meta"
"""Hash: schema version, epoch of the ledger, a value that proves the data key."""

REVISION = f"{PREFIX}revision"
"""String: the newest revision."""

LEDGER = f"{PREFIX}ledger"
"""Stream: one entry per change; the entry of revision n has the id `n-0`."""

REQUEST = f"{PREFIX}request:"
"""Start of the hash of one forget request; its id follows."""

INDEX = f"{PREFIX}requests"
"""Sorted set of all request ids by the revision at which they were filed: the order of lists."""

INDEX_BY_STATUS = f"{PREFIX}requests:"
"""Start of the same index for one status, which follows."""

OPEN = f"{PREFIX}open"
"""Sorted set of the requests in progress by the revision that gateways must acknowledge."""

SUBMISSIONS = f"{PREFIX}submissions"
"""Hash: keyed hash of a subject_request_id → keyed hash of what was filed, and request id; and
keyed hash of the subject of a request that waited for approval → request id."""

API_KEYS = f"{PREFIX}api-keys"
"""Hash: id of an API key → the sealed key record (which holds a digest, never the token)."""

CLAIM = f"{PREFIX}claim:"
"""Start of a string that says who does what one gateway is enough for; it expires."""

GATEWAYS = f"{PREFIX}gateways"
"""Hash: gateway id → the revision that it acknowledged last."""

GATEWAYS_SEEN = f"{PREFIX}gateways:seen"
"""Hash: gateway id → when it acknowledged last, in microseconds of Redis' clock."""

CONFIRMED = f"{PREFIX}confirmed"
"""String without a meaning: written so that there is something that replicas can confirm."""


def request(request_id: str) -> str:
    """The hash of one forget request."""
    return REQUEST + request_id


def index(status: Status | None) -> str:
    """The index of all requests, or of those in one status."""
    return INDEX if status is None else INDEX_BY_STATUS + status.value
