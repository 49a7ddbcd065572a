"""What is put into one side on purpose is named, and what is named matters."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from sigsimnet import compare, load_model, simulate, why, write
from sigsimnet.cli import app
from sigsimnet.comparison import occlusion
from sigsimnet.comparison._why import WAVES, _mixed, _Pair, reference
from sigsimnet.errors import SignalError
from sigsimnet.recording import Recording

MODEL = load_model("ecg")
ONE, TWO = simulate(1, 2, duration=25, seed=1)


def changed(recording, wave):
    """Turn one wave over in every beat of a recording."""
    segments = MODEL.cut(recording)
    x = recording.data.copy()
    begin, end = WAVES[wave]
    for time in segments.times:
        a, b = (round((time + edge) * recording.sampling_rate) for edge in (begin, end))
        if a > 0 and b < x.shape[1]:
            line = np.linspace(x[0, a], x[0, b], b - a + 1)
            x[0, a : b + 1] = 2 * line - x[0, a : b + 1]
    return recording.replace(data=x)


@pytest.mark.parametrize("wave", ["P", "T"])
def test_the_wave_that_was_changed_is_named(wave):
    found = why(ONE, changed(TWO, wave))
    gains = {one.name: one.swapped - found.score for one in found.parts}
    assert max(gains, key=gains.get) == wave
    assert f"the {wave} differs most" in found.in_words()[0]
    assert f"instead of {found.score:.2f}" in found.in_words()[0]


def test_score_is_that_of_compare():
    found = why(ONE, TWO)
    assert found.score == pytest.approx(compare(ONE, TWO).score, abs=0.02)  # at most 24 beats a side
    same = why(ONE, ONE)
    assert same.score == pytest.approx(1.0, abs=1e-5)
    assert all(one.swapped <= 1 + 1e-6 for one in same.parts)


def test_putting_all_of_a_into_b_makes_them_alike():
    stranger = simulate(2, 1, duration=25, seed=1)[1]
    found = why(ONE, stranger)
    pair = _Pair(MODEL, found.a, found.b)
    whole = _mixed(found.b.data, found.a.data.mean(axis=0), np.ones(found.b.data.shape[-1]))
    assert pair.score(b=whole) > max(found.score, 0.9)
    nothing = _mixed(found.b.data, found.a.data.mean(axis=0), np.r_[1.0, np.zeros(found.b.data.shape[-1] - 1)])
    np.testing.assert_allclose(nothing, found.b.data, atol=1e-6)


def test_deleting_what_is_named_costs_more_than_deleting_anything_else():
    rng = np.random.default_rng(0)
    top, others = [], []
    for seed in range(8):
        a, b = simulate(1, 2, duration=20, seed=40 + seed)
        found = why(a, b)
        pair = _Pair(MODEL, found.a, found.b)
        n, size = found.a.data.shape[-1], 8
        importance = np.interp(np.arange(n) / 200 - found.a.before, found.times, found.drops)
        chosen = np.zeros(n)
        chosen[np.argsort(-importance)[: n // 5]] = 1
        top.append(pair.base - pair.without(chosen))
        for _ in range(6):
            random = np.zeros(n)
            while random.sum() < n // 5:
                start = int(rng.integers(0, n - size))
                random[start : start + size] = 1
            others.append(pair.base - pair.without(random))
    assert np.mean(top) > 2 * np.mean(others)


def test_windows_of_any_modality():
    from sigsimnet.model import SigSimNet

    pytest.importorskip("torch", reason="torch is not installed: sigsimnet[train]")
    rng = np.random.default_rng(0)
    eeg = [Recording(rng.normal(size=(1, 2000)), 100, channel_names=["EEG Cz"], units="µV") for _ in range(2)]
    model = SigSimNet(segments="windows", encoder_options={"dim": 8}).build(1)
    found = why(*eeg, model=model)
    assert len(found.parts) == 5
    assert not reference(found.a).any()
    times, drops = occlusion(model, found.a, found.b)
    assert len(times) == len(drops) >= 20


def test_no_common_channel():
    with pytest.raises(SignalError, match="no common channel"):
        why(ONE.replace(data=np.repeat(ONE.data, 2, axis=0), channel_names=["II", "V5"], units="mV"), TWO)


def test_on_the_command_line(tmp_path):
    write(ONE, tmp_path / "a.csv")
    write(changed(TWO, "T"), tmp_path / "b.csv")
    run = CliRunner().invoke(app, ["compare", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--why", "--json"])
    assert json.loads(run.stdout)["why"]["parts"][3]["name"] == "T"
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: sigsimnet[plots]")
    page = tmp_path / "page.html"
    run = CliRunner().invoke(
        app, ["compare", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--why", "-o", str(page)]
    )
    assert "the T differs most" in run.stdout
    assert "The T differs most" in page.read_text(encoding="utf-8")
