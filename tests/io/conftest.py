"""Fixtures of the io tests."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from sigsimnet.recording import Annotation, Recording, Span

_DATA = Path(os.environ.get("SIGSIMNET_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real signals; tests that need it are skipped where it is absent."""
    if not _DATA.is_dir():
        pytest.skip("no real signals: ../shared/data (or $SIGSIMNET_DATA) is not there")
    return _DATA


@pytest.fixture
def ecg() -> Recording:
    """Two channels, 4 s at 250 Hz, with everything that a recording can know."""
    from datetime import datetime

    time = np.arange(1000) / 250
    data = np.stack([np.sin(2 * np.pi * 1.2 * time) ** 15, 40 * np.cos(2 * np.pi * 5 * time)])
    return Recording(
        data,
        250,
        channel_names=["ECG", "EEG Fp1"],
        units=["mV", "µV"],
        start_time=datetime(2024, 5, 1, 10, 20, 30, 250000),  # noqa: DTZ001 - files know no zone
        metadata={"subject": "p7"},
        annotations=[Annotation(125, "N"), Annotation(500, "rest begins", 0.5)],
        source="simulated",
    )


@pytest.fixture
def paused(ecg: Recording) -> Recording:
    """The same with a pause of 10 s in the middle."""
    return ecg.replace(spans=[Span(0, 500, 0.0), Span(500, 1000, 12.0)])
