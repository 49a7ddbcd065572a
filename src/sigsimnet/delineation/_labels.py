"""The one file that knows openecg: which samples of a lead are P wave, QRS complex and T wave."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.resampling import resample_ratio
from sigsimnet.errors import MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OTHER", "PACED", "QRS", "RATE", "P", "T", "wave_labels"]

OTHER, P, QRS, T, PACED = range(5)
RATE = 500
"""Of the labels, in Hz: what openecg learnt at."""
_WINDOW, _EDGE = 10 * RATE, 2 * RATE  # samples: what it sees at once, and what of that it knows too little about
_LONGEST_GAP = 0.1  # s of missing samples that a line may bridge


def wave_labels(x: NDArray[np.floating[Any]], sampling_rate: float) -> NDArray[np.uint8]:
    """Label the samples of one lead.

    Windows of 10 s overlap by 4 s, and each says only what lies 2 s inside; the first and the last say their ends too.

    Parameters
    ----------
    x : ndarray, shape (n_samples,)
        An ECG without a pause, in mV; NaN where missing: such stretches are no wave.
    sampling_rate : float
        In Hz.

    Returns
    -------
    ndarray of uint8, shape (about n_samples * 500 / sampling_rate,)
        `OTHER`, `P`, `QRS`, `T` or `PACED` (a QRS complex that a pacemaker began) at `RATE` Hz.

    Raises
    ------
    MissingExtraError
        If openecg is not installed.

    Notes
    -----
    openecg 0.11 (VitalDB, Apache-2.0), its int8 network in ONNX: no PyTorch. It has learnt from LUDB.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=10, noise=0, seed=1)[0]
    >>> np.unique(wave_labels(recording.data[0], recording.sampling_rate)).tolist()
    [0, 1, 2, 3]
    """
    missing = ~np.isfinite(x)
    known = np.flatnonzero(~missing)
    up, down = _ratio(sampling_rate)
    n_out = -(-len(x) * up // down)
    labels = np.zeros(n_out, dtype=np.uint8)
    if len(known) < 2:
        return labels
    filled = np.interp(np.arange(len(x)), known, np.asarray(x, dtype=np.float64)[known])
    signal = resample_ratio(filled, up, down).astype(np.float32)
    starts = range(0, max(len(signal) - _WINDOW, 0) + _WINDOW - 2 * _EDGE, _WINDOW - 2 * _EDGE)
    for start in starts:
        begin = max(0, min(start, len(signal) - _WINDOW))
        part = signal[begin : begin + _WINDOW]
        found = _network()(part)
        first = 0 if begin == 0 else _EDGE
        labels[begin + first : begin + len(found)] = found[first:]
    gaps = np.flatnonzero(np.diff(np.r_[False, missing, False].astype(np.int8))).reshape(-1, 2)
    for begin, end in gaps.tolist():
        if end - begin > _LONGEST_GAP * sampling_rate:
            labels[begin * up // down : -(-end * up // down)] = OTHER
    return labels


def _ratio(sampling_rate: float) -> tuple[int, int]:
    from fractions import Fraction

    ratio = Fraction(RATE / sampling_rate).limit_denominator(1000)
    return ratio.numerator, ratio.denominator


@cache
def _network() -> Any:
    """Return a function from a window of up to 10 s at 500 Hz to the label of each sample."""
    try:
        import openecg
    except ImportError as error:
        raise MissingExtraError("delineation", "delineate") from error
    codec = openecg.load_codec_onnx()

    def label(part: NDArray[np.float32]) -> NDArray[np.uint8]:
        return np.asarray(openecg.encode(part, fs=RATE, model=codec).frame[: len(part)], dtype=np.uint8)

    return label
