"""`SigSimNet`: a twin that learns what is the same, and is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from sigsimnet.datasets import Manifest
from sigsimnet.errors import LeakageError, ModelError, ParameterError, SignalError
from sigsimnet.model._calibrate import calibrate
from sigsimnet.model._card import Card, digests_of_person
from sigsimnet.model._fit import cohort_of, fit_prepared, settings_of
from sigsimnet.model._prepare import Prepared, prepare
from sigsimnet.model._store import save_model
from sigsimnet.model._templates import NORMALISATIONS, ScoreNormalisation
from sigsimnet.model._twin import Twin
from sigsimnet.networks._summary import layers_of, table_of
from sigsimnet.recording import Recording
from sigsimnet.segments import MIN_GOOD_FRACTION
from sigsimnet.training import Augment, TrainingConfig, TrainingData

__all__ = ["SigSimNet"]


class SigSimNet(Twin):
    """A twin network with all that it takes to compare recordings.

    Parameters
    ----------
    encoder : str, default "cnn"
        One of `sigsimnet.networks.encoders.ENCODERS`.
    head : str, default "cosine"
        One of `sigsimnet.networks.heads.HEADS`: ``"cosine"``, ``"euclidean"``, ``"three_path"`` (the article's).
    segments : {"beats", "windows"} or Cutter, default "beats"
        What the network sees; a `BeatCutter` or `WindowCutter` sets it in detail.
    channels : sequence of str, optional
        Channels to look at. By default beats come from the first ECG channel and windows from all.
    encoder_options : mapping, optional
        Options of the encoder, such as ``{"dim": 64}``.
    fusion : {"quality", "mean", "attention"}, default "quality"
        How the segments of a recording become its template, for the cosine head: an average weighted by quality, a
        plain one, or one whose weights are learnt after the encoder.
    normalisation : {"none", "z", "t", "s", "as"}, default "none"
        Score normalisation against a cohort of training people, whose templates are kept with the model
        (`sigsimnet.model.ScoreNormalisation`).

    Raises
    ------
    ParameterError
        If a name or an option is unknown.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> recordings = simulate(6, 2, duration=20, seed=1)
    >>> model = SigSimNet(encoder_options={"dim": 16}).fit(recordings, same="subject", epochs=1, steps=2)
    >>> model.encode(recordings[0]).shape[1]
    16
    """

    def fit(
        self,
        recordings: Manifest | str | Path | Iterable[Recording],
        *,
        same: str = "subject",
        loss: str = "supcon",
        epochs: int = 30,
        validation: float = 0.25,
        augment: bool | Augment = True,
        min_template_correlation: float = 0.5,
        min_good_fraction: float = MIN_GOOD_FRACTION,
        calibration: str = "logistic",
        start: SigSimNet | str | Path | None = None,
        freeze: bool = False,
        seed: int = 0,
        checkpoint: str | Path | None = None,
        progress: bool = True,
        description: str = "",
        **settings: Any,
    ) -> Self:
        """Train on recordings, and calibrate on people held out of the training.

        Parameters
        ----------
        recordings : Manifest, path of one, or recordings with metadata
            Those that cannot be used (unreadable, no beats) are skipped and listed in ``card.extra["skipped"]``.
        same : {"subject", "label", "recording", "view"}, default "subject"
            What makes two segments *the same*: the person, what the table says of the recording, the recording
            (rows of several channels of one file make its leads alike), or being two changed copies of one segment
            (SimCLR; Chen 2020, arXiv:2002.05709), which needs no table at all. Of a person, pairs from two recordings
            come before pairs from one wherever there are two.
        loss : str, default "supcon"
            One of `sigsimnet.training.LOSSES`; ``"mse"`` is the article's, on labelled pairs.
        epochs : int, default 30
            Most epochs; training stops earlier when held-out people are no longer told apart better.
        validation : float, default 0.25
            Share of the people held out for early stopping and calibration. 0 trains on everybody for all epochs
            and leaves the model without probabilities.
        augment : bool or Augment, default True
            Change segments at random while training. True suits z-scored segments and is ignored for others.
        min_template_correlation : float, default 0.5
            Segments of lower `Segments.quality` teach nothing and are left out: beats unlike the other beats of
            their recording, windows of which more was bridged over than recorded.
        gate : float, default 0.5
            Share of a segment that must lie in seconds of good quality (`sigsimnet.segments.filter_by_quality`), here and in the
            calibration; 0 keeps all. How many were left out stands in ``card.extra["n_low_quality"]``.
        calibration : {"logistic", "isotonic"}, default "logistic"
            From score to probability, on the held-out people.
        start : SigSimNet, path or name, optional
            Model whose encoder (and head, where it is of the same kind) training starts from. Its people stay known:
            this model is not tested on them either.
        freeze : bool, default False
            Keep the encoder of ``start`` as it is and train the head alone, such as ``"three_path"``, by
            ``loss="mse"``.
        seed : int, default 0
            Draws everything random; the same seed repeats exactly.
        checkpoint : path, optional
            File written after every epoch, from which an interrupted training goes on.
        progress : bool, default True
            Show bars on a terminal.
        description : str, optional
            What the model is trained on, in words, for its card.
        **settings
            Others of `TrainingConfig`: ``learning_rate``, ``steps``, ``patience``, ``device`` …

        Raises
        ------
        ManifestError, SignalError, ParameterError
            If the recordings or the settings do not do.
        TrainingInterrupted
            On Ctrl-C.
        """
        manifest = Manifest.of(recordings)
        config = settings_of({"loss": loss, "epochs": epochs, "seed": seed, **settings})
        source = start if isinstance(start, SigSimNet) or start is None else SigSimNet.load(start)
        prepared = prepare(
            manifest,
            self.cutter,
            same=same,
            channels=self.channels,
            min_good_fraction=min_good_fraction,
            progress=progress,
        )
        return self.fit_prepared(
            prepared,
            config,
            same=same,
            min_template_correlation=min_template_correlation,
            validation=validation,
            augment=augment,
            calibration=calibration,
            start=source,
            freeze=freeze,
            checkpoint=Path(checkpoint) if checkpoint else None,
            progress=progress,
            description=description
            or (Path(manifest.source).name if manifest.source else "recordings given in memory"),
        )

    def fit_prepared(
        self,
        prepared: Prepared,
        config: TrainingConfig,
        *,
        same: str,
        min_template_correlation: float = 0.5,
        validation: float = 0.25,
        augment: bool | Augment = True,
        calibration: str = "logistic",
        start: SigSimNet | None = None,
        freeze: bool = False,
        checkpoint: Path | None = None,
        progress: bool = True,
        description: str = "",
    ) -> Self:
        """Train on segments that were cut before; `fit` without its first half."""
        fit_prepared(
            self,
            prepared,
            config,
            same=same,
            min_template_correlation=min_template_correlation,
            validation=validation,
            augment=augment,
            calibration=calibration,
            start=start,
            freeze=freeze,
            checkpoint=checkpoint,
            progress=progress,
            description=description,
        )
        return self

    def calibrate(
        self,
        recordings: Manifest | str | Path | Iterable[Recording],
        *,
        method: str = "logistic",
        within: bool = False,
        seed: int = 0,
    ) -> Self:
        """Calibrate anew on recordings of people that the model was not trained on.

        Parameters
        ----------
        recordings : Manifest, path of one, or recordings with metadata
        method : {"logistic", "isotonic"}, default "logistic"
            A straight line, or a staircase for those with hundreds of genuine trials.
        within : bool, default False
            Let people with one recording give trials too, of its beginning against its end; they weigh as much as
            those with several. Such trials are easier than across sittings: right where comparisons will be of both.
        seed : int, default 0
            Draws impostor trials where there are very many.

        Raises
        ------
        LeakageError
            If a person or a recording was part of the training.
        ModelError
            If the model was never trained.
        SignalError
            If there are too few trials.
        """
        encoder, _ = self._parts()
        if not self.card.same:
            raise ModelError("this model was never trained: its scores mean nothing that could be calibrated")
        prepared = self._require_unseen(recordings, self.card.same, "calibrate")
        data: TrainingData = prepared.data
        found = calibrate(
            encoder,
            self.scoring(),
            data,
            prepared.quality,
            kind=self.cutter.kind,
            seed=seed,
            between_people=self.card.same == "label",
            lead=prepared.lead_of_segment,
            method=method,
            within=within,
        )
        if found.calibration is None:
            raise SignalError("too few pairs of the same and of different kind to calibrate on")
        self.calibration, self.calibration_by_count = found.calibration, found.by_count
        self.card = replace(
            self._card_with(prepared),
            calibrated_on=found.description,
            n_calibrated=len(np.unique(data.groups)),
            thresholds=found.thresholds,
        )
        return self

    def normalise(
        self, recordings: Manifest | str | Path | Iterable[Recording], *, kind: str = "as", seed: int = 0
    ) -> Self:
        """Keep a cohort of strangers and normalise scores by it; the calibration is void then, so calibrate again.

        Parameters
        ----------
        recordings : Manifest, path of one, or recordings with metadata
            Of people who resemble those that will be compared, and are not among them. Up to 500 templates are kept.
        kind : {"z", "t", "s", "as"}, default "as"
            As in the constructor.
        seed : int, default 0
            Draws the recordings when there are more.

        Raises
        ------
        ParameterError, SignalError
            If there is no such normalisation, or there are fewer than 10 recordings.
        """
        encoder, _ = self._parts()
        if kind not in NORMALISATIONS[1:]:
            raise ParameterError(f"unknown score normalisation {kind!r} (known: {', '.join(NORMALISATIONS[1:])})")
        prepared = prepare(
            Manifest.of(recordings), self.cutter, same="recording", channels=self.channels, progress=False
        )
        cohort = cohort_of(encoder, self.scoring(normalised=False), prepared.data, prepared.quality, seed=seed)
        ScoreNormalisation(kind, cohort)
        self.normalisation, self.cohort, self.calibration = kind, cohort, None
        self.calibration_by_count = {}
        self.card = replace(self._card_with(prepared), calibrated_on="", n_calibrated=0, thresholds={})
        return self

    def _require_unseen(
        self, recordings: Manifest | str | Path | Iterable[Recording], same: str, purpose: str
    ) -> Prepared:
        """Cut recordings of people whom the model does not know."""
        manifest = Manifest.of(recordings)
        for entry in manifest:
            leak = self.check_leakage(entry)
            if leak:
                raise LeakageError(f"{manifest.source or 'recordings'}: {leak}; {purpose} on other people")
        prepared = prepare(manifest, self.cutter, same=same, channels=self.channels, progress=False)
        again = set(prepared.fingerprints) & set(self.card.recordings)
        if again:
            raise LeakageError(
                f"{manifest.source or 'recordings'}: {len(again)} recordings were part of the training; {purpose} on "
                "others"
            )
        return prepared

    def _card_with(self, prepared: Prepared) -> Card:
        """Return the card with more people and recordings that the model must not be tested on."""
        people = {d for person in prepared.people for d in digests_of_person(*person, self.card.salt)}
        return replace(
            self.card,
            people=tuple(sorted({*self.card.people, *people})),
            recordings=tuple(sorted({*self.card.recordings, *prepared.fingerprints})),
        )

    def save(self, path: str | Path) -> None:
        """Write a model folder (safetensors and JSON), whole or not at all."""
        save_model(self, path)

    @classmethod
    def load(cls, path: str | Path) -> SigSimNet:
        """Load a model folder, or a model of the package by name (`load_model`)."""
        from sigsimnet.model._store import load_model

        return load_model(path)

    def summary(self) -> str:
        """Return a table of the layers: name, kind, output shape, parameters."""
        encoder, head = self._parts()
        layers = layers_of(encoder, head, self.n_channels, self.cutter.n_samples)
        return table_of(layers, self.n_channels, self.cutter.n_samples)
