"""Errors of the guards.

GuardError
 └── RuleError   a filing that cannot be compiled, or a stored rule that cannot be read
"""


class GuardError(Exception):
    """Base of every error that the guards raise on purpose."""


class RuleError(GuardError):
    """A filing cannot be compiled to a rule, or a stored rule cannot be read; says why."""
