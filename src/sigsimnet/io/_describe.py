"""What a recording says about itself, as JSON: kept beside the samples so that our own files come back exactly."""

from __future__ import annotations

import json
from dataclasses import astuple
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.json import to_jsonable
from sigsimnet._utils.text import reason_of
from sigsimnet.errors import ReadError, SigSimNetError
from sigsimnet.recording import Annotation, Recording, Span

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["describe", "restore"]


def describe(recording: Recording) -> str:
    """Return everything but the samples as one line of JSON.

    Metadata that JSON does not know (dates, paths) becomes text; arrays become lists, with null for NaN.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> describe(Recording([[0.0, 1.0]], 250, units="mV"))
    '{"sampling_rate": 250.0, "channel_names": ["ch1"], "units": ["mV"], "start_time": null, ...
    """
    return json.dumps(
        {
            "sampling_rate": recording.sampling_rate,
            "channel_names": list(recording.channel_names),
            "units": list(recording.units),
            "start_time": recording.start_time.isoformat() if recording.start_time else None,
            "spans": [[span.start, span.stop, span.time] for span in recording.spans],
            "annotations": [astuple(annotation) for annotation in recording.annotations],
            "metadata": dict(recording.metadata),
            "warnings": list(recording.warnings),
        },
        ensure_ascii=False,
        default=to_jsonable,
    )


def restore(data: ArrayLike, text: str | bytes, source: str) -> Recording:
    """Put a recording together again from its samples and the JSON of `describe`.

    Raises
    ------
    ReadError
        If the JSON is damaged or does not fit the samples.

    Examples
    --------
    >>> from sigsimnet.recording import Recording
    >>> a = Recording([[0.0, 1.0]], 250, units="mV")
    >>> restore(a.data, describe(a), "a.npz")
    <Recording 1 channel × 0.0 s at 250 Hz: ch1 (mV)>
    """
    try:
        about: dict[str, Any] = json.loads(text)
        return Recording(
            data,
            about["sampling_rate"],
            channel_names=about["channel_names"],
            units=about["units"],
            start_time=datetime.fromisoformat(about["start_time"]) if about["start_time"] else None,
            spans=[Span(int(start), int(stop), float(time)) for start, stop, time in about["spans"]],
            annotations=[Annotation(int(a[0]), str(a[1]), float(a[2]), a[3]) for a in about["annotations"]],
            metadata=about["metadata"],
            warnings=about["warnings"],
            source=source,
        )
    except (SigSimNetError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ReadError(f"{source}: what it says about itself does not fit its samples ({reason_of(error)})") from error
