"""Arrays on their way to the device."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray


def sent(values: NDArray[Any], device: torch.device) -> torch.Tensor:
    """An array on the device, in stream order, without waiting for the device.

    A GPU takes it from pinned memory: from other memory, a copy of more than a mebibyte first waits
    until the model is through with its step. On a CPU the tensor shares the array's memory.
    """
    host = torch.from_numpy(values)
    if device.type == "cuda":
        pinned = torch.empty_like(host, pin_memory=True)
        pinned.numpy()[...] = values  # torch would wake all its threads for it
        host = pinned
    return host.to(device, non_blocking=True)
