"""Who may decide on whose filing, and on which version of it."""

from __future__ import annotations

from gateway.caller import BOOTSTRAP, OPEN, Caller
from gateway.errors import Conflict, Forbidden
from gateway.registry.filing import Filing, folded
from gateway.registry.models import Record
from gateway.registry.status import ACTING, Status
from gateway.roles import DECIDE
from gateway.settings import Settings
from guards import Action

_NOBODY = frozenset({BOOTSTRAP.id, OPEN.id})
_STRENGTH = {Action.OBSERVE: 0, Action.SUPPRESS: 1, Action.AUTO: 2, Action.REFUSE: 3}
"""How much of what matches is kept from being told."""


def check_four_eyes(record: Record, who: Caller, settings: Settings) -> None:
    """Raises `Forbidden` where a key would decide on what it has filed itself.

    The bootstrap key, and everybody where no key is asked for, is nobody in particular.
    """
    if settings.four_eyes == "off" or who.id in _NOBODY:
        return
    if who.id in (record.decided.filed_by, *record.decided.edited_by):
        raise Forbidden(
            "This API key has filed or edited the request: another one has to decide on it "
            "(LETHE_FOUR_EYES).",
            code="four_eyes",
        )


def check_edit(record: Record, new: Filing, who: Caller, settings: Settings) -> None:
    """Raises `Forbidden` where an edit takes an approver, and this key may not be one.

    It does where the request acts, or did before it was paused, and would do less: what may not
    be lifted must not be edited away. Where filings need approval, any edit of one that acts does,
    and nothing is added by it: one officer alone would file and approve that.
    """
    acts = record.status in ACTING | {Status.PAUSED}
    if not acts or (settings.approval == "none" and not narrows(record.filing, new)):
        return
    if not DECIDE & who.roles:
        raise Forbidden(
            "This edit lets something be told that the request forbids, or needs approval: it "
            "takes a key with the role approver.",
            code="insufficient_role",
        )
    check_four_eyes(record, who, settings)
    watched = settings.approval != "none" and settings.four_eyes == "on"
    if watched and who.id not in _NOBODY and narrows(new, record.filing):
        raise Forbidden(
            "This edit forbids something more, which nobody else would have approved: file it as a "
            "request of its own (LETHE_FOUR_EYES).",
            code="four_eyes",
        )


def narrows(old: Filing, new: Filing) -> bool:
    """Whether anything that an old filing forbids may be told under a new one."""
    lost = (
        {old.folded_name, *map(folded, old.subject.aliases)}
        - {new.folded_name, *map(folded, new.subject.aliases)}
        or set(old.scope.questions) - set(new.scope.questions)
        or set(old.scope.passages) - set(new.scope.passages)
        or set(old.scope.facts) - set(new.scope.facts)
        or set(old.scope.forbidden) - set(new.scope.forbidden)
        or set(new.retain) - set(old.retain)
    )
    weaker = (
        _STRENGTH[new.action] < _STRENGTH[old.action]
        or (old.whole_subject and not new.whole_subject)
        or (old.scope.paraphrases and not new.scope.paraphrases)
        or (new.open_book and not old.open_book)
        or old.subject.description != new.subject.description
    )
    return bool(lost) or weaker


def check_withdrawal(record: Record) -> None:
    """Raises `Conflict` where a request has been completed before, and acts again or is paused.

    An edit and a resumption begin anew: without this, a filer could undo by an edit and a
    withdrawal what takes another officer to lift.
    """
    if record.decided.completed:
        raise Conflict(
            f"The forget request {record.id!r} has been completed before: an approver can lift it "
            f"(POST /admin/forget-requests/{record.id}/lift).",
            code="completed_before",
        )


def check_version(record: Record, version: int | None) -> None:
    """Raises `Conflict` where a caller means to change another version than there is."""
    if version not in (None, record.version):
        raise Conflict(
            f"The forget request {record.id!r} has version {record.version} by now; read it "
            "again before you change it.",
            param="If-Match",
            code="version_changed",
        )
