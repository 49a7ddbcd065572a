"""Fixed random features of windows, whitened by what varies within a class: learnt in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from sigsimnet._utils.rocket import KERNELS, bias_quantiles, dilations_of, kernel_weights
from sigsimnet._utils.sampling import evenly_spaced
from sigsimnet.errors import ParameterError
from sigsimnet.networks.encoders._base import ClosedForm

__all__ = ["Rocket"]

_SOFT = 0.02  # of the responses' standard deviation: over how much a share rises from 0 to 1 around a bias
_PLACES = 400  # of a window at which kernels are looked at: a share of more places is hardly another
_STEADY = 1e-5  # standard deviation of a feature that says nothing
_MOST_ROWS = 3000  # of the closed form, whose cost grows with their cube
_CHUNK = 1 << 16  # samples of segments that features are computed of at once


class Rocket(ClosedForm):
    """Shares of a window above a bias, behind 84 fixed kernels at many dilations; one linear map, in closed form.

    Where something happens in the window does not count, so that windows need not be aligned. Nothing is learnt by
    gradients: biases are quantiles of what the kernels make of some training rows; features are standardised, brought
    into the span of the training rows, and whitened by the covariance within classes (WCCN, Hatch, Kajarekar & Stolcke
    2006), so that the cosine is a learnt metric. 100 windows of 2,000 samples take a few seconds.

    Dempster, Schmidt & Webb 2021 (doi:10.1145/3447548.3467231). Departures: each channel is transformed by itself, and
    on demand its first difference (as in MultiRocket, Tan et al. 2022, doi:10.1007/s10618-022-00844-1); kernels look at
    about 400 places of a long window; the step from below to above a bias is 2 % of a standard deviation wide, so that
    rounding does not matter.

    Parameters
    ----------
    n_channels, n_samples : int
        Shape of a segment.
    dim : int, default 512
        Longest embedding; after the fit as long as the training rows have ranks.
    features : int, default 10000
        About so many, over all channels.
    difference : bool, default False
        Look at the first difference of each channel too.
    shrink : float, default 0.01
        Added to the within-class covariance, as a share of its mean eigenvalue.
    """

    kernels: Tensor
    biases: Tensor
    steep: Tensor

    def __init__(
        self,
        n_channels: int,
        n_samples: int,
        *,
        dim: int = 512,
        features: int = 10_000,
        difference: bool = False,
        shrink: float = 0.01,
    ) -> None:
        super().__init__()
        if min(dim, features, n_channels) < 1 or n_samples < 9 or not shrink > 0:
            raise ParameterError("rocket needs dim, features and shrink above 0, and segments of at least 9 samples")
        self.dim = dim
        self.options: dict[str, Any] = {"dim": dim, "features": features, "difference": difference, "shrink": shrink}
        self.n_rows = n_channels * (2 if difference else 1)
        per_kernel = max(1, features // (len(KERNELS) * self.n_rows))
        dilations, n_biases = dilations_of(n_samples, per_kernel)
        self.dilations = [int(one) for one in dilations]
        self.n_biases = [int(one) for one in n_biases]
        self.stride = max(1, n_samples // _PLACES)
        n_features = len(KERNELS) * per_kernel * self.n_rows
        self.register_buffer("kernels", torch.from_numpy(kernel_weights())[:, None])
        self.register_buffer("biases", torch.zeros(self.n_rows, len(KERNELS), per_kernel))
        self.register_buffer("steep", torch.ones(self.n_rows, len(KERNELS), len(self.dilations)))
        self.project = nn.Linear(n_features, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Encode segments of shape (batch, n_channels, n_samples) as unit vectors of shape (batch, dim)."""
        return functional.normalize(self.project(self.features(x)), dim=1)

    def features(self, x: Tensor) -> Tensor:
        """Return the share of each segment above each bias, shape (batch, n_features)."""
        rows = self._rows(x)
        found = []
        first = 0
        for number, (dilation, n) in enumerate(zip(self.dilations, self.n_biases, strict=True)):
            for row in range(self.n_rows):
                responses = self._responses(rows[:, row : row + 1], dilation) * self.steep[row, :, number, None]
                biases = self.biases[row, :, first : first + n]
                found += self._shares(responses, biases, dilation, number, x.shape[-1])
            first += n
        return torch.cat(found, dim=1)

    def _responses(self, x: Tensor, dilation: int) -> Tensor:
        return functional.conv1d(x, self.kernels, padding=4 * dilation, dilation=dilation, stride=self.stride)

    def _shares(self, responses: Tensor, biases: Tensor, dilation: int, number: int, n_samples: int) -> list[Tensor]:
        """Return the shares of two halves of the kernels: one of whole overlaps only, which one alternates."""
        halves = []
        for half in (0, 1):
            own, levels = responses[:, half::2, None], biases[half::2, :, None]
            if (margin := self.margin(dilation, number, half, n_samples)) is not None:
                own = own[..., margin[0] : margin[1]]
            halves.append(torch.clamp(own - levels, 0.0, 1.0).mean(dim=-1).flatten(1))
        return halves

    def margin(self, dilation: int, number: int, half: int, n_samples: int) -> tuple[int, int] | None:
        """Return which responses are of whole overlaps, for the half of the kernels that looks at those."""
        n_places = -(-n_samples // self.stride)
        margin = -(-4 * dilation // self.stride)
        inside = (half + number) % 2 == 1 and n_places > 2 * margin
        return (margin, n_places - margin) if inside else None

    def graph(self, n_channels: int, n_samples: int) -> Any:
        """Return the encoder as an ONNX model, made node by node."""
        from sigsimnet.networks.encoders.rocket_graph import rocket_graph

        return rocket_graph(self, n_channels, n_samples)

    def _rows(self, x: Tensor) -> Tensor:
        if not self.options["difference"]:
            return x
        steps = functional.pad(x[:, :, 1:] - x[:, :, :-1], (1, 0))
        return torch.cat([x, steps], dim=1)

    def fit_rows(self, segments: NDArray[np.float32], labels: NDArray[np.int64], *, seed: int, resize: bool) -> None:
        """Choose the biases, then the linear map.

        Parameters
        ----------
        segments : ndarray, shape (n, n_channels, n_samples)
        labels : ndarray of int, shape (n,)
            Of what is the same.
        seed : int
            Draws the rows that biases are quantiles of.
        resize : bool
            Whether embeddings may become as short as the training rows allow; else the rest is zero.
        """
        rows = _some_of_each(labels, _MOST_ROWS)
        self._fit_biases(np.ascontiguousarray(segments[rows], dtype=np.float32), np.random.default_rng(seed))
        weight, bias = _whitened(self._features_of(segments[rows]), labels[rows], self.dim, self._shrink)
        n = len(weight) if resize else self.dim
        project = nn.Linear(weight.shape[1], n)
        with torch.no_grad():
            project.weight.zero_()
            project.bias.zero_()
            project.weight[: len(weight)] = torch.from_numpy(weight.astype(np.float32))
            project.bias[: len(weight)] = torch.from_numpy(bias.astype(np.float32))
        self.project, self.dim = project, n
        self.options["dim"] = n

    def cross_rows(
        self,
        segments: NDArray[np.float32],
        labels: NDArray[np.int64],
        folds: NDArray[np.int64],
        good: NDArray[np.bool_],
        *,
        seed: int,
    ) -> NDArray[np.float32]:
        """Return what the linear map of the other folds makes of each segment (`ClosedForm.cross_rows`).

        Biases are quantiles of some rows of all folds: they know no labels.
        """
        usable = np.flatnonzero(good)
        rows = usable[_some_of_each(labels[usable], _MOST_ROWS)]
        self._fit_biases(np.ascontiguousarray(segments[rows], dtype=np.float32), np.random.default_rng(seed))
        known = self._features_of(segments[rows])
        found = np.zeros((len(segments), self.dim), dtype=np.float32)
        place = np.full(len(segments), -1)
        place[rows] = np.arange(len(rows))
        for fold in np.unique(folds):
            learn = folds[rows] != fold
            weight, bias = _whitened(known[learn], labels[rows][learn], self.dim, self._shrink)
            held = np.flatnonzero(folds == fold)
            for first in range(0, len(held), _MOST_ROWS):
                some = held[first : first + _MOST_ROWS]
                there = place[some] >= 0
                features = np.empty((len(some), known.shape[1]))
                features[there] = known[place[some[there]]]
                if not there.all():
                    features[~there] = self._features_of(segments[some[~there]])
                vectors = features @ weight.T + bias
                size = np.linalg.norm(vectors, axis=1, keepdims=True)
                found[some, : len(weight)] = vectors / np.where(size > 0, size, 1.0)
        return found

    @property
    def _shrink(self) -> float:
        return float(self.options["shrink"])

    def _features_of(self, segments: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the features of segments in double precision, a few segments at a time."""
        x = np.ascontiguousarray(segments, dtype=np.float32)
        step = max(1, _CHUNK // (self.n_rows * x.shape[-1]))
        with torch.inference_mode():
            parts = [self.features(torch.from_numpy(x[k : k + step])).numpy() for k in range(0, len(x), step)]
        return np.concatenate(parts).astype(np.float64)

    def _fit_biases(self, x: NDArray[np.float32], rng: np.random.Generator) -> None:
        per_kernel = sum(self.n_biases)
        wanted = bias_quantiles(per_kernel)
        kernels = np.arange(len(KERNELS))
        for row in range(self.n_rows):
            first = at = 0
            for number, (dilation, n) in enumerate(zip(self.dilations, self.n_biases, strict=True)):
                chosen = self._rows(torch.from_numpy(x[rng.integers(0, len(x), len(KERNELS))]))[:, row : row + 1]
                responses = self._responses(chosen, dilation)
                own = responses[kernels, kernels].numpy()  # of each kernel what it makes of one row
                quantiles = wanted[at : at + len(KERNELS) * n].reshape(len(KERNELS), n)
                at += quantiles.size
                found = np.stack([np.quantile(own[k], quantiles[k]) for k in kernels])
                steep = 1.0 / (_SOFT * np.maximum(own.std(axis=1), 1e-6))
                self.steep[row, :, number] = torch.from_numpy(steep.astype(np.float32))
                levels = found * steep[:, None] - 0.5  # the step is centred on the bias
                self.biases[row, :, first : first + n] = torch.from_numpy(levels.astype(np.float32))
                first += n


def _some_of_each(labels: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return rows, all or about equally many of each label."""
    if len(labels) <= most:
        return np.arange(len(labels))
    names = np.unique(labels)
    each = max(2, most // len(names))
    rows = [np.flatnonzero(labels == name) for name in names]
    return np.sort(np.concatenate([own[evenly_spaced(len(own), each)] for own in rows]))


def _whitened(
    features: NDArray[np.float64], labels: NDArray[np.int64], most: int, shrink: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (rank, n_features) and biases (rank,) of the map that standardises and whitens."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    known = spread > _STEADY
    scale = np.where(known, 1.0 / np.where(known, spread, 1.0), 0.0)
    x = (features - mean) * scale
    values, vectors = np.linalg.eigh(x @ x.T)
    order = np.argsort(values)[::-1][:most]
    order = order[values[order] > 1e-10 * max(float(values[order[0]]), 1e-300)] if len(order) else order
    if not len(order) or values[order[0]] <= 0:
        raise ParameterError("all training segments are alike: there is nothing to learn")
    spans = (vectors[:, order] / np.sqrt(values[order])).T @ x  # (rank, n_features), at unit length
    inside = x @ spans.T
    within = np.zeros((len(spans), len(spans)))
    for label in np.unique(labels):
        own = inside[labels == label]
        around = own - own.mean(axis=0)
        within += around.T @ around
    within /= len(labels)
    level = float(np.trace(within)) / len(within)
    # Where no class has two rows, nothing is known of what varies within one.
    added = shrink * level if level > 0 else 1.0
    sizes, axes = np.linalg.eigh(within + added * np.eye(len(within)))
    weight = (axes / np.sqrt(sizes)).T @ spans * scale
    weight /= np.sqrt((((features - mean) @ weight.T) ** 2).sum(axis=1).mean())
    return weight, -weight @ mean
