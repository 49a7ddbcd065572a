"""BIOPAC AcqKnowledge, read with bioread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigsimnet._utils.text import reason_of
from sigsimnet.errors import MissingExtraError, ReadError
from sigsimnet.io._marks import attach_annotations
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, stack_signals
from sigsimnet.io._sizes import check_unpacked
from sigsimnet.io.formats._logs import log_of
from sigsimnet.io.units import canonical_unit, resolve_units

if TYPE_CHECKING:
    from pathlib import Path

    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["read_acq"]


def read_acq(path: Path, options: Options, source: str) -> Recording:
    """Read an AcqKnowledge file; event markers become annotations.

    Raises
    ------
    MissingExtraError
        If bioread is not installed.
    ReadError
        If it is damaged, or the channels that were asked for have several rates.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib, pytest
    >>> _ = pytest.importorskip("bioread")
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.acq"
    >>> _ = path.write_bytes(bytes(400))
    >>> read_acq(path, Options(), "a.acq")
    Traceback (most recent call last):
    ...
    sigsimnet.errors.ReadError: a.acq: is not a readable AcqKnowledge file (...)
    """
    try:
        import bioread
    except ImportError as error:
        raise MissingExtraError("BIOPAC AcqKnowledge", "formats") from error
    size = path.stat().st_size
    try:
        with log_of("bioread"):  # it tells of each part that is not there, such as the journal
            headers = bioread.read_headers(str(path))
        names, notes = unique_names([str(channel.name) for channel in headers.channels], source)
        rates = [float(channel.samples_per_second) for channel in headers.channels]
        counts = [int(channel.point_count) for channel in headers.channels]
        widths = [int(channel.dtype.itemsize) for channel in headers.channels]
    except Exception as error:  # what bioread stumbles over is not known beforehand
        raise ReadError(f"{source}: is not a readable AcqKnowledge file ({reason_of(error)})") from error
    if not names or min(counts) < 0 or min(rates) <= 0:
        raise ReadError(f"{source}: is not a readable AcqKnowledge file (it holds no channels)")
    claimed = sum(count * width for count, width in zip(counts, widths, strict=True))
    if headers.is_compressed:
        check_unpacked(source, claimed, size, options.max_unpacked)
    elif claimed > size:
        raise ReadError(f"{source}: claims {claimed:,} bytes of samples but holds {size:,}")
    chosen, about_rates = choose_signals(names, rates, options, source)
    given = resolve_units(options.units, len(names), source)
    try:
        with log_of("bioread"):
            held = bioread.read(str(path), channel_indexes=chosen)
        channels = {k: held.channels[k] for k in chosen}
        signals = [
            _signal(channels[k], names[k], rates[k], given[k] if given else str(channels[k].units or ""))
            for k in chosen
        ]
        marks = [
            (
                float(mark.sample_index) / float(held.samples_per_second),
                str(mark.text or mark.type or "event"),
                0.0,
                None,
            )
            for mark in held.event_markers or []
        ]
        start = held.earliest_marker_created_at
    except Exception as error:  # see above
        raise ReadError(f"{source}: is damaged ({reason_of(error)})") from error
    spans = [(0.0, max(len(signal.data) / signal.sampling_rate for signal in signals))]
    found = stack_signals(signals, spans, options.resample_to)
    found = found.replace(start_time=start, warnings=[*notes, *about_rates], source=source)
    return attach_annotations(found, marks, source)


def _signal(channel: Any, name: str, rate: float, unit: str) -> Signal:
    ours, factor = canonical_unit({"Volts": "V", "microsiemens": "uS", "umho": "uS"}.get(unit, unit))
    return Signal(name, ours, rate, (channel.data * factor).astype("float32"))
