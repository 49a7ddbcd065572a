"""Bad input: one line on standard error, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from sigsimnet.io import write
from sigsimnet.recording import Recording
from sigsimnet.simulation import simulate_one

TEXT = "name,what\nanna,sat\nbert,walked\ncarl,ran\n"


def wfdb_claiming_10_gb(folder):
    (folder / "huge.hea").write_text("huge 1 500 5000000000\nhuge.dat 16 200(0)/mV 16 0 0 0 0 I\n")
    (folder / "huge.dat").write_bytes(b"\0" * 2000)
    return folder / "huge"


def edf_claiming_10_gb(folder):
    record = simulate_one(1, duration=10)
    write(record, folder / "huge.edf")
    content = bytearray((folder / "huge.edf").read_bytes())
    content[236:244] = b"99999999"  # number of data records
    (folder / "huge.edf").write_bytes(content)
    return folder / "huge.edf"


@pytest.fixture
def files(tmp_path, people_on_disk):
    """Return a folder of bad files and what stands in it."""
    good = simulate_one(60, duration=20)
    write(good, tmp_path / "good.npz")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "text.csv").write_text(TEXT)
    (tmp_path / "one.csv").write_text("time,I\n0.0,0.1\n")
    (tmp_path / "noise.csv").write_bytes(np.random.default_rng(0).bytes(3000))
    write(Recording([[0.5]], 250, channel_names=["I"], units="mV"), tmp_path / "one.npz")
    write(good.replace(data=np.zeros_like(good.data)), tmp_path / "flat.npz")
    write(good.replace(data=np.full_like(good.data, np.nan)), tmp_path / "missing.npz")
    two = simulate_one(60, duration=20, leads=("I", "II"))
    write(two, tmp_path / "left.npz")
    write(two.replace(channel_names=["V1", "V2"]), tmp_path / "right.npz")
    write(good.replace(channel_names=["resp"]), tmp_path / "resp.npz")
    wfdb_claiming_10_gb(tmp_path)
    edf_claiming_10_gb(tmp_path)
    (tmp_path / "one-person.csv").write_text("path,subject\ngood.npz,a\n")
    (tmp_path / "nameless.csv").write_text("path,subject\ngood.npz,\nleft.npz,\n")
    (tmp_path / "bad.csv").write_text("file,subject\ngood.npz,a\n")
    (tmp_path / "gone-files.csv").write_text("path,subject\nx.npz,a\ny.npz,b\n")
    return tmp_path


def refused(ran, folder, before, says=""):
    assert ran.code == 2, (ran.code, ran.out, ran.err)
    assert ran.out == ""
    assert ran.err.startswith("sigsimnet: ")
    assert ran.err.count("\n") == 1, ran.err
    assert ran.err.endswith("\n")
    assert "Traceback" not in ran.err
    assert says in ran.err
    assert sorted(str(p) for p in folder.rglob("*")) == before


@pytest.mark.parametrize("command", ["info", "compare first", "compare second"])
@pytest.mark.parametrize(
    "name", ["gone.csv", "gone", "empty.csv", "text.csv", "noise.csv", "one.csv", "huge", "huge.edf", ".", ""]
)
def test_files_that_cannot_be_read(run_cli, files, tiny_path, monkeypatch, command, name):
    monkeypatch.chdir(files)
    before = sorted(str(p) for p in files.rglob("*"))
    arguments = {
        "info": ["info", name],
        "compare first": ["compare", name, "good.npz", "--model", tiny_path, "-o", "page.html", "--json"],
        "compare second": ["compare", "good.npz", name, "--model", tiny_path, "-o", "page.html"],
    }[command]
    refused(run_cli(*arguments), files, before, name if len(name) > 1 else "")


@pytest.mark.parametrize(
    ("a", "b", "more", "says"),
    [
        ("one.npz", "good.npz", [], "one.npz"),
        ("good.npz", "one.npz", [], "one.npz"),
        ("one.csv", "good.npz", ["--sampling-rate-a", "250"], "one.csv"),
        ("good.npz", "good.npz", ["--channel-a", "V9"], "no channel 'V9'"),
        ("good.npz", "good.npz", ["--model", "nowhere"], "nowhere"),
        ("good.npz", "good.npz", ["--model", "."], "config.json"),
        ("good.npz", "good.npz", ["-o", "gone/page.html"], "gone/page.html"),
        ("good.npz", "good.npz", ["-o", "."], "is a folder"),
        ("good.npz", "good.npz", ["--sampling-rate-a", "-1"], "-1"),
        ("good.npz", "good.npz", ["--sampling-rate-a", "nan"], "nan"),
    ],
)
@pytest.mark.parametrize("output", [[], ["--json"]])
def test_recordings_that_cannot_be_compared(run_cli, files, tiny_path, monkeypatch, a, b, more, says, output):
    monkeypatch.chdir(files)
    before = sorted(str(p) for p in files.rglob("*"))
    model = [] if "--model" in more else ["--model", tiny_path]
    page = [] if "-o" in more else ["-o", "page.html"]
    refused(run_cli("compare", a, b, *model, *more, *page, *output), files, before, says)


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ("flat.npz", "good.npz", "no heart beats"),
        ("good.npz", "flat.npz", "no heart beats"),
        ("missing.npz", "good.npz", "missing.npz"),
        ("left.npz", "right.npz", "no common channel"),
    ],
)
def test_nothing_to_compare_is_an_open_answer(run_cli, files, tiny_path, monkeypatch, tmp_path, a, b, says):
    monkeypatch.chdir(files)
    page = tmp_path / "page.html"
    done = run_cli("compare", a, b, "--model", tiny_path, "-o", page, "--why", "--top", 3)
    assert done.code == 0, done.err
    assert done.out.startswith("cannot tell  (nothing to compare)")
    assert says in done.out
    assert "Cannot tell" in page.read_text(encoding="utf-8")
    found = json.loads(run_cli("compare", a, b, "--model", tiny_path, "--json").out)
    assert (found["verdict"], found["score"], found["probability"]) == ("cannot tell", None, None)


@pytest.mark.needs_torch
@pytest.mark.parametrize(
    ("manifest", "more", "says"),
    [
        ("gone.csv", [], "no such manifest"),
        ("empty.csv", [], "empty.csv"),
        ("bad.csv", [], "no column 'path'"),
        ("huge.dat", [], "huge.dat"),
        ("LEARNERS", ["--encoder", "cmn"], "cnn, identity"),
        ("LEARNERS", ["--head", "foot"], "three_path"),
        ("LEARNERS", ["--segments", "notes"], "beats, windows"),
        pytest.param("nameless.csv", [], "no subject"),
        pytest.param("one-person.csv", ["--validation", "0"], "at least 2"),
        pytest.param("one-person.csv", [], "too few"),
        pytest.param("gone-files.csv", [], "no such file"),
        pytest.param("LEARNERS", ["--same", "mood"], "subject, label, recording"),
        pytest.param("LEARNERS", ["--loss", "quadruplet"], "mse, multi"),
        pytest.param("LEARNERS", ["--validation", "1.5"], "validation"),
        pytest.param("LEARNERS", ["--device", "toaster"], "known: auto, cpu, cuda"),
        pytest.param(
            "LEARNERS",
            ["--seed", "-1"],
            "seed",
        ),
    ],
)
def test_training_that_cannot_be(run_cli, files, people_on_disk, monkeypatch, manifest, more, says):
    monkeypatch.chdir(files)
    before = sorted(str(p) for p in files.rglob("*"))
    table = people_on_disk / "learners.csv" if manifest == "LEARNERS" else manifest
    refused(run_cli("train", table, "-o", "new/model", "--epochs", 1, *more), files, before, says)


@pytest.mark.needs_torch
def test_a_folder_that_cannot_be_written_is_refused_before_the_training(run_cli, files, people_on_disk, monkeypatch):
    from sigsimnet.model import SigSimNet

    monkeypatch.setattr(SigSimNet, "fit", lambda *a, **k: pytest.fail("trained first"))
    before = sorted(str(p) for p in files.rglob("*"))
    refused(run_cli("train", people_on_disk / "learners.csv", "-o", files), files, before, "other things")


@pytest.mark.needs_torch
def test_a_model_cannot_take_the_place_of_a_file(run_cli, files, people_on_disk):
    before = sorted(str(p) for p in files.rglob("*"))
    refused(run_cli("train", people_on_disk / "learners.csv", "-o", files / "good.npz"), files, before, "is a file")
    refused(run_cli("demo", "-o", files / "good.npz"), files, before, "is a file")


@pytest.mark.parametrize(
    ("model", "manifest", "more", "says"),
    [
        ("TINY", "gone.csv", [], "no such manifest"),
        ("nowhere", "one-person.csv", [], "nowhere"),
        ("TINY", "one-person.csv", [], "no genuine pair"),
        ("TINY", "nameless.csv", [], "no subject"),
        ("TINY", "gone-files.csv", [], "no such file"),
        ("TINY", "STRANGERS", ["--baselines", "dtw9"], "known: "),
        ("TINY", "STRANGERS", ["--same", "label"], "no label"),
        ("TINY", "STRANGERS", ["--scores", "gone/s.csv"], "gone/s.csv"),
        pytest.param(
            "TINY",
            "STRANGERS",
            ["--same", "mood"],
            "subject, label",
        ),
        pytest.param(
            "TINY",
            "STRANGERS",
            ["--same", "recording"],
            "subject, label",
        ),
        pytest.param(
            "TINY",
            "STRANGERS",
            ["--seed", "-1"],
            "seed",
        ),
    ],
)
def test_evaluations_that_cannot_be(
    run_cli, files, tiny_path, people_on_disk, monkeypatch, model, manifest, more, says
):
    monkeypatch.chdir(files)
    before = sorted(str(p) for p in files.rglob("*"))
    network = tiny_path if model == "TINY" else model
    table = people_on_disk / "strangers.csv" if manifest == "STRANGERS" else manifest
    refused(run_cli("evaluate", network, table, "--json", *more), files, before, says)


@pytest.mark.slow
def test_the_same_in_a_process_of_its_own(files, tiny_path):
    """No warning of a library, and no traceback, gets through to standard error either."""
    before = sorted(str(p) for p in files.rglob("*"))
    for arguments, says in (
        (["info", "gone.csv"], "gone.csv: no such file"),
        (["compare", "one.csv", "good.npz", "--model", str(tiny_path)], "one.csv"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "sigsimnet", *arguments], cwd=files, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1, done.stderr
        assert says in done.stderr
    assert sorted(str(p) for p in files.rglob("*")) == before
