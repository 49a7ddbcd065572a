"""Cycles from end to end: people told apart by their pulse waves, at any pulse rate."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs PyTorch: pip install 'sigsimnet[train]'")

from sigsimnet import Recording, SigSimNet, compare, evaluate, load_model, why
from sigsimnet.errors import SignalError


def pulse(person, take, seconds=25.0, rate=100.0):
    """Return a pulse wave whose dicrotic wave is the person's, at a rate that is the take's."""
    shape = np.random.default_rng(person)
    height, place, width = shape.uniform(0.15, 0.7), shape.uniform(0.38, 0.6), shape.uniform(0.06, 0.12)
    rng = np.random.default_rng([person, take, 7])
    period = rng.uniform(0.65, 1.1)
    edges = np.cumsum(np.concatenate([[0.0], period * rng.normal(1.0, 0.02, int(seconds / period) + 3)]))
    t = np.arange(round(seconds * rate)) / rate
    k = np.searchsorted(edges, t, side="right") - 1
    phase = (t - edges[k]) / np.diff(edges)[k]
    steep = np.where(phase < 0.15, 0.05, 0.1)  # it rises faster than it falls
    wave = np.exp(-0.5 * ((phase - 0.15) / steep) ** 2) + height * np.exp(-0.5 * ((phase - place) / width) ** 2)
    noisy = wave + 0.02 * rng.normal(size=len(t)) + 0.1 * np.sin(2 * np.pi * 0.2 * t)
    about = {"subject": f"p{person}", "session": str(take)}
    return Recording(noisy, rate, channel_names=["PPG"], metadata=about, source=f"p{person}-{take}")


@pytest.fixture(scope="module")
def model():
    learn = [pulse(p, take) for p in range(16) for take in (1, 2)]
    return SigSimNet(segments="cycles", encoder="rocket").fit(learn, same="subject", progress=False)


def test_people_are_told_apart_by_their_pulse_waves(model, tmp_path):
    assert (model.cutter.kind, model.n_channels, model.card.min_segments) == ("cycles", 1, 3)
    test = [pulse(p, take) for p in range(40, 52) for take in (1, 2)]
    found = evaluate(model, test, n_resamples=0, progress=False)
    assert found.model.eer < 0.15
    assert found.model.protocol["segments"] == "cycles"
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again.cutter == model.cutter
    np.testing.assert_allclose(again.encode(test[0]), model.encode(test[0]), atol=1e-4)


def test_two_are_compared_explained_and_nothing_is_made_of_nothing(model):
    one, other, stranger = pulse(60, 1), pulse(60, 2), pulse(61, 1)
    same, different = compare(one, other, model=model), compare(one, stranger, model=model)
    assert same.score > different.score
    assert "cycles" in " ".join(same.reasons)
    found = why(one, stranger, model=model)
    assert found.parts[0].name == "0–20 % of the cycle"
    assert found.parts[-1].end == pytest.approx(0.9)
    flat = Recording(np.zeros(2500), 100, channel_names=["PPG"])
    nothing = compare(one, flat, model=model)
    assert nothing.verdict == "cannot tell"
    assert "no pulse waves found" in nothing.reasons[0]
    with pytest.raises(SignalError):
        model.enrol(flat)
    turned = compare(one, other.replace(data=-other.data), model=model)
    assert any("pulse waves point up in one and down in the other" in said for said in turned.reasons)


def test_from_the_command_line(run_cli, tmp_path):
    from sigsimnet.io import write

    lines = ["path,subject,session"]
    for person in range(8):
        for take in (1, 2):
            name = f"p{person}-{take}.csv"
            write(pulse(person, take, seconds=15.0), tmp_path / name)
            lines.append(f"{name},p{person},{take}")
    (tmp_path / "table.csv").write_text("\n".join(lines) + "\n")
    ran = run_cli("train", tmp_path / "table.csv", "-o", tmp_path / "m", "--segments", "cycles", "--encoder", "rocket")
    assert ran.code == 0, ran.err
    assert "note: pulse waves as of 1 s at 100 Hz, 0.5–16 Hz" in ran.err
    assert "cycles" in ran.out
    bad = run_cli("train", tmp_path / "table.csv", "-o", tmp_path / "n", "--segments", "cycles", "--window", "2")
    assert bad.code == 2
    assert "--window sets how windows are cut, not cycles" in bad.err
    bad = run_cli("train", tmp_path / "table.csv", "-o", tmp_path / "n", "--segments", "cycles", "--modality", "emg")
    assert bad.code == 2
    assert "has no cycles to cut" in bad.err
