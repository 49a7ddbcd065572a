"""Fusion of channels: beats by votes, weighted by the clarity of each channel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sigsimnet.peaks._channel import Beats

__all__ = ["fuse"]

TOGETHER = 0.15  # s: R waves of one beat in two leads may lie as far apart as a broad QRS complex is wide
WEIGHED_OVER = 10  # beats whose confidence weighs a channel at a place
ENOUGH = 0.5  # of the votes; a beat has more
SILENT = 1.5  # s from the nearest mark: the middle of a pause of 3 s


def fuse(channels: Sequence[Beats], sampling_rate: float) -> Beats:
    """Let channels vote on every beat.

    Marks of different channels within 150 ms are one candidate, at their weighted mean. The weight of a channel's vote
    is the median confidence of its ten nearest beats, divided by the irregularity of their intervals, so that a noisy
    channel counts little while the noise lasts. A candidate with more than half of the votes is a beat. A channel
    without a mark within 1.5 s (missing, flat) does not vote.

    Parameters
    ----------
    channels : sequence of Beats
    sampling_rate : float
        In Hz.
    """
    weights = [_weights(beats) for beats in channels]
    positions = np.concatenate([beats.positions for beats in channels])
    if not len(positions):
        return channels[0]
    owner = np.repeat(np.arange(len(channels)), [len(beats.positions) for beats in channels])
    weight = np.concatenate(weights)
    span = np.concatenate([beats.span for beats in channels])
    order = np.argsort(positions, kind="stable")
    positions, owner, weight, span = positions[order], owner[order], weight[order], span[order]
    # A channel that marks nothing here votes against, with the weight of its nearest mark; one that has been silent for
    # seconds has no signal and abstains.
    everywhere = np.column_stack(
        [
            _nearest(positions, beats.positions, w, SILENT * sampling_rate)
            for beats, w in zip(channels, weights, strict=True)
        ]
    ).sum(axis=1)
    kept: list[tuple[float, float, int]] = []
    start = 0
    for stop in range(1, len(positions) + 1):
        together = (
            stop < len(positions)
            and span[stop] == span[start]
            and positions[stop] - positions[start] <= TOGETHER * sampling_rate
        )
        if together:
            continue
        group = slice(start, stop)
        _, first = np.unique(owner[group], return_index=True)  # a channel votes once
        votes = float(weight[group][first].sum())
        share = votes / max(float(everywhere[group].mean()), 1e-12)
        if share > ENOUGH:
            where, sure = positions[group][first], np.maximum(weight[group][first], 1e-9)
            middle = float(np.average(where, weights=sure))
            kept.append((middle, min(share, 1.0), int(span[start])))
        start = stop
    loudest = max(channels, key=lambda beats: len(beats.positions))
    if not kept:
        none = np.empty(0, dtype=np.int64)
        return Beats(np.empty(0), np.empty(0), none, none, loudest.polarity, loudest.lag)
    middles, shares, numbers = zip(*kept, strict=True)
    return Beats(
        np.asarray(middles),
        np.asarray(shares),
        np.asarray(numbers, dtype=np.int64),
        np.asarray(numbers, dtype=np.int64),  # a gap in one channel is none in all
        loudest.polarity,
        float(np.median([beats.lag for beats in channels if len(beats.positions)])),
    )


def _weights(beats: Beats) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    from scipy import ndimage

    n = len(beats.positions)
    if n < 3:
        return np.full(n, 0.1)
    intervals = np.diff(beats.positions)
    size = min(WEIGHED_OVER + 1, n - 1 + n % 2)
    usual = ndimage.median_filter(intervals, size=size, mode="mirror")
    uneven = ndimage.median_filter(np.abs(intervals - usual), size=size, mode="mirror") / np.maximum(usual, 1.0)
    sure = ndimage.median_filter(beats.confidence, size=size, mode="mirror")
    return np.asarray(sure / (1.0 + 10.0 * np.concatenate([uneven[:1], uneven])))


def _nearest(
    at: np.ndarray[tuple[int], np.dtype[np.float64]],
    positions: np.ndarray[tuple[int], np.dtype[np.float64]],
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
    furthest: float,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if not len(positions):
        return np.zeros(len(at))
    right = np.clip(np.searchsorted(positions, at), 0, len(positions) - 1)
    left = np.maximum(right - 1, 0)
    nearer = np.where(np.abs(positions[left] - at) < np.abs(positions[right] - at), left, right)
    return np.where(np.abs(positions[nearer] - at) <= furthest, values[nearer], 0.0)
