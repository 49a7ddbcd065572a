"""CSV, TSV and other text: header block, headings, separator, decimal comma, in whatever mix they come."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet.errors import ReadError
from sigsimnet.io._describe import restore
from sigsimnet.io.formats._layout import recording_from_rows
from sigsimnet.io.formats._text_body import read_body
from sigsimnet.io.formats._text_cells import is_data
from sigsimnet.io.formats._text_decode import decode
from sigsimnet.io.formats._text_facts import Facts, facts_of
from sigsimnet.io.formats._text_head import Head, read_head
from sigsimnet.io.formats._text_names import names_and_units
from sigsimnet.io.formats.table import TableHints, recording_from_table
from sigsimnet.recording import Annotation, Recording, Span

if TYPE_CHECKING:
    import pandas as pd

    from sigsimnet.io._options import Options

__all__ = ["MARK", "explain_text", "read_text"]

MARK = "SigSimNet"  # comment line with everything that our own writer knows


def read_text(path: Path, options: Options, source: str) -> Recording:
    r"""Read a text file (plain or gzip).

    Parameters
    ----------
    path : Path
        File to open.
    options : Options
        What the user asked for.
    source : str
        Name for messages.

    Raises
    ------
    ReadError
        If it is empty, binary, holds no numbers, or the sampling rate cannot be inferred.

    Examples
    --------
    >>> from sigsimnet.io._options import Options
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("time;ECG (mV)\n0,000;0,5\n0,004;0,7\n0,008;-\n")
    >>> read_text(path, Options(), "a.csv")
    <Recording 1 channel × 0.0 s at 250 Hz: ECG (mV)>
    """
    text = decode(path, source, options.max_unpacked)
    head = read_head(text, source)
    if head.device is not None and head.device.refuse and options.layout != "rows":
        raise ReadError(f"{source}: {head.device.refuse}")
    blocks = _blocks(text, head)
    if len(blocks) > 1:
        return _read_blocks(blocks, options, source)
    return _read_one(text, head, options, source)


def explain_text(path: str | Path) -> list[tuple[str, str]]:
    r"""Say which lines of a text file its names, units, rate and start were taken from: what, and the line.

    Raises
    ------
    ReadError
        If the file holds no table.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.csv"
    >>> _ = path.write_text("Rate: 250 Hz\nI (mV)\n0.5\n0.7\n")
    >>> explain_text(path)
    [('sampling rate', 'Rate: 250 Hz'), ('headings', 'I (mV)')]
    """
    head = read_head(decode(Path(path), str(path)), str(path))
    facts = _facts(head)
    found = [(head.device.kind, head.device.name)] if head.device is not None else []
    return [*found, *facts.lines, *(("headings", line.strip()) for line in head.headings)]


def _read_one(text: str, head: Head, options: Options, source: str) -> Recording:
    ours = next((line.partition(":=")[2] for line in head.comments if line.startswith(f"{MARK}:=")), None)
    facts = _facts(head, options.day_first)
    names, unit_of = names_and_units(head, facts, Path(source).name)
    frame, notes = read_body(text, head, names, source)
    hints = TableHints(
        sampling_rate=options.sampling_rate or facts.sampling_rate,
        rate_of_header=not options.sampling_rate and facts.sampling_rate is not None,
        units=options.units,
        unit_of=unit_of,
        time_column=options.time_column,
        header=names is not None and any(names),
        start_time=facts.start_time,
        metadata=facts.metadata,
        warnings=(*notes, *facts.warnings),
        device=head.device,
        key=options.key,
        day_first=options.day_first,
        found=options.found,
    )
    if options.layout == "rows":
        numbers = frame.apply(_to_numbers).to_numpy(dtype="float64")
        rows = recording_from_rows(numbers, hints.sampling_rate, options.units, source)
        return rows.replace(warnings=(*hints.warnings, *rows.warnings), metadata={**hints.metadata, **rows.metadata})
    if ours and not notes and len(frame.columns) > 1 and options.units is None and options.key is None:
        try:
            return restore(frame.iloc[:, 1:].to_numpy(dtype="float32").T, ours, source)
        except (ReadError, ValueError):
            # Somebody edited the table after us: its own words count, not ours.
            hints = replace(hints, warnings=(*hints.warnings, "the table was changed after it was written"))
    return recording_from_table(frame, hints, source)


def _facts(head: Head, day_first: bool | None = None) -> Facts:
    rows = head.device.rows if head.device is not None else ()
    # Rows without a key, of which the device says what they are: of several channels the first speaks for all.
    stated = [f"{what}: {line.split(',')[0].strip()}" for what, line in zip(rows, head.block, strict=False)]
    return facts_of([*head.comments, *(stated or head.block)], head.device, MARK, day_first=day_first)


def _blocks(text: str, head: Head) -> list[str]:
    """Cut a text before each line with which its program begins a block; nothing where there is one."""
    if head.device is None or head.device.block is None:
        return [text]
    starts = [found.start() for found in head.device.block.finditer(text)]
    edges = [0, *starts[1:], len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


def _read_blocks(blocks: list[str], options: Options, source: str) -> Recording:
    """Read blocks as spans of one recording, at the times that their headers state."""
    # A block that was opened and closed at once has a header only.
    filled = [text for text in blocks if any(map(is_data, text.split("\n", 60)[:60]))]
    parts = [_read_one(text, read_head(text, source), options, source) for text in filled]
    first = parts[0]
    for part in parts:
        if part.channel_names != first.channel_names or abs(part.sampling_rate / first.sampling_rate - 1) > 1e-6:
            raise ReadError(f"{source}: its blocks hold different channels or sampling rates; export them one by one")
    spans: list[Span] = []
    marks: list[Annotation] = []
    done = 0
    notes = dict.fromkeys(note for part in parts for note in part.warnings)
    end = 0.0
    for number, part in enumerate(parts):
        stated = part.start_time is not None and first.start_time is not None
        begin = (part.start_time - first.start_time).total_seconds() if stated else end  # type: ignore[operator]
        if begin < end - 0.5 / first.sampling_rate or (number and not stated):
            notes[f"{source}: block {number + 1} states no time after the one before it; put right behind it"] = None
            begin = end
        spans += [Span(s.start + done, s.stop + done, max(s.time + begin, end)) for s in part.spans]
        marks += [replace(mark, sample=mark.sample + done) for mark in part.annotations]
        done += part.n_samples
        end = spans[-1].time + (spans[-1].stop - spans[-1].start) / first.sampling_rate
    notes[f"{source}: {len(parts)} blocks: kept as {len(spans)} segments with their true times"] = None
    data = np.concatenate([part.data for part in parts], axis=1)
    return first.replace(data=data, spans=spans, annotations=marks, warnings=list(notes))


def _to_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    return pd.to_numeric(column, errors="coerce")
