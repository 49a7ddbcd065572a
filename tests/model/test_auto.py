"""`encoder="auto"` and `"rocket"` in a model: chosen on held-out people, saved, applied without PyTorch, compared."""

from __future__ import annotations

import numpy as np
import pytest

from sigsimnet import Recording, SigSimNet, compare
from sigsimnet.errors import ParameterError
from sigsimnet.segments import WindowCutter

pytestmark = pytest.mark.needs_torch
CUTTER = WindowCutter(length=2.0, sampling_rate=100, band=(None, None))


def recordings(people=8, seed=0):
    """Return breaths of each person: her own shape, at any phase."""
    rng = np.random.default_rng(seed)
    found = []
    for person in range(people):
        shape = np.random.default_rng(100 + person).normal(0, 1, 4)
        for session in range(2):
            time = np.arange(1200) / 100 * rng.uniform(0.95, 1.05) + rng.uniform(0, 2)
            x = sum(a * np.sin(2 * np.pi * (k + 1) * 0.8 * time + k * a) for k, a in enumerate(shape))
            x = x + rng.normal(0, 0.2, len(time))
            about = {"subject": f"p{person}", "session": session, "label": "fast" if person % 2 else "slow"}
            found.append(Recording(x, 100, channel_names=["resp"], metadata=about, source=f"p{person}-{session}"))
    return found


def test_windows_are_auto_and_beats_are_not():
    assert SigSimNet().encoder == "cnn"
    assert SigSimNet(segments=CUTTER).encoder == "auto"
    assert SigSimNet(segments=CUTTER, encoder_options={"dim": 8}).encoder == "cnn"
    assert SigSimNet(segments=CUTTER).build(1).encoder == "cnn"
    with pytest.raises(ParameterError, match="name one to give it encoder_options"):
        SigSimNet("auto", segments=CUTTER, encoder_options={"dim": 8})


def test_auto_chooses_and_says_so(tmp_path):
    model = SigSimNet(segments=CUTTER)
    model.fit(recordings(), same="subject", epochs=2, steps=5, progress=False)
    tried = model.card.extra["encoders_tried"]
    assert set(tried) == {"rocket", "cnn"}
    assert model.encoder == max(tried, key=tried.get) == "rocket"
    assert model.card.extra["encoder_chosen_by"] == "the AUC of pairs of held-out segments"
    assert tried["rocket"] > 0.9
    model.save(tmp_path / "m")
    again = SigSimNet.load(tmp_path / "m")
    first, second, other = (recordings(seed=9)[k] for k in (0, 1, 2))
    for pair in ((first, second), (first, other)):
        assert compare(*pair, model=again).score == pytest.approx(compare(*pair, model=model).score, abs=1e-3)
    assert again.card.extra["encoders_tried"] == tried
    assert compare(first, second, model=again).score > compare(first, other, model=again).score


def test_labels_and_heads(tmp_path):
    model = SigSimNet("rocket", head="euclidean", segments=CUTTER, encoder_options={"features": 500})
    model.fit(recordings(), same="label", validation=0, progress=False)
    assert model.network.encoder.options["features"] == 500
    model.save(tmp_path / "m")
    SigSimNet.load(tmp_path / "m")
    view = SigSimNet("rocket", segments=CUTTER, encoder_options={"features": 500})
    view.fit(recordings(4), same="view", progress=False, validation=0)
    assert view.network.dim <= 512


def test_too_few_to_choose_by(caplog):
    two = [recordings(2)[k].crop(0, 2.0) for k in (0, 2)]
    model = SigSimNet(segments=CUTTER).fit(two, same="label", validation=0, progress=False)
    assert model.encoder == "rocket"
    assert model.card.extra["encoders_tried"] == {"rocket": None}
    assert "rocket was taken" in caplog.text


def test_two_recordings_of_each_label():
    every = [one.replace(metadata={"subject": one.source, "label": one.metadata["subject"]}) for one in recordings()]
    single = [one.crop(0, 2.0) for one in every]
    model = SigSimNet(segments=CUTTER).fit(single, same="label", validation=0, epochs=1, steps=3, progress=False)
    assert set(model.card.extra["encoders_tried"]) == {"rocket", "cnn"}


def test_labels_that_were_learnt_are_given_by_the_nearest_recording():
    model = SigSimNet(segments=CUTTER)
    model.fit(recordings(), same="label", validation=0, epochs=1, steps=3, progress=False)
    assert "nearest" in model.card.extra["encoder_chosen_by"]
    assert all(0 <= value <= 1 for value in model.card.extra["encoders_tried"].values())


def test_a_later_encoder_must_be_clearly_better(monkeypatch):
    from sigsimnet.model import _choose_encoder

    values = iter([0.90, 0.90, 0.90, 0.905, 0.905, 0.905, 0.90, 0.90, 0.90, 0.95, 0.95, 0.95])
    monkeypatch.setattr(_choose_encoder, "_auc", lambda *_: next(values))
    chosen = []
    for _ in range(2):
        model = SigSimNet(segments=CUTTER)
        model.fit(recordings(9), same="subject", validation=0, epochs=1, steps=3, progress=False)
        chosen.append(model.encoder)
    assert chosen == ["rocket", "cnn"]
