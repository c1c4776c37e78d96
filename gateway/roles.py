"""The roles of API keys, and which of them may call which routes."""

from typing import Literal, get_args

Role = Literal["client", "filer", "approver", "auditor", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)

# Who may call which routes; a key needs one of the roles.
CHAT = frozenset({"client"})
FILE = frozenset({"filer"})
DECIDE = frozenset({"approver"})
READ = frozenset({"filer", "approver", "auditor", "operator"})
OPERATE = frozenset({"operator"})
INSPECT = frozenset({"auditor", "operator"})
AUDIT = frozenset({"auditor"})
