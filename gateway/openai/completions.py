"""The way of a chat or completion request: read, check, screen, then refuse or pass on."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gateway.caller import check_model
from gateway.errors import ApiError, InvalidRequest, UpstreamFailed
from gateway.http import error_response, parsed, read_body
from gateway.openai.answers import EventAnswer, json_answer
from gateway.openai.asking import asked_of
from gateway.openai.deps import Deps, Translate
from gateway.openai.fields import Route
from gateway.openai.judging import Judge, Judgement
from gateway.openai.leaving import Leaving
from gateway.openai.mixed import Mixed
from gateway.openai.own import OwnAnswers
from gateway.openai.prepare import Prepared, prepare
from gateway.openai.presence import ClientGone, ClientPresence
from gateway.openai.relay import relay
from gateway.openai.request_ids import request_ids
from gateway.openai.room import check_room
from gateway.openai.stranded import FilteredEnd
from gateway.openai.tally import Tally
from gateway.openai.traced import Trace
from gateway.upstream import Endpoint, UpstreamStream
from steering.errors import NOT_HELD

_BODY_S = 60.0
"""Seconds that a client may take to send a body."""
_LARGE = 64 * 2**10
"""Bytes from which a body is checked in a thread."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One request on its way: as it was checked, as it came, and the ids it is known by.

    `began` is when its body was there, by the clock of `time.perf_counter`.
    """

    prepared: Prepared
    request: Request
    shown: str
    request_id: str
    began: float


class Completions:
    """The two routes that generate text: read, check, screen, then refuse or pass on."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._judge = Judge(deps)
        self._own = OwnAnswers(deps)
        self._mixed = Mixed(deps, self._judge, self._own)

    async def answer(
        self, route: Route, request: Request, translate: Translate = lambda body: body
    ) -> Response:
        """The answer to a request, translated; every failure becomes an error in OpenAI's shape."""
        judged = None
        try:
            prepared, body, began = await self._read(route, request, translate)
            check_model(request, prepared.model)
            self._deps.pool.choose(prepared.model)  # a refusal must not outlive the engine
            check_room(prepared.options, self._deps.pool.context(prepared.model))
            call = _Call(prepared, request, *request_ids(request), began)
            judged = await self._judge.of(prepared)
            keep = self._deps.trace()
            if keep is None:
                return await self._answered(call, body, judged)
            trace = Trace(prepared, judged, call.shown, keep)
            judged = replace(judged, trace=trace)
            return trace.reading(await self._answered(call, body, judged))
        except ApiError as error:
            return error_response(error)
        except (ClientDisconnect, ClientGone):
            Tally(self._deps, judged)("aborted")
            return Response(status_code=499)  # nobody is there to read it

    async def _answered(self, call: _Call, body: bytes, judged: Judgement) -> Response:
        """The answer that follows from a judgement."""
        prepared, receive, ids = call.prepared, call.request.receive, (call.shown, call.request_id)
        if judged.way != "error":
            said = await self._forget(call, covered=judged.way != "pass")
            if said is not None:
                return await self._own.say(prepared, said, *ids, "forget_intent")
        if judged.way == "pass":
            return await self._pass(call, body, judged)
        answer = await self._mixed.answer(prepared, judged, receive, *ids)
        if answer is None and judged.way == "suppress":
            answer = await self._suppress(call, judged)
        return answer or await self._own.refuse(prepared, judged, receive, *ids)

    async def _read(
        self, route: Route, request: Request, translate: Translate
    ) -> tuple[Prepared, bytes, float]:
        """The checked request, the bytes that travel, and when all of its body was there."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise InvalidRequest("The content type must be application/json.", code="content_type")
        try:
            async with asyncio.timeout(_BODY_S):
                raw = await read_body(request, self._deps.max_body)
        except TimeoutError:
            raise InvalidRequest(
                f"The body did not arrive within {_BODY_S:g} seconds.", code="body_timeout"
            ) from None
        began = time.perf_counter()

        def check() -> tuple[Prepared, bytes, float]:
            prepared = prepare(route, translate(parsed(raw)), self._deps.salt_key)
            return prepared, prepared.upstream_body(), began

        # A large body takes long to check; meanwhile the loop serves others.
        return await asyncio.to_thread(check) if len(raw) > _LARGE else check()

    async def _suppress(self, call: _Call, judged: Judgement) -> Response | None:
        """The answer of an engine under intervention; None where no engine can give it."""
        deps, model = self._deps, call.prepared.model
        steered = await deps.steer(model, judged.ids, judged.said) if deps.steer else None
        if steered is None:
            return None
        body = call.prepared.steered_body(steered.intervention, deps.salt_key)
        try:
            return await self._pass(call, body, judged, steered.endpoint)
        except InvalidRequest as error:
            if not _not_held(error):
                raise
            return None  # the engine was started anew, or a rule changed, in this very moment
        except UpstreamFailed as error:
            # What the engine says where a shape and the bans leave no token. It says the same of
            # other failures, so only one that is alive is believed.
            stranded = call.prepared.options.shaped and error.code == "upstream_failed"
            if not (stranded and steered.endpoint.healthy):
                raise
            return await self._own.filtered(call.prepared, call.shown, call.request_id)

    async def _pass(
        self, call: _Call, body: bytes, judged: Judgement, to: Endpoint | None = None
    ) -> Response:
        """The model's answer to a body, from one endpoint or from any."""
        pool, count, prepared = self._deps.pool, Tally(self._deps, judged), call.prepared
        where = f"/v1/{prepared.route}", prepared.model, body, call.request_id, to
        leaving, outcome = Leaving(self._deps, prepared, judged), judged.outcome
        timed = self._deps.pacing.stopwatch(prepared, outcome)
        before_s = time.perf_counter() - call.began
        try:
            async with ClientPresence(call.request.receive):
                if prepared.options.stream:
                    stream = await pool.stream(*where)
                    if to is not None:
                        await _begun(stream)
                else:
                    reply = await leaving.whole(await pool.send(*where))
        except ApiError as error:
            if not _not_held(error):
                count(outcome)
            raise

        def added() -> None:
            choices = prepared.options.n * len(prepared.conversations)
            self._deps.took("filter", leaving.took_s, choices=choices)
            self._deps.took("added", before_s + leaving.took_s)

        if not prepared.options.stream:
            count("enforced" if leaving.leaked else outcome, leaving.rules)
            added()
            timed.whole(reply)
            return json_answer(reply, call.shown)

        def ended(complete: bool) -> None:
            stream.close()  # a relay that was never begun has not closed it
            added()
            came = "aborted" if not complete else "enforced" if leaving.leaked else outcome
            count(came, leaving.rules)

        stranded = None
        if to is not None and prepared.options.shaped:
            stranded = FilteredEnd(prepared.options.n * len(prepared.conversations))
        return EventAnswer(timed.streamed(relay(stream, leaving, stranded)), call.shown, ended)

    async def _forget(self, call: _Call, covered: bool) -> str | None:
        """The answer to a message that asks to forget somebody, None to any other."""
        prepared = call.prepared
        if self._deps.forget is None:
            return None
        text = asked_of(prepared.body, prepared.conversations[0], prepared.options)
        if text is None:
            return None
        return await self._deps.forget(text, prepared.caller, call.request.headers, covered)


async def _begun(stream: UpstreamStream) -> None:
    """Wait for what a steered stream begins with; raises where the engine does not hold the rule.

    vLLM checks the arguments of a streamed chat only after it has answered with status 200.
    """
    try:
        first = await anext(stream, b"")
    except BaseException:
        stream.close()
        raise
    if NOT_HELD.encode() in first:
        stream.close()
        raise InvalidRequest(f"This is {NOT_HELD}.")
    stream.unread(first)


def _not_held(error: ApiError) -> bool:
    """Whether an engine does not hold what it was asked to act with."""
    return NOT_HELD in error.message
