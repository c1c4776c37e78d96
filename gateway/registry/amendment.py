"""What is to become of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway.registry.audit import Deed
from gateway.registry.case import Case, pack_case
from gateway.registry.filed import filing_bytes
from gateway.registry.filing import Filing
from gateway.registry.models import Record
from gateway.registry.status import ACTING, UNANSWERED, Status


@dataclass(frozen=True, slots=True)
class Amendment:
    """What is to become of a record: another status, another due date, another version.

    `action` is the word for it in the audit, `by` who does it. With a `filing` and its `rule` it
    is a new version, and the old one is kept. What changes what is enforced raises the revision,
    and so does every change of status.
    """

    action: str
    by: str
    case: Case = field(repr=False)
    status: Status | None = None
    due: datetime | None = None
    filing: Filing | None = field(default=None, repr=False)
    rule: bytes = field(default=b"", repr=False)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the ledger calls it."""
        return "amended" if self.status is None else self.status.value

    def deed(self, record: Record) -> Deed:
        """What the audit tells of it."""
        after = self.applied(record, record.revision)
        details = {"from": record.status.value, "to": after.status.value}
        if self.case.reason and self.filing is None:  # an edit decides nothing
            details["reason"] = self.case.reason
        return Deed(self.action, self.by, record.id, after.version, details | dict(self.details))

    def revises(self, record: Record) -> bool:
        """Whether gateways have to take note: not where it acted before, and acts as before."""
        if self.filing is not None:
            return True
        return self.status is not None and not (record.enforced and self.status in ACTING)

    def applied(self, record: Record, revision: int) -> Record:
        """The record that it makes of one, at a revision."""
        changed = replace(
            record,
            status=self.status or record.status,
            revision=revision,
            expected_completion_time=self.due or record.expected_completion_time,
            case=pack_case(self.case),
        )
        if self.filing is not None:
            changed = replace(
                changed,
                version=record.version + 1,
                filed=filing_bytes(self.filing.kept),
                rule=self.rule,
                steering=b"",
            )
            if record.status is Status.COMPLETED:  # no gateway enforces the new version yet
                changed = replace(changed, status=Status.IN_PROGRESS)
        reopened = changed.status in ACTING & UNANSWERED
        return replace(changed, completed_time=None) if reopened else changed
