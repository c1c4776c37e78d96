"""The way of a chat or completion request: read, check, screen, then refuse or pass on."""

from __future__ import annotations

import asyncio
import logging
import re
import uuid

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gateway.errors import ApiError, InvalidRequest
from gateway.http import error_response, parsed, read_body
from gateway.openai.answers import EventAnswer, json_answer
from gateway.openai.asking import asked_of
from gateway.openai.deps import Deps
from gateway.openai.fields import Route
from gateway.openai.own import OwnAnswers
from gateway.openai.prepare import Prepared, prepare
from gateway.openai.presence import ClientGone, ClientPresence
from gateway.openai.relay import relay
from gateway.openai.room import check_room

log = logging.getLogger(__name__)

_BODY_S = 60.0
"""Seconds that a client may take to send a body."""
_LARGE = 64 * 2**10
"""Bytes from which a body is checked in a thread."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Completions:
    """The two routes that generate text: read, check, screen, then refuse or pass on."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._acts = "screen" in deps.layers
        self._own = OwnAnswers(deps)

    async def answer(self, route: Route, request: Request) -> Response:
        """The answer to one request; every failure becomes an error in OpenAI's shape."""
        try:
            prepared, body = await self._read(route, request)
            self._deps.pool.choose(prepared.model)  # a refusal must not outlive the engine
            check_room(prepared.options, self._deps.pool.context(prepared.model))
            shown, request_id = _request_ids(request)
            outcome = await self._judge(prepared)
            if outcome != "bypassed_error":
                said = await self._forget(prepared, request, covered=outcome == "enforced")
                if said is not None:
                    texts = [[said] * prepared.options.n]
                    return await self._own.say(prepared, texts, shown, request_id, "forget_intent")
            if outcome != "allowed":
                return await self._own.refuse(prepared, shown, request_id, outcome)
            return await self._pass(prepared, body, request, shown, request_id)
        except ApiError as error:
            return error_response(error)
        except (ClientDisconnect, ClientGone):
            self._deps.count("aborted")
            return Response(status_code=499)  # nobody is there to read it

    async def _read(self, route: Route, request: Request) -> tuple[Prepared, bytes]:
        """The checked request, and the bytes that travel."""
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

        def check() -> tuple[Prepared, bytes]:
            prepared = prepare(route, parsed(raw), self._deps.salt_key)
            return prepared, prepared.upstream_body()

        # A large body takes long to check; meanwhile the loop serves others.
        return await asyncio.to_thread(check) if len(raw) > _LARGE else check()

    async def _judge(self, prepared: Prepared) -> str:
        """The outcome that the verdicts lead to; several prompts stand or fall together."""
        for conversation in prepared.conversations:
            try:
                verdict = await self._deps.screen(conversation)
            except ApiError:
                raise
            except Exception as error:  # whatever it is, there is no verdict
                # Only its kind is logged: the message could quote the conversation.
                log.error("No verdict: %s; the request is refused.", type(error).__name__)
                return "bypassed_error"
            observed = {match.id for match in verdict.matches if not match.enforced}
            if observed:
                self._deps.observe(observed)
            # Nothing in the engine can suppress yet, so an unsure match is refused as well.
            if verdict.action != "allow" and self._acts:
                return "enforced"
        return "allowed"

    async def _pass(
        self, prepared: Prepared, body: bytes, request: Request, shown: str, request_id: str
    ) -> Response:
        pool, count, path = self._deps.pool, self._deps.count, f"/v1/{prepared.route}"
        try:
            async with ClientPresence(request.receive):
                if prepared.options.stream:
                    stream = await pool.stream(path, prepared.model, body, request_id)
                else:
                    reply = await pool.send(path, prepared.model, body, request_id)
        except ApiError:
            count("allowed")
            raise
        if not prepared.options.stream:
            count("allowed")
            return json_answer(reply, shown)

        def ended(complete: bool) -> None:
            stream.close()  # a relay that was never begun has not closed it
            count("allowed" if complete else "aborted")

        return EventAnswer(relay(stream), shown, ended)

    async def _forget(self, prepared: Prepared, request: Request, covered: bool) -> str | None:
        """The answer to a message that asks to forget somebody, None to any other."""
        if self._deps.forget is None:
            return None
        text = asked_of(prepared.body, prepared.conversations[0], prepared.options)
        if text is None:
            return None
        return await self._deps.forget(text, prepared.caller, request.headers, covered)


def _request_ids(request: Request) -> tuple[str, str]:
    """The id that the client is shown, and the one that travels upstream.

    The client's own id is kept for its logs; upstream it gets a suffix, because the engine
    must never see the same id twice.
    """
    own = uuid.uuid4().hex
    given = request.headers.get("x-request-id", "")
    return (given, f"{given}-{own[:8]}") if _REQUEST_ID.fullmatch(given) else (own, own)
