"""Write a recording as EDF+."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from sigsimnet._utils.files import write_whole
from sigsimnet._utils.text import reason_of
from sigsimnet.errors import WriteError
from sigsimnet.io.units import ascii_unit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["write_edf"]

_MAX_RECORD = 61440  # bytes a data record may have (EDF specification)


def write_edf(recording: Recording, path: Path) -> None:
    """Write EDF+ with 16 bit samples; each channel's range is scaled to its own smallest and largest sample.

    A sample is off by at most half of 1/65,535 of that range (plus the eight characters that EDF gives its limits).

    Raises
    ------
    WriteError
        If there are missing samples or pauses, or the sampling rate does not fit into EDF's data records.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.edf"
    >>> write_edf(Recording([[0.0, 1.5] * 100], 250, units="mV", channel_names=["ECG"]), path)
    >>> path.stat().st_size > 256 * 2 + 400
    True
    """
    import edfio

    _check(recording, path)
    n_samples = recording.n_samples
    record = _samples_per_record(n_samples, recording.n_channels)
    duration = _record_duration(record, recording.sampling_rate, path)
    rate = record / duration
    signals = []
    for name, unit, channel in zip(recording.channel_names, recording.units, recording.data, strict=True):
        data = channel.astype(np.float64)
        signals.append(
            edfio.EdfSignal(
                data,
                rate,
                label=_ascii(name, 16, path),
                physical_dimension=_ascii(ascii_unit(unit), 8, path),
                physical_range=_range(data, name, path),
            )
        )
    times = recording.time_of([mark.sample for mark in recording.annotations]).tolist()
    marks = [
        edfio.EdfAnnotation(round(float(time), 6), mark.duration or None, mark.label)
        for time, mark in zip(times, recording.annotations, strict=True)
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # edfio announces EDF+ where the start has a fraction of a second
            start = recording.start_time
            edf = edfio.Edf(
                signals,
                recording=edfio.Recording(startdate=start.date()) if start else None,
                starttime=start.time().replace(tzinfo=None) if start else None,
                data_record_duration=duration,
                annotations=marks,
                patient=edfio.Patient(code=_word(recording.metadata.get("subject"))),
            )
        with write_whole(path) as temporary:
            edf.write(temporary)
    except ValueError as error:
        raise WriteError(
            f"{path}: EDF cannot hold this recording ({reason_of(error)}); write .parquet or .csv"
        ) from error


def _check(recording: Recording, path: Path) -> None:
    if len(recording.spans) > 1:
        raise WriteError(
            f"{path}: EDF cannot hold the {len(recording.spans) - 1} pauses of this recording without padding; "
            "write .hea (WFDB), .parquet or .csv, or crop() one span"
        )
    missing = [bool(np.isnan(channel).any()) for channel in recording.data]
    if any(missing):
        which = ", ".join(name for name, bad in zip(recording.channel_names, missing, strict=True) if bad)
        raise WriteError(
            f"{path}: EDF cannot hold missing samples (in {which}); fill them with clean(), or write .hea (WFDB), "
            ".parquet or .csv"
        )


def _samples_per_record(n_samples: int, n_channels: int) -> int:
    """Return the largest divisor of the length that fits into a data record: EDF has no half records."""
    most = max(1, _MAX_RECORD // (2 * n_channels) - 64)
    if n_samples <= most:
        return n_samples
    divisors = {d for i in range(1, math.isqrt(n_samples) + 1) if n_samples % i == 0 for d in (i, n_samples // i)}
    best = max(d for d in divisors if d <= most)
    # A prime length would make a data record of each sample: one too long record is the lesser evil, and readable.
    return best if best >= 50 else n_samples


def _record_duration(record: int, sampling_rate: float, path: Path) -> float:
    """Return a duration of eight characters that gives the rate back to within 1 in 100,000."""
    exact = Fraction(record) / Fraction(sampling_rate)
    text = next((t for digits in range(9) if len(t := f"{float(exact):.{digits}f}") <= 8 and float(t) == exact), None)
    if text is None:
        candidates = [t for digits in range(8) if len(t := f"{float(exact):.{digits}f}") <= 8 and float(t) > 0]
        text = min(candidates, key=lambda t: abs(float(t) - float(exact)), default=None)
    if text is None or abs(record / float(text) / sampling_rate - 1) > 1e-5:
        raise WriteError(
            f"{path}: EDF cannot hold {sampling_rate:g} Hz over {record:,} samples exactly enough; "
            "resample, or write .csv"
        )
    return float(text)


def _range(data: NDArray[np.float64], name: str, path: Path) -> tuple[float, float]:
    low, high = float(data.min()), float(data.max())
    if low == high:
        low, high = low - max(abs(low), 1.0) * 0.5, high + max(abs(high), 1.0) * 0.5
    if max(abs(low), abs(high)) >= 1e7:
        raise WriteError(
            f"{path}: {name} reaches {max(abs(low), abs(high)):.3g}, more than EDF's eight characters hold"
        )
    return low, high


def _ascii(text: str, width: int, path: Path) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > width:
        raise WriteError(f"{path}: {text!r} does not fit into EDF's {width} ASCII characters; rename it or write .csv")
    return text


def _word(value: object) -> str:
    text = "".join(c if c.isascii() and c.isprintable() else "?" for c in str(value or "X"))
    return text.strip().replace(" ", "_")[:40] or "X"
