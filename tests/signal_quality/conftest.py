"""Simulated ECGs that the tests of quality share, clean and spoilt."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.recording import Recording
from sigsimnet.simulation import simulate_one

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture(scope="session")
def clean() -> Recording:
    """Return a minute of a person at rest."""
    return simulate_one(1, duration=60, sampling_rate=250, noise=0.5)


@pytest.fixture(scope="session")
def twelve() -> Recording:
    return simulate_one(2, duration=20, sampling_rate=250, leads=LEADS, noise=0.3)


@pytest.fixture(scope="session")
def spoil(clean):
    """Return a function that adds something to the minute from 20 s to 40 s."""

    def add(wave: np.ndarray) -> Recording:
        data = clean.data.copy()
        data[0, 5000:10000] += wave.astype(np.float32)
        return clean.replace(data=data)

    return add
