"""What is answered when a chat asks that somebody be forgotten: noted, or where to ask.

Nothing that is said in a chat is enforced by itself: an officer approves the request, or denies it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from gateway.admin.forget import ForgetRequests
from gateway.errors import InvalidRequest, RegistryUnavailable, TooManyPending
from gateway.parts import Parts
from gateway.registry.errors import RegistryError
from gateway.registry.filing import Filing
from gateway.registry.status import Status
from gateway.roles import FILE
from guards import forget_intent
from guards.talk.intent import full_name

CONTACT = "ask the privacy officer of whoever runs this service"

_NOTED = (
    "I have noted a request to forget “{name}”: its number is {id}. Nothing changes yet; a privacy "
    "officer has to approve it first."
)
_KNOWN = (
    "A request to forget “{name}” has been noted before: its number is {id}. It waits for the "
    "approval of a privacy officer."
)
_DECIDED = "A request to forget “{name}” has been approved before: its number is {id}."
_WHOM = (
    "I can note a request to be forgotten, but I need the full name of the person. Please write it "
    "like this: “Please forget everything about” and then the full name."
)
_FULL = (
    "I could not note this: too many requests wait for approval at the moment. To have somebody "
    "forgotten, {contact}."
)
_LATER = (
    "I could not note this just now. Please ask again in a few minutes or, to have somebody "
    "forgotten, {contact}."
)
_ELSEWHERE = "I cannot note this myself. To have somebody forgotten, {contact}."


class ForgetIntents:
    """Recognises such a message, and answers it."""

    def __init__(self, parts: Parts) -> None:
        self._access = parts.access
        self._requests = ForgetRequests(parts)
        where = parts.settings.forget_contact
        self._contact = f"please contact {where}" if where else CONTACT

    async def reply(
        self, text: str, caller: str | None, headers: Mapping[str, str], covered: bool = False
    ) -> str | None:
        """The answer to a user message, None when it asks for nothing of the kind.

        `caller` is whom the client says that it speaks for; `headers` carry its API key, which
        decides whether a request is made. None is needed where the message is `covered` by one;
        a client that may not file is answered alike then, or it would learn who is on the list.
        """
        intent = forget_intent(text)
        if intent is None:
            return None
        asking = self._access.caller(headers)
        if not FILE & asking.roles:
            return _ELSEWHERE.format(contact=self._contact)
        if covered:
            return None
        # Most clients send an account's number or a hash, which no prompt tells.
        name = intent.name or full_name(caller or "")
        return _WHOM if name is None else await self._noted(name, asking.id)

    async def _noted(self, name: str, by: str) -> str:
        try:
            filing = Filing.model_validate({"subject": {"name": name}, "origin": "chat"})
            record, new = await self._requests.propose(filing, by)
        except (ValidationError, InvalidRequest):  # no name that could be told in a prompt
            return _WHOM
        except TooManyPending:
            return _FULL.format(contact=self._contact)
        except (RegistryUnavailable, RegistryError):
            return _LATER.format(contact=self._contact)
        known = _KNOWN if record.status is Status.PENDING else _DECIDED
        # A blind request keeps no name.
        said = record.filing.subject.name or name
        return (_NOTED if new else known).format(name=said, id=record.id)
