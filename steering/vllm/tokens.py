"""What each token of a served tokenizer writes."""

from __future__ import annotations

from typing import Any

from xgrammar import TokenizerInfo

from steering.errors import Unsupported

_PROBE = "Zoë's 10 naïve cafés,\n\tin 東京 – 한국 ΩЖ 🙂 end"
"""Letters of one to four bytes, and what tokenizers treat apart."""


def token_bytes(tokenizer: Any, size: int) -> list[bytes | None]:
    """The bytes of token ids 0 to `size` - 1; None for special tokens and for ids without a token.

    As vLLM's structured output reads them (`xgrammar.TokenizerInfo`), which knows byte-level,
    byte-fallback and raw vocabularies. Raises `Unsupported` for a tokenizer that writes texts in
    another way.
    """
    try:
        decoded = TokenizerInfo.from_huggingface(tokenizer).decoded_vocab
        added = tokenizer.added_tokens_decoder
        special = {*tokenizer.all_special_ids, *(n for n, token in added.items() if token.special)}
        ids = tokenizer.encode(_PROBE, add_special_tokens=False)
        told = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    except Exception as error:
        raise Unsupported(
            f"bans cannot read a tokenizer of type {type(tokenizer).__name__}; those that vLLM's "
            "structured output with xgrammar reads can be used (--tokenizer-mode hf)."
        ) from error
    known = {n: raw for n, raw in enumerate(decoded) if raw}
    # Added tokens are written as they stand; xgrammar would look for bytes in them.
    known |= {n: token.content.encode() for n, token in added.items()}
    spelled = b"".join(known.get(n, b"") for n in ids if n not in special)
    if not told.strip() or spelled.decode(errors="replace").strip() != told.strip():
        raise Unsupported(
            f"bans cannot tell what the tokens of a {type(tokenizer).__name__} write: a text put "
            "together from them is not the text that it decodes."
        )
    return [None if n in special else known.get(n) for n in range(size)]
