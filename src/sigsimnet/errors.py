"""The one family of errors.

Every error that a user can cause is a `SigSimNetError`. Its message is one sentence that names the file, the channel
and the value where there are any, and the way out. The command line prints that sentence and exits with code 2.
"""

from __future__ import annotations

__all__ = [
    "ArchiveError",
    "LeakageError",
    "ManifestError",
    "MissingExtraError",
    "ModelError",
    "ParameterError",
    "ReadError",
    "SigSimNetError",
    "SignalError",
    "TrainingInterrupted",
    "UnknownNameError",
    "WriteError",
]

_LONGEST = 1000  # characters of a message


def printable(text: str) -> str:
    r"""Return a text as one line without what terminals do not print; of a very long one the two ends.

    Examples
    --------
    >>> printable("a.csv:\n\x1b[2J\x00 is empty")
    'a.csv: ·[2J· is empty'
    """
    line = " ".join(str(text).splitlines())
    line = "".join(letter if letter.isprintable() else "·" for letter in line)
    half = _LONGEST // 2
    return line if len(line) <= _LONGEST else f"{line[:half]} … {line[-half:]}"


class SigSimNetError(Exception):
    """Base of all errors raised on purpose by this library; its message is one line that any terminal can print."""

    def __init__(self, message: str = "") -> None:
        super().__init__(printable(message))


class ReadError(SigSimNetError):
    """A file cannot be read as a recording, or what it holds is not what was asked for."""


class WriteError(SigSimNetError):
    """A file cannot be written; nothing was left behind."""


class ParameterError(SigSimNetError, ValueError):
    """A parameter is out of its range, or two of them do not go together."""


class UnknownNameError(ParameterError):
    """A name is not in its registry; the message lists the known ones."""


class SignalError(SigSimNetError):
    """The signal does not carry what is needed, such as beats or a common channel."""


class ManifestError(SigSimNetError):
    """A manifest lacks a column, a value or a file."""


class LeakageError(ManifestError):
    """An evaluation would test on what was trained on."""


class ModelError(SigSimNetError):
    """A model folder is missing, incomplete, or does not fit what it is asked to do."""


class ArchiveError(SigSimNetError):
    """An index is missing, damaged, held by another process, or of another model."""


class WorkInterrupted(SigSimNetError):
    """Ctrl-C was pressed in long work; the message says what is kept and how to go on."""


class TrainingInterrupted(WorkInterrupted):
    """Ctrl-C was pressed while training; the message says how to go on."""


class MissingExtraError(SigSimNetError, ImportError):
    """An optional library is not installed; the message holds the line to type."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional library: pip install 'sigsimnet[{extra}]'")
