"""The encoder as an ONNX file for other runtimes, in 32 or eight bits."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.files import write_whole
from sigsimnet._utils.producer import made_by_words, seal
from sigsimnet.errors import MissingExtraError, ModelError, ParameterError
from sigsimnet.model._embed import ALIKE
from sigsimnet.model._fit import modules_of
from sigsimnet.model._network import Graph

if TYPE_CHECKING:
    from sigsimnet.model._model import SigSimNet

__all__ = ["export_onnx"]

LEAST_MEASURED = 50  # segments that the ranges of int8 are measured on


def export_onnx(
    model: SigSimNet, path: str | Path, *, int8: bool = False, segments: NDArray[np.float32] | None = None
) -> float:
    """Write a model's encoder as an ONNX file, whole or not at all, and return how far ONNX Runtime is from PyTorch.

    How segments are made, the calibration and what the model was trained on are kept in the file's metadata.

    Parameters
    ----------
    model : SigSimNet
    path : str or Path
    int8 : bool, default False
        Weights and activations in eight bits (ONNX Runtime's static quantisation, a scale for each channel): a third
        of the size and, on CPUs with integer dot products, about twice the speed; embeddings move a little, so look
        at the error rates again (``sigsimnet evaluate --onnx``).
    segments : ndarray of float32, shape (n, n_channels, n_samples), optional
        What activations are measured on for int8, some hundreds; by default beats of simulated people, for networks
        that see beats of one channel.

    Returns
    -------
    float
        Largest difference of an embedding's element, on random segments, or on ``segments`` for int8.

    Raises
    ------
    MissingExtraError
        If the libraries are not installed.
    ParameterError
        If int8 needs ``segments``.
    ModelError
        If the network has no weights, or the exported one gives other embeddings.

    Examples
    --------
    >>> from sigsimnet.errors import MissingExtraError
    >>> from sigsimnet.model import load_model
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "ecg.onnx"
    >>> try:
    ...     same = not export_onnx(load_model("ecg"), path) > 1e-4
    ... except MissingExtraError:
    ...     same = True
    >>> same
    True
    """
    modules = modules_of(model)
    from sigsimnet.networks.graphs import CLOSE

    about = {
        "sigsimnet_segments": model.cutter.to_dict(),
        "sigsimnet_calibration": model.calibration.to_dict() if model.calibration else None,
        "sigsimnet_same": model.card.same,
        "sigsimnet_trained_on": model.card.trained_on,
        "sigsimnet_precision": "int8" if int8 else "float32",
        "sigsimnet_made_by": made_by_words(),
    }
    x = np.random.default_rng(0).normal(size=(50, model.n_channels, model.cutter.n_samples)).astype(np.float32)
    if int8:
        x = np.asarray(segments, np.float32) if segments is not None else _simulated(model)
        if x.ndim != 3 or x.shape[1:] != (model.n_channels, model.cutter.n_samples) or len(x) < LEAST_MEASURED:
            raise ParameterError(
                f"segments have shape {x.shape}: int8 takes at least {LEAST_MEASURED} of shape "
                f"({model.n_channels}, {model.cutter.n_samples})"
            )
    content = _with_metadata(modules.graphs(model.n_channels, model.cutter.n_samples)["encoder"], about)
    if int8:
        content = _quantised(content, x)
    a, b = Graph(content, str(path))(segments=x), modules.encode(x)
    far, alike = float(np.abs(a - b).max()), float((a * b).sum(axis=1).mean())
    if (alike < ALIKE) if int8 else (far > CLOSE):
        raise ModelError(
            f"the exported encoder is {far:.2g} from PyTorch's (mean cosine {alike:.3f}): nothing was written"
        )
    with write_whole(path) as temporary:
        temporary.write_bytes(seal(content))
    return far


def _with_metadata(content: bytes, about: dict[str, Any]) -> bytes:
    """Return an ONNX model with values in its metadata."""
    import onnx

    model = onnx.load_from_string(content)
    for key, value in about.items():
        model.metadata_props.add(key=key, value=value if isinstance(value, str) else json.dumps(value))
    return bytes(model.SerializeToString())


def _simulated(model: SigSimNet) -> NDArray[np.float32]:
    """Return beats of simulated people, for networks that see such beats."""
    if model.cutter.kind != "beats" or model.n_channels != 1:
        raise ParameterError("int8 needs segments to measure activations on: give some of your own")
    from sigsimnet.simulation import simulate

    return np.concatenate([model.cut(recording).data for recording in simulate(30, 1, duration=30, seed=0)])


def _quantised(content: bytes, segments: NDArray[np.float32]) -> bytes:
    """Return an ONNX model in eight bits, its ranges measured on segments."""
    from sigsimnet.networks.graphs import quiet

    try:
        from onnxruntime.quantization import (
            CalibrationDataReader,
            QuantFormat,
            QuantType,
            quant_pre_process,
            quantize_static,
        )
    except ImportError as error:
        raise MissingExtraError("int8", "train") from error

    class Batches(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.parts = iter([segments[k : k + 256] for k in range(0, len(segments), 256)])

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            part = next(self.parts, None)
            return None if part is None else {"segments": part}

    with tempfile.TemporaryDirectory() as folder, quiet():
        plain, ready, done = (Path(folder, name) for name in ("plain.onnx", "ready.onnx", "int8.onnx"))
        plain.write_bytes(content)
        quant_pre_process(plain, ready, skip_symbolic_shape=True)
        quantize_static(
            ready,
            done,
            Batches(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            # Weights in seven bits: CPUs without VNNI add two products in 16 bits, which eight by eight bits overflow
            # (mean cosine with float32 0.917; in seven bits 0.999).
            reduce_range=True,
            op_types_to_quantize=["Conv", "Gemm", "MatMul"],
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return done.read_bytes()
