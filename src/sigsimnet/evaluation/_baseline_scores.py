"""Baselines beside a model: the same recordings, the same trials, and people to learn from who are not in the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.channels import lead_of
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, MissingExtraError, ParameterError
from sigsimnet.evaluation._scorer import Scorer
from sigsimnet.evaluation.baselines import BASELINES, Baseline
from sigsimnet.evaluation.protocols import Items
from sigsimnet.segments import LoadedSegments, Segments, load_segments

__all__ = ["ChosenBaselines", "baseline_scores", "choose_baselines", "learn_from"]


@dataclass(eq=False)
class ChosenBaselines:
    """Baselines that can run, and those of ``"all"`` that cannot.

    Attributes
    ----------
    methods : dict of str to Baseline
    left_out : dict of str to str
        Why a baseline cannot run.
    n_learnt : int
        People that baselines learnt from.
    """

    methods: dict[str, Baseline]
    left_out: dict[str, str]
    n_learnt: int = 0
    _cut: dict[str, dict[int, Segments]] = field(default_factory=dict)

    def of_items(self, items: Items) -> dict[str, Baseline]:
        """Return the baselines that can score these items: some segments of a recording cannot be cut otherwise."""
        return {name: one for name, one in self.methods.items() if items.whole or not one.cutter_overrides}

    def scores(
        self, name: str, model: Scorer, items: Items, loaded: LoadedSegments, pairs: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the score of every trial. What wants another cutter reads and cuts each recording once more."""
        method = self.methods[name]
        if not method.cutter_overrides:
            return baseline_scores(method, items.segments, pairs)
        key = repr(sorted(method.cutter_overrides.items()))
        if key not in self._cut:
            own: Any = model.cutter  # a dataclass with these fields, or the baseline was left out
            cutter = replace(own, **method.cutter_overrides)
            self._cut[key] = {
                id(entry): cutter.cut(entry.read().pick(list(segments.channels_cut(cutter))))
                for entry, segments in zip(loaded.entries, loaded.sets, strict=True)
            }
        return baseline_scores(method, items.of_recordings(self._cut[key]), pairs)


def baseline_scores(baseline: Baseline, sets: Sequence[Segments], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the score of every pair of sets; each set is represented once.

    Where leads were cut apart, a pair is compared on the leads that both have: the model's trials and its leads.
    """
    leads = [_leads_of(one) for one in sets]
    if len(set(leads)) == 1:
        kept = [baseline.represent(segments) for segments in sets]
        return np.array([baseline.compare(kept[i], kept[j]) for i, j in pairs.tolist()])
    known: dict[tuple[int, tuple[str, ...]], Any] = {}

    def of(number: int, common: tuple[str, ...]) -> Any:
        if (number, common) not in known:
            one = sets[number]
            names = [one.channel_names[leads[number].index(lead)] for lead in common]
            known[number, common] = baseline.represent(one.pick(names) if one.cut_apart else one)
        return known[number, common]

    found = []
    for i, j in pairs.tolist():
        common = tuple(lead for lead in leads[i] if lead in leads[j])
        found.append(baseline.compare(of(i, common), of(j, common)) if common else np.nan)
    return np.array(found)


def _leads_of(segments: Segments) -> tuple[str, ...]:
    """Return the leads of segments that were cut as ECG; channels that were not cut apart stand for themselves."""
    if segments.cut_apart or len(segments.channel_names) == 1:
        return tuple(lead_of(name) or ("" if not segments.cut_apart else name) for name in segments.channel_names)
    return ()


def choose_baselines(wanted: Sequence[str] | str, cutter: object, *, can_learn: bool) -> ChosenBaselines:
    """Return baselines by name, and why some of ``"all"`` were left out.

    Raises
    ------
    UnknownNameError, MissingExtraError, ParameterError
        If one that was asked for by name is unknown, lacks its library, or has nobody to learn from.
    """
    everything = wanted == "all"
    names = list(BASELINES) if everything else [wanted] if isinstance(wanted, str) else list(wanted)
    chosen = ChosenBaselines({}, {})
    for name in names:
        kind = BASELINES.get(name)
        why = ""
        if kind.learns and not can_learn:
            why = "it has to learn, and there are no people to learn from: bring rows with split 'train'"
        elif kind.cutter_overrides and not _has_fields(cutter, kind.cutter_overrides):
            why = f"segments of this model have no {', '.join(kind.cutter_overrides)}"
        if not why:
            try:
                chosen.methods[name] = kind()
            except MissingExtraError as error:
                if not everything:
                    raise
                why = str(error)
        elif not everything:
            raise ParameterError(f"baseline {name!r}: {why}")
        if why:
            chosen.left_out[name] = why
    return chosen


def learn_from(
    chosen: ChosenBaselines, model: Scorer, train: Manifest, *, same: str, test: LoadedSegments, seed: int
) -> None:
    """Train the baselines that learn, on other people than those of the test.

    Raises
    ------
    LeakageError
        If a person or a recording of the test is among them.
    ManifestError
        If there are fewer than two classes.
    """
    learners = [baseline for baseline in chosen.methods.values() if baseline.learns]
    if not learners:
        return
    source = train.source or "recordings"
    train.need(same)
    people = {entry.person or entry.path for entry in test.entries}
    for entry in train:
        person = entry.person or entry.path
        if person in people:
            raise LeakageError(f"{source}: person {person!r} is in the test too; nobody may learn from the test")
    known = set(test.fingerprints)

    def check(entry: Entry, fingerprint: str) -> None:
        if fingerprint in known:
            raise LeakageError(f"{source}: {entry.name} is in the test too, under another name")

    loaded = load_segments(
        train,
        model.cutter,
        lambda r, e, _: model.channels_of(r, e.channel or None),
        min_good_fraction=test.min_good_fraction,
        check=check,
    )
    keys = [entry.person if same == "subject" else entry.label for entry in loaded.entries]
    if len(set(keys)) < 2:
        raise ManifestError(f"{source}: baselines need segments of at least two {same}s to learn")
    numbers = np.unique(np.asarray(keys), return_inverse=True)[1].astype(np.int64)
    labels = np.repeat(numbers, [len(segments) for segments in loaded.sets])
    data = np.concatenate([segments.data for segments in loaded.sets])
    for baseline in learners:
        baseline.fit(data, labels, seed)
    chosen.n_learnt = len({entry.person or entry.path for entry in loaded.entries})


def _has_fields(cutter: object, overrides: Mapping[str, Any]) -> bool:
    return is_dataclass(cutter) and set(overrides) <= {item.name for item in fields(cutter)}
