"""What a twin does once it has weights: cut, encode, fuse, score."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from sigsimnet.datasets import Entry
from sigsimnet.errors import ModelError, ParameterError, SignalError
from sigsimnet.metrics import Calibration
from sigsimnet.model._calibrate import probability_of
from sigsimnet.model._card import Card, fingerprint_of, known_under
from sigsimnet.model._prepare import channels_for
from sigsimnet.model._templates import FUSIONS, NORMALISATIONS, Attention, ScoreNormalisation, Scoring, subsample_evenly
from sigsimnet.networks.encoders import ENCODERS, Encoder, build_encoder
from sigsimnet.networks.heads import HEADS, Cosine, Head, build_head
from sigsimnet.recording import Recording
from sigsimnet.segments import BeatCutter, Cutter, Segments, WindowCutter
from sigsimnet.training.loop import encode_array

if TYPE_CHECKING:
    from sigsimnet.model._export import OnnxEncoder

__all__ = ["Embeddings", "Twin"]

Embeddings = NDArray[np.float32]


class Twin:
    """A network that cuts, encodes and scores recordings; `SigSimNet`, which has its parameters, also learns."""

    def __init__(
        self,
        encoder: str = "cnn",
        head: str = "cosine",
        segments: str | Cutter = "beats",
        *,
        channels: Sequence[str] | None = None,
        encoder_options: Mapping[str, Any] | None = None,
        fusion: str = "quality",
        normalisation: str = "none",
    ) -> None:
        ENCODERS.get(encoder)
        HEADS.get(head)
        if fusion not in FUSIONS:
            raise ParameterError(f"unknown fusion {fusion!r} (known: {', '.join(FUSIONS)})")
        if normalisation not in NORMALISATIONS:
            raise ParameterError(f"unknown score normalisation {normalisation!r} (known: {', '.join(NORMALISATIONS)})")
        if isinstance(segments, str):
            kinds: dict[str, type[BeatCutter | WindowCutter]] = {"beats": BeatCutter, "windows": WindowCutter}
            if segments not in kinds:
                raise ParameterError(f"unknown kind of segments {segments!r} (known: beats, windows)")
            self.cutter: Cutter = kinds[segments]()
        else:
            self.cutter = segments
        if fusion != "quality" and head != "cosine":
            raise ParameterError(f"fusion={fusion!r} makes templates, which only the cosine head compares")
        with torch.device("meta"):  # an unknown option shows now, at no cost
            build_encoder(encoder, 1, self.cutter.n_samples, **(encoder_options or {}))
        self.encoder_name = encoder
        self.head_name = head
        self.channels = tuple(channels) if channels else None
        self.encoder_options = dict(encoder_options or {})
        self.encoder: Encoder | None = None
        self.head: Head | None = None
        self.n_channels = 0
        self.calibration: Calibration | None = None
        self.calibration_by_count: dict[int, Calibration] = {}
        self.fusion, self.normalisation = fusion, normalisation
        self.attention: Attention | None = None
        self._fast: OnnxEncoder | None = None
        self.cohort: Embeddings | None = None
        self.card = Card()
        self.name = "unnamed"

    def __repr__(self) -> str:
        learnt = f"same {self.card.same}" if self.card.same else "untrained"
        return f"<{type(self).__name__} {self.encoder_name} + {self.head_name} on {self.cutter.kind}, {learnt}>"

    def build(self, n_channels: int, *, seed: int = 0) -> Self:
        """Make the network for segments of ``n_channels`` channels, with random weights drawn from ``seed``."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.encoder = build_encoder(
                self.encoder_name, n_channels, self.cutter.n_samples, **self.encoder_options
            ).eval()
            self.head = build_head(self.head_name, self.encoder.dim).eval()
        self.n_channels = n_channels
        self.card, self.calibration, self.attention, self.cohort = Card(), None, None, None
        self.calibration_by_count = {}
        self._fast = None
        return self

    def cut(self, recording: Recording, channels: Sequence[str] | str | None = None) -> Segments:
        """Return the segments of a recording that this network would see.

        Raises
        ------
        SignalError
            If a channel is missing, or there are more or fewer than the network takes.
        """
        wanted = (channels,) if isinstance(channels, str) else tuple(channels) if channels else self.channels
        names = channels_for(recording, self.cutter.kind, wanted)
        takes = self.n_channels - len(self.cutter.extra_channels)
        if self.n_channels and len(names) != takes:
            where = f"{recording.source}: " if recording.source else ""
            raise SignalError(f"{where}{len(names)} channels ({', '.join(names)}) for a network of {takes}")
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
        fixed = self.encoder_name == "identity" or self._fast is not None
        n_samples = self.cutter.n_samples if fixed else None
        if (
            segments.ndim != 3
            or segments.shape[1] != self.n_channels
            or (n_samples is not None and segments.shape[2] != n_samples)
        ):
            takes = f"(n, {self.n_channels}, {n_samples or 'n_samples'})"
            raise SignalError(f"segments have shape {segments.shape}: this network takes {takes}")
        if self._fast is not None and len(segments):
            return self._fast(np.asarray(segments, dtype=np.float32))
        return np.asarray(encode_array(encoder, segments).numpy())

    def accelerate(self, onnx: str | Path | None = None, *, threads: int = 0) -> Self:
        """Encode by ONNX Runtime from now on: with a file of `export_onnx`, or a float32 export made on the spot.

        Parameters
        ----------
        onnx : str or Path, optional
            Such as one in eight bits.
        threads : int, default 0
            0: as many as there are cores.

        Raises
        ------
        MissingExtraError
            If ONNX Runtime is not installed.
        ModelError
            If the file is no ONNX model, or its embeddings are not those of this network.
        """
        from sigsimnet.model._export import ALIKE, OnnxEncoder, onnx_bytes

        encoder, _ = self._parts()
        shape = (self.n_channels, self.cutter.n_samples)
        fast = OnnxEncoder(onnx_bytes(encoder, *shape) if onnx is None else onnx, threads=threads)
        x = np.random.default_rng(0).normal(size=(64, *shape)).astype(np.float32)
        alike = -1.0
        with contextlib.suppress(Exception):  # another input, or embeddings of another length
            alike = float((fast(x) * encode_array(encoder, x).numpy()).sum(axis=1).mean())
        if alike < ALIKE:
            raise ModelError(f"{onnx or 'the export'}: its embeddings are not those of this network")
        self._fast = fast
        return self

    def template(self, what: Recording | Segments) -> Embeddings:
        """Return the fused embedding of a recording, shape (dim,), at unit length; see ``fusion``."""
        segments = self.cut(what) if isinstance(what, Recording) else what
        return self.scoring().template(self.encode(segments), segments.quality)

    def encode_windows(
        self, what: Recording | Segments, *, length: float = 10.0
    ) -> tuple[Embeddings, NDArray[np.float64]]:
        """Return one embedding for each stretch of time: 10 s, as the records of clinics are, or any other length.

        Parameters
        ----------
        what : Recording or Segments
        length : float, default 10
            Of a stretch, in s. Stretches follow one another from time 0.

        Returns
        -------
        embeddings : ndarray of float32, shape (n_stretches, dim)
            Templates of the segments that start in each stretch. Stretches with fewer than ``card.min_segments``
            segments are left out.
        times : ndarray of float, shape (n_stretches,)
            Start of each stretch, in s.

        Raises
        ------
        ParameterError
            If ``length`` is not positive.

        Examples
        --------
        >>> from sigsimnet import SigSimNet, simulate
        >>> model = SigSimNet().build(1)
        >>> embeddings, times = model.encode_windows(simulate(1, 1, duration=35, seed=1)[0])
        >>> embeddings.shape, times.tolist()
        ((4, 128), [0.0, 10.0, 20.0, 30.0])
        """
        if not 0 < length < np.inf:
            raise ParameterError(f"length is {length} s: it must be positive")
        encoder, _ = self._parts()
        segments = self.cut(what) if isinstance(what, Recording) else what
        embeddings, scoring = self.encode(segments), self.scoring()
        number = np.floor(segments.times / length).astype(np.int64)
        found, times = [], []
        for n in np.unique(number):
            index = np.flatnonzero(number == n)
            if len(index) >= self.card.min_segments:
                found.append(scoring.template(embeddings[index], segments.quality[index]))
                times.append(n * length)
        stacked = np.stack(found) if found else np.empty((0, encoder.dim), dtype=np.float32)
        return stacked, np.array(times, dtype=np.float64)

    def scoring(self, *, normalised: bool = True) -> Scoring:
        """Return how this model turns two sets of embeddings into a score.

        Raises
        ------
        ModelError
            If the model has no weights.
        """
        _, head = self._parts()
        norm = None
        if normalised and self.normalisation != "none" and self.cohort is not None:
            norm = ScoreNormalisation(self.normalisation, self.cohort)
        return Scoring(head, self.fusion, self.attention, norm)

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
        """Return one score for two sets of segments: of their templates, or the mean over pairs (`Scoring`)."""
        return self.scoring()(self.encode(a), self.encode(b), a.quality, b.quality)

    def agreement(self, a: Segments, b: Segments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the score of every segment of either side against the whole of the other: *where* they agree.

        The whole is the template for the cosine head; for others the mean over up to 64 of its segments. These scores
        are the head's, without the normalisation by a cohort.
        """
        _, head = self._parts()
        left, right = self.encode(a), self.encode(b)
        if isinstance(head, Cosine):
            scoring = self.scoring()
            whole_a, whole_b = scoring.template(left, a.quality)[None], scoring.template(right, b.quality)[None]
        else:
            whole_a, whole_b = subsample_evenly(left), subsample_evenly(right)
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
        return self.scoring().pairs([self.encode(s) for s in sets], [s.quality for s in sets], pairs)

    def probability(self, score: float, prior: float = 0.5, n_segments: int | None = None) -> float | None:
        """Return the calibrated probability of *same*; None when the model was not calibrated.

        Parameters
        ----------
        score : float
            From `score`, `score_pairs` or `similarity`.
        prior : float, default 0.5
            Chance of *same* before the score was seen.
        n_segments : int, optional
            Segments of the side that has fewer: the score of a single beat carries less than that of twenty. By
            default as many as 15 s bring.
        """
        if self.calibration is None:
            return None
        few = self.calibration_by_count
        return probability_of(self.calibration, few, self.cutter.kind, score, prior, n_segments)

    def check_leakage(self, entry: Entry, recording: Recording | None = None) -> str:
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
