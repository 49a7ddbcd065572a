"""`Comparison`: what `compare` found."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.late import provided
from sigsimnet.comparison._same_samples import SameSamples
from sigsimnet.comparison._stretches import Stretches
from sigsimnet.errors import SignalError
from sigsimnet.segments import Segments

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["Comparison"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What `compare` found.

    Attributes
    ----------
    score : float
        Of the model's head; of the bundled model a cosine, −1 to 1. Higher is more alike. NaN where there is nothing to
        compare: no common channel, or no beats (windows) on a side.
    probability : float or None
        That the two are the same, at even odds before looking; None when the model is not calibrated.
    verdict : str
        ``"same"``, ``"different"`` or ``"cannot tell"``.
    reasons : tuple of str
        Why, in sentences.
    protocol : dict
        The relation that was asked, the model, what it was trained and calibrated on, thresholds.
    a, b : Segments
        What the network saw of either side.
    agreement_a, agreement_b : ndarray, shape (n_segments,)
        Score of each segment against the whole of the other side: *where* they agree.
    warnings : tuple of str
        What the readers had to guess or mend.
    n_good : (int, int)
        Segments of either side in seconds of good quality. Where they are fewer than ``len(a)`` (``len(b)``), too few
        were good, and the score is of all.
    leads : dict of str to float
        Score of each lead by itself, where leads were compared together; else empty.
    stretches : Stretches or None
        Where in time they are alike: stretches of A against those of B; None where both are too short for two.
    same_samples : SameSamples or None
        What both hold in common where they are one recording, whole or in part, rescaled or resampled; then the
        verdict of a calibrated model is *same* whatever its score.

    Examples
    --------
    >>> from sigsimnet import compare, simulate
    >>> recording = simulate(1, 1, duration=20, seed=1)[0]
    >>> compare(recording, recording).verdict
    'same'
    """

    score: float
    probability: float | None
    verdict: str
    reasons: tuple[str, ...]
    protocol: dict[str, Any]
    a: Segments
    b: Segments
    agreement_a: NDArray[np.float64]
    agreement_b: NDArray[np.float64]
    warnings: tuple[str, ...] = field(default_factory=tuple)
    n_good: tuple[int, int] = (0, 0)
    leads: dict[str, float] = field(default_factory=dict)
    same_samples: SameSamples | None = None
    stretches: Stretches | None = None

    def __repr__(self) -> str:
        if not self.has_score:
            return f"<Comparison {self.verdict}: no score>"
        sure = "uncalibrated" if self.probability is None else f"probability {self.probability:.2f}"
        return f"<Comparison {self.verdict}: score {self.score:.3f}, {sure}>"

    @property
    def has_score(self) -> bool:
        """Whether there was anything to compare."""
        return bool(np.isfinite(self.score))

    @property
    def n_segments_a(self) -> int:
        """Segments of the first recording."""
        return len(self.a)

    @property
    def n_segments_b(self) -> int:
        """Segments of the second recording."""
        return len(self.b)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "score": self.score if self.has_score else None,
            "probability": self.probability,
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "n_segments_a": self.n_segments_a,
            "n_segments_b": self.n_segments_b,
            "leads": self.leads,
            "stretches": None if self.stretches is None else self.stretches.to_dict(),
            "same_samples": None if self.same_samples is None else vars(self.same_samples),
            "a": _side(self.a) | {"n_good": self.n_good[0]},
            "b": _side(self.b) | {"n_good": self.n_good[1]},
            "protocol": self.protocol,
            "warnings": list(self.warnings),
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row a segment: ``side, source, time, quality, agreement``, time in s."""
        import pandas as pd

        sides = (("A", self.a, self.agreement_a), ("B", self.b, self.agreement_b))
        tables = [
            pd.DataFrame(
                {"side": name, "source": cut.source, "time": cut.times, "quality": cut.quality, "agreement": agreement}
            )
            for name, cut, agreement in sides
        ]
        return pd.concat(tables, ignore_index=True)

    def to_html(self) -> str:
        """Return a page with the answer, its pictures and how it was measured; it needs no network.

        Raises
        ------
        MissingExtraError
            If Jinja2 or matplotlib is not installed.
        """
        services: Later = provided("comparison")
        return services.to_html(self)

    def _repr_html_(self) -> str:
        sure = "not calibrated" if self.probability is None else f"probability {self.probability:.3f}"
        sure = sure if self.has_score else "nothing to compare"
        rows = "".join(f"<li>{escape(reason)}</li>" for reason in self.reasons)
        return f"<p><b>{escape(self.verdict)}</b> (score {self.score:.3f}, {sure})</p><ul>{rows}</ul>"

    def plot(self) -> Figure:
        """Draw the beats (or windows) of both over one another, and where in time they agree.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        SignalError
            If there was nothing to compare (`has_score`).
        """
        if not self.has_score:
            raise SignalError(f"nothing to draw: {self.reasons[0]}")
        from sigsimnet.plotting import new_figure, plot_agreement, plot_beat_pair

        figure = new_figure(11.0, 3.8)
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.5))
        names = (_short("A", self.a), _short("B", self.b))
        plot_beat_pair(self.a, self.b, ax=left, labels=names)
        plot_agreement((self.a.times, self.b.times), (self.agreement_a, self.agreement_b), ax=right)
        left.set_ylabel("as the network sees it")
        figure.suptitle(f"{self.verdict}: score {self.score:.3f}")
        return figure


def _short(side: str, segments: Segments) -> str:
    name = Path(segments.source).name if segments.source else ""
    return f"{side} ({name if len(name) <= 18 else '…' + name[-17:]})" if name else side


class Later(Protocol):
    """What `Comparison` leaves to later rooms."""

    def to_html(self, comparison: Comparison) -> str:
        """Return the page of a comparison."""


def _side(segments: Segments) -> dict[str, Any]:
    rate = segments.heart_rate
    return {
        "source": segments.source,
        "channels": list(segments.channel_names),
        "n_segments": len(segments),
        "n_r_peaks": segments.n_r_peaks,
        "n_rejected": segments.n_rejected,
        "n_low_quality": segments.n_low_quality,
        "reject_reasons": list(segments.reject_reasons),
        "heart_rate": round(rate, 1) if np.isfinite(rate) else None,
        "median_quality": round(float(np.median(segments.quality)), 3) if len(segments) else None,
    }
