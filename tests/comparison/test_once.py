"""Every number of a comparison is computed once, and a comparison shows itself."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

import sigsimnet.model._network as network
import sigsimnet.segments._beats as beats
import sigsimnet.segments._quality_filter as quality_filter
from sigsimnet import compare, load_model
from sigsimnet.simulation import simulate_one


@pytest.fixture
def calls(monkeypatch):
    """Return how often filter, peaks, quality and encoder were asked."""
    found = Counter()

    def counted(name, function):
        def call(*arguments, **options):
            found[name] += 1
            return function(*arguments, **options)

        return call

    for module, name in (
        (beats, "preprocess"),
        (quality_filter, "preprocess"),
        (beats, "detect_peaks"),
        (quality_filter, "quality_behind_filter"),
        (network.GraphNetwork, "encode"),
    ):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return found


def test_each_side_is_filtered_judged_and_encoded_once(calls):
    found = compare(simulate_one(1, 1, duration=20), simulate_one(1, 2, duration=20), model=load_model("ecg"))
    assert found.verdict == "same"
    assert calls == {"preprocess": 2, "detect_peaks": 2, "quality_behind_filter": 2, "encode": 2}


def test_it_takes_what_people_have(tmp_path):
    a, b = simulate_one(1, 1, duration=20), simulate_one(1, 2, duration=20)
    expected = compare(a, b).score
    table = pd.DataFrame({"I": b.data[0]}, index=pd.Index(b.times(), name="time"))
    assert compare((a.data[0], a.sampling_rate), table).score == pytest.approx(expected, abs=1e-4)


def test_it_shows_itself():
    pytest.importorskip("jinja2", reason="pip install 'sigsimnet[plots]'")
    found = compare(simulate_one(1, 1, duration=20), simulate_one(2, 1, duration=20))
    rows = found.to_dataframe()
    assert list(rows) == ["side", "source", "time", "quality", "agreement"]
    assert len(rows) == found.n_segments_a + found.n_segments_b
    assert found.verdict in found._repr_html_()
    page = found.to_html()
    assert page.lstrip().lower().startswith("<!doctype html")
    assert found.verdict in page
