"""From recordings to embeddings: the first half of what a model does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.checks import is_number
from sigsimnet._utils.progress import track
from sigsimnet.errors import ModelError, ParameterError, SignalError
from sigsimnet.io import as_recording, is_many
from sigsimnet.model._channels import channels_for, check_channel_count, with_channels
from sigsimnet.model._embedded import Embedded, Embeddings
from sigsimnet.model._network import Graph, encode_in_batches
from sigsimnet.model._scoring import ScoreNormalisation, Scoring
from sigsimnet.model._state import State
from sigsimnet.recording import Recording
from sigsimnet.segments import Segments

__all__ = ["Embedder"]

ALIKE = 0.95  # mean cosine of the embeddings of a faster encoder with those of the network
Embeddable = Any  # whatever `sigsimnet.as_recording` takes, Segments or Embedded


class Embedder(State):
    """Cuts recordings and encodes what it cut; `SigSimNet` also scores and learns."""

    def channels_of(self, recording: Recording, channels: Sequence[str] | str | None = None) -> tuple[str, ...]:
        """Return the channels of a recording that this model would look at, in the order of those that it learnt.

        Of a model of several channels they may have other names in the recording
        (`sigsimnet.channels.match_channels`), and up to half of them may be missing.

        Raises
        ------
        SignalError
            If a channel is missing, or there are more or fewer than the network takes.
        """
        wanted = (channels,) if isinstance(channels, str) else channels or self.channels_ or self.channels
        names = channels_for(recording, self.cutter, wanted)
        check_channel_count(
            recording, names, self.n_channels - len(self.cutter.extra_channels), self.channels_ or self.channels
        )
        return names

    def cut(self, recording: Embeddable, channels: Sequence[str] | str | None = None) -> Segments:
        """Return the segments of a recording that this network would see.

        Raises
        ------
        SignalError
            If a channel is missing, or there are more or fewer than the network takes.
        """
        one = as_recording(recording)
        return self._with_channels(self.cutter.cut(one.pick(list(self.channels_of(one, channels)))))

    @overload
    def embed(self, what: list[Any], *, progress: bool = False) -> list[Embedded]: ...
    @overload
    def embed(self, what: Embeddable, *, progress: bool = False) -> Embedded: ...
    def embed(self, what: Any, *, progress: bool = False) -> Embedded | list[Embedded]:
        """Return the segments of a recording with their embeddings; of a list of recordings, a list.

        Parameters
        ----------
        what : Recording, path, (array, sampling_rate), DataFrame, Segments, Embedded, or a list of these
            What is embedded already is returned as it is.
        progress : bool, default False
            Show a bar on a terminal, for a list.

        Raises
        ------
        ModelError
            If the model has no network yet.
        SignalError
            If the number of channels does not fit.
        """
        if isinstance(what, Segments | Embedded) or not is_many(what):
            return self._embed_one(what)
        every = list(what)
        return [self._embed_one(one) for one in track(every, "encoding", total=len(every), show=progress)]

    @overload
    def encode(self, what: list[Any], *, progress: bool = False) -> list[Embeddings]: ...
    @overload
    def encode(self, what: Embeddable, *, progress: bool = False) -> Embeddings: ...
    def encode(self, what: Any, *, progress: bool = False) -> Embeddings | list[Embeddings]:
        """Return the embeddings of segments; of a list of recordings, a list.

        Parameters
        ----------
        what : Recording, path, (array, sampling_rate), DataFrame, Segments, or a list of these
            Also an array of segments, shape (n_segments, n_channels, n_samples).
        progress : bool, default False
            Show a bar on a terminal, for a list.

        Returns
        -------
        ndarray of float32, shape (n_segments, dim), or a list of them

        Raises
        ------
        ModelError
            If the model has no network yet.
        SignalError
            If the number of channels does not fit.
        """
        if isinstance(what, np.ndarray):
            return self._encode(what)
        found = self.embed(what, progress=progress)
        return [one.embeddings for one in found] if isinstance(found, list) else found.embeddings

    def template(self, what: Embeddable) -> Embeddings:
        """Return the fused embedding of a recording, shape (dim,), at unit length; see ``fusion``."""
        one = self._embed_one(what)
        return self.scoring().template(one.embeddings, one.quality)

    def encode_windows(self, what: Embeddable, *, length: float = 10.0) -> tuple[Embeddings, NDArray[np.float64]]:
        """Return one embedding for each window of time: 10 s, as the records of clinics are, or any other length.

        Parameters
        ----------
        what : as for `embed`
        length : float, default 10
            Of a window, in s. Windows follow one another from time 0.

        Returns
        -------
        embeddings : ndarray of float32, shape (n_windows, dim)
            Templates of the segments that start in each window. Windows with fewer than ``card.min_segments``
            segments are left out.
        times : ndarray of float, shape (n_windows,)
            Start of each window, in s.

        Raises
        ------
        ParameterError
            If ``length`` is not positive.

        Examples
        --------
        >>> from sigsimnet import load_model, simulate
        >>> embeddings, times = load_model("ecg").encode_windows(simulate(1, 1, duration=35, seed=1)[0])
        >>> embeddings.shape, times.tolist()
        ((4, 128), [0.0, 10.0, 20.0, 30.0])
        """
        if not is_number(length) or not 0 < length < np.inf:
            raise ParameterError(f"length is {length!r} s: it must be positive")
        one, scoring = self._embed_one(what), self.scoring()
        number = np.floor(one.segments.times / length).astype(np.int64)
        found, times = [], []
        for n in np.unique(number):
            inside = one.take(np.flatnonzero(number == n))
            if len(inside) >= self.card.min_segments:
                found.append(scoring.template(inside.embeddings, inside.quality))
                times.append(n * length)
        stacked = np.stack(found) if found else np.empty((0, self._require_network().dim), dtype=np.float32)
        return stacked, np.array(times, dtype=np.float64)

    def accelerate(self, onnx: str | Path, *, threads: int = 0) -> Self:
        """Encode with another graph of this encoder from now on, such as one in eight bits (`export_onnx`).

        Parameters
        ----------
        onnx : str or Path
            File of `export_onnx`.
        threads : int, default 0
            0: as many as there are cores.

        Raises
        ------
        ModelError
            If the file is no ONNX model, or its embeddings are not those of this network.
        """
        network = self._require_network()
        try:
            fast = Graph(Path(onnx).read_bytes(), str(onnx), threads=threads)
        except OSError as error:
            raise ModelError(f"{onnx}: cannot be read ({error.strerror})") from error
        x = np.random.default_rng(0).normal(size=(64, self.n_channels, self.cutter.n_samples)).astype(np.float32)
        foreign = ModelError(f"{onnx}: its embeddings are not those of this network")
        try:
            found, own = fast(segments=x), network.encode(x)
        except ModelError as error:  # takes other segments
            raise foreign from error
        if found.shape != own.shape or float((found * own).sum(axis=1).mean()) < ALIKE:
            raise foreign
        self._fast = fast
        return self

    def scoring(self, *, normalised: bool = True) -> Scoring:
        """Return how this model turns two sets of embeddings into a score.

        Raises
        ------
        ModelError
            If the model has no network yet.
        """
        norm = None
        if normalised and self.normalisation != "none" and self.cohort is not None:
            norm = ScoreNormalisation(self.normalisation, self.cohort)
        return Scoring(self._require_network(), self.head, self.fusion, norm)

    def _with_channels(self, segments: Segments) -> Segments:
        """Return segments with all channels that the network takes; those that are missing are made up for."""
        moments = self.card.extra.get("channel_covariance")
        return with_channels(
            segments, self.channels_ or self.channels, None if moments is None else np.asarray(moments)
        )

    def _embed_one(self, what: Embeddable) -> Embedded:
        self._require_network()
        if isinstance(what, Embedded):
            return what
        segments = what if isinstance(what, Segments) else self.cut(what)
        if segments.cut_apart and self.n_channels == 1:
            n, leads, samples = segments.data.shape
            found = self._encode(segments.data.reshape(n * leads, 1, samples))
            return Embedded(segments, found.reshape(n, leads, -1))
        return Embedded(segments, self._encode(segments.data))

    def _encode(self, segments: NDArray[np.floating[Any]]) -> Embeddings:
        network = self._require_network()
        try:
            values = np.asarray(segments, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise SignalError(f"segments are numbers, not {np.asarray(segments).dtype}") from error
        takes = (self.n_channels, self.cutter.n_samples)
        if values.ndim != 3 or values.shape[1:] != takes:
            raise SignalError(f"segments have shape {values.shape}: this network takes (n, {takes[0]}, {takes[1]})")
        if self._fast is not None and len(values):
            return encode_in_batches(self._fast, values, network.dim)
        return network.encode(values)
