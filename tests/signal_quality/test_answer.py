"""`Quality`: masks, windows, runs, tables, JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from sigsimnet.errors import ParameterError
from sigsimnet.recording import Recording, Span
from sigsimnet.signal_quality import REASONS, QualityInterval, quality


@pytest.fixture(scope="module")
def recording():
    x = np.random.default_rng(0).normal(size=(2, 1050))
    x[0, 200:400] = np.nan
    x[1, 1000:] = 7.0
    x[1, 850:1000] = np.nan
    spans = [Span(0, 300, 0.0), Span(300, 1050, 10.0)]
    return Recording(x, 100, channel_names=["a", "b"], spans=spans)


@pytest.fixture(scope="module")
def found(recording):
    return quality(recording, modality=None)


def test_seconds(found):
    assert found.times.tolist() == [0, 1, 2, 10, 11, 12, 13, 14, 15, 16, 17]
    assert found.durations[-1] == 0.5
    assert found.index.dtype == np.float32
    assert found.reasons.shape == (2, 11, len(REASONS))
    assert len(found) == 11


def test_runs_end_at_pauses(found):
    assert found.intervals()[:2] == (
        QualityInterval("a", 2.0, 3.0, ("no signal",)),
        QualityInterval("a", 10.0, 11.0, ("no signal",)),
    )


def test_shares(recording, found):
    mask = found.sample_mask(recording)
    assert mask.shape == recording.data.shape
    np.testing.assert_allclose(mask.mean(axis=1), found.share_good)
    starts, stops = np.array([0, 150, 399, 0]), np.array([100, 250, 401, 1050])
    wanted = [[mask[c, a:b].mean() for a, b in zip(starts, stops, strict=True)] for c in range(2)]
    np.testing.assert_allclose(found.share_good_of(starts, stops), wanted)


@pytest.mark.parametrize(("start", "stop"), [(5, 5), (-1, 5), (0, 1051)])
def test_windows_outside(found, start, stop):
    with pytest.raises(ParameterError, match="within the 1050 of the recording"):
        found.share_good_of([start], [stop])


def test_another_recording(found, recording):
    with pytest.raises(ParameterError, match=r"not the recording that was judged \(1050 samples of a, b\)"):
        found.sample_mask(recording.pick("a"))


def test_json_has_plain_types(found):
    told = found.to_dict()
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["channels"]["a"]["intervals"][0] == {"start": 2.0, "stop": 3.0, "reasons": ["no signal"]}
    assert told["channels"]["a"]["share_of_reasons"] == {"no signal": pytest.approx(2 / 10.5, abs=1e-4)}


def test_table(found):
    table = found.to_dataframe()
    assert len(table) == 22
    assert list(table.columns) == ["channel", "time", "duration", "index", "good", *REASONS]
    assert table.groupby("channel")["no signal"].sum().tolist() == [2, 1]


def test_it_is_frozen(found):
    with pytest.raises(FrozenInstanceError):
        found.threshold = 0.1


def test_empty():
    found = quality(Recording(np.empty((1, 0)), 100))
    assert np.isnan(found.share_good).all()
    assert np.isnan(found.channel_index).all()
    assert found.intervals() == ()
    assert found.to_dataframe().empty
    assert found.to_dict()["channels"]["ch1"]["share_good"] is None
