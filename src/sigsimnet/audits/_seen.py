"""`Seen`: what an audit measures of one recording, once, so that the file need not be read again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.audits._shape import Shape, shape_of
from sigsimnet.channels import ecg_channels, modality_of
from sigsimnet.errors import SignalError, SigSimNetError
from sigsimnet.model import Template
from sigsimnet.peaks import detect_peaks
from sigsimnet.recording import Recording
from sigsimnet.segments import standard_leads
from sigsimnet.signal_quality import REASONS, amplitude_warnings, quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.datasets import Entry
    from sigsimnet.model import SigSimNet
    from sigsimnet.signal_quality import Quality

__all__ = ["Seen", "look"]

_LEAST_BEATS = 4
_STRIP_RATE = 100.0  # Hz
_ROUND = 1e-4  # relative: samples that differ by less are the same


@dataclass(frozen=True, eq=False)
class Seen:
    """What was measured of one recording.

    Attributes
    ----------
    name, path, person : str
        As the table has them; ``name`` with the interval where the row is one.
    error : str
        Why it could not be read; then nothing else is known.
    duration, sampling_rate : float
        In s and Hz.
    channels, units : tuple of str
    digest : str
        Of the samples of all channels, whatever scale and rate the file states.
    good : float
        Share of channel seconds of good quality; NaN where the quality of such a signal is not judged.
    faults : dict of str to float
        Share of seconds with each fault.
    warnings : tuple of str
        Faults of whole channels (`sigsimnet.quality`).
    swapped, inverted : tuple of str
        The channels that they are of.
    scale_doubts : tuple of str
        Amplitudes that no ECG has in the unit that the file states.
    unit_of : dict of str to str
        Unit of each lead.
    beats : ndarray, shape (n_beats,)
        Times of the R peaks, in s.
    template, turned : Template or None
        Of the recording, and of the same turned over; None where it has no beats.
    shape : Shape or None
        The median beat of each lead.
    strip : ndarray, shape (n,)
        Up to 5 s from the middle of the first channel at 100 Hz, to look at.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> from sigsimnet.datasets import as_dataset
    >>> entry = as_dataset(simulate(1, 1, duration=20, seed=1)).entries[0]
    >>> len(look(entry, load_model("ecg")).beats) > 10
    True
    """

    name: str
    path: str
    person: str = ""
    error: str = ""
    duration: float = 0.0
    sampling_rate: float = 0.0
    channels: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    digest: str = ""
    good: float = float("nan")
    faults: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    swapped: tuple[str, ...] = ()
    inverted: tuple[str, ...] = ()
    scale_doubts: tuple[str, ...] = ()
    unit_of: dict[str, str] = field(default_factory=dict)
    beats: NDArray[np.float64] = field(default_factory=partial(np.empty, 0))
    template: Template | None = None
    turned: Template | None = None
    shape: Shape | None = None
    strip: NDArray[np.float64] = field(default_factory=partial(np.empty, 0))


def look(entry: Entry, model: SigSimNet) -> Seen:
    """Return what an audit measures of one recording; what cannot be read or has no beats says so.

    Parameters
    ----------
    entry : Entry
    model : SigSimNet
        Of beats.
    """
    about: dict[str, Any] = {"name": entry.name, "path": entry.path, "person": entry.person}
    try:
        recording = entry.read()
    except (SigSimNetError, OSError) as error:
        return Seen(**about, error=str(error))
    about |= {
        "duration": recording.duration,
        "sampling_rate": recording.sampling_rate,
        "channels": recording.channel_names,
        "units": recording.units,
        "digest": _digest(recording),
        "strip": _strip(recording),
    }
    names = ecg_channels(recording)
    if not names or all(modality_of(name) not in ("", "ecg") for name in names):
        return Seen(**about, **_flat(recording))
    ecg = recording.pick(list(names))
    try:
        judged = quality(ecg)
    except SignalError as error:
        return Seen(**about, warnings=(str(error),), **_flat(ecg))
    about |= {
        "good": float(judged.good.mean()) if judged.good.size else 0.0,
        "faults": _faults(judged),
        "swapped": _channels(judged, "leads likely swapped"),
        "inverted": _channels(judged, "polarity inverted"),
        "scale_doubts": amplitude_warnings(ecg, "ecg"),
    }
    about["warnings"] = tuple(said for said in judged.warnings if said not in about["scale_doubts"])
    try:
        leads = standard_leads(ecg)
        about["unit_of"] = dict(zip(leads or names, ecg.pick(list(leads.values() or names)).units, strict=True))
        looked_at = ecg.pick(list(leads.values())).replace(channel_names=list(leads)) if leads else ecg.pick([names[0]])
        peaks = detect_peaks(looked_at)
        if len(peaks) < _LEAST_BEATS:
            return Seen(**about, beats=peaks.times)
        about |= {"beats": peaks.times, "shape": shape_of(looked_at, peaks.times)}
        every, good = model.cut_good(ecg, None if len(leads) > 1 else [names[0]])
    except SigSimNetError:
        return Seen(**about)
    chosen = good if len(good) >= max(1, model.card.min_segments) else every
    if not len(chosen):
        return Seen(**about)
    # The fiducial of a beat turned over is where it was: nothing is cut anew.
    sides = [model.template_of(model.embed(one)) for one in (chosen, replace(chosen, data=-chosen.data))]
    return Seen(**about, template=sides[0], turned=sides[1])


def _faults(judged: Quality) -> dict[str, float]:
    shares = judged.reasons.mean(axis=(0, 1)) if judged.good.size else np.zeros(len(REASONS))
    return {name: float(share) for name, share in zip(REASONS, shares, strict=True) if share > 0}


def _channels(judged: Quality, reason: str) -> tuple[str, ...]:
    if not judged.good.size:
        return ()
    there = np.flatnonzero(judged.reasons[:, :, REASONS.index(reason)].any(axis=1))
    return tuple(judged.channel_names[row] for row in there.tolist())


def _flat(recording: Recording) -> dict[str, Any]:
    """Return the share of channels with any signal, for signals whose quality nobody judges here."""
    moving = [bool(np.nanmax(x) > np.nanmin(x)) if np.isfinite(x).any() else False for x in recording.data]
    return {} if any(moving) else {"good": 0.0, "faults": {"flat": 1.0}}


def _strip(recording: Recording) -> NDArray[np.float64]:
    rate, x = recording.sampling_rate, recording.data[0]
    first = max(0, len(x) // 2 - round(2.5 * rate))
    piece = x[first : first + round(5 * rate)].astype(np.float64)
    if rate <= _STRIP_RATE or not len(piece):
        return np.asarray(piece)
    at = np.arange(0, len(piece) / rate, 1 / _STRIP_RATE)
    found: NDArray[np.float64] = np.interp(at, np.arange(len(piece)) / rate, piece)
    return found


def _digest(recording: Recording) -> str:
    """Return what tells samples apart, whatever their scale, offset and stated rate; "" where nothing moves."""
    parts = []
    for x in recording.data:
        known = np.isfinite(x)
        if known.any():
            level, height = float(np.median(x[known])), float(np.ptp(x[known]))
            if height > 0:
                rows = np.where(known, (x - level) / height, 9.0)
                parts.append(hashlib.sha256(np.round(rows / _ROUND).astype(np.int32).tobytes()).hexdigest())
    return hashlib.sha256("".join(sorted(parts)).encode()).hexdigest()[:32] if parts else ""
