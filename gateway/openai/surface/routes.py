"""The routes: those that are served, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import NotFound


@dataclass(frozen=True, slots=True)
class Served:
    """A route under `/v1/` that is served; `proof` is a pytest node id under tests/."""

    method: str
    path: str
    what: str
    proof: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Routes that are not: `paths` with all that is below them, and what to do instead."""

    name: str
    paths: tuple[str, ...]
    why: str


_CLIENT = "integration/openai/test_client.py::"

SERVED: tuple[Served, ...] = (
    Served("GET", "models", "ids and context lengths, no folders", f"{_CLIENT}test_models"),
    Served("GET", "models/{model:path}", "the same of one", f"{_CLIENT}test_models"),
    Served("POST", "chat/completions", "the table", f"{_CLIENT}test_an_allowed_chat_passes"),
    Served("POST", "completions", "the table", f"{_CLIENT}test_completions_pass"),
    Served("POST", "responses", "the table; nothing is stored",
           "integration/openai/test_responses.py::test_an_allowed_request_is_answered_as_the_chat_is"),
)  # fmt: skip


def _row(name: str, paths: str, why: str) -> Refused:
    return Refused(name, tuple(paths.split()), why)


# The first row that fits says why, so what is below a served route comes first.
REFUSED: tuple[Refused, ...] = (
    _row(
        "Rendered prompts and batches of chats",
        "/v1/chat/completions/render /v1/chat/completions/derender /v1/chat/completions/batch "
        "/v1/completions/render /v1/completions/derender /v1/responses/render /v1/messages/render "
        "/cohere/v2/chat/render",
        "it takes or gives prompts that are not screened; send each chat by itself.",
    ),
    _row(
        "Tokens by number",
        "/tokenize /detokenize /tokenizer_info /v1/responses/input_tokens "
        "/v1/messages/count_tokens /inference/v1/generate",
        "numbers can spell any text past the screen; an answer's usage has the counts.",
    ),
    _row(
        "Stored answers and conversations, assistants, agents",
        "/v1/chat/completions /v1/completions /v1/responses /v1/conversations /v1/assistants "
        "/v1/threads /v1/agents /v1/chatkit /v1/vaults /v1/decisions",
        "nothing is stored; POST the whole conversation to /v1/chat/completions or /v1/responses.",
    ),
    _row(
        "Other ways to generate text",
        "/v1/messages /v1/systemone /invocations /cohere /generative_scoring",
        "it is not enforced here; use /v1/chat/completions.",
    ),
    _row(
        "Embeddings, scores, ranks, classes",
        "/v1/embeddings /v2/embed /pooling /classify /v1/score /score /v1/rerank /rerank "
        "/v2/rerank",
        "what numbers tell of a forgotten text cannot be filtered; serve such models elsewhere.",
    ),
    _row(
        "Speech, images, video, realtime",
        "/v1/audio /v1/images /v1/videos /v1/realtime /v1/live",
        "media cannot be screened yet; send text.",
    ),
    _row(
        "Moderations",
        "/v1/moderations /v1/safety /v1/content_provenance_checks",
        "no engine here judges texts; POST /admin/explain says what Lethe makes of one.",
    ),
    _row(
        "Files, uploads, batches, fine-tuning, vector stores, evals, containers, skills",
        "/v1/files /v1/uploads /v1/batches /v1/fine_tuning /v1/vector_stores /v1/evals "
        "/v1/containers /v1/skills /v1/webhook_endpoints /v1/webhook_event_types",
        "what is used later would be used unscreened; send each chat by itself.",
    ),
    _row(
        "Keys, projects and users of OpenAI",
        "/v1/organization /v1/projects",
        "keys are made with `lethe keys create`.",
    ),
    _row(
        "The engine's own controls",
        "/v1/lethe /v1/load_lora_adapter /v1/unload_lora_adapter /collective_rpc /sleep /wake_up "
        "/is_sleeping /release_kv_cache_memory /reset_prefix_cache /reset_mm_cache "
        "/reset_encoder_cache /start_profile /stop_profile /pause /resume /is_paused "
        "/abort_requests /init_weight_transfer_engine /shutdown_weight_transfer_engine "
        "/start_weight_update /start_draft_weight_update /finish_weight_update /update_weights "
        "/update_weight_version /weight_checker /weight_info /get_world_size /scale_elastic_ep "
        "/is_scaling_elastic_ep /fault_tolerance /server_info /kv_event_sources",
        "operators reach the engine itself, clients do not.",
    ),
    _row(
        "The engine's health and documentation",
        "/health /ready /ping /load /version /docs",
        "the gateway answers at /healthz, /readyz and, to operators, at /metrics.",
    ),
)


def unknown_route(method: str, path: str) -> NotFound:
    """The error for a route that is not served, with why and what to do instead."""
    row = next((row for row in REFUSED if any(_below(path, top) for top in row.paths)), None)
    why = "" if row is None else f" {row.why[:1].upper()}{row.why[1:]}"
    return NotFound(f"There is no route {method} {path[:200]} here.{why}", code="unknown_route")


def _below(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/")
