"""A served model, asked over OpenAI's HTTP API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from gateway.evaluation.calling import EndpointFailed, call, strange
from gateway.upstream.session import bounded_session

_TIMEOUT = aiohttp.ClientTimeout(total=600, connect=10)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said, its reasoning before it; `cut` where it was stopped by the limit."""

    text: str = field(repr=False)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one server; `url` has no /v1 at its end."""

    url: str
    model: str
    session: aiohttp.ClientSession = field(repr=False)

    async def ask(self, question: str, **options: Any) -> tuple[list[Reply], int]:
        """The replies to a question, one or more, and how many tokens they have in all.

        `options` are fields of a chat completion. Raises `EndpointFailed`.
        """
        content = await self.chat([{"role": "user", "content": question}], **options)
        try:
            replies = [_reply(choice) for choice in content["choices"]]
            tokens = int((content.get("usage") or {}).get("completion_tokens") or 0)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise strange(self.url) from error
        if not replies:
            raise strange(self.url)
        return replies, tokens

    async def chat(self, messages: list[dict[str, str]], **options: Any) -> dict[str, Any]:
        """The body of one chat completion; raises `EndpointFailed`."""
        body = {"model": self.model, "messages": messages, **options}
        return await call(self.session, "POST", self.url, "/v1/chat/completions", body)


@asynccontextmanager
async def open_endpoint(
    url: str, *, key: str | None, model: str | None, connections: int
) -> AsyncIterator[Endpoint]:
    """Connect to a server, with or without /v1 in its URL; raises `EndpointFailed`.

    Without a name the model is the first that the server lists.
    """
    base = url.rstrip("/").removesuffix("/v1")
    if not _is_url(base):
        raise EndpointFailed(f"{url} is no URL of a server; give one such as http://host:8000.")
    headers = {"Authorization": f"Bearer {key}"} if key else None
    async with bounded_session(connections, _TIMEOUT, headers) as session:
        yield Endpoint(base, model or await _first_model(session, base), session)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


async def _first_model(session: aiohttp.ClientSession, base: str) -> str:
    content = await call(session, "GET", base, "/v1/models")
    try:
        return str(content["data"][0]["id"])
    except (KeyError, TypeError, IndexError) as error:
        raise EndpointFailed(f"{base} lists no model; name it with --model.") from error


def _reply(choice: Any) -> Reply:
    message = choice["message"]
    # A fact that is told in the reasoning is told. vLLM's name for it first, then its older one.
    reasoning = message.get("reasoning") or message.get("reasoning_content")
    said = [part for part in (reasoning, message.get("content")) if isinstance(part, str)]
    return Reply("\n".join(said), choice.get("finish_reason") == "length")
