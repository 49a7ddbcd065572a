"""Kinds of beats: two shapes in one recording are two groups, at the right times."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="groups need scikit-learn: pip install 'sigsimnet[baselines]'")

from sigsimnet import Recording, simulate
from sigsimnet.archive import groups
from sigsimnet.errors import ParameterError, SignalError


def wide_beats(recording, every=4):
    """Return a recording of which every so many beats is a wide one without P, and the times of these."""
    from sigsimnet import detect_peaks

    rate, data = recording.sampling_rate, recording.data.copy()
    peaks = detect_peaks(recording)
    changed = peaks.times[2:-2:every]
    t = np.arange(data.shape[1]) / rate
    for at in changed:
        window = np.clip(1.5 - np.abs(t - at - 0.05) / 0.22, 0, 1)  # 1 within 0.11 s, fading out
        wide = 1.2 * np.exp(-0.5 * ((t - at) / 0.05) ** 2) - 0.5 * np.exp(-0.5 * ((t - at - 0.2) / 0.06) ** 2)
        data[0] = data[0] * (1 - window) + wide
    return recording.replace(data=data), changed


@pytest.fixture(scope="module")
def mixed():
    return wide_beats(simulate(1, 1, duration=240, seed=3)[0])


def test_two_shapes_are_two_kinds(mixed):
    recording, changed = mixed
    found = groups(recording, min_good_fraction=0)
    assert len([one for one in found.groups if one.number]) >= 2
    wide = np.abs(found.segments.times[:, None] - changed).min(axis=1) < 0.06
    numbers = found.numbers
    usual, other = found.groups[0], found.groups[1]
    assert wide[usual.index].mean() < 0.02
    assert wide[other.index].mean() > 0.98
    assert (numbers[wide] == other.number).mean() > 0.9
    assert other.example == pytest.approx(changed[np.abs(changed - other.example).argmin()], abs=0.06)
    assert sum(len(one) for one in found.groups) == len(found.segments)
    assert (np.diff(usual.times) > 0).all()
    assert found.to_dict()["groups"][1]["n"] == len(other)


def test_one_shape_is_one_kind_and_leads_that_fail_make_none():
    from sigsimnet.simulation import simulate_one

    one = simulate_one(1, duration=200, leads=("I", "II", "V1"))
    found = groups(one)
    assert len(found.groups[0]) > 0.75 * len(found.segments)
    data = one.data.copy()
    data[1, 20_000:60_000] = 0.0  # lead II falls off
    torn = groups(one.replace(data=data))
    assert len(torn.groups[0]) > 0.75 * len(torn.segments)
    off = (torn.segments.times > 45) & (torn.segments.times < 115)
    assert (torn.numbers[off] == 1).mean() > 0.75
    for kind in torn.groups:
        assert off[kind.index].mean() < 0.7


def test_the_same_again_and_what_cannot_be():
    one = simulate(1, 1, duration=30, seed=1)[0]
    a, b = groups(one), groups(one)
    assert [x.index.tolist() for x in a.groups] == [x.index.tolist() for x in b.groups]
    assert len(groups(one.crop(0, 4), min_good_fraction=0)) >= 1
    for wrong in (1, 2.5, "five"):
        with pytest.raises(ParameterError, match="min_size"):
            groups(one, min_size=wrong)
    with pytest.raises(SignalError):
        groups(Recording(np.zeros(5000), 250, channel_names=["ECG"]))
