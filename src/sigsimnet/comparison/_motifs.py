"""`motifs`: stretches of signals without beats that come again, and those that nothing is like (matrix profile)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sigsimnet.errors import MissingExtraError, ParameterError, SignalError
from sigsimnet.io import RecordingLike, as_recording
from sigsimnet.io._rates import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.recording import Recording

__all__ = ["Match", "Motifs", "motifs"]

_LONGEST = 200_000  # samples: the time grows with the square, and this takes a minute on two cores
_APART = 0.5  # of the length: occurrences nearer than this are one


class Match(NamedTuple):
    """A stretch of A and the stretch that is most like it.

    Examples
    --------
    >>> Match(1.0, 8.5, 0.98).correlation
    0.98
    """

    start_a: float
    start_b: float
    correlation: float


@dataclass(frozen=True, eq=False)
class Motifs:
    """What comes again, and what does not.

    Attributes
    ----------
    length : float
        Of a stretch, in s.
    matches : tuple of Match
        The most alike first.
    discords : tuple of Match
        Stretches of A whose nearest is farthest, the farthest first.

    Examples
    --------
    >>> Motifs(1.0, (Match(1.0, 8.5, 0.98),), ()).matches[0].start_b
    8.5
    """

    length: float
    matches: tuple[Match, ...]
    discords: tuple[Match, ...]


def motifs(
    a: RecordingLike,
    b: RecordingLike | None = None,
    *,
    length: float,
    top: int = 5,
    channel_a: str | int = 0,
    channel_b: str | int = 0,
) -> Motifs:
    """Find what comes again in two signals, or in one, whatever it is (Yeh et al. 2016, doi:10.1109/ICDM.2016.0179).

    Stretches are compared by Pearson correlation (stumpy): offset and scale do not count, and neither does a shift. It
    learns nothing: noise that is alike counts as much as what matters, stretches of another tempo are not found, and of
    ECGs a beat is always like the next one, which says little (`sigsimnet.compare` asks more).

    Parameters
    ----------
    a : Recording, path, (array, sampling_rate), or whatever `sigsimnet.as_recording` takes
    b : the same, optional
        Where to look; by default A itself, at another time.
    length : float
        Of a stretch, in s.
    top : int, default 5
    channel_a, channel_b : str or int, default 0

    Raises
    ------
    ParameterError
        If the length or ``top`` is none.
    SignalError
        If a side is shorter than two stretches, has missing samples throughout, or is longer than 200,000 samples.
    MissingExtraError
        If stumpy is not installed.

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("stumpy")
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(0, 1, 2000)
    >>> x[1200:1300] = 3 * x[400:500]
    >>> motifs((x, 100.0), length=1.0, top=1).matches
    (Match(start_a=4.0, start_b=12.0, correlation=1.0),)
    """
    if not length > 0 or top < 1:
        raise ParameterError(f"length={length}, top={top}: a length in s above 0, and at least one")
    try:
        import stumpy
    except ImportError as error:
        raise MissingExtraError("the matrix profile", "motifs") from error
    first = as_recording(a)
    second = first if b is None else as_recording(b)
    rate = min(first.sampling_rate, second.sampling_rate)
    x, y = _row(first, channel_a, rate), _row(second, channel_b, rate)
    size = round(length * rate)
    for one, row in ((first, x), (second, y)):
        if size < 4 or len(row) < 2 * size:
            where = one.source or "recording"
            raise SignalError(f"{where}: {len(row) / rate:g} s are too short for stretches of {length:g} s")
        if len(row) > _LONGEST:
            raise SignalError(
                f"{one.source or 'recording'}: {len(row):,} samples; crop or resample to {_LONGEST:,} at most"
            )
    found = stumpy.stump(x, size) if b is None else stumpy.stump(x, size, y, ignore_trivial=False)
    distances, places = np.asarray(found[:, 0], dtype=np.float64), np.asarray(found[:, 1], dtype=np.int64)
    # Of the z-normalised distance d of n samples, the correlation is 1 − d²/2n.
    correlation = np.where(np.isfinite(distances), 1 - distances**2 / (2 * size), np.nan)
    known = np.isfinite(correlation) & (places >= 0)
    if not known.any():
        raise SignalError(f"{first.source or 'recording'}: no stretch of {length:g} s without missing samples")
    best = _apart(np.where(known, correlation, -np.inf), places, size, top, both=b is None)
    least = _apart(np.where(known, -correlation, -np.inf), places, size, top, both=False)
    return Motifs(length, *(tuple(_match(k, places, correlation, rate) for k in which) for which in (best, least)))


def _match(k: int, places: NDArray[np.int64], correlation: NDArray[np.float64], rate: float) -> Match:
    return Match(k / rate, float(places[k]) / rate, round(float(correlation[k]), 6))


def _apart(values: NDArray[np.float64], places: NDArray[np.int64], size: int, top: int, *, both: bool) -> list[int]:
    """Return the places of the highest values, none within half a stretch of another (or of the other's partner)."""
    left = values.copy()
    found: list[int] = []
    near = round(_APART * size)
    while len(found) < top and np.isfinite(left.max()):
        k = int(left.argmax())
        found.append(k)
        for middle in (k, int(places[k])) if both else (k,):
            left[max(0, middle - near) : middle + near + 1] = -np.inf
    return found


def _row(recording: Recording, channel: str | int, rate: float) -> NDArray[np.float64]:
    one = recording.pick([channel] if isinstance(channel, str) else [recording.channel_names[channel]])
    if one.sampling_rate != rate:
        one = resample(one, rate)
    return np.asarray(one.data[0], dtype=np.float64)
