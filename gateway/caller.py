"""Who calls, and which models they may ask for."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from gateway.errors import Forbidden
from gateway.registry.models import ApiKey
from gateway.roles import ROLES


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the id of the key, or `BOOTSTRAP` or `OPEN`, and the roles that it has.

    `key` is the issued key itself, None for those two.
    """

    id: str
    roles: frozenset[str]
    key: ApiKey | None = field(default=None, repr=False, compare=False)


BOOTSTRAP = Caller("bootstrap", frozenset(ROLES))
"""Whoever holds the key of LETHE_BOOTSTRAP_KEY."""

OPEN = Caller("open", frozenset(ROLES))
"""Anybody, where no key is asked for."""


def models_of(request: Request) -> frozenset[str] | None:
    """The models that the key of a request is limited to; None where it may ask for all."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return None if caller is None or caller.key is None else caller.key.models


def check_model(request: Request, model: str) -> None:
    """Raise `Forbidden` where the key of a request may not ask for a model, there or not."""
    allowed = models_of(request)
    if allowed is not None and model not in allowed:
        raise Forbidden(
            "This API key may not ask for this model; GET /v1/models lists those that it may.",
            param="model",
            code="model_not_allowed",
        )
