"""Steering in one worker: which request has which slot, told to the sites before each step."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from steering.errors import UnknownSteering
from steering.intervention import ARGUMENT, Intervention
from steering.vllm import captures, state
from steering.vllm.captures import Capture, Captures
from steering.vllm.sites import Rows, Site, Span, SparseSite
from steering.vllm.slots import Slots
from steering.vllm.told import Told

if TYPE_CHECKING:
    from steering.vllm.dense import Tokens

_log = logging.getLogger(__name__)


class Place(NamedTuple):
    """What a request in the batch has: a slot and the text that it took it for, a capture."""

    slot: int = 0
    text: str | None = None
    capture: Capture | None = None


_PLAIN = Place()


@dataclass(slots=True)
class Counters:
    """Since the start: steps with a plug-in, and tokens that were to be steered."""

    steps: int = 0
    steered_tokens: int = 0


class Steering:
    """What one worker does for the requests in its batch.

    `width` is the hidden size, `requests` and `tokens` how many of each a step has at most; there
    are as many slots as requests, so there is always one, and where there is none after all the
    request fails. Nothing here raises while the engine runs: what cannot be steered is failed
    (`state.fail`), and says nothing.
    """

    def __init__(
        self, layers: Sequence[int], width: int, requests: int, tokens: int, device: torch.device
    ) -> None:
        self.slots = Slots(requests)
        self.counters = Counters()
        made = (width, requests, captures.MOST_AT_ONCE, device)
        self._tokens: Tokens | None = None
        self.sites: dict[int, Site]
        if device.type == "cpu":
            self.sites = {layer: SparseSite(*made) for layer in layers}
        else:
            # Imported here: there is no Triton on every machine without a GPU.
            from steering.vllm import dense  # noqa: PLC0415

            self._tokens = every = dense.Tokens(tokens, captures.MOST_AT_ONCE, device)
            self.sites = {layer: dense.DenseSite(*made, every) for layer in layers}
        self._fired = Told(device)
        self.captures = Captures(self.sites)
        self._places: dict[str, Place] = {}
        self._busy = 0  # places that are not plain
        self._announced = False  # whether the sites have something of the last step

    def fired(self, *, exact: bool) -> int:
        """Rows that were rotated since the start, over all layers; see `Told`."""
        counts = torch.stack([site.fired for site in self.sites.values()])
        return self._fired.tell(counts.sum(), exact=exact)

    def step(
        self, runner: Any, gone: Sequence[str], ids: Sequence[str], scheduled: NDArray[np.int32]
    ) -> None:
        """Before a forward: `ids` are the requests of the batch in order, `scheduled` their tokens.

        `gone` are ids that ended or begin anew, even where the batch has one of that name.
        """
        self.counters.steps += 1
        try:
            self._follow(runner.requests, gone, ids)
            if self._busy:
                self._announce(*self._rows(runner, ids, scheduled))
            elif self._announced:
                self._silence()
        except Exception as error:  # raised further, it would end the engine
            self._give_up(runner.requests, ids, error)

    def _follow(self, requests: Mapping[str, Any], gone: Sequence[str], ids: Sequence[str]) -> None:
        """Bring the places to the requests that are in the batch now."""
        places = self._places
        for name in gone:
            self._leave(name)
        came = [name for name in ids if name not in places]
        if len(places) + len(came) != len(ids):
            for name in places.keys() - set(ids):
                self._leave(name)
        for name in came:
            place = self._enter(requests[name])
            places[name] = place
            self._busy += place is not _PLAIN

    def _enter(self, request: Any) -> Place:
        arguments = getattr(request.sampling_params, "extra_args", None)
        if not arguments:
            return _PLAIN
        capture = self.captures.enter(arguments.get(captures.ARGUMENT))
        text = arguments.get(ARGUMENT)
        if text is None:
            return _PLAIN if capture is None else Place(capture=capture)
        try:
            intervention = Intervention.from_text(text)
            if not intervention.vectors:
                return _PLAIN
            return Place(self.slots.take(text, lambda slot: self._fill(slot, intervention)), text)
        except Exception as error:
            _tell(error)
            state.fail(str(text))
            return _PLAIN

    def _leave(self, name: str) -> None:
        place = self._places.pop(name, _PLAIN)
        if place.text is not None:
            self.slots.give(place.text)
        if place.capture is not None:
            self.captures.leave(place.capture)
        self._busy -= place is not _PLAIN

    def _fill(self, slot: int, intervention: Intervention) -> None:
        """Write a slot: at each layer the weighted mean of the pulls of the vectors there."""
        at: dict[int, list[tuple[NDArray[np.float32], float]]] = {}
        for name, weight in intervention.vectors:
            vector = state.HELD.vector(name)
            if vector.layer not in self.sites or vector.width != self.sites[vector.layer].width:
                raise UnknownSteering("a vector of this request fits no steered layer.")
            at.setdefault(vector.layer, []).append((vector.pull, weight))
        for layer, site in self.sites.items():
            site.fill(slot, _mean(at[layer]) if layer in at else None)

    def _rows(
        self, runner: Any, ids: Sequence[str], scheduled: NDArray[np.int32]
    ) -> tuple[Rows, list[Span]]:
        places = [self._places[name] for name in ids]
        slots = np.fromiter((place.slot for place in places), np.int32, len(ids))
        self.counters.steered_tokens += int(scheduled[slots > 0].sum())
        ends = np.cumsum(scheduled)
        spans = []
        for i, place in enumerate(places):
            if (capture := place.capture) is not None:
                at = int(runner.input_batch.num_computed_tokens_cpu[i])
                left = runner.requests[ids[i]].num_prompt_tokens - at
                count = self.captures.reach(capture, at, max(0, min(int(scheduled[i]), left)))
                start = int(ends[i] - scheduled[i])
                first = int(at == 0 and runner.requests[ids[i]].num_prompt_tokens > 1)
                spans.append(Span(capture.row, start + min(first, count), start + count))
        return np.repeat(slots, scheduled), spans

    def _announce(self, rows: Rows | None, spans: Sequence[Span]) -> None:
        self._announced = rows is not None
        if self._tokens is not None:
            self._tokens.set(rows, spans)
            return
        for site in self.sites.values():
            site.begin(rows, spans)  # type: ignore[attr-defined]

    def _give_up(self, requests: Mapping[str, Any], ids: Sequence[str], error: Exception) -> None:
        """Fail all that should have been steered in this step; the others are served."""
        _tell(error)
        for name in ids:
            params = getattr(requests.get(name), "sampling_params", None)
            text = (getattr(params, "extra_args", None) or {}).get(ARGUMENT)
            if text is not None:
                state.fail(str(text))
        for name in list(self._places):
            self._leave(name)
        self._silence()

    def _silence(self) -> None:
        """Announce a step without anything to steer."""
        self._announce(None, ())


def _mean(pulls: Sequence[tuple[NDArray[np.float32], float]]) -> NDArray[np.float32]:
    """The direction of the weighted mean, at the weighted mean of the lengths.

    Pulls of different subjects are nearly orthogonal: their plain mean is so short that a prompt
    which touches several subjects would be steered away from none.
    """
    total = sum(weight for _, weight in pulls)
    mean = np.sum([pull.astype(np.float64) * (weight / total) for pull, weight in pulls], axis=0)
    if len(pulls) > 1 and (short := np.linalg.norm(mean)) > 0:
        lengths = [np.linalg.norm(pull.astype(np.float64)) * weight for pull, weight in pulls]
        mean *= sum(lengths) / total / short
    exact = np.asarray(mean, np.float32)
    if not np.isfinite(exact).all():
        raise UnknownSteering("the vectors of this request have no finite mean.")
    return exact


def _tell(error: Exception) -> None:
    """Log where something failed, without its message, which may quote a request."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("steering failed, the request says nothing: %s\n%s", type(error).__name__, where)
