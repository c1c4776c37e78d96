"""How a regular expression or a grammar reads once its signs are taken away.

A pattern can spell a name without containing it: `Mira\\s+Quell`, `[M]ira Quell`,
`"Mira" " " "Quell"`. This is no parser: it undoes what writes plain text in another way, and
takes the first of several alternatives as well as all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_SIGNS = frozenset('\\[](){}^$*+?|."')
_PATTERNS = frozenset({"pattern", "patternProperties"})
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
# Bounded, so that a row of opening brackets is not tried to its end again and again.
_CLASS = re.compile(r"\[(\^?)((?:\\.|[^\]\\]){1,100}+)\]", re.DOTALL)
_FIRST = re.compile(r"\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_GROUP = re.compile(r"\(\?(?:[:=!>]|<[=!]|P?<\w{1,64}>)")
_COUNT = re.compile(r"(?<!\\)(?<!\\[ux])\{\d{0,6}(?:,\d{0,6})?\}")
_OTHERS = re.compile(r"(?<!\\)\|[^|()]*+(?=\))")
_TOKEN = re.compile(
    r"\\(?:[xu]\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))"
    r"|([\^$*+?()\"])|([.|])",
    re.DOTALL,
)
_BLANK = frozenset("stnrvfWwdDN")
_NOTHING = frozenset("bBAZzGQE")


def readings(text: str) -> Iterator[str]:
    """Other readings of a pattern or a grammar; none where it has no signs."""
    if _SIGNS.isdisjoint(text):
        return
    literals = [_plain(literal) for literal in _LITERAL.findall(text)]
    if len(literals) > 1:
        yield "".join(literals)
        yield " ".join(literals)
    bare = _COUNT.sub("", _CLASS.sub(_member, _GROUP.sub("(", text)))
    seen = {text}
    for version in (bare, _OTHERS.sub("", bare)):
        plain = _plain(version)
        if plain not in seen:
            seen.add(plain)
            yield plain


def patterns_in(value: Any) -> Iterator[str]:
    """The regular expressions in a JSON schema at any depth: elsewhere signs are just signs."""
    waiting = [(value, False)]
    while waiting:
        item, pattern = waiting.pop()
        if isinstance(item, dict):
            waiting.extend((inner, key in _PATTERNS) for key, inner in item.items())
            if pattern:
                yield from item
        elif isinstance(item, list):
            waiting.extend((inner, False) for inner in item)
        elif pattern and isinstance(item, str):
            yield item


def _member(match: re.Match[str]) -> str:
    """The first member of a character class stands for all of them."""
    if match[1]:
        return " "
    first = _FIRST.match(match[2])
    return first[0] if first else ""


def _plain(text: str) -> str:
    return _TOKEN.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    *codes, escaped, dropped, blank = match.groups()
    if any(codes):
        code = int("".join(filter(None, codes)), 16)
        return chr(code) if code <= 0x10FFFF else ""
    if escaped:
        return " " if escaped in _BLANK else "" if escaped in _NOTHING else str(escaped)
    if dropped:
        return ""
    return "\n" if blank == "|" else " "
