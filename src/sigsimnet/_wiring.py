"""What methods of early rooms leave to later rooms (`Recording.plot`, `Profile.to_html`): who does it.

This module stands after all rooms but the command line, and the package runs `wire` when it is imported
(docs/decisions/0001-rooms.md). Each function imports the room that it needs when it is called, so that
``import sigsimnet`` stays light.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sigsimnet._utils.late import provide

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sigsimnet import recording as recordings
    from sigsimnet.analysis import Profile
    from sigsimnet.analysis import _result as profile_result
    from sigsimnet.audits import Audit
    from sigsimnet.audits import _finding as audits_result
    from sigsimnet.changes import Change
    from sigsimnet.changes import _result as changes_result
    from sigsimnet.comparison import Comparison
    from sigsimnet.comparison import _result as comparison_result
    from sigsimnet.peaks import Peaks
    from sigsimnet.peaks import _result as peaks_result
    from sigsimnet.recording import Recording
    from sigsimnet.signal_quality import Quality
    from sigsimnet.signal_quality import _result as quality_result

__all__ = ["wire"]


class _ForRecordings:
    def to_dataframe(self, recording: Recording) -> pd.DataFrame:
        from sigsimnet.io.formats.frame import frame_from_recording

        return frame_from_recording(recording)

    def from_dataframe(
        self, frame: pd.DataFrame, sampling_rate: float | None, units: str | Sequence[str], source: str
    ) -> Recording:
        from sigsimnet.io.formats.frame import recording_from_frame

        return recording_from_frame(frame, sampling_rate=sampling_rate, units=units, source=source)

    def from_mne(self, raw: Any) -> Recording:
        from sigsimnet.io.formats.mne import from_mne

        return from_mne(raw)

    def to_mne(self, recording: Recording, channel_types: str | Sequence[str] | None) -> Any:
        from sigsimnet.io.formats.mne import to_mne

        return to_mne(recording, channel_types)

    def plot(self, recording: Recording, start: float, stop: float | None, title: str) -> Figure:
        from sigsimnet.plotting import plot_recording

        return plot_recording(recording, start=start, stop=stop, title=title)

    def to_html(self, recording: Recording) -> str:
        from sigsimnet.plotting import recording_cell

        return recording_cell(recording)


class _ForPeaks:
    def plot(self, peaks: Peaks, recording: Recording | None, start: float, stop: float | None) -> Figure:
        from sigsimnet.io import as_recording
        from sigsimnet.plotting import plot_heart_rate, plot_r_peaks

        if recording is None:
            return plot_heart_rate(peaks)
        return plot_r_peaks(as_recording(recording), peaks, start=start, stop=stop)

    def to_html(self, peaks: Peaks) -> str:
        from sigsimnet.plotting import peaks_cell

        return peaks_cell(peaks)


class _ForQuality:
    def plot(self, found: Quality, recording: Recording | None, start: float, stop: float | None) -> Figure:
        from sigsimnet.plotting import plot_quality, plot_quality_map

        if recording is None:
            return plot_quality_map(found)
        return plot_quality(recording, found, start=start, stop=stop)

    def to_html(self, found: Quality) -> str:
        from sigsimnet.plotting import quality_cell

        return quality_cell(found)


class _ForProfiles:
    def plot(self, found: Profile) -> Figure:
        from sigsimnet.plotting import plot_profile

        return plot_profile(found)

    def to_html(self, found: Profile) -> str:
        from sigsimnet.reports import profile_html

        return profile_html(found)

    def to_cell(self, found: Profile) -> str:
        from sigsimnet.plotting import profile_cell

        return profile_cell(found)


class _ForComparisons:
    def to_html(self, found: Comparison) -> str:
        from sigsimnet.reports import comparison_html

        return comparison_html(found)


class _ForChanges:
    def draw(self, change: Change, figure: Figure) -> None:
        from sigsimnet.reports import draw_change

        draw_change(change, figure)

    def to_html(self, change: Change) -> str:
        from sigsimnet.reports import change_html

        return change_html(change)


class _ForAudits:
    def to_html(self, audit: Audit) -> str:
        from sigsimnet.reports import audit_html

        return audit_html(audit)


def wire() -> None:
    """Tell the rooms who does their later work."""
    provide("recording", _ForRecordings())
    provide("peaks", _ForPeaks())
    provide("signal_quality", _ForQuality())
    provide("analysis", _ForProfiles())
    provide("comparison", _ForComparisons())
    provide("changes", _ForChanges())
    provide("audits", _ForAudits())


if TYPE_CHECKING:  # mypy holds each against what its room asks for
    _recordings: recordings.Later = _ForRecordings()
    _peaks: peaks_result.Later = _ForPeaks()
    _quality: quality_result.Later = _ForQuality()
    _profiles: profile_result.Later = _ForProfiles()
    _comparisons: comparison_result.Later = _ForComparisons()
    _changes: changes_result.Later = _ForChanges()
    _audits: audits_result.Later = _ForAudits()
