"""Registering recipients: what may be ordered, and where they may be."""

from __future__ import annotations

import asyncio
import secrets
import socket
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from yarl import URL

from gateway.errors import InvalidRequest
from gateway.registry.filing import Callback, Filing
from gateway.registry.hooks import Event, Recipient
from gateway.webhooks.addresses import Reach, stays_secret
from gateway.webhooks.signatures import new_secret

_LOOKUP_S = 5.0


def _not_twice(events: list[Event]) -> list[Event]:
    if len(set(events)) < len(events):
        raise ValueError("names an event twice")
    return events


class RecipientOrder(BaseModel):
    """Who is to be told, and of what: the body of `POST /admin/recipients`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("", max_length=200, description="Who it is.")
    url: Callback = Field(description="Where it is told: `https://`, or `http://`.")
    events: Annotated[list[Event], AfterValidator(_not_twice)] | None = Field(
        None, min_length=1, description="What it is told of. Left out: everything."
    )
    include_subject: bool = Field(
        False,
        description="Whether it is told subject and scope too, as a store has to be that must find "
        "what to delete; only by `https://` or on this machine.",
    )

    async def recipient(self, reach: Reach, now: datetime) -> Recipient:
        """The recipient with its secret; raises `InvalidRequest` for an address out of reach."""
        url = URL(self.url)
        if self.include_subject and not stays_secret(url):
            raise InvalidRequest(
                "url: subjects travel encrypted only; use https:// or leave out include_subject.",
                param="url",
                code="not_encrypted",
            )
        if problem := reach.problem(url, await _resolved(url)):
            raise InvalidRequest(f"url: {problem}.", param="url", code="address_refused")
        return Recipient(
            id="rcp_" + secrets.token_hex(6),
            name=self.name,
            url=self.url,
            secret=new_secret(),
            created_time=now,
            events=None if self.events is None else frozenset(self.events),
            include_subject=self.include_subject,
        )


def check_callbacks(filing: Filing, reach: Reach) -> None:
    """Raises `InvalidRequest` for an address of a filing that is out of reach as it is written.

    Names are looked up when something is sent there, not for whoever files.
    """
    for number, text in enumerate(filing.status_callback_urls):
        if problem := reach.problem(URL(text)):
            field = f"status_callback_urls.{number}"
            raise InvalidRequest(f"{field}: {problem}.", param=field, code="address_refused")


async def _resolved(url: URL) -> set[str]:
    """The addresses of a host at this moment; none where nobody knows it."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_LOOKUP_S):
            found = await loop.getaddrinfo(url.raw_host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return set()
    return {str(address[0]) for *_, address in found}
