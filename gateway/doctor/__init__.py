"""Looks at a deployment from outside, as its clients and officers do, and says what to mend.

`asking` asks the questions, over HTTP and with an API key like anybody's; the other modules judge
the answers and do nothing else. Nothing is filed, nothing is changed, no finding names a subject.
"""

from gateway.doctor.asking import examine
from gateway.doctor.checks import findings
from gateway.doctor.facts import Direct, Facts, Finding, Reply

__all__ = ["Direct", "Facts", "Finding", "Reply", "examine", "findings"]
