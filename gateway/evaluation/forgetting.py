"""How well a served model forgets, and what it still knows: the report of a measurement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from gateway.evaluation.asking import Asker, Prompt
from gateway.evaluation.endpoint import Endpoint, open_endpoint
from gateway.evaluation.perplexity import Judge
from gateway.evaluation.questions import Question
from gateway.evaluation.resumed import Kept
from gateway.evaluation.scores import Scores, scores
from gateway.evaluation.text import words

_CUT_WARNED = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of whom.

    `samples` replies are drawn to each forget prompt, `retain_samples` to each retain prompt, of
    `max_tokens` at most. Without a `perplexity_url` the reference, if there is one, rates them.
    """

    base_url: str
    forget: Sequence[Question]
    retain: Sequence[Question]
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    reference_url: str | None = None
    reference_api_key: str | None = field(default=None, repr=False)
    perplexity_url: str | None = None
    samples: int = 16
    retain_samples: int = 0
    max_tokens: int = 128
    connections: int = 8


async def evaluate(plan: Plan, kept: Kept) -> tuple[dict[str, Any], list[str]]:
    """The report that `lethe eval forgetting` writes, and what to warn of.

    Raises `EndpointFailed`; what was found out until then is in `kept`.
    """
    known = {word for row in (*plan.forget, *plan.retain) for t in row.texts for word in words(t)}
    async with AsyncExitStack() as stack:

        async def opened(url: str, key: str | None, model: str | None = None) -> Endpoint:
            return await stack.enter_async_context(
                open_endpoint(url, key=key, model=model, connections=plan.connections)
            )

        served = await opened(plan.base_url, plan.api_key, plan.model)
        reference = judging = None
        if plan.reference_url:
            reference = judging = await opened(plan.reference_url, plan.reference_api_key)
        if plan.perplexity_url:
            judging = await opened(plan.perplexity_url, plan.reference_api_key)
        judge = Judge(judging, kept, plan.connections) if judging else None
        asker = Asker(served, kept, plan.max_tokens, plan.connections)
        report: dict[str, Any] = await _measured(plan, asker, judge, known)
        tokens_per_s = round(asker.tokens / asker.seconds, 1) if asker.tokens else None
        if reference:
            asker = Asker(reference, kept, plan.max_tokens, plan.connections)
            report["reference"] = await _measured(plan, asker, judge, known)
    report |= {
        "tokens_per_s": tokens_per_s,
        "model": served.model,
        "samples": plan.samples,
        "max_tokens": plan.max_tokens,
    }
    return report, list(_warnings(report, judge))


async def _measured(
    plan: Plan, asker: Asker, judge: Judge | None, known: Set[str]
) -> dict[str, Scores]:
    """The scores of both sets at one endpoint."""
    prompts = [*_prompts(plan.forget, plan.samples), *_prompts(plan.retain, plan.retain_samples)]
    asked = await asker.ask(prompts, f"Asking {asker.endpoint.model}")
    first = len(_prompts(plan.forget, 0))
    report = {}
    for name, part in (("forget", asked[:first]), ("retain", asked[first:])):
        report[name] = scores(part, known)
        if judge and (value := await judge.perplexity(part, f"Reading {name}")) is not None:
            report[name]["fluency"]["perplexity"] = round(value, 4)
    return report


def _prompts(rows: Sequence[Question], samples: int) -> list[Prompt]:
    return [
        Prompt(row, paraphrased, samples)
        for row in rows
        for paraphrased in ((False, True) if row.paraphrase else (False,))
    ]


def _warnings(report: dict[str, Any], judge: Judge | None) -> Iterable[str]:
    for name in ("forget", "retain"):
        if (cut := report[name]["cut_rate"]) > _CUT_WARNED:
            yield (
                f"{cut:.0%} of the replies to {name} questions were cut at "
                f"{report['max_tokens']} tokens; --max-tokens raises that."
            )
    if judge and not judge.able:
        yield (
            f"{judge.endpoint.url} gives no prompt_logprobs, so there is no perplexity; name a "
            "vLLM with --perplexity-url."
        )
