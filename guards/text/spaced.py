"""Letters with something between them ("M i r a", "M.i.r.a", one a line), put together again."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guards.text.edit import Edit, Reading
from guards.text.language import reads
from guards.text.wordbreak import segmented

_SIGN = r"[.\-_*·•|/\\,~+=:;^#]"
_BLANKS = re.compile(r"(?<!\S)\S(?:\s{1,8}\S(?!\S)){2,}(?:\s{1,8}\w(?=\W))?")
_SIGNS = re.compile(rf"(?<![^\W_]){_SIGN}?[^\W_]({_SIGN})\S(?:\1\S)*\1?(?![^\W_])")
_WIDE = re.compile(
    rf"(?<!\w)[^\W_](?P<sign> {_SIGN}{{1,3}} |{_SIGN}{{2,3}})[^\W_](?:(?P=sign)[^\W_])+(?!\w)"
)
_THREE = re.compile(rf"[^\W_]({_SIGN})[^\W_]\1[^\W_]")
_RUNON = re.compile(r"(?<!\S)(?=[^\s=+/]*?[^\W\d_]{5})[^\s=+/]{18,}+(?!\S)")
_LEET = re.compile(r"[^\W\d_][0-9@$!]++[^\W\d_]|[^\W\d_][0-9@$]")
_NAME = 24
"""Characters of a name, letter by letter and with signs for letters, at most."""
_ICONS = re.compile(
    r"(?:(?<=[^\W\d_])|(?<=[^\W\d_]['’.,]))[\u2190-\u2bff\U0001f000-\U0001faff]+(?:\ufe0f)?(?=\S)"
    r"|(?<=\s)[\u2190-\u2bff\U0001f000-\U0001faff]+(?=[^\W_])"
    r"|(?<=[^\W_])[\u2190-\u2bff\U0001f000-\U0001faff]+(?=\s)"
)
"""Pictures between letters."""
_FEW = 4
"""Letters from which a run is more than an abbreviation."""
_WORD = 12
"""Characters up to which what stands between two gaps is one word."""
_CUT = 4096
"""Letters without word gaps that are cut into words, at either end of a longer run."""


def joined(text: str) -> Iterator[Reading]:
    """A text with its spaced letters as words.

    Where the gaps between the words cannot be told from those between the letters, the words
    are found by their frequencies; further readings keep unknown names, or all of such a run,
    in one.
    """
    if len(icons := list(_ICONS.finditer(text))) >= _FEW:
        yield Reading("spaced", [Edit(*m.span(), "") for m in icons])
    runs = [(*m.span(), _by_gaps(m.group())) for m in _BLANKS.finditer(text)]
    runs += [(*m.span(), [m.group()[:: len(m["sign"]) + 1]]) for m in _WIDE.finditer(text)]
    runs = [run for run in runs if _letters(run[2]) * 3 > sum(map(len, run[2]))]
    if _THREE.search(text):
        runs += _by_signs(text)
    for match in _RUNON.finditer(text):
        if 2 * len(match.group()) > len(text) and reads(_cut(match.group())):
            runs.append((*match.span(), [match.group()]))
    if max((_letters(words) for *_, words in runs), default=0) < _FEW:
        return
    cut: list[Edit] = []
    names: list[Edit] = []
    whole: list[Edit] = []
    done = 0
    for start, end, words in sorted(runs, key=lambda run: run[0]):
        if start < done:
            continue
        done = end
        gapless = len(words) == 1
        disguised = len(words[0]) <= _NAME and _LEET.search(words[0])
        cut.append(_put(start, end, [_cut(words[0])] if gapless and not disguised else words))
        known = _cut(words[0], names=True) if gapless else " ".join(words)
        names.append(Edit(start, end, known, False))
        whole.append(Edit(start, end, " ".join(words), False))
    syntactic = sum(len(edit.text) for edit in cut) >= _FEW
    yield Reading("spaced", cut, syntactic)
    for other in (names, whole):
        if any(one.text != two.text for one, two in zip(cut, other, strict=True)):
            yield Reading("spaced", other)


def _put(start: int, end: int, words: list[str]) -> Edit:
    said = " ".join(words)
    meant = (_letters(words) >= _FEW and any(map(str.islower, said))) or _letters(words) > _WORD
    # A row of the alphabet is cut into the shortest words there are.
    long = 2 * _letters(words) > 5 * len(said.split())
    return Edit(start, end, said, meant and long and reads(said))


def _letters(words: list[str]) -> int:
    return sum(c.isalpha() for word in words for c in word)


def _by_gaps(run: str) -> list[str]:
    """The words between the wider gaps of a run; all in one where all gaps are alike."""
    gaps = re.findall(r"\s+", run)
    usual = min(gaps, key=lambda gap: (len(gap), "\n" in gap))
    words = [""]
    for character, gap in zip(run.split(), [*gaps, ""], strict=True):
        words[-1] += character
        if len(gap) > len(usual) or ("\n" in gap and "\n" not in usual):
            words.append("")
    size = sum(map(len, words))
    # Too few gaps to be those between words: lines, perhaps.
    return words if size <= _WORD * len(words) else ["".join(words)]


def _by_signs(text: str) -> list[tuple[int, int, list[str]]]:
    """Runs with one sign between the letters; beside a word also "i.n" and "1.9.8.7"."""
    found = []
    for match in _SIGNS.finditer(text):
        run = match.group()
        word = run[run[1] != match[1] :: 2]
        found.append((*match.span(), [word]))
    return found if any(_letters(words) >= _FEW for *_, words in found) else []


def _cut(word: str, names: bool = False) -> str:
    if len(word) <= 2 * _CUT:
        return segmented(word, names)
    first, last = segmented(word[:_CUT], names), segmented(word[-_CUT:], names)
    return f"{first} {word[_CUT:-_CUT]} {last}"
