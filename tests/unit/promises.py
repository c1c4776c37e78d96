"""What gateways get wrong, each with the tests under tests/ that say that this one does not."""

from __future__ import annotations

_LEAKS = "integration/openai/test_leaks.py::"
_BROKEN = "integration/openai/test_broken_engines.py::"
_CLIENT = "integration/openai/test_client.py::"
_FAILING = "integration/openai/test_failures.py::"
_SURFACE = "integration/openai/test_surface.py::"
_GATEWAY = "integration/gateway/test_failure.py::"
_REDIS = "integration/registry/test_redis.py::"
_ENFORCER = "unit/test_enforcement.py::"

PROMISES: dict[str, str] = {
    # Streaming
    "streams are checked before they are sent": f"{_SURFACE}test_nothing_forbidden_gets_out",
    "a word in three chunks is stopped": f"{_LEAKS}test_a_word_in_three_chunks",
    "two choices in one stream are both checked": f"{_LEAKS}test_two_choices_in_one_stream",
    "no pattern is longer than the window": f"{_LEAKS}test_a_pattern_longer_than_any_window",
    "answers are not held whole, nor on a timer": (
        f"{_LEAKS}test_text_flows_while_the_engine_still_writes"
    ),
    "no chunk is erased": f"{_LEAKS}test_what_is_harmless_passes_to_the_byte",
    "no route goes unscanned": (
        "unit/test_surface.py::test_every_route_of_vllm_is_served_or_refused "
        "unit/test_surface.py::test_every_route_of_openai_is_served_or_refused"
    ),
    "a blocked request is not sent to the model": (
        f"{_CLIENT}test_a_flagged_chat_is_refused_and_the_model_not_asked"
    ),
    "a stopped answer is not generated on": f"{_LEAKS}test_the_engine_is_cancelled_at_once",
    # Redis
    "no chat asks Redis": "unit/openai/test_isolation.py::test_no_chat_asks_the_registry",
    "Redis that hangs stops nothing": (
        f"{_GATEWAY}test_redis_frozen_hangs_nothing "
        f"{_REDIS}TestTrouble::test_a_frozen_redis_costs_the_time_out_and_no_more"
    ),
    "an outage keeps the rules and comes back": (
        f"{_ENFORCER}test_unreachable_registry_keeps_the_rules_and_comes_back "
        f"{_GATEWAY}test_redis_down_enforces_the_snapshot_and_refuses_filings"
    ),
    "without rules nothing is served": (
        f"{_GATEWAY}test_without_redis_and_without_snapshot_nothing_is_served"
    ),
    "forget requests have no expiry": (
        f"{_REDIS}TestSecrecy::test_every_key_is_in_one_slot_and_lives_for_ever"
    ),
    "a Redis that evicts or forgets is refused": (
        "integration/registry/test_fitness.py::test_a_volatile_redis_is_refused"
    ),
    # Memory
    "every cache is bounded": "unit/test_caches.py::test_every_cache_is_bounded",
    "a cache's size is a metric": "unit/test_caches.py::test_the_size_of_a_cache_is_a_metric",
    "endless answers take no more memory": (
        "unit/openai/scrub/test_bounds.py::test_an_endless_argument_takes_no_more_memory"
    ),
    # Tools
    "tool calls are never dropped from streams": (
        f"{_SURFACE}test_the_official_client_streams_two_choices_with_tools_and_logprobs"
    ),
    "fields that nobody knows pass or are refused, never lost": (
        f"{_SURFACE}test_what_is_harmless_beside_a_message_is_kept_where_it_stood "
        "unit/openai/test_fields.py::test_unknown_fields_are_refused_by_name"
    ),
    # Bypass
    "only the gateway reaches the engine": (
        "unit/deploy/test_deploy.py::TestNetworks::test_redis_and_vllm_meet_the_gateways_only"
    ),
    "the engine's open routes are refused": (
        "unit/test_surface.py::test_what_is_refused_says_the_way_out"
    ),
    "no header of a client reaches the engine": f"{_CLIENT}test_only_three_headers_travel_upstream",
    "clients cannot intervene": (
        "acceptance/test_suppressing.py::test_clients_cannot_intervene_themselves"
    ),
    # Audit
    "without a verdict it is not called allowed": (
        f"{_CLIENT}test_without_a_verdict_the_request_is_refused"
    ),
    "a client that left is counted apart": (
        f"{_FAILING}test_a_client_that_leaves_cancels_upstream "
        f"{_BROKEN}test_a_client_that_stops_reading_is_counted_as_aborted"
    ),
    "what is only observed is not called enforced": (
        f"{_CLIENT}test_what_is_only_observed_passes_untouched"
    ),
    "what is only touched is not called enforced, rule by rule": (
        "integration/openai/test_tally.py::test_no_layer_acts "
        "integration/openai/test_tally.py::test_an_open_book_lets_pass_what_it_states"
    ),
    "the audit is not rewritten unnoticed": (
        "unit/test_audit_check.py::test_any_altered_byte_is_found "
        "unit/test_audit_check.py::test_a_cut_tail_is_found_by_the_signed_head "
        "integration/registry/test_audit.py::TestTampering"
        "::test_nothing_is_hung_on_it_and_nothing_is_lost"
    ),
    "prompts are kept only where it is set, and sealed": (
        "unit/test_outcomes.py::TestTraces::test_nothing_is_picked_unless_it_is_asked_for "
        "integration/registry/test_outcomes.py::TestTraces"
        "::test_they_are_sealed_each_for_its_place"
    ),
    # Supply chain
    "dependencies are pinned": "unit/test_supply.py::test_every_dependency_is_pinned",
    "the encoder is pinned by hash": "unit/test_supply.py::test_the_encoder_is_pinned_by_hash",
    "nothing is fetched from a hub": "unit/test_supply.py::test_nothing_is_fetched_at_run_time",
    "altered weights are refused": "unit/test_encoder.py::test_altered_weights_are_refused",
}
