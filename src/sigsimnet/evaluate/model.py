"""A model on recordings of people that it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sigsimnet._plain import plain
from sigsimnet._progress import track
from sigsimnet.errors import LeakageError, ManifestError, ParameterError, SigSimNetError
from sigsimnet.evaluate._beside import baseline_scores, choose_baselines, digest_of, learn_from, paired_difference
from sigsimnet.evaluate.result import VerificationResult, verification
from sigsimnet.evaluate.trials import Trials, cross_record_trials
from sigsimnet.manifest import Entry, Manifest
from sigsimnet.recording import Recording
from sigsimnet.segments import Segments

__all__ = ["Evaluation", "Scorer", "evaluate_model"]


class Scorer(Protocol):
    """What can be evaluated: a `SigSimNet`, or anything that cuts, scores, and knows whom it learnt from."""

    def cut(self, recording: Recording, channels: Sequence[str] | str | None = None) -> Segments:
        """Return the segments of a recording."""

    def score_pairs(self, sets: Sequence[Segments], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each pair (positions in ``sets``, shape (n_pairs, 2)); higher is more alike."""

    def probability(self, score: float, prior: float = 0.5) -> float | None:
        """Return the calibrated probability of *same*, or None."""

    def knows(self, entry: Entry, recording: Recording) -> str:
        """Return how a person or a recording was part of the training; empty when it was not."""


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
        Recordings that could not be used (failure to acquire), each with the reason.
    paired : dict of str to dict
        For each baseline its EER less that of the model, with a 95 % interval over the same resamples of people.
    left_out : dict of str to str
        Baselines of ``"all"`` that could not run, and why.

    Examples
    --------
    >>> from sigsimnet import SigSimNet, simulate
    >>> people = simulate(4, 2, duration=10, seed=1)
    >>> found = evaluate_model(SigSimNet().build(1), Manifest.of(people), n_resamples=0)
    >>> sorted(found.to_dict())
    ['baselines', 'failed_to_acquire', 'left_out', 'model', 'paired']
    """

    model: VerificationResult
    baselines: dict[str, VerificationResult]
    scores: NDArray[np.float64]
    trials: Trials
    recordings: tuple[str, ...]
    failed: tuple[str, ...]
    paired: dict[str, dict[str, float]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain types, for JSON."""
        return {
            "model": self.model.to_dict(),
            "baselines": {name: result.to_dict() for name, result in self.baselines.items()},
            "paired": plain(self.paired),
            "left_out": dict(self.left_out),
            "failed_to_acquire": list(self.failed),
        }


def evaluate_model(
    model: Scorer,
    manifest: Manifest,
    *,
    same: str = "subject",
    baselines: Sequence[str] | str = ("pearson",),
    train: Manifest | None = None,
    min_segments: int = 1,
    n_resamples: int = 1000,
    seed: int = 0,
    progress: bool = True,
) -> Evaluation:
    """Score all pairs of a manifest's recordings with a model and with baselines.

    Parameters
    ----------
    model : Scorer
        Such as a `SigSimNet`.
    manifest : Manifest
        People that the model was neither trained nor calibrated on.
    same : {"subject", "label"}, default "subject"
        What makes a trial genuine.
    baselines : sequence of str, or "all", default ("pearson",)
        Of `BASELINES`; ``"all"`` takes all that can run and says which were left out.
    train : Manifest, optional
        Other people, for the baselines that learn (``"lda"``, ``"minirocket"``, ``"article"``).
    min_segments : int, default 1
        A recording with fewer segments is counted as a failure to acquire.
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
    manifest.check_files()
    methods, left_out = choose_baselines(baselines, model, can_learn=train is not None)
    pieces: list[Segments] = []
    used: list[Entry] = []
    failed: list[str] = []
    seen: dict[bytes, str] = {}
    for entry in track(manifest, "reading", total=len(manifest), show=progress):
        try:
            recording = entry.read()
            leak = model.knows(entry, recording)
            if leak:
                raise LeakageError(f"{manifest.source or 'recordings'}: {leak}; test on other people")
            segments = model.cut(recording, entry.channel or None)
        except LeakageError:
            raise
        except SigSimNetError as error:
            failed.append(str(error))
            continue
        if len(segments) < max(1, min_segments):
            failed.append(f"{entry.path}: {len(segments)} {segments.kind}, at least {max(1, min_segments)} are needed")
            continue
        digest = digest_of(recording)
        if digest in seen:
            raise LeakageError(
                f"{manifest.source or 'recordings'}: {entry.path} holds the same samples as {seen[digest]}; a "
                "recording compared with itself is no trial"
            )
        seen[digest] = entry.path
        pieces.append(segments)
        used.append(entry)
    if not used:
        raise ManifestError(f"{manifest.source or 'recordings'}: nothing could be used; the first says: {failed[0]}")
    trials = cross_record_trials(used, same)
    protocol = trials.protocol | {
        "n_failed_to_acquire": len(failed),
        "median_segments": float(np.median([len(p) for p in pieces])),
        "segments": pieces[0].kind,
        "channels": sorted({name for p in pieces for name in p.channel_names}),
        # Those who were seen were refused above; without names there is nobody to look for.
        "people_seen_in_training": 0 if all(entry.subject for entry in used) else None,
    }
    pairs = np.column_stack([trials.enrol, trials.probe])
    scores = model.score_pairs(pieces, pairs)
    guesses = [model.probability(float(s)) for s in scores]
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
            protocol=protocol,
        )

    if train is not None:
        n_learnt = learn_from(methods, model, train, same=same, people=set(trials.people), digests=seen, seed=seed)
        protocol["people_baselines_learnt_from"] = n_learnt
    beside = {name: baseline_scores(method, model, used, pieces, pairs) for name, method in methods.items()}
    return Evaluation(
        model=figures(scores, probabilities),
        baselines={name: figures(values, None) for name, values in beside.items()},
        scores=scores,
        trials=trials,
        recordings=tuple(entry.path for entry in used),
        failed=tuple(failed),
        paired={
            name: paired_difference(
                scores, values, trials.genuine, trials.people_a, trials.people_b, n_resamples=n_resamples, seed=seed
            )
            for name, values in beside.items()
        },
        left_out=left_out,
    )
