"""From the body of a filing to a draft: validated, compiled, with due date and first status.

A filing acts at once, unless LETHE_APPROVAL says that an officer has to approve it first.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from gateway.admin.clocks import due
from gateway.compiling import Compiler
from gateway.engines.rules import forbidden
from gateway.errors import InvalidRequest
from gateway.http import invalid
from gateway.registry.case import Case
from gateway.registry.filing import Filing
from gateway.registry.models import Draft
from gateway.registry.status import WAITING, Status
from gateway.settings import Settings
from guards import Rule, RuleError, dump_rule
from steering import BadBans, EngineRule

PRIVACY = ("gdpr", "uk-gdpr", "ccpa")
"""Laws under which harm is stopped first, and decided on afterwards."""

_FIELDS = {"name": "subject.name", "aliases": "subject.aliases", "forbidden": "scope.forbidden"}
_FIXED = ("origin", "regulation", "subject_request_id", "blind", "identity_verified")
_NOTED = {
    "origin": "leave it out",
    "withheld": "of a blind request no texts are kept; file it again with them, without this field",
}
"""What the gateway notes itself, and the way out for who gives it."""
_LEVELS = 2
"""Of objects that a filing has; what lies deeper is refused, as deep as it may be."""


def new_id() -> str:
    """The id of a request that is about to be filed."""
    return "fr_" + secrets.token_hex(10)


def draft(filing: Filing, rule: Rule, by: str, settings: Settings, now: datetime) -> Draft:
    """A filing received now, with its rule, ready to be appended."""
    status, provisional = _begins(filing, settings)
    return Draft(
        id=rule.id,
        filing=filing,
        rule=dump_rule(rule),
        received_time=now,
        expected_completion_time=due(filing.regulation, now),
        status=status,
        provisional=provisional,
        case=Case(filed_by=by),
    )


async def compiled(request_id: str, version: int, filing: Filing, compiler: Compiler) -> Rule:
    """The rule of a filing, computed in a thread; raises `InvalidRequest` with the field."""
    try:
        EngineRule("", 1, bans=forbidden(filing.kept))
    except BadBans as error:  # more strings than engines hold of one request
        raise InvalidRequest(f"scope: {error}", param="scope", code="too_many") from error
    try:
        return await asyncio.to_thread(compiler.compile, request_id, version, filing)
    except RuleError as error:
        field = _FIELDS.get(error.field or "", "scope")
        raise InvalidRequest(f"{field}: {error}.", param=field, code="unmatchable") from error


def parse_filing(body: Any) -> Filing:
    """A filing from a decoded JSON body; errors name the field."""
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object with a subject or a scope.")
    _check_noted(body)
    return _valid(body)


def edited(filing: Filing, patch: Any) -> Filing:
    """A filing after a JSON merge patch (RFC 7396); errors name the field."""
    if not isinstance(patch, dict):
        raise InvalidRequest("The body must be a JSON object with the fields to change.")
    if filing.withheld is not None:
        raise InvalidRequest(
            "A blind request keeps no texts that could be changed; file another one with all of "
            "them, then lift this one.",
            code="blind",
        )
    _check_noted(patch)
    for field in _FIXED:
        if field in patch:
            raise InvalidRequest(
                f"{field}: it stays as it was filed; withdraw the request and file another.",
                param=field,
                code="not_settable",
            )
    return _valid(_merged(orjson.loads(filing.model_dump_json(exclude_defaults=True)), patch))


def _check_noted(body: dict[str, Any]) -> None:
    for field, way_out in _NOTED.items():
        if field in body:
            raise InvalidRequest(
                f"{field}: it is noted by the gateway; {way_out}.",
                param=field,
                code="not_settable",
            )


def _valid(body: dict[str, Any]) -> Filing:
    try:
        return Filing.model_validate(body)
    except ValidationError as error:
        raise invalid(error, "subject") from None


def _merged(target: Any, patch: Any, levels: int = _LEVELS) -> Any:
    if not isinstance(patch, dict) or not levels:
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value, levels - 1)
    return merged


def _begins(filing: Filing, settings: Settings) -> tuple[Status, bool]:
    """The first status of a filing, and whether it acts while it waits."""
    provisional = settings.approval == "provisional" and filing.regulation in PRIVACY
    if not filing.identity_verified:
        return Status.IDENTITY_UNVERIFIED, provisional
    if settings.approval == "none":
        return Status.IN_PROGRESS, False
    return Status.PENDING, provisional


def waiting(draft: Draft, hold: dict[str, Any]) -> Draft:
    """A draft that an officer has to look at before it acts, and why."""
    status = draft.status if draft.status in WAITING else Status.PENDING
    case = replace(draft.case, hold=hold)
    return replace(draft, status=status, provisional=False, case=case)
