"""`convert`, `formats`, and the options of reading that every command has."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from sigsimnet import simulate
from sigsimnet.io import read, write
from sigsimnet.recording import Annotation, Recording, Span


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def one():
    found = simulate(1, 1, duration=10, leads=("I", "V5"), seed=2)[0]
    return found.replace(
        source="",
        start_time=datetime(2024, 5, 1, 10, 20, 30),  # noqa: DTZ001 - as most files have it
        metadata={"subject": "S1"},
        annotations=[Annotation(10, "N", 0.5), Annotation(99, "rest", 0.0, "I")],
    )


@pytest.mark.parametrize("target", ["b.csv", "b.tsv", "b.csv.gz", "b.npz", "b.parquet", "b.hea", "b.dat", "b.edf"])
def test_there_and_back(run_cli, here, one, target):
    if target.endswith("parquet"):
        pytest.importorskip("pyarrow")
    write(one, "a.npz")
    ran = run_cli("convert", "a.npz", "-o", target)
    assert ran.code == 0, ran.err
    back = read(target)
    assert (back.channel_names, back.units, back.start_time) == (one.channel_names, one.units, one.start_time)
    assert [(mark.sample, mark.label) for mark in back.annotations] == [(10, "N"), (99, "rest")]
    np.testing.assert_allclose(back.data, one.data, atol=1e-3)
    lossless = not target.endswith((".hea", ".dat", ".edf"))
    assert ("annotations" in ran.err) is not lossless
    assert run_cli("convert", target, "-o", "c.npz").code == 0


def test_pauses_stay_or_are_refused(run_cli, here, one):
    paused = one.replace(spans=[Span(0, 1000, 0.0), Span(1000, one.n_samples, 20.0)])
    write(paused, "a.npz")
    for target in ("b.hea", "b.csv"):
        assert run_cli("convert", "a.npz", "-o", target).code == 0
        assert [span.time for span in read(target).spans] == [0.0, 20.0]


def test_nothing_is_written_over(run_cli, here, one):
    write(one, "a.hea")
    before = {path.name: path.read_bytes() for path in here.iterdir()}
    assert run_cli("convert", "a", "-o", "a.dat", "--force").code == 2
    Path("b.csv").write_text("somebody's")
    assert run_cli("convert", "a", "-o", "b.csv").code == 2
    assert run_cli("convert", "a", "-o", "b.pdf").code == 2
    Path("b.csv").unlink()
    assert {path.name: path.read_bytes() for path in here.iterdir()} == before


def test_a_folder(run_cli, here, one):
    """WFDB records count once, damaged files are listed, and a second run goes on."""
    Path("in/sub").mkdir(parents=True)
    write(one, "in/a.hea")
    write(one.replace(spans=[Span(0, 1000, 0.0), Span(1000, one.n_samples, 20.0)]), "in/sub/m.hea")
    write(one, "in/sub/b.csv")
    Path("in/broken.npz").write_bytes(b"PK\x03\x04 and no more")
    Path("in/notes.md").write_text("not a recording")
    ran = run_cli("convert", "in", "-o", "out", "--to", "npz", "--json")
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err  # a script that goes on must know of the broken one
    assert "of 4 recordings 1 could not be converted" in ran.err
    found = json.loads(ran.out)
    assert (found["written"], found["there already"], found["refused"]) == (3, 0, 1)
    names = sorted(str(path.relative_to("out")) for path in Path("out").rglob("*.npz"))
    assert names == ["a.npz", "sub/b.npz", "sub/m.npz"]
    Path("out/a.npz").unlink()
    again = json.loads(run_cli("convert", "in", "-o", "out", "--to", ".npz", "--json").out)
    assert (again["written"], again["there already"], again["refused"]) == (1, 2, 1)
    assert "broken.npz" in run_cli("convert", "in", "-o", "out", "--to", "npz").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("in", "-o", "out"), "--to"),
        (("in", "-o", "out", "--to", "docx"), "docx"),
        (("in", "-o", "a.npz", "--to", "csv"), "is a file"),
        (("empty", "-o", "out", "--to", "csv"), "no recordings"),
        (("a.npz", "-o", "b.csv", "--to", "csv"), "--to is for folders"),
        (("gone.csv", "-o", "b.csv"), "no such file"),
    ],
)
def test_what_is_refused(run_cli, here, one, arguments, says):
    Path("in").mkdir()
    Path("empty").mkdir()
    write(one, "in/a.csv")
    write(one, "a.npz")
    ran = run_cli("convert", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_formats(run_cli):
    known = json.loads(run_cli("formats", "--json").out)
    by_ending = {ending: one for one in known["formats"] for ending in one["endings"]}
    assert by_ending[".csv"]["read"]
    assert by_ending[".csv"]["write"]
    assert not by_ending[".npy"]["write"]
    assert all(one["read"] or one["install"] for one in known["formats"])
    assert "pip install" not in run_cli("formats").err
    assert any(".pkl" in one["endings"] for one in known["not_read"])


def several_rates(path):
    """Write an EDF file with ECG at 250 Hz and breathing at 25 Hz."""
    import edfio

    ecg = simulate(1, 1, duration=20, seed=2)[0].data[0].astype(float)
    breath = np.sin(np.arange(500) / 25)
    edfio.Edf(
        [
            edfio.EdfSignal(ecg, 250, label="ECG", physical_dimension="mV"),
            edfio.EdfSignal(breath, 25, label="Resp", physical_dimension="V"),
        ]
    ).write(path)


def test_every_command_reads_files_of_several_rates(run_cli, here):
    several_rates("a.edf")
    ran = run_cli("peaks", "a.edf")
    assert ran.code == 0, ran.err
    assert "Resp at 25 Hz" in ran.err
    assert "--channels" in ran.err
    assert "channels=" not in ran.err
    for command in (
        ("clean", "a.edf", "-o", "e.csv"),
        ("clean", "a.edf", "--channels", "Resp", "-o", "r.csv"),
        ("clean", "a.edf", "--resample-to", "100", "--preset", "ecg", "-o", "both.csv"),
        ("convert", "a.edf", "--channels", "1", "-o", "r.npz"),
        ("plot", "a.edf", "-o", "a.png"),
        ("compare", "a.edf", "a.edf"),
        ("info", "a.edf"),
        ("profile", "a.edf", "--channels", "Resp"),
    ):
        ran = run_cli(*command)
        assert ran.code == 0, (command, ran.err)
    assert (read("e.csv").sampling_rate, read("r.csv").sampling_rate) == (250, 25)
    assert (read("both.csv").n_channels, read("both.csv").sampling_rate) == (2, 100)
    assert read("r.npz").channel_names == ("Resp",)


def test_messages_name_options(run_cli, here):
    np.save("a.npy", np.zeros((2, 500)))
    assert "pass --sampling-rate\n" in run_cli("info", "a.npy").err
    assert run_cli("info", "a.npy", "--sampling-rate", 250).code == 0
    ran = run_cli("compare", "a.npy", "a.npy", "--sampling-rate-a", 250)
    assert "--sampling-rate-b" in ran.err
    np.savez("b.npz", p=np.zeros(500), q=np.ones(500))
    assert (
        "pass --key" in run_cli("info", "b.npz", "--sampling-rate", 250).err or "--key" in run_cli("info", "b.npz").err
    )
    assert run_cli("info", "b.npz", "--sampling-rate", 250, "--key", "p").code == 0
    Path("t.csv").write_text("ECG,stamp\n" + "".join(f"{i % 7},{i * 0.004:.3f}\n" for i in range(500)))
    assert run_cli("info", "t.csv", "--time-column", "stamp").code == 0
    assert run_cli("info", "t.csv", "--time-column", 1).code == 0
    Path("rows.csv").write_text("\n".join(",".join(str(k) for k in range(i, i + 50)) for i in range(3)))
    ran = run_cli("info", "rows.csv", "--layout", "rows", "--sampling-rate", 100)
    assert "3 channels" in ran.out


def test_a_row_of_a_table_names_a_channel_of_another_rate(here):
    from sigsimnet.datasets import load_manifest

    several_rates("a.edf")
    Path("m.csv").write_text("path,subject,channel\na.edf,1,Resp\na.edf,1,ECG\na.edf,2,\n")
    rates = [row.read().sampling_rate for row in load_manifest("m.csv").entries]
    assert rates == [25, 250, 250]


def test_recording_written_by_hand_comes_back(here):
    """What a recording holds beyond signals survives each format that can hold it."""
    one = Recording(np.arange(20.0).reshape(2, 10), 10, channel_names=["a", "b"], units=["µV", "°C"])
    for name in ("a.csv", "a.npz", "a.hea", "a.edf"):
        write(one, name)
        assert read(name).units == ("µV", "°C")


def test_a_folder_with_names_that_only_endings_tell_apart(run_cli, here):
    Path("f").mkdir()
    one = Recording(np.arange(1000.0).reshape(1, 1000) % 17, 100, channel_names=["ECG"], units=["mV"])
    for name in ("x.csv", "x.edf", "y.csv"):
        write(one, f"f/{name}")
    for n_there in (0, 3):
        ran = run_cli("convert", "f", "-o", "f/out", "--to", "parquet")
        assert ran.code == 0
        assert f"{n_there} there already" in ran.out
        assert sorted(p.name for p in Path("f/out").iterdir()) == ["x.csv.parquet", "x.edf.parquet", "y.parquet"]
    ran = run_cli("convert", "f", "-o", "f", "--to", "csv")
    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_companions_are_no_recordings_of_their_own(here):
    from sigsimnet.io import find_recordings

    for name in ("a.vhdr", "a.eeg", "a.vmrk", "b.eeg", "c.set", "c.fdt"):
        Path(name).touch()
    assert [path.name for path in find_recordings(".")] == ["a.vhdr", "b.eeg", "c.set"]


def test_brackets_in_names_are_shown(run_cli, here):
    Path("a.csv").write_text("time [s],ECG [lead x]\n" + "".join(f"{i / 100},{i % 9}\n" for i in range(500)))
    assert "[lead x]" in run_cli("info", "a.csv").out
    assert "time [s]" in run_cli("info", "a.csv", "--explain").out


def test_a_table_beside_a_header_is_a_table(run_cli, here):
    write(Recording(np.ones((1, 500)), 100), "c.hea")
    Path("c.csv").write_text("Rate: 100 Hz\nECG\n" + "1\n2\n" * 50)
    assert "WFDB" not in run_cli("info", "c.csv", "--explain").out
    assert "WFDB" in run_cli("info", "c", "--explain").out
    assert "WFDB" in run_cli("info", "c.dat", "--explain").out


def test_no_input_is_written_over(run_cli, here, one):
    """Beside the folder that is read, a target can fall into it again: F/F/x.csv becomes F/x.csv."""
    Path("F/F").mkdir(parents=True)
    write(one, "F/F/x.csv")
    write(one.pick("I"), "F/x.csv")
    kept = Path("F/x.csv").read_bytes()
    ran = run_cli("convert", "F", "-o", ".", "--to", "csv", "--force")
    assert ran.code == 2
    assert "would lie in the folder that is read" in ran.err
    assert Path("F/x.csv").read_bytes() == kept
    assert run_cli("convert", "F", "-o", "F/out", "--to", "npz").code == 0
