"""How cutters are kept in a model folder."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sigsimnet.errors import ParameterError
from sigsimnet.segments import BeatCutter, Cutter, WindowCutter, cutter_from_dict
from sigsimnet.simulation import simulate_one

CUTTERS = [
    BeatCutter(),
    BeatCutter(sampling_rate=100, before=0.2, after=0.3, band=(1.0, None), rate_normalise=False, normalise="asinh"),
    WindowCutter(),
    WindowCutter(length=1.5, step=0.5, sampling_rate=64, band=(None, 20.0), normalise="none", max_gap=0.0),
]


@pytest.mark.parametrize("cutter", CUTTERS)
def test_round_trip_through_json(cutter):
    again = cutter_from_dict(json.loads(json.dumps(cutter.to_dict())))
    assert again == cutter
    assert type(again) is type(cutter)
    recording = simulate_one(1, duration=10)
    np.testing.assert_array_equal(again.cut(recording).data, cutter.cut(recording).data)
    assert again.n_samples == again.cut(recording).data.shape[-1]


@pytest.mark.parametrize("kind", [BeatCutter, WindowCutter])
def test_cutters_are_of_the_protocol(kind):
    cutter: Cutter = kind()
    assert cutter.to_dict()["kind"] == cutter.kind


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"kind": "notes"}, "unknown kind of segments 'notes'.*beats, windows"),
        ({}, "unknown kind of segments None"),
        ({"kind": "beats", "length": 4}, "beats have no setting length"),
        ({"kind": "windows", "colour": 1, "before": 2}, "windows have no setting before, colour"),
        ({"kind": "windows", "length": -1}, "positive"),
    ],
)
def test_bad_settings(settings, says):
    kept = dict(settings)
    with pytest.raises(ParameterError, match=says):
        cutter_from_dict(settings)
    assert settings == kept
