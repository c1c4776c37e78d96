"""What the routes under `/v1` take and answer, coarsely: OpenAI's own reference says the rest.

The fields of requests come from the tables that decide what becomes of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.openai.fields import BY_ROUTE, Field, Handling, Route
from gateway.openai.responses.fields import FIELDS
from gateway.openapi.operation import EVENTS, JSON, Media, Operation

Schema = Mapping[str, Any]

_TEXT = {"type": "string"}
_WORDS = {"type": "string", "minLength": 1}
_COUNT = {"type": ["integer", "null"], "minimum": 1}
_MESSAGE = {
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant", "tool"]},
        "content": {"anyOf": [_TEXT, {"type": "array", "items": {"type": "object"}}]},
    },
}
_EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"event": _TEXT, "data": {"type": "string", "description": "JSON, or [DONE]."}},
}
_OBJECT = {"type": ["object", "null"]}
_NAME = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}
_FUNCTION = {"type": "object", "required": ["name"], "properties": {"name": _NAME}}
_SWITCH = {"type": ["boolean", "null"]}
_TYPES: Schema = {
    "model": _WORDS,
    "messages": {"type": "array", "items": _MESSAGE, "minItems": 1},
    "prompt": {"anyOf": [_WORDS, {"type": "array", "items": _WORDS, "minItems": 1}]},
    "input": {"anyOf": [_TEXT, {"type": "array", "items": {"type": "object"}, "minItems": 1}]},
    "instructions": {"type": ["string", "null"]},
    "stream": _SWITCH,
    "stream_options": _OBJECT,
    "tools": {
        "type": ["array", "null"],
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"const": "function"}, "name": _NAME, "function": _FUNCTION},
            "anyOf": [{"required": ["name"]}, {"required": ["function"]}],
        },
    },
    "text": _OBJECT,
    "reasoning": _OBJECT,
    "response_format": _OBJECT,
    "structured_outputs": _OBJECT,
    "metadata": _OBJECT,
    "logit_bias": _OBJECT,
    "vllm_xargs": _OBJECT,
    "chat_template_kwargs": _OBJECT,
    "include": {"type": ["array", "null"], "items": _TEXT},
    "modalities": {"type": ["array", "null"], "items": {"const": "text"}, "minItems": 1},
    "truncation": {"enum": ["disabled", None]},
    "stop": {"anyOf": [_WORDS, {"type": "array", "items": _WORDS, "maxItems": 4}]},
    "cache_salt": {"type": ["string", "null"], "minLength": 1, "maxLength": 1_024},
    "n": {"type": ["integer", "null"], "minimum": 1, "maximum": 128},
    "best_of": {"enum": [1, None]},
    "max_tool_calls": _COUNT,
    "max_tokens": _COUNT,
    "max_completion_tokens": _COUNT,
    "max_output_tokens": _COUNT,
    "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2},
    "top_p": {"type": ["number", "null"], "minimum": 0.001, "maximum": 1},
    "seed": {"type": ["integer", "null"]},
    "user": {"type": ["string", "null"]},
}


def _request(fields: Mapping[str, Field], *required: str) -> Schema:
    """The JSON schema of a request: those of its fields that are not refused."""
    known = {
        name: {**_TYPES.get(name, {}), "description": f"{row.handling}: {row.why}"}
        for name, row in fields.items()
        if row.handling is not Handling.REFUSE
    }
    return {
        "type": "object",
        "required": list(required),
        "properties": known,
        "additionalProperties": False,
    }


def _object(kind: str, **properties: Schema) -> Schema:
    named = {"id": _TEXT, "object": {"const": kind}, **properties}
    return {"type": "object", "required": list(named), "properties": named}


def _generates(body: Schema, answer: Schema) -> Operation:
    answers = {200: Media({JSON: answer, EVENTS: _EVENT})}
    return Operation(answers, body=body, errors=frozenset({404, 502, 503, 504}))


CHAT = _request(BY_ROUTE[Route.CHAT], "model", "messages")
_LIST = {"type": "array", "items": {"type": "object"}}
_MODEL = _object("model")

V1: Mapping[str, Operation] = {
    "GET /v1/models": Operation(
        {
            200: {
                "type": "object",
                "required": ["object", "data"],
                "properties": {
                    "object": {"const": "list"},
                    "data": {"type": "array", "items": _MODEL},
                },
            }
        }
    ),
    "GET /v1/models/{model}": Operation({200: _MODEL}, errors=frozenset({404})),
    "POST /v1/chat/completions": _generates(
        CHAT, _object("chat.completion", model=_TEXT, choices=_LIST)
    ),
    "POST /v1/completions": _generates(
        _request(BY_ROUTE[Route.COMPLETIONS], "model", "prompt"),
        _object("text_completion", model=_TEXT, choices=_LIST),
    ),
    "POST /v1/responses": _generates(
        _request(FIELDS, "model", "input"),
        _object("response", model=_TEXT, status=_TEXT, output=_LIST),
    ),
}
"""By method and path."""
