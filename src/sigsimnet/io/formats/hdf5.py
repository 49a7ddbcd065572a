"""HDF5: MATLAB 7.3, OpenSignals, pandas, and data sets such as CODE-15; read with h5py.

Links into other files, storage outside the file and virtual data sets are not followed: a file that somebody sends
must not open others. MATLAB stores arrays transposed, text as numbers, structs as groups, cells as references.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError, SigSimNetError
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.clock._moments import parse_moment
from sigsimnet.io.formats._facts import plain_name, text_of, texts_of
from sigsimnet.io.formats._mapping import frame_of_records, recording_from_tree
from sigsimnet.io.formats._vectors import ABOUT
from sigsimnet.io.formats.table import hints_of, recording_from_table

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_hdf5", "tree_of_hdf5"]

_DEEPEST = 16
_MOST_OBJECTS = 20_000
_SMALL = 4096  # elements of what is read to see what it says: text, units, rates


class Stored:
    """A data set that is read when it is sliced, as MATLAB sees it (transposed) if MATLAB wrote it."""

    def __init__(self, dataset: Any, *, transposed: bool, limits: tuple[str, int, int | None]) -> None:
        self._dataset, self._transposed, self._limits = dataset, transposed, limits
        shape = tuple(int(side) for side in dataset.shape)
        self.shape = shape[::-1] if transposed else shape
        self.dtype: np.dtype[Any] = dataset.dtype
        self.ndim, self.size = len(shape), int(np.prod(shape, dtype=np.float64))

    def __getitem__(self, what: Any) -> Any:
        """Read all, ``[()]``, or one of the records along the first axis as stored (the last one of MATLAB's)."""
        source, packed, limit = self._limits
        index = next((item for item in what if isinstance(item, int)), None) if isinstance(what, tuple) else what
        share = self.size if index is None else self.size // max(self._dataset.shape[0], 1)
        check_unpacked(source, share * self.dtype.itemsize, packed, limit)
        values = self._dataset[() if index is None else index]
        return values.T if self._transposed else values


def read_hdf5(path: Path, options: Options, source: str) -> Recording:
    """Read an HDF5 file; ``key`` is the path of the data set, and its record where it has three dimensions.

    Raises
    ------
    MissingExtraError
        If h5py is not installed.
    ReadError
        If it is damaged, or holds no or several signals.

    Examples
    --------
    >>> import tempfile, pathlib, pytest
    >>> h5py = pytest.importorskip("h5py")
    >>> from sigsimnet.io._options import Options
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.h5"
    >>> with h5py.File(path, "w") as file:
    ...     file["tracings"] = np.zeros((3, 400, 12))
    ...     file.attrs["fs"] = 400
    >>> read_hdf5(path, Options(key="tracings/2"), "a.h5").metadata["record"]
    2
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError("HDF5 (also MATLAB 7.3)", "formats") from error
    try:
        file = h5py.File(path, "r")
    except (OSError, RuntimeError, ValueError) as error:
        what = "MATLAB 7.3 file" if path.suffix.lower() == ".mat" else "HDF5 file"
        raise ReadError(f"{source}: is not a readable {what} ({reason_of(error)})") from error
    with file:
        try:
            return _recording(file, path, options, source)
        except SigSimNetError:
            raise
        except Exception as error:  # what HDF5 stumbles over in a damaged file is not known beforehand
            raise ReadError(f"{source}: is damaged ({reason_of(error)})") from error


def _recording(file: Any, path: Path, options: Options, source: str) -> Recording:
    device = next((group for group in _groups(file) if "sampling rate" in group.attrs and "raw" in group), None)
    if device is not None and options.key is None:
        return _opensignals(device, options, source, path.stat().st_size)
    tree, matlab = tree_of_hdf5(file, path, options, source)
    found = tree.get(options.key) if options.key else next(iter(tree.values()), None)
    if (options.key or len(tree) == 1) and getattr(getattr(found, "dtype", None), "names", None):
        hints = hints_of(options)
        return recording_from_table(frame_of_records(found[()], source), hints, source)  # type: ignore[index]
    return recording_from_tree(tree, options, source, records_last=matlab)


def tree_of_hdf5(file: Any, path: Path, options: Options, source: str) -> tuple[dict[str, Any], bool]:
    """Return the groups and data sets of an open file as a tree, and whether MATLAB wrote it.

    Large data sets are `Stored`; attributes of a group stand among its entries, those of a data set under `ABOUT`.

    Raises
    ------
    ReadError
        If it is nested too deep or holds too many objects.
    """
    with path.open("rb") as raw:
        matlab = raw.read(10) == b"MATLAB 7.3" or path.suffix.lower() in {".mat", ".set"}
    walk = _Walk(file, matlab=matlab, limits=(source, path.stat().st_size, options.max_unpacked))
    return walk.group(file, 0), matlab


class _Walk:
    def __init__(self, file: Any, *, matlab: bool, limits: tuple[str, int, int | None]) -> None:
        self.file, self.matlab, self.limits = file, matlab, limits
        self.n_objects = 0

    def group(self, group: Any, depth: int) -> dict[str, Any]:
        import h5py

        source = self.limits[0]
        if depth > _DEEPEST:
            raise ReadError(f"{source}: its groups are nested too deep")
        tree: dict[str, Any] = {} if self.matlab else _attributes(group)
        for name in group:
            self.n_objects += 1
            if self.n_objects > _MOST_OBJECTS:
                raise ReadError(f"{source}: holds more than {_MOST_OBJECTS:,} objects; pass one of them on by itself")
            if name in {"#refs#", "#subsystem#"} or not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            item = group[name]
            if isinstance(item, h5py.Group):
                tree[name] = self.group(item, depth + 1)
            elif isinstance(item, h5py.Dataset) and item.shape is not None and not (item.external or item.is_virtual):
                if not self.matlab and (said := _attributes(item)):
                    tree.setdefault(ABOUT, {})[name] = said
                tree[name] = self.dataset(item, depth)
        return tree

    def dataset(self, item: Any, depth: int) -> Any:
        import h5py

        if h5py.check_ref_dtype(item.dtype) is not None:
            return self.references(item, depth)
        if item.dtype.kind == "O" or item.dtype.kind in "SV":
            if item.dtype.names or item.size > _SMALL:
                return Stored(item, transposed=False, limits=self.limits)
            return _texts(item[()])
        if self.matlab and item.attrs.get("MATLAB_class") == b"char" and item.size <= _SMALL:
            codes = np.atleast_2d(item[()])
            rows = ["".join(map(chr, row)).rstrip() for row in codes.T.tolist()] if item.ndim == 2 else []
            return rows[0] if len(rows) == 1 else rows
        if item.attrs.get("MATLAB_empty"):
            return []
        stored = Stored(item, transposed=self.matlab, limits=self.limits)
        return stored[()] if stored.size <= _SMALL else stored

    def references(self, item: Any, depth: int) -> Any:
        """Return a cell, or a field of an array of structs, as a list."""
        import h5py

        if item.size > _SMALL or depth > _DEEPEST:
            return []
        found: list[Any] = []
        for reference in item[()].reshape(-1):
            self.n_objects += 1
            if not reference or self.n_objects > _MOST_OBJECTS:
                break
            target = self.file[reference]
            inner = self.group(target, depth + 1) if isinstance(target, h5py.Group) else self.dataset(target, depth + 1)
            found.append(inner)
        return found


def _attributes(item: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in list(item.attrs)[:100]:
        if name.isupper():  # CLASS, VERSION, TITLE of PyTables
            continue
        try:
            value = item.attrs[name]
        except (OSError, TypeError, ValueError):
            continue
        if isinstance(value, str | bytes) or getattr(getattr(value, "dtype", None), "kind", "") in "SUO":
            found[name] = _texts(value)
        elif np.size(value) <= _SMALL and getattr(getattr(value, "dtype", None), "kind", "f") in "iuf":
            found[name] = np.asarray(value)
    return found


def _texts(value: Any) -> Any:
    return text_of(value) if (text := texts_of(value)) is None or np.ndim(value) == 0 else text


def _groups(file: Any) -> list[Any]:
    import h5py

    links = [(name, file.get(name, getlink=True)) for name in list(file)[:100]]
    return [
        file[name] for name, link in links if isinstance(link, h5py.HardLink) and isinstance(file[name], h5py.Group)
    ]


def _opensignals(device: Any, options: Options, source: str, packed: int) -> Recording:
    """Read a device of OpenSignals (BITalino, biosignalsplux): raw counts of each channel, without the counter."""
    raw = device["raw"]
    numbers = sorted((int(name[8:]), name) for name in raw if name.startswith("channel_") and name[8:].isdecimal())
    if not numbers:
        raise ReadError(f"{source}: holds no channel of OpenSignals")
    check_unpacked(source, sum(4 * raw[name].size for _, name in numbers), packed, options.max_unpacked)
    rows = [np.asarray(raw[name]).reshape(-1).astype(np.float32) for _, name in numbers]
    sensors = texts_of(device.attrs.get("sensor")) or []
    names = (
        sensors
        if len(sensors) == len(rows)
        else [text_of(raw[name].attrs.get("sensor")) or name for _, name in numbers]
    )
    about = {plain_name(key): value for key, value in _attributes(device).items()}
    tree: dict[str, Any] = {
        "data": np.stack([row[: min(map(len, rows))] for row in rows]),
        "fs": float(np.asarray(device.attrs["sampling rate"]).reshape(-1)[0]),
        "labels": [name.removesuffix("BIT") if name.endswith("BIT") else name for name in names],
        "device": about.get("device"),
    }
    found = recording_from_tree(tree, options, source)
    began = parse_moment(f"{text_of(about.get('date'))} {text_of(about.get('time'))}", day_first=options.day_first)
    note = f"{source}: OpenSignals' counts were kept as they are; its sensors' units need their transfer functions"
    return found.replace(start_time=began.time, warnings=[*found.warnings, *began.warnings, note])
