"""What comes out: every mode of an answer, and every place in it that can say something."""

from __future__ import annotations

from gateway.openai.surface.cells import Column, absent, filtered, refused, rewritten

_LEAKS = "integration/openai/test_leaks.py::"
_SURFACE = "integration/openai/test_surface.py::"
_BROKEN = "integration/openai/test_broken_engines.py::"
_FIELDS = "unit/openai/test_fields.py::"

_BESIDE = absent(
    f"{_SURFACE}test_what_stands_beside_a_message_is_filtered_too",
    "whatever stands beside the text is filtered",
)
_CHANNEL = f"{_SURFACE}test_no_channel_tells"
_ABSENT = absent(f"{_SURFACE}test_what_a_route_does_not_have_is_refused")
_MIXED = "integration/openai/test_mixed.py::"

REPLIED: tuple[Column, ...] = (
    Column.of(
        "The answer, whole",
        *[filtered(f"{_SURFACE}test_nothing_forbidden_gets_out", "to its end")] * 3,
    ),
    Column.of(
        "The answer, streamed",
        filtered(f"{_LEAKS}test_every_chunking", "the same in any chunks"),
        *[filtered(f"{_SURFACE}test_nothing_forbidden_gets_out", "the same in any chunks")] * 2,
    ),
    Column.of(
        "`n` above 1",
        filtered(f"{_LEAKS}test_two_choices_in_one_stream", "each choice by itself"),
        filtered(
            f"{_SURFACE}test_every_choice_of_every_prompt_is_filtered", "each choice by itself"
        ),
        _ABSENT,
    ),
    Column.of(
        "The answer to a part of a prompt",
        filtered(f"{_MIXED}test_an_answer_that_would_tell_is_not_known_either", "part by part"),
        absent(f"{_SURFACE}test_a_completion_is_refused_as_a_whole", "refused as a whole"),
        filtered(f"{_MIXED}test_the_responses_api_gets_the_same", "as a chat's"),
    ),
    Column.of(
        "An answer that the client began",
        filtered(f"{_LEAKS}test_an_answer_that_the_client_began_is_not_completed", "with it"),
        filtered(
            f"{_LEAKS}test_a_completion_does_not_complete_what_the_prompt_began", "with the prompt"
        ),
        filtered(f"{_SURFACE}test_a_response_does_not_complete_what_was_begun", "with it"),
    ),
    Column.of("Reasoning", filtered(_CHANNEL), _BESIDE, filtered(_CHANNEL)),
    Column.of(
        "Tool calls: name, id, arguments, the old `function_call`",
        filtered(_CHANNEL, "decoded, and over values; cut they stay JSON"),
        _BESIDE,
        filtered(_CHANNEL, "as a chat's"),
    ),
    Column.of(
        "`refusal`, and fields that nobody knows",
        filtered(f"{_SURFACE}test_what_stands_beside_a_message_is_filtered_too"),
        filtered(f"{_SURFACE}test_what_stands_beside_a_message_is_filtered_too"),
        filtered(_CHANNEL, "before it becomes an item; unknown ones become none"),
    ),
    Column.of(
        "`logprobs`, `top_logprobs`",
        *[
            filtered(
                f"{_SURFACE}test_no_alternative_tells",
                "held with their text, without alternatives that tell",
            )
        ]
        * 3,
    ),
    Column.of(
        "The prompt given back, tokens by number, beams: `echo`, `prompt_logprobs`, "
        "`return_token_ids`, `use_beam_search` …",
        *[refused(f"{_FIELDS}test_row", "400 `unsupported_field`")] * 2,
        _ABSENT,
    ),
    Column.of(
        "Structured output",
        filtered(f"{_LEAKS}test_a_structure_stays_json_or_is_refused", "cut so that it parses"),
        *[filtered(f"{_SURFACE}test_a_structure_that_is_cut_parses", "cut so that it parses")] * 2,
    ),
    Column.of(
        "Stop strings",
        *[
            filtered(
                f"{_SURFACE}test_a_stop_string_completes_nothing", "with the text that they end"
            )
        ]
        * 2,
        filtered(f"{_SURFACE}test_a_stop_string_completes_nothing", "as a chat's"),
    ),
    Column.of(
        "An answer that is cut off: `max_tokens`, a stop string",
        *[filtered(f"{_SURFACE}test_what_is_cut_off_is_not_begun", "without what was begun")] * 3,
    ),
    Column.of(
        "`usage`",
        rewritten(f"{_LEAKS}test_usage_is_that_of_what_was_said", "of what was said"),
        *[rewritten(f"{_SURFACE}test_usage_does_not_tell_of_more", "of what was said")] * 2,
    ),
    Column.of(
        "An answer that breaks off or cannot be read",
        *[filtered(f"{_BROKEN}test_what_was_held_is_not_told_at_a_break", "ends in an error")] * 3,
    ),
)
