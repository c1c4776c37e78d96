"""When a forget request is to be answered, by the law that it names.

GDPR art. 12(3) gives one month, and two more where the person is told within the first; the UK's
is the same. The CCPA (Cal. Code Regs. § 7021) gives 45 days, and 45 more. A takedown under the
DMCA is to be "expeditious", which has no number: 14 days are ours, and so are the 30 of `custom`.
"""

from __future__ import annotations

from datetime import datetime

from dateutil.relativedelta import relativedelta

from gateway.errors import Conflict
from gateway.registry.filing import Regulation
from gateway.registry.models import Record
from gateway.registry.status import UNANSWERED

_DUE: dict[Regulation, relativedelta] = {
    "gdpr": relativedelta(months=1),
    "uk-gdpr": relativedelta(months=1),
    "ccpa": relativedelta(days=45),
    "dmca": relativedelta(days=14),
    "custom": relativedelta(days=30),
}
_EXTENSION: dict[Regulation, relativedelta] = {
    "gdpr": relativedelta(months=2),
    "uk-gdpr": relativedelta(months=2),
    "ccpa": relativedelta(days=45),
}


def due(regulation: Regulation, received: datetime) -> datetime:
    """When a request that was received at a time is to be answered."""
    return received + _DUE[regulation]


def extended(record: Record, now: datetime) -> datetime:
    """The later due date of a request; raises `Conflict` where the law gives none, or none more."""
    extension = _EXTENSION.get(record.filing.regulation)
    if extension is None:
        raise _refused(f"{record.filing.regulation} knows no extension")
    if record.status not in UNANSWERED:
        raise _refused(f"the request is {record.status}: its clock has stopped")
    if record.decided.extended:
        raise _refused("it has been extended before")
    if record.overdue(now):
        raise _refused("its due date is over, and who asked had to be told before")
    return record.expected_completion_time + extension


def _refused(why: str) -> Conflict:
    return Conflict(f"The due date cannot be extended: {why}.", code="not_extendable")
