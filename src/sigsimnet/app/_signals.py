"""A recording to move about in: whole numbers of 16 bits on disk, and the least and greatest of every stretch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet._utils.json import to_jsonable
from sigsimnet.errors import SignalError
from sigsimnet.recording import Recording

__all__ = ["MISSING", "Opened", "keep", "opened", "window"]

MISSING = -32768
_FULL = 32766
_FIRST, _STEP = 16, 8  # samples of a stretch on the first level; how much longer stretches are on the next
MOST_POINTS = 4000
MOST_BYTES = 4_000_000_000


@dataclass(frozen=True)
class Opened:
    """A recording that was opened.

    Attributes
    ----------
    folder : Path
    about : dict
        ``sampling_rate``, ``n_samples``, ``duration``, ``channels`` (name, unit, scale, middle) and more, for clients.

    Examples
    --------
    >>> Opened(Path("."), {"sampling_rate": 250.0, "n_samples": 500}).rate
    250.0
    """

    folder: Path
    about: dict[str, Any]

    @property
    def rate(self) -> float:
        """Sampling rate in Hz."""
        return float(self.about["sampling_rate"])


def keep(recording: Recording, folder: Path) -> Opened:
    """Write a recording in the form that windows are cut from; ``about.json`` comes last.

    Each channel is scaled to its own range, so that a step is 1/65,000 of it. Pauses are laid out as missing samples:
    every sample stands at its own time.

    Raises
    ------
    SignalError
        If its pauses would take more than 4 GB.
    """
    from sigsimnet.app._turn import extremes, turn

    n_channels, rate = recording.n_channels, recording.sampling_rate
    places = [round(span.time * rate) for span in recording.spans]
    lengths = [span.stop - span.start for span in recording.spans]
    n = max((place + length for place, length in zip(places, lengths, strict=True)), default=recording.n_samples)
    if n > recording.n_samples and 2 * n * n_channels > MOST_BYTES:
        raise SignalError(
            f"{recording.source or 'recording'}: its pauses last {n / rate / 86_400:.1f} days, too long to lay it out; "
            "cut it into parts (sigsimnet convert --start --stop)"
        )
    folder.mkdir(parents=True, exist_ok=True)
    samples = np.lib.format.open_memmap(folder / "samples.npy", mode="w+", dtype=np.int16, shape=(n_channels, n))
    channels = []
    for row in range(n_channels):
        x = recording.data[row]
        there = x[np.isfinite(x)]
        low, high = (float(there.min()), float(there.max())) if len(there) else (0.0, 0.0)
        middle, scale = (low + high) / 2, max((high - low) / 2 / _FULL, 1e-12)
        if n > recording.n_samples:
            samples[row] = MISSING
        for span, place in zip(recording.spans, places, strict=True):
            part = samples[row, place : place + span.stop - span.start]
            turn(np.ascontiguousarray(x[span.start : span.stop]), middle, scale, part)
        channels.append({
            "name": recording.channel_names[row], "unit": recording.units[row], "scale": scale, "middle": middle,
        })  # fmt: skip
    levels = []
    size, below = _FIRST, samples[:, :, None]
    while n > size * 64:
        step = _FIRST if size == _FIRST else _STEP
        made = np.empty((n_channels, -(-below.shape[1] // step), 2), np.int16)
        for row in range(n_channels):
            extremes(np.ascontiguousarray(below[row]), step, made[row])
        np.save(folder / f"level{size}.npy", made)
        levels.append(size)
        below, size = made, size * _STEP
    samples.flush()
    about = {
        "source": recording.source, "sampling_rate": recording.sampling_rate, "n_samples": n,
        "duration": n / rate, "channels": channels, "levels": levels,
        "start_time": recording.start_time.isoformat() if recording.start_time else None,
        "spans": [{"start": one.time, "stop": one.time + (one.stop - one.start) / recording.sampling_rate}
                  for one in recording.spans],
        "warnings": list(recording.warnings), "metadata": {k: to_jsonable(v) for k, v in recording.metadata.items()},
    }  # fmt: skip
    (folder / "about.json").write_text(json.dumps(about, default=str), encoding="utf-8")
    return Opened(folder, about)


def opened(folder: Path) -> Opened | None:
    """Return a recording that was kept, None where there is none."""
    try:
        return Opened(folder, json.loads((folder / "about.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def _shorter(levels: NDArray[np.int16], size: int) -> NDArray[np.int16]:
    """Return least and greatest of every ``size`` entries, (n_channels, n, 2); of missing ones alone, missing."""
    n_channels, n, sides = levels.shape
    count = -(-n // size)
    found = np.full((n_channels, count, 2), MISSING, np.int16)
    low = np.full((n_channels, count * size), 32767, np.int16)
    high = np.full((n_channels, count * size), MISSING, np.int16)
    there = levels[:, :, 0] != MISSING
    low[:, :n] = np.where(there, levels[:, :, 0], 32767)
    high[:, :n] = np.where(there, levels[:, :, sides - 1], MISSING)
    found[:, :, 1] = high.reshape(n_channels, count, size).max(axis=2)
    least = low.reshape(n_channels, count, size).min(axis=2)
    found[:, :, 0] = np.where(found[:, :, 1] == MISSING, MISSING, least)
    return found


def window(one: Opened, start: float, stop: float, points: int, channels: list[int] | None = None) -> bytes:
    """Return a stretch of a recording, at most so many points of each channel.

    Returns
    -------
    bytes
        Four bytes, the length of what follows; JSON (``start`` and ``step`` in s, ``n``, ``kind``: ``samples``, or
        ``range`` for least and greatest of each step; ``channels``); then 16-bit numbers, little-endian, channel by
        channel: value = number × scale + middle, −32768 where nothing was recorded.
    """
    n = int(one.about["n_samples"])
    points = min(max(points, 2), MOST_POINTS)
    first = int(np.clip(np.floor(start * one.rate), 0, max(n - 1, 0)))
    last = int(np.clip(np.ceil(stop * one.rate), first + 1, n))
    per_point = (last - first) / points
    known = one.about["channels"]
    rows = [k for k in (channels or range(len(known))) if 0 <= k < len(known)]
    if per_point <= 2:
        samples = np.load(one.folder / "samples.npy", mmap_mode="r")
        values = np.asarray(samples[rows, first:last])
        kind, step, begin = "samples", 1 / one.rate, first / one.rate
    else:
        sizes = [size for size in one.about["levels"] if size <= per_point]
        if sizes:
            size = sizes[-1]
            level = np.load(one.folder / f"level{size}.npy", mmap_mode="r")
        else:
            size, level = 1, np.load(one.folder / "samples.npy", mmap_mode="r")[:, :, None]
        part = level[rows, first // size : -(-last // size)]
        width = max(1, int(np.ceil(part.shape[1] / points)))
        values = _shorter(np.asarray(part), width)
        kind, step, begin = "range", width * size / one.rate, first // size * size / one.rate
    header = {
        "start": begin, "step": step, "n": int(values.shape[1]), "kind": kind, "channels": [known[k] for k in rows],
    }  # fmt: skip
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + np.ascontiguousarray(values, "<i2").tobytes()
