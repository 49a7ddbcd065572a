"""Beats: one segment for each heart beat, aligned on its QRS complex."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sigsimnet._utils.checks import check_number
from sigsimnet._utils.settings import checked
from sigsimnet.cleaning import preprocess
from sigsimnet.errors import ParameterError
from sigsimnet.io import takes_recordings
from sigsimnet.peaks import Peaks, detect_peaks
from sigsimnet.recording import Recording
from sigsimnet.segments._align import align_beats, qt_factor
from sigsimnet.segments._cutter import alias_free, check_band, normalised, sample_around, template_correlation
from sigsimnet.segments._segments import Segments

__all__ = ["BeatCutter", "beats"]

QRS_END = 0.08  # s after the R peak: what follows, ST and T, moves with the heart rate
MOST_SAMPLES = 100_000  # of a beat; more is a slip of the pen
FIDUCIALS = ("qrs", "r_peak")
QT_RULES = ("measured", "bazett")
RHYTHM = ("RR before", "RR after")
RR_RANGE = (0.35, 1.6)  # s: 37–171 beats/min; beyond, the QT formula is not trusted


@dataclass(frozen=True)
class BeatCutter:
    """Cut one segment for each heart beat.

    Parameters
    ----------
    sampling_rate : float, default 200
        Of the beats, in Hz, whatever that of the recording.
    before, after : float, default 0.26 and 0.54
        Time before and after the R peak, in s: the P wave starts at most about 0.2 s before, and T ends about 0.4 s
        after it at 60 beats/min.
    band : (float, float), default (0.67, 35)
        Corner frequencies of the band-pass, in Hz. 0.67 Hz is the highest lower corner that leaves ST in place with
        a zero-phase filter (Kligfield et al. 2007, doi:10.1161/CIRCULATIONAHA.106.180200); 35 Hz attenuates mains
        hum to a tenth. The upper corner is lowered to 0.45 of the beats' rate.
    rate_normalise : bool, default True
        Stretch what follows the QRS complex by the square root of the RR interval, as QT does (Bazett 1920), so that
        T lies at the same place at any heart rate, and heart rate does not decide identity. The RR interval is the
        running median of nine, since QT follows the rate slowly.
    normalise : {"zscore", "asinh", "none"}, default "zscore"
        Scale of each beat (`Segments`).
    rhythm : bool, default False
        Add two channels that are constant over a beat: binary logarithms of the RR interval before it and after it,
        each divided by the running median there. They show a premature beat at any heart rate; for beat types, not for
        identity.
    detector : str, default "sigsimnet"
        R-peak detector.
    max_gap : float, default 0.1
        Longest gap that is bridged, in s. A beat beside a longer one is left out.
    fiducial : {"qrs", "r_peak"}, default "qrs"
        Where a segment has its time 0. ``"r_peak"``: at the R peak as the detector found it. ``"qrs"``: the beats of a
        recording are aligned with each other, and their median beat has it at the earlier of its two largest
        deflections where R and S are about equal, else at the larger, whatever its polarity: two recordings of one
        person agree on it.
    qt : {"measured", "bazett"}, default "measured"
        What ``rate_normalise`` stretches by: √RR, or the geometric mean of √RR and of what the T peak of the median
        beat says. QT lags behind the heart rate, so that √RR is wrong after effort.

    Examples
    --------
    >>> BeatCutter(before=0.2, after=0.4, sampling_rate=100).n_samples
    60
    """

    sampling_rate: float = 200.0
    before: float = 0.26
    after: float = 0.54
    band: tuple[float | None, float | None] = (0.67, 35.0)
    rate_normalise: bool = True
    normalise: str = "zscore"
    rhythm: bool = False
    detector: str = "sigsimnet"
    max_gap: float = 0.1
    fiducial: str = "qrs"
    qt: str = "measured"
    kind: ClassVar[str] = "beats"

    def __post_init__(self) -> None:
        for value, name, unit in (
            (self.sampling_rate, "sampling_rate", "Hz"), (self.before, "before", "s"), (self.after, "after", "s")
        ):  # fmt: skip
            check_number(value, f"{name} of beats", unit, above=0)
        check_band(self.band)
        for chosen, name, known in ((self.fiducial, "fiducial", FIDUCIALS), (self.qt, "qt", QT_RULES)):
            if chosen not in known:
                raise ParameterError(f"unknown {name} of beats {chosen!r} (known: {', '.join(known)})")
        if (self.before + self.after) * self.sampling_rate > MOST_SAMPLES:
            raise ParameterError(
                f"beats of {self.before + self.after:g} s at {self.sampling_rate:g} Hz hold more than {MOST_SAMPLES:,} "
                "samples: lower the rate, or the time before and after"
            )

    @property
    def n_samples(self) -> int:
        """Samples of each beat."""
        return round((self.before + self.after) * self.sampling_rate)

    @property
    def reach(self) -> tuple[float, float]:
        """How far a beat reaches before and after its R peak, in s."""
        return self.before, self.after

    @property
    def extra_channels(self) -> tuple[str, ...]:
        """Names of the channels that come after those of the recording."""
        return RHYTHM if self.rhythm else ()

    def to_dict(self) -> dict[str, Any]:
        """Return the settings, as JSON can keep them."""
        return {"kind": self.kind, **asdict(self)}

    def preprocess(self, recording: Recording) -> Recording:
        """Return a recording filtered as its beats are."""
        band = alias_free(self.band, self.sampling_rate)
        return preprocess(recording, band=band, max_gap=self.max_gap, order=3)

    def cut(
        self, recording: Recording, peaks: Peaks | None = None, *, preprocessed: Recording | None = None
    ) -> Segments:
        """Return the beats of a recording.

        Parameters
        ----------
        recording : Recording
        peaks : Peaks, optional
            R peaks found before.
        preprocessed : Recording, optional
            The same recording from `preprocess`, where it was filtered before.

        Raises
        ------
        SignalError
            If the sampling rate is too low for R peaks.
        """
        if peaks is None:
            peaks = detect_peaks(recording, method=self.detector)
        elif not isinstance(peaks, Peaks):
            raise ParameterError(f"peaks is of type {type(peaks).__name__}: expected what detect_peaks returns")
        cleaned = self.preprocess(recording) if preprocessed is None else preprocessed
        usual = median_rr(peaks)
        grid = np.arange(self.n_samples) / self.sampling_rate - self.before

        def sample(beats: NDArray[np.int64], times: NDArray[np.float64], offsets: NDArray[np.float64]) -> Any:
            return sample_around(cleaned, peaks.span[beats], times, offsets)

        times = align_beats(sample, peaks.times) if self.fiducial == "qrs" and len(peaks) else peaks.times
        offsets = grid
        if self.rate_normalise and len(peaks):
            rooted = np.sqrt(np.clip(usual, *RR_RANGE))[:, None]
            factor = 1.0
            if self.qt == "measured":
                factor = qt_factor(sample, times, lambda at: _stretched(at, rooted), QRS_END)
            offsets = _stretched(grid, rooted * factor)
        found = sample(np.arange(len(peaks)), times, offsets)
        good = ~np.isnan(found).any(axis=(1, 2))
        data = normalised(found[good], self.normalise)
        quality = template_correlation(data)
        if self.rhythm:
            around = np.broadcast_to(rhythm_of(peaks, usual)[good][:, :, None], (len(data), 2, len(grid)))
            data = np.concatenate([data, around.astype(np.float32)], axis=1)
        return Segments(
            data=data,
            sampling_rate=self.sampling_rate,
            times=peaks.times[good],
            quality=quality,
            kind=self.kind,
            channel_names=(*recording.channel_names, *self.extra_channels),
            source=recording.source,
            rr=usual[good],
            n_r_peaks=len(peaks),
            heart_rate=peaks.heart_rate,
            n_rejected=int((~good).sum()),
            polarity=peaks.polarity,
            before=self.before,
        )


@takes_recordings
@checked
def beats(
    recording: Recording,
    *,
    channel: str | int | None = None,
    peaks: Peaks | None = None,
    before: float = 0.26,
    after: float = 0.54,
    sampling_rate: float = 200.0,
    band: tuple[float | None, float | None] = (0.67, 35.0),
    rate_normalise: bool = False,
    normalise: str = "none",
    detector: str = "sigsimnet",
    fiducial: str = "r_peak",
) -> Segments:
    """Cut a recording into heart beats, aligned on their R peaks.

    A beat that crosses a pause, the border of the recording or a gap longer than 0.1 s is left out and counted in
    `Segments.n_rejected`.

    Parameters
    ----------
    recording : Recording, or what `sigsimnet.as_recording` makes one of
        In mV, at least 80 Hz. A list of these gives a list of results.
    channel : str or int, optional
        Cut this channel only; all by default.
    peaks : Peaks, optional
        R peaks found before, of this one recording; else ``detector`` finds them.
    before, after : float
        Time before and after the R peak, in s.
    sampling_rate : float
        Of the beats, in Hz.
    band : (float or None, float or None)
        Corner frequencies of the band-pass, in Hz.
    rate_normalise : bool, default False
        Stretch ST and T to a heart rate of 60 beats/min (`BeatCutter`).
    normalise : {"none", "zscore", "asinh"}
        Scale of each beat; ``"none"`` keeps the unit of the recording.
    detector : str
        R-peak detector.
    fiducial : {"r_peak", "qrs"}
        What is aligned: R peaks as the detector found them, or QRS complexes (`BeatCutter`).

    Returns
    -------
    Segments
        Empty when there are no beats.

    Raises
    ------
    ParameterError, SignalError
        If a setting, the channel or the sampling rate is invalid.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> cut = beats(simulate(1, 1, duration=20, seed=1)[0])
    >>> cut.data.shape[1:]
    (1, 160)
    """
    chosen = recording if channel is None else recording.pick(channel)
    cutter = BeatCutter(
        sampling_rate=sampling_rate,
        before=before,
        after=after,
        band=band,
        rate_normalise=rate_normalise,
        normalise=normalise,
        detector=detector,
        fiducial=fiducial,
    )
    return cutter.cut(chosen, peaks)


def median_rr(peaks: Peaks) -> NDArray[np.float64]:
    """Return the running median of nine RR intervals around each beat in s; 1 s where there is none."""
    if len(peaks) < 2:
        return np.ones(len(peaks))
    intervals = peaks.rr
    known = np.isfinite(intervals)
    if not known.any():
        return np.ones(len(peaks))
    filled = np.where(known, intervals, np.median(intervals[known]))
    smooth = ndimage.median_filter(filled, size=min(9, len(filled) - 1 + len(filled) % 2), mode="nearest")
    return np.asarray(np.concatenate([smooth, smooth[-1:]]))


def _stretched(offsets: NDArray[np.float64], factor: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return offsets from the R peak, of which those after the QRS complex are stretched by a factor for each beat."""
    return np.where(offsets > QRS_END, QRS_END + (offsets - QRS_END) * factor, offsets)


def rhythm_of(peaks: Peaks, usual: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log2 of the RR interval before and after each beat over the median one, (n, 2); 0 where there is none."""
    found = np.zeros((len(peaks), 2))
    if len(peaks) > 1:
        interval = peaks.rr
        with np.errstate(invalid="ignore", divide="ignore"):
            found[1:, 0] = np.log2(interval / usual[1:])
            found[:-1, 1] = np.log2(interval / usual[:-1])
    return np.clip(np.nan_to_num(found, posinf=0.0, neginf=0.0), -2.0, 2.0)
