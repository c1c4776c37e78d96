"""Forget requests in the words of OpenDSR, the protocol of data subject requests."""

from __future__ import annotations

from gateway.registry.status import Status

REQUEST_STATUS = {
    Status.IDENTITY_UNVERIFIED: "pending",
    Status.PENDING: "pending",
    Status.APPROVED: "in_progress",
    Status.IN_PROGRESS: "in_progress",
    Status.COMPLETED: "completed",
    Status.PAUSED: "in_progress",
    # It has no words for these: to the person who asked, the request has ended.
    Status.LIFTED: "cancelled",
    Status.CANCELLED: "cancelled",
    Status.DENIED: "cancelled",
    Status.EXPIRED: "cancelled",
}
"""OpenDSR's `request_status`, which knows four."""
