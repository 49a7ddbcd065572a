"""What hospital devices write: ISHNE, SCP-ECG, GE MUSE XML, HL7 aECG, Philips XML, MFER; read with ecgdatakit."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, stack_signals
from sigsimnet.io.units import canonical_unit, resolve_units

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_clinical"]

_SEXES = {"M": "male", "F": "female"}
_ISHNE_FAULT = -32768  # "a sample that could not be taken": Badilini 1998, doi:10.1111/j.1542-474X.1998.tb00353.x


def read_clinical(path: Path, options: Options, source: str) -> Recording:
    """Read an ECG of a hospital device, in mV; the average beats that some of these hold are left out.

    XML that defines entities is refused; nothing outside the file is read.

    Raises
    ------
    MissingExtraError
        If ecgdatakit is not installed.
    ReadError
        If it is damaged, or of another kind.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, pytest
    >>> _ = pytest.importorskip("ecgdatakit")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.xml"
    >>> _ = path.write_text("<Page><p>no ECG</p></Page>")
    >>> read_clinical(path, Options(), "a.xml")
    Traceback (most recent call last):
    ...
    sigsimnet.errors.ReadError: a.xml: is no ECG of a known kind (ISHNE, SCP-ECG, ...)
    """
    try:
        from ecgdatakit.exceptions import UnsupportedFormatError
        from ecgdatakit.parsing import FileParser
    except ImportError as error:
        raise MissingExtraError("ISHNE, SCP-ECG, GE MUSE XML, HL7 aECG, Philips XML and MFER", "formats") from error
    caught: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            record = FileParser.parse(path, units="mV")
    except UnsupportedFormatError as error:
        known = "ISHNE, SCP-ECG, GE MUSE XML, HL7 aECG, Philips XML, MFER"
        raise ReadError(f"{source}: is no ECG of a known kind ({known})") from error
    except Exception as error:  # what a parser stumbles over is not known beforehand
        reason = reason_of(error).replace(str(path), "the file")
        raise ReadError(f"{source}: cannot be read ({reason})") from error
    if not record.leads:
        raise ReadError(f"{source}: holds no signals")
    names, notes = unique_names([str(lead.label) for lead in record.leads], source)
    exact = _exact_rates(record.raw_metadata)
    rates = [_rate(float(lead.sampling_rate), exact) for lead in record.leads]
    chosen, about_rates = choose_signals(names, rates, options, source)
    given = resolve_units(options.units, len(names), source)
    signals = []
    for k in chosen:
        lead = record.leads[k]
        unit, factor = canonical_unit(given[k] if given else str(lead.units or ""))
        values = np.asarray(lead.samples, dtype=np.float64)
        if record.source_format.startswith("ishne") and lead.resolution:
            values = np.where(np.isclose(values, _fault_of(lead)), np.nan, values)
        signals.append(Signal(names[k], unit, rates[k], (values * factor).astype(np.float32)))
    spans = [(0.0, max(len(signal.data) / signal.sampling_rate for signal in signals))]
    found = stack_signals(signals, spans, options.resample_to)
    notes += [
        f"{source}: {text}"
        for text in dict.fromkeys(reason_of(one.message) for one in caught if isinstance(one.message, Warning))
        if "rounded to" not in text or not exact  # the exact rate is used
    ]
    return found.replace(
        start_time=record.recording.date,
        metadata=_metadata(record),
        warnings=[*notes, *about_rates],
        source=source,
    )


def _fault_of(lead: Any) -> float:
    """Return the value, in the unit of the lead, that stands for a sample which could not be taken."""
    to_unit = {"mV": 1e-3, "uV": 1.0, "µV": 1.0, "V": 1e-6}.get(lead.units or "", 1.0)
    return float(_ISHNE_FAULT * (lead.resolution * to_unit if lead.resolution_unit else 1.0))


def _exact_rates(about: Any) -> list[float]:
    """Return the rates that the file states, before they were rounded to whole Hz."""
    found: list[float] = []
    for key, value in about.items() if isinstance(about, dict) else ():
        if key == "sampling_rate_exact" and isinstance(value, int | float):
            found.append(float(value))
        elif key == "rhythm_sample_interval_us" and value:
            found.append(1e6 / float(value))
        elif key == "sampling_rates" and isinstance(value, list):
            found += [float(rate) for rate in value]
        else:
            found += _exact_rates(value)
    return found


def _rate(rounded: float, exact: list[float]) -> float:
    nearest = min(exact, key=lambda rate: abs(rate - rounded), default=rounded)
    return round(nearest, 6) if abs(nearest - rounded) <= 0.5 else rounded


def _metadata(record: Any) -> dict[str, Any]:
    patient, device = record.patient, record.recording.device
    found = {
        "subject": patient.patient_id,
        "sex": _SEXES.get(patient.sex, ""),
        "age": patient.age,
        "birthdate": patient.birth_date.date().isoformat() if patient.birth_date else "",
        "equipment": " ".join(text for text in (device.manufacturer, device.model) if text),
        "format": record.file_format.name,
    }
    return {name: value for name, value in found.items() if value not in ("", None)}
