"""`why`: which part of the beat makes two recordings alike or different, by putting another in its place."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.channels import lead_of
from sigsimnet.comparison._channels import common_channels
from sigsimnet.io import as_recording
from sigsimnet.model import SigSimNet, load_model
from sigsimnet.segments import MIN_GOOD_FRACTION, Segments

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["WAVES", "Part", "Why", "occlusion", "why"]

WAVES = {"P": (-0.26, -0.06), "QRS": (-0.06, 0.06), "ST": (0.06, 0.16), "T": (0.16, 0.46)}
"""Where each wave lies in a beat of the cutter, in s around its fiducial: ST-T is at a heart rate of 60 there."""
_WINDOW, _STEP = 0.04, 0.02  # s
_MOST_SEGMENTS = 24  # of a side: a mean of more beats is the same
_FADE = 0.02  # s over which a wave put in passes into the beat around it


@dataclass(frozen=True)
class Part:
    """One part of the beat (or of the window) and what it does to the score.

    Attributes
    ----------
    name : str
        ``"P"``, ``"QRS"``, ``"ST"``, ``"T"``, or the stretch of a window in s.
    begin, end : float
        In s around the fiducial of the beat, or since the start of the window.
    without : float
        Score where the mean beat of other people stands in its place on one side, mean of both sides in turn: what is
        left without it.
    swapped : float
        Score where that part of B's beats is A's.

    Examples
    --------
    >>> Part("T", 0.16, 0.46, 0.62, 0.91).name
    'T'
    """

    name: str
    begin: float
    end: float
    without: float
    swapped: float


@dataclass(frozen=True, eq=False)
class Why:
    """What a score rests on.

    Attributes
    ----------
    score : float
        Of the channel that is explained.
    parts : tuple of Part
    times : ndarray, shape (n_places,)
        Middle of each window of 40 ms, in s.
    drops : ndarray, shape (n_places,)
        How much the score falls where that window is the mean beat's on one side; negative where it rises: there the
        two differ.
    a, b : Segments
        What was compared.
    channels : (str, str)

    Examples
    --------
    >>> from sigsimnet import simulate, why
    >>> found = why(*simulate(2, 1, duration=20, seed=1))
    >>> sorted(found.to_dict())
    ['channels', 'parts', 'score', 'words']
    """

    score: float
    parts: tuple[Part, ...]
    times: NDArray[np.float64]
    drops: NDArray[np.float64]
    a: Segments
    b: Segments
    channels: tuple[str, str]

    def __repr__(self) -> str:
        return f"<Why of score {self.score:.3f}: {'; '.join(self.in_words())}>"

    def in_words(self) -> tuple[str, ...]:
        """Return what matters most, as sentences."""
        said = []
        best = max(self.parts, key=lambda one: one.swapped)
        if best.swapped - self.score > 0.02:
            said.append(
                f"{self._named(best)} differs most: with {best.name} of A in B's place the score would be "
                f"{best.swapped:.2f} instead of {self.score:.2f}"
            )
        holds = min(self.parts, key=lambda one: one.without)
        if self.score - holds.without > 0.02:
            said.append(
                f"{self._named(holds)} carries the likeness most: without it the score would be {holds.without:.2f}"
            )
        what = {"beats": "beat", "cycles": "cycle"}.get(self.a.kind, "window")
        return tuple(said) or (f"no single part of the {what} decides",)

    def _named(self, part: Part) -> str:
        if part.name in self.a.channel_names and len(self.a.channel_names) > 1:
            return part.name if part.name.casefold().startswith("ch") else f"channel {part.name}"
        return f"the {part.name}" if self.a.kind == "beats" else f"the stretch {part.name}"

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each part."""
        import pandas as pd

        return pd.DataFrame([vars(one) for one in self.parts])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "score": self.score,
            "channels": list(self.channels),
            "parts": [vars(one) for one in self.parts],
            "words": list(self.in_words()),
        }

    def plot(self) -> Figure:
        """Draw both mean beats, shaded by what each stretch does to the score.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from sigsimnet.plotting import BLUE, ORANGE, new_figure

        if len(self.a.channel_names) > 1:
            return self._plot_parts()
        figure = new_figure(8.0, 4.2)
        axes = figure.subplots()
        time = np.arange(self.a.data.shape[-1]) / self.a.sampling_rate - self.a.before
        beats = [np.nanmean(side.data[:, 0], axis=0) for side in (self.a, self.b)]
        low, high = min(map(np.min, beats)), max(map(np.max, beats))
        most = max(float(np.abs(self.drops).max()), 1e-9)
        half = _STEP / 2
        for middle, drop in zip(self.times, self.drops, strict=True):
            colour = BLUE if drop > 0 else "#b3261e"
            axes.axvspan(middle - half, middle + half, color=colour, alpha=0.35 * abs(drop) / most, lw=0)
        for beat, colour, name in zip(beats, (BLUE, ORANGE), self.channels, strict=True):
            axes.plot(time, beat, color=colour, lw=1.6, label=f"{'A' if colour == BLUE else 'B'}, {name}")
        for part in self.parts:
            axes.text((part.begin + part.end) / 2, high + 0.06 * (high - low), part.name, ha="center", fontsize=8)
        axes.set_ylim(low - 0.08 * (high - low), high + 0.16 * (high - low))
        axes.set_xlabel("s around the fiducial (red: here they differ; blue: here they are alike)")
        axes.set_title(f"score {self.score:.3f}", fontsize=10)
        axes.legend(frameon=False, fontsize=8)
        return figure

    def _plot_parts(self) -> Figure:
        """Draw what the score is without each part, and with A's in B, as bars."""
        from sigsimnet.plotting import BLUE, ORANGE, new_figure

        figure = new_figure(8.0, 1.4 + 0.34 * len(self.parts))
        axes = figure.subplots()
        rows = np.arange(len(self.parts))
        axes.barh(rows - 0.2, [one.without - self.score for one in self.parts], 0.38, color=BLUE, label="without it")
        axes.barh(
            rows + 0.2, [one.swapped - self.score for one in self.parts], 0.38, color=ORANGE, label="with A's in B"
        )
        axes.axvline(0.0, color="black", lw=0.8)
        axes.set_yticks(rows, [one.name for one in self.parts])
        axes.invert_yaxis()
        axes.set_xlabel(f"change of the score of {self.score:.3f}")
        axes.legend(frameon=False, fontsize=8)
        return figure


def why(
    a: Any,
    b: Any,
    *,
    model: SigSimNet | str | Path = "ecg",
    channel_a: str | None = None,
    channel_b: str | None = None,
) -> Why:
    """Explain the score of two recordings: which waves make them alike, and which different.

    Parameters
    ----------
    a, b : Recording, path, (array, sampling_rate), …
        As in `sigsimnet.compare`.
    model : SigSimNet, path or str, default "ecg"
        Of one channel or several; heads that are not the cosine are explained by the same means. Of several channels
        each is also explained by itself, over the whole window.
    channel_a, channel_b : str, optional
        Channel of either side; the first common one without them.

    Returns
    -------
    Why

    Raises
    ------
    SignalError
        If there is no common channel, or a side has no segments.

    Notes
    -----
    Occlusion (Zeiler & Fergus 2014, doi:10.1007/978-3-319-10590-1_53) against the mean beat of other people: zeros
    would be a beat that nobody has. Counterfactuals put A's mean wave into each beat of B, faded in over 20 ms. How
    faithful it is: ``benchmarks/why``. Of windows without heartbeats a stretch is replaced by zeros, the middle of what
    the network sees.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> first, second = simulate(2, 1, duration=20, seed=1)
    >>> found = why(first, second)
    >>> [part.name for part in found.parts]
    ['P', 'QRS', 'ST', 'T']
    """
    network = model if isinstance(model, SigSimNet) else load_model(model)
    one, other = as_recording(a), as_recording(b)
    names_a, names_b = common_channels(one, other, network, channel_a, channel_b)
    cut_a, cut_b = (_cut(network, side, names) for side, names in ((one, names_a), (other, names_b)))
    pair = _Pair(network, cut_a, cut_b)
    parts = []
    for name, (begin, end) in _stretches(cut_a).items():
        weight = _weight(cut_a, begin, end)
        swapped = pair.score(b=_mixed(cut_b.data, cut_a.data.mean(axis=0), weight))
        parts.append(Part(name, begin, end, pair.without(weight), swapped))
    if len(names_a) > 1:
        parts += [
            Part(name, *_whole(cut_a), pair.without_channel(k), pair.score(b=_with_channel(cut_b.data, cut_a.data, k)))
            for k, name in enumerate(cut_a.channel_names)
        ]
    times, drops = occlusion(network, cut_a, cut_b)
    return Why(pair.base, tuple(parts), times, drops, cut_a, cut_b, ("+".join(names_a), "+".join(names_b)))


def occlusion(
    network: SigSimNet, a: Segments, b: Segments, *, window: float = _WINDOW, step: float = _STEP
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how much the score falls without each window: middles in s, and drops.

    Parameters
    ----------
    network : SigSimNet
    a, b : Segments
        Of one channel.
    window, step : float
        In s.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> model = load_model("ecg")
    >>> a, b = (model.cut(one) for one in simulate(1, 2, duration=20, seed=1))
    >>> times, drops = occlusion(model, a, b)
    >>> times.shape == drops.shape
    True
    """
    pair = _Pair(network, a, b)
    length = a.data.shape[-1] / a.sampling_rate
    size = window if a.kind == "beats" else max(window, length / 25)
    starts = np.arange(-a.before, length - a.before - size + 1e-9, step if a.kind == "beats" else size)
    drops = [pair.base - pair.without(_weight(a, start, start + size)) for start in starts]
    return starts + size / 2, np.array(drops)


class _Pair:
    """Two sides, embedded once, and their score with other samples on a side."""

    def __init__(self, network: SigSimNet, a: Segments, b: Segments) -> None:
        self.network = network
        self.sides = (a, b)
        self.embedded = (network.embed(a), network.embed(b))
        self.middle = (reference(a), reference(b))
        self.base = self.score()

    def score(self, a: NDArray[Any] | None = None, b: NDArray[Any] | None = None) -> float:
        """Return the score with other samples on a side."""
        first, second = (
            known if data is None else self.network.embed(replace(side, data=data))
            for known, side, data in zip(self.embedded, self.sides, (a, b), strict=True)
        )
        return float(self.network.score(first, second))

    def without_channel(self, k: int) -> float:
        """Return the score where a channel of one side is silent; the mean of both sides in turn."""
        a, b = (
            _with_channel(side.data, np.broadcast_to(middle, side.data.shape), k)
            for side, middle in zip(self.sides, self.middle, strict=True)
        )
        return (self.score(a=a) + self.score(b=b)) / 2

    def without(self, weight: NDArray[np.float64]) -> float:
        """Return the score where a stretch of one side is the mean beat's; the mean of both sides in turn."""
        a, b = (_mixed(side.data, middle, weight) for side, middle in zip(self.sides, self.middle, strict=True))
        return (self.score(a=a) + self.score(b=b)) / 2


def _with_channel(data: NDArray[Any], other: NDArray[Any], k: int) -> NDArray[np.float32]:
    """Return segments whose channel ``k`` is the mean of that channel of others."""
    changed = np.array(data, dtype=np.float32)
    changed[:, k] = np.asarray(other)[:, k].mean(axis=0)
    return changed


def _whole(segments: Segments) -> tuple[float, float]:
    length = segments.data.shape[-1] / segments.sampling_rate
    return -segments.before, length - segments.before


def reference(segments: Segments) -> NDArray[np.float32]:
    """Return what says nothing of anybody: the mean beat of other people in that lead, or zeros of a window."""
    if segments.kind != "beats":
        return np.zeros(segments.data.shape[1:], dtype=np.float32)
    about = _mean_beats()
    time = np.arange(segments.data.shape[-1]) / segments.sampling_rate - segments.before
    rows = []
    for name in segments.channel_names:
        beat = np.asarray(about["beats"].get(lead_of(name), about["beats"]["I"]))
        own = np.arange(len(beat)) / about["sampling_rate"] - about["before"]
        rows.append(np.interp(time, own, beat))
    return np.asarray(rows, dtype=np.float32)


@cache
def _mean_beats() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (resources.files("sigsimnet.comparison") / "mean_beat.json").read_text(encoding="utf-8")
    )
    return found


def _cut(network: SigSimNet, recording: Any, names: tuple[str, ...]) -> Segments:
    every, good = network.cut_good(
        recording, network.channels_of(recording, names), min_good_fraction=MIN_GOOD_FRACTION
    )
    used = good if len(good) >= max(1, network.card.min_segments) else every
    if len(used) > _MOST_SEGMENTS:
        used = used.take(np.linspace(0, len(used) - 1, _MOST_SEGMENTS).astype(int))
    return used


def _mixed(data: NDArray[Any], put_in: NDArray[Any], weight: NDArray[np.float64]) -> NDArray[np.float32]:
    """Put another shape into a stretch of every segment, level with what stands at the edges of the stretch."""
    inside = np.flatnonzero(weight > 0)
    first, last = inside[0], inside[-1]
    ramp = np.linspace(0, 1, len(inside))
    mixed = np.array(data, dtype=np.float32)
    edge_own = data[..., first : first + 1] * (1 - ramp) + data[..., last : last + 1] * ramp
    edge_new = put_in[..., first : first + 1] * (1 - ramp) + put_in[..., last : last + 1] * ramp
    shape = put_in[..., inside] - edge_new + edge_own
    mixed[..., inside] = data[..., inside] * (1 - weight[inside]) + shape * weight[inside]
    return mixed


def _weight(segments: Segments, begin: float, end: float) -> NDArray[np.float64]:
    time = np.arange(segments.data.shape[-1]) / segments.sampling_rate - segments.before
    fade = _FADE if segments.kind == "beats" else 1e-9
    return np.clip(np.minimum((time - begin) / fade + 1, (end - time) / fade + 1), 0.0, 1.0)


def _stretches(segments: Segments) -> dict[str, tuple[float, float]]:
    length = segments.data.shape[-1] / segments.sampling_rate
    if segments.kind == "beats":
        last = length - segments.before
        return {name: (max(begin, -segments.before), min(end, last)) for name, (begin, end) in WAVES.items()}
    if segments.kind == "cycles":
        edges = np.linspace(0, 1, 6).tolist()
        return {
            f"{100 * a:.0f}–{100 * b:.0f} % of the cycle": (a * length - segments.before, b * length - segments.before)
            for a, b in pairwise(edges)
        }
    edges = np.linspace(0, length, 6).tolist()
    return {f"{a:.2g}–{b:.2g} s": (a, b) for a, b in pairwise(edges)}
