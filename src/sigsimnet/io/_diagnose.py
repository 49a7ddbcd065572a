"""What the samples themselves show about a file that states little: volts, steps between packets, mains hum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sigsimnet.channels import is_ecg_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["describe_border_steps", "describe_mains", "find_step_grid", "looks_like_volts"]

_MAINS = (50.0, 60.0)  # Hz
_PACKET_SIZES = (50, 64, 100, 125, 128, 200, 250, 256, 300, 360, 400, 500, 512, 600, 1000, 1024)


def looks_like_volts(names: Sequence[str], data: NDArray[np.float32]) -> bool:
    """Tell whether channels called ECG have numbers that can only be volts.

    An ECG is 0.1 to 5 mV from peak to trough, a wearable's in motion up to 50 mV. Half the distance of the 0.5th and
    the 99.5th percentile between 0.00001 and 0.02 is that in volts; in mV it would be an ECG of 0.01 to 20 µV, below
    any amplifier's noise. The median over the ECG channels decides, so that a loose electrode does not.

    Examples
    --------
    >>> import numpy as np
    >>> beat = np.sin(np.arange(1000) / 50)
    >>> looks_like_volts(["ecg1"], beat[None] * 1e-3), looks_like_volts(["ecg1"], beat[None])
    (True, False)
    """
    sizes: list[float] = []
    for name, channel in zip(names, data, strict=True):
        known = channel[np.isfinite(channel)]
        if is_ecg_name(name) and len(known) > 1:
            low, high = np.percentile(known, [0.5, 99.5])
            sizes.append(float(high - low) / 2)
    sizes = [size for size in sizes if size > 0]
    return bool(sizes) and 1e-5 <= float(np.median(sizes)) <= 2e-2


def describe_border_steps(names: Sequence[str], data: NDArray[np.float32], borders: Sequence[int]) -> str | None:
    """Say whether the signal itself jumps where one packet ends and the next begins.

    A step at a border counts when it is larger than 95 % of all other steps of its channel: by chance one border in
    twenty has one. Half of them in any channel are reported.

    Examples
    --------
    >>> import numpy as np
    >>> stairs = np.repeat(np.arange(10.0), 100)[None] + 0.01 * np.sin(np.arange(1000))
    >>> describe_border_steps(["ecg"], stairs, range(100, 1000, 100))
    'the signal itself jumps at the borders of packets (ecg at 100 % of 9 borders, ...): samples are missing or
    differently offset there'
    """
    places = np.asarray(borders, dtype=int)
    if len(places) < 3:
        return None
    worst: tuple[float, float, str] | None = None
    for name, channel in zip(names, data, strict=True):
        steps = np.abs(np.diff(channel.astype(np.float64)))
        at = steps[places - 1]
        others = np.delete(steps, places - 1)
        at, others = at[np.isfinite(at)], others[np.isfinite(others)]
        if len(at) < 3 or len(others) < 20:
            continue
        share = float(np.mean(at > np.percentile(others, 95)))
        usual = float(np.median(others))
        ratio = float(np.median(at)) / usual if usual > 0 else float("inf")
        if worst is None or share > worst[0]:
            worst = (share, ratio, name)
    if worst is None or worst[0] < 0.5:
        return None
    share, ratio, name = worst
    return (
        f"the signal itself jumps at the borders of packets ({name} at {share:.0%} of {len(places)} borders, "
        f"{ratio:.0f} × the usual step): samples are missing or differently offset there"
    ).replace("%", " %")


def find_step_grid(data: NDArray[np.float32]) -> int:
    """Return the size of packets (samples) that show only in the signal, as steps on a regular grid; 0 if none.

    For files whose stamps are too coarse to show packets. A size counts when in some channel more than half of its
    places carry a step larger than 95 % of all steps; of several the one with the largest share, then the smallest.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.sin(np.arange(5000) / 7) + np.repeat(np.arange(10) % 3, 500)
    >>> find_step_grid(x[None])
    500
    """
    large = []
    for channel in data:
        steps = np.abs(np.diff(channel.astype(np.float64)))
        known = steps[np.isfinite(steps)]
        if len(known) > 100:
            large.append(steps > np.percentile(known, 95))
    best, best_share = 0, 0.5
    for size in _PACKET_SIZES:
        places = np.arange(size, data.shape[1], size) - 1
        if len(places) < 8:
            break
        share = max((float(np.mean(row[places])) for row in large), default=0.0)
        if share > best_share:
            best, best_share = size, share
    return best


def describe_mains(
    names: Sequence[str], data: NDArray[np.float32], sampling_rate: float, nominal_rate: float = float("nan")
) -> str | None:
    """Say whether there is mains hum, where and how strong.

    Welch's spectrum at 0.1 to 0.5 Hz; a peak within 1.5 Hz of 50 or 60 Hz counts that stands 5 + 10 / n times above
    its neighbourhood (4 to 8 Hz away), n being the number of spectra averaged: noise alone does so in less than one
    record of a hundred. The channel where it stands out most is named; the share is the band's part of its power above
    0.5 Hz.

    Parameters
    ----------
    names : sequence of str
        Of the channels.
    data : ndarray, shape (n_channels, n_samples)
        NaN where missing.
    sampling_rate : float
        In Hz.
    nominal_rate : float, optional
        Rate that the stamps claim, in Hz: the hum, which is a good clock, tells how far it is off.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(size=30_000)
    >>> describe_mains(["ecg"], (noise + np.sin(2 * np.pi * 50 * np.arange(30_000) / 500))[None], 500)
    '50 Hz mains hum: ... % of the power of ecg, peak at 50.0 Hz'
    """
    from scipy.signal import welch

    best: tuple[float, float, float, str, float] | None = None
    length = int(np.clip(data.shape[1] / 6, min(data.shape[1], 2 * sampling_rate), 10 * sampling_rate))
    needed = 5 + 10 / max(1.0, 2 * data.shape[1] / length - 1)
    if length < 2 * sampling_rate:
        return None
    for name, channel in zip(names, data, strict=True):
        known = np.isfinite(channel)
        if known.sum() < 2 * sampling_rate:
            continue
        filled = np.where(known, channel, np.median(channel[known])).astype(np.float64)
        frequency, power = welch(filled, fs=sampling_rate, nperseg=length)
        for mains in _MAINS:
            near = np.abs(frequency - mains) <= 1.5
            around = (np.abs(frequency - mains) >= 4) & (np.abs(frequency - mains) <= 8)
            if mains + 8 > sampling_rate / 2 or not around.any():
                continue
            peak = int(np.flatnonzero(near)[np.argmax(power[near])])
            floor = float(np.median(power[around]))
            if power[peak] < needed * floor or power[peak] <= 0:
                continue
            total = float(power[frequency >= 0.5].sum())
            share = float((power[near] - floor).clip(0).sum()) / total if total > 0 else 0.0
            prominence = float(power[peak]) / floor if floor > 0 else float("inf")
            if best is None or prominence > best[0]:
                best = (prominence, share, mains, name, float(frequency[peak]))
    if best is None:
        return None
    _, share, mains, name, found = best
    claimed = ""
    if np.isfinite(nominal_rate) and abs(nominal_rate / sampling_rate - 1) > 1e-3:
        claimed = f" ({found * nominal_rate / sampling_rate:.1f} Hz by the stamps' own {nominal_rate:.4g} Hz)"
    return f"{mains:.0f} Hz mains hum: {share * 100:.2g} % of the power of {name}, peak at {found:.1f} Hz{claimed}"
