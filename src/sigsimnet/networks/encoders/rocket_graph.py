"""The graph of `Rocket` node by node: PyTorch's exporter takes a minute for what is a few lines of a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sigsimnet.networks.encoders.rocket import Rocket

__all__ = ["rocket_graph"]

_OPSET, _IR = 18, 9


class _Graph:
    """Nodes and constants as they are added."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def __call__(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = output or f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def slice(self, x: str, start: int, stop: int, axis: int, step: int = 1) -> str:
        numbers = [self.constant(np.array([value], dtype=np.int64)) for value in (start, stop, axis, step)]
        return self("Slice", x, *numbers)


def rocket_graph(encoder: Rocket, n_channels: int, n_samples: int) -> Any:
    """Return the encoder as an ONNX model: segments (batch, n_channels, n_samples) to embeddings (batch, dim)."""
    from onnx import TensorProto, helper

    graph = _Graph()
    kernels = graph.constant(encoder.kernels.numpy())
    zero, one = (graph.constant(np.array(value, dtype=np.float32)) for value in (0.0, 1.0))
    places, flat = graph.constant(np.array([2], dtype=np.int64)), graph.constant(np.array([0, -1], dtype=np.int64))
    last_axis = graph.constant(np.array([-1], dtype=np.int64))
    rows = [graph.slice("segments", k, k + 1, 1) for k in range(n_channels)]
    if encoder.n_rows > n_channels:
        pads = graph.constant(np.array([0, 0, 1, 0, 0, 0], dtype=np.int64))
        steps = [graph("Sub", graph.slice(x, 1, n_samples, 2), graph.slice(x, 0, n_samples - 1, 2)) for x in rows]
        rows += [graph("Pad", step, pads, zero) for step in steps]
    found = []
    first = 0
    for number, (dilation, n) in enumerate(zip(encoder.dilations, encoder.n_biases, strict=True)):
        for row, x in enumerate(rows):
            made = graph("Conv", x, kernels, dilations=[dilation], pads=[4 * dilation] * 2, strides=[encoder.stride])
            scaled = graph("Mul", made, graph.constant(encoder.steep[row, :, number, None].numpy()))
            for half in (0, 1):
                own = graph.slice(scaled, half, len(encoder.kernels), 1, 2)
                if (margin := encoder.margin(dilation, number, half, n_samples)) is not None:
                    own = graph.slice(own, margin[0], margin[1], 2)
                levels = graph.constant(encoder.biases[row, half::2, first : first + n, None].numpy())
                above = graph("Clip", graph("Sub", graph("Unsqueeze", own, places), levels), zero, one)
                shares = graph("ReduceMean", above, last_axis, keepdims=0)
                found.append(graph("Reshape", shares, flat))
        first += n
    features = graph("Concat", *found, axis=1)
    weight, bias = (graph.constant(part.detach().numpy()) for part in (encoder.project.weight, encoder.project.bias))
    projected = graph("Gemm", features, weight, bias, transB=1)
    length = graph("ReduceL2", projected, graph.constant(np.array([1], dtype=np.int64)), keepdims=1)
    least = graph("Max", length, graph.constant(np.array(1e-12, dtype=np.float32)))
    graph("Div", projected, least, output="embeddings")
    given = helper.make_tensor_value_info("segments", TensorProto.FLOAT, ["batch", n_channels, n_samples])
    made = helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", encoder.dim])
    whole = helper.make_graph(graph.nodes, "rocket", [given], [made], graph.constants)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
