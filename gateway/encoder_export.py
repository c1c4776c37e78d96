"""Exports a sentence-transformers folder to ONNX int8, as a program of its own.

python -m gateway.encoder_export FOLDER TARGET MAX_TOKENS
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from transformers import AutoModel, AutoTokenizer, PretrainedConfig

_AGREEMENT = 0.97
"""Least cosine between an exported and a torch embedding; below it the export is not used."""

_PROBES = (
    "Where was she born?",
    "A passage of several sentences. It has names, such as Ada, and numbers, such as 1815. " * 4,
)


class _Pooled(torch.nn.Module):
    """Token embeddings, their mean over the attended ones, unit norm: one graph."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        hidden = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, p=2.0, dim=1)


def export(folder: Path, target: Path, max_tokens: int) -> None:
    """Write the int8 graph of a mean-pooled model to `target`, whole or not at all.

    Its SHA-256 goes beside it first: a file that was cut or altered since is not loaded.

    Inputs `input_ids` and `attention_mask`, int64 (batch, tokens); output unit-norm float32
    (batch, dimension). Raises when the folder pools otherwise, or when the exported graph does
    not agree with torch.
    """
    _require_mean_pooling(folder)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        plain, fused, int8 = (Path(scratch, f"{kind}.onnx") for kind in ("plain", "fused", "int8"))
        model = _Pooled(AutoModel.from_pretrained(folder, attn_implementation="eager")).eval()
        ids = torch.ones(2, 8, dtype=torch.int64)
        both = {0: "batch", 1: "tokens"}
        torch.onnx.export(
            model,
            (ids, ids),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": both, "attention_mask": both, "embedding": {0: "batch"}},
            opset_version=17,
            dynamo=False,  # the newer exporter needs onnxscript, which nothing else here does
        )
        _fuse_attention(plain, fused, model.model.config)
        # Seven-bit weights: processors without VNNI would saturate on eight.
        quantize_dynamic(
            fused,
            int8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},  # of what is behind attention
        )
        _require_agreement(model, int8, AutoTokenizer.from_pretrained(folder), max_tokens)
        with int8.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        target.with_suffix(".sha256").write_text(digest, encoding="ascii")
        os.replace(int8, target)  # noqa: PTH105


def _fuse_attention(plain: Path, fused: Path, config: PretrainedConfig) -> None:
    """Make one operator of each attention, where it is BERT's: a short text is an eighth faster.

    The other fusions of onnxruntime stay away: skip layer normalisation takes longer than its
    parts (46 against 12 µs for 17 tokens).
    """
    wanted = FusionOptions("bert")
    wanted.enable_skip_layer_norm = False
    wanted.enable_bias_skip_layer_norm = False
    wanted.enable_embed_layer_norm = False
    wanted.enable_bias_gelu = False
    optimized = optimize_model(
        str(plain),
        "bert",
        num_heads=getattr(config, "num_attention_heads", 0),
        hidden_size=getattr(config, "hidden_size", 0),
        optimization_options=wanted,
        opt_level=0,
    )
    optimized.save_model_to_file(str(fused))


def _require_mean_pooling(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    kinds = [module["type"].rsplit(".", 1)[-1] for module in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ValueError(f"modules {kinds} are not a transformer with pooling")
    pooling = json.loads((folder / modules[1]["path"] / "config.json").read_text(encoding="utf-8"))
    modes = {key for key, on in pooling.items() if key.startswith("pooling_mode") and on}
    if modes - {"pooling_mode_mean_tokens"} and pooling.get("pooling_mode") != "mean":
        raise ValueError(f"pooling {sorted(modes)} is not the mean of the tokens")


def _require_agreement(model: _Pooled, graph: Path, tokenizer: object, max_tokens: int) -> None:
    session = ort.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    for text in _PROBES:
        batch = tokenizer(text, truncation=True, max_length=max_tokens, return_tensors="pt")  # type: ignore[operator]
        ids, mask = batch["input_ids"], batch["attention_mask"]
        with torch.no_grad():
            wanted = model(ids, mask).numpy()[0]
        feed = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
        cosine = float(np.dot(session.run(None, feed)[0][0], wanted))
        if not cosine >= _AGREEMENT:
            raise ValueError(f"the exported graph agrees with torch to {cosine:.3f} only")


if __name__ == "__main__":
    # Its own process: torch and a gigabyte of memory leave with it.
    export(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
