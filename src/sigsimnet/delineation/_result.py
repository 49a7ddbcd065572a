"""The P waves, QRS complexes and T waves of a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.recording import Annotation

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["KINDS", "WAVES", "Delineation"]

WAVES = ("P", "QRS", "T")
"""In the order of their axis in `Delineation.marks`."""
KINDS = ("usual", "aberrant", "paced")
_SYMBOLS = {"P": "p", "QRS": "N", "T": "t"}


@dataclass(frozen=True, eq=False)
class Delineation:
    """Where the waves of each beat begin, peak and end, lead by lead.

    Attributes
    ----------
    marks : ndarray of float, shape (n_channels, n_beats, 3, 3)
        In samples of the recording: of each beat of each channel the waves `WAVES`, and of each onset, peak and offset.
        Onsets and offsets lie between samples where the recording is slower than 500 Hz. NaN where a wave was not
        found.
    r_peaks : ndarray of int, shape (n_beats,)
        Samples of the R peaks that the beats were found by.
    kinds : tuple of str, length n_beats
        Of each beat: ``"usual"``, ``"aberrant"`` (its QRS complex has another shape or width than most) or ``"paced"``.
    channel_names : tuple of str
    sampling_rate : float
        In Hz.
    source : str
    method : str
        What labelled the samples.
    warnings : tuple of str
        Waves that were not found in many beats, and what peak detection said.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import delineate, simulate
    >>> found = delineate(simulate(1, 1, duration=10, noise=0, seed=1)[0])
    >>> found.share_found("I")["QRS"] > 0.9
    True
    """

    marks: NDArray[np.float64]
    r_peaks: NDArray[np.int64]
    kinds: tuple[str, ...]
    channel_names: tuple[str, ...]
    sampling_rate: float
    source: str = ""
    method: str = "openecg"
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.r_peaks)

    def __repr__(self) -> str:
        return f"<Delineation of {len(self)} beats in {len(self.channel_names)} channels by {self.method}>"

    def of(self, channel: str) -> NDArray[np.float64]:
        """Return the marks of one channel, shape (n_beats, 3, 3).

        Raises
        ------
        ValueError
            If it was not delineated.
        """
        found: NDArray[np.float64] = self.marks[self.channel_names.index(channel)]
        return found

    def share_found(self, channel: str) -> dict[str, float]:
        """Return the share of the beats in which each wave was found."""
        found = np.isfinite(self.of(channel)[:, :, 1]).mean(axis=0) if len(self) else np.zeros(3)
        return dict(zip(WAVES, found.tolist(), strict=True))

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each wave of each beat and channel.

        Returns
        -------
        DataFrame
            Columns ``beat`` (from 0), ``kind``, ``channel``, ``wave``, ``onset``, ``peak``, ``offset`` (the nearest
            samples; missing where a wave was not found).

        Examples
        --------
        >>> marks = np.array([[[[np.nan] * 3, [90.0, 100, 110], [150, 180, 200]]]])
        >>> Delineation(marks, np.array([100]), ("usual",), ("II",), 500.0).to_dataframe()["peak"].tolist()
        [<NA>, 100, 180]
        """
        import pandas as pd

        n_channels, n_beats = self.marks.shape[:2]
        flat = self.marks.transpose(1, 0, 2, 3).reshape(-1, 3)
        table: dict[str, Any] = {
            "beat": np.repeat(np.arange(n_beats), n_channels * 3),
            "kind": np.repeat(np.asarray(self.kinds, dtype=object), n_channels * 3),
            "channel": np.tile(np.repeat(np.asarray(self.channel_names, dtype=object), 3), n_beats),
            "wave": np.tile(np.asarray(WAVES, dtype=object), n_channels * n_beats),
        }
        for k, point in enumerate(("onset", "peak", "offset")):
            table[point] = pd.array(np.rint(flat[:, k]), dtype="Int64")
        return pd.DataFrame(table)

    def to_annotations(self, channel: str | None = None) -> list[Annotation]:
        """Return the marks as WFDB writes them: ``(``, the wave (``p``, ``N``, ``t``) and ``)``.

        Parameters
        ----------
        channel : str, optional
            Whose; the first without it.

        Examples
        --------
        >>> marks = np.array([[[[np.nan] * 3, [90.0, 100, 110], [np.nan] * 3]]])
        >>> found = Delineation(marks, np.array([100]), ("usual",), ("II",), 500.0)
        >>> [(mark.sample, mark.label) for mark in found.to_annotations()]
        [(90, '('), (100, 'N'), (110, ')')]
        """
        name = channel or self.channel_names[0]
        found: list[Annotation] = []
        for beat in np.rint(self.of(name)).tolist():
            for wave, place in zip(WAVES, beat, strict=True):
                if np.isfinite(place).all():
                    onset, peak, offset = map(int, place)
                    found += [
                        Annotation(onset, "(", channel=name),
                        Annotation(peak, _SYMBOLS[wave], channel=name),
                        Annotation(offset, ")", channel=name),
                    ]
        return sorted(found, key=lambda mark: mark.sample)
