"""What clients get: what is filed is refused, everything else is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.doctor.facts import Facts, Finding

_BYPASSED = re.compile(r'^lethe_requests_total\{outcome="bypassed_error"\} (\S+)$', re.MULTILINE)
_LOG = "The gateway's log says why, beside the id of the request."


def verdicts(facts: Facts) -> Iterator[Finding]:
    """No chat was refused for want of a verdict."""
    found = _BYPASSED.search(facts.metrics.text)
    if facts.metrics.status != 200 or found is None:
        return
    count = float(found[1])
    if count:
        told = f"{count:.0f} chats were refused because no verdict could be made."
        yield Finding("verdicts", "fail", told, 'Look for "No verdict" in the gateway\'s log.')
    else:
        yield Finding("verdicts", "ok", "A verdict could be made for every chat.")


def refusal(facts: Facts) -> Iterator[Finding]:
    """A prompt about something that is filed touches it."""
    if facts.filed.status != 200:
        return
    if facts.refused is None:
        yield Finding("refusal", "ok", "Nothing is completed yet, so nothing could be tried.")
    elif facts.refused.status != 200:
        told = "What becomes of a prompt about a filed subject cannot be said."
        yield Finding("refusal", "fail", told, _LOG)
    elif facts.refused.field("action") == "allow":
        mend = "Put screen into LETHE_LAYERS; 'lethe explain' says what a prompt touches."
        yield Finding("refusal", "fail", "A prompt about a filed subject is answered.", mend)
    else:
        yield Finding("refusal", "ok", "A prompt about a filed subject is not answered.")


def retained(facts: Facts) -> Iterator[Finding]:
    """Ordinary prompts touch nothing."""
    said = [reply.field("action") for reply in facts.retained if reply.status == 200]
    if not said:
        return
    touched = sum(action != "allow" for action in said)
    if touched:
        yield Finding(
            "retained",
            "warn",
            f"{touched} of {len(said)} ordinary prompts touch a forget request.",
            "Look for one that is too wide; 'lethe forget --dry-run' says what one would block.",
        )
    else:
        yield Finding("retained", "ok", f"{len(said)} ordinary prompts touch nothing.")


def chat(facts: Facts) -> Iterator[Finding]:
    """An ordinary chat is answered."""
    if facts.models.status != 200:
        return
    choices = facts.chat.field("choices") or [{}]
    text = (choices[0].get("message") or {}).get("content")
    if facts.chat.status == 200 and text:
        yield Finding("chat", "ok", "An ordinary chat is answered.")
    else:
        told = f"An ordinary chat is not answered (status {facts.chat.status})."
        yield Finding("chat", "fail", told, str(facts.chat.field("error", "message") or _LOG))


def stream(facts: Facts) -> Iterator[Finding]:
    """The same as a stream, event by event to its end."""
    if facts.models.status != 200:
        return
    whole = facts.stream.text.rstrip().endswith("data: [DONE]")
    if facts.stream.status != 200:
        told = f"A streamed chat is not answered (status {facts.stream.status})."
        yield Finding(
            "streaming", "fail", told, str(facts.stream.field("error", "message") or _LOG)
        )
    elif whole and facts.stream.text.count("data: ") > 2:
        yield Finding("streaming", "ok", "A streamed chat is answered to its end.")
    else:
        told = "A streamed chat does not come to its end."
        mend = "A proxy on the way must pass events on as they come, and wait 11 minutes for them."
        yield Finding("streaming", "fail", told, mend)
