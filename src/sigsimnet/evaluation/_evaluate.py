"""A model on recordings of people that it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sigsimnet.errors import ParameterError
from sigsimnet.evaluation._result import Evaluation, IdentityEvaluation
from sigsimnet.evaluation._scorer import Scorer
from sigsimnet.evaluation.evaluators import IdentityEvaluator, RecordingTable, VerificationEvaluator
from sigsimnet.model import SigSimNet, load_model

__all__ = ["evaluate", "evaluate_identity"]


def evaluate(
    model: Scorer | str | Path,
    recordings: RecordingTable,
    *,
    protocol: str = "cross_record",
    same: str | None = None,
    baselines: Sequence[str] | str = ("pearson",),
    train: RecordingTable | None = None,
    min_segments: int | None = None,
    min_good_fraction: float = 0.0,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> Evaluation:
    """Score pairs of recordings with a model and with baselines, by one protocol.

    Parameters
    ----------
    model : SigSimNet, path or name of one, or any Scorer
    recordings : Manifest, path of one, or whatever `sigsimnet.datasets.as_dataset` takes
        Of people that the model was neither trained nor calibrated on. Of a table with a column ``split`` the rows with
        split ``test``; those with split ``train`` serve the baselines that learn.
    protocol : str, default "cross_record"
        One of `PROTOCOLS`: which recordings, or which of their segments, are compared.
    same : {"subject", "label"}, optional
        What makes a trial genuine; by default what the model learnt.
    baselines : sequence of str, or "all", default ("pearson",)
        Of `BASELINES`; ``"all"`` takes all that can run and says which were left out.
    train : Manifest, path of one, or whatever `sigsimnet.datasets.as_dataset` takes, optional
        Other people, for the baselines that learn (``"lda"``, ``"minirocket"``, ``"article"``).
    min_segments : int, optional
        A recording with fewer segments is counted as a failure to acquire; by default what the model asks for
        (``card.min_segments``).
    min_good_fraction : float, default 0
        Share of a segment that must lie in seconds of good quality (`sigsimnet.segments.filter_by_quality`); 0 keeps
        all. `sigsimnet.compare` keeps those of 0.5.
    n_resamples : int, default 1000
        Of people, for the intervals; with fewer than `sigsimnet.metrics.MIN_PEOPLE` people there are none.
    seed : int, default 0
        Of the bootstrap.
    progress : bool, default True
        Show bars on a terminal.

    Raises
    ------
    LeakageError
        If a person or a recording was part of the model's training or calibration, or is in ``train`` too.
    ManifestError
        If the recordings cannot make both kinds of trial.
    ModelError
        If the model cannot be loaded.

    See Also
    --------
    VerificationEvaluator : for several models, and during training.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> found = evaluate(load_model("ecg"), simulate(4, 2, duration=10, seed=1), n_resamples=0)
    >>> found.model.n_genuine, found.model.n_impostor
    (4, 24)
    """
    scorer = _scorer(model)
    return VerificationEvaluator(
        recordings,
        protocol=protocol,
        same=same or _learnt(scorer),
        baselines=baselines,
        train=train,
        min_segments=_least(scorer) if min_segments is None else min_segments,
        min_good_fraction=min_good_fraction,
        n_resamples=n_resamples,
        seed=seed,
        progress=progress,
    ).evaluate(scorer)


def evaluate_identity(
    model: Scorer | str | Path,
    recordings: RecordingTable,
    *,
    baselines: Sequence[str] | str = ("pearson",),
    train: RecordingTable | None = None,
    min_segments: int | None = None,
    min_good_fraction: float = 0.0,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> IdentityEvaluation:
    """Ask "the same person?" in every way that the table allows.

    Parameters
    ----------
    model, recordings, baselines, train, min_segments, min_good_fraction, n_resamples, seed, progress
        As in `evaluate`.

    Returns
    -------
    IdentityEvaluation
        A mapping of the names of protocols to `Evaluation`: ``"same_record"``, ``"beats"``, ``"cross_record"`` (with
        ranks in `Evaluation.identification`), ``"cross_session"`` and the record-order regimes
        (`sigsimnet.evaluation.record_order`) where there are sessions, ``"cross_state"`` where there are labels. One
        that has no trials is left out.

    Raises
    ------
    LeakageError, ManifestError, ModelError
        As in `evaluate`.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> found = evaluate_identity(load_model("ecg"), simulate(4, 2, duration=10, seed=1), n_resamples=0)
    >>> sorted(found)[:4]
    ['beats', 'cross_record', 'cross_session', 'leave_last_out_long_term']
    """
    scorer = _scorer(model)
    return IdentityEvaluator(
        recordings,
        baselines=baselines,
        train=train,
        min_segments=_least(scorer) if min_segments is None else min_segments,
        min_good_fraction=min_good_fraction,
        n_resamples=n_resamples,
        seed=seed,
        progress=progress,
    ).evaluate(scorer)


def _learnt(model: Scorer) -> str:
    """Return what a model can be asked: labels where it learnt them, people otherwise."""
    return "label" if isinstance(model, SigSimNet) and model.card.same == "label" else "subject"


def _least(model: Scorer) -> int:
    return model.card.min_segments if isinstance(model, SigSimNet) else 1


def _scorer(model: Scorer | str | Path) -> Scorer:
    """Return a model, loaded where it was named.

    Raises
    ------
    ParameterError
        If it is nothing that scores.
    """
    if isinstance(model, str | Path):
        return load_model(model)
    if not hasattr(model, "score_pairs") or not hasattr(model, "embed"):
        raise ParameterError(f"a model is a SigSimNet, a folder or a name, not a {type(model).__name__}")
    return model
