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
    from sigsimnet.recording import Recording

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
        raise NotImplementedError


def wire() -> None:
    """Tell the rooms who does their later work."""
    provide("recording", _ForRecordings())


if TYPE_CHECKING:
    _checked: tuple[recordings.Later] = (_ForRecordings(),)
