"""The encoder as an ONNX file, and by ONNX Runtime."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from sigsimnet._utils.files import write_whole
from sigsimnet.errors import MissingExtraError, ModelError, ParameterError
from sigsimnet.networks.encoders import Encoder

if TYPE_CHECKING:
    from sigsimnet.model._model import SigSimNet

__all__ = ["OnnxEncoder", "export_onnx", "onnx_bytes"]

LEAST_MEASURED = 50  # segments that the ranges of int8 are measured on
ALIKE = 0.95  # mean cosine of embeddings in eight bits with those in 32
CLOSE = 1e-4  # of embeddings of unit length: what float32 leaves when sums are made in another order


def onnx_bytes(encoder: Encoder, n_channels: int, n_samples: int, about: dict[str, Any] | None = None) -> bytes:
    """Return an encoder as an ONNX model: input ``segments`` (batch, n_channels, n_samples), output ``embeddings``.

    The batch may have any size; the length of a segment is fixed.

    Raises
    ------
    MissingExtraError
        If onnx and onnxscript are not installed.
    """
    try:
        import onnx
        import onnxscript  # noqa: F401 - PyTorch's exporter wants it
    except ImportError as error:
        raise MissingExtraError("ONNX export", "onnx") from error
    example = torch.randn(3, n_channels, n_samples, generator=torch.Generator().manual_seed(0))
    with _quiet():
        program = torch.onnx.export(
            encoder.eval(),
            (example,),
            input_names=["segments"],
            output_names=["embeddings"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # noqa: S101 - the dynamo exporter returns one
    model = program.model_proto
    for key, value in (about or {}).items():
        model.metadata_props.add(key=key, value=value if isinstance(value, str) else json.dumps(value))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


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
        Largest difference of an embedding's element, on random segments, or on ``segments`` for int8; NaN when ONNX
        Runtime is not installed.

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
    if model.encoder is None:
        raise ModelError("this network has no weights yet: call fit, build or load")
    about = {
        "sigsimnet_segments": model.cutter.to_dict(),
        "sigsimnet_calibration": model.calibration.to_dict() if model.calibration else None,
        "sigsimnet_same": model.card.same,
        "sigsimnet_trained_on": model.card.trained_on,
        "sigsimnet_precision": "int8" if int8 else "float32",
    }
    x = np.random.default_rng(0).normal(size=(50, model.n_channels, model.cutter.n_samples)).astype(np.float32)
    if int8:
        x = np.asarray(segments, np.float32) if segments is not None else _simulated(model)
        if x.ndim != 3 or x.shape[1:] != (model.n_channels, model.cutter.n_samples) or len(x) < LEAST_MEASURED:
            raise ParameterError(
                f"segments have shape {x.shape}: int8 takes at least {LEAST_MEASURED} of shape "
                f"({model.n_channels}, {model.cutter.n_samples})"
            )
    content = onnx_bytes(model.encoder, model.n_channels, model.cutter.n_samples, about)
    if int8:
        content = _quantised(content, x)
    try:
        found = OnnxEncoder(content)
    except MissingExtraError:
        far = float("nan")
    else:
        with torch.inference_mode():
            a, b = found(x), model.encoder(torch.from_numpy(x)).numpy()
        far, alike = float(np.abs(a - b).max()), float((a * b).sum(axis=1).mean())
        if (alike < ALIKE) if int8 else (far > CLOSE):
            raise ModelError(
                f"the exported encoder is {far:.2g} from PyTorch's (mean cosine {alike:.3f}): nothing was written"
            )
    with write_whole(path) as temporary:
        temporary.write_bytes(content)
    return far


def _simulated(model: SigSimNet) -> NDArray[np.float32]:
    """Return beats of simulated people, for networks that see such beats."""
    if model.cutter.kind != "beats" or model.n_channels != 1:
        raise ParameterError("int8 needs segments to measure activations on: give some of your own")
    from sigsimnet.simulation import simulate

    return np.concatenate([model.cut(recording).data for recording in simulate(30, 1, duration=30, seed=0)])


def _quantised(content: bytes, segments: NDArray[np.float32]) -> bytes:
    """Return an ONNX model in eight bits, its ranges measured on segments."""
    try:
        from onnxruntime.quantization import (
            CalibrationDataReader,
            QuantFormat,
            QuantType,
            quant_pre_process,
            quantize_static,
        )
    except ImportError as error:
        raise MissingExtraError("int8", "onnx") from error

    class Batches(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.parts = iter([segments[k : k + 256] for k in range(0, len(segments), 256)])

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            part = next(self.parts, None)
            return None if part is None else {"segments": part}

    with tempfile.TemporaryDirectory() as folder, _quiet():
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


class OnnxEncoder:
    """Encode by ONNX Runtime.

    Parameters
    ----------
    content : bytes or path
        An ONNX model as `onnx_bytes` makes it.
    threads : int, default 0
        0: as many as there are cores.

    Raises
    ------
    MissingExtraError, ModelError
        If ONNX Runtime is not installed, or this is no ONNX model.

    Examples
    --------
    ``OnnxEncoder("ecg.onnx")(segments.data)`` gives what ``load_model("ecg").encode(segments)`` gives.

    >>> try:
    ...     OnnxEncoder(b"no model")
    ... except Exception as error:
    ...     type(error).__name__
    'ModelError'
    """

    def __init__(self, content: bytes | str | Path, *, threads: int = 0) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError("encoding by ONNX Runtime", "onnx") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        source = content if isinstance(content, bytes) else str(content)
        try:
            self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            what = "these bytes" if isinstance(content, bytes) else str(content)
            raise ModelError(f"{what}: no ONNX model that can be loaded") from error

    def __call__(self, segments: NDArray[np.float32], batch: int = 1024) -> NDArray[np.float32]:
        """Return embeddings, shape (n, dim), of segments, shape (n, n_channels, n_samples)."""
        parts = [
            self._session.run(None, {"segments": np.ascontiguousarray(segments[k : k + batch], dtype=np.float32)})[0]
            for k in range(0, len(segments), batch)
        ]
        return np.concatenate(parts) if parts else np.empty((0, 0), dtype=np.float32)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's talk about opsets to itself."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir", "")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
