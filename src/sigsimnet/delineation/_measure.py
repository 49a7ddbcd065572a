"""What the waves of a recording measure: intervals, amplitudes, ST, axis; each with its spread over beats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.delineation._axes import axes_of
from sigsimnet.delineation._delineate import delineate
from sigsimnet.delineation._measurement import FEWEST, Measurement, summary_of
from sigsimnet.delineation._median import MISSING, levelled, median_beat, samples_of
from sigsimnet.delineation._result import WAVES, Delineation
from sigsimnet.errors import SignalError
from sigsimnet.io import RecordingLike, as_recording
from sigsimnet.peaks import Peaks

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["QT_FORMULAS", "Measurement", "Measurements", "measure", "qtc"]

_OF_CHANNELS = ("P amplitude", "R amplitude", "S amplitude", "T amplitude", "ST at J+60", "ST at J+80", "T symmetry")

QT_FORMULAS: dict[str, Callable[[Any, float], Any]] = {
    "bazett": lambda qt, rr: qt / np.sqrt(rr),
    "fridericia": lambda qt, rr: qt / np.cbrt(rr),
    "framingham": lambda qt, rr: qt + 0.154 * (1 - rr),
    "hodges": lambda qt, rr: qt + 0.00175 * (60 / rr - 60),
}
"""QT at a heart rate of 60 of QT and RR (s): Bazett 1920, Fridericia 1920, Sagie 1992, Hodges 1983."""


def qtc(qt: float, rr: float, formula: str = "fridericia") -> float:
    """Return a QT interval corrected to a heart rate of 60 per minute, in s.

    Parameters
    ----------
    qt, rr : float
        In s.
    formula : {"fridericia", "bazett", "framingham", "hodges"}

    Raises
    ------
    SignalError
        If there is no such formula.

    Examples
    --------
    >>> round(qtc(0.36, 0.64, "bazett"), 3), round(qtc(0.36, 1.0), 3)
    (0.45, 0.36)
    """
    if formula not in QT_FORMULAS:
        raise SignalError(f"unknown correction {formula!r} of QT (known: {', '.join(QT_FORMULAS)})")
    return float(QT_FORMULAS[formula](qt, rr))


@dataclass(frozen=True, eq=False)
class Measurements:
    """All measurements of a recording.

    Attributes
    ----------
    items : tuple of Measurement
    delineation : Delineation
        What they were measured on.
    warnings : tuple of str
    beats : mapping of str to (times, beat)
        The typical beat of each channel (`median_beat`).

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import measure, simulate
    >>> found = measure(simulate(1, 1, duration=20, noise=0, seed=1)[0])
    >>> found["T amplitude I"].unit
    'mV'
    """

    items: tuple[Measurement, ...]
    delineation: Delineation
    warnings: tuple[str, ...] = ()
    beats: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]] = field(default_factory=dict, repr=False)

    @property
    def places(self) -> dict[str, NDArray[np.float64]]:
        """Median of the marks of each channel in s after the QRS onset, shape (3 waves, onset, peak, offset)."""
        found = {}
        usual = np.array([kind == "usual" for kind in self.delineation.kinds])
        for name in self.delineation.channel_names:
            marks = self.delineation.of(name)[usual if usual.any() else slice(None)]
            away = (marks - marks[:, 1:2, 0:1]) / self.delineation.sampling_rate
            known = np.isfinite(away).sum(axis=0) >= max(1, len(away) // 3)
            middle = np.full((3, 3), np.nan)
            if known.any():
                middle[known] = np.nanmedian(away[:, known], axis=0)
            found[name] = middle
        return found

    def __repr__(self) -> str:
        known = [f"{m.name} {m.value:.0f} {m.unit}" for m in self.items if not m.channel and np.isfinite(m.value)]
        return f"<Measurements of {len(self.delineation)} beats: {', '.join(known[:5])}>"

    def __getitem__(self, name: str) -> Measurement:
        """Return a measurement: ``"QT"`` of the recording, or ``"T amplitude II"`` of a channel."""
        for one in self.items:
            if name == f"{one.name} {one.channel}".strip():
                return one
        raise KeyError(
            f"{name!r} (there are: {', '.join(f'{m.name} {m.channel}'.strip() for m in self.items[:12])}, …)"
        )

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each measurement."""
        import pandas as pd

        return pd.DataFrame([vars(one) for one in self.items])

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, for JSON: missing ones are None."""
        rows = [
            {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in vars(m).items()} for m in self.items
        ]
        return {"source": self.delineation.source, "measurements": rows, "warnings": list(self.warnings)}


def measure(
    recording: RecordingLike,
    *,
    channels: Sequence[str] | str | None = None,
    peaks: Peaks | None = None,
    delineation: Delineation | None = None,
) -> Measurements:
    """Measure intervals, amplitudes, ST levels and the axis of the usual beats of an ECG.

    Intervals are medians over beats of the median over leads. Amplitudes are of each lead, against the PQ segment.
    Aberrant and paced beats are left out, and so are the beats around them for rates.

    Parameters
    ----------
    recording : Recording, path, (array, sampling_rate), …
        Anything that `sigsimnet.as_recording` takes; mV.
    channels : sequence of str or str, optional
        Leads; all that are ECG without it.
    peaks : Peaks, optional
    delineation : Delineation, optional
        Where there is one; it is computed without.

    Returns
    -------
    Measurements
        ``heart rate`` (1/min), ``RR irregularity`` (ms: RMSSD), ``PR``, ``QRS``, ``QT``, ``QTc`` by four formulas,
        ``T peak`` (ms after the QRS onset), ``QRS axis``, ``T axis``, ``QRS-T angle`` (degrees); of each channel ``P``,
        ``R``, ``S`` and ``T amplitude``, ``ST at J+60`` and ``ST at J+80`` (mV), ``T symmetry`` (area before the peak
        by that behind it).

    Raises
    ------
    SignalError, MissingExtraError
        As `delineate`.

    Notes
    -----
    Amplitudes are measured from the line through the PQ segments of neighbouring beats, which takes slow wander of the
    baseline out (Meyer & Keiser 1977, doi:10.1016/0010-4809(77)90048-0, with a line in place of their spline). The
    frontal axes are those of the net areas in I and aVF; the angle between QRS and T is spatial, between the mean
    vectors of Kors' X, Y and Z where I, II and V1 to V6 are there, else frontal.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import simulate
    >>> found = measure(simulate(1, 1, duration=20, noise=0, seed=1)[0])
    >>> 60 < found["heart rate"].value < 90, 60 < found["QRS"].value < 130
    (True, True)
    """
    one = as_recording(recording)
    found = delineation if delineation is not None else delineate(one, channels=channels, peaks=peaks)
    usual = np.array([kind == "usual" for kind in found.kinds])
    notes = list(found.warnings)
    if usual.mean() < 0.5:
        notes.append(f"only {usual.mean():.0%} of the beats are of one kind: all of them were measured")
        usual[:] = True
    items = [*_rates(one, found, usual), *_intervals(found, usual, one.sampling_rate, _rr(one, found))]
    levels = {name: levelled(one, found, name) for name in found.channel_names}
    beats = {name: _amplitudes(levels[name], one.sampling_rate, found, name, usual) for name in found.channel_names}
    items += axes_of(one, found, usual, levels)
    unit_of = dict(zip(one.channel_names, one.units, strict=True))
    for name, values in beats.items():
        for what, of_beats in values.items():
            unit = "" if what == "T symmetry" else unit_of[name]
            items.append(summary_of(what, name, of_beats, unit))
    typical = {name: median_beat(one, found, name) for name in found.channel_names}
    return Measurements(tuple(items), found, tuple(notes), typical)


def _rr(recording: Recording, found: Delineation) -> Any:
    """Return the interval before each beat in s; NaN for the first of a span."""
    times = recording.time_of(found.r_peaks)
    rr = np.r_[np.nan, np.diff(times)]
    starts = [span.start for span in recording.spans]
    number = np.searchsorted(starts, found.r_peaks, side="right")
    rr[np.r_[True, np.diff(number) > 0]] = np.nan
    return rr


def _rates(recording: Recording, found: Delineation, usual: Any) -> list[Measurement]:
    rr = _rr(recording, found)
    between = usual & np.r_[False, usual[:-1]]
    rr = np.where(between, rr, np.nan)
    steps = np.diff(rr)
    steps = steps[np.isfinite(steps)] * 1000
    rmssd = float(np.sqrt(np.mean(steps**2))) if len(steps) >= FEWEST else float("nan")
    low = high = float("nan")
    if len(steps) >= 6:  # of a mean of squares, by its standard error
        error = float(np.std(steps**2, ddof=1) / np.sqrt(len(steps)))
        low, high = (float(np.sqrt(max(rmssd**2 + sign * 1.96 * error, 0.0))) for sign in (-1, 1))
    return [
        summary_of("heart rate", "", 60 / rr, "1/min"),
        Measurement("RR irregularity", "", rmssd, "ms", low, high, float("nan"), len(steps)),
    ]


def _intervals(found: Delineation, usual: Any, sampling_rate: float, rr: Any) -> list[Measurement]:
    """Return intervals: of each beat the median over leads, then the median over beats."""
    marks = found.marks / sampling_rate * 1000
    marks[:, ~usual] = np.nan
    p, qrs, t = (marks[:, :, WAVES.index(wave)] for wave in WAVES)
    # A mean of few leads where one has the wave in a place of its own: the median over leads bears it.
    of_beats = {
        "PR": qrs[..., 0] - p[..., 0],
        "P": p[..., 2] - p[..., 0],
        "QRS": qrs[..., 2] - qrs[..., 0],
        "QT": t[..., 2] - qrs[..., 0],
        "T peak": t[..., 1] - qrs[..., 0],
    }
    medians = {name: _median_over_leads(values) for name, values in of_beats.items()}
    items = [summary_of(name, "", values, "ms") for name, values in medians.items()]
    usual_rr = float(np.nanmedian(rr)) if np.isfinite(rr).any() else float("nan")
    for formula, correct in QT_FORMULAS.items():
        # Of the usual rate, not of each beat's: QT follows the rate with a lag of a minute.
        corrected = correct(medians["QT"] / 1000, usual_rr) * 1000
        items.append(summary_of(f"QTc {formula}", "", corrected, "ms"))
    return items


def _median_over_leads(values: Any) -> Any:
    known = np.isfinite(values).any(axis=0)
    found = np.full(values.shape[1], np.nan)
    if known.any():
        found[known] = np.nanmedian(values[:, known], axis=0)
    return found


def _amplitudes(x: NDArray[np.float64], rate: float, found: Delineation, name: str, usual: Any) -> dict[str, Any]:
    marks = samples_of(found, name)
    n = len(marks)
    values = {what: np.full(n, np.nan) for what in _OF_CHANNELS}
    for beat in np.flatnonzero(usual).tolist():
        (p_on, p_peak, p_off), (onset, _, offset), (t_on, t_peak, t_off) = marks[beat].tolist()
        if onset == MISSING:
            continue
        if p_peak != MISSING and p_on < p_off:
            values["P amplitude"][beat] = x[p_peak]
        inside = x[onset : offset + 1]
        if np.isfinite(inside).all() and len(inside):
            values["R amplitude"][beat] = max(inside.max(), 0.0)
            after = inside[int(inside.argmax()) :]
            values["S amplitude"][beat] = min(after.min(), 0.0)
        for delay in (60, 80):
            at = offset + round(delay / 1000 * rate)
            if at < len(x):
                values[f"ST at J+{delay}"][beat] = x[at]
        if t_peak != MISSING:
            values["T amplitude"][beat] = x[t_peak]
            wave = np.abs(x[t_on : t_off + 1] - np.linspace(x[t_on], x[t_off], t_off - t_on + 1))
            behind = wave[t_peak - t_on :].sum()
            if behind > 0:
                values["T symmetry"][beat] = wave[: t_peak - t_on + 1].sum() / behind
    return values
