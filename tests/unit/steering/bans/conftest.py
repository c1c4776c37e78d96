from __future__ import annotations

from collections.abc import Sequence

from steering.bans import Bans, Compiled, Matcher, Vocabulary

Tokens = Sequence[bytes | None]


def compiled(tokens: Tokens, phrases: Sequence[str]) -> tuple[Vocabulary, Bans]:
    vocabulary = Vocabulary(tokens)
    return vocabulary, Compiled(vocabulary).put("f", phrases)


def forbidden(matcher: Matcher) -> set[int]:
    return {int(token) for ids in matcher.forbidden() for token in ids}


def masked(
    phrases: Sequence[str],
    tokens: Sequence[str | bytes],
    written: Sequence[str | bytes] = (),
    prompt: Sequence[str | bytes | None] = (),
) -> list[str | bytes]:
    """Which of some tokens may not come after a prompt and what was written."""
    every = [*tokens, *written, *prompt]
    raw = [each.encode() if isinstance(each, str) else each for each in every]
    vocabulary, bans = compiled(raw, phrases)
    a, b = len(tokens), len(tokens) + len(written)
    matcher = Matcher(vocabulary, [bans], list(range(b, len(every))))
    matcher.read(list(range(a, b)))
    return [tokens[n] for n in sorted(forbidden(matcher)) if n < a]
