"""`profile` and `plot`: what they print, write and refuse."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sigsimnet import write
from sigsimnet.simulation import simulate_one


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    path = tmp_path_factory.mktemp("profile") / "ecg.npz"
    write(simulate_one(3, duration=40, leads=("I", "II")), path)
    return path


def test_profile_prints_writes_and_speaks_json(run_cli, record, tmp_path):
    ran = run_cli("profile", record, "-o", tmp_path / "p.html")
    assert ran.code == 0, ran.err
    assert "heart rate" in ran.out
    assert (tmp_path / "p.html").stat().st_size > 3_000_000
    ran = run_cli("profile", record, "--json")
    values = json.loads(ran.out)
    assert values["page"] is None
    assert set(values["channels"]) == {"I", "II"}
    assert values["quality"]["ecg"]


def test_profile_of_chosen_channels_as_something_else(run_cli, record):
    values = json.loads(run_cli("profile", record, "--channels", "II", "--modality", "resp", "--json").out)
    assert values["channels"]["II"]["modality"] == "resp"
    assert values["beats"] is None


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("-o", "page.pdf"), "name it .html"),
        (("--modality", "ekg"), "unknown modality 'ekg'"),
        (("--channels", "V9"), "no channel 'V9'"),
        (("-o", "nowhere/p.html"), "its folder is not there"),
    ],
)
def test_profile_refuses(run_cli, record, tmp_path, monkeypatch, more, says):
    monkeypatch.chdir(tmp_path)
    ran = run_cli("profile", record, *more)
    assert ran.code == 2
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "kind",
    ["signal", "paper", "rolling", "peaks", "beats", "spectrum", "spectrogram", "distribution", "quality", "cleaning"],
)
def test_every_kind_of_picture(run_cli, record, tmp_path, kind):
    ran = run_cli("plot", record, "--kind", kind, "-o", tmp_path / "p.png")
    assert ran.code == 0, ran.err
    assert (tmp_path / "p.png").read_bytes()[1:4] == b"PNG"


def test_a_part_and_a_page(run_cli, record, tmp_path):
    assert run_cli("plot", record, "--start", 5, "--stop", 9, "-o", tmp_path / "p.svg").code == 0
    assert "<svg" in (tmp_path / "p.svg").read_text()
    assert run_cli("plot", record, "--channels", "II", "-o", tmp_path / "p.html").code == 0
    assert "plotly" in (tmp_path / "p.html").read_text(encoding="utf-8").lower()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--kind", "pie", "-o", "p.png"), "unknown kind of picture 'pie'"),
        (("--kind", "beats", "-o", "p.html"), "is a picture"),
        (("--start", "9", "--stop", "5", "-o", "p.png"), "--stop 5 is not after --start 9"),
        (("--start", "900", "-o", "p.png"), "nothing recorded"),
        (("--kind", "rolling", "--window", "90", "-o", "p.png"), "does not fit"),
        (("--kind", "cleaning", "--preset", "fish", "-o", "p.png"), "unknown preset 'fish'"),
        (("-o", "p.docx"), "name it .png or .svg or .pdf"),
    ],
)
def test_plot_refuses(run_cli, record, tmp_path, monkeypatch, more, says):
    monkeypatch.chdir(tmp_path)
    ran = run_cli("plot", record, *more)
    assert ran.code == 2
    assert says in ran.err
    assert not list(tmp_path.iterdir())


def test_an_all_missing_channel_and_a_flat_one_have_their_sentences(run_cli, tmp_path):
    x = np.vstack([np.full(2000, np.nan), np.full(2000, 1.0)])
    from sigsimnet import Recording

    write(Recording(x, 100, channel_names=["I", "II"], units="mV"), tmp_path / "dead.npz")
    ran = run_cli("profile", tmp_path / "dead.npz")
    assert ran.code == 0, ran.err
    assert "I: 0 samples" in ran.err
    assert "II: the signal is constant" in ran.err
    ran = run_cli("profile", tmp_path / "dead.npz", "--json")
    assert json.loads(ran.out)["channels"]["II"]["good"] == 0


def test_no_rate_is_no_recording(run_cli, record, tmp_path):
    np.savetxt(tmp_path / "x.csv", np.arange(100.0), header="ECG", comments="")
    for rate in (0, -5):
        ran = run_cli("profile", tmp_path / "x.csv", "--sampling-rate", rate)
        assert ran.code == 2
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize("kind", ["rolling", "spectrogram"])
@pytest.mark.parametrize("window", ["nan", "inf", "0"])
def test_windows_that_are_none(run_cli, record, tmp_path, kind, window):
    ran = run_cli("plot", record, "--kind", kind, "--window", window, "-o", tmp_path / "p.png")
    assert ran.code == 2
    assert "does not fit" in ran.err
    assert not (tmp_path / "p.png").exists()


def test_a_page_of_a_part_keeps_its_times(run_cli, record, tmp_path):
    ran = run_cli("plot", record, "--start", 10, "--stop", 20, "-o", tmp_path / "p.html")
    assert ran.code == 0, ran.err
    assert '"time":10.0' in (tmp_path / "p.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--modality", "foo"), "unknown modality 'foo'"),
        (("--preset", "foo"), "unknown preset 'foo'"),
        (("--channels", ""), "names no channel"),
        (("--kind", "rolling", "--channels", "I,II"), "draws one channel"),
    ],
)
def test_options_are_checked_whatever_is_drawn(run_cli, record, tmp_path, more, says):
    ran = run_cli("plot", record, *more, "-o", tmp_path / "p.png")
    assert ran.code == 2
    assert says in ran.err


def test_cleaning_goes_by_the_names_of_channels(run_cli, tmp_path):
    from sigsimnet import Recording

    rng = np.random.default_rng(0)

    def cleaned(names, *more):
        write(Recording(rng.normal(size=(len(names), 4000)), 1000, channel_names=names), tmp_path / "a.npz")
        return run_cli("clean", tmp_path / "a.npz", "-o", tmp_path / "b.npz", "--json", *more)

    assert json.loads(cleaned(["EMG 1", "EMG 2"]).out)["modality"] == "emg"
    assert json.loads(cleaned(["x"]).out)["modality"] == "ecg"
    ran = cleaned(["EEG Cz", "ECG"])
    assert ran.code == 2
    assert "channels of several kinds (eeg: EEG Cz; ecg: ECG)" in ran.err
    assert json.loads(cleaned(["EEG Cz", "ECG"], "--channels", "EEG Cz").out)["modality"] == "eeg"
    ran = cleaned(["EDA"])
    assert ran.code == 2
    assert "no preset cleans eda" in ran.err
