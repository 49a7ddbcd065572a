"""What a caller asks for: refused where a format does not know it, and said where it came from."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.io
from typer.testing import CliRunner

from sigsimnet.cli import app
from sigsimnet.errors import ParameterError, ReadError
from sigsimnet.io import read, read_by_rate, write
from sigsimnet.io._formats import FORMATS
from sigsimnet.recording import Recording

ASKED = {"key": "7", "annotator": "q1c", "time_column": "t", "layout": "rows", "day_first": True}


@pytest.fixture
def files(tmp_path):
    wave = np.sin(np.arange(500) / 9)
    recording = Recording(wave, 250, channel_names=["ECG"], units="mV")
    for name in ("a.edf", "a.csv", "a.npz", "w.hea"):
        write(recording, tmp_path / name)
    np.save(tmp_path / "a.npy", wave)
    scipy.io.savemat(tmp_path / "a.mat", {"ecg": wave, "fs": 250})
    return tmp_path


@pytest.fixture
def several(tmp_path):
    """An EDF file with channels of 256, 32 and 1 Hz."""
    rates = {"ECG": 256, "Resp chest": 32, "SpO2": 1}
    n, seconds = len(rates), 20
    fields = [
        "".join(f"{name:16}" for name in rates), " " * 80 * n, "".join(f"{unit:8}" for unit in ("mV", "", "%")),
        f"{-100:<8}" * n, f"{100:<8}" * n, f"{-32768:<8}" * n, f"{32767:<8}" * n, " " * 80 * n,
        "".join(f"{rate:<8}" for rate in rates.values()), " " * 32 * n,
    ]  # fmt: skip
    head = f"{0:<8}{'X X X X':80}{'Startdate 02-MAR-2021':80}02.03.2110.00.00{256 * (n + 1):<8}{'':44}"
    head += f"{seconds:<8}{1:<8}{n:<4}"
    body = b"".join(np.arange(rate, dtype="<i2").tobytes() for _ in range(seconds) for rate in rates.values())
    (tmp_path / "several.edf").write_bytes((head + "".join(fields)).encode() + body)
    return tmp_path / "several.edf"


def unknown_arguments():
    for name in ("a.edf", "a.csv", "a.npz", "a.npy", "a.mat", "w.hea"):
        known = next(known for known in FORMATS if f".{name.partition('.')[2]}" in known.endings)
        yield from ((name, argument) for argument in ASKED if argument not in known.takes)


@pytest.mark.parametrize(("name", "argument"), list(unknown_arguments()))
def test_what_means_nothing_is_refused(files, name, argument):
    with pytest.raises(ParameterError, match=f"{name}: {argument}= has no meaning for"):
        read(files / name, **{argument: ASKED[argument]})


def test_key_of_a_table_that_holds_one_recording(files):
    with pytest.raises(ReadError, match="holds one recording, of which key='7' names no part"):
        read(files / "a.csv", key="7")


def test_channels_by_rate(several):
    found = read_by_rate(several, channels=["resp", "SpO2"])
    assert [(one.channel_names, one.sampling_rate) for one in found] == [(("Resp chest",), 32), (("SpO2",), 1)]
    assert not any(note for one in found for note in one.warnings)
    with pytest.raises(ParameterError, match="several sampling rates, of which sampling_rate= would make one"):
        read_by_rate(several, sampling_rate=128)
    assert read_by_rate(several, sampling_rate=2, channels="SpO2")[0].sampling_rate == 2


def info(*arguments):
    run = CliRunner().invoke(app, ["info", *map(str, arguments), "--json"])
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def test_info_of_channels_and_resampled(several):
    assert [(c["name"], c["sampling_rate"]) for c in info(several)["channels"]] == [
        ("ECG", 256), ("Resp chest", 32), ("SpO2", 1),
    ]  # fmt: skip
    assert [c["name"] for c in info(several, "--channels", "Resp,SpO2")["channels"]] == ["Resp chest", "SpO2"]
    assert {c["sampling_rate"] for c in info(several, "--resample-to", "64")["channels"]} == {64}


@pytest.mark.parametrize(
    ("name", "text", "options", "clock"),
    [
        ("t.csv", "t (ms),ECG (mV)\n" + "".join(f"{4 * i},{i % 7}\n" for i in range(600)), (),
         "250 Hz, fitted to the times of column 't (ms)'"),
        ("h.txt", "Sampling rate: 500\nECG (mV)\n" + "".join(f"{i % 7}\n" for i in range(600)), (),
         "500 Hz, a line of the header"),
        ("g.csv", "ECG (mV)\n" + "".join(f"{i % 7}\n" for i in range(600)), ("--sampling-rate", "300"),
         "300 Hz, as given"),
    ],
)  # fmt: skip
def test_info_says_how_the_clock_was_found(tmp_path, name, text, options, clock):
    (tmp_path / name).write_text(text)
    assert info(tmp_path / name, *options)["clock"] == clock
    assert f"clock: {clock}" in CliRunner().invoke(app, ["info", str(tmp_path / name), *options]).stdout


def test_info_says_what_was_taken_from_arrays(files):
    explained = info(files / "a.mat", "--explain")["explained"]
    assert {"what": "clock", "line": "250 Hz, a value beside the signal"} in explained


def test_spelling_of_options_ends_with_the_command(files):
    from sigsimnet.cli._reading import as_options

    CliRunner().invoke(app, ["info", str(files / "a.npy")])
    assert as_options("pass sampling_rate=…") == "pass sampling_rate=…"
