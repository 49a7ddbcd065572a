"""Whatever is left out of training and evaluation is said, with the reason and the first names."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from sigsimnet import evaluate, load_model
from sigsimnet.datasets import Manifest
from sigsimnet.errors import ManifestError
from sigsimnet.recording import Recording
from sigsimnet.segments import WindowCutter, load_segments
from sigsimnet.segments._left_out import UNUSABLE, LeftOut, Row
from sigsimnet.simulation import simulate_one

CUTTER = WindowCutter(length=1.0, sampling_rate=200, band=(20, 90), modality="emg")


def contraction(k, clipped):
    x = np.random.default_rng(k).normal(size=2000)
    x = np.clip(x, -0.8, 0.8) if clipped else x
    return Recording(x, 200, channel_names=["EMG"], metadata={"subject": str(k)}, source=f"data/{k}.csv")


def test_recordings_are_counted_by_reason():
    short = Recording(np.zeros(50), 200, channel_names=["EMG"], metadata={"subject": "s"}, source="short.csv")
    people = [*(contraction(k, k < 6) for k in range(8)), short]
    found = load_segments(Manifest.of(people), CUTTER, lambda r, *_: r.channel_names, min_good_fraction=0.5)
    assert len(found.entries) == 2
    told, windows = found.left_out.sentences()
    assert told.startswith("7 of 9 recordings were left out: clipped 6 (0.csv, 1.csv, 2.csv, 3.csv, …); ")
    assert "no windows 1 (short.csv)" in told
    assert windows.endswith("windows were left out, in seconds of low quality (main reason by recording: clipped 6)")
    assert [row.name for row in found.left_out.rows if row.dropped][:2] == ["data/0.csv", "data/1.csv"]
    assert len(found.skipped) == 7


def test_nothing_usable_says_how_many():
    people = Manifest.of([contraction(k, clipped=True) for k in range(3)])
    with pytest.raises(ManifestError, match=r"3 of 3 recordings were left out: clipped 3"):
        load_segments(people, CUTTER, lambda r, *_: r.channel_names, min_good_fraction=0.5)


def test_files_that_cannot_be_read_are_counted(tmp_path):
    (tmp_path / "broken.csv").write_text("no,numbers\nhere,at all\n")
    (tmp_path / "m.csv").write_text("path,subject\nbroken.csv,a\ngood.csv,b\n")
    t = np.arange(2000) / 200
    rows = "\n".join(f"{time:.3f},{value:.4f}" for time, value in zip(t, np.sin(37 * t) + np.cos(91 * t), strict=True))
    (tmp_path / "good.csv").write_text(f"time (s),EMG (mV)\n{rows}\n")
    from sigsimnet.datasets import load_manifest

    found = load_segments(load_manifest(tmp_path / "m.csv"), CUTTER, lambda r, *_: r.channel_names)
    assert found.left_out.sentences() == (f"1 of 2 recordings was left out: {UNUSABLE} 1 (broken.csv)",)


def test_nothing_left_out_says_nothing():
    assert LeftOut(3, 30, "beats", ()).sentences() == ()
    assert Row("a", (), 0, dropped=True).reasons == ()


@pytest.mark.needs_torch
def test_training_says_it(caplog):
    from sigsimnet import SigSimNet

    people = [contraction(k, k >= 8) for k in range(12)]
    model = SigSimNet(segments=CUTTER, encoder_options={"dim": 8, "widths": [4, 8]})
    with caplog.at_level(logging.WARNING, logger="sigsimnet"):
        model.fit(people, same="subject", epochs=1, steps=2, validation=0, progress=False)
    told = "4 of 12 recordings were left out: clipped 4 (8.csv, 9.csv, 10.csv, 11.csv)"
    assert told in caplog.messages
    assert told in model.card.extra["left_out"]
    assert len(model.card.extra["skipped"]) == 4


def test_evaluation_says_it():
    people = [simulate_one(p, s, duration=10) for p in range(1, 5) for s in (1, 2)]
    people.append(Recording(np.zeros(2500), 250, metadata={"subject": "9"}, source="quiet.csv"))
    found = evaluate(load_model("ecg"), people, n_resamples=0)
    assert found.dropped[0].startswith("1 of 9 recordings was left out: ")
    assert "quiet.csv" in found.dropped[0]
    assert found.notes[0] == found.dropped[0]
    assert found.to_dict()["dropped"] == list(found.dropped)
