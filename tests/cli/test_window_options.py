"""Windows from the command line and from TOML: 1.5 s of EMG can be trained on, and what does not fit is refused."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from sigsimnet.io import write
from sigsimnet.recording import Recording

EMG = ("--segments", "windows", "--epochs", "1", "--same", "label", "--json")


@pytest.fixture(scope="module")
def gestures(tmp_path_factory):
    """Return a table of 1.5 s of two channels at 1000 Hz: six people, two gestures of unlike frequencies."""
    folder = tmp_path_factory.mktemp("gestures")
    rng, rows = np.random.default_rng(0), []
    for person in range(6):
        for gesture, width in (("fist", 3), ("open", 9)):
            for session in (1, 2):
                noise = rng.normal(size=(2, 1500 + width))
                x = np.stack([np.convolve(row, np.ones(width) / width, "same") for row in noise])[:, :1500]
                name = f"{person}-{gesture}-{session}.npz"
                write(Recording(0.1 * x, 1000, channel_names=["EMG 1", "EMG 2"], units="mV"), folder / name)
                rows.append({"path": name, "subject": person, "session": session, "label": gesture})
    with (folder / "gestures.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return folder / "gestures.csv"


def kept(model):
    return json.loads((model / "config.json").read_text())["segments"]


@pytest.mark.needs_torch
def test_gestures_are_trained_on_and_evaluated(run_cli, gestures, tmp_path):
    ran = run_cli("train", gestures, "-o", tmp_path / "m", *EMG)
    assert ran.code == 0, ran.err
    assert "note: windows of 1 s, one every 0.5 s, at 500 Hz, 20–225 Hz: emg by the channel names" in ran.err
    segments = json.loads(ran.out)["segments"]
    assert segments == kept(tmp_path / "m")
    assert (segments["length"], segments["modality"]) == (1.0, "emg")
    found = run_cli("evaluate", tmp_path / "m", gestures, "--json", "--n-resamples", "0")
    assert found.code == 2
    assert "test on other people" in found.err


@pytest.mark.needs_torch
def test_options_and_toml_say_the_same(run_cli, gestures, tmp_path):
    options = ("--window", "0.5", "--step", "0.25", "--rate", "500", "--band", "20", "200", "--modality", "emg")
    assert run_cli("train", gestures, "-o", tmp_path / "a", *EMG, *options).code == 0
    config = tmp_path / "windows.toml"
    config.write_text(
        'segments = "windows"\nwindow = 0.5\nstep = 0.25\nrate = 500\nband = [20, 200]\nmodality = "emg"\n'
    )
    ran = run_cli("train", gestures, "-o", tmp_path / "b", "--config", config, "--epochs", "1", "--same", "label")
    assert ran.code == 0, ran.err
    assert kept(tmp_path / "a") == kept(tmp_path / "b")
    cutter = kept(tmp_path / "a")
    assert (cutter["length"], cutter["step"], cutter["sampling_rate"], cutter["band"]) == (0.5, 0.25, 500, [20, 200])
    again = run_cli("train", gestures, "-o", tmp_path / "c", "--config", config, *EMG, "--window", "0.3")
    assert json.loads(again.out)["segments"]["length"] == 0.3


def test_tune_writes_windows_that_train_takes(run_cli, gestures, tmp_path):
    pytest.importorskip("optuna")
    arguments = ("--segments", "windows", "--window", "0.5", "--same", "label", "--trials", "1", "--epochs", "1")
    ran = run_cli("tune", gestures, "-o", tmp_path / "best.toml", *arguments)
    assert ran.code == 0, ran.err
    assert "window = 0.5" in (tmp_path / "best.toml").read_text()
    ran = run_cli(
        "train", gestures, "-o", tmp_path / "m", "--config", tmp_path / "best.toml", "--epochs", "1", "--json"
    )
    assert ran.code == 0, ran.err
    segments = kept(tmp_path / "m")
    assert (segments["length"], segments["band"], segments["modality"]) == (0.5, [20, 225], "emg")


@pytest.mark.needs_torch
@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ("--segments", "beats", "--window", "0.5"),
            "--window sets how windows are cut, not beats: add --segments windows",
        ),
        (("--segments", "beats", "--band", "20", "450", "--rate", "9"), "--rate, --band set how windows"),
        (("--segments", "windows", "--band", "450", "20"), "low corner"),
        (("--segments", "windows", "--modality", "music"), "unknown modality 'music'"),
        (("--segments", "windows", "--window", "0"), "positive"),
        (("--start", "ecg", "--window", "1"), "brings its own"),
    ],
)
@pytest.mark.parametrize("command", ["train", "tune"])
def test_what_does_not_fit_is_refused(run_cli, gestures, tmp_path, command, options, says):
    if command == "tune" and "--start" in options:
        pytest.skip("tune starts from nothing")
    target = tmp_path / ("m" if command == "train" else "m.toml")
    ran = run_cli(command, gestures, "-o", target, *options)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "m").exists()


@pytest.mark.needs_torch
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('window = "long"', "window is 'long': it must be like 0.5"),
        ("band = 20", "band is 20: it must be like [20.0, 450.0]"),
        ("band = [20]", "band is [20]"),
        ('band = ["a", "b"]', "band is"),
        ("rate = true", "rate is True"),
        ("modality = 3", "modality is 3"),
        ("[settings]\nwindow = 1", "window has its own option"),
    ],
)
def test_a_configuration_of_other_types(run_cli, gestures, tmp_path, text, says):
    (tmp_path / "t.toml").write_text(text)
    ran = run_cli("train", gestures, "-o", tmp_path / "m", "--config", tmp_path / "t.toml", "--segments", "windows")
    assert ran.code == 2
    assert says in ran.err


@pytest.mark.needs_torch
def test_windows_longer_than_the_recordings(run_cli, gestures, tmp_path):
    ran = run_cli("train", gestures, "-o", tmp_path / "m", *EMG, "--window", "4")
    assert ran.code == 2
    assert "a window is 4 s long and the recording 1.5 s" in ran.err
    assert "--window" in ran.err
