"""Which requests a list is to hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gateway.registry.filing import Filing, folded
from gateway.registry.models import Record
from gateway.registry.status import Status


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests a list is to hold; those that fit everything that is given.

    `subject` is a name, whatever its case and spelling folds to: of a blind request the registry
    alone knows it. `overdue` are those unanswered past their due date at that time.
    """

    status: Status | None = None
    regulation: str | None = None
    subject: str | None = field(default=None, repr=False)
    submission: UUID | None = None
    overdue: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None

    def fits(self, record: Record) -> bool:
        """Whether a record fits."""
        return (
            self.status in (None, record.status)
            and self.regulation in (None, record.filing.regulation)
            and self.submission in (None, record.filing.subject_request_id)
            and self._about(record.filing)
            and (self.overdue is None or record.overdue(self.overdue))
            and (self.since is None or record.received_time >= self.since)
            and (self.until is None or record.received_time < self.until)
        )

    def _about(self, filing: Filing) -> bool:
        if self.subject is None or filing.blind:
            return True
        return folded(self.subject) == filing.folded_name
