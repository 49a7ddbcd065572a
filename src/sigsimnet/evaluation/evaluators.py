"""Evaluations as objects with a name: the same one is used after every epoch of a training and after it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sigsimnet._utils.progress import track
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.errors import LeakageError, ManifestError, ParameterError
from sigsimnet.evaluation._baseline_scores import ChosenBaselines, choose_baselines, learn_from
from sigsimnet.evaluation._result import Evaluation, IdentityEvaluation
from sigsimnet.evaluation._scorer import Scorer
from sigsimnet.evaluation._verify import EmbeddedRecordings, evaluate_protocol, figures_of_protocol
from sigsimnet.evaluation.baselines import BASELINES
from sigsimnet.evaluation.protocols import Protocol, protocol_named
from sigsimnet.model import SigSimNet
from sigsimnet.recording import Recording
from sigsimnet.segments import Cut, LoadedSegments, Segments, check_min_good_fraction, load_segments

__all__ = ["IDENTITY_PROTOCOLS", "Evaluator", "IdentityEvaluator", "VerificationEvaluator"]

_T = TypeVar("_T")
RecordingTable = Manifest | str | Path | Iterable[Recording]
IDENTITY_PROTOCOLS = (
    "same_record",
    "beats",
    "cross_record",
    "cross_session",
    "cross_state",
    "single_cross_session",
    "single_shot_short_term",
    "leave_last_out_short_term",
    "single_shot_long_term",
    "leave_last_out_long_term",
)


class Evaluator(ABC):
    """Recordings that models are tested on, read and cut once; each model encodes them once for all its figures.

    Parameters
    ----------
    recordings : Manifest, path of one, or whatever `sigsimnet.datasets.as_dataset` takes
        Of people that the model was neither trained nor calibrated on. Of a table with a column ``split`` the rows with
        split ``test``.
    same : {"subject", "label"}
        What makes a trial genuine.
    baselines : sequence of str, or "all"
        Of `BASELINES`; ``"all"`` takes all that can run and says which were left out.
    train : Manifest, path of one, or whatever `sigsimnet.datasets.as_dataset` takes, optional
        Other people, for the baselines that learn (``"lda"``, ``"minirocket"``, ``"article"``); by default the rows of
        ``recordings`` with split ``train``.
    min_segments : int
        A recording with fewer segments is counted as a failure to acquire.
    min_good_fraction : float
        Share of a segment that must lie in seconds of good quality (`sigsimnet.segments.filter_by_quality`); 0 keeps
        all. `sigsimnet.compare` keeps those of 0.5.
    n_resamples : int
        Of people, for the intervals of `evaluate`; 0: none.
    seed : int
        Of the bootstrap, and of what baselines learn.
    name : str
        Begins the names of the figures.
    progress : bool
        Show bars on a terminal.

    Raises
    ------
    ParameterError
        If a setting is out of its range or a name is unknown.
    ManifestError
        If a row does not say what ``same`` needs.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> isinstance(IdentityEvaluator(simulate(4, 2, duration=10, seed=1)), Evaluator)
    True
    """

    def __init__(
        self,
        recordings: RecordingTable,
        *,
        same: str,
        baselines: Sequence[str] | str,
        train: RecordingTable | None,
        min_segments: int,
        min_good_fraction: float,
        n_resamples: int,
        seed: int,
        name: str,
        progress: bool,
    ) -> None:
        if same not in ("subject", "label"):
            raise ParameterError(f"cannot pair recordings by same={same!r} (known: subject, label)")
        for what, value in (("seed", seed), ("n_resamples", n_resamples)):
            if not isinstance(value, int) or value < 0:
                raise ParameterError(f"{what} is {value!r}: it must be an integer of 0 or more")
        check_min_good_fraction(min_good_fraction)
        if not isinstance(baselines, str | list | tuple | set):
            raise ParameterError(f"baselines are named in a list, not by {baselines!r} (known: {', '.join(BASELINES)})")
        for baseline in () if baselines == "all" else [baselines] if isinstance(baselines, str) else baselines:
            BASELINES.check(baseline)
        every = Manifest.of(recordings)
        self.manifest = every.split("test")
        self.manifest.need(same)
        self.train = Manifest.of(train).split("train") if train is not None else _train_rows(every)
        self.same, self.name, self.baselines = same, name, baselines
        self.min_segments, self.min_good_fraction = min_segments, min_good_fraction
        self.n_resamples, self.seed, self.progress = n_resamples, seed, progress
        self._loaded: LoadedSegments | None = None
        self._chosen: ChosenBaselines | None = None
        self._cut_for: Any = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {len(self.manifest)} recordings>"

    @abstractmethod
    def __call__(self, model: Scorer) -> dict[str, float]:
        """Return the figures of a model, without intervals and baselines: for use after every epoch.

        Returns
        -------
        dict of str to float
            ``eer``, ``auc``, ``d_prime``, ``min_cllr``, where there are enough trials ``tar_at_far_1pct``, where the
            model is calibrated ``cllr``, where people are enrolled ``rank_1_people``; their names begin with that of
            the evaluator.

        Raises
        ------
        LeakageError
            If a person or a recording was part of the model's training or calibration.
        ManifestError
            If the recordings cannot make both kinds of trial.
        """

    @abstractmethod
    def evaluate(self, model: Scorer) -> Evaluation | IdentityEvaluation:
        """Return the whole answer: intervals over people, baselines on the same trials, ranks.

        Raises
        ------
        LeakageError
            If a person or a recording was part of the model's training or calibration, or is among those that baselines
            learn from.
        ManifestError
            If the recordings cannot make both kinds of trial.
        """

    def _segments(self, model: Scorer) -> LoadedSegments:
        """Return the segments of all recordings, for models that cut alike from the same channels cut once."""
        cut_for = _cuts_as(model)

        def check(entry: Entry, fingerprint: str) -> None:
            try:
                model.check_leakage(entry, fingerprint)
            except LeakageError as error:
                raise LeakageError(f"{self._source}: {error}") from error

        if self._loaded is not None and self._cut_for == cut_for:
            for entry, fingerprint in zip(self._loaded.entries, self._loaded.fingerprints, strict=True):
                check(entry, fingerprint)
            return self._loaded
        for entry in self.manifest:
            check(entry, "")  # a person who is known is refused before anything is read
        loaded = load_segments(
            self.manifest,
            model.cutter,
            lambda recording, entry, _: _channels_of(model, recording, entry.channel or None),
            cut=_cut_of(model),
            min_segments=self.min_segments,
            min_good_fraction=self.min_good_fraction,
            check=check,
            progress=self.progress,
        )
        self._refuse_copies(loaded)
        self._loaded, self._cut_for, self._chosen = loaded, cut_for, None
        return loaded

    def _recordings(self, model: Scorer) -> EmbeddedRecordings:
        """Return all recordings with the embeddings of a model, each encoded once."""
        loaded = self._segments(model)
        sets = tuple(
            model.embed(segments)
            for segments in track(loaded.sets, "encoding", total=len(loaded.sets), show=self.progress)
        )
        return EmbeddedRecordings(loaded, sets, model if isinstance(model, SigSimNet) else None)

    def _baselines(self, model: Scorer, loaded: LoadedSegments) -> ChosenBaselines:
        """Return the baselines, which learn once for models that cut alike."""
        if self._chosen is None:
            chosen = choose_baselines(self.baselines, model.cutter, can_learn=self.train is not None)
            if self.train is not None:
                learn_from(chosen, model, self.train, same=self.same, test=loaded, seed=self.seed)
            self._chosen = chosen
        return self._chosen

    def _refuse_copies(self, loaded: LoadedSegments) -> None:
        """Refuse two rows with the same samples.

        Raises
        ------
        LeakageError
            Naming both.
        """
        seen: dict[str, str] = {}
        for entry, fingerprint in zip(loaded.entries, loaded.fingerprints, strict=True):
            if fingerprint in seen:
                raise LeakageError(
                    f"{self._source}: {entry.name} holds the same samples as {seen[fingerprint]}; a recording compared "
                    "with itself is no trial"
                )
            seen[fingerprint] = entry.name

    @property
    def _source(self) -> str:
        return self.manifest.source or "recordings"


class VerificationEvaluator(Evaluator):
    """One protocol: pairs of recordings that are the same, against pairs that are not.

    Parameters
    ----------
    recordings : Manifest, path of one, or whatever `sigsimnet.datasets.as_dataset` takes
        Of people that the model was neither trained nor calibrated on. Of a table with a column ``split`` the rows with
        split ``test``.
    protocol : str, default "cross_record"
        One of `PROTOCOLS`: which recordings, or which of their segments, are compared.
    same : {"subject", "label"}, default "subject"
        What makes a trial genuine.
    baselines : sequence of str, or "all", default ()
    train, min_segments, min_good_fraction, n_resamples, seed, progress
        As in `Evaluator`.
    name : str, optional
        Begins the names of the figures; by default the name of the protocol.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> evaluator = VerificationEvaluator(simulate(4, 2, duration=10, seed=1), name="simulated")
    >>> sorted(evaluator(load_model("ecg")))[:3]
    ['simulated_auc', 'simulated_cllr', 'simulated_d_prime']
    >>> evaluator.evaluate(load_model("ecg")).model.n_impostor
    24
    """

    def __init__(
        self,
        recordings: RecordingTable,
        *,
        protocol: str = "cross_record",
        same: str = "subject",
        baselines: Sequence[str] | str = (),
        train: RecordingTable | None = None,
        min_segments: int = 1,
        min_good_fraction: float = 0.0,
        n_resamples: int = 1000,
        seed: int = 0,
        name: str = "",
        progress: bool = False,
    ) -> None:
        self.protocol = protocol_named(protocol)
        super().__init__(
            recordings,
            same=same,
            baselines=baselines,
            train=train,
            min_segments=min_segments,
            min_good_fraction=min_good_fraction,
            n_resamples=n_resamples,
            seed=seed,
            name=name or self.protocol.name,
            progress=progress,
        )

    def __call__(self, model: Scorer) -> dict[str, float]:
        """Return the figures of a model, without intervals and baselines (`Evaluator`)."""
        found = figures_of_protocol(model, self._recordings(model), self.protocol, same=self.same)
        return {f"{self.name}_{figure}": value for figure, value in found.items()}

    def evaluate(self, model: Scorer) -> Evaluation:
        """Return the whole answer: intervals over people, baselines on the same trials, ranks (`Evaluator`)."""
        recordings = self._recordings(model)
        return evaluate_protocol(
            model,
            recordings,
            self.protocol,
            self._baselines(model, recordings.loaded),
            same=self.same,
            n_resamples=self.n_resamples,
            seed=self.seed,
        )


class IdentityEvaluator(Evaluator):
    """Every protocol of "the same person?" that the table allows (`IDENTITY_PROTOCOLS`).

    Within a recording, one segment against one segment, across recordings (with ranks), across sessions, across labels,
    and by the order of recordings (`sigsimnet.evaluation.record_order`).

    Parameters
    ----------
    recordings, baselines, train, min_segments, min_good_fraction, n_resamples, seed, progress
        As in `VerificationEvaluator`.
    name : str, optional
        Begins the names of the figures, before that of the protocol.

    Examples
    --------
    >>> from sigsimnet import load_model, simulate
    >>> evaluator = IdentityEvaluator(simulate(4, 2, duration=10, seed=1))
    >>> figures = evaluator(load_model("ecg"))
    >>> figures["cross_record_auc"] >= figures["beats_auc"] > 0.5
    True
    """

    def __init__(
        self,
        recordings: RecordingTable,
        *,
        baselines: Sequence[str] | str = (),
        train: RecordingTable | None = None,
        min_segments: int = 1,
        min_good_fraction: float = 0.0,
        n_resamples: int = 1000,
        seed: int = 0,
        name: str = "",
        progress: bool = False,
    ) -> None:
        super().__init__(
            recordings,
            same="subject",
            baselines=baselines,
            train=train,
            min_segments=min_segments,
            min_good_fraction=min_good_fraction,
            n_resamples=n_resamples,
            seed=seed,
            name=name,
            progress=progress,
        )

    def __call__(self, model: Scorer) -> dict[str, float]:
        """Return the figures of a model by all protocols, without intervals and baselines (`Evaluator`)."""
        recordings = self._recordings(model)
        by_protocol, _ = self._each(lambda p: figures_of_protocol(model, recordings, p, same=self.same))
        begins = f"{self.name}_" if self.name else ""
        return {
            f"{begins}{name}_{figure}": value
            for name, figures in by_protocol.items()
            for figure, value in figures.items()
        }

    def evaluate(self, model: Scorer) -> IdentityEvaluation:
        """Return the whole answer by all protocols; those that have no trials are left out (`Evaluator`)."""
        recordings = self._recordings(model)
        chosen = self._baselines(model, recordings.loaded)
        return IdentityEvaluation(
            *self._each(
                lambda p: evaluate_protocol(
                    model, recordings, p, chosen, same=self.same, n_resamples=self.n_resamples, seed=self.seed
                )
            )
        )

    def _each(self, compute: Callable[[Protocol], _T]) -> tuple[dict[str, _T], dict[str, str]]:
        """Return what each protocol gives, and why the others have no trials."""
        found: dict[str, _T] = {}
        why: dict[str, str] = {}
        for name in IDENTITY_PROTOCOLS:
            try:
                found[name] = compute(protocol_named(name))
            except ManifestError as error:
                why[name] = str(error)
        if not found:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in why.items())
            raise ManifestError(f"{self._source}: no protocol has trials ({reasons})")
        return found, why


def _cuts_as(model: Scorer) -> tuple[Any, ...]:
    """Return what is equal for models that make the same segments of a recording."""
    settings = model.cutter.to_dict()
    if isinstance(model, SigSimNet):
        return settings, model.n_channels, tuple(model.channels_ or model.channels or ())
    return settings, model


def _channels_of(model: Scorer, recording: Recording, channel: str | None) -> tuple[str, ...]:
    return (model.leads_of if isinstance(model, SigSimNet) else model.channels_of)(recording, channel)


def _cut_of(model: Scorer) -> Cut | None:
    """Return how a model cuts a recording of these channels, where it does so otherwise than `cut_by_quality`."""
    if not isinstance(model, SigSimNet) or not (model.takes_leads or model.channels_ or model.channels):
        return None

    def cut(recording: Recording, min_good_fraction: float) -> tuple[Segments, Segments]:
        channel = recording.channel_names[0] if recording.n_channels == 1 else None
        return model.cut_good(recording, channel, min_good_fraction=min_good_fraction)

    return cut


def _train_rows(manifest: Manifest) -> Manifest | None:
    rows = tuple(entry for entry in manifest if entry.split == "train")
    return Manifest(rows, manifest.source) if rows else None
