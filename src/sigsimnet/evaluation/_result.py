"""What an evaluation found, and how it shows itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet.errors import ParameterError
from sigsimnet.evaluation._labels import LabelAnswers
from sigsimnet.evaluation._people import Strata
from sigsimnet.evaluation.trials import Trials
from sigsimnet.metrics import MIN_PEOPLE, VerificationResult

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["COLUMNS", "Evaluation", "IdentityEvaluation"]

COLUMNS = ("", "EER %", "ROC-AUC", "TAR % at FAR 1 %", "Cllr", "min Cllr", "ΔEER against the model")
"""Columns of `Evaluation.rows`."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A model, and baselines beside it, on the trials of one protocol.

    Attributes
    ----------
    model : VerificationResult
    baselines : dict of str to VerificationResult
        On the same trials.
    scores : ndarray, shape (n_trials,)
        Of the model.
    trials : Trials
    recordings : tuple of str
        Paths, at the positions that the trials name; several recordings that are one enrolment with `` + `` between.
    failed : tuple of str
        Recordings that could not be used (failures to acquire), each with the reason.
    dropped : tuple of str
        How many recordings and segments were left out, by reason, in sentences.
    paired : dict of str to dict
        For each baseline ΔEER, its EER minus that of the model, with a 95 % interval over the same resamples of people
        (`sigsimnet.metrics.paired_difference`).
    left_out : dict of str to str
        Baselines of ``"all"`` that could not run, and why.
    probabilities : ndarray, shape (n_trials,), or None
        Of the model, where it is calibrated.
    baseline_scores : dict of str to ndarray of shape (n_trials,)
    by_count : dict of str to dict
        EER by the number of segments on each side, of the model and the baselines; for whole recordings.
    identification : dict of str to dict
        For the model and each baseline: Rank-1 and Rank-5 of all probes and of people (each counted once), and the
        open-set detection and identification rate at 5 % false positives; for protocols that enrol people.
    people : dict of str to dict
        For the model and each baseline figures that no single person decides: ``macro_eer`` (people weigh alike) and
        ``one_pair_eer`` (one genuine trial a person).
    strata : tuple of dict
        EER of the genuine trials by difference in heart rate and by days apart, against all impostor trials.
    labels : LabelAnswers or None
        Where *same* is the label: the label that each recording gets from its nearest, with balanced accuracy,
        macro-F1 and confusion for the model and each baseline; None otherwise.
    templates : ndarray, shape (n_recordings, dim), or None
        Of all recordings, for `plot_map`; None for models that make none.
    template_names : tuple of str
        Person (or label) of each template.

    Examples
    --------
    >>> from sigsimnet import evaluate, load_model, simulate
    >>> found = evaluate(load_model("ecg"), simulate(4, 2, duration=10, seed=1), n_resamples=0)
    >>> sorted(found.to_dict())  # doctest: +NORMALIZE_WHITESPACE
    ['baselines', 'dropped', 'eer_by_segments', 'failed_to_acquire', 'identification', 'labels', 'left_out', 'model',
     'paired', 'people', 'strata']
    """

    model: VerificationResult
    baselines: dict[str, VerificationResult]
    scores: NDArray[np.float64]
    trials: Trials
    recordings: tuple[str, ...]
    failed: tuple[str, ...]
    paired: dict[str, dict[str, float]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    identification: dict[str, dict[str, float | int | None]] = field(default_factory=dict)
    probabilities: NDArray[np.float64] | None = None
    baseline_scores: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    by_count: dict[str, dict[int, float]] = field(default_factory=dict)
    templates: NDArray[np.float32] | None = None
    template_names: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    people: dict[str, dict[str, float | int]] = field(default_factory=dict)
    strata: Strata = ()
    labels: LabelAnswers | None = None

    def __repr__(self) -> str:
        found = self.model
        return (
            f"<Evaluation {self.protocol}: EER {100 * found.eer:.1f} % of {found.n_genuine} genuine and "
            f"{found.n_impostor} impostor trials of {found.n_people} people>"
        )

    @property
    def protocol(self) -> str:
        """Name of the protocol."""
        return str(self.model.protocol["protocol"])

    @property
    def genuine(self) -> NDArray[np.bool_]:
        """Which trials are genuine."""
        return self.trials.genuine

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures should know: recordings, baselines and intervals that are missing, and why."""
        found = self.model
        few = found.n_people < MIN_PEOPLE and found.protocol["n_resamples"]
        return (
            *self.dropped,
            *self.failed,
            *(self.labels.notes() if self.labels else ()),
            *(f"baseline {name} left out: {why}" for name, why in self.left_out.items()),
            *([f"no intervals: {found.n_people} people are too few, {MIN_PEOPLE} are needed"] if few else ()),
        )

    def rows(self) -> list[tuple[str, ...]]:
        """Return a line of text for the model and each baseline (`COLUMNS`): figures with their 95 % intervals.

        Examples
        --------
        >>> from sigsimnet import evaluate, load_model, simulate
        >>> found = evaluate(load_model("ecg"), simulate(4, 2, duration=10, seed=1), n_resamples=0)
        >>> [row[0] for row in found.rows()]
        ['this model', 'pearson']
        """
        return [
            (
                name,
                _with_interval(result, "eer", 100),
                _with_interval(result, "auc", 1),
                _with_interval(result, "tar_at_far_1pct", 100),
                _with_interval(result, "cllr", 1),
                _with_interval(result, "min_cllr", 1),
                _difference(self.paired.get(name)),
            )
            for name, result in {"this model": self.model, **self.baselines}.items()
        ]

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each trial: who, which recordings, whether it is genuine, and all scores.

        Columns: ``protocol``, ``enrolled`` and ``probe`` (people), ``enrolled_recording``, ``probe_recording``,
        ``genuine`` (1 or 0), ``score``, ``probability`` where the model is calibrated, and ``score_NAME`` of each
        baseline.
        """
        import pandas as pd

        columns: dict[str, Any] = {
            "protocol": self.protocol,
            "enrolled": self.trials.people_a,
            "probe": self.trials.people_b,
            "enrolled_recording": [self.recordings[i] for i in self.trials.enrol],
            "probe_recording": [self.recordings[i] for i in self.trials.probe],
            "genuine": self.genuine.astype(int),
            "score": self.scores,
        }
        if self.probabilities is not None:
            columns["probability"] = self.probabilities
        return pd.DataFrame(columns | {f"score_{name}": values for name, values in self.baseline_scores.items()})

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "model": self.model.to_dict(),
            "baselines": {name: result.to_dict() for name, result in self.baselines.items()},
            "paired": to_jsonable(self.paired),
            "left_out": dict(self.left_out),
            "identification": to_jsonable(self.identification),
            "eer_by_segments": {
                name: {str(n): to_jsonable(rate) for n, rate in rates.items()} for name, rates in self.by_count.items()
            },
            "people": to_jsonable(self.people),
            "strata": to_jsonable(list(self.strata)),
            "labels": self.labels.to_dict() if self.labels else None,
            "failed_to_acquire": list(self.failed),
            "dropped": list(self.dropped),
        }

    def plot(self) -> Figure:
        """Draw error trade-off, scores, calibration, and EER by the number of segments.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from sigsimnet.evaluation._draw import draw_page

        return draw_page(self)

    def plot_map(self) -> Figure:
        """Draw a map of the templates of all recordings.

        Raises
        ------
        ParameterError
            If the model makes no templates, or there are fewer than four recordings.
        MissingExtraError
            If matplotlib is not installed.
        """
        from sigsimnet.plotting import plot_embedding_map

        if self.templates is None:
            raise ParameterError("this model makes no templates: there is nothing to draw a map of")
        return plot_embedding_map(self.templates, self.template_names)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in COLUMNS)
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in self.rows())
        found = self.model
        trials = f"{found.n_genuine} genuine and {found.n_impostor} impostor trials of {found.n_people} people"
        words = escape(f"{self.protocol}: {found.protocol['trials']}; {trials}")
        return f"<table><caption>{words}</caption><tr>{head}</tr>{rows}</table>"


@dataclass(frozen=True, eq=False)
class IdentityEvaluation(Mapping[str, Evaluation]):
    """Answers to "the same person?" by several protocols: a mapping of their names to their `Evaluation`.

    Attributes
    ----------
    evaluations : dict of str to Evaluation
    protocols_left_out : dict of str to str
        Protocols without trials in this table, and why.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> from sigsimnet.evaluation import evaluate_identity
    >>> found = evaluate_identity(load_model("ecg"), simulate(4, 2, duration=10, seed=1), n_resamples=0)
    >>> found["cross_record"].model.n_genuine
    4
    """

    evaluations: dict[str, Evaluation]
    protocols_left_out: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Evaluation:
        return self.evaluations[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.evaluations)

    def __len__(self) -> int:
        return len(self.evaluations)

    def __repr__(self) -> str:
        rates = ", ".join(f"{name} {100 * found.model.eer:.1f} %" for name, found in self.items())
        return f"<IdentityEvaluation EER: {rates}>"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the figures should know, as of `Evaluation`, with the protocols that have no trials."""
        of_protocols = dict.fromkeys(note for found in self.values() for note in found.notes)
        left_out = (f"protocol {name} left out: {why}" for name, why in self.protocols_left_out.items())
        return (*of_protocols, *left_out)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each trial of each protocol (`Evaluation.to_dataframe`)."""
        import pandas as pd

        return pd.concat([found.to_dataframe() for found in self.values()], ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON: the protocols by name, and ``protocols_left_out``."""
        return {name: found.to_dict() for name, found in self.items()} | {
            "protocols_left_out": dict(self.protocols_left_out)
        }

    def plot(self) -> Figure:
        """Draw a page with a row for each protocol (`Evaluation.plot`).

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        from sigsimnet.evaluation._draw import draw_rows

        return draw_rows(self)

    def plot_map(self) -> Figure:
        """Draw a map of the templates of all recordings (`Evaluation.plot_map`)."""
        return next(iter(self.values())).plot_map()

    def _repr_html_(self) -> str:
        return "".join(found._repr_html_() for found in self.values())


def _with_interval(result: VerificationResult, name: str, times: float) -> str:
    value: float = getattr(result, name)
    if math.isnan(value):
        return "–"
    interval = result.intervals.get(name)
    digits = 1 if times == 100 else 3
    if interval is None or math.isnan(interval.low):
        return f"{times * value:.{digits}f}"
    return f"{times * value:.{digits}f} [{times * interval.low:.{digits}f}, {times * interval.high:.{digits}f}]"


def _difference(paired: dict[str, float] | None) -> str:
    if paired is None:
        return ""
    if math.isnan(paired["low"]):
        return f"{100 * paired['difference']:+.1f}"
    return f"{100 * paired['difference']:+.1f} [{100 * paired['low']:+.1f}, {100 * paired['high']:+.1f}]"
