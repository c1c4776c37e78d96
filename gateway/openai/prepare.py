"""From a body to what is screened and what travels: the field table, applied."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.errors import InvalidRequest
from gateway.openai.asking import caller_of
from gateway.openai.conversation import begun_of, conversation_of, prompts_of
from gateway.openai.fields import BY_ROUTE, Handling, Route, refuse_unknown, refuse_used
from gateway.openai.options import Options, options_of
from gateway.openai.sampling import check_sampling
from gateway.openai.shapes import check_shapes
from guards import Conversation
from steering import ARGUMENT, Intervention

_LONGEST_SALT = 1_024
_SWITCHES = frozenset({"enable_thinking", "thinking", "preserve_thinking", "clear_thinking"})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that was checked against the table.

    `conversations` has one entry per prompt: a chat has one, a completion may have several.
    `begun` has for each what the model goes on with: a prompt, or an answer that the client began.
    `body` is what travels upstream once it is written out by `upstream_body`. `caller` is whom
    the client speaks for, where it says so, `salt` its own cache salt.
    """

    route: Route
    model: str
    conversations: tuple[Conversation, ...]
    body: dict[str, Any]
    options: Options
    begun: tuple[str, ...] = ("",)
    caller: str | None = None
    salt: str = ""

    def upstream_body(self) -> bytes:
        """The request as it travels: written anew, so that only what was checked is in it."""
        return _written(self.body)

    def steered_body(self, intervention: Intervention, salt_key: bytes) -> bytes:
        """The same under an intervention, with a cache that nothing else shares.

        Alternatives to the answer's own tokens are left out: they would tell what was suppressed.
        """
        arguments = {**(self.body.get("vllm_xargs") or {}), ARGUMENT: intervention.as_text()}
        salt = salted(salt_key, self.salt, intervention.fingerprint.encode())
        steered = {**self.body, "vllm_xargs": arguments, "cache_salt": salt}
        alternatives = "top_logprobs" if self.route is Route.CHAT else "logprobs"
        if steered.get(alternatives):
            steered[alternatives] = 0
        return _written(steered)


def prepare(route: Route, body: Any, salt_key: bytes) -> Prepared:
    """Check a parsed body and take it over; raises `InvalidRequest` with the field."""
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    known, caller, salt = BY_ROUTE[route], caller_of(body), body.get("cache_salt")
    for name in tuple(body):
        field = known.get(name)
        if field is None:
            refuse_unknown(body, name)
        elif field.handling is Handling.REFUSE:
            refuse_used(body, field)
        elif field.handling is Handling.REWRITE:
            _rewrite(body, name, salt_key)
        elif field.handling is Handling.PASS and body[name] is None:
            del body[name]  # the engine takes null for a value in some fields
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise InvalidRequest("model must name the model.", param="model")
    chat = route is Route.CHAT
    check_sampling(body, chat=chat)
    check_shapes(body, chat=chat)
    options = options_of(body, chat=chat)
    return Prepared(
        route=route,
        model=model,
        conversations=(conversation_of(body),) if chat else prompts_of(body),
        body=body,
        options=options,
        begun=begun_of(body),
        caller=caller,
        salt=salt or "",
    )


def salted(salt_key: bytes, client_salt: str, fingerprint: bytes = b"") -> str:
    """The cache salt that travels: keyed, so that clients can neither guess nor share one.

    `fingerprint` is that of the intervention; plain requests have none. 43 characters.
    """
    salt = client_salt.encode()
    mac = hmac.digest(salt_key, len(salt).to_bytes(4, "big") + salt + fingerprint, "sha256")
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _written(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        raise InvalidRequest("The body is nested too deeply.", code="invalid_json") from None


def _rewrite(body: dict[str, Any], name: str, salt_key: bytes) -> None:
    value = body.pop(name)
    if value is None:
        return
    if name == "cache_salt":
        body[name] = salted(salt_key, _salt(value))
    elif (check := _CHECKS.get(name)) is not None and (kept := check(value)):
        body[name] = kept


def _salt(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_SALT:
        raise InvalidRequest(
            f"cache_salt must be a string of 1 to {_LONGEST_SALT} characters.", param="cache_salt"
        )
    return value


def _extra_arguments(value: Any) -> Any:
    if not isinstance(value, dict):
        raise InvalidRequest("vllm_xargs must be an object.", param="vllm_xargs")
    for key in value:
        if key.lower().startswith("lethe_"):
            param = f"vllm_xargs.{key[:100]}"
            raise InvalidRequest(
                f"{param} is not allowed: it is the gateway's own.",
                param=param,
                code="unsupported_field",
            )
    return value


def _template_arguments(value: Any) -> Any:
    if not isinstance(value, dict):
        raise InvalidRequest(
            "chat_template_kwargs must be an object.", param="chat_template_kwargs"
        )
    for key, inner in value.items():
        switch = key in _SWITCHES and isinstance(inner, bool)
        budget = key == "thinking_budget" and isinstance(inner, int)
        if not switch and not budget:
            param = f"chat_template_kwargs.{key[:100]}"
            raise InvalidRequest(
                f"{param} is not allowed: only {', '.join(sorted(_SWITCHES))} with true or "
                "false, and thinking_budget with a number, are.",
                param=param,
                code="unsupported_field",
            )
    return value


def _modalities(value: Any) -> None:
    if value != ["text"]:
        raise InvalidRequest(
            'modalities may only be ["text"].', param="modalities", code="unsupported_field"
        )


def _best_of(value: Any) -> None:
    if value != 1:
        raise InvalidRequest(
            "best_of is not supported by the engine; use n.",
            param="best_of",
            code="unsupported_field",
        )


# What is rewritten but has no check here is left out.
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "vllm_xargs": _extra_arguments,
    "chat_template_kwargs": _template_arguments,
    "modalities": _modalities,
    "best_of": _best_of,
}
