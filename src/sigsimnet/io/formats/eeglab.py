"""EEGLAB's .set: a struct EEG with the samples inside, or in a .fdt file of float32 beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.channels import USUAL_UNITS, modality_of
from sigsimnet.errors import MissingExtraError, ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats._facts import number_of, text_of
from sigsimnet.io.formats._layout import recording_from_array
from sigsimnet.io.formats.hdf5 import tree_of_hdf5
from sigsimnet.io.formats.mat import tree_of_mat

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_eeglab"]


def read_eeglab(path: Path, options: Options, source: str) -> Recording:
    """Read an EEGLAB data set; EEG is in µV as EEGLAB keeps it, and events become annotations.

    Of epochs (channels, samples, trials) ``key`` is the number of the trial.

    Raises
    ------
    MissingExtraError
        If it was saved as MATLAB 7.3 and h5py is not installed.
    ReadError
        If it is damaged, or its .fdt is not beside it.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, scipy.io
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.set"
    >>> eeg = {"srate": 128.0, "nbchan": 2, "pnts": 256, "trials": 1, "data": np.zeros((2, 256), dtype="f4")}
    >>> scipy.io.savemat(path, {"EEG": eeg})
    >>> read_eeglab(path, Options(), "a.set")
    <Recording 2 channels × 2.0 s at 128 Hz: ch1, ch2 (µV)>
    """
    tree = _tree(path, options, source)
    eeg = tree.get("EEG", tree)
    if not isinstance(eeg, dict) or "srate" not in eeg or "data" not in eeg:
        raise ReadError(f"{source}: holds no EEG of EEGLAB (there are: {', '.join(tree)})")
    rate = number_of(eeg["srate"]) or 0.0
    sides = [int(number_of(eeg.get(name, 1)) or 1) for name in ("nbchan", "pnts", "trials")]
    data = _samples(path, eeg["data"], sides, options, source)
    trial = _trial(data, options, source)
    values = data if data.ndim == 2 else data[:, :, trial]
    names = _labels(eeg.get("chanlocs"), len(values))
    units = [USUAL_UNITS.get(modality_of(name), "µV") for name in names]
    scaled = options.units if options.units is not None else ["uV" for _ in names]
    found = recording_from_array(
        values.T, replace(options, sampling_rate=options.sampling_rate or rate or None, units=scaled, layout="columns"),
        source,
    )  # fmt: skip
    if options.units is None and any(unit == "mV" for unit in units):
        factors = np.array([1e-3 if unit == "mV" else 1.0 for unit in units], dtype=np.float32)
        found = found.replace(data=found.data * factors[:, None], units=units)
    about = {name: text for name in ("subject", "group", "condition", "session", "setname")
             if (text := text_of(eeg.get(name))) and text.strip()}  # fmt: skip
    found = found.replace(channel_names=names, metadata={**about, **({"record": trial} if data.ndim == 3 else {})})
    return attach_annotations(found, _events(eeg.get("event"), sides[1], trial, found.sampling_rate), source)


def _tree(path: Path, options: Options, source: str) -> dict[str, Any]:
    with path.open("rb") as file:
        head = file.read(10)
    if head not in {b"MATLAB 7.3", b"\x89HDF\r\n\x1a\n"[:10]} and not head.startswith(b"\x89HDF"):
        return tree_of_mat(path, options, source)
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("EEGLAB as MATLAB 7.3", "formats") from error
    with h5py.File(path, "r") as file:
        tree, _ = tree_of_hdf5(file, path, options, source)
        eeg = tree.get("EEG", tree)
        if isinstance(eeg, dict) and hasattr(eeg.get("data"), "shape"):
            eeg["data"] = np.asarray(eeg["data"][()])  # while the file is open
        return tree


def _samples(path: Path, data: Any, sides: list[int], options: Options, source: str) -> NDArray[Any]:
    name = text_of(data)
    if name is None:
        if not hasattr(data, "shape") or data.ndim not in {2, 3}:
            raise ReadError(f"{source}: its EEG.data is no array of channels and samples")
        return np.asarray(data)
    # Only the name counts: the folder is that of the .set, wherever the header says that it was.
    bare = PurePosixPath(PureWindowsPath(name.strip()).as_posix()).name
    beside = path.with_name(bare) if bare else path
    beside = beside if beside.is_file() else path.with_suffix(".fdt")
    if not beside.is_file():
        raise ReadError(f"{source}: its samples are in {bare}, which is not beside it")
    size, count = beside.stat().st_size, int(np.prod(sides, dtype=np.float64))
    if size != 4 * count:
        raise ReadError(
            f"{source}: claims {sides[0]} × {sides[1] * sides[2]:,} samples but {beside.name} holds {size:,} bytes"
        )
    check_unpacked(source, size, size, options.max_unpacked)
    values = np.fromfile(beside, dtype="<f4").reshape(sides[0], -1, order="F")
    return values.reshape(sides, order="F") if sides[2] > 1 else values


def _trial(data: NDArray[Any], options: Options, source: str) -> int:
    from sigsimnet.io.formats._mapping import record_of

    if data.ndim == 2:
        return 0
    asked = int(options.key) if options.key and options.key.isdecimal() else None
    return record_of("", data.shape[2], data.shape, asked, source, what="trials")


def _labels(chanlocs: Any, count: int) -> list[str]:
    from sigsimnet.io._names import unique_names

    labels: list[Any] = []
    if isinstance(chanlocs, dict):
        labels = chanlocs["labels"] if isinstance(chanlocs.get("labels"), list) else [chanlocs.get("labels")]
    elif isinstance(chanlocs, list):
        labels = [place.get("labels") if isinstance(place, dict) else None for place in chanlocs]
    texts = [text_of(label) for label in labels]
    known = len(texts) == count and all(texts)
    return unique_names([text or "" for text in texts], "")[0] if known else [f"ch{i + 1}" for i in range(count)]


def _events(events: Any, n_samples: int, trial: int, rate: float) -> list[tuple[float, str, float, str | None]]:
    """Return the events of a trial; latencies count samples from 1 over all trials, lengths are in samples."""
    if isinstance(events, dict):
        lists = {key: value for key, value in events.items() if isinstance(value, list)}
        count = max(map(len, lists.values()), default=0)
        events = [{key: value[i] for key, value in lists.items() if len(value) == count} for i in range(count)] or [
            events
        ]
    marks: list[tuple[float, str, float, str | None]] = []
    for event in events if isinstance(events, list) else []:
        latency = number_of(event.get("latency")) if isinstance(event, dict) else None
        if latency is None:
            continue
        kind = event.get("type")
        number = number_of(kind)
        text = text_of(kind) or (f"{number:g}" if number is not None else "event")
        position = latency - 1 - trial * n_samples
        if 0 <= position < n_samples:
            marks.append((position / rate, text, (number_of(event.get("duration")) or 0.0) / rate, None))
    return marks
