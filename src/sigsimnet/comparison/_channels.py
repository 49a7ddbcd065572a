"""Which channels of two recordings are held against each other."""

from __future__ import annotations

from sigsimnet._utils.text import shorten_list
from sigsimnet.channels import CHEST_LEADS, LIMB_LEADS, ecg_channels
from sigsimnet.errors import SignalError
from sigsimnet.io._names import find_channels, has_channel
from sigsimnet.model import SigSimNet
from sigsimnet.recording import Recording
from sigsimnet.segments import standard_leads, with_limb_leads

__all__ = ["NothingToCompareError", "common_channels", "common_leads"]


class NothingToCompareError(SignalError):
    """Two recordings have nothing in common that could be compared."""


def common_leads(a: Recording, b: Recording, network: SigSimNet) -> tuple[str, ...]:
    """Return the standard leads that both have, under their standard names; limb leads that can be computed included.

    Empty where the network does not compare leads together, or fewer than two are common.
    """
    if not network.takes_leads:
        return ()
    of_a, of_b = (
        set(with_limb_leads(side).channel_names) if len(standard_leads(side)) > 1 else set() for side in (a, b)
    )
    common = tuple(lead for lead in (*LIMB_LEADS, *CHEST_LEADS) if lead in of_a & of_b)
    return common if len(common) > 1 else ()


def common_channels(
    a: Recording, b: Recording, network: SigSimNet, channel_a: str | None, channel_b: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the channels of either side.

    Raises
    ------
    SignalError
        If there is no common channel, or not as many as the network takes.
    """
    if channel_a or channel_b:
        names_a = (_named(a, channel_a),) if channel_a else _like(a, channel_b)
        names_b = (_named(b, channel_b),) if channel_b else _like(b, channel_a)
    elif fixed := network.channels_ or network.channels:
        return tuple(fixed), tuple(fixed)
    elif network.cutter.kind == "windows" and network.n_channels > 1:
        names_a = names_b = tuple(name for name in a.channel_names if name in b.channel_names)
        if len(names_a) != network.n_channels:
            raise SignalError(
                f"{_name(a)} and {_name(b)} have {len(names_a)} common channels; this model takes {network.n_channels}"
            )
    else:
        beats = network.cutter.kind == "beats"
        all_a = ecg_channels(a) if beats else a.channel_names
        all_b = ecg_channels(b) if beats else b.channel_names
        common = [name for name in all_a if name in all_b]
        of_a, of_b = (standard_leads(side) if beats else {} for side in (a, b))
        alike = [lead for lead in of_a if lead in of_b]
        if common:
            names_a = names_b = (common[0],)
        elif alike:  # one lead under two names
            names_a, names_b = (of_a[alike[0]],), (of_b[alike[0]],)
        elif len(all_a) == len(all_b) == 1:
            names_a, names_b = all_a, all_b
        else:
            raise NothingToCompareError(
                f"{_name(a)} and {_name(b)} have no common channel ({shorten_list(all_a, 8)} against "
                f"{shorten_list(all_b, 8)}); "
                "name one of each"
            )
    return names_a, names_b


def _like(recording: Recording, name: str | None) -> tuple[str, ...]:
    """Return the channel of that name where there is one, else the first ECG channel."""
    return (name,) if name in recording.channel_names else ecg_channels(recording)[:1]


def _named(recording: Recording, channel: str) -> str:
    if has_channel(channel, recording.channel_names):  # a word of a name is enough, as when a file is read
        return recording.channel_names[find_channels([channel], recording.channel_names, _name(recording))[0]]
    return recording.channel_names[recording.channel_index(channel)]


def _name(recording: Recording) -> str:
    return recording.source or "recording"
