"""Files that hold several named arrays (.mat, .npz): which one is the signal, and what else they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["choose_array", "stated_rate"]

_RATES = (
    "sampling_rate",
    "samplingrate",
    "fs",
    "sfreq",
    "srate",
    "freq",
    "samplerate",
    "sample_rate",
    "sampfreq",
    "hz",
)
_SIGNALS = ("val", "data", "signal", "signals", "ecg", "x", "p_signal")


def choose_array(arrays: Mapping[str, Any], key: str | None, source: str) -> NDArray[Any]:
    """Return the array that holds the signal: ``key``, a usual name, or the only one.

    Raises
    ------
    ReadError
        If there is none or several; the message lists them with their shapes.

    Examples
    --------
    >>> choose_array({"val": np.zeros((1, 9)), "fs": np.array(300)}, None, "a.mat").shape
    (1, 9)
    """
    candidates = {
        name: np.asarray(value)
        for name, value in arrays.items()
        if not name.startswith("__")
        and isinstance(value, np.ndarray)
        and value.dtype.kind in "iuf"
        and value.size > 1
        and value.ndim <= 3
    }
    listed = ", ".join(f"{name} {value.shape}" for name, value in candidates.items())
    if key is not None:
        if key not in arrays:
            raise ReadError(f"{source}: no array {key!r} (there are: {listed or 'none of numbers'})")
        return np.asarray(arrays[key])
    if len(candidates) == 1:
        return next(iter(candidates.values()))
    usual = [name for name in candidates if name.casefold() in _SIGNALS]
    if len(usual) == 1:
        return candidates[usual[0]]
    if candidates:
        raise ReadError(f"{source}: holds {len(candidates)} arrays ({listed}); pass key= to name one")
    single = [v for k, v in arrays.items() if not k.startswith("__") and isinstance(v, np.ndarray) and v.size == 1]
    if len(single) == 1 and single[0].dtype.kind in "iuf":
        raise ReadError(f"{source}: has 1 sample; at least 2 are needed")
    raise ReadError(f"{source}: holds no array of numbers (there are: {', '.join(n for n in arrays if n[:2] != '__')})")


def stated_rate(arrays: Mapping[str, Any]) -> float | None:
    """Return the sampling rate (Hz) when an entry called ``fs`` or alike holds one number.

    Examples
    --------
    >>> stated_rate({"val": np.zeros(9), "Fs": np.array([[300]])})
    300.0
    """
    for name, value in arrays.items():
        if name.casefold() in _RATES:
            number = np.asarray(value)
            if number.size == 1 and number.dtype.kind in "iuf" and float(number.reshape(-1)[0]) > 0:
                return float(number.reshape(-1)[0])
    return None
