"""`Segments`: many segments of one recording in one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

    from sigsimnet.segments._cutter import Cutter

__all__ = ["Segments", "mean_of_present"]


@dataclass(frozen=True, eq=False)
class Segments:
    """Segments of one length, cut from one recording.

    Attributes
    ----------
    data : ndarray of float32, shape (n_segments, n_channels, n_samples)
        Samples, without NaN.
    sampling_rate : float
        Of the segments, in Hz.
    times : ndarray of float, shape (n_segments,)
        Time of each segment in s since the start of the recording: of the R peak of a beat, of the onset of a
        cycle, of the first sample of a window.
    quality : ndarray of float, shape (n_segments,)
        0–1. Of a beat or cycle: its Pearson correlation with the median one of its recording, negative ones as 0. Of a
        window: the share of samples that were recorded, not interpolated.
    channel_quality : ndarray of float, shape (n_segments, n_channels)
        The same of each channel by itself, where the channels were cut apart (`sigsimnet.segments.cut_leads`): 0 where
        a channel has no sound segment at that time, and its samples are 0. Empty where all channels were cut together.
    kind : str
        ``"beats"``, ``"windows"`` or ``"cycles"``.
    channel_names : tuple of str
        Channels they were cut from.
    source : str
        The recording's source.
    rr : ndarray of float, shape (n_segments,)
        Running median of the RR intervals around each beat, or how long each cycle took, in s; NaN for windows.
    n_r_peaks : int
        R peaks (of cycles: onsets) found, including those whose beat could not be cut (at a border or beside a gap).
    heart_rate : float
        Median, in beats (or cycles) per minute; NaN for windows.
    n_rejected : int
        Segments that contained missing samples or crossed the border of a span, and were left out.
    n_low_quality : int
        Segments in seconds of low quality that were left out (`filter_by_quality`).
    reject_reasons : tuple of str
        Why their quality was low, the most frequent reason first: `sigsimnet.signal_quality.REASONS`.
    before : float
        Where time 0 of a segment lies behind its first sample, in s: of a beat its fiducial, of a cycle
        its onset; 0 for windows.
    polarity : int
        +1 where the R waves (or pulse waves) point up, −1 where they point down; 0 for windows.
    missing_channels : tuple of str
        Of those in ``channel_names``, what the recording does not have and a model of several channels makes up for.
    """

    data: NDArray[np.float32]
    sampling_rate: float
    times: NDArray[np.float64]
    quality: NDArray[np.float64]
    kind: str
    channel_names: tuple[str, ...]
    source: str = ""
    rr: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    n_r_peaks: int = 0
    heart_rate: float = float("nan")
    n_rejected: int = 0
    n_low_quality: int = 0
    reject_reasons: tuple[str, ...] = ()
    polarity: int = 0
    before: float = 0.0
    channel_quality: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    missing_channels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        n, channels, samples = self.data.shape
        return f"<Segments {n} {self.kind} × {channels} × {samples} at {self.sampling_rate:g} Hz>"

    def channels_cut(self, cutter: Cutter) -> tuple[str, ...]:
        """Return the channels of the recording, without those that the cutter adds."""
        return tuple(name for name in self.channel_names if name not in cutter.extra_channels)

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_] | Sequence[int] | slice) -> Segments:
        """Return some of the segments, in the order given."""
        return replace(
            self,
            data=self.data[index],
            times=self.times[index],
            quality=self.quality[index],
            rr=self.rr[index] if len(self.rr) else self.rr,
            channel_quality=self.channel_quality[index] if self.cut_apart else self.channel_quality,
        )

    @property
    def cut_apart(self) -> bool:
        """Whether each channel was cut by itself (`sigsimnet.segments.cut_leads`)."""
        return bool(self.channel_quality.shape[1])

    def pick(self, names: Sequence[str]) -> Segments:
        """Return some of the channels, in the order given, of segments whose channels were cut apart.

        Segments that none of these channels has are left out.

        Raises
        ------
        ParameterError
            If there is no such channel.
        """
        unknown = [name for name in names if name not in self.channel_names]
        if unknown or not self.cut_apart:
            raise ParameterError(
                f"segments of {', '.join(self.channel_names)} have no channel {', '.join(unknown)} apart"
            )
        index = [self.channel_names.index(name) for name in names]
        quality = self.channel_quality[:, index]
        some = replace(
            self,
            data=self.data[:, index],
            channel_names=tuple(names),
            channel_quality=quality,
            quality=mean_of_present(quality),
        )
        present: NDArray[np.bool_] = np.any(quality > 0, axis=1)
        return some if present.all() else some.take(present)

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row a segment: ``time`` (s) in the recording, ``quality`` and ``rr`` (s); no samples.

        Examples
        --------
        >>> from sigsimnet import beats, simulate
        >>> list(beats(simulate(1, 1, duration=9, seed=1)[0]).to_dataframe().columns)
        ['time', 'quality', 'rr']
        """
        import pandas as pd

        rr = self.rr if len(self.rr) else np.full(len(self), np.nan)
        return pd.DataFrame({"time": self.times, "quality": self.quality, "rr": rr})

    def channel(self, index: int) -> Segments:
        """Return the segments of one channel.

        Raises
        ------
        ParameterError
            If there is no such channel.
        """
        if not -len(self.channel_names) <= index < len(self.channel_names):
            raise ParameterError(f"channel {index} of segments with {len(self.channel_names)} channels")
        index %= len(self.channel_names)
        if self.cut_apart:
            return self.pick([self.channel_names[index]])
        return replace(self, data=self.data[:, index : index + 1], channel_names=(self.channel_names[index],))


def mean_of_present(quality: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean quality of the channels that are there, shape (n_segments,); 0 where none is."""
    present = quality > 0
    return np.asarray(quality.sum(axis=1) / np.maximum(present.sum(axis=1), 1))
