"""How a reply that was cut goes on to its end: a sentence of not knowing, whatever stands before.

Pure. What was sent stays as it is, so what it left open (a quotation, bold letters, a block of
code) is closed first.
"""

from __future__ import annotations

import re

from gateway.openai.voice.keyed import pick
from gateway.openai.voice.phrases import DEFAULT, PHRASES, Phrases

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_MARKER = re.compile(r"\s*(?:(?:[-*+]|\d{1,3}[.)]|>)\s*)*(?:\[[ xX]\]\s*)?")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)]|>)\s")
_HEADING = re.compile(r" {0,3}#{1,6}\s")
_ENDED = re.compile(r"[.!?。！？][\"”’»)\]*_`]*$")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:\w|Dr|Mr|Mrs|Ms|St|Prof|Sr|Jr|No|Nr|ca|bzw|vgl|e\.g|i\.e|z\. ?B|d\. ?h)\.$"
)
_PAIRS = {"(": ")", "[": "]", "“": "”", "„": "“", "«": "»", "「": "」"}
_OPENERS = tuple("([“„«「\"'*_`/-")
_UNSPACED = frozenset({"ja", "zh"})


def continuation(sent: str, language: str | None, digest: bytes) -> str:
    """What is to follow the text that was sent, to the end of the reply; never empty.

    The text may have ended anywhere between two words. The same for the same arguments.
    `digest` is keyed, as that of `keyed.digest`.
    """
    phrases = PHRASES[language or DEFAULT]
    line = sent.rpartition("\n")[2]
    space = "" if language in _UNSPACED else " "
    return (
        _beginning(sent, line, phrases, digest)
        or _after_structure(sent, line, phrases, digest)
        or _in_sentence(line, space, phrases, digest)
    )


def _beginning(sent: str, line: str, phrases: Phrases, digest: bytes) -> str | None:
    """Where nothing was said yet, or nothing of an item of a list."""
    if not sent.strip():
        return pick(phrases.plain, digest)
    if line.strip() and _MARKER.fullmatch(line):
        return _space(line) + pick(phrases.plain, digest)
    return None


def _after_structure(sent: str, line: str, phrases: Phrases, digest: bytes) -> str | None:
    """Where a block of code, a line, a heading or a cell of a table has to end first."""
    fence = _open_fence(sent)
    if fence is not None:
        begun = f"{fence}\n\n" if sent.endswith("\n") else f"\n{fence}\n\n"
    elif not line.strip():
        begun = "" if sent.rstrip(" \t").endswith("\n\n") else "\n"
    elif line.lstrip().startswith("|"):
        return f"{_space(line)}{phrases.cell} |"
    elif _HEADING.match(line):
        begun = "\n\n"
    else:
        return None
    return begun + pick(phrases.after, digest)


def _in_sentence(line: str, space: str, phrases: Phrases, digest: bytes) -> str:
    """After a whole sentence, or in the middle of one."""
    closing = _closing(line)
    if _ended(line):
        bare = line[-1].isspace() and not closing
        return closing + ("" if bare else space) + pick(phrases.after, digest)
    dots = "" if line.rstrip().endswith(("…", "...")) else "…"
    begun = "" if not dots or line.endswith(_OPENERS) or line[-1].isspace() else space
    return f"{begun}{dots}{closing}{space}{pick(phrases.broken, digest)}"


def _space(line: str) -> str:
    return "" if line[-1].isspace() else " "


def _open_fence(text: str) -> str | None:
    """The fence of a block of code that the text ends in."""
    opened = None
    for found in _FENCE.finditer(text):
        if opened is None:
            opened = found[1]
        elif found[1].startswith(opened):
            opened = None
    return opened


def _ended(line: str) -> bool:
    said = line.rstrip()
    return _ENDED.search(said) is not None and _ABBREVIATED.search(said) is None


def _closing(line: str) -> str:
    """What closes the quotations, brackets and marks that a line leaves open, innermost first."""
    waiting: list[str] = []
    for mark in re.findall(r"\*\*|[`\"()\[\]“”„«»「」]", _ITEM.sub("", line, count=1)):
        if waiting and mark == waiting[-1]:
            waiting.pop()
        elif waiting and waiting[-1] == "`":
            continue  # in code nothing else has a meaning
        elif mark in _PAIRS:
            waiting.append(_PAIRS[mark])
        elif mark in ("**", "`", '"'):
            waiting.append(mark)
    return "".join(reversed(waiting))
