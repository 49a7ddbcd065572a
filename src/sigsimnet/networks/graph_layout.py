"""One-dimensional convolutions of a graph as two-dimensional ones of height 1.

ONNX Runtime has its fast memory layout (NCHWc) for two dimensions only: the bundled encoder takes half the time
(``benchmarks/speed``), and computes the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnx

__all__ = ["with_height"]

SLIDING = ("Conv", "AveragePool", "MaxPool")
ELEMENTWISE = ("Relu", "Sigmoid", "Tanh", "Clip", "LeakyRelu", "Elu")
AXES = "axis_of_height"


def with_height(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a model whose sliding operations run over (1, time) instead of (time,).

    Each one is put between an Unsqueeze and a Squeeze; pairs that meet, with nothing but element-wise operations
    between them, are taken out.
    """
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    weights = {one.name: one for one in graph.initializer}
    nodes: list[Any] = []
    for number, node in enumerate(graph.node):
        if node.op_type not in SLIDING or not _is_flat(node, weights):
            nodes.append(node)
            continue
        inputs = [f"{node.input[0]}_high_{number}", *node.input[1:]]
        if node.op_type == "Conv":
            values = numpy_helper.to_array(weights[node.input[1]])
            inputs[1] = f"{node.input[1]}_high_{number}"
            graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(values[:, :, None, :]), inputs[1]))
        attributes = {one.name: helper.get_attribute_value(one) for one in node.attribute}
        for name, filler in (("kernel_shape", 1), ("strides", 1), ("dilations", 1)):
            if name in attributes:
                attributes[name] = [filler, *attributes[name]]
        if "pads" in attributes:
            begin, end = attributes["pads"]
            attributes["pads"] = [0, begin, 0, end]
        high = f"{node.output[0]}_high_{number}"
        nodes += [
            helper.make_node("Unsqueeze", [node.input[0], AXES], [inputs[0]]),
            helper.make_node(node.op_type, inputs, [high], **attributes),
            helper.make_node("Squeeze", [high, AXES], [node.output[0]]),
        ]
    graph.initializer.append(numpy_helper.from_array(np.array([2], dtype=np.int64), AXES))
    del graph.node[:]
    graph.node.extend(_without_pairs(nodes, {one.name for one in graph.output}, _axes_of(graph)))
    used = {name for node in graph.node for name in node.input}
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    del graph.value_info[:]  # shapes of values that are no more
    return made


def _is_flat(node: Any, weights: dict[str, Any]) -> bool:
    """Return whether an operation slides over one dimension, and its weights are known."""
    if node.op_type == "Conv":
        return node.input[1] in weights and len(weights[node.input[1]].dims) == 3
    return any(one.name == "kernel_shape" and len(one.ints) == 1 for one in node.attribute) and len(node.output) == 1


def _axes_of(graph: Any) -> dict[str, tuple[int, ...]]:
    """Return the small constants that may be axes, by name."""
    from onnx import numpy_helper

    return {
        one.name: tuple(int(value) for value in numpy_helper.to_array(one).ravel())
        for one in graph.initializer
        if one.data_type == 7 and len(one.dims) <= 1  # int64
    }


def _without_pairs(nodes: list[Any], outputs: set[str], axes: dict[str, tuple[int, ...]]) -> list[Any]:
    """Return the operations without a Squeeze that only an Unsqueeze of the same axis undoes."""
    maker = {name: node for node in nodes for name in node.output}
    users: dict[str, int] = {}
    for node in nodes:
        for name in node.input:
            users[name] = users.get(name, 0) + 1
    renamed: dict[str, str] = {}
    gone: set[int] = set()
    for node in nodes:
        if node.op_type != "Unsqueeze" or axes.get(node.input[1]) != (2,):
            continue
        name, lonely = node.input[0], True
        while lonely and (before := maker.get(name)) is not None:
            lonely = users.get(name) == 1 and name not in outputs
            if not lonely or before.op_type not in ELEMENTWISE:
                break
            name = before.input[0]
        else:
            continue
        if lonely and before.op_type == "Squeeze" and axes.get(before.input[1]) in ((2,), (-2,)):
            gone |= {id(node), id(before)}
            renamed[node.output[0]] = node.input[0]
            renamed[before.output[0]] = before.input[0]

    def final(name: str) -> str:
        while name in renamed:
            name = renamed[name]
        return name

    kept = [node for node in nodes if id(node) not in gone]
    for node in kept:
        for place, name in enumerate(node.input):
            node.input[place] = final(name)
    return kept
