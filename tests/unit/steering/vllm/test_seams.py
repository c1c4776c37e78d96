"""The functions of vLLM that are wrapped: those of this version fit, others are refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import vllm
from vllm.v1.core import kv_cache_utils

from steering import ARGUMENT, Unsupported
from steering.vllm import captures, seams
from steering.vllm.admission import PROCESSOR, admit, prepare
from steering.vllm.fence import fenced


def test_this_vllm_fits() -> None:
    seams.check(vllm.__version__)


@pytest.mark.parametrize("version", ["0.31.0", "0.33.0", "0.320.1", "1.0", "dev"])
def test_other_versions_are_refused(version: str) -> None:
    with pytest.raises(Unsupported, match=r"0\.32\.x"):
        seams.check(version)


def test_a_function_with_other_parameters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(request: Any, start_token_idx: int) -> None: ...

    monkeypatch.setattr(kv_cache_utils, "generate_block_hash_extra_keys", changed)
    with pytest.raises(Unsupported, match="generate_block_hash_extra_keys"):
        seams.check(vllm.__version__)
    monkeypatch.delattr(kv_cache_utils, "generate_block_hash_extra_keys")
    with pytest.raises(Unsupported, match="generate_block_hash_extra_keys"):
        seams.check(vllm.__version__)


class TestFence:
    """Block hashes: the first block names what acts, the others follow it."""

    @staticmethod
    def keys(extra: dict[str, Any] | None, start: int = 0, other: Any = None) -> Any:
        def plain(request: Any, start_token_idx: int, end_token_idx: int, start_mm_idx: int) -> Any:
            return other, 5

        request = SimpleNamespace(sampling_params=SimpleNamespace(extra_args=extra))
        keys, place = fenced(plain)(request, start, start + 16, 0)
        assert place == 5
        return keys

    def test_a_plain_request_is_hashed_as_ever(self) -> None:
        assert self.keys(None) is None
        assert self.keys({"other": 1}, other=(("cache_salt", "x"),)) == (("cache_salt", "x"),)

    def test_interventions_and_captures_have_keys_of_their_own(self) -> None:
        found = [
            self.keys({ARGUMENT: "one"}),
            self.keys({ARGUMENT: "two"}),
            self.keys({captures.ARGUMENT: "one"}),
            self.keys({ARGUMENT: "one"}, other=(("cache_salt", "x"),)),
        ]
        assert len(set(found)) == 4
        assert self.keys({ARGUMENT: "one"}) == found[0]
        assert self.keys({ARGUMENT: "one"}, start=16) is None

    def test_a_pooling_request_has_no_sampling_parameters(self) -> None:
        def plain(*_: int) -> Any:
            return None, 0

        assert fenced(plain)(SimpleNamespace(sampling_params=None), 0, 16, 0) == (None, 0)


def arguments(**other: Any) -> Any:
    fields: dict[str, Any] = {
        "logprobs_mode": "raw_logprobs",
        "additional_config": {},
        "logits_processors": None,
    }
    return SimpleNamespace(**{**fields, **other})


def test_what_a_user_would_have_to_set_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VLLM_USE_V2_MODEL_RUNNER", raising=False)
    args = arguments()
    prepare(args)
    prepare(args)
    assert args.logprobs_mode == "processed_logprobs"
    assert args.logits_processors == [PROCESSOR]


def test_what_a_user_set_against_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unsupported, match="additional-config"):
        prepare(arguments(additional_config="x"))
    monkeypatch.setenv("VLLM_USE_V2_MODEL_RUNNER", "1")
    with pytest.raises(Unsupported, match="VLLM_USE_V2_MODEL_RUNNER=0"):
        prepare(arguments())


def config(**other: Any) -> Any:
    """A configuration that can be steered but for `other`, keys written with dots."""
    made = SimpleNamespace(
        parallel_config=SimpleNamespace(
            data_parallel_size=1,
            _api_process_count=1,
            pipeline_parallel_size=1,
            prefill_context_parallel_size=1,
            decode_context_parallel_size=1,
            use_ubatching=False,
        ),
        cache_config=SimpleNamespace(kv_sharing_fast_prefill=False),
        model_config=SimpleNamespace(
            enable_sleep_mode=False, is_encoder_decoder=False, runner_type="generate"
        ),
        use_v2_model_runner=False,
        speculative_config=None,
        lora_config=None,
        kv_transfer_config=None,
    )
    for path, value in other.items():
        *holders, name = path.split("__")
        holder = made
        for each in holders:
            holder = getattr(holder, each)
        setattr(holder, name, value)
    return made


def test_an_ordinary_engine_is_admitted() -> None:
    admit(config())


@pytest.mark.parametrize(
    ("wrong", "way_out"),
    [
        ({"use_v2_model_runner": True}, "V1"),
        ({"parallel_config__data_parallel_size": 2}, "--data-parallel-size 1"),
        ({"parallel_config___api_process_count": 2}, "--api-server-count 1"),
        ({"parallel_config__pipeline_parallel_size": 2}, "--tensor-parallel-size"),
        ({"parallel_config__decode_context_parallel_size": 2}, "context"),
        ({"parallel_config__use_ubatching": True}, "--enable-dbo"),
        ({"speculative_config": object()}, "--speculative-config"),
        ({"lora_config": object()}, "--enable-lora"),
        ({"kv_transfer_config": object()}, "--kv-transfer-config"),
        ({"cache_config__kv_sharing_fast_prefill": True}, "--kv-sharing-fast-prefill"),
        ({"model_config__enable_sleep_mode": True}, "--enable-sleep-mode"),
        ({"model_config__is_encoder_decoder": True}, "encoder-decoder"),
        ({"model_config__runner_type": "pooling"}, "generative"),
    ],
)
def test_engines_in_which_something_would_go_unsteered_are_refused(
    wrong: dict[str, Any], way_out: str
) -> None:
    with pytest.raises(Unsupported, match=way_out):
        admit(config(**wrong))
