"""Bans: which tokens would complete a forbidden string, whatever the tokenisation.

After GUARD ("Generation-time LLM Unlearning via Adaptive Restriction and Detection", arXiv
2505.13312), but over spelled text instead of token ids: a token is forbidden only where it would
complete a string, so that beginning one ("the") costs nothing, and another way to cut it into
tokens does not pass. Pure functions and states over bytes and numpy arrays; what knows a tokenizer,
a tensor or vLLM lives in `steering.vllm`.

`spelling` says what counts as the same string, `vocabulary` reads the tokens so once per
tokenizer, `bans` holds the strings of one rule against it, `matcher` follows one generation.
"""

from steering.bans.bans import Bans
from steering.bans.compiled import Compiled
from steering.bans.matcher import Matcher
from steering.bans.spelling import Phrase
from steering.bans.vocabulary import Vocabulary

__all__ = ["Bans", "Compiled", "Matcher", "Phrase", "Vocabulary"]
