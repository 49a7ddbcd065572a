"""What a command may write: never over what it reads, and over what is there only if it made that or is told to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from sigsimnet._utils.producer import producer, sealed_by

__all__ = ["PAGE", "PICTURE", "Force", "check_apart", "claim", "claim_folder"]

Force = Annotated[bool, typer.Option("--force", help="Write over files that are there already.")]

PAGE = (".html", ".htm")
PICTURE = (".png", ".svg", ".pdf")
_OF_FILES = (*PAGE, *PICTURE, ".onnx", ".json", ".toml", ".csv", ".zip", ".pt", ".pth", ".npz", ".safetensors")


def claim(
    path: str,
    *,
    force: bool,
    command: str,
    endings: Sequence[str] = (),
    what: str = "",
    inputs: Iterable[str | Path] = (),
    ours: Callable[[Path], bool] | None = None,
) -> None:
    """Check that a command may write to a path, before it starts to work.

    Parameters
    ----------
    path : str
        What the user named.
    force : bool
        Whether ``--force`` was given: files that are there may be replaced, but never what the command reads, nor the
        files of other records.
    command : str
        Name of the command.
    endings : sequence of str
        Those that name what it writes; any that `sigsimnet.io.write` knows by default.
    what : str
        What it writes, as the beginning of a sentence.
    inputs : iterable of str or Path
        What the command reads.
    ours : callable, optional
        Whether the command made a file that is there and nobody changed it since; by default one that says so
        (`sigsimnet._utils.producer.sealed_by`).

    Raises
    ------
    WriteError
        With the way out.
    """
    from sigsimnet.errors import WriteError
    from sigsimnet.io._files import files_written, overwritten_input, owner_of

    producer.set(command)
    if not path.strip() or path.endswith(("/", os.sep)):
        raise WriteError(f"{path!r}: names no file for the output")
    target = Path(path)
    if target.is_dir():
        raise WriteError(f"{path}: is a folder; name a file")
    if endings and not target.name.lower().endswith(tuple(endings)):
        raise WriteError(f"{path}: {what}: name it {' or '.join(endings)}")
    if not target.absolute().parent.is_dir():
        raise WriteError(f"{path}: its folder is not there")
    if not os.access(target.absolute().parent, os.W_OK):
        raise WriteError(f"{path}: its folder cannot be written")
    there = [file for file in files_written(target) if os.path.lexists(file)]
    if not there:
        return
    for item in inputs:
        taken = overwritten_input(target, item)
        if taken is not None:
            raise WriteError(f"{path}: would write over {taken}, which belongs to the input {item}; name another file")
    for file, owner in ((file, owner_of(file)) for file in there):
        if owner is not None:
            raise WriteError(f"{path}: would write over {file}, which belongs to the record {owner}; name another file")
    made = ours or (lambda file: sealed_by(file) == command)
    if not force and not all(made(file) for file in there):
        raise WriteError(f"{path}: {there[0]} is there already; name another file, or give --force to replace it")


def check_apart(*paths: str | None) -> None:
    """Check that no two outputs are one file, through links and ``..`` too.

    Raises
    ------
    ParameterError
        Naming one.
    """
    from sigsimnet.errors import ParameterError

    seen: set[str] = set()
    for path in paths:
        if not path:
            continue
        if (real := os.path.realpath(path)) in seen:
            raise ParameterError(f"{path}: two outputs need two files")
        seen.add(real)


def claim_folder(
    path: str,
    *,
    force: bool,
    command: str,
    folder: str = "",
    inputs: Iterable[str | Path] = (),
    ours: bool = False,
) -> None:
    """Check that a command may write a model folder; what else may be there, `sigsimnet.model.check_target` says.

    Parameters
    ----------
    path, force, command, inputs
        As in `claim`.
    folder : str
        What the user named, where that is a folder around it.
    ours : bool
        Whether the command goes on with what it began.

    Raises
    ------
    WriteError
        With the way out.
    """
    from sigsimnet._utils.files import same_file
    from sigsimnet.errors import WriteError

    producer.set(command)
    target = Path(path)
    if (folder or path).lower().endswith(_OF_FILES):
        raise WriteError(f"{folder or path}: is to be a folder; name it without the ending of a file")
    if not target.is_dir() or not any(target.iterdir()):
        return
    for item in inputs:
        if same_file(target, item):
            raise WriteError(f"{path}: is an input; name another folder for the output")
    if not force and not ours:
        raise WriteError(f"{path}: a model is there already; name another folder, or give --force to replace it")
