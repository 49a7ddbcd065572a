"""A model on recordings of people that it has never seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet.datasets import Manifest
from sigsimnet.errors import ManifestError, ParameterError
from sigsimnet.evaluation._acquire import Acquired, Scorer, load_segments
from sigsimnet.evaluation._beside import baseline_scores, choose_baselines, learn_from, paired_difference
from sigsimnet.evaluation._ranks import identification_of
from sigsimnet.evaluation.baselines import Baseline
from sigsimnet.evaluation.protocols import PROTOCOLS, Items, Protocol
from sigsimnet.evaluation.trials import Trials
from sigsimnet.metrics.result import VerificationResult, verification
from sigsimnet.metrics.verification import eer

__all__ = ["Evaluation", "Scorer", "evaluate_identity", "evaluate_model"]

COUNTS = (1, 2, 4, 8, 16, 32, 64)  # segments on each side


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What `evaluate_model` found.

    Attributes
    ----------
    model : VerificationResult
    baselines : dict of str to VerificationResult
        On the same trials.
    scores : ndarray, shape (n_trials,)
        Of the model.
    trials : Trials
    recordings : tuple of str
        Paths, at the positions that the trials name.
    failed : tuple of str
        Recordings that could not be used (failure to load_segments), each with the reason.
    paired : dict of str to dict
        For each baseline its EER less that of the model, with a 95 % interval over the same resamples of people.
    left_out : dict of str to str
        Baselines of ``"all"`` that could not run, and why.
    probabilities : ndarray, shape (n_trials,), or None
        Of the model, where it is calibrated.
    beside : dict of str to ndarray of shape (n_trials,)
        Scores of the baselines.
    by_count : dict of str to dict
        EER by the number of segments on each side, of the model and the baselines; for whole recordings.
    identification : dict of str to dict
        For the model and each baseline: Rank-1 and Rank-5 of all probes and of people (each counted once), and the
        open-set detection and identification rate at 5 % false positives; for ``cross_record`` trials of subjects.

    Examples
    --------
    >>> from sigsimnet import SigSimNet, simulate
    >>> people = simulate(4, 2, duration=10, seed=1)
    >>> found = evaluate_model(SigSimNet().build(1), Manifest.of(people), n_resamples=0)
    >>> sorted(found.to_dict())
    ['baselines', 'eer_by_segments', 'failed_to_acquire', 'identification', 'left_out', 'model', 'paired']
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
    beside: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    by_count: dict[str, dict[int, float]] = field(default_factory=dict)

    @property
    def genuine(self) -> NDArray[np.bool_]:
        """Which trials are genuine."""
        return self.trials.genuine

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
            "failed_to_acquire": list(self.failed),
        }


def evaluate_model(
    model: Scorer,
    manifest: Manifest,
    *,
    same: str = "subject",
    protocol: str = "cross_record",
    baselines: Sequence[str] | str = ("pearson",),
    train: Manifest | None = None,
    min_segments: int = 1,
    min_good_fraction: float = 0.0,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> Evaluation:
    """Score pairs of a manifest's recordings with a model and with baselines.

    Parameters
    ----------
    model : Scorer
        Such as a `SigSimNet`.
    manifest : Manifest
        People that the model was neither trained nor calibrated on.
    same : {"subject", "label"}, default "subject"
        What makes a trial genuine.
    protocol : str, default "cross_record"
        One of `PROTOCOLS`: which recordings, or which pieces of them, are compared.
    baselines : sequence of str, or "all", default ("pearson",)
        Of `BASELINES`; ``"all"`` takes all that can run and says which were left out.
    train : Manifest, optional
        Other people, for the baselines that learn (``"lda"``, ``"minirocket"``, ``"article"``).
    min_segments : int, default 1
        A recording with fewer segments is counted as a failure to load_segments.
    gate : float, default 0
        Share of a segment that must lie in seconds of good quality (`sigsimnet.segments.filter_by_quality`). With 0 nothing is
        gated away; `sigsimnet.comparison` gates at 0.5.
    n_resamples : int, default 1000
        Of people, for the intervals.
    seed : int, default 0
        Of the bootstrap.
    progress : bool, default True
        Show bars on a terminal.

    Raises
    ------
    LeakageError
        If a person or a recording was part of the model's training or calibration, or is in ``train`` too.
    ManifestError
        If the manifest cannot make both kinds of trial.

    Examples
    --------
    >>> from sigsimnet import SigSimNet, simulate
    >>> people = simulate(4, 2, duration=10, seed=1)
    >>> found = evaluate_model(SigSimNet().build(1), Manifest.of(people), n_resamples=0)  # random weights
    >>> found.model.n_genuine, found.model.n_impostor
    (4, 24)
    """
    if same not in ("subject", "label"):
        raise ParameterError(f"cannot pair recordings by same={same!r} (known: subject, label)")
    if seed < 0:
        raise ParameterError(f"seed is {seed}: it must be 0 or more")
    manifest.need(same)
    acquired = load_segments(
        model, manifest, min_segments=min_segments, min_good_fraction=min_good_fraction, progress=progress
    )
    methods, left_out = choose_baselines(baselines, model, can_learn=train is not None)
    n_learnt = 0
    if train is not None:
        people = {entry.person or entry.path for entry in acquired.entries}
        n_learnt = learn_from(methods, model, train, same=same, people=people, digests=acquired.digests, seed=seed)
    return evaluate_acquired(
        model,
        acquired,
        PROTOCOLS.get(protocol)(),
        same=same,
        methods=methods,
        left_out=left_out,
        n_learnt=n_learnt,
        n_resamples=n_resamples,
        seed=seed,
    )


def evaluate_identity(
    model: Scorer,
    manifest: Manifest,
    *,
    baselines: Sequence[str] | str = ("pearson",),
    train: Manifest | None = None,
    min_segments: int = 1,
    min_good_fraction: float = 0.0,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, Evaluation]:
    """Ask "the same person?" in every way that the manifest allows.

    Parameters
    ----------
    model, manifest, baselines, train, min_segments, gate, n_resamples, seed, progress
        As in `evaluate_model`.

    Returns
    -------
    dict of str to Evaluation
        Of the protocols ``"same_record"``, ``"beats"``, ``"cross_record"`` (with ranks in `Evaluation.identification`),
        ``"cross_session"`` where there are sessions, ``"cross_state"`` where there are labels. One that has no
        trials is left out.

    Raises
    ------
    LeakageError, ManifestError
        As in `evaluate_model`.

    Examples
    --------
    >>> from sigsimnet import SigSimNet, simulate
    >>> people = simulate(4, 2, duration=10, seed=1)
    >>> found = evaluate_identity(SigSimNet().build(1), Manifest.of(people), n_resamples=0)  # random weights
    >>> sorted(found)
    ['beats', 'cross_record', 'cross_session', 'same_record']
    """
    if seed < 0:
        raise ParameterError(f"seed is {seed}: it must be 0 or more")
    manifest.need("subject")
    acquired = load_segments(
        model, manifest, min_segments=min_segments, min_good_fraction=min_good_fraction, progress=progress
    )
    methods, left_out = choose_baselines(baselines, model, can_learn=train is not None)
    n_learnt = 0
    if train is not None:
        people = {entry.person for entry in acquired.entries}
        n_learnt = learn_from(methods, model, train, same="subject", people=people, digests=acquired.digests, seed=seed)
    found: dict[str, Evaluation] = {}
    why: list[str] = []
    for name in ("same_record", "beats", "cross_record", "cross_session", "cross_state"):
        try:
            found[name] = evaluate_acquired(
                model,
                acquired,
                PROTOCOLS.get(name)(),
                same="subject",
                methods=methods,
                left_out=left_out,
                n_learnt=n_learnt,
                n_resamples=n_resamples,
                seed=seed,
            )
        except ManifestError as error:
            why.append(f"{name}: {error}")
    if not found:
        raise ManifestError(f"{manifest.source or 'recordings'}: no protocol has trials ({'; '.join(why)})")
    return found


def evaluate_acquired(
    model: Scorer,
    acquired: Acquired,
    protocol: Protocol,
    *,
    same: str,
    methods: Mapping[str, Baseline],
    left_out: Mapping[str, str],
    n_learnt: int,
    n_resamples: int,
    seed: int,
) -> Evaluation:
    """Score the trials of one protocol with the model and with baselines that have learnt what they had to."""
    items = protocol.items(acquired.sets, acquired.entries)
    if not items.sets:
        raise ManifestError(f"{protocol.name}: no recording is long enough")
    trials = protocol.trials(items, same)
    about = trials.protocol | {
        "protocol": protocol.name,
        "n_failed_to_acquire": len(acquired.failed),
        "min_good_fraction": acquired.min_good_fraction,
        "n_segments_gated_away": acquired.n_low_quality,
        "median_segments": float(np.median([len(p) for p in items.sets])),
        "segments": items.sets[0].kind,
        "channels": sorted({name for p in items.sets for name in p.channel_names}),
        # Those who were seen were refused above; without names there is nobody to look for.
        "people_seen_in_training": 0 if all(entry.subject for entry in items.entries) else None,
        "people_baselines_learnt_from": n_learnt,
    }
    pairs = np.column_stack([trials.enrol, trials.probe])
    scores = model.score_pairs(items.sets, pairs)
    counts = np.array([len(segments) for segments in items.sets])[pairs].min(axis=1)
    guesses = [model.probability(float(s), n_segments=int(n)) for s, n in zip(scores, counts, strict=True)]
    known = [p for p in guesses if p is not None]
    probabilities = np.array(known) if len(known) == len(guesses) else None

    def figures(values: NDArray[np.float64], sure: NDArray[np.float64] | None) -> VerificationResult:
        return verification(
            values,
            trials.genuine,
            trials.people_a,
            trials.people_b,
            probabilities=sure,
            n_resamples=n_resamples,
            seed=seed,
            protocol=about,
        )

    beside = {
        name: baseline_scores(method, model, items.entries, items.sets, pairs)
        for name, method in methods.items()
        if items.whole or not method.cutter_overrides  # pieces cannot be cut anew
    }
    return Evaluation(
        model=figures(scores, probabilities),
        baselines={name: figures(values, None) for name, values in beside.items()},
        scores=scores,
        trials=trials,
        recordings=tuple(entry.path for entry in items.entries),
        failed=acquired.failed,
        paired={
            name: paired_difference(
                scores, values, trials.genuine, trials.people_a, trials.people_b, n_resamples=n_resamples, seed=seed
            )
            for name, values in beside.items()
        },
        left_out=dict(left_out),
        probabilities=probabilities,
        beside=beside,
        by_count=_by_count(model, items, trials, methods, pairs) if items.whole else {},
        identification=(
            {
                name: identification_of(values, trials, items.entries)
                for name, values in {"model": scores, **beside}.items()
            }
            if protocol.name == "cross_record" and same == "subject"
            else {}
        ),
    )


def _by_count(
    model: Scorer, items: Items, trials: Trials, methods: Mapping[str, Baseline], pairs: NDArray[np.int64]
) -> dict[str, dict[int, float]]:
    """Return the EER by the number of segments a side, evenly taken, as far as half of the sides have so many."""
    longest = float(np.median([len(segments) for segments in items.sets]))
    counts = [n for n in COUNTS if n <= longest]
    found: dict[str, dict[int, float]] = {name: {} for name in ("model", *methods)}
    for n in counts:
        few = [
            s.take(np.unique(((np.arange(n) + 0.5) / n * len(s)).astype(int))) if len(s) > n else s for s in items.sets
        ]
        found["model"][n] = float(eer(model.score_pairs(few, pairs), trials.genuine))
        for name, method in methods.items():
            if not method.cutter_overrides:
                found[name][n] = float(eer(baseline_scores(method, model, items.entries, few, pairs), trials.genuine))
    return {name: rates for name, rates in found.items() if rates}
