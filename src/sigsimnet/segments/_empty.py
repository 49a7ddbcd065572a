"""Why a recording gave no segments, in a sentence that names the way out."""

from __future__ import annotations

from sigsimnet.recording import Recording
from sigsimnet.segments._cutter import Cutter
from sigsimnet.segments._segments import Segments

__all__ = ["why_no_segments"]


def why_no_segments(recording: Recording, segments: Segments, cutter: Cutter) -> str:
    """Return why a recording has no segments; the recording is not named.

    Parameters
    ----------
    recording : Recording
        The channels that were cut.
    segments : Segments
        What ``cutter`` made of it: none.
    cutter : Cutter

    Examples
    --------
    >>> from sigsimnet.segments import WindowCutter
    >>> short, cutter = Recording([0.0] * 150, 100), WindowCutter(length=4.0)
    >>> why_no_segments(short, cutter.cut(short), cutter)
    'a window is 4 s long and the recording 1.5 s: use shorter windows (WindowCutter(length=…), train --window)'
    """
    where = ", ".join(name for name in segments.channel_names if name not in cutter.extra_channels)
    if segments.kind == "windows":
        return _no_windows(recording, segments, sum(cutter.reach), where)
    if segments.kind == "cycles":
        what = {"pulse": "pulse waves", "breath": "breaths"}[getattr(cutter, "anchor", "pulse")]
        if segments.n_r_peaks:
            return f"{segments.n_r_peaks} onsets of {what} in {where}, but no whole cycle; a longer recording is needed"
        return f"no {what} found in {recording.duration:.1f} s of {where}; name another channel, or cut windows"
    if segments.n_r_peaks:
        return (
            f"{segments.n_r_peaks} R peaks in {where}, but no whole beat around any of them; a longer recording is "
            "needed"
        )
    return f"no heart beats found in {recording.duration:.1f} s of {where}; is it an ECG? name another channel"


def _no_windows(recording: Recording, segments: Segments, length: float, where: str) -> str:
    shorter = "use shorter windows (WindowCutter(length=…), train --window)"
    longest = max((span.stop - span.start for span in recording.spans), default=0) / recording.sampling_rate
    if not segments.n_rejected:
        long = f"the recording {longest:.4g} s"
        if len(recording.spans) > 1:
            long = f"the longest span without a pause {longest:.4g} s"
        return f"a window is {length:g} s long and {long}: {shorter}"
    return f"each of the {segments.n_rejected} windows of {length:g} s of {where} has a gap; {shorter}"
