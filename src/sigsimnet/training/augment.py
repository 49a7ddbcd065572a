"""Augmentation: what the same heart might have looked like on another day."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["Augment"]


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
        Largest relative change of amplitude of a smooth stretch of the segment. On beats it makes P and T higher or
        lower, as posture, heart rate and electrode position do.
    shift : int, default 2
        Largest shift in samples: R peaks are not found to the sample.
    stretch : float, default 0.04
        Largest relative stretch of the time axis around the middle.
    flip : float, default 0
        Share of segments turned upside down, for data whose electrodes may be swapped.
    """

    noise: float = 0.15
    wander: float = 0.3
    bumps: float = 0.25
    shift: int = 2
    stretch: float = 0.04
    flip: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, as JSON can keep them."""
        return asdict(self)

    def __call__(self, x: Tensor) -> Tensor:
        """Return changed copies of segments of shape (batch, n_channels, n_samples); torch's generator draws."""
        n, channels, samples = x.shape
        device = x.device

        def draw(low: float, high: float) -> Tensor:
            return low + (high - low) * torch.rand(n, 1, 1, device=device)

        t = torch.linspace(-1.0, 1.0, samples, device=device).expand(n, 1, samples)
        if self.shift or self.stretch:
            grid = t * (1.0 + draw(-self.stretch, self.stretch)) + draw(-self.shift, self.shift) * 2.0 / samples
            x = _resample(x, grid)
        if self.bumps:
            gain = torch.ones_like(t)
            for _ in range(3):
                width = draw(0.08, 0.3)
                bump = torch.exp(-0.5 * ((t - draw(-1.0, 1.0)) / width) ** 2)
                gain = gain + draw(-self.bumps, self.bumps) * bump
            x = x * gain
        if self.wander:
            phase, periods = draw(0.0, 6.2832), draw(0.2, 2.0)
            x = x + draw(0.0, self.wander) * torch.sin(3.1416 * periods * t + phase)
        if self.noise:
            x = x + draw(0.0, self.noise) * torch.randn(n, channels, samples, device=device)
        if self.flip:
            x = torch.where(draw(0.0, 1.0) < self.flip, -x, x)
        return x


def _resample(x: Tensor, grid: Tensor) -> Tensor:
    """Return segments at positions from −1 (first sample) to 1 (last) by straight lines; beyond, the ends repeat."""
    samples = x.shape[-1]
    position = ((grid + 1.0) * 0.5 * (samples - 1)).clamp(0, samples - 1)
    left = position.floor().clamp(max=samples - 2).long()
    part = position - left
    left = left.expand(-1, x.shape[1], -1)
    return x.gather(2, left) * (1.0 - part) + x.gather(2, left + 1) * part
