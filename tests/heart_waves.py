"""An ECG whose waves are where they were put."""

from __future__ import annotations

import numpy as np

from sigsimnet.recording import Recording

# Centre (s from R), width (s) and height (mV) of each wave.
P, Q, R, S, T = (
    (-0.16, 0.022, 0.12),
    (-0.022, 0.008, -0.08),
    (0.0, 0.010, 1.0),
    (0.024, 0.009, -0.2),
    (0.27, 0.045, 0.3),
)


def ecg(rate=500, seconds=12.0, every=0.85, waves=(P, Q, R, S, T), scale=1.0, odd=(), noise=0.004):
    """Return an ECG and the times of its R waves; beats named in ``odd`` are wide and early."""
    time = np.arange(round(seconds * rate)) / rate
    beats = np.arange(0.6, seconds - 0.5, every)
    x = np.random.default_rng(0).normal(0, noise, len(time))
    for number, beat in enumerate(beats):
        shape = [(0.0, 0.035, -1.2), (0.3, 0.06, 0.5)] if number in odd else waves
        for centre, width, height in shape:
            x += scale * height * np.exp(-(((time - beat - centre) / width) ** 2) / 2)
    return x, beats


def recording(x, rate=500, names=("II",)):
    return Recording(np.atleast_2d(x), rate, channel_names=list(names), units="mV", source="made")
