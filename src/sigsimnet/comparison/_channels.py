"""Which channels of two recordings are held against each other."""

from __future__ import annotations

from collections.abc import Sequence

from sigsimnet._utils.text import shorten_list
from sigsimnet.channels import CHEST_LEADS, LIMB_LEADS, ecg_channels, match_channels
from sigsimnet.errors import SignalError
from sigsimnet.io._names import find_channels, has_channel
from sigsimnet.model import SigSimNet, enough_channels
from sigsimnet.recording import Recording
from sigsimnet.segments import Cutter, CycleCutter, cycle_channels, standard_leads, with_limb_leads

__all__ = ["NothingToCompareError", "about_channels", "common_channels", "common_leads"]


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
        if len(fixed) == 1:
            return tuple(fixed), tuple(fixed)
        return _both_have(a, b, fixed)
    elif network.cutter.kind == "windows" and network.n_channels > 1:
        names_a = names_b = tuple(name for name in a.channel_names if name in b.channel_names)
        if len(names_a) != network.n_channels:
            raise SignalError(
                f"{_name(a)} and {_name(b)} have {len(names_a)} common channels; this model takes {network.n_channels}"
            )
    else:
        beats = network.cutter.kind == "beats"
        all_a, all_b = (_candidates(side, network.cutter) for side in (a, b))
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


def _candidates(recording: Recording, cutter: Cutter) -> tuple[str, ...]:
    """Return the channels that segments of this kind may come from."""
    if isinstance(cutter, CycleCutter):
        return cycle_channels(recording, cutter.anchor)
    return ecg_channels(recording) if cutter.kind == "beats" else recording.channel_names


def _both_have(a: Recording, b: Recording, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the channels of a model that both have, under their own names; others are estimated on both sides."""
    of_a, of_b = match_channels(a.channel_names, wanted), match_channels(b.channel_names, wanted)
    pairs = [(x, y) for x, y in zip(of_a, of_b, strict=True) if x is not None and y is not None]
    if not enough_channels(len(pairs), len(wanted)):
        raise NothingToCompareError(
            f"{_name(a)} and {_name(b)} have {len(pairs)} of the {len(wanted)} channels that this model takes "
            f"({shorten_list(wanted, 8)}) in common; at least half, and two, are needed"
        )
    return tuple(x for x, _ in pairs), tuple(y for _, y in pairs)


def about_channels(network: SigSimNet, pairs: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> tuple[str, ...]:
    """Return which channels of a model of several were taken under other names, and which one side lacks."""
    wanted = network.channels_ or network.channels or ()
    if len(wanted) < 2:
        return ()
    found = []
    for of_a, of_b in pairs:
        if len(of_a) < 2:
            continue
        known = match_channels(of_a, wanted)
        missing = [name for name, own in zip(wanted, known, strict=True) if own is None]
        other = [
            f"{own} for {name}"
            for side in (of_a, of_b)
            for name, own in zip(wanted, match_channels(side, wanted), strict=True)
            if own is not None and own != name
        ]
        if other:
            found.append(f"channels taken by what their names mean: {shorten_list(list(dict.fromkeys(other)), 8)}")
        if missing:
            found.append(f"not on both sides, so estimated from the other channels on both: {shorten_list(missing, 8)}")
    return tuple(dict.fromkeys(found))


def _like(recording: Recording, name: str | None) -> tuple[str, ...]:
    """Return the channel of that name where there is one, else the first ECG channel."""
    return (name,) if name in recording.channel_names else ecg_channels(recording)[:1]


def _named(recording: Recording, channel: str) -> str:
    if has_channel(channel, recording.channel_names):  # a word of a name is enough, as when a file is read
        return recording.channel_names[find_channels([channel], recording.channel_names, _name(recording))[0]]
    return recording.channel_names[recording.channel_index(channel)]


def _name(recording: Recording) -> str:
    return recording.source or "recording"
