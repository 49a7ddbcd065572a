"""Which channels a model looks at."""

from __future__ import annotations

from collections.abc import Sequence

from sigsimnet.channels import ecg_channels
from sigsimnet.errors import SignalError
from sigsimnet.recording import Recording

__all__ = ["channels_for", "check_channel_count"]


def channels_for(recording: Recording, kind: str, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the channels that segments are cut from.

    Beats come from one ECG channel, the first by name; windows from all channels; unless some are named.

    Raises
    ------
    SignalError
        If a named channel is missing.
    """
    if wanted:
        for name in wanted:
            recording.channel_index(name)
        return tuple(wanted)
    return ecg_channels(recording)[:1] if kind == "beats" else recording.channel_names


def check_channel_count(recording: Recording, names: Sequence[str], takes: int) -> None:
    """Refuse another number of channels than the network takes.

    Raises
    ------
    SignalError
        Naming the channels.
    """
    if takes and len(names) != takes:
        where = f"{recording.source}: " if recording.source else ""
        raise SignalError(f"{where}{len(names)} channels ({', '.join(names)}) for a network of {takes}")
