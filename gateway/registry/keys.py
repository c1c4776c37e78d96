"""Every name in Redis, and nothing else; all share one hash tag, hence one Cluster slot."""

from __future__ import annotations

from gateway.registry.status import Status

PREFIX = "{lethe}:"

META = f"{PREFIX}meta"
"""Hash: schema version, epoch of the ledger, a value that proves the data key, the sealed keyring;
which data key was used before, and whether all of it is sealed anew."""

REVISION = f"{PREFIX}revision"
"""String: the newest revision."""

LEDGER = f"{PREFIX}ledger"
"""Stream: one entry per change; the entry of revision n has the id `n-0`."""

REQUEST = f"{PREFIX}request:"
"""Start of the hash of one forget request; its id follows."""

AUDIT = f"{PREFIX}audit"
"""Stream: the audit chain; entry n has the id `n-0`."""

AUDIT_HEAD = f"{PREFIX}audit:head"
"""String: number and hash of the newest entry of the audit."""

EVENTS = f"{PREFIX}events:"
"""Start of the list of the audit entries, by number, of one forget request; its id follows."""

OUTCOMES = f"{PREFIX}outcomes:"
"""Start of the hash of what became of requests in one hour; the second at which it began follows.

Id of a forget request and outcome → count, and `closed` once the audit was told. It expires.
"""

OUTCOME_HOURS = f"{PREFIX}outcome-hours"
"""Sorted set of the hours that have such a table, by the second at which they began."""

OUTCOMES_OPEN = f"{PREFIX}outcome-hours:open"
"""The same of those that the audit has not been told of."""

OUTCOMES_SEEN = f"{PREFIX}outcomes-seen:"
"""Start of a string that tells what a gateway's process sent last; it expires."""

TRACE = f"{PREFIX}trace:"
"""Start of a string that is a sealed trace, which holds a prompt; its id follows. It expires."""

TRACES = f"{PREFIX}traces"
"""Sorted set of the ids of traces by the time at which they were kept, in microseconds."""

INDEX = f"{PREFIX}requests"
"""Sorted set of all request ids by the revision at which they were filed: the order of lists.

The same for one status, one regulation, and one of both: `…:STATUS:REGULATION`, either empty.
"""

OPEN = f"{PREFIX}open"
"""Sorted set of the requests in progress by the revision that gateways must acknowledge."""

DUE = f"{PREFIX}due"
"""Sorted set of the unanswered requests by their due date, in microseconds; the same for one
regulation, which follows after a colon."""

SUBMISSIONS = f"{PREFIX}submissions"
"""Hash: keyed hash of a subject_request_id → keyed hash of what was filed, and request id."""

SUBJECT = f"{PREFIX}subject:"
"""Start of the set of the requests about one subject; the keyed hash of its name follows."""

VERSIONS = f"{PREFIX}versions:"
"""Start of the hash of the earlier versions of a request, by number; its id follows."""

NOTES = f"{PREFIX}notes:"
"""Start of the list of the sealed notes on a request; its id follows."""

API_KEYS = f"{PREFIX}api-keys"
"""Hash: id of an API key → the sealed key record (which holds a digest, never the token)."""

RECIPIENTS = f"{PREFIX}recipients"
"""Hash: id of a recipient of webhooks → the sealed recipient, its secret and address with it."""

DELIVERIES = f"{PREFIX}deliveries:"
"""Start of the hash of the sealed deliveries about one request, by their ids; its id follows."""

WEBHOOKS_CURSOR = f"{PREFIX}webhooks:cursor"
"""String: the number of the last audit entry of which deliveries were made."""

WEBHOOKS_TARGETS = f"{PREFIX}webhooks:targets"
"""Sorted set of the targets that something waits for, by when the first of it is due, in
microseconds of Redis' clock."""

WEBHOOKS_DUE = f"{PREFIX}webhooks:due:"
"""Start of the sorted set of the lanes of one target, `REQUEST:HASH`, by when each is due."""

WEBHOOKS_LANE = f"{PREFIX}webhooks:lane:"
"""Start of the list of the ids of the deliveries that wait in one lane, in their order."""

WEBHOOKS_WAITING = f"{PREFIX}webhooks:waiting"
"""String: how many deliveries wait."""

CLAIM = f"{PREFIX}claim:"
"""Start of a string that says who does what one gateway is enough for; it expires."""

GATEWAYS = f"{PREFIX}gateways"
"""Hash: gateway id → the revision that it acknowledged last."""

GATEWAYS_SEEN = f"{PREFIX}gateways:seen"
"""Hash: gateway id → when it acknowledged last, in microseconds of Redis' clock."""

GATEWAYS_KEYS = f"{PREFIX}gateways:keys"
"""Hash: gateway id → the ids of the data keys that it has, with spaces between them."""

CONFIRMED = f"{PREFIX}confirmed"
"""String without a meaning: written so that there is something that replicas can confirm."""


def request(request_id: str) -> str:
    """The hash of one forget request."""
    return REQUEST + request_id


def index(status: Status | None = None, regulation: str | None = None) -> str:
    """The index of all requests, or of those in one status, under one regulation, or both."""
    if status is None and regulation is None:
        return INDEX
    return f"{INDEX}:{status or ''}:{regulation or ''}"


def due(regulation: str | None = None) -> str:
    """The due dates of all unanswered requests, or of those under one regulation."""
    return DUE if regulation is None else f"{DUE}:{regulation}"
