"""Which column is time, and which is not: by its heading, its unit, and what it holds."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from sigsimnet.errors import ReadError
from sigsimnet.io import read

ROWS = np.arange(2500)
ECG = [f"{value:.4f}" for value in np.sin(ROWS / 20)]
SECONDS = [f"{value:.3f}" for value in ROWS / 250]
WARM = [f"{value:.3f}" for value in 36.5 + 0.1 * np.sin(ROWS / 99)]
RAMP = [f"{30.001 + value / 1000:.3f}" for value in ROWS]


def table(path, heading, *columns, sep=","):
    path.write_text("\n".join([*heading.split("\n"), *(sep.join(map(str, row)) for row in zip(*columns, strict=True))]))
    return path


@pytest.mark.parametrize(
    ("heading", "columns", "channels"),
    [
        ("time [s],ECG [mV],T [°C]", (SECONDS, ECG, WARM), ("ECG", "T")),
        ("t,x,T\ns,mV,K", (SECONDS, ECG, RAMP), ("x", "T")),
        ("time,ECG,T", (SECONDS, ECG, ["36.5"] * 2500), ("ECG", "T")),
        ("time (s),ECG (mV),load (W)", (SECONDS, ECG, RAMP), ("ECG", "load")),
        ("t/s,ECG/mV,p/mmHg", (SECONDS, ECG, WARM), ("ECG", "p")),
    ],
)
def test_a_heading_of_another_quantity_is_no_time(tmp_path, heading, columns, channels):
    found = read(table(tmp_path / "a.csv", heading, *columns))
    assert (found.channel_names, found.sampling_rate) == (channels, 250)
    np.testing.assert_allclose(found.data[0], np.array(ECG, dtype=float), atol=1e-4)


@pytest.mark.parametrize("other", ["Temperature", "distance", "load (W)", "position", "Resp"])
@pytest.mark.parametrize("first", [True, False])
def test_ramps_stay_channels(tmp_path, other, first):
    heading, columns = ((f"{other},ECG", (RAMP, ECG)), (f"ECG,{other}", (ECG, RAMP)))[not first]
    path = table(tmp_path / "a.csv", heading, *columns)
    found = read(path, sampling_rate=250)
    assert (found.n_channels, found.sampling_rate, found.n_samples) == (2, 250, 2500)
    with pytest.raises(ReadError, match="sampling rate"):
        read(path)


def test_with_a_rate_only_the_first_column_is_searched(tmp_path):
    """Twice a step of 2 a row: a clock in ms by its shape, if it had no other reading."""
    found = read(table(tmp_path / "a.csv", "ECG,what", ECG, 2 * ROWS), sampling_rate=250)
    assert found.n_channels == 2


@pytest.mark.parametrize("name", ["tod", "time"])
def test_fractions_of_a_day(tmp_path, name):
    days = [f"{0.5 + row / 250 / 86400:.12f}" for row in ROWS]
    found = read(table(tmp_path / "a.csv", f"{name},ECG", days, ECG))
    assert found.sampling_rate == pytest.approx(250)
    assert found.start_time is None
    assert any("fractions of a day" in note for note in found.warnings)
    assert any("no date" in note for note in found.warnings)


@pytest.mark.parametrize("first", [132593759950000000, 637504991950000000])
def test_ticks_of_100_ns(tmp_path, first):
    """Windows' FILETIME and .NET's ticks of 2021-03-04 23:59:55."""
    found = read(table(tmp_path / "a.csv", "time,ECG", [first + 40_000 * int(row) for row in ROWS], ECG))
    assert found.sampling_rate == pytest.approx(250, rel=1e-4)
    assert found.start_time == datetime(2021, 3, 4, 23, 59, 55, tzinfo=UTC)
    assert any("ticks of 100 ns" in note for note in found.warnings)


def test_nanoseconds_since_2000_stay_so(tmp_path):
    """A Polar H10 of 2020, 130 Hz, whose numbers have the size of .NET's ticks, too."""
    stamps = [637504991950000000 + round(row * 1e9 / 130) for row in range(2500)]
    found = read(table(tmp_path / "a.csv", "time,ECG", stamps, ECG))
    assert found.sampling_rate == pytest.approx(130, rel=1e-3)
    assert found.start_time is not None
    assert found.start_time.year == 2020


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("qq", ROWS % 240),
        ("zz", ROWS % 255 + 1),
        ("frame", ROWS),
        ("sample", ROWS + 1),
        ("Status", 200 * (ROWS // 300 % 2)),
        ("DIN", ROWS // 700 % 2),
        ("D1", np.zeros(2500, int)),
        ("leads_off", np.zeros(2500, int)),
        ("Trigger", (ROWS == 900).astype(int)),
    ],
)
def test_counters_and_digital_lines_are_left_out(tmp_path, name, values):
    found = read(table(tmp_path / "a.csv", f"time,ECG,{name}", SECONDS, ECG, values))
    assert found.channel_names == ("ECG",)
    assert any(repr(name) in note and "left out" in note for note in found.warnings)


@pytest.mark.parametrize(
    ("name", "values"),
    [("resp saw", ROWS % 1000), ("PPG", ROWS % 256), ("ramp (mV)", ROWS % 100), ("step", ROWS // 300 % 2)],
)
def test_signals_that_look_like_counters_stay(tmp_path, name, values):
    found = read(table(tmp_path / "a.csv", f"time,ECG,{name}", SECONDS, ECG, values))
    assert found.n_channels == 2


@pytest.mark.parametrize("line", ["Start Time,2021-03-04 12:00:00", "Start Time: 2021-03-04 12:00:00"])
def test_a_start_time_with_its_date(tmp_path, line):
    found = read(table(tmp_path / "a.csv", f"{line}\ntime,ECG", SECONDS, ECG))
    assert found.start_time == datetime(2021, 3, 4, 12)  # noqa: DTZ001 - the file names no zone
