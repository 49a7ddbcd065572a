"""`profile` and `plot`: what they print, write and refuse."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sigsimnet import write
from sigsimnet.simulate import simulate_one


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
        (("-o", "p.docx"), "unknown kind of picture 'docx'"),
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
    assert "II: the signal does not move" in ran.err
    ran = run_cli("profile", tmp_path / "dead.npz", "--json")
    assert json.loads(ran.out)["channels"]["II"]["good"] == 0


def test_no_rate_is_no_recording(run_cli, record, tmp_path):
    np.savetxt(tmp_path / "x.csv", np.arange(100.0), header="ECG", comments="")
    for rate in (0, -5):
        ran = run_cli("profile", tmp_path / "x.csv", "--sampling-rate", rate)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
