"""Modules as ONNX graphs: what a saved model computes with, where there is no PyTorch."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from sigsimnet.errors import MissingExtraError, ModelError
from sigsimnet.networks.encoders import ClosedForm
from sigsimnet.networks.graph_layout import with_height

if TYPE_CHECKING:
    from sigsimnet.networks.network import TorchNetwork

__all__ = ["CLOSE", "graph_of", "graphs_of", "quiet"]

CLOSE = 1e-4  # of embeddings of unit length: what float32 leaves when sums are made in another order


def graphs_of(network: TorchNetwork, n_channels: int, n_samples: int) -> dict[str, bytes]:
    """Return the encoder as a graph, and the head and the attention where they have weights.

    Inputs and outputs: ``encoder``: segments (batch, n_channels, n_samples) → embeddings (batch, dim); ``head``: a, b
    (batch, dim) → scores (batch,); ``attention``: embeddings (batch, n, dim), quality (batch, n) → templates (batch,
    dim). Batches may have any size; the length of a segment is fixed.

    Raises
    ------
    MissingExtraError
        If onnx, onnxscript or ONNX Runtime are not installed.
    ModelError
        If a graph computes something else than its module.
    """
    draw = torch.Generator().manual_seed(0)
    batch, many = torch.export.Dim("batch"), torch.export.Dim("n")
    a, b = (torch.randn(3, network.dim, generator=draw) for _ in range(2))
    found = {
        "encoder": graph_of(
            network.encoder,
            {"segments": torch.randn(3, n_channels, n_samples, generator=draw)},
            "embeddings",
            ({0: batch},),
        )
    }
    if any(True for _ in network.head.parameters()):
        found["head"] = graph_of(network.head, {"a": a, "b": b}, "scores", ({0: batch}, {0: batch}))
    if network.attention is not None:
        sets = torch.nn.functional.normalize(torch.randn(2, 5, network.dim, generator=draw), dim=-1)
        given = {"embeddings": sets, "quality": torch.rand(2, 5, generator=draw)}
        shapes = ({0: batch, 1: many}, {0: batch, 1: many})
        found["attention"] = graph_of(network.attention, given, "templates", shapes)
    return found


def graph_of(
    module: nn.Module, example: dict[str, Tensor], output: str, dynamic_shapes: tuple[dict[int, Any], ...]
) -> bytes:
    """Return a module as an ONNX model, checked on the example.

    Raises
    ------
    MissingExtraError
        If onnx, onnxscript or ONNX Runtime are not installed.
    ModelError
        If the graph computes something else.
    """
    try:
        import onnx
        import onnxruntime
        import onnxscript  # noqa: F401 - PyTorch's exporter wants it
    except ImportError as error:
        raise MissingExtraError("turning a network into a graph", "train") from error
    module.eval()
    if isinstance(module, ClosedForm):
        made = module.graph(*next(iter(example.values())).shape[1:])
    else:
        with quiet():
            program = torch.onnx.export(
                module,
                tuple(example.values()),
                input_names=list(example),
                output_names=[output],
                dynamic_shapes=dynamic_shapes,
                dynamo=True,
                verbose=False,
            )
        assert program is not None  # noqa: S101 - the dynamo exporter returns one
        made = with_height(program.model_proto)
        _forget_sources(made)
    onnx.checker.check_model(made)
    content = bytes(made.SerializeToString())
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        expected = module(*example.values()).numpy()
    got = session.run(None, {name: value.numpy() for name, value in example.items()})[0]
    far = float(np.abs(got - expected).max() / max(1.0, float(np.abs(expected).max())))
    if far > CLOSE:
        raise ModelError(f"the graph of {type(module).__name__} is {far:.2g} from PyTorch's: nothing was written")
    return content


def _forget_sources(model: Any) -> None:
    """Take out where each node came from: the exporter writes stack traces with the paths of the machine."""
    nodes = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    values = [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]
    while nodes:
        node = nodes.pop()
        nodes.extend(inner for attribute in node.attribute for inner in attribute.g.node)
        values.append(node)
    for part in [model, model.graph, *model.functions, *values]:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what the exporter and the quantiser print about opsets from the user."""
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
