"""Descriptive statistics of each channel: location, spread, shape, and missing samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsimnet.io import takes_recordings
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["describe"]


@takes_recordings
def describe(recording: Recording) -> pd.DataFrame:
    """Return descriptive statistics, a row a channel.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        A list of these gives a list of results.

    Returns
    -------
    pandas.DataFrame
        Indexed by channel: ``unit``; ``n`` (samples that are there) and ``missing`` (samples); ``mean``, ``std`` (of
        n − 1), ``rms``, ``min``, ``p25``, ``median``, ``p75``, ``max`` in the channel's unit; ``skewness`` and
        ``kurtosis`` (excess: 0 for a normal distribution), biased estimates without a unit. NaN for channels without
        samples, and where a constant channel has no such value.

    Examples
    --------
    >>> table = describe(Recording([[1, 2, 3, float("nan")]], 2, channel_names=["ECG"], units="mV"))
    >>> [float(value) for value in table.loc["ECG", ["n", "missing", "mean", "median"]]]
    [3.0, 1.0, 2.0, 2.0]
    """
    import pandas as pd

    rows = []
    for unit, channel in zip(recording.units, recording.data, strict=True):
        x = channel[~np.isnan(channel)]
        row = {"unit": unit, "n": len(x), "missing": recording.n_samples - len(x)}
        rows.append(row | (_numbers(x) if len(x) else dict.fromkeys(NUMBERS, np.nan)))
    return pd.DataFrame(rows, index=pd.Index(recording.channel_names, name="channel"))


NUMBERS = ("mean", "std", "rms", "min", "p25", "median", "p75", "max", "skewness", "kurtosis")
CHUNK = 1 << 20  # samples in double precision at a time


def _numbers(x: NDArray[np.float32]) -> dict[str, float]:
    n = len(x)
    chunks = [slice(k, k + CHUNK) for k in range(0, n, CHUNK)]
    mean = sum(float(x[chunk].sum(dtype=np.float64)) for chunk in chunks) / n
    second = third = fourth = 0.0
    for chunk in chunks:
        centred = x[chunk].astype(np.float64) - mean
        square = centred**2
        second += float(square.sum())
        third += float((square * centred).sum())
        fourth += float((square * square).sum())
    low, median, high = (float(value) for value in np.percentile(x, (25, 50, 75)))
    variance = second / n
    moves = bool(x.min() < x.max())
    return {
        "mean": mean,
        "std": float(np.sqrt(second / (n - 1))) if n > 1 else np.nan,
        "rms": float(np.sqrt(variance + mean**2)),
        "min": float(x.min()),
        "p25": low,
        "median": median,
        "p75": high,
        "max": float(x.max()),
        "skewness": third / n / variance**1.5 if moves else np.nan,
        "kurtosis": fourth / n / variance**2 - 3.0 if moves else np.nan,
    }
