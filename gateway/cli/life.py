"""`lethe approve`, `deny`, `pause`, …: the commands that move a forget request through its life."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.cli.client import call, path_of, show_one, text_of
from gateway.cli.reaching import CallFailed

Id = Annotated[str, typer.Argument(metavar="ID")]
Wait = Annotated[float, typer.Option(min=0, max=60, help="Seconds to wait for all gateways.")]
Remark = Annotated[str | None, typer.Option(help="In your words; kept with the request.")]
Exemption = Annotated[
    str | None, typer.Option(help="What the law lets stand, such as 'GDPR 17(3)(a)'.")
]


def _reason(kinds: str) -> Any:
    return typer.Option(help=f"One of {kinds}.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (approve, deny, pause, resume, lift, extend, withdraw, edit, note):
        app.command()(command)
    app.command("verify-identity")(verify_identity)


def verify_identity(request_id: Id, remark: Remark = None) -> None:
    """Note that it is known who asks."""
    _decide(request_id, "verify-identity", "Identity verified", remark=remark)


def approve(
    request_id: Id,
    wait: Wait = 0.0,
    accept_collateral: Annotated[
        bool, typer.Option("--accept-collateral", help="Also where it was held for that.")
    ] = False,
    version: Annotated[
        int | None, typer.Option(min=1, help="The version that you looked at: approve no other.")
    ] = None,
    remark: Remark = None,
) -> None:
    """Approve a pending forget request: it is enforced from here on."""
    accepted = True if accept_collateral else None
    try:
        _decide(
            request_id,
            "approve",
            "Approved",
            wait,
            version,
            remark=remark,
            accept_collateral=accepted,
        )
    except CallFailed as error:
        # The gateway tells of the body that it takes.
        told = str(error).replace('{"accept_collateral": true}', "--accept-collateral")
        raise CallFailed(told) from None


def deny(
    request_id: Id,
    reason: Annotated[
        str | None,
        _reason(
            "suspected_fraud, insuf_verification, no_match, claim_not_covered, "
            "outside_jurisdiction, too_many_requests, other"
        ),
    ] = None,
    remark: Remark = None,
    exemption: Exemption = None,
) -> None:
    """Deny a forget request that waits: it will not be enforced."""
    _decide(request_id, "deny", "Denied", reason=reason, remark=remark, exemption=exemption)


def pause(
    request_id: Id,
    reason: Annotated[str | None, _reason("counter_notice, legal_hold, other")] = None,
    remark: Remark = None,
) -> None:
    """Let a forget request not act for a while: the answer comes back until it is resumed."""
    _decide(request_id, "pause", "Paused", reason=reason, remark=remark)


def resume(request_id: Id, wait: Wait = 0.0, remark: Remark = None) -> None:
    """Enforce a paused forget request again."""
    _decide(request_id, "resume", "Resumed", wait, remark=remark)


def lift(
    request_id: Id,
    reason: Annotated[
        str | None, _reason("withdrawn, counter_notice, court_order, mistake, other")
    ] = None,
    remark: Remark = None,
    exemption: Exemption = None,
) -> None:
    """Lift a forget request: the answer comes back."""
    _decide(request_id, "lift", "Lifted", reason=reason, remark=remark, exemption=exemption)


def extend(
    request_id: Id,
    reason: Annotated[str | None, _reason("complexity, number_of_requests, other")] = None,
    remark: Remark = None,
) -> None:
    """Move the due date as far as the law lets, once."""
    _decide(request_id, "extend", "Extended", reason=reason, remark=remark)


def withdraw(request_id: Id) -> None:
    """Withdraw a forget request before it is completed."""
    show_one(call("DELETE", path_of(request_id)), "Withdrawn")


def edit(
    request_id: Id,
    patch: Annotated[Path, typer.Option(help="A JSON merge patch of what was filed; - is stdin.")],
    wait: Wait = 0.0,
) -> None:
    """File another version of a forget request."""
    text = sys.stdin.buffer.read() if str(patch) == "-" else text_of(patch)
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise CallFailed(f"{patch} is not valid JSON: {error}.") from None
    if not isinstance(body, dict):
        raise CallFailed(f'{patch} must hold a JSON object, such as {{"action": "refuse"}}.')
    query = {"wait": f"{wait:g}"} if wait else {}
    show_one(call("PATCH", path_of(request_id), body, query), "New version")


def note(request_id: Id, text: Annotated[str, typer.Argument(help="What is to be noted.")]) -> None:
    """Keep a note on a forget request."""
    show_one(call("POST", f"{path_of(request_id)}/notes", {"text": text}), "Noted")


def _decide(
    request_id: str,
    route: str,
    title: str,
    wait: float = 0.0,
    version: int | None = None,
    **said: Any,
) -> None:
    body = {name: value for name, value in said.items() if value is not None}
    query = {"wait": f"{wait:g}"} if wait else {}
    headers = {} if version is None else {"If-Match": str(version)}
    path = f"{path_of(request_id)}/{route}"
    show_one(call("POST", path, body or None, query, headers), title)
