"""DICOM waveforms (12-lead, general ECG, Holter, haemodynamics), read with pydicom."""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError, SigSimNetError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._sizes import check_unpacked, largest_unpacked
from sigsimnet.io.units import canonical_unit, resolve_units
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options

__all__ = ["read_dicom"]

_DEFLATED = "1.2.840.10008.1.2.1.99"
_LEAD = re.compile(r"^(?:ECG\s+)?lead\s+([^\s(]+)", re.IGNORECASE)
_SEXES = {"M": "male", "F": "female"}


def read_dicom(path: Path, options: Options, source: str) -> Recording:
    """Read a multiplex group of a waveform object: the longest, or the one that ``key`` counts from 0.

    Raises
    ------
    MissingExtraError
        If pydicom is not installed.
    ReadError
        If it is damaged, or holds no waveform.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, pytest
    >>> _ = pytest.importorskip("pydicom")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.dcm"
    >>> _ = path.write_bytes(b"DICM")
    >>> read_dicom(path, Options(), "a.dcm")
    Traceback (most recent call last):
    ...
    sigsimnet.errors.ReadError: a.dcm: is not a readable DICOM file (...)
    """
    try:
        import pydicom
    except ImportError as error:
        raise MissingExtraError("DICOM", "formats") from error
    try:
        meta = pydicom.filereader.read_file_meta_info(path)
        if str(meta.get("TransferSyntaxUID", "")) == _DEFLATED:
            _check_deflated(path, options, source)
        dataset = pydicom.dcmread(path)
        groups = list(dataset.get("WaveformSequence") or [])
        if not groups:
            kind = getattr(getattr(dataset, "SOPClassUID", None), "name", "") or dataset.get("Modality", "")
            raise ReadError(f"{source}: is a DICOM file without a waveform ({kind or 'of unknown kind'})")
        return _group(dataset, groups, options, source)
    except SigSimNetError:
        raise
    except Exception as error:  # what pydicom stumbles over is not known beforehand
        raise ReadError(f"{source}: is not a readable DICOM file ({reason_of(error)})") from error


def _check_deflated(path: Path, options: Options, source: str) -> None:
    """Unpack as much as may be, to see whether that is all; the packed part begins behind the group of the header."""
    raw = path.read_bytes()
    length = int.from_bytes(raw[140:144], "little") if raw[132:138] == b"\x02\x00\x00\x00UL" else 0
    most = largest_unpacked(len(raw), options.max_unpacked)
    unpacked = zlib.decompressobj(-zlib.MAX_WBITS).decompress(raw[144 + length :], most + 1)
    check_unpacked(source, len(unpacked), len(raw), options.max_unpacked)


def _group(dataset: Any, groups: list[Any], options: Options, source: str) -> Recording:
    seconds = [float(g.NumberOfWaveformSamples) / float(g.SamplingFrequency) for g in groups]
    index = int(np.argmax(seconds))
    if options.key is not None:
        labels = [str(g.get("MultiplexGroupLabel", "")).casefold() for g in groups]
        index = labels.index(options.key.casefold()) if options.key.casefold() in labels else -1
        index = int(options.key) if index < 0 and options.key.isdecimal() and int(options.key) < len(groups) else index
        if index < 0:
            raise ReadError(f"{source}: no group {options.key!r} (there are: {_listed(groups)})")
    group = groups[index]
    channels = list(group.ChannelDefinitionSequence)
    names, notes = unique_names([_name(channel) for channel in channels], source)
    stated = [_unit(channel) for channel in channels]
    given = resolve_units(options.units, len(names), source) or stated
    values = np.asarray(dataset.waveform_array(index), dtype=np.float64).T
    factors = np.array([canonical_unit(unit)[1] for unit in given])
    if len(groups) > 1 and options.key is None:
        notes.append(
            f"{source}: holds {len(groups)} groups ({_listed(groups)}): group {index} was read; key= names another"
        )
    rate = float(group.SamplingFrequency)
    found = Recording(
        (values * factors[:, None]).astype(np.float32),
        rate,
        channel_names=names,
        units=[canonical_unit(unit)[0] for unit in given],
        start_time=_start(dataset, group),
        metadata=_metadata(dataset),
        warnings=notes,
        source=source,
    )
    return attach_annotations(found, _marks(dataset, index, rate), source)


def _listed(groups: list[Any]) -> str:
    return "; ".join(
        f"{number} {group.get('MultiplexGroupLabel', '')}".rstrip()
        + f": {group.NumberOfWaveformChannels} × {group.NumberOfWaveformSamples} at {group.SamplingFrequency} Hz"
        for number, group in enumerate(groups)
    )


def _name(channel: Any) -> str:
    label = str(channel.get("ChannelLabel", "") or "")
    sources = channel.get("ChannelSourceSequence") or []
    meaning = str(sources[0].get("CodeMeaning", "")) if sources else ""
    for text in (meaning, label):
        if found := _LEAD.match(text):
            return found[1]
    return label or meaning


def _unit(channel: Any) -> str:
    units = channel.get("ChannelSensitivityUnitsSequence") or []
    code = str(units[0].get("CodeValue", "")) if units else ""
    return {"mm[Hg]": "mmHg", "Cel": "°C", "1": ""}.get(code, code)


def _start(dataset: Any, group: Any) -> datetime | None:
    text = str(dataset.get("AcquisitionDateTime", "") or "")
    text = (
        text
        or f"{dataset.get('AcquisitionDate', '') or dataset.get('StudyDate', '')}{dataset.get('AcquisitionTime', '')}"
    )
    found = re.fullmatch(r"(\d{14})(?:\.(\d{1,6}))?\s*([+-]\d{4})?", text.strip())
    if not found:
        return None
    try:
        zone = found[3] or str(dataset.get("TimezoneOffsetFromUTC", "") or "")
        stamp = f"{found[1]}.{(found[2] or '0').ljust(6, '0')}{zone}"
        start = datetime.strptime(stamp, "%Y%m%d%H%M%S.%f%z" if zone else "%Y%m%d%H%M%S.%f")  # noqa: DTZ007 - as stated
    except ValueError:
        return None
    from datetime import timedelta

    return start + timedelta(milliseconds=float(group.get("MultiplexGroupTimeOffset", 0) or 0))


def _marks(dataset: Any, index: int, rate: float) -> list[tuple[float, str, float, str | None]]:
    """Return annotations with a position of their own in this group; positions count from 1."""
    marks: list[tuple[float, str, float, str | None]] = []
    for mark in dataset.get("WaveformAnnotationSequence") or []:
        positions = mark.get("ReferencedSamplePositions")
        referenced = mark.get("ReferencedWaveformChannels") or [index + 1]
        if positions is None or int(referenced[0]) != index + 1:
            continue
        listed = [int(one) for one in np.atleast_1d(positions)]
        concept = mark.get("ConceptNameCodeSequence") or []
        text = str(mark.get("UnformattedTextValue", "") or (concept[0].get("CodeMeaning", "") if concept else ""))
        length = (
            (listed[1] - listed[0]) / rate if mark.get("TemporalRangeType") == "SEGMENT" and len(listed) > 1 else 0.0
        )
        firsts = listed[:1] if length else listed
        marks += [((first - 1) / rate, text or "annotation", max(length, 0.0), None) for first in firsts]
    return marks


def _metadata(dataset: Any) -> dict[str, Any]:
    age = re.fullmatch(r"(\d{1,3})Y", str(dataset.get("PatientAge", "") or ""))
    found = {
        "subject": str(dataset.get("PatientID", "") or ""),
        "sex": _SEXES.get(str(dataset.get("PatientSex", "") or ""), ""),
        "age": int(age[1]) if age else "",
        "equipment": " ".join(
            str(dataset.get(key, "") or "") for key in ("Manufacturer", "ManufacturerModelName")
        ).strip(),
    }
    return {name: value for name, value in found.items() if value != ""}
