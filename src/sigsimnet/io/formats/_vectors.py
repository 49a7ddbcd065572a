"""Files that hold one array for each signal, side by side or in groups: every one keeps its name and its own rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sigsimnet._utils.text import shorten_list
from sigsimnet.io._names import unique_names
from sigsimnet.io._rates import Signal, choose_signals, stack_signals
from sigsimnet.io.formats._facts import is_time_name, plain_name, rate_named_after, stated_rate, text_of, units_of
from sigsimnet.io.units import canonical_unit

if TYPE_CHECKING:
    from sigsimnet.io._options import Options
    from sigsimnet.recording import Recording

__all__ = ["ABOUT", "beside", "name_of", "recording_from_vectors"]

ABOUT = "__about__"  # entry of a mapping: what is said of single arrays in it, by their names
_NO_NAMES = {
    "val", "data", "signal", "signals", "x", "psignal", "dsignal", "tracing", "tracings", "waveform", "waveforms",
    "rawdata", "values", "samples", "y",
}  # fmt: skip
_NAMES = ("name", "label", "channel", "title", "sensor")
Context = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class _Vector:
    path: str
    array: Any
    context: Context
    name: str
    rate: float | None
    own: bool  # whether the rate is stated for this array alone

    @property
    def length(self) -> int:
        return int(max(self.array.shape))


def beside(path: str, context: Context) -> Context:
    """Return the mappings that speak of an array, the nearest first; what is said of it alone comes before all."""
    alone = context[0].get(ABOUT, {}).get(path.rpartition("/")[2])
    return (alone, *context) if alone else context


def name_of(path: str, context: Context) -> str:
    """Return what an array is called: by its own name, that which stands beside it, or its group's; or empty.

    Examples
    --------
    >>> name_of("ecg", ({},)), name_of("channels/0/data", ({"name": "PPG"}, {})), name_of("Resp/data", ({}, {}))
    ('ecg', 'PPG', 'Resp')
    """
    parts = [part for part in path.split("/") if part]
    if parts and plain_name(parts[-1]) not in _NO_NAMES and not parts[-1].isdecimal():
        return parts[-1]
    if len(context) > 1:
        for key, value in context[0].items():
            if plain_name(key) in _NAMES and (text := text_of(value)) and text.strip():
                return text.strip()
    usable = [part for part in parts[:-1] if not part.isdecimal() and plain_name(part) not in _NO_NAMES]
    return usable[-1] if usable else ""


def recording_from_vectors(
    arrays: Mapping[str, tuple[Any, Context]], main: str | None, options: Options, source: str
) -> Recording | None:
    """Make a recording of several arrays of one dimension; None where they do not say how they belong together.

    Those whose rate is stated for them alone are signals; so are those of equal length where one rate is stated for
    all. What is left out is said.

    Parameters
    ----------
    arrays : mapping
        Path to the array and the mappings around it.
    main : str or None
        The array that can only be the signal, where there is one.
    options : Options
    source : str
    """
    found = [_vector(path, array, context, options) for path, (array, context) in arrays.items()]
    if len(found) < 2 or any(_is_no_vector(one) for one in found):
        return None
    common = [one for one in found if one.rate is not None and not one.own]
    chosen = [one for one in found if one.own]
    lengths = {one.length for one in common if main is None or one.path == main}
    if len(lengths) == 1:
        chosen += [one for one in common if one.length in lengths and not _is_mask(one)]
    elif not chosen:
        return None
    if len(chosen) < 2:
        return None
    chosen = [one for one in found if one in chosen]
    names, notes = unique_names([one.name or f"ch{k + 1}" for k, one in enumerate(chosen)], source)
    left = [one for one in found if one not in chosen]
    if left:
        listed = shorten_list([f"{one.path} ({one.length:,})" for one in left], 6)
        notes.append(f"{source}: left out: {listed}; pass key= to read one of them")
    places, said = choose_signals(names, [one.rate or 0.0 for one in chosen], options, source)
    signals = [_signal(chosen[k], names[k]) for k in places]
    longest = max(len(signal.data) / signal.sampling_rate for signal in signals)
    recording = stack_signals(signals, [(0.0, longest)], options.resample_to)
    return recording.replace(warnings=[*recording.warnings, *notes, *said])


def _vector(path: str, array: Any, context: Context, options: Options) -> _Vector:
    name = path.rpartition("/")[2]
    alone = context[0].get(ABOUT, {}).get(name, {})
    own = stated_rate(alone) or rate_named_after(name, context[0])
    if own is None and len(context) > 1:  # a group of its own for each signal
        own = stated_rate(context[0])
    rate = own or options.sampling_rate or next((r for around in context if (r := stated_rate(around))), None)
    return _Vector(path, array, context, name_of(path, context), rate, own is not None)


def _is_no_vector(one: _Vector) -> bool:
    shape = one.array.shape
    return int(np.prod(shape, dtype=np.float64)) != max(shape) or is_time_name(one.path.rpartition("/")[2])


def _is_mask(one: _Vector) -> bool:
    """Return whether whole numbers of one or two values stand beside the samples: a label of each, and no signal."""
    if one.array.dtype.kind not in "iu":
        return False
    return len(np.unique(np.asarray(one.array[()]))) <= 2


def _signal(one: _Vector, name: str) -> Signal:
    around = beside(one.path, one.context)
    unit = next((found[0] for own in around if (found := units_of(own, 1))), "")
    canonical, factor = canonical_unit(unit)
    data = np.asarray(one.array[()]).reshape(-1)
    values = data.astype(np.float32) if factor == 1 else (data.astype(np.float64) * factor).astype(np.float32)
    return Signal(name, canonical, one.rate or 0.0, values)
