"""Channel names: unique, and found by what users call them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigsimnet.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["find_channels", "has_channel", "unique_names"]


def unique_names(names: Sequence[str], source: str) -> tuple[list[str], list[str]]:
    """Return names of which no two are alike (``ECG``, ``ECG-2``), and a warning if one had to be changed.

    Examples
    --------
    >>> unique_names(["ECG", "ECG", ""], "a.edf")[0]
    ['ECG', 'ECG-2', 'ch3']
    """
    taken: set[str] = set()
    result: list[str] = []
    changed: list[str] = []
    for position, name in enumerate(names):
        base = name.strip() or f"ch{position + 1}"
        unique, number = base, 1
        while unique in taken:
            number += 1
            unique = f"{base}-{number}"
        if unique != base:
            changed.append(f"{base!r} → {unique!r}")
        taken.add(unique)
        result.append(unique)
    notes = [f"{source}: channel names repeat; renamed {', '.join(changed)}"] if changed else []
    return result, notes


def find_channels(wanted: Sequence[str | int], names: Sequence[str], source: str) -> list[int]:
    """Return the positions of channels given by name or position.

    A name is matched exactly, else without regard to case, else as a word of one single channel's name, so that
    ``"ECG"`` finds ``"ECG ECG"`` and ``"Fp1"`` finds ``"EEG Fp1"``.

    Raises
    ------
    ReadError
        If a channel is not there or more than one could be meant; the message lists those there are.

    Examples
    --------
    >>> find_channels(["fp1", "ECG"], ["EEG Fp1", "EEG Fp2", "ECG ECG"], "a.edf")
    [0, 2]
    """
    lowered = [name.casefold() for name in names]
    found: list[int] = []
    for channel in wanted:
        if isinstance(channel, int):
            matches = [channel % len(names)] if -len(names) <= channel < len(names) else []
        elif channel in names:
            matches = [names.index(channel)]
        else:
            word = str(channel).casefold()
            matches = [i for i, name in enumerate(lowered) if name == word]
            if not matches:
                matches = [i for i, name in enumerate(lowered) if word in re.split(r"[\s_\-:./]+", name)]
            if not matches and word.isdecimal() and int(word) < len(names):
                matches = [int(word)]  # as typed on the command line
        if len(matches) != 1:
            problem = f"channel {channel!r} could be {len(matches)} of them" if matches else f"no channel {channel!r}"
            raise ReadError(f"{source}: {problem} (there are: {', '.join(names)})")
        found.append(matches[0])
    if len(set(found)) != len(found):
        raise ReadError(f"{source}: a channel was asked for twice: {', '.join(str(c) for c in wanted)}")
    return found


def has_channel(wanted: str, names: Sequence[str]) -> bool:
    """Tell whether a name finds one channel, as `find_channels` does.

    Examples
    --------
    >>> has_channel("resp", ["ECG", "Resp chest"]), has_channel("resp", ["Resp 1", "Resp 2"])
    (True, False)
    """
    try:
        return len(find_channels([wanted], names, "")) == 1
    except ReadError:
        return False
