"""What a command may write: never over what it reads, and over what is there only if it made that or is told to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from sigsimnet._utils.producer import made_by_words, producer

__all__ = ["PAGE", "PICTURE", "Force", "claim", "claim_folder", "made_by"]

Force = Annotated[bool, typer.Option("--force", help="Write over files that are there already.")]

PAGE = (".html", ".htm")
PICTURE = (".png", ".svg", ".pdf")
_OF_FILES = (*PAGE, *PICTURE, ".onnx", ".json", ".toml", ".csv", ".zip", ".pt", ".pth", ".npz", ".safetensors")
_LOOKED_AT = 1 << 16  # bytes at either end of a file


def made_by(path: str | Path, command: str) -> bool:
    """Return whether a file says that a command made it.

    Examples
    --------
    >>> made_by("not-there.html", "compare")
    False
    """
    words = made_by_words(command).encode()
    try:
        with Path(path).open("rb") as file:
            first = file.read(_LOOKED_AT)
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOOKED_AT))
            return words in first or words in file.read()
    except OSError:
        return False


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
        Whether the command made a file that is there; by default a file that says so (`made_by`).

    Raises
    ------
    WriteError
        With the way out.
    """
    from sigsimnet.errors import WriteError
    from sigsimnet.io._files import files_written, overwritten_input, owner_of

    producer.set(command)
    target = Path(path)
    if target.is_dir():
        raise WriteError(f"{path}: is a folder; name a file")
    if endings and target.suffix.lower() not in endings:
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
    for file in there:
        owner = owner_of(file)
        if owner is not None:
            raise WriteError(f"{path}: would write over {file}, which belongs to the record {owner}; name another file")
    made = ours or (lambda file: made_by(file, command))
    if not force and not all(made(file) for file in there):
        raise WriteError(f"{path}: {there[0]} is there already; name another file, or give --force to replace it")


def claim_folder(
    path: str, *, force: bool, command: str, inputs: Iterable[str | Path] = (), ours: bool = False
) -> None:
    """Check that a command may write a model folder; what else may be there, `sigsimnet.model.check_target` says.

    Parameters
    ----------
    path, force, command, inputs
        As in `claim`.
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
    named = target.name if command == "train" else target.parent.name
    if named.lower().endswith(_OF_FILES):
        raise WriteError(f"{path}: {named} is to be a folder; name it without the ending of a file")
    if not target.is_dir() or not any(target.iterdir()):
        return
    for item in inputs:
        if same_file(target, item):
            raise WriteError(f"{path}: is an input; name another folder for the output")
    if not force and not ours:
        raise WriteError(f"{path}: a model is there already; name another folder, or give --force to replace it")
