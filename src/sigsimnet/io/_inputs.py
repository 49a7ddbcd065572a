"""The front door: one function makes recordings of whatever people have, and one decorator puts it before functions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    BinaryIO,
    Concatenate,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypeGuard,
    TypeVar,
    cast,
    overload,
)

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sigsimnet._utils.checks import check_sampling_rate, is_number
from sigsimnet._utils.samples import numbers_of
from sigsimnet._utils.text import reason_of, shorten_list
from sigsimnet.errors import ParameterError, ReadError, UnknownNameError
from sigsimnet.io._formats import FORMATS as _FORMATS
from sigsimnet.io._read import read, read_as
from sigsimnet.io.units import canonical_unit, resolve_units
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMATS", "Like", "RecordingLike", "as_recording", "as_recordings", "is_many", "takes_recordings"]

_OF_SEVERAL_FILES = ("wfdb", "mne")
FORMATS = (
    *(ending.lstrip(".") for known in _FORMATS if known.key not in _OF_SEVERAL_FILES for ending in known.endings),
    "zip",
)
"""Formats of bytes; a WFDB record is several files, and comes as a zip of them."""

_TEXT = ("csv", "tsv", "txt")
_OF_ONE = ("peaks",)  # arguments that were computed from one recording
_Bytes: TypeAlias = bytes | bytearray | memoryview
RecordingLike: TypeAlias = (
    "Recording | str | os.PathLike[str] | NDArray[Any] | tuple[ArrayLike | _Bytes | BinaryIO, float | str] | "
    "_Bytes | BinaryIO | pd.DataFrame"
)
"""What `as_recording` makes one recording of."""
Numbers: TypeAlias = Sequence[float] | Sequence[Sequence[float]]

Like = TypeVar("Like", bound="RecordingLike")
"""An item of a list that functions take instead of one recording."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


def as_recordings(
    what: RecordingLike | Numbers | Iterable[RecordingLike],
    *,
    sampling_rate: float | None = None,
    units: str | Sequence[str] | None = None,
    format: str | None = None,  # noqa: A002 - what people call it
) -> list[Recording]:
    """Make recordings of whatever people have: files, arrays, bytes, tables, or many of them.

    Parameters
    ----------
    what : Recording, path, (array, sampling_rate), array, bytes, file, DataFrame, or an iterable of these
        - A `Recording` stays as it is.
        - A path is read by `sigsimnet.read`; files in archives and WFDB records without an ending count.
        - An array (also a list of numbers) has shape (n_samples,) or (n_channels, n_samples); its sampling rate in Hz
          stands beside it, ``(array, 250)``, or in ``sampling_rate``.
        - Bytes, or a binary file that is open, need their format: ``(data, "edf")``, or ``format``. Where an open file
          has a name, its ending says it.
        - A pandas table is taken by `Recording.from_dataframe`.
        - A list or another iterable of these gives all their recordings, in order.
    sampling_rate : float, optional
        In Hz: of arrays, and of files and tables that do not say.
    units : str or sequence of str, optional
        Of arrays, and of files, tables and recordings that do not say; V becomes mV.
    format : str, optional
        Of bytes and open files: ``"csv"``, ``"tsv"``, ``"txt"``, ``"edf"``, ``"bdf"``, ``"mat"``, ``"parquet"``,
        ``"npy"``, ``"npz"``, or ``"zip"`` (of one recording, such as a WFDB record).

    Returns
    -------
    list of Recording

    Raises
    ------
    ParameterError
        If it is none of these, or the sampling rate, the units or the format is missing or does not fit.
    ReadError
        If a file, bytes or a table cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> as_recordings([(np.zeros(500), 250), Recording([0.0, 1.0], 100)])
    [<Recording 1 channel × 2.0 s at 250 Hz: ch1>, <Recording 1 channel × 0.0 s at 100 Hz: ch1>]
    """
    given = _Given(sampling_rate, units, format)
    if not is_many(what):
        return [given.recording(what)]
    found = []
    for number, item in enumerate(what, start=1):
        if is_many(item):
            raise ParameterError(f"item {number} is itself a {type(item).__name__} of several: pass one flat list")
        found.append(given.recording(item, f"item {number}: "))
    return found


def as_recording(
    what: RecordingLike | Numbers,
    *,
    sampling_rate: float | None = None,
    units: str | Sequence[str] | None = None,
    format: str | None = None,  # noqa: A002 - what people call it
) -> Recording:
    r"""Make one recording of whatever people have.

    Parameters
    ----------
    what : Recording, path, (array, sampling_rate), array, bytes, file or DataFrame
        As in `as_recordings`.
    sampling_rate, units, format
        As in `as_recordings`.

    Raises
    ------
    ParameterError
        If it is none of these, several recordings, or the sampling rate, the units or the format is missing or does not
        fit.
    ReadError
        If a file, bytes or a table cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> as_recording((np.zeros((2, 500)), 250), units="mV")
    <Recording 2 channels × 2.0 s at 250 Hz: ch1, ch2 (mV)>
    >>> as_recording((b"time,ECG (mV)\n0.000,0.1\n0.004,0.2\n0.008,0.1\n", "csv"))
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>
    """
    if is_many(what):
        found = as_recordings(what, sampling_rate=sampling_rate, units=units, format=format)
        if len(found) != 1:
            raise ParameterError(f"one recording is wanted, not {len(found)}")
        return found[0]
    return _Given(sampling_rate, units, format).recording(what)


class _TakesRecordings(Protocol[_P, _T]):
    """A function of a recording that makes a recording of whatever it is given; a list gives a list of results."""

    @overload
    def __call__(self, recording: RecordingLike, /, *args: _P.args, **kwargs: _P.kwargs) -> _T: ...

    @overload
    def __call__(self, recording: list[Like], /, *args: _P.args, **kwargs: _P.kwargs) -> list[_T]: ...


def takes_recordings(function: Callable[Concatenate[Recording, _P], _T]) -> _TakesRecordings[_P, _T]:
    """Let a function of a recording take whatever `as_recording` takes; a list of these gives a list of results.

    Examples
    --------
    >>> @takes_recordings
    ... def duration(recording: Recording) -> float:
    ...     return recording.duration
    >>> duration(([0.0, 1.0, 0.0, 1.0], 2)), duration([([0.0, 1.0], 2), ([0.0, 1.0], 1)])
    (2.0, [1.0, 2.0])
    """

    @wraps(function)
    def of_any(recording: Any, *args: _P.args, **kwargs: _P.kwargs) -> Any:
        if isinstance(recording, Recording):
            return function(recording, *args, **kwargs)
        if is_many(recording):
            recording = list(recording)
            for name in _OF_ONE:
                if kwargs.get(name) is not None:
                    raise ParameterError(f"{name}= belongs to one recording, not to a list of {len(recording)}")
            return [function(one, *args, **kwargs) for one in as_recordings(recording)]
        return function(as_recording(recording), *args, **kwargs)

    return cast("_TakesRecordings[_P, _T]", of_any)


def is_many(what: object) -> TypeGuard[Iterable[Any]]:
    """Return whether `as_recordings` looks for several recordings in what it is given.

    Examples
    --------
    >>> import numpy as np
    >>> [is_many(what) for what in (["a.csv", "b.csv"], "a.csv", (np.zeros(9), 250), np.zeros((2, 9)))]
    [True, False, False, False]
    """
    if isinstance(what, Recording | str | os.PathLike | bytes | bytearray | memoryview | Mapping):
        return False
    if hasattr(what, "__array__") or hasattr(what, "read") or _is_pair(what):
        return False
    if _is_numeric(what):
        return False
    return isinstance(what, Iterable)


def _is_pair(what: object) -> bool:
    """Return whether it is ``(array, sampling_rate)``, ``(bytes, format)`` or the like."""
    if not isinstance(what, tuple) or len(what) != 2:
        return False
    first, second = what
    if isinstance(first, bytes | bytearray | memoryview) or hasattr(first, "read"):
        return isinstance(second, str) or is_number(second)
    if isinstance(first, np.ndarray):  # beside an array stands its rate, even when that is a wrong one
        return np.ndim(second) == 0 and not isinstance(second, Recording | os.PathLike | Mapping)
    return is_number(second) and not is_number(first) and first is not None


def _is_numeric(what: object) -> bool:
    """Return whether a list begins with a number, however deep: an array, not recordings."""
    item: Any = what
    while isinstance(item, list | tuple | range) and len(item) and not _is_pair(item):
        item = item[0]
    return item is not what and (is_number(item) or isinstance(item, bool | complex | np.generic))


class _Given:
    """What was given for all recordings, and how one is made with it."""

    def __init__(self, sampling_rate: float | None, units: str | Sequence[str] | None, format_: str | None) -> None:
        self.sampling_rate = None if sampling_rate is None else check_sampling_rate(sampling_rate)
        self.units = units
        self.format = None if format_ is None else _known_format(format_)

    def recording(self, what: Any, where: str = "") -> Recording:
        """Return the recording of one thing; ``where`` begins what errors say."""
        if _is_pair(what):
            return self._of_pair(what[0], what[1], where)
        if isinstance(what, Recording):
            return self._stated(what, where)
        if isinstance(what, str | os.PathLike):
            return self._read(what, where)
        if isinstance(what, bytes | bytearray | memoryview):
            return self._of_bytes(bytes(what), "", where)
        if hasattr(what, "read"):
            return self._of_file(what, where)
        if type(what).__module__.partition(".")[0] == "pandas":
            return self._of_table(what, where)
        if type(what).__module__.partition(".")[0] == "mne":
            return self._stated(Recording.from_mne(what), where)
        if hasattr(what, "__array__") or _is_numeric(what):
            return self._of_array(what, where)
        raise ParameterError(f"{where}{_what_it_is(what)}: {_WANTED}")

    def _of_pair(self, first: Any, second: Any, where: str) -> Recording:
        if isinstance(second, str) and not isinstance(first, np.ndarray):
            given = _Given(self.sampling_rate, self.units, second)
        else:
            rate = check_sampling_rate(second, f"{where}the sampling rate of (…, sampling_rate)")
            if self.sampling_rate is not None and self.sampling_rate != rate:
                raise ParameterError(f"{where}two sampling rates are given: {rate:g} Hz and {self.sampling_rate:g} Hz")
            given = _Given(rate, self.units, self.format)
        return given.recording(first, where)

    def _stated(self, recording: Recording, where: str) -> Recording:
        rate = recording.sampling_rate
        if self.sampling_rate is not None and self.sampling_rate != rate:
            raise ParameterError(
                f"{where}sampling_rate is {self.sampling_rate:g} Hz but the recording says {rate:g} Hz"
            )
        units = resolve_units(self.units, recording.n_channels, recording.source or f"{where}recording")
        if units is None:
            return recording
        known = [canonical_unit(unit) for unit in units]
        if all(own == unit for own, (unit, _) in zip(recording.units, known, strict=True)):
            return recording
        if any(recording.units):
            stated = shorten_list(dict.fromkeys(unit or "unknown" for unit in recording.units))
            raise ParameterError(f"{where}units is {self.units!r} but the recording says {stated}")
        factors = np.array([factor for _, factor in known])
        data = recording.data if (factors == 1).all() else recording.data * factors[:, None]
        return recording.replace(data=data, units=[unit for unit, _ in known])

    def _read(self, path: str | os.PathLike[str], where: str) -> Recording:
        if self.format is not None:
            raise ParameterError(f"{where}{path}: format= is for bytes and open files; the ending of a path says it")
        return read(path, sampling_rate=self.sampling_rate, units=self.units)

    def _of_bytes(self, data: bytes, name: str, where: str) -> Recording:
        if self.format is None:
            raise ParameterError(
                f"{where}bytes do not say their format: pass format= or (bytes, format), one of {', '.join(FORMATS)}"
            )
        source = name or f"{where}{self.format} bytes"
        if not data:
            raise ReadError(f"{source}: is empty")
        with tempfile.TemporaryDirectory(prefix="sigsimnet-") as folder:
            path = Path(folder) / f"bytes.{self.format}"
            path.write_bytes(data)
            return read_as(path, source, sampling_rate=self.sampling_rate, units=self.units)

    def _of_file(self, file: Any, where: str) -> Recording:
        name = getattr(file, "name", "")
        name = name if isinstance(name, str) else ""
        given = self
        if self.format is None and (ending := Path(name).suffix.lower().lstrip(".")) in FORMATS:
            given = _Given(self.sampling_rate, self.units, ending)
        try:
            data = file.read()
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ReadError(f"{where}{name or 'a file'}: cannot be read ({reason_of(error)})") from error
        if isinstance(data, Recording):
            return self._stated(data, where)  # a row of a manifest
        if isinstance(data, str) and given.format in _TEXT:
            data = data.encode("utf-8", errors="surrogateescape")
        if not isinstance(data, bytes | bytearray | memoryview):
            raise ParameterError(f"{where}{name or 'a file'}: gives {type(data).__name__}; open it with mode 'rb'")
        return given._of_bytes(bytes(data), name, where)

    def _of_table(self, table: Any, where: str) -> Recording:
        import pandas as pd

        if isinstance(table, pd.Series):
            table = table.to_frame("ch1" if table.name is None else table.name)
        if not isinstance(table, pd.DataFrame):
            raise ParameterError(f"{where}{_what_it_is(table)}: {_WANTED}")
        return Recording.from_dataframe(table, self.sampling_rate, units=self.units or "")

    def _of_array(self, what: Any, where: str) -> Recording:
        array = numbers_of(what, f"{where}the array")
        if array.ndim not in (1, 2):
            raise ParameterError(
                f"{where}the array has {array.ndim} dimensions {array.shape}: expected (n_samples,) or "
                "(n_channels, n_samples)"
            )
        if self.sampling_rate is None:
            raise ParameterError(f"{where}an array has no sampling rate: pass (array, sampling_rate) or sampling_rate=")
        if not array.size:
            raise ParameterError(f"{where}the array holds no samples: its shape is {array.shape}")
        if array.ndim == 2 and array.shape[0] > array.shape[1]:
            raise ParameterError(
                f"{where}{array.shape[0]} channels of {array.shape[1]} samples: expected (n_channels, n_samples); "
                "transpose the array, or make a Recording of it if it is right as it is"
            )
        return self._stated(Recording(array, self.sampling_rate), where)


_WANTED = "expected a Recording, a path, (array, sampling_rate), bytes with a format, a DataFrame, or a list of these"


def _what_it_is(what: object) -> str:
    hint = " (pass its values)" if isinstance(what, Mapping) else ""
    return f"{'None' if what is None else f'an object of type {type(what).__name__}'}{hint} is no recording"


def _known_format(name: object) -> str:
    known = str(name).strip().lower().lstrip(".") if isinstance(name, str) else ""
    if known in ("wfdb", "hea", "dat"):
        raise UnknownNameError("a WFDB record is several files: pass its path, or a zip of them with format='zip'")
    if known not in FORMATS:
        raise UnknownNameError(f"unknown format {name!r} (known: {', '.join(FORMATS)})")
    return known
