"""`SigSimNet`: cut, encode, compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sigsimnet.encoders import ENCODERS, Encoder, build_encoder
from sigsimnet.errors import LeakageError, ModelError, ParameterError, SignalError
from sigsimnet.evaluate import LogisticCalibration
from sigsimnet.heads import HEADS, Cosine, Head, build_head
from sigsimnet.manifest import Entry, Manifest
from sigsimnet.recording import Recording
from sigsimnet.segments import BeatCutter, Cutter, Segments, WindowCutter
from sigsimnet.siamese._calibrate import calibrate
from sigsimnet.siamese._card import Card, digests_of_person, fingerprint_of, known_under, salt_of
from sigsimnet.siamese._prepare import Prepared, channels_for, prepare
from sigsimnet.siamese._store import save_model
from sigsimnet.siamese._summary import layers_of, table_of
from sigsimnet.siamese._templates import evenly, set_score, template_of
from sigsimnet.training import Augment, TrainingConfig, TrainingData, train
from sigsimnet.training.data import split_groups
from sigsimnet.training.loop import encode_array

__all__ = ["SigSimNet"]

Embeddings = NDArray[np.float32]


class SigSimNet:
    """A twin network with all that it takes to compare recordings.

    Parameters
    ----------
    encoder : str, default "cnn"
        One of `sigsimnet.encoders.ENCODERS`.
    head : str, default "cosine"
        One of `sigsimnet.heads.HEADS`: ``"cosine"``, ``"euclidean"``, ``"three_path"`` (the article's).
    segments : {"beats", "windows"} or Cutter, default "beats"
        What the network sees; a `BeatCutter` or `WindowCutter` sets it in detail.
    channels : sequence of str, optional
        Channels to look at. By default beats come from the first ECG channel and windows from all.
    encoder_options : mapping, optional
        Options of the encoder, such as ``{"dim": 64}``.

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

    def __init__(
        self,
        encoder: str = "cnn",
        head: str = "cosine",
        segments: str | Cutter = "beats",
        *,
        channels: Sequence[str] | None = None,
        encoder_options: Mapping[str, Any] | None = None,
    ) -> None:
        ENCODERS.get(encoder)
        HEADS.get(head)
        if isinstance(segments, str):
            kinds: dict[str, type[BeatCutter | WindowCutter]] = {"beats": BeatCutter, "windows": WindowCutter}
            if segments not in kinds:
                raise ParameterError(f"unknown kind of segments {segments!r} (known: beats, windows)")
            self.cutter: Cutter = kinds[segments]()
        else:
            self.cutter = segments
        with torch.device("meta"):  # an unknown option shows now, at no cost
            build_encoder(encoder, 1, self.cutter.n_samples, **(encoder_options or {}))
        self.encoder_name = encoder
        self.head_name = head
        self.channels = tuple(channels) if channels else None
        self.encoder_options = dict(encoder_options or {})
        self.encoder: Encoder | None = None
        self.head: Head | None = None
        self.n_channels = 0
        self.calibration: LogisticCalibration | None = None
        self.card = Card()
        self.name = "unnamed"

    def __repr__(self) -> str:
        learnt = f"same {self.card.same}" if self.card.same else "untrained"
        return f"<SigSimNet {self.encoder_name} + {self.head_name} on {self.cutter.kind}, {learnt}>"

    # -- building and training --------------------------------------------------------------------------------------

    def build(self, n_channels: int, *, seed: int = 0) -> SigSimNet:
        """Make the network for segments of ``n_channels`` channels, with random weights drawn from ``seed``."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder = build_encoder(
                self.encoder_name, n_channels, self.cutter.n_samples, **self.encoder_options
            ).eval()
            self.head = build_head(self.head_name, self.encoder.dim).eval()
        self.n_channels = n_channels
        self.card, self.calibration = Card(), None
        return self

    def fit(
        self,
        recordings: Manifest | str | Path | Iterable[Recording],
        *,
        same: str = "subject",
        loss: str = "supcon",
        epochs: int = 30,
        validation: float = 0.25,
        augment: bool | Augment = True,
        min_quality: float = 0.5,
        seed: int = 0,
        checkpoint: str | Path | None = None,
        progress: bool = True,
        description: str = "",
        **settings: Any,
    ) -> SigSimNet:
        """Train on recordings, and calibrate on people held out of the training.

        Parameters
        ----------
        recordings : Manifest, path of one, or recordings with metadata
            Those that cannot be used (unreadable, no beats) are skipped and listed in ``card.extra["skipped"]``.
        same : {"subject", "label", "recording"}, default "subject"
            What makes two segments *the same*.
        loss : str, default "supcon"
            One of `sigsimnet.training.LOSSES`; ``"mse"`` is the article's, on labelled pairs.
        epochs : int, default 30
            Most epochs; training stops earlier when held-out people are no longer told apart better.
        validation : float, default 0.25
            Share of the people held out for early stopping and calibration. 0 trains on everybody for all epochs
            and leaves the model without probabilities.
        augment : bool or Augment, default True
            Change segments at random while training. True suits z-scored segments and is ignored for others.
        min_quality : float, default 0.5
            Segments of lower `Segments.quality` teach nothing and are left out: beats unlike the other beats of
            their recording, windows of which more was bridged over than recorded.
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
        try:
            config = TrainingConfig(loss=loss, epochs=epochs, seed=seed, **settings)
        except TypeError as error:
            raise ParameterError(f"training has no such setting: {error}") from error
        prepared = prepare(manifest, self.cutter, same=same, channels=self.channels, progress=progress)
        return self.fit_prepared(
            prepared,
            config,
            same=same,
            min_quality=min_quality,
            validation=validation,
            augment=augment,
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
        min_quality: float = 0.5,
        validation: float = 0.25,
        augment: bool | Augment = True,
        checkpoint: Path | None = None,
        progress: bool = True,
        description: str = "",
    ) -> SigSimNet:
        """Train on segments that were cut before; `fit` without its first half."""
        data = prepared.data
        self.build(data.segments.shape[1], seed=config.seed)
        if self.n_channels > 1:
            self.channels = prepared.channels
        assert self.encoder is not None  # noqa: S101 - built above
        assert self.head is not None  # noqa: S101
        learn, held = split_groups(data, validation, config.seed)
        # Poor segments teach nothing; calibration sees them, as every comparison will.
        learn = learn.take(prepared.quality[np.isin(data.groups, learn.groups)] >= min_quality)
        change = augment if isinstance(augment, Augment) else Augment() if augment and self._z_scored else None
        history = train(
            self.encoder, self.head, learn, held, config, augment=change, checkpoint=checkpoint, progress=progress
        )
        calibration, calibrated_on = None, ""
        if len(held):
            quality = prepared.quality[np.isin(data.groups, held.groups)]
            calibration, calibrated_on = calibrate(
                self.encoder,
                self.head,
                held,
                quality,
                kind=self.cutter.kind,
                seed=config.seed,
                between_people=same == "label",
            )
        self.calibration = calibration
        n_recordings = len({prepared.fingerprints[i] for i in np.unique(learn.recordings)})
        salt = salt_of(prepared.fingerprints)
        n_learn, n_held = len(np.unique(learn.groups)), len(np.unique(held.groups))
        self.card = Card(
            same=same,
            trained_on=f"{description}: {n_learn} people, {n_recordings} recordings",
            n_people=n_learn,
            n_recordings=n_recordings,
            n_segments=len(learn),
            n_held_out=n_held,
            people=tuple(sorted({d for person in prepared.people for d in digests_of_person(*person, salt)})),
            recordings=tuple(sorted(set(prepared.fingerprints))),
            salt=salt,
            calibrated_on=calibrated_on,
            n_calibrated=n_held if calibration else 0,
            min_segments=3 if self.cutter.kind == "beats" else 1,
            training=asdict(config) | {"augment": change.to_dict() if change else None, "validation": validation},
            history=tuple(history),
            extra={"skipped": list(prepared.skipped)} if prepared.skipped else {},
        )
        return self

    @property
    def _z_scored(self) -> bool:
        return getattr(self.cutter, "normalise", "") == "zscore"

    def calibrate(self, recordings: Manifest | str | Path | Iterable[Recording], *, seed: int = 0) -> SigSimNet:
        """Calibrate anew on recordings of people that the model was not trained on.

        Raises
        ------
        LeakageError
            If a person or a recording was part of the training.
        ModelError
            If the model was never trained.
        SignalError
            If there are too few trials.
        """
        encoder, head = self._parts()
        if not self.card.same:
            raise ModelError("this model was never trained: its scores mean nothing that could be calibrated")
        manifest = Manifest.of(recordings)
        for entry in manifest:
            leak = self.knows(entry)
            if leak:
                raise LeakageError(f"{manifest.source or 'recordings'}: {leak}; calibrate on other people")
        prepared = prepare(manifest, self.cutter, same=self.card.same, channels=self.channels, progress=False)
        again = set(prepared.fingerprints) & set(self.card.recordings)
        if again:
            raise LeakageError(
                f"{manifest.source or 'recordings'}: {len(again)} recordings were part of the training; calibrate on "
                "others"
            )
        data: TrainingData = prepared.data
        found, what = calibrate(
            encoder,
            head,
            data,
            prepared.quality,
            kind=self.cutter.kind,
            seed=seed,
            between_people=self.card.same == "label",
            lead=prepared.lead_of_segment,
        )
        if found is None:
            raise SignalError("too few pairs of the same and of different kind to calibrate on")
        self.calibration = found
        self.card = replace(
            self.card,
            calibrated_on=what,
            n_calibrated=len(np.unique(data.groups)),
            people=tuple(
                sorted(
                    {*self.card.people, *(d for p in prepared.people for d in digests_of_person(*p, self.card.salt))}
                )
            ),
            recordings=tuple(sorted({*self.card.recordings, *prepared.fingerprints})),
        )
        return self

    # -- using it ---------------------------------------------------------------------------------------------------

    def cut(self, recording: Recording, channels: Sequence[str] | str | None = None) -> Segments:
        """Return the segments of a recording that this network would see.

        Raises
        ------
        SignalError
            If a channel is missing, or there are more or fewer than the network takes.
        """
        wanted = (channels,) if isinstance(channels, str) else tuple(channels) if channels else self.channels
        names = channels_for(recording, self.cutter.kind, wanted)
        if self.n_channels and len(names) != self.n_channels:
            where = f"{recording.source}: " if recording.source else ""
            raise SignalError(f"{where}{len(names)} channels ({', '.join(names)}) for a network of {self.n_channels}")
        return self.cutter.cut(recording.pick(list(names)))

    def encode(self, what: Recording | Segments | NDArray[np.floating[Any]]) -> Embeddings:
        """Return the embeddings of segments.

        Parameters
        ----------
        what : Recording, Segments, or ndarray of shape (n_segments, n_channels, n_samples)

        Returns
        -------
        ndarray of float32, shape (n_segments, dim)

        Raises
        ------
        ModelError
            If the network was never built.
        SignalError
            If the number of channels does not fit.
        """
        encoder, _ = self._parts()
        if isinstance(what, Recording):
            what = self.cut(what)
        segments = what.data if isinstance(what, Segments) else np.asarray(what, dtype=np.float32)
        n_samples = self.cutter.n_samples if self.encoder_name == "identity" else None
        if (
            segments.ndim != 3
            or segments.shape[1] != self.n_channels
            or (n_samples is not None and segments.shape[2] != n_samples)
        ):
            takes = f"(n, {self.n_channels}, {n_samples or 'n_samples'})"
            raise SignalError(f"segments have shape {segments.shape}: this network takes {takes}")
        return np.asarray(encode_array(encoder, segments).numpy())

    def template(self, what: Recording | Segments) -> Embeddings:
        """Return the quality-weighted average embedding of a recording, shape (dim,), at unit length."""
        segments = self.cut(what) if isinstance(what, Recording) else what
        return template_of(self.encode(segments), segments.quality)

    def similarity(self, a: Embeddings, b: Embeddings) -> Embeddings:
        """Return the scores of all pairs of embeddings, shape (n_a, n_b); higher is more alike."""
        _, head = self._parts()
        left, right = self._embeddings(a), self._embeddings(b)
        with torch.inference_mode():
            return np.asarray(head.matrix(left, right).numpy())

    def similarity_pairwise(self, a: Embeddings, b: Embeddings) -> Embeddings:
        """Return the score of each row of ``a`` with the same row of ``b``, shape (n,).

        Raises
        ------
        ParameterError
            If there are not as many rows in one as in the other.
        """
        _, head = self._parts()
        left, right = self._embeddings(a), self._embeddings(b)
        if left.shape != right.shape:
            raise ParameterError(f"embeddings of shapes {tuple(left.shape)} and {tuple(right.shape)} make no pairs")
        with torch.inference_mode():
            return np.asarray(head(left, right).numpy())

    def score(self, a: Segments, b: Segments) -> float:
        """Return one score for two sets of segments: of their templates, or the mean over pairs (`set_score`)."""
        _, head = self._parts()
        return set_score(head, self.encode(a), self.encode(b), a.quality, b.quality)

    def agreement(self, a: Segments, b: Segments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the score of every segment of either side against the whole of the other: *where* they agree.

        The whole is the template for the cosine head; for others the mean over up to 64 of its segments.
        """
        _, head = self._parts()
        left, right = self.encode(a), self.encode(b)
        if isinstance(head, Cosine):
            whole_a, whole_b = template_of(left, a.quality)[None], template_of(right, b.quality)[None]
        else:
            whole_a, whole_b = evenly(left), evenly(right)
        to_b, to_a = self.similarity(left, whole_b), self.similarity(right, whole_a)
        return to_b.mean(axis=1, dtype=np.float64), to_a.mean(axis=1, dtype=np.float64)

    def score_pairs(self, sets: Sequence[Segments], pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each pair of sets; every set is encoded once.

        Parameters
        ----------
        sets : sequence of Segments
        pairs : ndarray of int, shape (n_pairs, 2)
            Positions in ``sets``.
        """
        _, head = self._parts()
        embedded = [self.encode(segments) for segments in sets]
        return np.array(
            [set_score(head, embedded[i], embedded[j], sets[i].quality, sets[j].quality) for i, j in pairs.tolist()]
        )

    def probability(self, score: float, prior: float = 0.5) -> float | None:
        """Return the calibrated probability of *same*; None when the model was not calibrated."""
        if self.calibration is None:
            return None
        return float(self.calibration.probability([score], prior)[0])

    def knows(self, entry: Entry, recording: Recording | None = None) -> str:
        """Return how a person or a recording was part of the training or calibration; empty when it was not.

        A subject is looked for with and without its database. Two databases that number their people alike are told
        apart by a column ``database`` in both manifests.
        """
        if any(d in self.card.people for d in known_under(entry.subject, entry.database, self.card.salt)):
            hint = "" if entry.database else " (if this is somebody else of another database, name it in 'database')"
            return f"the model was trained or calibrated on person {entry.person!r}{hint}"
        if recording is not None and fingerprint_of(recording) in self.card.recordings:
            return f"the model was trained or calibrated on the recording {entry.path}"
        return ""

    # -- keeping it -------------------------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write a model folder (safetensors and JSON), whole or not at all."""
        save_model(self, path)

    @classmethod
    def load(cls, path: str | Path) -> SigSimNet:
        """Load a model folder, or a model of the package by name (`load_model`)."""
        from sigsimnet.siamese._store import load_model

        return load_model(path)

    def summary(self) -> str:
        """Return a table of the layers: name, kind, output shape, parameters."""
        encoder, head = self._parts()
        layers = layers_of(encoder, head, self.n_channels, self.cutter.n_samples)
        return table_of(layers, self.n_channels, self.cutter.n_samples)

    def _embeddings(self, values: Embeddings) -> torch.Tensor:
        encoder, _ = self._parts()
        found = torch.from_numpy(np.ascontiguousarray(np.atleast_2d(values), dtype=np.float32))
        if found.ndim != 2 or found.shape[1] != encoder.dim:
            raise ParameterError(f"embeddings have shape {tuple(found.shape)}: this network's are (n, {encoder.dim})")
        return found

    def _parts(self) -> tuple[Encoder, Head]:
        if self.encoder is None or self.head is None:
            raise ModelError("this network has no weights yet: call fit, build or load")
        return self.encoder, self.head
