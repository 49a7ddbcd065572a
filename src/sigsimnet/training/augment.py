"""Augmentation: what the same heart might have looked like on another day."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from sigsimnet.errors import ParameterError

__all__ = ["Augment", "changed_copies"]


@dataclass(frozen=True)
class Augment:
    """Change z-scored segments at random, each in its own way.

    Parameters
    ----------
    noise : float, default 0.15
        Standard deviation of white noise of the noisiest segments; each segment draws its own, from 0 on.
    wander : float, default 0.3
        Largest amplitude of a slow wave, of up to one period a segment.
    bumps : float, default 0.25
        Largest relative change of amplitude of a smooth part of the segment. On beats it makes P and T higher or
        lower, as posture, heart rate and electrode position do.
    shift : int, default 2
        Largest shift in samples: R peaks are not found to the sample.
    stretch : float, default 0.04
        Largest relative stretch of the time axis, drawn for either side of the pivot by itself: PR and QT vary apart.
    pivot : float, default 0.5
        What stays in place when time is stretched, as a share of the segment: the R peak of a beat.
    band : float, default 0
        Largest share of a change of the filter band: slow waves taken out, fast ones smoothed, as by another amplifier.
    real : float, default 0
        Largest standard deviation of noise that was recorded, out of ``bank``.
    bank : ndarray, shape (n, n_samples_of_bank), optional
        Recorded noise at the segments' sampling rate and band, standard deviation about 1, at least as long as a
        segment; rows and places are drawn at random.
    flip : float, default 0
        Share of segments turned upside down, for data whose electrodes may be swapped.
    channel_mix : float, default 0
        Largest share of each other channel that leaks into a channel, of either sign: electrodes a little aside. Of
        segments of one channel there is nothing to mix; `recipes/ecg/leads.py` computes other views of twelve leads.
    channel_roll : int, default 0
        Most places by which channels are handed round: an armband of electrodes put on turned.
    n_passthrough : int, default 0
        Channels at the end that are no signal (the rhythm of a `BeatCutter`) and stay as they are.
    renormalise : bool, default False
        Bring each changed segment back to mean 0 and standard deviation 1, as the cutter does.
    """

    noise: float = 0.15
    wander: float = 0.3
    bumps: float = 0.25
    shift: int = 2
    stretch: float = 0.04
    pivot: float = 0.5
    band: float = 0.0
    real: float = 0.0
    bank: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    flip: float = 0.0
    channel_mix: float = 0.0
    channel_roll: int = 0
    n_passthrough: int = 0
    renormalise: bool = False

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name in ("bank", "renormalise"):
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
                raise ParameterError(f"{item.name} is {value!r}: it must be a number of 0 or more")
        if self.pivot > 1 or self.flip > 1:
            raise ParameterError(f"pivot is {self.pivot} and flip {self.flip}: they are shares, 0 to 1")
        if self.bank is not None and not isinstance(self.bank, np.ndarray):
            raise ParameterError("the bank of noise must be an array of shape (n, n_samples)")
        if self.real and (self.bank is None or self.bank.ndim != 2 or not len(self.bank)):
            raise ParameterError("real noise needs a bank of shape (n, n_samples)")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, as JSON can keep them; of the bank its shape."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return values | {"bank": list(self.bank.shape) if self.bank is not None else None}

    def __call__(self, x: Tensor) -> Tensor:
        """Return changed copies of segments of shape (batch, n_channels, n_samples); torch's generator draws."""
        if self.n_passthrough:
            signal, rest = x[:, : -self.n_passthrough], x[:, -self.n_passthrough :]
            return torch.cat([self._changed(signal), rest], dim=1) if signal.shape[1] else x
        return self._changed(x)

    def _changed(self, x: Tensor) -> Tensor:
        n, channels, samples = x.shape
        device = x.device

        def draw(low: float, high: float) -> Tensor:
            return low + (high - low) * torch.rand(n, 1, 1, device=device)

        t = torch.linspace(-1.0, 1.0, samples, device=device).expand(n, 1, samples)
        if self.shift or self.stretch:
            away = t - (2.0 * self.pivot - 1.0)
            factor = torch.where(away < 0, draw(-self.stretch, self.stretch), draw(-self.stretch, self.stretch))
            x = _resample(x, t + away * factor + draw(-self.shift, self.shift) * 2.0 / samples)
        if self.channel_mix and channels > 1:
            leak = draw(0.0, self.channel_mix) * (2.0 * torch.rand(n, channels, channels, device=device) - 1.0)
            x = x + (leak * (1.0 - torch.eye(channels, device=device))) @ x
        if self.channel_roll and channels > 1:
            by = torch.randint(-self.channel_roll, self.channel_roll + 1, (n, 1), device=device)
            place = (torch.arange(channels, device=device) + by) % channels
            x = x.gather(1, place[..., None].expand(-1, -1, samples))
        if self.bumps:
            gain = torch.ones_like(t)
            for _ in range(3):
                width = draw(0.08, 0.3)
                bump = torch.exp(-0.5 * ((t - draw(-1.0, 1.0)) / width) ** 2)
                gain = gain + draw(-self.bumps, self.bumps) * bump
            x = x * gain
        if self.band:
            slow, smooth = _mean(x, max(3, samples // 4) | 1), _mean(x, 3)
            x = x + draw(0.0, self.band) * (smooth - x) - draw(0.0, 0.5 * self.band) * slow
        if self.wander:
            phase, periods = draw(0.0, 6.2832), draw(0.2, 2.0)
            x = x + draw(0.0, self.wander) * torch.sin(3.1416 * periods * t + phase)
        if self.noise:
            x = x + draw(0.0, self.noise) * torch.randn(n, channels, samples, device=device)
        if self.real:
            x = x + draw(0.0, self.real) * self._recorded(n, channels, samples).to(device)
        if self.flip:
            x = torch.where(draw(0.0, 1.0) < self.flip, -x, x)
        if self.renormalise:
            x = x - x.mean(dim=-1, keepdim=True)
            x = x / x.std(dim=-1, keepdim=True).clamp_min(1e-6)
        return x

    def _recorded(self, n: int, channels: int, samples: int) -> Tensor:
        bank = self.bank
        assert bank is not None  # noqa: S101 - checked when it was made
        if bank.shape[1] < samples:
            raise ParameterError(f"the bank's noise is {bank.shape[1]} samples long, segments are {samples}")
        rows = torch.randint(len(bank), (n, channels)).numpy()
        first = torch.randint(bank.shape[1] - samples + 1, (n, channels)).numpy()
        return torch.from_numpy(bank[rows[..., None], first[..., None] + np.arange(samples)])


def _mean(x: Tensor, width: int) -> Tensor:
    """Return the running mean over ``width`` samples (odd); the ends repeat."""
    padded = functional.pad(x, (width // 2, width // 2), mode="replicate")
    return functional.avg_pool1d(padded, width, stride=1)


def _resample(x: Tensor, grid: Tensor) -> Tensor:
    """Return segments at positions from −1 (first sample) to 1 (last) by straight lines; beyond, the ends repeat."""
    samples = x.shape[-1]
    position = ((grid + 1.0) * 0.5 * (samples - 1)).clamp(0, samples - 1)
    left = position.floor().clamp(max=samples - 2).long()
    part = position - left
    left = left.expand(-1, x.shape[1], -1)
    return x.gather(2, left) * (1.0 - part) + x.gather(2, left + 1) * part


def changed_copies(change: Augment, segments: NDArray[np.float32], n: int, *, seed: int) -> list[NDArray[np.float32]]:
    """Return ``n`` changed copies of segments, drawn from ``seed``.

    Examples
    --------
    >>> x = np.zeros((2, 1, 50), dtype=np.float32)
    >>> [copy.shape for copy in changed_copies(Augment(), x, 2, seed=0)]
    [(2, 1, 50), (2, 1, 50)]
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return [change(torch.from_numpy(np.array(segments))).numpy() for _ in range(n)]
