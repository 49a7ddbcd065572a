"""Adaptive thresholds: the two kinds that the classical detectors share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.jit import compiled
from sigsimnet.peaks._kernels import candidates
from sigsimnet.peaks._levels import levels_of
from sigsimnet.peaks._preprocess import WINDOW, Preprocessed

__all__ = ["REFRACTORY", "choose", "drop_neighbours", "falling_threshold"]

Floats = NDArray[np.float64]
Samples = NDArray[np.int64]

REFRACTORY = 0.2  # s; no heart beats again within it (Pan & Tompkins 1985)
T_WAVE = 0.36  # s; within it a candidate of less than half the slope is T (Pan & Tompkins 1985)
LEAST_RATIO = 0.5  # that half


@compiled
def _walk(
    where: Samples, height: Floats, rate: float, share: float, overdue: float, beat: float, rest: float
) -> NDArray[np.bool_]:  # pragma: no cover - compiled
    n = len(where)
    kept = np.zeros(n, dtype=np.bool_)
    intervals = np.empty(8)
    n_intervals = 0
    last = -1
    for i in range(n):
        threshold = rest + share * (beat - rest)
        if last >= 0 and n_intervals >= 2:
            usual = np.median(intervals[: min(n_intervals, 8)])
            while where[i] - where[last] > overdue * usual:
                found = -1
                for j in range(last + 1, i):
                    if where[j] - where[last] < 0.3 * rate or where[i] - where[j] < REFRACTORY * rate:
                        continue
                    if height[j] > 0.5 * threshold and (found < 0 or height[j] > height[found]):
                        found = j
                if found < 0:
                    break
                kept[found] = True
                intervals[n_intervals % 8] = where[found] - where[last]
                n_intervals += 1
                last = found
                beat = 0.75 * beat + 0.25 * min(height[found], 2.0 * beat)
                threshold = rest + share * (beat - rest)
        if height[i] <= threshold:
            rest = 0.875 * rest + 0.125 * height[i]
            if last >= 0 and where[i] - where[last] > 2.5 * rate:
                beat *= 0.9  # nothing detected for seconds: lower the threshold
            continue
        if last >= 0:
            gap = where[i] - where[last]
            if gap < T_WAVE * rate and height[i] < LEAST_RATIO * height[last]:
                rest = 0.875 * rest + 0.125 * height[i]  # a T wave
                continue
            if gap < T_WAVE * rate and height[last] < LEAST_RATIO * height[i]:
                kept[last] = False  # the one before was a P wave
            else:
                intervals[n_intervals % 8] = gap
                n_intervals += 1
        kept[i] = True
        last = i
        beat = 0.875 * beat + 0.125 * min(height[i], 2.0 * beat)
    return kept


def choose(prepared: Preprocessed, feature: Floats, *, share: float, overdue: float = 1.66) -> Samples:
    """Return the candidates of a feature that are beats, by running levels of beats and of the signal between them.

    The rules of Pan & Tompkins 1985: a threshold at ``share`` of the way from the level of rest to that of beats, each
    level an average over about the last eight candidates of its kind; refractory period of 200 ms; a candidate within
    360 ms of a beat with less than half its height is a T wave; after ``overdue`` times the usual interval the highest
    candidate above half the threshold is taken. Departures: the usual interval is the median of eight (one pause would
    distort an average); a candidate raises the level to at most its double; a beat followed within 360 ms by one twice
    as high was a P wave; after 2.5 s without a beat the level falls; the first levels are medians of the first 8 s, not
    their maximum; where beats are not clearly higher than the signal between them (`Preprocessed.has_beats`) there are
    none.
    """
    where = np.asarray(candidates(feature, prepared.samples(REFRACTORY)))
    where = where[prepared.has_beats(where)]
    if not len(where):
        return where
    height = feature[where]
    first = np.sort(height[where < where[0] + 8 * prepared.rate])
    beat = float(np.median(first[-max(1, len(first) // 3) :]))
    rest = 0.5 * float(np.median(first))
    return np.asarray(where[_walk(where, height, prepared.rate, share, overdue, beat, min(rest, beat))])


def drop_neighbours(prepared: Preprocessed, feature: Floats, where: Samples) -> Samples:
    """Of two marks within 360 ms drop the one with less than half the height of the other: P or T, not QRS."""
    kept: list[int] = []
    for position in where.tolist():
        if kept and position - kept[-1] < T_WAVE * prepared.rate:
            if feature[position] < LEAST_RATIO * feature[kept[-1]]:
                continue
            if feature[kept[-1]] < LEAST_RATIO * feature[position]:
                kept.pop()
        kept.append(position)
    return np.asarray(kept, dtype=np.int64)


@compiled
def _falling(
    steep: Floats,
    added: Floats,
    has_beats: NDArray[np.bool_],
    tops: Floats,
    size: int,
    rate: float,
    share: float,
    expect: bool,
) -> Samples:  # pragma: no cover - compiled
    n = len(steep)
    found = np.empty(n // max(1, int(0.2 * rate)) + 8, np.int64)
    count = 0
    dead, fallen = int(0.2 * rate), int(1.2 * rate)
    start = share * tops[0]
    recent = np.full(5, start)
    n_recent = 0
    base = level = start
    intervals = np.full(5, rate)
    n_intervals = 0
    last = -1
    i = 0
    while i < n:
        since = i - last if last >= 0 else i
        if last >= 0 and since <= fallen:
            level = base * (1.0 - 0.4 * max(0, since - dead) / (fallen - dead))
        elif since > 2.5 * rate:
            level = max(level * (1.0 - 0.5 / rate), 0.1 * share * tops[min(i // size, len(tops) - 1)])
        lowered = 0.0
        if expect and n_intervals >= 5 and last >= 0:
            usual = intervals.mean()
            lowered = 0.4 / 1.4 * base * min(max(since - 2.0 * usual / 3.0, 0.0), usual / 3.0) / (fallen - dead)
        if not has_beats[i] or steep[i] < max(level + added[i] - lowered, 0.25 * level):
            i += 1
            continue
        top = i
        for j in range(i, min(n, i + dead)):
            if steep[j] > steep[top]:
                top = j
        new, old = share * steep[top], recent[(n_recent + 4) % 5]
        new = 1.1 * old if new > 1.5 * old else new
        recent[n_recent % 5] = min(new, 1.5 * share * tops[min(top // size, len(tops) - 1)])
        n_recent += 1
        base = level = recent.mean()
        if last >= 0:
            intervals[n_intervals % 5] = min(max(float(top - last), 0.3 * rate), 2.0 * rate)
            n_intervals += 1
        last = top
        found[count] = top
        count += 1
        i = top + dead
    return found[:count].copy()


def falling_threshold(
    prepared: Preprocessed,
    steep: Floats,
    *,
    share: float,
    added: Floats | None = None,
    expect: bool = False,
) -> Samples:
    """Return where a slope signal passes a threshold that jumps with each beat and falls until the next.

    Christov's M (2004), which Lourenço 2012 took over: ``share`` of the mean of the last five tops; 200 ms without
    detection after a beat, then a fall to 60 % until 1200 ms; a top of more than 1.5 times the last counts as 1.1
    times it. ``added`` is Christov's F, ``expect`` enables his R (lower where the next beat is expected).
    Departures: the first level is that of the usual top of the surroundings (median over 18 s of the highest of every
    2 s, or over a minute where that is lower), not the highest top of five seconds, and M never exceeds one and a half
    times that (an artefact of seconds must not raise it); after 2.5 s without a beat the level falls further; the
    threshold is never below a quarter of M; `Preprocessed.has_beats`.
    """
    tops = levels_of(steep, prepared.samples(WINDOW))[0]
    # A burst of seconds fills most of 18 s, but not of a minute.
    n = len(tops)
    tops = np.minimum(tops, ndimage.median_filter(tops, size=min(31, n - 1 + n % 2), mode="mirror"))
    found = _falling(
        steep,
        np.zeros(len(steep)) if added is None else added,
        prepared.has_beats_mask(),
        tops,
        prepared.samples(WINDOW),
        prepared.rate,
        share,
        expect,
    )
    return np.asarray(found)
