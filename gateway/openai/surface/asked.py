"""What goes in: everything by which a client can put text before the model."""

from __future__ import annotations

from gateway.openai.surface.cells import Column, absent, refused, rewritten, screened

_FIELDS = "unit/openai/test_fields.py::"
_SAID = "unit/openai/test_conversation.py::"
_PREPARE = "unit/openai/test_prepare.py::"
_CLIENT = "integration/openai/test_client.py::"
_SURFACE = "integration/openai/test_surface.py::"
_RESPONSES = "unit/openai/responses/test_request.py::"

_ABSENT = absent(f"{_SURFACE}test_what_a_route_does_not_have_is_refused")

ASKED: tuple[Column, ...] = (
    Column.of(
        "Conversation: every role, content parts, tool calls and results, reasoning",
        screened(f"{_SAID}test_no_place_is_overlooked", "all that a template may render"),
        screened(f"{_CLIENT}test_a_flagged_completion_is_refused_for_every_prompt", "the prompt"),
        screened(f"{_RESPONSES}test_every_text_of_the_input_reaches_the_screen", "as a chat's"),
    ),
    Column.of(
        "Tools and the choice of one",
        screened(f"{_CLIENT}test_tools_are_screened_and_refused_in_plain_text"),
        _ABSENT,
        screened("integration/openai/test_responses.py::test_a_refusal_looks_like_an_answer"),
    ),
    Column.of(
        "Schemas, grammars and choices of structured output",
        *[screened(f"{_SURFACE}test_schemas_are_screened", "with all they can spell out")] * 3,
    ),
    Column.of(
        "Several prompts at once",
        _ABSENT,
        screened(
            f"{_CLIENT}test_a_flagged_completion_is_refused_for_every_prompt",
            "one that is flagged refuses all",
        ),
        _ABSENT,
    ),
    Column.of(
        "`suffix`",
        _ABSENT,
        screened(f"{_SAID}test_a_suffix_belongs_to_every_prompt", "with every prompt"),
        _ABSENT,
    ),
    Column.of(
        "Token ids, images, audio, files, embeddings",
        refused(f"{_SAID}test_what_is_no_text_is_refused", "400 `unsupported_content`"),
        refused(f"{_PREPARE}test_prompts_are_texts", "400 with the field"),
        refused("unit/openai/responses/test_items.py::test_what_is_wrong_is_named", "400"),
    ),
    Column.of(
        "Another prompt than the one that is said: templates, documents, transfers, truncation, "
        "stored prompts and conversations",
        *[refused(f"{_FIELDS}test_row", "400 `unsupported_field`")] * 2,
        refused(f"{_RESPONSES}test_row", "400 `unsupported_field`"),
    ),
    Column.of(
        "Arguments for the engine: `cache_salt`, `vllm_xargs`",
        *[rewritten(f"{_PREPARE}test_salts_are_valid_for_the_engine_and_apart", "keyed")] * 2,
        rewritten(f"{_RESPONSES}test_what_a_chat_knows_goes_on_to_it_untouched", "by the chat"),
    ),
    Column.of(
        "Fields that no table knows",
        *[refused(f"{_FIELDS}test_unknown_fields_are_refused_by_name", "400 `unknown_field`")] * 2,
        refused(f"{_RESPONSES}test_unknown_fields_are_refused_by_name", "400 `unknown_field`"),
    ),
)
