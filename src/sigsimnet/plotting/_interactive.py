"""A recording to move about in, inside one page: Plotly and the samples within it, no network."""

from __future__ import annotations

import base64
import html
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sigsimnet.errors import MissingExtraError, SignalError
from sigsimnet.plotting._bands import MISSING, POOR, bands_of, joined, missing_of
from sigsimnet.plotting._decimate import extremes
from sigsimnet.recording import Recording

if TYPE_CHECKING:
    from sigsimnet.peaks import Peaks
    from sigsimnet.signal_quality import Quality

__all__ = ["interactive_html", "interactive_script"]

MOST = 1_500_000  # values in a page, of all channels: 4 MB
MOST_BEATS = 200_000
LEVELS = 32_767  # steps of 16 bits on either side of the middle; −32,768 is missing
OPEN = 60.0  # s that a recording opens with: beats can be distinguished; more where columns would be bars
MOST_SHAPES = 120  # bands of a channel; browsers slow down with thousands


def interactive_script() -> str:
    """Return Plotly's script, for the head of the page.

    Raises
    ------
    MissingExtraError
        If Plotly is not installed.

    Examples
    --------
    >>> "Plotly" in interactive_script()
    True
    """
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise MissingExtraError("the interactive page", "profile") from error
    return f"<script>{get_plotlyjs()}</script>"


def interactive_html(
    recording: Recording,
    *,
    peaks: Peaks | None = None,
    quality: dict[str, Quality] | None = None,
    name: str = "signals",
    zero: float = 0.0,
) -> str:
    """Return the part of a page that draws a recording; the page must hold `interactive_script` before it.

    Drag to move, turn the wheel to zoom. Up to 1.5 million samples are kept as they are, in 16 bits over each channel's
    range; of more the lowest and the highest of each column are, so that no spike is lost. What is drawn is decimated
    once more, to the width of the screen. Gaps are grey, poor seconds orange, beats are dots.

    Parameters
    ----------
    recording : Recording
    peaks : Peaks, optional
        Marked on their channel.
    quality : dict of Quality, optional
        By modality, as `profile` finds it.
    name : str
        Of the element; unique in the page.
    zero : float, default 0
        Time in s that the first sample is shown at: of a part of a recording, where it begins.

    Raises
    ------
    SignalError
        If the recording holds no samples.

    Examples
    --------
    >>> from sigsimnet import simulate
    >>> '<div id="signals"' in interactive_html(simulate(1, 1, duration=5)[0])
    True
    """
    if not recording.n_samples:
        raise SignalError(f"{recording.source or 'recording'}: holds no samples: there is nothing to draw")
    rate, n = recording.sampling_rate, recording.n_channels
    size = max(1, int(np.ceil(2 * n * recording.n_samples / MOST))) if n * recording.n_samples > MOST else 1
    spans: list[dict[str, Any]] = []
    for span in recording.spans:
        if span.stop > span.start:
            first = spans[-1]["first"] + spans[-1]["n"] if spans else 0
            columns = -(-(span.stop - span.start) // size)
            spans.append({"time": zero + span.time, "step": size / rate, "first": first, "n": columns})
    channels, scales = [], []
    for row, label in enumerate(recording.channel_names):
        unit = recording.units[row]
        packed, middle, scale = _packed(recording, row, size)
        channels.append(
            {
                "name": label,
                "label": html.escape(f"{label} ({unit})" if unit else label, quote=False),
                "middle": middle,
                "scale": scale,
                **packed,
            }
        )
        scales.append((middle, scale))
    begin = float(spans[0]["time"])
    end = float(spans[-1]["time"] + spans[-1]["n"] * spans[-1]["step"])
    data = {
        "spans": spans,
        "channels": channels,
        "open": [begin, min(end, begin + max(OPEN, 600 * size / rate))],
        "beats": _beats(recording, peaks, zero),
        "shapes": _shapes(recording, quality or {}, zero),
    }
    script = files("sigsimnet.plotting").joinpath("_interactive.js").read_text(encoding="utf-8").strip().rstrip(";")
    values = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")  # no tag of a file's text
    wanted = [("10 s", 10), ("1 min", 60), ("10 min", 600), ("1 h", 3600), ("6 h", 21600)]
    buttons = "".join(
        f'<button type="button" data-view="{html.escape(name)}" data-seconds="{seconds}">{words}</button>'
        for words, seconds in [*((w, s) for w, s in wanted if s < end - begin), ("all", 0)]
    )
    note = ""
    if size > 1:
        note = f" Each column (near by: each bar) spans {size} samples; sigsimnet plot --start --stop shows them all."
    call = f"({json.dumps(name)}, {values});"
    return (
        f'<p class="views">{buttons} <span>Drag to move, turn the wheel to zoom.{note}</span></p>'
        f'<div id="{html.escape(name)}" class="signals"></div>\n<script>{script}{call}</script>'
    )


def _packed(recording: Recording, row: int, size: int) -> tuple[dict[str, str], float, float]:
    """Return a channel in 16 bits, and the value of 0 and of one step."""
    lows, highs = [], []
    for span in recording.spans:
        x = recording.data[row, span.start : span.stop]
        if len(x):
            low, high = (x, x) if size == 1 else extremes(x, size)
            lows.append(low)
            highs.append(high)
    low, high = np.concatenate(lows), np.concatenate(highs)
    there = not np.isnan(low).all()
    bottom, top = (float(np.nanmin(low)), float(np.nanmax(high))) if there else (0.0, 0.0)
    middle, scale = (bottom + top) / 2, max((top - bottom) / 2 / LEVELS, 1e-300)
    packed = {"low": _coded(low, middle, scale)}
    if size > 1:
        packed["high"] = _coded(high, middle, scale)
    return packed, middle, scale


def _coded(x: NDArray[np.floating], middle: float, scale: float) -> str:
    steps = np.round((x.astype(np.float64) - middle) / scale)
    coded = np.where(np.isnan(steps), -LEVELS - 1, np.clip(steps, -LEVELS, LEVELS)).astype("<i2")
    return base64.b64encode(coded.tobytes()).decode()


def _beats(recording: Recording, peaks: Peaks | None, zero: float) -> dict[str, Any] | None:
    if peaks is None or not len(peaks) or peaks.channel not in recording.channel_names or len(peaks) > MOST_BEATS:
        return None
    row = recording.channel_names.index(peaks.channel)
    heights = np.nan_to_num(recording.data[row, np.clip(peaks.samples, 0, recording.n_samples - 1)])
    return {
        "row": row,
        "times": np.round(zero + peaks.times, 3).tolist(),
        "heights": [float(f"{value:.5g}") for value in heights.tolist()],
    }


def _shapes(recording: Recording, quality: dict[str, Quality], zero: float) -> list[dict[str, Any]]:
    shapes: list[dict[str, Any]] = []
    poor_of = {name: bands for found in quality.values() for name, bands in bands_of(found).items()}
    for row, channel in enumerate(recording.channel_names):
        axis = f"y{row + 1} domain" if row else "y domain"
        poor = poor_of.get(channel, [])
        for color, bands in ((POOR, poor), (MISSING, missing_of(recording, row))):
            shapes += [
                {
                    "type": "rect",
                    "xref": "x",
                    "yref": axis,
                    "x0": round(zero + start, 3),
                    "x1": round(zero + stop, 3),
                    "y0": 0,
                    "y1": 1,
                    "fillcolor": color,
                    "opacity": 0.45,
                    "line": {"width": 0},
                    "layer": "below",
                }
                for start, stop in joined(bands, MOST_SHAPES)
            ]
    return shapes
