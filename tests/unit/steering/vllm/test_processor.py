"""The logits processor under both of vLLM's interfaces, with made-up batches."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers
from transformers import PreTrainedTokenizerFast
from vllm import SamplingParams
from vllm.sampling_params import StructuredOutputsParams
from vllm.v1.sample.logits_processor import BatchUpdate, MoveDirectionality
from vllm.v1.sample.logits_processor import LogitsProcessor as FirstRunner
from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor as SecondRunner

from steering import ARGUMENT, EngineRule, Intervention, Unsupported
from steering.vllm import processor, rows, state
from steering.vllm.processor import Bans
from steering.vllm.tokens import token_bytes

SWAP, MOVE = MoveDirectionality.SWAP, MoveDirectionality.UNIDIRECTIONAL
SIZE = 3_100
CPU = torch.device("cpu")

tokenizer = PreTrainedTokenizerFast.from_pretrained(Path(__file__).parents[4] / "demo/model")
END = int(tokenizer.eos_token_id)


def ids(text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False))


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(processor, "cached_tokenizer_from_config", lambda model: tokenizer)
    rows._told.clear()
    state.HELD.put([EngineRule("a", 1, bans=("the lake",)), EngineRule("b", 1, bans=("a book",))])
    yield
    state.HELD.change((), (), reset=True, last=True)


def asking(*rules: str, penalty: float | None = None, **params: Any) -> SamplingParams:
    names = tuple(str(state.HELD.rules[rule].bans_fingerprint) for rule in rules)
    text = Intervention(bans=names, penalty=penalty).as_text()
    return SamplingParams(extra_args={ARGUMENT: text}, **params)


def config(**model: Any) -> Any:
    there = {"logits_processors": ["x:y"], "get_vocab_size": lambda: SIZE}
    return SimpleNamespace(model_config=SimpleNamespace(**there | model), speculative_config=None)


def update(
    added: list[Any] | None = None, removed: list[int] | None = None, moved: list[Any] | None = None
) -> BatchUpdate:
    return BatchUpdate(8, removed or [], added or [], moved or [])


@pytest.fixture
def bans() -> Bans:
    return Bans(config(), CPU, False)


def masked(bans: Bans, count: int = 4) -> list[str]:
    """For each row what is masked: the texts of few tokens, or "silent"."""
    logits = bans.apply(torch.zeros(count, SIZE))
    told = []
    for row in logits:
        found = torch.isneginf(row).nonzero().flatten().tolist()
        text = "|".join(sorted({tokenizer.decode([n]).strip().lower() for n in found}))
        silent = len(found) == SIZE - 1 and END not in found
        told.append("silent" if silent else text)
    return told


LAKE, BOOK = ids(" by the lake"), ids(" or a book")
BOOKS = "book|books"
BY_THE, OR_A = LAKE[:-1], BOOK[:-1]


def test_it_is_one_class_for_both_runners() -> None:
    assert issubclass(Bans, FirstRunner)
    assert issubclass(Bans, SecondRunner)
    assert (len(ids(" lake")), len(ids(" book"))) == (1, 1)


def test_rows_are_followed_through_the_batch(bans: Bans) -> None:
    one, two, plain = list(BY_THE), list(OR_A), list(BY_THE)
    bans.update_state(
        update(
            [
                (0, asking("a"), [5], one),
                (1, asking("b"), [5], two),
                (2, SamplingParams(), [5], plain),
            ]
        )
    )
    assert masked(bans) == ["lake", BOOKS, "", ""]
    bans.update_state(update(moved=[(0, 1, SWAP)]))
    assert masked(bans) == [BOOKS, "lake", "", ""]
    bans.update_state(update(removed=[1], moved=[(0, 3, MOVE)]))
    assert masked(bans) == ["", "", "", BOOKS]
    bans.update_state(
        update([(3, SamplingParams(), None, plain), (0, asking("a", "b"), None, one)])
    )
    assert masked(bans) == ["lake", "", "", ""]
    bans.update_state(None)
    one.append(ids(" moon")[0])
    assert masked(bans) == ["", "", "", ""]
    one += OR_A
    assert masked(bans) == [BOOKS, "", "", ""]
    del one[len(BY_THE) :]
    assert masked(bans) == ["lake", "", "", ""]


def test_begun_in_the_prompt(bans: Bans) -> None:
    bans.update_state(
        update(
            [
                (0, asking("a"), BY_THE, []),
                (1, asking("a"), [*BY_THE, END], []),
                (2, asking("a"), None, []),
            ]
        )
    )
    assert masked(bans) == ["lake", "", "", ""]


def test_rows_may_lie_apart(bans: Bans) -> None:
    bans.update_state(update([(1, asking("a"), [], list(BY_THE))]))
    padded = torch.zeros(2, SIZE + 7)
    bans.apply(padded[:, :SIZE])
    assert torch.isneginf(padded).nonzero().tolist() == [[1, ids(" lake")[0]]]


def test_a_penalty_counts_once(bans: Bans) -> None:
    state.HELD.put([EngineRule("c", 1, bans=("the lake", "lake", "by the lake"))])
    bans.update_state(update([(0, asking("a", "c", penalty=3.0), [], list(BY_THE))]))
    logits = bans.apply(torch.ones(1, SIZE))
    lake = ids(" lake")[0]
    assert logits[0, lake] == -2.0
    assert logits[0, END] == 1.0


@pytest.mark.parametrize("asked", ["{", "null", '{"vectors":[],"bans":["gone"],"penalty":null}', 7])
def test_what_cannot_be_applied_says_nothing(
    bans: Bans, asked: object, caplog: pytest.LogCaptureFixture
) -> None:
    params = SamplingParams(extra_args={ARGUMENT: asked})
    with pytest.raises(ValueError, match="gateway"):
        Bans.validate_params(params)
    fine = list(BY_THE)
    bans.update_state(update([(0, params, [], []), (1, asking("a"), [], fine)]))
    with caplog.at_level(logging.ERROR):
        assert masked(bans) == ["silent", "lake", "", ""]
        assert masked(bans) == ["silent", "lake", "", ""]
    assert bans.masks.silenced == 2
    assert len(caplog.records) <= 1


def test_what_failed_elsewhere_says_nothing(bans: Bans) -> None:
    params = asking("a", penalty=0.5)
    bans.update_state(update([(0, params, [], [])]))
    assert masked(bans)[0] == ""
    state.fail(params.extra_args[ARGUMENT])
    assert masked(bans)[0] == "silent"


def test_hidden_tokens_say_nothing(bans: Bans) -> None:
    bans.update_state(update([(0, asking("a"), [], [*BY_THE, -1])]))
    assert masked(bans)[0] == "silent"


def test_any_error_says_nothing(bans: Bans, monkeypatch: pytest.MonkeyPatch) -> None:
    bans.update_state(update([(1, asking("a"), [], []), (2, SamplingParams(), [], [])]))
    monkeypatch.setattr(bans.masks, "write", lambda logits, rows: 1 / 0)
    assert masked(bans) == ["", "silent", "", ""]


def test_a_row_without_a_token_ends(bans: Bans) -> None:
    lake = ids(" lake")[0]
    narrow = asking("a", structured_outputs=StructuredOutputsParams(choice=["by the lake"]))
    bans.update_state(update([(0, narrow, [], list(BY_THE)), (1, narrow, [], list(LAKE))]))
    logits = torch.full((2, SIZE), -math.inf)
    logits[:, lake] = 1.0
    bans.apply(logits)
    assert torch.isfinite(logits[0]).nonzero().tolist() == [[END]]
    assert torch.isfinite(logits[1]).nonzero().tolist() == [[lake]]
    assert bans.masks.stranded == 1


def test_what_is_pushed_is_compiled_for_it(bans: Bans) -> None:
    assert state.COMPILING.into is bans.compiled


def test_the_door_lets_through_what_is_held() -> None:
    Bans.validate_params(SamplingParams())
    Bans.validate_params(asking("a", "b"))


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"logits_processors": None}, "--logits-processors"),
        ({"get_vocab_size": lambda: 1}, "end-of-text"),
    ],
)
def test_what_cannot_work_is_refused_at_start(model: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        Bans(config(**model), CPU, False)
    speculative = config()
    speculative.speculative_config = object()
    with pytest.raises(Unsupported, match="speculative"):
        Bans(speculative, CPU, False)


def test_a_tokenizer_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unsupported, match="object"):
        token_bytes(object(), 10)
    monkeypatch.setattr(tokenizer, "decode", lambda *_, **__: "something else")
    with pytest.raises(Unsupported, match="put"):
        token_bytes(tokenizer, SIZE)


def test_other_ways_to_write() -> None:
    """Spaces as "▁" and bytes as "<0x0A>", as SentencePiece has them; and pieces of words."""
    vocab = dict.fromkeys(["<unk>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *"▁ab"])
    cut = Tokenizer(models.BPE({token: n for n, token in enumerate(vocab)}, [], byte_fallback=True))
    cut.normalizer = normalizers.Replace(" ", "▁")
    cut.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback()])
    tokens = token_bytes(PreTrainedTokenizerFast(tokenizer_object=cut, eos_token="</s>"), 262)
    assert tokens[1:3] == [None, b"\x00"]
    assert tokens[258:] == [b" ", b"a", b"b", None]
    pieces = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1, "##b": 2}, unk_token="[UNK]"))
    pieces.decoder = decoders.WordPiece()
    with pytest.raises(Unsupported):
        token_bytes(PreTrainedTokenizerFast(tokenizer_object=pieces, unk_token="[UNK]"), 3)


def test_tokens_write_what_they_decode_to() -> None:
    tokens = token_bytes(tokenizer, SIZE)
    assert len(tokens) == SIZE
    assert tokens[END] is None
    for text in ("Zoë – “so” 東京 🙂", " two  spaces\n\tand a tab"):
        assert b"".join(tokens[n] or b"" for n in ids(text)).decode() == text


class Device:
    """The state of a V2 runner with four slots, on this machine."""

    def __init__(self) -> None:
        self.device = CPU
        tokens = torch.zeros(4, 64, dtype=torch.int32)
        self.all_token_ids = SimpleNamespace(gpu=tokens)
        self.prompt_len = SimpleNamespace(np=np.zeros(4, np.int32))

    def step(self, batch: list[tuple[int, list[int]]]) -> Any:
        """A step in which each slot has been fed all its tokens."""
        for slot, tokens in batch:
            self.all_token_ids.gpu[slot, : len(tokens)] = torch.tensor(tokens, dtype=torch.int32)
        return SimpleNamespace(
            idx_mapping_np=np.array([slot for slot, _ in batch]),
            input_ids=torch.tensor([tokens[-1] for _, tokens in batch], dtype=torch.int32),
            pos=torch.tensor([len(tokens) - 1 for _, tokens in batch]),
        )


def test_slots_of_the_other_runner() -> None:
    device = Device()
    bans = Bans(config(), device)
    lake, book = ids(" lake")[0], ids(" book")[0]

    def banned(batch: list[tuple[int, list[int]]]) -> list[tuple[bool, bool]]:
        logits = bans.apply(torch.zeros(len(batch), SIZE), device.step(batch))
        return [(bool(r[lake].isneginf()), bool(r[book].isneginf())) for r in logits]

    device.prompt_len.np[:] = [len(BY_THE), 2, 2, 2]
    assert bans.add_request(0, asking("a"))
    assert bans.add_request(1, asking("b"))
    assert not bans.add_request(2, SamplingParams())
    assert banned([(0, BY_THE[:1])]) == [(False, False)]  # in the middle of the prompt
    assert banned([(2, LAKE), (0, BY_THE)]) == [(False, False), (True, False)]
    said = [7, 7]
    for token in OR_A:
        said.append(token)
        found = banned([(1, said), (0, [*BY_THE, lake])])
    assert found == [(False, True), (False, False)]
    assert banned([(0, [*BY_THE, lake, *BY_THE]), (1, [*said, book])]) == [
        (True, False),
        (False, False),
    ]
    assert not bans.add_request(1, SamplingParams())  # another request in the same slot
    assert banned([(1, said)]) == [(False, False)]
    assert bans.add_request(0, SamplingParams(extra_args={ARGUMENT: "{"}))
    logits = bans.apply(torch.zeros(1, SIZE), device.step([(0, BY_THE)]))
    assert torch.isfinite(logits[0]).nonzero().tolist() == [[END]]


def test_where_the_other_runners_rows_cannot_be_told_nobody_speaks() -> None:
    device = Device()
    bans = Bans(config(), device)
    assert bans.add_request(0, asking("a"))
    logits = bans.apply(torch.zeros(2, SIZE), None)
    assert [torch.isfinite(row).nonzero().tolist() for row in logits] == [[[END]], [[END]]]
