"""The answer to a mixed prompt: what of it touches a request is not known, the rest is answered."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial

from starlette.responses import Response
from starlette.types import Receive

from gateway.errors import ApiError
from gateway.openai.answers import EventAnswer
from gateway.openai.choices import Choice
from gateway.openai.chunks import Chunks
from gateway.openai.deps import Deps
from gateway.openai.judging import Judge, Judgement
from gateway.openai.mixed.asking import Asking
from gateway.openai.mixed.fits import last_text
from gateway.openai.mixed.plan import Plan, plan_of
from gateway.openai.mixed.speaking import Speaking, whole
from gateway.openai.mixed.streaming import events
from gateway.openai.mixed.words import not_known
from gateway.openai.own import OwnAnswers
from gateway.openai.prepare import Prepared
from gateway.openai.presence import ClientPresence
from gateway.openai.room import rooms
from gateway.openai.tally import Tally
from gateway.openai.voice.keyed import digest
from gateway.openai.voice.refusals import language_in


class Mixed:
    """Answers prompts in parts, where that is possible."""

    def __init__(self, deps: Deps, judge: Judge, own: OwnAnswers) -> None:
        self._deps = deps
        self._judge = judge
        self._own = own

    async def answer(
        self, prepared: Prepared, judged: Judgement, receive: Receive, shown: str, request_id: str
    ) -> Response | None:
        """The answer in parts; None where the request stands or falls as a whole.

        Its usage is that of the prompt as it came and of the reply as it leaves.
        """
        text = last_text(prepared)
        plan = None if text is None else plan_of(text, judged.touched, judged.clear)
        deps, model = self._deps, prepared.model
        if plan is None or deps.watch is None or "screen" not in deps.layers:
            return None
        asking = Asking(deps, self._judge, prepared, judged)
        if not await _may_be_cut(plan, asking):
            return None
        prompts = await deps.pool.count_tokens(model, prepared.body)
        (room,) = rooms(prepared.options, prompts, deps.pool.context(model))
        count, sentence = partial(self._own.length, model), self._sentence(prepared)
        speaking = Speaking(plan, asking, room, count, sentence, request_id)
        tally = Tally(deps, judged)
        if not prepared.options.stream:
            async with ClientPresence(receive):
                choice = await self._said(speaking, tally)
            return self._own.spoken(prepared, prompts.total, choice, shown, request_id, count=tally)
        chunks = Chunks(
            prepared.route,
            model,
            request_id,
            deps.pool.system_fingerprint(model),
            prompts.total,
            prepared.options,
        )

        def ended(complete: bool) -> None:
            tally("enforced" if complete else "aborted")

        return EventAnswer(events(speaking, chunks), shown, ended)

    def _sentence(self, prepared: Prepared) -> partial[str]:
        """What tells which questions are not known; the same request gets the same wording."""
        (conversation,) = prepared.conversations
        key = digest(self._deps.wording_key, conversation)
        return partial(not_known, language_in(conversation), key, prepared.options.seed)

    async def _said(self, speaking: Speaking, tally: Tally) -> Choice:
        said: list[str] = []
        finish = "stop"
        try:
            async with aclosing(speaking.choices()) as choices:
                async for choice in choices:
                    said += choice.pieces
                    finish = choice.finish_reason
        except ApiError:
            tally("enforced")
            raise
        return whole(said, finish)


async def _may_be_cut(plan: Plan, asking: Asking) -> bool:
    """Whether what would travel is clear by itself: part by part, and all of it together."""
    begin = [part.text for part in plan.parts if not part.goes_on]
    for text in dict.fromkeys((plan.together, *begin)):
        travelling = asking.travelling(({"role": "user", "content": text},))
        if not await asking.clear(travelling):
            return False
    return True
