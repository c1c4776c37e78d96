"""Errors of the registry.

LetheError
 └── RegistryError
      ├── WrongDataKey   what the store holds was encrypted with another data key
      ├── Unreadable     what the store holds was damaged, cut short or put in another's place
      ├── LedgerBroken   the ledger has a gap, ran backwards or is another one: restored backup?
      └── AuditBroken    the audit has a gap, or an entry that does not follow from the one before
"""

from gateway.errors import LetheError


class RegistryError(LetheError):
    """The registry's contents cannot be trusted; nothing is acknowledged until that is mended."""


class WrongDataKey(RegistryError):
    """What the store holds was encrypted with another data key."""


class Unreadable(RegistryError):
    """What the store holds was damaged, cut short or put in another's place."""


class LedgerBroken(RegistryError):
    """The ledger has a gap, ran backwards, or is another one than before."""


class AuditBroken(RegistryError):
    """The audit has a gap, or an entry that does not follow from the one before."""
