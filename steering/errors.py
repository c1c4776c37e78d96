"""Errors of the steering room.

SteeringError
 ├── BadVector         a vector that cannot act: wrong width, not finite, no such layer
 ├── BadBans           forbidden strings that cannot be banned
 ├── BadIntervention   what a request asks for cannot be read
 ├── BadCall           what a route of the engine was sent cannot be read, or is too much
 ├── Behind            a push that does not follow on what the engine holds
 ├── UnknownSteering   a request names a vector or bans that the engine does not hold
 └── Unsupported       this engine, runner or setting cannot be steered; says which can
"""

NOT_HELD = "not held by this engine"
"""Part of the message of `UnknownSteering`, by which the gateway tells it in an engine's answer."""


class SteeringError(Exception):
    """Base of every error that steering raises on purpose; the message says the way out."""


class BadVector(SteeringError):
    """A steering vector that cannot act: wrong width, not finite, no such layer."""


class BadBans(SteeringError):
    """Forbidden strings that cannot be banned: too many, too long, or nothing in them."""


class BadIntervention(SteeringError):
    """What a request asks the engine for cannot be read."""


class BadCall(SteeringError):
    """What a route of the engine was sent cannot be read, or is too much at once."""


class Behind(SteeringError):
    """A push does not follow on what the engine holds; push everything with a reset."""


class UnknownSteering(SteeringError):
    """A request names a vector or bans that this engine does not hold; push the rule again."""


class Unsupported(SteeringError):
    """This engine, runner or setting cannot be steered; the message names what can."""
