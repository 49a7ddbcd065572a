"""`preprocess`: the band-pass that every comparison starts from."""

from __future__ import annotations

import numpy as np

from sigsimnet._utils.checks import check_number
from sigsimnet._utils.settings import Order, checked
from sigsimnet.cleaning.filters import bandpass
from sigsimnet.cleaning.missing import fill_short_gaps
from sigsimnet.errors import ParameterError
from sigsimnet.io import takes_recordings
from sigsimnet.recording import Recording

__all__ = ["preprocess"]


@takes_recordings
@checked
def preprocess(
    recording: Recording,
    *,
    band: tuple[float | None, float | None] = (0.5, 40.0),
    max_gap: float = 0.1,
    order: Order = 2,
) -> Recording:
    """Bridge short gaps and band-pass every channel along time.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        A list of these gives a list of results.
    band : (float or None, float or None), default (0.5, 40)
        Corner frequencies in Hz. 0.5–40 Hz is the monitoring band for ECG (Kligfield et al. 2007,
        doi:10.1161/CIRCULATIONAHA.106.180200, who ask for 0.05–150 Hz where ST segments are measured).
    max_gap : float, default 0.1
        Longest gap that is bridged by a straight line, in s; longer ones stay NaN. A tenth of a second is shorter
        than a QRS complex: no beat can arise from it.
    order : int, default 2
        Of the Butterworth filter in one direction (`bandpass`).

    Returns
    -------
    Recording
        Same channels, times and annotations. Nothing is filtered across the border of two spans.

    Raises
    ------
    ParameterError
        If the band does not fit the sampling rate.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recording = simulate(1, 1, duration=10, seed=1)[0]
    >>> bool(abs(preprocess(recording).data.mean()) < 0.01)
    True
    """
    check_number(max_gap, "max_gap", "s", least=0)
    if not isinstance(band, tuple | list) or len(band) != 2:
        raise ParameterError(f"band is {band!r}: expected two corner frequencies in Hz, or None to leave a side open")
    for corner in band:
        if corner is not None:
            check_number(corner, "a corner of the band", "Hz")
    longest = int(min(max_gap, recording.duration) * recording.sampling_rate + 1e-9)
    data = np.empty(recording.data.shape, dtype=np.float32)
    for span, samples in recording.iter_spans():
        for row, channel in enumerate(samples):
            bridged = fill_short_gaps(channel, longest)
            data[row, span.start : span.stop] = bandpass(bridged, recording.sampling_rate, *band, order=order)
    return recording.replace(data=data)
