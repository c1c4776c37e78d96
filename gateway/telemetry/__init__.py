"""What a gateway tells of itself: metrics, traces, and the lines of its log.

Everything here counts and times; nothing decides. No label, attribute or line ever carries a
name, a text, a key, or the id of a forget request. docs/telemetry.md is the reference.
"""

from gateway.telemetry.metrics import CONTENT_TYPE, OUTCOMES, Metrics
from gateway.telemetry.stages import Stage, Took, untold

__all__ = ["CONTENT_TYPE", "OUTCOMES", "Metrics", "Stage", "Took", "untold"]
