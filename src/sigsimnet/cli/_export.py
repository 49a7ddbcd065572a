"""`sigsimnet export`: the encoder for other runtimes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from sigsimnet.cli._output import Json, print_json
from sigsimnet.cli._targets import Force, claim

__all__ = ["export"]


def _files_of(model: str) -> list[Path]:
    """Return the files of a model folder: the encoder is among them, and is an ONNX file too."""
    folder = Path(model)
    return [file for file in folder.iterdir() if file.is_file()] if folder.is_dir() else []


def export(
    model: Annotated[str, typer.Argument(help="A model folder, or the name of a model in the package.")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="ONNX file to write.")],
    force: Force = False,
    int8: Annotated[bool, typer.Option("--int8", help="In eight bits: smaller, and about twice as fast.")] = False,
    measure: Annotated[
        list[str] | None,
        typer.Option(help="Recording to measure the ranges of int8 on; several may be given. [simulated ECG]"),
    ] = None,
    json: Json = False,
) -> None:
    """Write a model's encoder as an ONNX file, checked against PyTorch; segments and calibration in its metadata."""
    import numpy as np

    from sigsimnet.errors import ParameterError
    from sigsimnet.io import read
    from sigsimnet.model import export_onnx, load_model

    claim(
        output,
        force=force,
        command="export",
        endings=(".onnx",),
        what="the encoder is an ONNX file",
        inputs=[*_files_of(model), *(measure or ())],
    )
    network = load_model(model)
    if measure and not int8:
        raise ParameterError("--measure is for --int8 only")
    segments = np.concatenate([network.cut(read(path)).data for path in measure]) if measure else None
    far = export_onnx(network, output, int8=int8, segments=segments)
    if json:
        print_json(
            {
                "file": output,
                "bytes": Path(output).stat().st_size,
                "input": ["batch", network.n_channels, network.cutter.n_samples],
                "precision": "int8" if int8 else "float32",
                "largest_difference": far,
            }
        )
        return
    checked = (
        "not checked: ONNX Runtime is not installed"
        if math.isnan(far)
        else f"embeddings by ONNX Runtime differ by {far:.1g} at most"
    )
    typer.echo(
        f"wrote {output}: segments (batch, {network.n_channels}, {network.cutter.n_samples}) → embeddings; {checked}"
    )
