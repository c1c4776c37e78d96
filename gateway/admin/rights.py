"""Who may decide on whose filing, and on which version of it."""

from __future__ import annotations

from gateway.caller import BOOTSTRAP, OPEN, Caller
from gateway.errors import Conflict, Forbidden
from gateway.registry.models import Record
from gateway.settings import Settings


def check_four_eyes(record: Record, who: Caller, settings: Settings) -> None:
    """Raises `Forbidden` where a key would decide on what it has filed itself.

    The bootstrap key, and everybody where no key is asked for, is nobody in particular.
    """
    if settings.four_eyes == "off" or who.id in (BOOTSTRAP.id, OPEN.id):
        return
    if record.decided.filed_by == who.id:
        raise Forbidden(
            "This API key has filed the request: another one has to decide on it "
            "(LETHE_FOUR_EYES).",
            code="four_eyes",
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
