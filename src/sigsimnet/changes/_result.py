"""What changed between a person's baseline and now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sigsimnet._utils.late import provided

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigsimnet.delineation import Measurements
    from sigsimnet.recording import Recording

__all__ = ["DISCLAIMER", "Change", "Difference"]

DISCLAIMER = (
    "This compares measurements with what is usual between records of one person. It is no diagnosis, and whether both "
    "are the same person is another question (sigsimnet compare)."
)


@dataclass(frozen=True)
class Difference:
    """One measurement before and now.

    Attributes
    ----------
    name, channel, unit : str
        As in `Measurement`; the channel is empty for what is of the whole recording.
    before, now : float
        Median over baselines, and of the new record.
    difference : float
        Now less before (of angles the shorter way round).
    usual : float
        95 of 100 records of an unchanged person differ by no more; NaN where nothing is known.
    rare : float
        99 of 100.
    level : str
        ``"usual"``, ``"unusual"`` (beyond ``usual``), ``"rare"`` (beyond ``rare``), ``"missing"`` (one side lacks it)
        or ``"unknown"`` (no table knows what is usual).
    source : str
        ``"own"``: the person's own baselines count; ``"table"``: other people's repeated records alone.
    kind : str
        ``"rhythm"`` or ``"shape"``.
    spread : float
        From beat to beat, of both sides together; 0 where typical beats were laid over one another.
    aligned : bool
        Whether they were (PR, QT): then the difference is their lag.
    """

    name: str
    channel: str
    unit: str
    before: float
    now: float
    difference: float
    usual: float
    rare: float
    level: str
    source: str
    kind: str
    spread: float = 0.0
    aligned: bool = False

    def in_words(self) -> str:
        """Return the difference as a sentence.

        Examples
        --------
        >>> Difference("QT", "", "ms", 380, 428, 48, 40, 60, "unusual", "table", "shape").in_words()
        'QT is 48 ms longer (380 to 428 ms; up to 40 ms are usual)'
        """
        where = f" in {self.channel}" if self.channel else ""
        if self.level == "missing":
            there, gone = ("before", "now") if np.isfinite(self.before) else ("now", "before")
            return f"{self.name}{where} was measured {there} but not {gone}"
        unit = " per minute" if self.unit == "1/min" else f" {self.unit}" if self.unit else ""
        digits = 0 if self.unit in {"ms", "°", "1/min"} else 2
        more, less = ("longer", "shorter") if self.unit == "ms" else ("higher", "lower")
        if self.name.startswith("S "):
            more, less = "less deep", "deeper"
        if self.unit == "°":
            more, less = "further to the right", "further to the left"
        if self.name.startswith(("RR", "QRS-T", "T symmetry")):
            more, less = "larger", "smaller"
        size = f"{abs(self.difference):.{digits}f}{unit}"
        known = f"; up to {self.usual:.{digits}f}{unit} are usual" if np.isfinite(self.usual) else ""
        return (
            f"{self.name}{where} is {size} {more if self.difference > 0 else less} "
            f"({self.before:.{digits}f} to {self.now:.{digits}f}{unit}{known})"
        )


@dataclass(frozen=True, eq=False)
class Change:
    """What `change` found.

    Attributes
    ----------
    differences : tuple of Difference
    verdict : str
        ``"changed"``: more than in 95 of 100 pairs of records of one unchanged person, or another rhythm;
        ``"perhaps changed"``: single measurements are beyond the usual, which happens in many unchanged records, since
        there are many; ``"no change beyond the usual"``; or ``"cannot tell"``.
    reasons : tuple of str
        What is beyond the usual, the most unusual first; or why nothing can be told.
    rhythm : tuple of str
        What is beyond the usual in rate and regularity, apart from shape.
    score : float
        Similarity of the beats to the baselines' by the model; NaN without one.
    share_less_alike : float
        Share of pairs of records of one unchanged person that are less alike.
    baselines : tuple of Measurements
    now : Measurements
    recordings : tuple of Recording
        The baselines, then the new one.
    same_day : bool
        Whether all are known to be of one day.
    warnings : tuple of str

    Examples
    --------
    >>> import pytest
    >>> _ = pytest.importorskip("openecg")
    >>> from sigsimnet import change, simulate
    >>> found = change(*simulate(1, 2, duration=20, seed=3), model=None)
    >>> found.to_dict()["note"].startswith("This compares measurements")
    True
    """

    differences: tuple[Difference, ...]
    verdict: str
    reasons: tuple[str, ...]
    rhythm: tuple[str, ...]
    score: float
    share_less_alike: float
    baselines: tuple[Measurements, ...]
    now: Measurements
    recordings: tuple[Recording, ...] = field(repr=False)
    same_day: bool = False
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Change: {self.verdict}; {len(self.reasons)} of {len(self.differences)} measurements beyond the usual>"

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each measurement."""
        import pandas as pd

        return pd.DataFrame([vars(one) for one in self.differences])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON: missing numbers are None."""
        return {
            "verdict": self.verdict,
            "reasons": list(self.reasons),
            "rhythm": list(self.rhythm),
            "score": _plain(self.score),
            "share_less_alike": _plain(self.share_less_alike),
            "same_day": self.same_day,
            "baselines": [one.delineation.source for one in self.baselines],
            "now": self.now.delineation.source,
            "differences": [{key: _plain(value) for key, value in vars(one).items()} for one in self.differences],
            "warnings": list(self.warnings),
            "note": DISCLAIMER,
        }

    def plot(self) -> Figure:
        """Draw the typical beats of both sides, and each difference on the scale of the usual.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from sigsimnet.plotting import new_figure

        figure = new_figure(11.0, 6.2)
        services: Later = provided("changes")
        services.draw(self, figure)
        return figure

    def to_html(self) -> str:
        """Return a page with the answer, its pictures and how it was measured; it needs no network.

        Raises
        ------
        MissingExtraError
            If Jinja2 or matplotlib is not installed.
        """
        services: Later = provided("changes")
        return services.to_html(self)


class Later(Protocol):
    """What `Change` leaves to later rooms."""

    def draw(self, change: Change, figure: Figure) -> None:
        """Draw a change."""

    def to_html(self, change: Change) -> str:
        """Return the page of a change."""


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value
