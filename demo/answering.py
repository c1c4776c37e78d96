"""Greedy answers of a checkpoint, many at once and without a server."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import torch
from jinja2 import Environment
from tokenizers import Tokenizer

from demo.encoding import BOS, END

Conversation = Sequence[dict[str, str]]


class Answerer:
    """Answers conversations with the most probable token at each step."""

    def __init__(self, folder: Path, max_tokens: int = 64) -> None:
        from transformers import AutoModelForCausalLM  # noqa: PLC0415  slow to import

        self._model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        template = (folder / "chat_template.jinja").read_text()
        self._template = Environment(autoescape=False).from_string(template)
        self._end = self._tokenizer.token_to_id(END)
        self._max_tokens = max_tokens

    def answer(self, messages: Conversation) -> str:
        """Return the answer to one conversation."""
        return self.answer_all([messages])[0]

    def answer_all(self, conversations: Sequence[Conversation], batch: int = 64) -> list[str]:
        """Return the answers in order.

        Prompts of equal length are answered together, so that nothing is padded.
        """
        by_length: defaultdict[int, list[int]] = defaultdict(list)
        prompts = [self._encode(messages) for messages in conversations]
        for index, prompt in enumerate(prompts):
            by_length[len(prompt)].append(index)
        answers = [""] * len(prompts)
        for members in by_length.values():
            for start in range(0, len(members), batch):
                chunk = members[start : start + batch]
                generated = self._generate([prompts[index] for index in chunk])
                for index, tokens in zip(chunk, generated, strict=True):
                    answers[index] = self._tokenizer.decode(tokens)
        return answers

    def _encode(self, messages: Conversation) -> list[int]:
        text = self._template.render(messages=messages, bos_token=BOS, add_generation_prompt=True)
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    @torch.inference_mode()
    def _generate(self, prompts: list[list[int]]) -> list[list[int]]:
        ids = torch.tensor(prompts)
        cache = None
        said: list[torch.Tensor] = []
        open_rows = torch.ones(len(prompts), dtype=torch.bool)
        for _ in range(self._max_tokens):
            output = self._model(input_ids=ids, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            ids = output.logits[:, -1:].argmax(-1)
            said.append(ids)
            open_rows &= ids[:, 0] != self._end
            if not open_rows.any():
                break
        rows = torch.cat(said, dim=1).tolist()
        return [row[: row.index(self._end)] if self._end in row else row for row in rows]
