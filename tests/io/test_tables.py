"""Tables of every shape: headings of two levels, long tables, lists in cells, events, header blocks of any program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from sigsimnet.errors import ReadError
from sigsimnet.io import read
from sigsimnet.recording import Annotation

N = 500
WAVE = np.round(np.sin(np.arange(N) / 9), 4)


@pytest.fixture
def file(tmp_path):
    def make(text, name="a.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


def says(recording, *words):
    return any(all(word in warning for word in words) for warning in recording.warnings)


def comma(value):
    return f"{value:.4f}".replace(".", ",")


def rows(step=0.004, zero=0.0, digits=3, separator=","):
    return "".join(f"{zero + i * step:.{digits}f}{separator}{v}\n" for i, v in enumerate(WAVE))


HEADINGS = [
    "unix_timestamp",
    "timestamp_unix",
    "X_Timestamp_Unix_CAL",
    "LocalTimestamp",
    "recorded_at",
    "seconds_elapsed",
    "lsl_timestamp",
    "lsl_time",
    "sample_time",
    "ElapsedTime",
    "X",
    "Tijd",
    "czas",
    "時間",
    "aika",
    "Phone timestamp",
    "Relative Time",
    "who knows",
]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("place", [0, 1])
def test_a_column_that_climbs_evenly_is_the_time_whatever_its_name(file, heading, place):
    cells = [(f"{i * 0.004:.3f}", f"{v}") for i, v in enumerate(WAVE)]
    order = (lambda a, b: f"{a},{b}\n") if place == 0 else (lambda a, b: f"{b},{a}\n")
    recording = read(file(order(heading, "ECG (mV)") + "".join(order(*cell) for cell in cells)))
    assert (recording.sampling_rate, recording.channel_names) == (250, ("ECG",))


@pytest.mark.parametrize(
    ("heading", "step"), [("millis", 4), ("us", 4000), ("t_ns", 4000000), ("time_min", 0.004 / 60)]
)
def test_units_in_names_of_time(file, heading, step):
    text = f"{heading},ECG\n" + rows(step, digits=0 if step > 1 else 9)
    assert read(file(text)).sampling_rate == pytest.approx(250, rel=1e-5)


@pytest.mark.parametrize("rate", [122, 250])
def test_epoch_without_heading_in_packets(file, rate):
    stamps = 1663660000 + np.arange(N) // 4 * 4 / rate
    recording = read(file("".join(f"{t:.3f};{int(v * 1000)}\n" for t, v in zip(stamps, WAVE, strict=True))))
    assert recording.sampling_rate == pytest.approx(rate, rel=2e-3)
    assert recording.start_time == datetime(2022, 9, 20, 7, 46, 40, tzinfo=UTC)
    assert recording.n_channels == 1


def test_a_ramp_is_a_signal_where_something_else_is_the_time(file):
    text = "time,ramp,ECG\n" + "".join(f"{i * 0.004:.3f},{i * 3},{v}\n" for i, v in enumerate(WAVE))
    assert read(file(text)).channel_names == ("ramp", "ECG")


def test_free_lines_before_the_table(file):
    head = "Patient;Test\nGerät;Herz 3\nAbtastrate;500 Hz\nBeginn;04.03.2021 10:00:00\n\n"
    head += "Zeit [ms];Kanal 1 [mV];Kanal 2 [mV]\n"
    table = "".join(f"{i * 2};{comma(v)};{comma(-v)}\n" for i, v in enumerate(WAVE))
    recording = read(file(head + table, encoding="latin-1"))
    assert (recording.sampling_rate, recording.channel_names) == (500, ("Kanal 1", "Kanal 2"))
    assert recording.units == ("mV", "mV")
    assert recording.start_time == datetime(2021, 3, 4, 10)  # noqa: DTZ001 - files know no zone
    np.testing.assert_allclose(recording.data[0], WAVE, atol=1e-6)
    assert dict(recording.metadata) == {"Gerät": "Herz 3"} or recording.metadata["device"] == "Herz 3"


@pytest.mark.parametrize(
    ("line", "rate"),
    [
        ("Sampling Rate: 360 Hz", 360),
        ("sample_rate=0.5 kHz", 500),
        ("Fréquence d'échantillonnage;512,5 Hz", 512.5),
        ("Frecuencia de muestreo\t1000", 1000),
        ("Messrate,200", 200),
        ("Sampling interval: 4 ms", 250),
        ("Interval (ms)=2", 500),
        ("fs: 173.61", 173.61),
        ("Sampling rate 500 Hz", 500),
        ("サンプリング周波数,250 Hz", 250),
    ],
)
def test_rates_of_header_lines(file, line, rate):
    recording = read(file(f"Subject x\n{line}\nECG (mV)\n" + "".join(f"{v}\n" for v in WAVE)))
    assert (recording.sampling_rate, recording.channel_names) == (rate, ("ECG",))


def test_lists_of_names_and_units_in_header_lines(file):
    head = "fs: 360\nchannels: MLII, V5\nunits: mV, uV\n\n"
    recording = read(file(head + "".join(f"{v},{-v}\n" for v in WAVE)))
    assert (recording.channel_names, recording.units, recording.sampling_rate) == (("MLII", "V5"), ("mV", "µV"), 360)


def test_lines_filled_up_with_empty_cells(file):
    head = "Patient,Ann Lee,,\nRate,250 Hz,,\nDate,2021-03-04 10:00:00,,\n,,,\nI (mV),II (mV),III (mV),V1 (mV)\n"
    recording = read(file(head + "".join(f"{v},{v},{v},{v}\n" for v in WAVE)))
    assert (recording.channel_names, recording.sampling_rate) == (("I", "II", "III", "V1"), 250)
    assert recording.start_time == datetime(2021, 3, 4, 10)  # noqa: DTZ001 - files know no zone
    assert "Ann" not in str(recording.metadata)


@pytest.mark.parametrize(
    "head",
    ["signal,ECG,ECG\nlead,I,II\ntime,,\n", "time,ECG,ECG\n,I,II\n", ",ECG,ECG\n,I,II\n", "time,ECG,\n,I,II\n"],
)
def test_headings_of_two_levels(file, head):
    recording = read(file(head + "".join(f"{i * 0.004:.3f},{v},{-v}\n" for i, v in enumerate(WAVE))))
    assert (recording.sampling_rate, recording.channel_names) == (250, ("ECG I", "ECG II"))


@pytest.mark.parametrize("units", ["(seconds),(millivolts)", "s,mV", "[s],[mV]", "sec,mVolts"])
def test_a_row_of_units(file, units):
    recording = read(file(f"Time,EKG\n{units}\n{rows()}"))
    assert (recording.units, recording.channel_names, recording.n_samples) == (("mV",), ("EKG",), N)
    assert recording.warnings == ()


@pytest.mark.parametrize("index", ["", "timestamp"])
def test_pandas_index(file, index):
    start = pd.Timestamp("2024-03-01 09:00:00")
    frame = pd.DataFrame({"ECG (mV)": WAVE}, index=start + pd.to_timedelta(np.arange(N) * 4, unit="ms"))
    recording = read(file(frame.rename_axis(index or None).to_csv()))
    assert (recording.sampling_rate, recording.start_time) == (250, start.to_pydatetime())
    counted = frame.assign(time=np.arange(N) / 250)[["time", "ECG (mV)"]].reset_index(drop=True)
    assert read(file(counted.to_csv())).channel_names == ("ECG",)


@pytest.mark.parametrize("by_time", [True, False])
@pytest.mark.parametrize("names", [("time", "channel", "value"), ("subject", "t", "variable", "values")])
def test_long_tables(file, by_time, names):
    table = [(i, name, v * k) for i, v in enumerate(WAVE) for k, name in enumerate(("ECG", "RESP", "PPG"), 1)]
    table.sort(key=lambda row: row[0] if by_time else row[1])
    first = "7," if len(names) == 4 else ""
    text = ",".join(names) + "\n" + "".join(f"{first}{i * 0.004:.3f},{name},{v:.4f}\n" for i, name, v in table)
    recording = read(file(text))
    assert recording.sampling_rate == 250
    assert set(recording.channel_names) == {"ECG", "RESP", "PPG"}
    np.testing.assert_allclose(recording.data[recording.channel_names.index("RESP")], 2 * WAVE, atol=1e-3)


def test_long_table_of_two_rates_keeps_both_and_says_so(file):
    table = [(i, "ECG", v) for i, v in enumerate(WAVE)] + [(i, "RESP", v) for i, v in enumerate(WAVE) if i % 10 == 0]
    text = "time,channel,value\n" + "".join(
        f"{i * 0.004:.3f},{n},{v}\n" for i, n, v in sorted(table, key=lambda r: r[0])
    )
    recording = read(file(text))
    assert (recording.sampling_rate, recording.channel_names) == (250, ("ECG", "RESP"))
    assert says(recording, "RESP", "every 10th row (25 Hz)", "missing")
    np.testing.assert_allclose(recording.data[1, ::10], WAVE[::10], atol=1e-5)
    assert np.isnan(recording.data[1]).sum() == N - len(WAVE[::10])


def test_long_table_with_numbers_for_channels_units_and_lost_rows(file):
    rows = [(i, k, unit, v * k) for i, v in enumerate(WAVE) for k, unit in ((1, "mV"), (2, "uV")) if (i, k) != (40, 2)]
    text = "time,channel,value,unit\n" + "".join(f"{i * 0.004:.3f},{k},{v:.4f},{unit}\n" for i, k, unit, v in rows)
    recording = read(file(text))
    assert (recording.sampling_rate, recording.channel_names) == (250, ("ch1", "ch2"))
    assert recording.units == ("mV", "µV")
    assert np.flatnonzero(np.isnan(recording.data[1])).tolist() == [40]
    np.testing.assert_allclose(recording.data[0], WAVE, atol=1e-3)


@pytest.mark.parametrize("owner", ["subject", "id", "record"])
def test_two_people_in_one_table_are_never_glued(file, owner):
    text = f"{owner},time,value\n" + "".join(
        f"{who},{i * 0.004:.3f},{sign * v:.4f}\n" for who, sign in (("7", 1), ("9", -1)) for i, v in enumerate(WAVE)
    )
    with pytest.raises(ReadError, match="2 recordings"):
        read(file(text))
    found = read(file(text), key="9")
    np.testing.assert_allclose(found.data[0], -WAVE, atol=1e-3)
    assert found.sampling_rate == 250


def test_words_between_samples_are_annotations(file):
    """A button pressed between two samples is no sample, and bends no clock; a word in the place of one is missing."""
    lines = [f"{i * 0.004:.3f},{v:.4f}" for i, v in enumerate(WAVE)]
    lines[300] = "1.200,overflow"
    lines.insert(101, "0.401,button pressed")
    lines.insert(202, "0.8025,rest")
    recording = read(file("time,ECG\n" + "\n".join(lines)))
    assert (recording.sampling_rate, recording.n_samples) == (250, N)
    assert [(mark.sample, mark.label) for mark in recording.annotations] == [(101, "button pressed"), (201, "rest")]
    assert np.flatnonzero(np.isnan(recording.data[0])).tolist() == [300]


def test_rare_words_beside_samples_are_annotations(file):
    words = {100: "start", 400: "stop"}
    text = "time,ECG,remark\n" + "".join(f"{i * 0.004:.3f},{v:.4f},{words.get(i, '')}\n" for i, v in enumerate(WAVE))
    recording = read(file(text))
    assert recording.channel_names == ("ECG",)
    assert [(mark.sample, mark.label) for mark in recording.annotations] == [(100, "start"), (400, "stop")]


def test_one_file_has_one_decimal_sign(file):
    """0,004 is a decimal comma, so that 30.841 is thirty thousand."""
    text = "Zeit;EKG\n" + "".join(
        f"{i * 0.004:.3f}".replace(".", ",") + f";{30 + i % 7}.{841 - i % 9}\n" for i in range(N)
    )
    recording = read(file(text))
    assert recording.sampling_rate == 250
    np.testing.assert_allclose(recording.data[0, :3], [30841, 31840, 32839])


def test_words_beside_several_columns_are_no_channels(file):
    text = "time,x,y,type\n" + "".join(
        f"{i * 0.01:.2f},{v},{-v},{'walk' if i < 250 else 'run'}\n" for i, v in enumerate(WAVE)
    )
    recording = read(file(text))
    assert (recording.channel_names, recording.n_samples) == (("x", "y"), N)


@pytest.mark.parametrize("heading", ["time,ECG,Resp", "time;ECG;Resp", "time ECG Resp"])
def test_headings_separated_by_another_sign(file, heading):
    recording = read(file(heading + "\n" + "".join(f"{i * 0.004:.3f}\t{v}\t{-v}\n" for i, v in enumerate(WAVE))))
    assert recording.channel_names == ("ECG", "Resp")


def test_rows_in_quotes(file):
    text = "".join(f'"{line}"\n' for line in ("time;ECG", *(f"{i * 4};{comma(v)}" for i, v in enumerate(WAVE))))
    recording = read(file(text))
    assert (recording.channel_names, recording.sampling_rate) == (("ECG",), 250)


def test_lists_in_cells(file):
    cell = "[" + ", ".join(map(str, WAVE)) + "]"
    text = f'id,fs,ecg\nA7,250,"{cell}"\n'
    recording = read(file(text))
    assert (recording.sampling_rate, recording.channel_names, recording.n_samples) == (250, ("ecg",), N)
    assert recording.metadata["id"] == "A7"
    several = file(f'{text}B3,500,"{cell}"\n')
    with pytest.raises(ReadError, match=r"2 recordings, one a row.*key="):
        read(several)
    assert read(several, key="B3").sampling_rate == 500
    assert read(several, key="1").metadata["id"] == "B3"


@pytest.mark.parametrize(
    ("heading", "separator", "number"),
    [
        ("time,ECG (uV)", ",", '"{a},{b:03d}.5"'),
        ("time;ECG (uV)", ";", "{a},{b:03d}.5"),
        ("Zeit;EKG (uV)", ";", "{a}.{b:03d},5"),
        ("time;ECG (uV)", ";", "{a}'{b:03d}.5"),
        ("temps;ECG (uV)", ";", "{a}\u202f{b:03d},5"),
        ("tid;EKG (uV)", ";", "{a} {b:03d},5"),
    ],
)
def test_thousands(file, heading, separator, number):
    german = ",5" in number
    text = heading + "\n"
    for i in range(N):
        time = f"{i * 0.004:.3f}"
        text += f"{time.replace('.', ',') if german else time}{separator}{number.format(a=29, b=i)}\n"
    recording = read(file(text))
    assert recording.sampling_rate == 250
    np.testing.assert_allclose(recording.data[0], 29000.5 + np.arange(N))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark(file, encoding):
    recording = read(file("time,ECG (µV)\n" + rows(), encoding=encoding))
    assert (recording.sampling_rate, recording.units) == (250, ("µV",))


def test_headings_repeated_where_files_were_joined(file):
    text = "time,ECG\n" + rows() + "time,ECG\n" + rows(zero=2.0)
    recording = read(file(text))
    assert (recording.sampling_rate, recording.n_samples) == (250, 2 * N)
    assert not np.isnan(recording.data).any()
    assert says(recording, "headings are repeated at 1 place")


def test_rows_of_events(file):
    text = "time,ECG,note\n"
    for i, v in enumerate(WAVE):
        text += f"{i * 0.004:.3f},{v},\n" + (f"{i * 0.004 + 0.001:.3f},,stand up\n" if i == 99 else "")
    recording = read(file(text))
    assert (recording.sampling_rate, recording.n_samples) == (250, N)
    assert recording.annotations == (Annotation(100, "stand up"),)


@pytest.mark.parametrize("every", [2, 10])
def test_a_slower_signal_in_some_rows_is_said(file, every):
    text = "".join(f"{i % 256},{v},{-v}{',0.1,0.9' if i % every == 0 else ''}\n" for i, v in enumerate(WAVE))
    recording = read(file(text), sampling_rate=250)
    assert recording.n_channels == 4
    assert says(recording, "counts")
    assert says(recording, f"every {'2nd' if every == 2 else '10th'} row ({250 / every:g} Hz)")


@pytest.mark.parametrize("name", ["counter", "nSeq", "packet_counter"])
def test_counters_are_no_signals(file, name):
    text = f"{name},ECG,RESP\n" + "".join(f"{i % 200},{v},{-v}\n" for i, v in enumerate(WAVE))
    recording = read(file(text), sampling_rate=250)
    assert recording.channel_names == ("ECG", "RESP")
    assert "samples_per_packet" not in recording.metadata


# -- dates ------------------------------------------------------------------------------------------------------------


def stamped(form, start, n=N):
    moments = [start + timedelta(milliseconds=4 * i) for i in range(n)]
    return "Time,ECG (mV)\n" + "".join(
        f"{moment.strftime(form)}.{moment.microsecond // 1000:03d},{v}\n"
        for moment, v in zip(moments, WAVE, strict=False)
    )


@pytest.mark.parametrize("form", ["%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S", "%m-%d-%y %H:%M:%S"])
@pytest.mark.parametrize("start", [datetime(2021, 3, 4, 23, 59, 59), datetime(2021, 3, 25, 12)])  # noqa: DTZ001
def test_day_and_month_by_the_whole_column(file, form, start):
    recording = read(file(stamped(form, start)))
    assert recording.start_time == start
    assert (recording.sampling_rate, len(recording.spans)) == (250, 1)
    assert recording.duration == 2


def test_day_or_month_that_cannot_be_told_is_said(file):
    start = datetime(2021, 3, 4, 12)  # noqa: DTZ001 - files know no zone
    recording = read(file(stamped("%d/%m/%Y %H:%M:%S", start)))
    assert recording.start_time is None
    assert says(recording, "04/03/2021", "day first or month first")
    assert recording.sampling_rate == 250
    dotted = read(file(stamped("%d.%m.%Y %H:%M:%S", start)))
    assert dotted.start_time == start
    assert dotted.warnings == ()


@pytest.mark.parametrize("by", [".", ",", ":"])
def test_fractions_of_times_of_day(file, by):
    text = "time;ECG\n" + "".join(f"13:29:5{i // 250}{by}{i * 4 % 1000:03d};{v}\n" for i, v in enumerate(WAVE))
    assert read(file(text)).sampling_rate == 250


def test_headings_that_are_numbers(file):
    text = "time,1,2\n" + "".join(f"{i * 0.004:.3f},{v},{-v}\n" for i, v in enumerate(WAVE))
    assert read(file(text)).channel_names == ("1", "2")


def test_months_in_words(file):
    start = datetime(2021, 3, 4, 12)  # noqa: DTZ001 - files know no zone
    recording = read(file(stamped("%d-%b-%Y %H:%M:%S", start)))
    assert (recording.start_time, recording.sampling_rate) == (start, 250)


def test_clock_of_twelve_hours_is_american(file):
    text = "Time,ECG (mV)\n" + "".join(
        f"03/04/2021 01:29:5{i // 250}.{i * 4 % 1000:03d} PM,{v}\n" for i, v in enumerate(WAVE)
    )
    recording = read(file(text))
    assert recording.start_time == datetime(2021, 3, 4, 13, 29, 50)  # noqa: DTZ001 - files know no zone
    assert says(recording, "month first")


@pytest.mark.parametrize("rate", [1, 50, 250, 1000])
@pytest.mark.parametrize(("zero", "year"), [(44602.35, 2022), (738562.35, 2022)])
def test_days_of_excel_and_matlab(file, rate, zero, year):
    text = "time,ECG (mV)\n" + "".join(f"{zero + i / rate / 86400:.12f},{v}\n" for i, v in enumerate(WAVE))
    recording = read(file(text))
    assert recording.sampling_rate == pytest.approx(rate, rel=1e-3)
    assert recording.start_time is not None
    assert recording.start_time.date() == datetime(year, 2, 10).date()  # noqa: DTZ001 - files know no zone
    assert len(recording.spans) == 1


def test_ns_since_2000(file):
    text = "sensor_time,ECG\n" + "".join(f"{729001800000000000 + i * 4000000},{v}\n" for i, v in enumerate(WAVE))
    recording = read(file(text))
    assert recording.start_time == datetime(2023, 2, 6, 12, 30, tzinfo=UTC)
    assert says(recording, "ns since 2000")


def test_clock_set_back_once(file):
    times = np.arange(5000) / 250 + 8000 - 3 * (np.arange(5000) >= 2500)
    recording = read(file("lsl_time,ECG\n" + "".join(f"{t:.6f},{i % 7}\n" for i, t in enumerate(times))))
    assert (recording.sampling_rate, len(recording.spans)) == (250, 1)
    assert says(recording, "set back once, by 3 s")


@pytest.mark.parametrize("sign", [".", ",", "'", "\u2019", "\u00a0", "\u202f"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_groups_of_digits_that_begin_late(tmp_path, sign, separator):
    decimal = "," if sign == "." else "."
    rows = [
        f"{4 * i:,}".replace(",", sign) + separator + f"{np.sin(i / 9):.4f}".replace(".", decimal) for i in range(2500)
    ]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([f"time [ms]{separator}ECG [mV]", *rows]) + "\n", encoding="utf-8")
    recording = read(path)
    assert recording.sampling_rate == pytest.approx(250)
    np.testing.assert_allclose(recording.data[0], np.sin(np.arange(2500) / 9), atol=1e-4)


def test_commas_that_may_be_thousands_are_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time [ms];PPG\n" + "".join(f"{4 * i};{20_024 + i % 7:,}\n" for i in range(500)))
    recording = read(path)
    assert recording.data.max() == pytest.approx(20.03)
    assert any("taken for the decimal sign" in note for note in recording.warnings)
