"""Errors of the guards.

GuardError
 └── RuleError   a filing that cannot be compiled, or a stored rule that cannot be read
"""


class GuardError(Exception):
    """Base of every error that the guards raise on purpose."""


class RuleError(GuardError):
    """A filing cannot be compiled to a rule, or a stored rule cannot be read; says why.

    `field` names the field of `guards.Filing` that is at fault, where it is one.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
