from __future__ import annotations

import gzip
from datetime import UTC, datetime

import numpy as np
import pytest

from sigsimnet.errors import ReadError
from sigsimnet.io import read
from sigsimnet.recording import Annotation


@pytest.fixture
def file(tmp_path):
    def make(text, name="a.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


def says(recording, *words):
    return any(all(word in warning for word in words) for warning in recording.warnings)


VALUES = [0.5, 0.75, -0.25, 1.0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "  "])
@pytest.mark.parametrize("header", [True, False])
def test_separators(file, separator, header):
    rows = [f"{i * 0.004:.3f}{separator}{v}{separator}{-v}" for i, v in enumerate(VALUES)]
    if header:
        rows.insert(0, separator.join(["time", "I", "II"]))
    recording = read(file("\n".join(rows) + "\n"))
    assert recording.sampling_rate == 250
    np.testing.assert_allclose(recording.data, [VALUES, [-v for v in VALUES]])
    assert recording.channel_names == (("I", "II") if header else ("ch2", "ch3"))


@pytest.mark.parametrize("separator", [";", "\t", " "])
def test_decimal_comma(file, separator):
    rows = [f"{i * 0.004:.3f}{separator}{v}".replace(".", ",") for i, v in enumerate(VALUES)]
    recording = read(file(separator.join(["time", "I"]) + "\n" + "\n".join(rows)))
    np.testing.assert_allclose(recording.data[0], VALUES)
    assert recording.sampling_rate == 250


def test_one_column_with_decimal_commas(file):
    recording = read(file("0,012\n-0,034\n0,005\n1,25\n"), sampling_rate=100)
    np.testing.assert_allclose(recording.data, [[0.012, -0.034, 0.005, 1.25]], rtol=1e-6)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_encodings(file, encoding):
    recording = read(file("time;Ableitung für EKG [µV]\n0;1\n0.004;2\n0.008;3\n", encoding=encoding))
    assert recording.channel_names == ("Ableitung für EKG",)
    assert recording.units == ("µV",)


def test_windows_line_ends_quotes_and_gzip(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b'"time","I"\r\n"0.000","1.5"\r\n"0.004","2.5"\r\n"0.008","3"\r\n'))
    recording = read(path)
    np.testing.assert_allclose(recording.data, [[1.5, 2.5, 3]])


def test_biosppy_comment_lines(file):
    text = (
        "# Simple Text Format\n# Sampling Rate (Hz):= 1000.00\n# Resolution:= 12\n"
        "# Date:= 2021-07-18T23:58:26.361264\n# Labels:= ECG\n2044.0\n2046.0\n2051\n"
    )
    recording = read(file(text, "ecg.txt"))
    assert (recording.sampling_rate, recording.channel_names) == (1000, ("ECG",))
    assert recording.start_time == datetime(2021, 7, 18, 23, 58, 26, 361264)  # noqa: DTZ001 - files know no zone
    assert recording.metadata == {"Resolution": "12"}
    assert recording.warnings == ()


def test_opensignals_json_comment(file):
    text = (
        '# OpenSignals Text File Format\n# {"98:D3": {"sampling rate": 100, "column": ["nSeq", "A1"]}}\n# EndOfHeader\n'
    )
    recording = read(file(text + "0\t510\n1\t512\n2\t509\n3\t508\n", "a.txt"))
    assert recording.sampling_rate == 100


def test_physiobank_units_row(file):
    text = "'Elapsed time','MLII','V5'\n'hh:mm:ss.mmm','mV','mV'\n"
    rows = "".join(f"'0:00.{i * 4:03d}',{i / 10},{-i / 10}\n" for i in range(20))
    recording = read(file(text + rows))
    assert recording.channel_names == ("MLII", "V5")
    assert recording.units == ("mV", "mV")
    assert recording.sampling_rate == 250


@pytest.mark.parametrize(
    ("heading", "step", "first"),
    [("time", 0.004, 0), ("time (ms)", 4, 0), ("t [us]", 4000, 0), ("time_ms", 4, 100), ("seconds", 0.004, 5)],
)
def test_numeric_time(file, heading, step, first):
    rows = "".join(f"{first + i * step:.6g},{i % 7}\n" for i in range(200))
    recording = read(file(f"{heading},I\n{rows}"))
    assert recording.sampling_rate == pytest.approx(250)
    assert recording.start_time is None


@pytest.mark.parametrize(("scale", "digits"), [(1, 3), (1e3, 0), (1e6, 0), (1e9, 0)])
def test_epoch(file, scale, digits):
    zero = 1_700_000_000
    rows = "".join(f"{(zero + i * 0.004) * scale:.{digits}f},{i % 7}\n" for i in range(500))
    recording = read(file(f"timestamp,I\n{rows}"))
    assert recording.sampling_rate == pytest.approx(250, rel=1e-5)
    assert recording.start_time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_milliseconds_without_a_unit_are_guessed_and_told(file):
    recording = read(file("time\tc1\n" + "".join(f"{i * 2}\t{i % 5}\n" for i in range(100)), "a.tsv"))
    assert recording.sampling_rate == 500
    assert says(recording, "taken for ms", "sampling_rate=")


@pytest.mark.parametrize(
    "stamp", ["2021-04-07 16:20:{:09.6f}", "2021-04-07T16:20:{:06.3f}Z", "07.04.2021 16:20:{:06.3f}", "16:20:{:06.3f}"]
)
def test_stamps_of_text(file, stamp):
    rows = "".join(f"{stamp.format(i * 0.004)},{i % 7}\n" for i in range(500))
    recording = read(file(f"tstamp,I\n{rows}"))
    assert recording.sampling_rate == 250
    if "2021" in stamp:
        assert recording.start_time is not None
        assert recording.start_time.replace(tzinfo=None) == datetime(2021, 4, 7, 16, 20)  # noqa: DTZ001 - files know no zone
    else:
        assert recording.start_time is None
        assert says(recording, "no date")


def test_date_and_time_columns(file):
    rows = "".join(f"2021-04-07,16:20:{i * 0.004:09.6f},{i % 7}\n" for i in range(500))
    recording = read(file(f"Date,Time,I\n{rows}"))
    assert (recording.sampling_rate, recording.channel_names) == (250, ("I",))
    assert recording.start_time == datetime(2021, 4, 7, 16, 20)  # noqa: DTZ001 - files know no zone


def test_clock_over_midnight(file):
    cells = [86_398 + i * 0.01 for i in range(400)]
    rows = "".join(
        f"{int(c % 86400 // 3600):02d}:{int(c % 3600 // 60):02d}:{c % 60:06.3f},{i % 7}\n" for i, c in enumerate(cells)
    )
    recording = read(file(f"time,I\n{rows}"))
    assert recording.sampling_rate == 100
    assert len(recording.spans) == 1


def test_ruined_stamps(file):
    time = 25 * 60 + 5 + np.arange(20_000) / 497
    rows = "".join(f"{i % 50},{int(t // 60):02d}:{np.floor(t % 60 * 10) / 10:04.1f}\n" for i, t in enumerate(time))
    recording = read(file(f"ecg1,tstamp\n{rows}"))
    assert recording.sampling_rate == pytest.approx(497, rel=1e-3)
    assert len(recording.spans) == 1
    assert says(recording, "MM:SS.d")


def test_missing_values_become_nan(file):
    recording = read(file("time,I\n0,1\n0.004,\n0.008,NA\n0.012,-\n0.016,?\n0.020,nan\n0.024,2\n"))
    np.testing.assert_array_equal(np.isnan(recording.data[0]), [False] + [True] * 5 + [False])


def test_a_few_bad_cells_are_counted(file):
    rows = "".join(f"{i * 0.004:.3f},{'ERR' if i in {3, 7} else i % 5}\n" for i in range(50))
    recording = read(file("time,I\n" + rows))
    assert np.isnan(recording.data[0]).sum() == 2
    assert says(recording, "2 cells", "'I'", "'ERR'")


def test_a_text_column_is_left_out_and_told(file):
    rows = "".join(f"{i * 0.004:.3f},{i % 5},good\n" for i in range(50))
    recording = read(file("time,I,remark\n" + rows))
    assert recording.channel_names == ("I",)
    assert says(recording, "'remark' is text")


def test_label_column_becomes_annotations(file):
    rows = "".join(f"{i * 0.01:.2f},{i % 5},{0 if i < 30 else 2}\n" for i in range(50))
    recording = read(file("time,I,class\n" + rows))
    assert recording.annotations == (Annotation(0, "0", 0.3), Annotation(30, "2", 0.2))


def test_lines_with_too_many_cells_are_counted(file):
    rows = "".join(f"{i * 0.004:.3f},{i % 5}{',9,9' if i == 20 else ''}\n" for i in range(150))
    recording = read(file("time,I\n" + rows))
    assert says(recording, "1 line has too many columns")


def test_pause_becomes_a_segment(file):
    rows = "".join(f"{i * 0.004 + (10 if i >= 300 else 0):.3f},{i % 5}\n" for i in range(500))
    recording = read(file("time,I\n" + rows))
    assert [span.start for span in recording.spans] == [0, 300]
    assert recording.spans[1].time == pytest.approx(11.2)
    assert says(recording, "1 pause", "10 s")


def test_sample_counter_is_no_time(file):
    path = file("sample,I\n" + "".join(f"{i},{i % 5}\n" for i in range(50)))
    with pytest.raises(ReadError, match="sampling_rate="):
        read(path)
    recording = read(path, sampling_rate=100)
    assert recording.channel_names == ("I",)
    assert says(recording, "counts the samples")


def test_units_and_how_to_override(file):
    rows = "".join(f"{i * 0.004:.3f},{np.sin(i / 9) * 1e-3:.8f}\n" for i in range(500))
    path = file("time,ecg1\n" + rows)
    guessed = read(path)
    assert guessed.units == ("mV",)
    assert np.nanmax(guessed.data) == pytest.approx(1, rel=1e-3)
    assert says(guessed, "volts", "units='mV'")
    kept = read(path, units="mV")
    assert np.nanmax(kept.data) == pytest.approx(1e-3, rel=1e-3)
    stated = read(path, units="V")
    np.testing.assert_allclose(stated.data, guessed.data)
    assert not says(stated, "volts")


def test_other_channels_are_never_taken_for_volts(file):
    rows = "".join(f"{i * 0.004:.3f},{np.sin(i / 9) * 1e-3:.8f}\n" for i in range(500))
    assert read(file("time,emg1\n" + rows)).units == ("",)


def test_packets_steps_and_mains_are_told(file):
    rng = np.random.default_rng(0)
    n, rate = 30_000, 497.0
    arrival = np.arange(60) * 500 / rate + rng.normal(0, 0.015, 60)
    stamps = (arrival[:, None] + np.arange(500) / 500).ravel() - arrival.min()
    signal = (
        np.sin(np.arange(n) / 40)
        + 0.3 * np.sin(2 * np.pi * 50 * np.arange(n) / rate)
        + np.repeat(rng.normal(0, 3, 60), 500)
    )
    rows = "".join(f"{t:.3f},{v / 1000:.9f}\n" for t, v in zip(stamps, signal, strict=True))
    recording = read(file("time,ecg1\n" + rows))
    assert recording.sampling_rate == pytest.approx(rate, rel=1e-3)
    for words in (["volts"], ["packets of 500"], ["backwards"], ["repeat"], ["count 500 Hz"], ["jumps at the borders"]):
        assert says(recording, *words), words
    assert says(recording, "50 Hz mains hum", "50.3 Hz by the stamps' own 500 Hz")
    assert len(recording.spans) == 1
    assert recording.n_samples == n


def test_rows_layout(file):
    recording = read(file("1\t0.1\t0.2\t0.3\n-1\t0.4\t0.5\t0.6\n", "x.tsv"), layout="rows", sampling_rate=100)
    assert recording.channel_names == ("r1", "r2")
    assert recording.metadata["labels"] == ["1", "-1"]
    np.testing.assert_allclose(recording.data, [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], rtol=1e-6)


def test_channels_and_part(file):
    path = file("time,I,II,III\n" + "".join(f"{i * 0.01:.2f},1,2,3\n" for i in range(300)))
    recording = read(path, channels=["III", 0], start=1, stop=2)
    assert recording.channel_names == ("III", "I")
    assert recording.duration == 1
    with pytest.raises(ReadError, match=r"no channel 'V9' \(there are: I, II, III\)"):
        read(path, channels="V9")


def test_time_column(file):
    path = file("ecg,clocktick\n" + "".join(f"1,{i * 0.01:.2f}\n" for i in range(300)))
    assert read(path, time_column="clocktick").sampling_rate == 100
    with pytest.raises(ReadError, match="no time column 'x'"):
        read(path, time_column="x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("  \n\n", "is empty"),
        ("# only\n# comments\n", "comment lines"),
        ("name,remark\nalice,good\nbob,bad\n", "no numbers"),
        ("dear reader\nthis is prose\n", "no numbers"),
        ("time,I\n", "no numbers"),
        ("time,I\n0,1\n", "has 1 sample"),
        ("I\n1\n2\n3\n", r"cannot tell the sampling rate: no time column; pass sampling_rate=…"),
        ("time\n0\n0.1\n0.2\n", "no signal"),
        ("time,I\n0,1\n0,2\n0,3\n", "do not advance"),
    ],
)
def test_bad_text(file, text, message):
    path = file(text)
    with pytest.raises(ReadError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_binary_is_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(256)) * 10)
    with pytest.raises(ReadError, match="binary"):
        read(path)
    (tmp_path / "b.csv.gz").write_bytes(b"\x1f\x8bnonsense")
    with pytest.raises(ReadError, match="cannot be read"):
        read(tmp_path / "b.csv.gz")


def test_samples_beyond_single_precision_are_said(tmp_path):
    from sigsimnet import read

    path = tmp_path / "big.csv"
    path.write_text("time,ecg\n" + "".join(f"{k / 100},{1e300 if k % 3 else 1}\n" for k in range(300)))
    recording = read(path)
    assert int(np.isnan(recording.data).sum()) == 200
    assert any("200 samples of column 'ecg' are beyond" in warning for warning in recording.warnings)


@pytest.mark.parametrize(
    "line",
    [
        "Sampling rate: 2 x 25 Hz", "Abtastrate: 1.000 Hz", "Messzeit: 8 s", "Sample time: 14:20:11", "Rate: 60 bpm",
        "Sample time: 2021-03-04 10:00:00", "Frequency: 10 Hz",
    ],
)  # fmt: skip
def test_a_header_line_that_the_stamps_contradict_does_not_count(tmp_path, line):
    rows = [f"{i / 250:.3f},{np.sin(i / 9):.3f}" for i in range(1000)]
    (tmp_path / "a.csv").write_text("\n".join([line, "time (s),ECG (mV)", *rows]))
    found = read(tmp_path / "a.csv")
    assert found.sampling_rate == pytest.approx(250)
    (tmp_path / "b.csv").write_text("\n".join(["Sampling rate: 251 Hz", "time (s),ECG (mV)", *rows]))
    assert read(tmp_path / "b.csv").sampling_rate == 251
    assert read(tmp_path / "a.csv", sampling_rate=200).sampling_rate == 200


def test_thousands_in_a_rate(tmp_path):
    rows = [f"{np.sin(i / 9):.3f}" for i in range(1000)]
    (tmp_path / "a.csv").write_text("\n".join(["Sampling rate: 1,000 Hz", "ECG (mV)", *rows]))
    assert read(tmp_path / "a.csv").sampling_rate == 1000


def test_a_slow_signal_is_not_the_time(tmp_path):
    rows = [f"{np.sin(i / 9):.3f},{30 + i * 1e-4:.4f}" for i in range(1000)]
    (tmp_path / "a.csv").write_text("\n".join(["ECG (mV),Temp (C)", *rows]))
    with pytest.raises(ReadError, match="sampling rate"):
        read(tmp_path / "a.csv")
    assert read(tmp_path / "a.csv", sampling_rate=250).n_channels == 2


@pytest.mark.parametrize("separator", [";", "\t"])
def test_thousands_beside_decimal_points(tmp_path, separator):
    rows = [f"{i * 0.004:.3f}{separator}{20_000 + i:,}" for i in range(500)]
    (tmp_path / "a.csv").write_text("\n".join([f"time (s){separator}ADC", *rows]))
    found = read(tmp_path / "a.csv")
    assert (float(found.data.min()), float(found.data.max())) == (20_000, 20_499)
    assert found.sampling_rate == 250
