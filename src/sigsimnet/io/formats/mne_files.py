"""BrainVision, GDF, CNT and FIF, read with MNE through the bridge in `sigsimnet.io.formats.mne`."""

from __future__ import annotations

import re
import struct
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.channels import modality_of
from sigsimnet.errors import MissingExtraError, ParameterError, ReadError
from sigsimnet.io._formats import head_of
from sigsimnet.io.formats.mne import from_mne
from sigsimnet.io.units import canonical_unit

if TYPE_CHECKING:
    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_with_mne"]

_NAMED = re.compile(r"^\s*(DataFile|MarkerFile)\s*=\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_CHANNEL = re.compile(r"^\s*Ch\d+\s*=\s*([^,\r\n]*),[^,\r\n]*,[^,\r\n]*,\s*([^,\r\n]+?)\s*$", re.MULTILINE)
_BRAINVISION = {".vhdr", ".vmrk", ".eeg"}
_RETYPED = ("ecg", "emg", "eog")


def read_with_mne(path: Path, options: Options, source: str) -> Recording:
    """Read a file by MNE's own reader; channels called ECG, EMG or EOG are taken for that.

    Raises
    ------
    MissingExtraError
        If MNE is not installed.
    ReadError
        If it is damaged, or a file that it names is not beside it.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, pytest
    >>> _ = pytest.importorskip("mne")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.gdf"
    >>> _ = path.write_bytes(b"GDF 2.20")
    >>> read_with_mne(path, Options(), "a.gdf")
    Traceback (most recent call last):
    ...
    sigsimnet.errors.ReadError: a.gdf: its header names no channels
    """
    try:
        import mne
    except ImportError as error:
        raise MissingExtraError("BrainVision, GDF, CNT and FIF", "mne") from error
    if options.units is not None:
        raise ParameterError(f"{source}: MNE states the units; units= cannot change them")
    if path.suffix.lower() in _BRAINVISION or head_of(path).startswith(b"Brain"):
        path = _brainvision(path, source)
    if (head := head_of(path)).startswith(b"GDF ") and head[252:254] in {b"", b"\0\0"}:
        raise ReadError(f"{source}: its header names no channels")
    if path.suffix.lower() == ".fif":
        _check_tags(path, source)
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught, tempfile.TemporaryDirectory(prefix="sigsimnet-") as folder:
            warnings.simplefilter("always")
            raw = _opened(mne, path, Path(folder))
            _check(raw, path, source)
            raw.load_data(verbose="error")
            kinds = {
                name: modality_of(name)
                for name, kind in zip(raw.ch_names, raw.get_channel_types(), strict=True)
                if kind == "eeg" and modality_of(name) in _RETYPED
            }
            raw.set_channel_types(kinds, on_unit_change="ignore", verbose="error")
            found = from_mne(raw)
            stated = _stated_units(path) if path.suffix.lower() == ".vhdr" else {}
    except ReadError:
        raise
    except Exception as error:  # what MNE stumbles over is not known beforehand
        inside = isinstance(error, TypeError | IndexError | KeyError | AttributeError | NameError)
        why = "its reader fails on the header" if inside else reason_of(error).replace(str(path), source)
        raise ReadError(f"{source}: is not readable by MNE ({why})") from error
    said = (reason_of(one.message) for one in caught if isinstance(one.message, Warning))
    return found.replace(
        units=[unit or stated.get(name, "") for name, unit in zip(found.channel_names, found.units, strict=True)],
        source=source,
        warnings=[*dict.fromkeys(f"{source}: MNE: {text}" for text in said), *found.warnings],
    )


def _opened(mne: Any, path: Path, folder: Path) -> Any:
    """Open a file by the reader of its kind; MNE needs a table of events in GDF, which the format does not."""
    readers: dict[str, Any] = {
        ".vhdr": mne.io.read_raw_brainvision,
        ".cnt": mne.io.read_raw_cnt,
        ".fif": mne.io.read_raw_fif,
    }
    reader = readers.get(path.suffix.lower(), mne.io.read_raw_gdf)
    try:
        return reader(path, preload=False, verbose="error")
    except IndexError:
        if reader is not mne.io.read_raw_gdf:
            raise
        copy = folder / "copy.gdf"
        copy.write_bytes(path.read_bytes() + bytes(8))  # a table of no events
        return reader(copy, preload=False, verbose="error")


def _check_tags(path: Path, source: str) -> None:
    """Refuse a FIF file whose tags lead back: MNE would follow them for ever.

    Each tag says where the next one is (Uutela 2004, "Functional Image File Format", section 2.1): 0 for behind it, -1
    for none.
    """
    size, position = path.stat().st_size, 0
    with path.open("rb") as file:
        while position + 16 <= size:
            file.seek(position)
            _, _, length, following = struct.unpack(">4i", file.read(16))
            if following == -1:
                return
            after = following if following > 0 else position + 16 + length
            if after <= position or following < -1:
                raise ReadError(f"{source}: is damaged: the tag at byte {position:,} leads back to byte {after:,}")
            position = after


def _brainvision(path: Path, source: str) -> Path:
    """Return the header of a BrainVision file, after a look at the files that it names."""
    header = next((path.with_suffix(end) for end in (".vhdr", ".VHDR") if path.with_suffix(end).is_file()), None)
    if header is None:
        raise ReadError(f"{source}: no header {path.with_suffix('.vhdr').name} beside it")
    for kind, stated in _NAMED.findall(header.read_bytes().decode("latin-1")):
        name = stated.replace("$b", header.stem)
        if Path(name).name != name or "\\" in name or ":" in name:
            raise ReadError(f"{source}: its {kind} {name!r} lies in another folder; name one beside it")
        if kind.casefold() == "datafile" and not header.with_name(name).is_file():
            raise ReadError(f"{source}: its {kind} {name} is not beside it")
    return header


def _stated_units(header: Path) -> dict[str, str]:
    """Return the units of a BrainVision header, of which MNE forgets those that it does not know."""
    lines = _CHANNEL.findall(header.read_bytes().decode("utf-8", errors="replace"))
    return {name.replace("\\1", ","): canonical_unit(unit)[0] for name, unit in lines if unit not in {"AU", "n/a"}}


def _check(raw: Any, path: Path, source: str) -> None:
    """Refuse a header that claims more samples than its files have bytes."""
    files = [Path(name) for name in raw.filenames if name]
    size = sum(file.stat().st_size for file in files if file.is_file()) or path.stat().st_size
    claimed = len(raw.ch_names) * int(raw.n_times)
    if claimed > size:
        raise ReadError(f"{source}: claims {claimed:,} samples but holds {size:,} bytes")
