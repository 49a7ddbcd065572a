"""`delineate`: P, QRS and T of every beat, from labelled samples and detected R peaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.channels import ecg_channels, modality_of
from sigsimnet.delineation._labels import PACED, QRS, RATE, P, T, wave_labels
from sigsimnet.delineation._result import WAVES, Delineation
from sigsimnet.errors import SignalError
from sigsimnet.io import RecordingLike, as_recording
from sigsimnet.io._names import find_channels
from sigsimnet.peaks import Peaks, detect_peaks
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["delineate"]

_NEAR_R = 0.1  # s: how far a QRS complex may lie from its R peak
_LONGEST_PR = 0.4  # s from the onset of P to that of QRS
_LATEST_T = 0.5  # s from the end of QRS to the onset of T
_SHORTEST = 0.016  # s: a shorter run of labels is no wave
_BRIDGE = {P: 0.03, QRS: 0.03, T: 0.06}  # s: two runs of one wave so near are one (a biphasic T, a notch)
_ALIKE = 0.8  # correlation of QRS complexes of one kind
_WIDER = 0.03  # s: a complex that is so much wider than the usual one is aberrant
_LEAST_P = 0.02  # of the height of the QRS complex: a lower P wave is noise
_SMOOTH = 0.02  # s
_FEW = 0.5  # share of beats below which a missing wave is said


def delineate(
    recording: RecordingLike, *, channels: Sequence[str] | str | None = None, peaks: Peaks | None = None
) -> Delineation:
    """Find where the P wave, the QRS complex and the T wave of every beat begin, peak and end.

    Each lead is labelled sample by sample by openecg; runs of one label around each R peak are that beat's waves. A
    wave that is not there (no P in atrial fibrillation) or not seen is marked as not found, never guessed.

    Parameters
    ----------
    recording : Recording, path, (array, sampling_rate), …
        Anything that `sigsimnet.as_recording` takes. Any sampling rate and length; mV.
    channels : sequence of str or str, optional
        Leads; all that are ECG without it.
    peaks : Peaks, optional
        R peaks; `sigsimnet.detect_peaks` finds them without it.

    Returns
    -------
    Delineation

    Raises
    ------
    SignalError
        If there is no ECG or no beat.
    MissingExtraError
        If openecg is not installed (``pip install 'sigsimnet[delineate]'``).

    Notes
    -----
    One beat's T end has a spread of about 20 ms around an expert's: measure intervals by the median of many
    (`sigsimnet.measure`). How it compares with experts on LUDB and QTDB: ``benchmarks/delineation``.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import simulate
    >>> delineate(simulate(1, 1, duration=10, noise=0, seed=1)[0])
    <Delineation of 12 beats in 1 channels by openecg>
    """
    one = as_recording(recording)
    names = _channels_of(one, channels)
    found = peaks if peaks is not None else detect_peaks(one.pick(names))
    if not len(found.samples):
        raise SignalError(f"{one.source or 'recording'}: no heart beat was found: nothing to delineate")
    marks = np.full((len(names), len(found.samples), len(WAVES), 3), np.nan)
    paced = np.zeros((len(names), len(found.samples)), dtype=bool)
    for k, name in enumerate(names):
        x = one.data[one.channel_index(name)]
        for number, span in enumerate(one.spans):
            mine = np.flatnonzero(found.span == number)
            if len(mine):
                labels = wave_labels(x[span.start : span.stop], one.sampling_rate)
                local = found.samples[mine] - span.start
                marks[k, mine], paced[k, mine] = _waves(labels, x[span.start : span.stop], local, one.sampling_rate)
                marks[k, mine] += span.start
    result = Delineation(
        marks,
        found.samples,
        _kinds(one, names, marks, found.samples, paced.mean(axis=0) > 0.5),
        tuple(names),
        one.sampling_rate,
        one.source,
        warnings=found.warnings,
    )
    return _warned(result)


def _channels_of(recording: Recording, channels: Sequence[str] | str | None) -> list[str]:
    if channels is not None:
        wanted = [channels] if isinstance(channels, str) else list(channels)
        source = recording.source or "recording"
        return [recording.channel_names[k] for k in find_channels(wanted, recording.channel_names, source)]
    names = [name for name in ecg_channels(recording) if modality_of(name) in {"", "ecg"}]
    if not names:
        raise SignalError(f"{recording.source or 'recording'}: no ECG among {', '.join(recording.channel_names)}")
    return names


def _runs(labels: NDArray[np.uint8], which: Sequence[int], bridge: float) -> NDArray[np.int64]:
    """Return first and last + 1 of each run of labels, shape (n, 2); runs a bridge (s) apart are one."""
    inside = np.isin(labels, which)
    edges = np.flatnonzero(np.diff(np.r_[False, inside, False].astype(np.int8))).reshape(-1, 2)
    if len(edges) > 1:
        apart = edges[1:, 0] - edges[:-1, 1] > bridge * RATE
        edges = np.column_stack([edges[np.r_[True, apart], 0], edges[np.r_[apart, True], 1]])
    return edges[edges[:, 1] - edges[:, 0] >= _SHORTEST * RATE]


def _waves(
    labels: NDArray[np.uint8], x: NDArray[np.float32], r_peaks: NDArray[np.int64], sampling_rate: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the marks of the beats of one lead in one span, and which are paced."""
    scale = RATE / sampling_rate
    at = r_peaks * scale
    complexes = _runs(labels, (QRS, PACED), _BRIDGE[QRS])
    marks = np.full((len(at), len(WAVES), 3), np.nan)
    paced = np.zeros(len(at), dtype=bool)
    if not len(complexes):
        return marks, paced
    distance = np.maximum(np.maximum(complexes[:, 0] - at[:, None], at[:, None] - complexes[:, 1]), 0)
    nearest = distance.argmin(axis=1)
    has = distance[np.arange(len(at)), nearest] <= _NEAR_R * RATE
    begin = np.where(has, complexes[nearest, 0], at - 0.04 * RATE).astype(np.int64)
    end = np.where(has, complexes[nearest, 1], at + 0.06 * RATE).astype(np.int64)
    smooth = max(1, round(_SMOOTH * sampling_rate))
    least = _LEAST_P * _height(x, begin[has] / scale, end[has] / scale)
    p_waves, t_waves = _runs(labels, (P,), _BRIDGE[P]), _runs(labels, (T,), _BRIDGE[T])
    for beat in range(len(at)):
        following = begin[beat + 1] if beat + 1 < len(at) else len(labels)
        before = end[beat - 1] if beat else 0
        chosen: dict[int, tuple[int, int]] = {}
        if has[beat]:
            chosen[1] = (int(begin[beat]), int(end[beat]))
            paced[beat] = bool((labels[begin[beat] : end[beat]] == PACED).mean() > 0.5)
        after = t_waves[(t_waves[:, 0] >= end[beat] - 2) & (t_waves[:, 1] <= following + 2)]
        if len(after) and after[0, 0] - end[beat] <= _LATEST_T * RATE:
            chosen[2] = (int(after[0, 0]), int(after[0, 1]))
        earlier = p_waves[(p_waves[:, 0] >= before) & (p_waves[:, 1] <= begin[beat] + 2)]
        if len(earlier) and begin[beat] - earlier[-1, 0] <= _LONGEST_PR * RATE:
            chosen[0] = (int(earlier[-1, 0]), int(earlier[-1, 1]))
        for wave, (first, stop) in chosen.items():
            onset, offset = first / scale, min(stop / scale, len(x) - 1)
            peak = _peak(x, round(onset), round(offset))
            if wave != 0 or _rises(x, round(onset), round(offset), smooth, least):
                marks[beat, wave] = onset, peak, offset
    return marks, paced


def _height(x: NDArray[np.float32], begin: NDArray[np.float64], end: NDArray[np.float64]) -> float:
    """Return the median height of QRS complexes, from their lowest to their highest sample."""
    parts = [x[round(a) : round(b) + 1] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
    heights = [float(np.nanmax(part) - np.nanmin(part)) for part in parts if np.isfinite(part).any()]
    return float(np.median(heights)) if heights else 0.0


def _rises(x: NDArray[np.float32], onset: int, offset: int, smooth: int, least: float) -> bool:
    """Tell whether a wave stands out from the line between its ends: networks see P waves where none is."""
    part = np.asarray(x[onset : offset + 1], dtype=np.float64)
    if len(part) < 3 or not np.isfinite(part).all():
        return True
    part = np.convolve(np.pad(part, smooth // 2, mode="edge"), np.ones(smooth) / smooth, mode="valid")
    return bool(np.abs(part - np.linspace(part[0], part[-1], len(part))).max() >= least)


def _peak(x: NDArray[np.float32], onset: int, offset: int) -> int:
    """Return the sample that is farthest from the line between both ends of a wave."""
    part = np.asarray(x[onset : offset + 1], dtype=np.float64)
    away = np.abs(part - np.linspace(part[0], part[-1], len(part)))
    return onset + (int(np.nanargmax(away)) if np.isfinite(away).any() else len(part) // 2)


def _kinds(
    recording: Recording,
    names: Sequence[str],
    marks: NDArray[np.float64],
    r_peaks: NDArray[np.int64],
    paced: NDArray[np.bool_],
) -> tuple[str, ...]:
    """Tell beats whose QRS complex has another shape or width than most, in most leads."""
    half = round(0.08 * recording.sampling_rate)
    odd = np.zeros(marks.shape[:2])
    known = np.zeros(marks.shape[:2], dtype=bool)
    for k, name in enumerate(names):
        x = recording.data[recording.channel_index(name)]
        middle = np.where(np.isfinite(marks[k, :, 1, 1]), np.nan_to_num(marks[k, :, 1, 1]), r_peaks).astype(np.int64)
        mine = np.flatnonzero((middle >= half) & (middle < recording.n_samples - half))
        if len(mine) < 3:
            continue
        shapes = np.stack([x[m - half : m + half + 1] for m in middle[mine]]).astype(np.float64)
        full = np.isfinite(shapes).all(axis=1)
        mine, shapes = mine[full], shapes[full]
        if len(mine) < 3:
            continue
        shapes -= shapes.mean(axis=1, keepdims=True)
        usual = np.median(shapes, axis=0)
        norms = np.linalg.norm(shapes, axis=1) * np.linalg.norm(usual)
        alike = shapes @ usual / np.maximum(norms, 1e-12)
        width = (marks[k, mine, 1, 2] - marks[k, mine, 1, 0]) / recording.sampling_rate
        usual_width = np.nanmedian(width) if np.isfinite(width).any() else np.inf
        odd[k, mine] = (alike < _ALIKE) | (width > usual_width + _WIDER)
        known[k, mine] = True
    share = odd.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return tuple(
        "paced" if is_paced else "aberrant" if other > 0.5 else "usual"
        for is_paced, other in zip(paced.tolist(), share.tolist(), strict=True)
    )


def _warned(found: Delineation) -> Delineation:
    from dataclasses import replace

    notes = list(found.warnings)
    for wave in WAVES:
        shares = {name: found.share_found(name)[wave] for name in found.channel_names}
        few = [name for name, share in shares.items() if share < _FEW]
        if few:
            where = "" if len(found.channel_names) == 1 else f" in {', '.join(few)}"
            notes.append(f"{wave} was found in less than half of the beats{where}")
    return replace(found, warnings=tuple(notes))
