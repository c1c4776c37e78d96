"""Parts of a text that are encoded letter by letter or byte by byte, read again.

Each reader gives the parts of a text that it can read, in order. All are linear in the text and
cost little more than a search where there is nothing.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterator, Sequence

from guards.text.cipher import ROT13, backwards
from guards.text.edit import Edit, Reading
from guards.text.escape import escapes, markup, percent, references
from guards.text.language import reads
from guards.text.lexicon import frequency

_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:0[xX])?[0-9A-Fa-f]{2}"
    r"(?:(?:[ ,:;\-\n]{1,2}(?:0[xX])?)?[0-9A-Fa-f]{2}){2,}(?![0-9A-Za-z])"
)
_DIGITS = re.compile(r"(?:0[xX])?((?:[0-9A-Fa-f]{2}){3,})(?![0-9A-Za-z])")
_BINARY = re.compile(
    r"(?<![0-9])(?:(?:[01]{8}){3,}+|[01]{7,8}(?:[ ,\n]{1,2}[01]{7,8}){2,})(?![0-9])"
)
_CODE = r"(?:3[2-9]|[4-9][0-9]|1[0-9]{2}|2[0-4][0-9])"
_CODES = re.compile(rf"(?<![\w.]){_CODE}(?:[ ,;]{{1,2}}{_CODE}){{2,}}(?![\w.])")
_UTF8 = codecs.getincrementaldecoder("utf-8")
_BASE64 = re.compile(r"={0,2}[A-Za-z0-9+/_\-]{2,}={0,2}")
_MIXED = re.compile(r"[a-z][A-Z0-9]|[0-9][A-Za-z]|[A-Z]{2}[a-z]")
"""Base64 of anything longer than a word has letters of both cases, or digits, side by side."""
_ALONE = 6
"""Characters from which a part is tried as base64 by itself: four letters."""
_LONG = 16
"""Characters from which base64 that says nothing is tried backwards and in rot13."""
_BASE32 = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]*+[2-7][A-Z2-7]{6,}|[a-z]*+[2-7][a-z2-7]{6,}|[A-Z]{16,})(?![A-Za-z0-9])={0,6}"
)


def hexadecimal(text: str) -> Iterator[Edit]:
    """Bytes of two hexadecimal digits, alone or with blanks, colons or "0x" between."""
    for match in _HEX.finditer(text):
        groups = re.sub("0[xX]", "", match.group())
        digits = re.sub("[^0-9A-Fa-f]", "", groups)
        if len(digits) % 2 == 0:
            # Between pairs of digits a blank means nothing, between whole words it is one.
            words = groups.split() if re.search("[0-9A-Fa-f]{4}", groups) else [digits]
            data = [bytes.fromhex(re.sub("[^0-9A-Fa-f]", "", word)) for word in words]
            edits = list(_said(match, b" ".join(data)))
            # A number may stand before what is encoded, or one behind it.
            yield from edits or _one_by_one(match)


def bits(text: str) -> Iterator[Edit]:
    """Bytes of eight binary digits, or seven."""
    for match in _BINARY.finditer(text):
        groups = re.split("[ ,\n]+", match.group())
        if len(groups) == 1:
            groups = re.findall("[01]{8}", groups[0])
        yield from _said(match, bytes(int(group, 2) for group in groups if len(group) <= 8))


def numbers(text: str) -> Iterator[Edit]:
    """Bytes as decimal numbers."""
    for match in _CODES.finditer(text):
        yield from _said(match, bytes(map(int, re.findall("[0-9]+", match.group()))))


def base_64(text: str) -> Iterator[Edit]:
    """Base64 of either alphabet, in one part, broken up by blanks or lines, or word by word."""
    if not _MIXED.search(text):
        return
    parts = list(_BASE64.finditer(text))
    edits = list(_base_64(text, parts, _ALONE))
    # Between words in base64 there are short ones, too, and beside one in it.
    yield from _base_64(text, parts, 2 if len(edits) > 1 else 4) if edits else ()


def _base_64(text: str, parts: Sequence[re.Match[str]], least: int) -> Iterator[Edit]:
    number = 0
    while number < len(parts):
        first = last = parts[number]
        part = first.group()
        number += 1
        if len(part) < least or (part[1:].isalpha() and part[1:].islower()):
            continue
        decoder = _UTF8()
        data, left = _unpacked(part)
        said = [_printable(decoder, data)]
        if len(said[0]) < min(3, least - 2):
            for respell in (backwards, ROT13) if len(part) >= _LONG else ():
                data, left = _unpacked(respell(part))
                yield from _said(first, data + _rest(left))
            continue
        # What follows after a blank or a line end goes on with it, as long as it can be read.
        while number < len(parts) and text[last.end() : parts[number].start()].isspace():
            if last.group().endswith("="):
                break
            data, rest = _unpacked(left + parts[number].group())
            state = decoder.getstate()
            more = _printable(decoder, data)
            if not more or (not left and _a_word(said[-1]) and _a_word(more)):
                decoder.setstate(state)
                break
            said.append(more)
            last, left = parts[number], rest
            number += 1
        said.append(_printable(decoder, _rest(left)))
        yield from _put(first.start(), last.end(), "".join(said), least < _ALONE)


def base_32(text: str) -> Iterator[Edit]:
    """Base32 in capitals or small letters."""
    for match in _BASE32.finditer(text):
        digits = match.group().rstrip("=").upper()
        try:
            yield from _said(match, base64.b32decode(digits + "=" * (-len(digits) % 8)))
        except binascii.Error:
            continue


_READERS: dict[str, Callable[[str], Iterator[Edit]]] = {
    "url": percent,
    "html": markup,
    "entity": references,
    "escape": escapes,
    "hex": hexadecimal,
    "bits": bits,
    "numbers": numbers,
    "base64": base_64,
    "base32": base_32,
}


def decoded(text: str) -> Iterator[Reading]:
    """How a text reads with the parts decoded that each reader finds."""
    for name, reader in _READERS.items():
        if edits := list(reader(text)):
            yield Reading(name, edits, syntactic=True)


def _unpacked(digits: str) -> tuple[bytes, str]:
    """The bytes of some base64, and the digits at its end that are less than three bytes."""
    plain = digits.replace("=", "").replace("-", "+").replace("_", "/")
    whole = len(plain) // 4 * 4
    return binascii.a2b_base64(plain[:whole]), plain[whole:]


def _rest(left: str) -> bytes:
    """The bytes of fewer than four digits of base64."""
    return binascii.a2b_base64(left + "=" * (4 - len(left))) if len(left) > 1 else b""


def _printable(decoder: codecs.IncrementalDecoder, data: bytes) -> str:
    """What some bytes go on to say; nothing if that is no text."""
    try:
        said = decoder.decode(data)
    except UnicodeDecodeError:
        return ""
    return said if "".join(said.split()).isprintable() else ""


def _a_word(said: str) -> bool:
    """Whether something is a whole word: the next one does not go on with it."""
    said = said.strip(".,;:?!'\"")
    return said.isalpha() and (said.istitle() or frequency(said.lower()) > 0)


def _one_by_one(match: re.Match[str]) -> Iterator[Edit]:
    for part in _DIGITS.finditer(match.string, *match.span()):
        yield from _said(part, bytes.fromhex(part[1]))


def _said(match: re.Match[str], data: bytes) -> Iterator[Edit]:
    try:
        yield from _put(*match.span(), data.decode())
    except UnicodeDecodeError:
        return


def _put(start: int, end: int, said: str, numbers: bool = False) -> Iterator[Edit]:
    """What a part says, if it is text; among other such parts it may be a number."""
    # Bytes that can be read at all are text, with all the signs for letters that it may have.
    numbers = numbers or len(said) >= _LONG
    letters = sum(map(str.isalnum if numbers else str.isalpha, said))
    if said and letters * 2 >= len(said) and "".join(said.split()).isprintable():
        # Bytes that are letters by chance are rarely more than a few.
        alone = letters >= _ALONE and letters + said.count(" ") >= 0.8 * len(said)
        yield Edit(start, end, said, alone or reads(said))
