"""What a model computes with: a network saved as ONNX graphs, applied with NumPy and ONNX Runtime."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from typing import Any, Protocol
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.batches import batch_of
from sigsimnet.errors import ModelError

__all__ = ["Graph", "GraphNetwork", "Network", "encode_in_batches"]

Floats = NDArray[np.float32]
PAIRS = 65536  # pairs that a head scores together


class Network(Protocol):
    """An encoder, a head and perhaps an attention, whatever computes them.

    `GraphNetwork` computes a saved model; `sigsimnet.networks.network.TorchNetwork` one that was trained in this
    process.
    """

    @property
    def dim(self) -> int:
        """Length of an embedding."""

    @property
    def options(self) -> dict[str, Any]:
        """Options of the encoder."""

    @property
    def has_attention(self) -> bool:
        """Whether templates are weighted by a learnt attention."""

    def encode(self, segments: Floats) -> Floats:
        """Return the embeddings of segments of shape (n, n_channels, n_samples), shape (n, dim)."""

    def scores(self, a: Floats, b: Floats) -> Floats:
        """Return the score of each row of ``a`` with the same row of ``b``, shape (n,)."""

    def score_matrix(self, a: Floats, b: Floats) -> Floats:
        """Return the scores of all pairs of rows, shape (n_a, n_b)."""

    def template(self, embeddings: Floats, quality: NDArray[np.float64] | None) -> Floats:
        """Return the template of embeddings by the learnt attention, shape (dim,)."""

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return all weights by name."""

    def graphs(self, n_channels: int, n_samples: int) -> dict[str, bytes]:
        """Return the parts that have weights as ONNX graphs."""


class Graph:
    """An ONNX graph, computed by ONNX Runtime.

    A session belongs to the process that made it, since its threads do not survive a fork: a forked child makes its
    own, and a pickled graph (multiprocessing's spawn) makes one where it arrives.

    Parameters
    ----------
    content : bytes
        An ONNX model.
    name : str
        What it is, for messages.
    threads : int, default 0
        0: ``OMP_NUM_THREADS`` where that is set, else as many as there are cores.

    Raises
    ------
    ModelError
        If this is no ONNX model.

    Examples
    --------
    >>> Graph(b"no model", "m.onnx")
    Traceback (most recent call last):
    sigsimnet.errors.ModelError: m.onnx: is not an ONNX model that can be loaded
    """

    def __init__(self, content: bytes, name: str, *, threads: int = 0) -> None:
        self.content, self.name, self.threads = content, name, threads
        self._session: Any = self._new_session()
        _ALIVE.add(self)

    def __call__(self, **inputs: Floats) -> Floats:
        """Return the only output.

        Raises
        ------
        ModelError
            If the inputs are not those of the graph.
        """
        from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException

        given = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in inputs.items()}
        try:
            return np.asarray(self._own_session().run(None, given)[0], dtype=np.float32)
        except (InvalidArgument, Fail, RuntimeException, ValueError) as error:
            shapes = ", ".join(f"{name} {value.shape}" for name, value in given.items())
            raise ModelError(f"{self.name}: does not take {shapes}") from error

    def shapes(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the shapes of the first input and of the output, without their batch."""
        session = self._own_session()
        return tuple(session.get_inputs()[0].shape[1:]), tuple(session.get_outputs()[0].shape[1:])

    def __getstate__(self) -> dict[str, Any]:
        return {"content": self.content, "name": self.name, "threads": self.threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["content"], state["name"], threads=state["threads"])  # type: ignore[misc]

    def _own_session(self) -> Any:
        if self._session is None:  # in a forked child
            self._session = self._new_session()
        return self._session

    def _abandon_session(self) -> None:
        """Leave the parent's session alone for ever: taking it apart would wait for threads that are not here."""
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
        self._session = None

    def _new_session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads or _threads_asked_for()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Threads that wait must not spin: on a machine that does something else, too, all would wait for each other.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(self.content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors have no common base
            raise ModelError(f"{self.name}: is not an ONNX model that can be loaded") from error


_ALIVE: WeakSet[Graph] = WeakSet()


def _abandon_sessions() -> None:
    for graph in list(_ALIVE):
        graph._abandon_session()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_sessions)


def _threads_asked_for() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() else 0


def encode_in_batches(graph: Graph, segments: Floats, dim: int) -> Floats:
    """Return the embeddings of segments, shape (n, dim), in batches that bound the memory."""
    step = batch_of(segments.shape[1:])
    found = [graph(segments=segments[k : k + step]) for k in range(0, len(segments), step)]
    return np.concatenate(found) if found else np.empty((0, dim), dtype=np.float32)


class GraphNetwork:
    """A saved network: graphs by ONNX Runtime, heads without weights by NumPy. No PyTorch.

    Parameters
    ----------
    graphs : mapping of str to bytes
        ``"encoder"``, and ``"head"`` and ``"attention"`` where they have weights (`Network.graphs`).
    head : str
        Name of the head.
    dim : int
        Length of an embedding.
    options : mapping
        Options of the encoder.
    weights : mapping of str to ndarray
        Kept for going on with the training.
    name : str
        For messages.
    """

    def __init__(
        self,
        graphs: Mapping[str, bytes],
        head: str,
        dim: int,
        options: Mapping[str, Any],
        weights: Mapping[str, NDArray[Any]],
        *,
        name: str,
    ) -> None:
        self._contents = dict(graphs)
        self._graphs = {part: Graph(content, f"{name}: {part}") for part, content in graphs.items()}
        if "encoder" not in graphs or ("head" not in graphs and head not in FORMULAS):
            raise ModelError(
                f"{name}: not a whole model folder, it has no {'head' if 'encoder' in graphs else 'encoder'}.onnx"
            )
        self.head, self._dim, self._options, self._weights = head, dim, dict(options), dict(weights)

    def check_shapes(self, n_channels: int, n_samples: int) -> None:
        """Refuse graphs of other segments or embeddings than the settings say.

        Raises
        ------
        ModelError
            Naming both.
        """
        takes, gives = self._graphs["encoder"].shapes()
        if takes != (n_channels, n_samples) or gives != (self._dim,):
            raise ModelError(
                f"the settings say segments of shape {(n_channels, n_samples)} and {self._dim} dimensions, but the "
                f"encoder takes segments of shape {takes} and gives {', '.join(map(str, gives))} dimensions"
            )

    @property
    def dim(self) -> int:
        """Length of an embedding."""
        return self._dim

    @property
    def options(self) -> dict[str, Any]:
        """Options of the encoder."""
        return self._options

    @property
    def has_attention(self) -> bool:
        """Whether templates are weighted by a learnt attention."""
        return "attention" in self._graphs

    def encode(self, segments: Floats) -> Floats:
        """Return the embeddings of segments, shape (n, dim)."""
        return encode_in_batches(self._graphs["encoder"], segments, self._dim)

    def scores(self, a: Floats, b: Floats) -> Floats:
        """Return the score of each row of ``a`` with the same row of ``b``, shape (n,)."""
        if "head" in self._graphs:
            found = [self._graphs["head"](a=a[k : k + PAIRS], b=b[k : k + PAIRS]) for k in range(0, len(a), PAIRS)]
            return np.concatenate(found) if found else np.empty(0, dtype=np.float32)
        return FORMULAS[self.head](a[:, None], b[:, None])[:, 0, 0]

    def score_matrix(self, a: Floats, b: Floats) -> Floats:
        """Return the scores of all pairs of rows, shape (n_a, n_b)."""
        if "head" not in self._graphs:
            return FORMULAS[self.head](a, b)
        if not len(a) or not len(b):
            return np.empty((len(a), len(b)), dtype=np.float32)
        rows = max(1, PAIRS // len(b))
        found = []
        for k in range(0, len(a), rows):
            left = a[k : k + rows]
            every = self._graphs["head"](a=np.repeat(left, len(b), axis=0), b=np.tile(b, (len(left), 1)))
            found.append(every.reshape(len(left), len(b)))
        return np.concatenate(found)

    def template(self, embeddings: Floats, quality: NDArray[np.float64] | None) -> Floats:
        """Return the template of embeddings by the learnt attention, shape (dim,)."""
        trust = np.ones(len(embeddings)) if quality is None else quality
        found = self._graphs["attention"](embeddings=embeddings[None], quality=np.asarray(trust, np.float32)[None])
        return np.asarray(found[0])

    def weights(self) -> dict[str, NDArray[Any]]:
        """Return all weights by name."""
        return dict(self._weights)

    def graphs(self, n_channels: int, n_samples: int) -> dict[str, bytes]:  # noqa: ARG002 - they are made already
        """Return the graphs."""
        return dict(self._contents)


def _cosine(a: Floats, b: Floats) -> Floats:
    """Return the cosines of all pairs of rows (of the last two axes)."""
    return np.asarray(_unit(a) @ np.swapaxes(_unit(b), -1, -2))


def _unit(values: Floats) -> Floats:
    length = np.linalg.norm(values, axis=-1, keepdims=True)
    return np.asarray(values / np.maximum(length, 1e-12), dtype=np.float32)


def _euclidean(a: Floats, b: Floats) -> Floats:
    """Return 1 / (1 + distance) of all pairs of rows (of the last two axes)."""
    found = np.empty((*a.shape[:-1], b.shape[-2]), dtype=np.float32)
    for k in range(a.shape[-2]):  # a row at a time bounds the memory
        found[..., k, :] = 1.0 / (1.0 + np.linalg.norm(a[..., k : k + 1, :] - b, axis=-1))
    return found


FORMULAS = {"cosine": _cosine, "euclidean": _euclidean}
