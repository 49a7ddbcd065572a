"""The table of layers that people know from other frameworks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sigsimnet.networks.encoders import Encoder
from sigsimnet.networks.heads import Head

__all__ = ["Layer", "layers_of", "table_of"]


@dataclass(frozen=True)
class Layer:
    """One layer: its name, kind, shape of its output (None = any number) and number of parameters."""

    name: str
    kind: str
    shape: tuple[int | None, ...]
    n_parameters: int


def layers_of(encoder: Encoder, head: Head, n_channels: int, n_samples: int) -> list[Layer]:
    """Return the layers in the order in which a pair of segments passes them."""
    layers: list[Layer] = []
    handles = []

    def watch(name: str, module: nn.Module) -> None:
        def note(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            n = sum(p.numel() for p in module.parameters())
            layers.append(Layer(name, type(module).__name__, (None, *output.shape[1:]), n))

        handles.append(module.register_forward_hook(note))

    for prefix, part in (("encoder", encoder), ("head", head)):
        for name, module in part.named_modules():
            if not list(module.children()) and (name or isinstance(part, Encoder | Head)):
                watch(f"{prefix}.{name}" if name else prefix, module)
    was = [(part, part.training) for part in (encoder, head)]
    try:
        encoder.eval()
        head.eval()
        with torch.inference_mode():
            embedding = encoder(torch.zeros(1, n_channels, n_samples))
            head(embedding, embedding)
    finally:
        for handle in handles:
            handle.remove()
        for part, mode in was:
            part.train(mode)
    return layers


def table_of(layers: list[Layer], n_channels: int, n_samples: int) -> str:
    """Return the table as text."""
    rows = [("Layer", "Kind", "Output shape", "Parameters")]
    rows.append(("segment a, segment b", "Input", f"(2 ×) ({n_channels}, {n_samples})", "0"))
    for layer in layers:
        shape = "(" + ", ".join("n" if size is None else str(size) for size in layer.shape) + ")"
        rows.append((layer.name, layer.kind, shape, f"{layer.n_parameters:,}"))
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    lines = [
        "  ".join(
            cell.ljust(w) if k < 3 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "─" * len(lines[0])
    encoder = sum(layer.n_parameters for layer in layers if layer.name.startswith("encoder"))
    head = sum(layer.n_parameters for layer in layers if layer.name.startswith("head"))
    total = f"{encoder + head:,} parameters: {encoder:,} in the encoder, shared by both sides, and {head:,} in the head"
    return "\n".join([lines[0], rule, *lines[1:], rule, total])
