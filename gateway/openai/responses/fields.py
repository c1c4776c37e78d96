"""Every field of a Responses request, and what becomes of it on the way to a chat.

pass     goes into the chat under the chat's name for it
screen   is translated, and every text in it is screened by the chat
rewrite  is translated, repeated in the answer only, or left out
refuse   400 with the field; null, false and empty values mean "not used" and are left out

Fields that mean the same to both routes are the chat's own rows, and the chat handles them. A
field that stands nowhere is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gateway.openai.fields import BY_ROUTE, Field, Handling, Route

LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"

AS_IN_A_CHAT = frozenset(
    "model stream user safety_identifier metadata service_tier prompt_cache_key "
    "prompt_cache_options prompt_cache_retention moderation parallel_tool_calls "
    "temperature top_p top_k min_p seed stop stop_token_ids ignore_eos "
    "include_stop_str_in_output skip_special_tokens presence_penalty frequency_penalty "
    "repetition_penalty logit_bias watermarking include_reasoning structured_outputs "
    "cache_salt vllm_xargs chat_template_kwargs priority session_id request_id "
    "mm_payload return_mm_kwargs media_io_kwargs mm_processor_kwargs kv_transfer_params "
    "ec_transfer_params".split()
)
"""Fields that a chat knows by the same name and in the same meaning."""

_SEND_ALL = "nothing is stored; send the whole conversation as input"
_OWN: Mapping[Handling, Mapping[str, str]] = {
    Handling.PASS: {
        "max_output_tokens": "the chat's max_completion_tokens",
        "top_logprobs": f"the chat's; without {LOGPROBS} in include it would do nothing",
    },
    Handling.SCREEN: {
        "input": "the messages",
        "instructions": "the system message that the chat begins with",
        "tools": "functions; what a hosted tool brings in could not be screened",
        "tool_choice": "the name of a function can be part of the prompt",
        "text": "its format is the chat's response_format; verbosity is left out",
    },
    Handling.REWRITE: {
        "reasoning": "its effort is the chat's; reasoning is answered as text, so that a summary "
        "of it is left out",
        "include": f"{LOGPROBS} is the chat's logprobs; {ENCRYPTED} is left out, reasoning is "
        "answered as text; anything else is refused",
        "stream_options": "include_obfuscation may only be false: events are not padded",
        "truncation": "disabled is left out; auto is refused, the model would read something else "
        "than was screened",
        "max_tool_calls": "left out: it bounds the calls of hosted tools, of which there are none",
    },
    Handling.REFUSE: {
        "store background": "nothing is stored; leave it out or send false",
        "previous_response_id conversation": _SEND_ALL,
        "prompt": "no prompts are stored; send instructions and input",
        "context_management": "the model would read something else than was screened",
        "image": "images cannot be screened yet",
        "access_programs": "promises what the engine does not do",
        "enable_response_messages": "returns the prompt as the model reads it",
        "previous_input_messages": _SEND_ALL,
    },
}

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        **{name: row for name, row in BY_ROUTE[Route.CHAT].items() if name in AS_IN_A_CHAT},
        **{
            name: Field(name, handling, why, frozenset({Route.CHAT}))
            for handling, rows in _OWN.items()
            for names, why in rows.items()
            for name in names.split()
        },
    }
)
"""The table by name; the route of a row is the one that the request goes on to."""
