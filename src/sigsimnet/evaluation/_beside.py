"""Baselines beside a model: the same recordings, the same trials, people to learn from who are not in the test."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, MissingExtraError, ParameterError, SigSimNetError
from sigsimnet.evaluation.baselines import BASELINES, Baseline
from sigsimnet.recording import Recording
from sigsimnet.segments import Segments

__all__ = ["baseline_scores", "choose_baselines", "digest_of", "learn_from", "paired_difference"]


def digest_of(recording: Recording) -> bytes:
    """Return what tells the samples of a recording from any others."""
    return hashlib.sha256(recording.data.tobytes()).digest()


def choose_baselines(
    wanted: Sequence[str] | str, model: object, *, can_learn: bool
) -> tuple[dict[str, Baseline], dict[str, str]]:
    """Return baselines by name, and why some of ``"all"`` were left out.

    Raises
    ------
    UnknownNameError, MissingExtraError, ParameterError
        If one that was asked for by name is unknown, lacks its library, or has nobody to learn from.
    """
    everything = wanted == "all"
    names = list(BASELINES) if everything else [wanted] if isinstance(wanted, str) else list(wanted)
    chosen: dict[str, Baseline] = {}
    left_out: dict[str, str] = {}
    for name in names:
        kind = BASELINES.get(name)
        why = ""
        if kind.learns and not can_learn:
            why = "it has to learn, and there are no people to learn from: bring rows with split 'train'"
        elif kind.cutter_overrides and not _has_cutter_fields(model, kind.cutter_overrides):
            why = f"segments of this model have no {', '.join(kind.cutter_overrides)}"
        if not why:
            try:
                chosen[name] = kind()
            except MissingExtraError as error:
                if not everything:
                    raise
                why = str(error)
        elif not everything:
            raise ParameterError(f"baseline {name!r}: {why}")
        if why:
            left_out[name] = why
    return chosen, left_out


def _has_cutter_fields(model: object, changes: Mapping[str, Any]) -> bool:
    cutter: Any = getattr(model, "cutter", None)
    return is_dataclass(cutter) and set(changes) <= {field.name for field in fields(cutter)}


def learn_from(
    baselines: Mapping[str, Baseline],
    model: Any,
    train: Manifest,
    *,
    same: str,
    people: set[str],
    digests: Mapping[bytes, str],
    seed: int,
) -> int:
    """Train the baselines that learn, on other people than those of the test; return how many people they learnt from.

    Raises
    ------
    LeakageError
        If a person or a recording of the test is among them.
    ManifestError
        If nothing could be used.
    """
    learners = [baseline for baseline in baselines.values() if baseline.learns]
    if not learners:
        return 0
    train.need(same)
    pieces: list[NDArray[np.float32]] = []
    keys: list[str] = []
    known: set[str] = set()
    for entry in train:
        person = entry.person or entry.path
        if person in people:
            raise LeakageError(
                f"{train.source or 'recordings'}: person {person!r} is in the test too; nobody may learn"
            )
        try:
            recording = entry.read()
            segments = model.cut(recording, entry.channel or None)
        except SigSimNetError:
            continue
        if not len(segments):
            continue
        if digest_of(recording) in digests:
            raise LeakageError(f"{train.source or 'recordings'}: {entry.path} is in the test too, under another name")
        pieces.append(segments.data)
        keys += [entry.person if same == "subject" else entry.label] * len(segments)
        known.add(person)
    if len(set(keys)) < 2:
        raise ManifestError(f"{train.source or 'recordings'}: baselines need segments of at least two {same}s to learn")
    labels = np.unique(np.asarray(keys), return_inverse=True)[1].astype(np.int64)
    data = np.concatenate(pieces)
    for baseline in learners:
        baseline.fit(data, labels, seed)
    return len(known)


def baseline_scores(
    baseline: Baseline,
    model: Any,
    entries: Sequence[Entry],
    sets: Sequence[Segments],
    pairs: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the score of every trial; each recording is looked at once."""
    if baseline.cutter_overrides:
        cutter = replace(model.cutter, **baseline.cutter_overrides)
        names = [segments.channel_names for segments in sets]
        sets = [cutter.cut(e.read().pick(list(n))) for e, n in zip(entries, names, strict=True)]
    kept = [baseline.represent(segments) for segments in sets]
    return np.array([baseline.compare(kept[i], kept[j]) for i, j in pairs.tolist()])


def paired_difference(
    scores: NDArray[np.float64],
    others: NDArray[np.float64],
    genuine: NDArray[np.bool_],
    people_a: NDArray[np.str_],
    people_b: NDArray[np.str_],
    *,
    n_resamples: int,
    seed: int,
) -> dict[str, float]:
    """Return the EER of a baseline less that of the model on the same resamples of people.

    Returns
    -------
    dict
        ``difference`` (positive: the model is better), ``low`` and ``high`` of the 95 % interval, and ``p``: twice the
        smaller share of resamples on one side of 0 (at least 1 / ``n_resamples``).
    """
    from sigsimnet.metrics.bootstrap import person_weights
    from sigsimnet.metrics.verification import eer

    people, numbers = np.unique(np.concatenate([people_a, people_b]), return_inverse=True)
    first, second = numbers[: len(genuine)], numbers[len(genuine) :]
    orders = [np.argsort(values, kind="stable") for values in (scores, others)]
    ordered = [(values[o], genuine[o], first[o], second[o]) for values, o in zip((scores, others), orders, strict=True)]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n_resamples):
        counts = np.bincount(rng.integers(0, len(people), len(people)), minlength=len(people))
        rates = []
        for values, truth, a, b in ordered:
            weights = person_weights(counts, a, b)
            drawn = weights > 0
            if not truth[drawn].any() or truth[drawn].all():
                break
            rates.append(eer(values[drawn], truth[drawn], weights[drawn]))
        if len(rates) == 2:
            found.append(rates[1] - rates[0])
    difference = float(eer(others, genuine) - eer(scores, genuine))
    if len(found) < 2:
        return {"difference": difference, "low": float("nan"), "high": float("nan"), "p": float("nan")}
    sample = np.asarray(found)
    low, high = np.quantile(sample, [0.025, 0.975])
    p = 2 * min(float((sample <= 0).mean()), float((sample >= 0).mean()))
    return {
        "difference": difference,
        "low": float(low),
        "high": float(high),
        "p": min(1.0, max(p, 1 / len(sample))),
    }
