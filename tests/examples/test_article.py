"""The example of the article: labels and split on made-up files, the whole way on the real ones where they are."""

from __future__ import annotations

import csv
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from sigsimnet.errors import ReadError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "examples" / "article"))

import article_data as data
import article_methods as methods
import run as article

REAL = Path(os.environ.get("SIGSIMNET_DATA", ROOT.parent / "shared" / "data")) / "deepxf" / "raw"
NAMES = {
    "sitting": ("Sitting_data.csv", 60),
    "walking_normal": ("walking_normal_pace.csv", 60),
    "walking_fast": ("walking_fast_pace.csv", 40),
    "stairs": ("stairs_normal_pace.csv", 12),
}
SCHEMES = ("file_names", "corrected", "moving_only")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Four files as the real ones are: five channels in V at 250 Hz, small when still and large when moving."""
    path = tmp_path_factory.mktemp("deepxf")
    rng = np.random.default_rng(0)
    for activity, (name, seconds) in NAMES.items():
        t = np.arange(seconds * 250) / 250
        size = np.full(len(t), 2e-3)
        for start, stop, state in data.CORRECTED[activity]:
            if state == "still":
                size[(t >= start) & (t < stop)] = 1e-4
        x = rng.normal(size=(len(t), 5)) * size[:, None]
        rows = np.column_stack([x, t])
        np.savetxt(path / name, rows, "%.9f", ",", header="ecg1,ecg2,ecg3,ecg4,ecg5,time", comments="")
    return path


@pytest.fixture(scope="module")
def recordings(folder):
    return data.read_recordings(folder)


def test_reads_volts_as_millivolts(recordings):
    assert list(recordings) == list(data.ACTIVITIES)
    assert recordings["sitting"].units == ("mV",) * 5
    assert recordings["sitting"].data.std() == pytest.approx(0.1, rel=0.05)


def test_missing_file_is_named(folder, tmp_path):
    (tmp_path / "Sitting_data.csv").write_bytes((folder / "Sitting_data.csv").read_bytes())
    with pytest.raises(ReadError, match="walking_normal"):
        data.read_recordings(tmp_path)


def test_stretches_drop_handling_and_call_quiet_still():
    assert data.stretches("walking_fast", "corrected") == [(4.0, 15.5, "still"), (15.5, np.inf, "moving")]
    assert data.stretches("walking_fast", "moving_only") == [(15.5, np.inf, "walking_fast")]
    assert data.stretches("sitting", "moving_only") == []
    assert data.stretches("walking_fast", "file_names") == [(0.0, np.inf, "walking_fast")]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_training_ends_where_the_test_begins(recordings, scheme):
    windows = data.lay_windows(recordings)
    for piece in data.training_pieces(recordings, scheme):
        whole = recordings[piece.metadata["activity"]]
        first = round(piece.metadata["offset"] * whole.sampling_rate)
        np.testing.assert_array_equal(piece.data, whole.data[:, first : first + piece.n_samples])
        tested = windows.start[windows.activity == piece.metadata["activity"]]
        assert (first + piece.n_samples) / whole.sampling_rate <= tested.min() + 0.5 / whole.sampling_rate
    for name, part in windows.parts.items():
        n_train = recordings[name].crop(*data.part_of(recordings[name].duration, "train")).n_samples
        np.testing.assert_array_equal(part.data, recordings[name].data[:, n_train:])


def test_window_across_a_border_has_no_label(recordings):
    windows = data.lay_windows(recordings, "whole", 1.0)
    labels = data.labels_of(windows, "corrected")
    for start, label in zip(*(x[windows.activity == "walking_fast"] for x in (windows.start, labels)), strict=True):
        inside = [s for low, high, s in data.CORRECTED["walking_fast"] if low <= start and start + 4 <= high]
        assert label == (inside[0] if inside else "")
    assert "" in labels


@pytest.mark.parametrize("scheme", SCHEMES)
def test_trials_share_no_sample(recordings, scheme):
    windows = data.lay_windows(recordings)
    labels = data.labels_of(windows, scheme)
    trials = data.trials_of(windows, labels)
    one_file = windows.activity[trials.left] == windows.activity[trials.right]
    apart = np.abs(windows.start[trials.left] - windows.start[trials.right])
    assert apart[one_file].min() >= data.LENGTH - 1e-6
    np.testing.assert_array_equal(trials.same, labels[trials.left] == labels[trials.right])
    assert (labels[trials.left] != "").all()
    assert trials.same.any()
    assert not trials.same.all()


def test_untrained_network_is_homogeneous_and_symmetric(recordings):
    windows = data.lay_windows(recordings, step=4.0)
    model = methods.article_network(methods.InstantCutter(), seed=3)
    small, large = (
        methods.score_with_instants(model, methods.instants_of(windows, every=200, scale=s)) for s in (1.0, 1e3)
    )
    np.testing.assert_allclose(large, small * 1e6, rtol=1e-3, atol=1e-4 * np.abs(large).max())
    np.testing.assert_allclose(small, small.T, rtol=1e-4, atol=1e-4 * np.abs(small).max())


def test_volts_and_millivolts_show_how_the_weights_started(recordings):
    windows = data.lay_windows(recordings, step=8.0)
    keras, torch = article.unit_ratio(windows, seed=0)
    assert keras == pytest.approx(1e6, rel=1e-3)
    assert torch < 1e3  # its biases do not grow with the signal


def test_pytorchs_start_is_not_that_of_the_head():
    model = methods.article_network(methods.InstantCutter(), seed=0)
    linear = [part for name, part in model.network.head.named_parameters() if "bias" in name and part.ndim == 1]
    started = [part.detach().clone() for part in linear]
    assert methods.as_pytorch_starts(model, seed=0) is model
    changed = [not np.array_equal(a, b.detach()) for a, b in zip(started, linear, strict=True)]
    assert sum(changed) == 5  # dense layers; those of batch normalisation stay


def test_amplitude_tells_still_from_moving(recordings):
    windows = data.lay_windows(recordings, "whole", data.LENGTH)
    trials = data.trials_of(windows, data.labels_of(windows, "corrected"))
    scores = methods.level_scores(windows, per_channel=False)[trials.left, trials.right]
    assert scores[trials.same].min() > scores[~trials.same].max()


def test_unreadable_folder_is_one_line(tmp_path, capsys):
    assert article.main([str(tmp_path), "-o", str(tmp_path / "out")]) == 2
    assert "sitting" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="deepxf recordings absent: set SIGSIMNET_DATA to the folder of signals")
def test_whole_way_on_real_recordings(tmp_path):
    pytest.importorskip("matplotlib")
    out = tmp_path / "out"
    assert article.main([str(REAL), "-o", str(out), "--inits", "1", "--seeds", "1", "--epochs", "1"]) == 0
    for name in ("raw", "rolling", "r_peaks", "score_matrix", "methods", "summary"):
        assert (out / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert "head.difference.0" in (out / "summary.txt").read_text(encoding="utf-8")
    page = (out / "article.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 5
    assert str(REAL) not in page
    assert "figures of the test parts in sight" in page
    assert "Departures from the article" in page
    assert not list(out.glob(".*"))
    with (out / "results.csv").open(encoding="utf-8") as file:
        auc = {(row["task"], row["method"]): float(row["auc"]) for row in csv.DictReader(file)}
    assert auc["corrected", "ours"] > auc["corrected", "article, untrained"] + 0.2
    assert auc["corrected", "amplitude, one number"] == pytest.approx(0.99, abs=0.02)
    assert auc["whole_corrected", "amplitude, one number"] == pytest.approx(0.98, abs=0.02)
    assert auc["moving_only", "amplitude, one number"] < 0.7
