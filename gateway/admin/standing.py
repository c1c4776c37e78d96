"""Where a request stood when it was exported, and how it is filed again from there.

Nobody gains by it what filing does not give: what acted is filed as any request is, and waits
where officers approve requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.errors import InvalidRequest
from gateway.registry.models import Draft
from gateway.registry.status import ACTING, WAITING, Status
from gateway.settings import Settings

_TEXTS = ("questions", "passages", "facts", "forbidden")


@dataclass(frozen=True, slots=True)
class Stood:
    """What a line of an export tells beside the filing.

    `provisional` says whether it acted while it waited; None where the line does not tell.
    """

    id: str | None = None
    status: Status | None = None
    provisional: bool | None = None

    @property
    def over(self) -> bool:
        """Whether it neither acted nor waited: filed again, it would act."""
        return self.status is not None and self.status not in ACTING | WAITING

    def body(self, body: Any) -> Any:
        """The body of a filing, as well verified as the request was in the end.

        Raises `InvalidRequest` where it is a blind request, of which an export has no texts.
        """
        if not isinstance(body, dict):
            return body
        if body.get("blind") is True and "withheld" not in body and _is_bare(body):
            raise InvalidRequest(
                "blind: an export has no texts of a blind request; file it again with its texts, "
                "from where they are kept.",
                param="blind",
                code="no_texts",
            )
        if self.status is None:
            return body
        rest = {name: value for name, value in body.items() if name != "identity_verified"}
        unverified = self.status is Status.IDENTITY_UNVERIFIED
        return rest | ({"identity_verified": False} if unverified else {})

    def draft(self, made: Draft, settings: Settings) -> Draft:
        """A draft that waits as the request did, and acts meanwhile only where it did too."""
        if self.status not in WAITING:
            return made
        told = made.provisional if self.provisional is None else self.provisional
        may = made.provisional or settings.approval == "none"
        return replace(made, status=self.status, provisional=told and may)


def stood(state: Any) -> Stood:
    """What `state_view` told of a request, read again; raises `InvalidRequest`."""
    if state is None:
        return Stood()
    if not isinstance(state, Mapping):
        raise InvalidRequest(
            "state must be an object, as an export has it; leave it out of a line of your own.",
            param="state",
        )
    request_id, status, provisional = (state.get(n) for n in ("id", "status", "provisional"))
    if status is not None and status not in list(Status):
        raise InvalidRequest(
            f"status must be one of {', '.join(Status)}, as an export tells it; leave it out of a "
            "line of your own.",
            param="status",
        )
    return Stood(
        request_id if isinstance(request_id, str) else None,
        None if status is None else Status(status),
        provisional if isinstance(provisional, bool) else None,
    )


def _is_bare(body: Mapping[str, Any]) -> bool:
    """Whether a body names nothing that could be forgotten."""
    subject, scope = body.get("subject") or {}, body.get("scope") or {}
    if not isinstance(subject, dict) or not isinstance(scope, dict):
        return False
    return not subject.get("name") and not any(scope.get(name) for name in _TEXTS)
