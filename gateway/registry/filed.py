"""A filing as the bytes that are kept of it, and back."""

from __future__ import annotations

from pydantic import ValidationError

from gateway.registry.errors import Unreadable
from gateway.registry.filing import STORED, Filing


def filing_bytes(filing: Filing) -> bytes:
    """A filing as JSON in which equal filings are equal.

    Defaults are left out: a field that a later version adds does not make an old filing
    another one.
    """
    return filing.model_dump_json(exclude_defaults=True).encode()


def filing_from(text: bytes) -> Filing:
    """The filing of `filing_bytes`; raises `Unreadable`."""
    try:
        return Filing.model_validate_json(text, context=STORED)
    except ValueError as error:
        raise unreadable("A filing", error) from None


def unreadable(what: str, error: Exception) -> Unreadable:
    """The error for stored bytes that are authentic but not of this version."""
    # The texts of validation errors quote their input, which may name a subject.
    kind = f"{error.error_count()} fields" if isinstance(error, ValidationError) else "its fields"
    return Unreadable(
        f"{what} cannot be read ({kind} do not fit this version of Lethe); restore a backup, or "
        "run the version that wrote it."
    )
