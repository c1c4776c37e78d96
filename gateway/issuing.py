"""Issuing API keys: what may be ordered, how long one lives, and who may give what."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.access import new_key
from gateway.caller import Caller
from gateway.errors import Forbidden, InvalidRequest
from gateway.registry.models import ApiKey
from gateway.roles import Role

_DAYS = re.compile(r"([1-9][0-9]{0,3})d")
_MOST = timedelta(days=3_660)
_WAYS = "write days, such as 90d, or a date in UTC, such as 2031-01-31"

_Model = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class KeyOrder(BaseModel):
    """What is asked for when a key is to be issued: the body of `POST /admin/keys`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: list[Role] = Field(min_length=1, description="What it may do.")
    name: str = Field("", max_length=200, description="Who holds it.")
    expires: str | None = Field(
        None,
        max_length=40,
        description="When it dies: days from now, such as `90d`, or a date or time in UTC, such as "
        "`2031-01-31`; at most ten years ahead. Left out: never.",
    )
    models: list[_Model] | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="The models that it may ask for. Left out: all.",
    )
    requests_per_minute: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="Requests that each gateway process answers it a minute. Left out: as "
        "LETHE_REQUESTS_PER_MINUTE says.",
    )

    def issue(self, hash_key: bytes, now: datetime) -> tuple[ApiKey, str]:
        """The key and its token; raises `InvalidRequest` for a time that is none."""
        return new_key(
            self.name,
            frozenset(self.roles),
            hash_key,
            expires_time=None if self.expires is None else expiry(self.expires, now),
            models=None if self.models is None else frozenset(self.models),
            requests_per_minute=self.requests_per_minute,
        )


def expiry(text: str, now: datetime) -> datetime:
    """The time that a text means; raises `InvalidRequest` for one that is none, past or too far."""
    days = _DAYS.fullmatch(text)
    try:
        time = now + timedelta(days=int(days[1])) if days else datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"expires: this is no time; {_WAYS}.", param="expires") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    if not timedelta(0) < time - now <= _MOST:
        raise InvalidRequest(
            f"expires: it must lie ahead, by ten years at most; {_WAYS}.", param="expires"
        )
    return time.astimezone(UTC)


def check_grant(key: ApiKey, maker: Caller) -> None:
    """Raise `Forbidden` where a key would be worth more than that of its maker.

    It has no role that its maker lacks, reaches no model that is closed to them and dies no later:
    else a key of a day could make itself one for ever.
    """
    more = key.roles - maker.roles
    if more:
        raise _more("roles", f"the roles {', '.join(sorted(more))}, which your own key lacks")
    if maker.key is None:
        return
    ends, reach = maker.key.expires_time, maker.key.models
    if ends is not None and (key.expires_time is None or key.expires_time > ends):
        raise _more("expires", "a longer life than your own key has")
    if reach is not None and (key.models is None or not key.models <= reach):
        raise _more("models", "models that are closed to your own key")


def _more(param: str, what: str) -> Forbidden:
    return Forbidden(
        f"{param}: a key cannot give {what}.", param=param, code="more_than_the_maker_may"
    )
