"""Every field of a chat or completion request, and what becomes of it.

pass     travels as it is, its type and range checked: it puts no text into the context
screen   travels as it is, and every text in it is screened with the conversation
rewrite  is checked, changed or left out before the request travels
refuse   400 with the field; null, false and empty values mean "not used" and are left out

A field that is not in the table is refused. The request that travels is written anew from
what was checked, so that nothing reaches the engine unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.errors import InvalidRequest


class Route(StrEnum):
    """The routes that generate text; the value is the path under `/v1/`."""

    CHAT = "chat/completions"
    COMPLETIONS = "completions"


class Handling(StrEnum):
    """What becomes of a field."""

    PASS = "pass"  # noqa: S105  # no password
    SCREEN = "screen"
    REWRITE = "rewrite"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Field:
    """One row: a field, what becomes of it, why, and on which routes."""

    name: str
    handling: Handling
    why: str
    routes: frozenset[Route]


_BOTH = frozenset(Route)
_CHAT = frozenset({Route.CHAT})
_COMPLETIONS = frozenset({Route.COMPLETIONS})


def _rows(
    handling: Handling, routes: frozenset[Route], rows: Mapping[str, str]
) -> tuple[Field, ...]:
    return tuple(
        Field(name, handling, why, routes) for names, why in rows.items() for name in names.split()
    )


_PASSED = {
    "model": "chooses the endpoint; an unknown one is 404",
    "max_tokens n seed stop stream stream_options": "checked for its type; refusals honour it",
    "frequency_penalty presence_penalty repetition_penalty length_penalty temperature top_p "
    "top_k min_p watermarking repetition_detection": "numbers of the sampler",
    "ignore_eos min_tokens stop_token_ids include_stop_str_in_output": "when to stop",
    "logit_bias allowed_token_ids bad_words": "narrows the output, puts nothing into the prompt",
    "logprobs": "the alternatives of the output's own tokens",
    "skip_special_tokens spaces_between_special_tokens": "how tokens are written",
    "add_special_tokens": "whether the tokenizer adds its own markers",
    "truncation_side": "does nothing without truncate_prompt_tokens",
    "priority session_id user": "names the caller; a priority other than 0 is refused",
    "thinking_token_budget stream_interval": "a bound",
    "routed_experts_prompt_start": "only shortens an answer",
}
_SCREENED = {
    "response_format structured_outputs": "a schema or grammar can spell out any text",
}
_REWRITTEN = {
    "cache_salt": "becomes an HMAC, so that no client can meet another's cached prefix",
    "vllm_xargs": "keys beginning lethe_ are the gateway's own and refused; others pass",
    "request_id": "left out: the gateway names requests itself",
    "mm_payload return_mm_kwargs return_token_offsets": "left out: means something to other "
    "routes only",
}
_REFUSED = {
    "use_beam_search": "drops the per-request arguments that enforcement rests on",
    "echo": "repeats the prompt and, with logprobs, scores it token by token",
    "prompt_logprobs": "tells what the model would have said in place of the prompt",
    "logprob_token_ids": "asks for tokens by number, which cannot be screened",
    "return_token_ids return_tokens_as_token_ids": "answers in numbers instead of text",
    "truncate_prompt_tokens": "the model would read something else than was screened",
    "kv_transfer_params ec_transfer_params": "brings a prompt that cannot be screened",
    "guided_json guided_regex guided_choice guided_grammar guided_decoding_backend "
    "guided_whitespace_pattern": "the engine no longer knows it; use structured_outputs",
}
_CHAT_PASSED = {
    "max_completion_tokens": "checked for its type; refusals honour it",
    "top_logprobs": "the alternatives of the output's own tokens",
    "parallel_tool_calls include_reasoning": "a switch",
    "reasoning_effort": "one of the engine's fixed words",
    "add_generation_prompt continue_final_message": "an assistant's beginning is screened as "
    "part of the current turn",
}
_CHAT_SCREENED = {
    "messages": "the conversation",
    "tools": "names, descriptions and schemas are part of the prompt",
    "tool_choice": "the name of a tool can be part of the prompt",
}
_CHAT_REWRITTEN = {
    "chat_template_kwargs": "known switches pass; anything else could carry text past the screen",
    "modalities": "text is left out as the default, others are refused",
    "metadata store service_tier safety_identifier prompt_cache_key prompt_cache_options "
    "prompt_cache_retention verbosity prediction": "left out: OpenAI's own, the engine does not "
    "know it",
}
_CHAT_REFUSED = {
    "chat_template": "would write a prompt of its own",
    "documents": "reaches the prompt by a way that is not screened yet",
    "media_io_kwargs mm_processor_kwargs audio": "media cannot be screened yet",
    "return_prompt_text": "returns the prompt as the model reads it",
    "functions function_call": "the engine would ignore it; use tools",
    "web_search_options moderation": "promises what the engine does not do",
}
_COMPLETIONS_SCREENED = {
    "prompt": "the conversation; lists of token ids are refused",
    "suffix": "text that the model reads",
}
_COMPLETIONS_REWRITTEN = {"best_of": "1 is left out, more is not supported by the engine"}
_COMPLETIONS_REFUSED = {"prompt_embeds": "brings a prompt that cannot be screened"}

FIELDS: tuple[Field, ...] = (
    *_rows(Handling.PASS, _BOTH, _PASSED),
    *_rows(Handling.SCREEN, _BOTH, _SCREENED),
    *_rows(Handling.REWRITE, _BOTH, _REWRITTEN),
    *_rows(Handling.REFUSE, _BOTH, _REFUSED),
    *_rows(Handling.PASS, _CHAT, _CHAT_PASSED),
    *_rows(Handling.SCREEN, _CHAT, _CHAT_SCREENED),
    *_rows(Handling.REWRITE, _CHAT, _CHAT_REWRITTEN),
    *_rows(Handling.REFUSE, _CHAT, _CHAT_REFUSED),
    *_rows(Handling.SCREEN, _COMPLETIONS, _COMPLETIONS_SCREENED),
    *_rows(Handling.REWRITE, _COMPLETIONS, _COMPLETIONS_REWRITTEN),
    *_rows(Handling.REFUSE, _COMPLETIONS, _COMPLETIONS_REFUSED),
)

BY_ROUTE: Mapping[Route, Mapping[str, Field]] = MappingProxyType(
    {
        route: MappingProxyType({row.name: row for row in FIELDS if route in row.routes})
        for route in Route
    }
)
"""The table by route and name."""


def refuse_unknown(body: dict[str, Any], name: str) -> None:
    """Raise `InvalidRequest` for a field that no table knows; null is left out of the body."""
    if body[name] is not None:
        raise InvalidRequest(
            f"{name[:100]} is not a field of this route, or not one that can be screened.",
            param=name[:100],
            code="unknown_field",
        )
    del body[name]


def refuse_used(body: dict[str, Any], field: Field) -> None:
    """Raise `InvalidRequest` for a field that is refused; one not used is left out of the body."""
    value = body[field.name]
    if value is not None and value is not False and value not in ("", [], {}):
        raise InvalidRequest(
            f"{field.name} is not allowed: {field.why}.",
            param=field.name,
            code="unsupported_field",
        )
    del body[field.name]
