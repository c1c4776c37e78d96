"""A number that is counted on the device, told without waiting for the device."""

from __future__ import annotations

import torch


class Told:
    """Copies a count to the host in the background, and tells the copy that arrived last.

    Waiting for a GPU would end the overlap of its steps with the preparation of the next ones.
    """

    def __init__(self, device: torch.device) -> None:
        self._background = device.type == "cuda"
        self._host = torch.zeros((), dtype=torch.int64, pin_memory=self._background)
        self._copied: torch.cuda.Event | None = None
        self._known = 0

    def tell(self, count: torch.Tensor, *, exact: bool) -> int:
        """The count; unless it is to be `exact`, on a GPU that of an earlier call."""
        if exact or not self._background:
            return int(count.item())
        if self._copied is None or self._copied.query():  # type: ignore[no-untyped-call]
            self._known = int(self._host.item())
            self._host.copy_(count, non_blocking=True)
            self._copied = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._copied.record()
        return self._known
