"""Characters of a text written as escapes, of web addresses, HTML or programs, read again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote

from guards.text.edit import Edit

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PLUSES = re.compile(r"(?<!\S)[^\s+]++(?:\+[^\s+]++){3,}(?!\S)")
_ADDRESS = 200
"""Characters before an encoded one in which the beginning of its address is looked for."""
_TAGS = re.compile(
    r"(?:</?[A-Za-z][A-Za-z0-9]{0,15}(?:\s{1,4}[\w:-]{1,30}=[^<>]{0,200})?\s{0,4}/?>"
    r"|<!--[^<>]{0,200}-->)+"
)
_BLOCK = re.compile(r"</?(?:p|div|t[dhr]|table|[uo]l|li|h[1-6]|hr)\b", re.IGNORECASE)
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_ENTITIES = re.compile(r"(?:&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)+")
_ESCAPES = re.compile(
    r"(?:\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8}|\\x[0-9A-Fa-f]{2}"
    r"|U\+[0-9A-Fa-f]{4,5} ?|\\[01][0-7]{2}|\\[nrt])+"
)
_ESCAPE = re.compile(r"\\[uxU]\{?([0-9A-Fa-f]+)\}?|U\+([0-9A-Fa-f]+) ?|\\([0-7]{3})|\\[nrt]")


def percent(text: str) -> Iterator[Edit]:
    """URL encoding. In an address it is no disguise."""
    if "%" not in text:
        for match in _PLUSES.finditer(text):
            yield Edit(*match.span(), match.group().replace("+", " "))
        return
    for match in _PERCENT.finditer(text):
        before = text[max(0, match.start() - _ADDRESS) : match.start()].split()
        address = bool(before) and "://" in before[-1]
        yield Edit(*match.span(), unquote(match.group(), errors="replace"), not address)


def markup(text: str) -> Iterator[Edit]:
    """Tags and character references of HTML. Those that part no word are no disguise."""
    if "<" in text and ">" in text:
        for match in _TAGS.finditer(text):
            tags = match.group()
            block = _BLOCK.search(tags) is not None
            said = " " if block or _BREAK.search(tags) else ""
            yield Edit(*match.span(), said, not block and _within_word(text, *match.span()))


def references(text: str) -> Iterator[Edit]:
    """Character references of HTML."""
    if "&" not in text:
        return
    for match in _ENTITIES.finditer(text):
        said = html.unescape(match.group())
        if said != match.group():
            letters = any(map(str.isalnum, said))
            yield Edit(*match.span(), said, letters or _within_word(text, *match.span()))


def escapes(text: str) -> Iterator[Edit]:
    r"""Escapes of programming languages: "\u004d", "\x4d", "U+004D", "\n".

    A foreign letter among others is no disguise.
    """
    if "\\" not in text and "U+" not in text:
        return
    for match in _ESCAPES.finditer(text):
        said = _as_bytes(_ESCAPE.sub(_character, match.group()))
        said = said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        plain = any(c.isascii() and c.isalnum() for c in said)
        yield Edit(*match.span(), said, plain or sum(map(str.isalpha, said)) >= 4)


def _within_word(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isalnum() and text[end : end + 1].isalnum()


def _as_bytes(said: str) -> str:
    """What was escaped byte by byte."""
    try:
        return said.encode("latin-1").decode()
    except UnicodeError:
        return said


def _character(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if digits:
        code = int(digits, 16)
        return chr(code) if code <= 0x10FFFF else " "
    return chr(int(match[3], 8)) if match[3] else " "
