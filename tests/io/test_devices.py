"""Files of devices and programs, written here as those write them: other leads, rates, languages than any one file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from sigsimnet.cleaning.packets import repair_steps
from sigsimnet.errors import ReadError
from sigsimnet.io import devices, read
from sigsimnet.io.devices._device import ROLES, _device
from sigsimnet.io.formats.text import explain_text
from sigsimnet.recording import Annotation

N = 500
WAVE = np.round(400 * np.sin(np.arange(N) / 9) + 30 * np.sin(np.arange(N) / 2), 3)


@pytest.fixture
def file(tmp_path):
    def make(text, name="a.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


def says(recording, *words):
    return any(all(word in warning for word in words) for warning in recording.warnings)


def decimal(value, comma):
    return f"{value:.3f}".replace(".", ",") if comma else f"{value:.3f}"


APPLE = {
    "en": "Name,Ann Lee|Date of Birth,'Jan 15, 1990'|Recorded Date,{date}|Classification,Sinus Rhythm|Symptoms,|"
    "Software Version,1.90|Device,'Watch4,4'|Sample Rate,{rate} hertz||Lead,Lead II|Unit,µV||",
    "de": "Name;Ann Lee|Geburtsdatum;15.01.1990|Aufzeichnungsdatum;{date}|Klassifizierung;Sinusrhythmus|Symptome;|"
    "Softwareversion;1.90|Gerät;Watch4,4|Abtastrate;{rate} Hz||Ableitung;Ableitung II|Einheit;µV||",
    "fr": "Nom;Ann Lee|Date de naissance;15 janv. 1990|Date d’enregistrement;{date}|Classification;Rythme sinusal|"
    "Appareil;Watch4,4|Fréquence d’échantillonnage;{rate} hertz||Dérivation;Dérivation II|Unité;µV||",
    "es": "Nombre,Ann Lee|Fecha de nacimiento,1990|Fecha de registro,{date}|Dispositivo,'Watch4,4'|"
    "Frecuencia de muestreo,{rate} hercios||Derivación,Derivación II|Unidad,µV||",
}


@pytest.mark.parametrize("language", sorted(APPLE))
@pytest.mark.parametrize("comma", [False, True])
def test_apple_health(file, language, comma):
    head = APPLE[language].format(date="2020-01-13 20:48:14 +0100", rate="511,538" if comma else "511.538")
    text = head.replace("'", '"').replace("|", "\n") + "\n" + "\n".join(decimal(v, comma) for v in WAVE)
    recording = read(file(text))
    assert recording.sampling_rate == 511.538
    assert (recording.channel_names, recording.units) == (("Lead II",), ("µV",))
    assert recording.start_time == datetime(2020, 1, 13, 20, 48, 14, tzinfo=timezone(timedelta(hours=1)))
    assert (recording.metadata["program"], recording.metadata["device"]) == ("Apple Health", "Watch4,4")
    np.testing.assert_allclose(recording.data[0], WAVE, rtol=1e-5)
    assert "Ann Lee" not in str(recording.metadata)


@pytest.mark.parametrize(
    ("name", "rate", "n", "channels", "unit"),
    [
        ("BVP", 64, 1, ("BVP",), ""),
        ("s2_EDA", 4, 1, ("EDA",), "µS"),
        ("TEMP", 4, 1, ("Temperature",), "°C"),
        ("HR", 1, 1, ("HR",), "bpm"),
        ("ACC", 32, 3, ("ACC x", "ACC y", "ACC z"), "1/64 g"),
    ],
)
def test_empatica_e4(file, name, rate, n, channels, unit):
    rows = [[1544027337.0] * n, [float(rate)] * n, *([v] * n for v in WAVE)]
    text = "\n".join(", ".join(f"{v:.6f}" for v in row) for row in rows)
    recording = read(file(text, f"{name}.csv"))
    assert (recording.sampling_rate, recording.n_samples) == (rate, N)
    assert recording.channel_names == channels
    assert recording.units == (unit,) * n
    assert recording.start_time == datetime(2018, 12, 5, 16, 28, 57, tzinfo=UTC)
    np.testing.assert_allclose(recording.data[0], WAVE, atol=1e-3)


def test_empatica_e4_intervals_are_no_signal(file):
    with pytest.raises(ReadError, match="beat-to-beat intervals"):
        read(file("1544027337.000000, IBI\n" + "\n".join(f"{i * 0.8:.6f},0.8" for i in range(99)), "IBI.csv"))


def test_empatica_embraceplus(file):
    rows = "".join(f"{1650000000000000 + i * 15625},{v}\n" for i, v in enumerate(WAVE))
    recording = read(file("unix_timestamp,bvp\n" + rows))
    assert (recording.sampling_rate, recording.channel_names) == (64, ("bvp",))
    minutes = "".join(
        f"{1650000000000 + i * 60000},2022-04-15T05:{20 + i:02d}:00Z,1-1-P1,"
        + (f"{0.4 + i / 100:.2f},\n" if i > 5 else ",device_not_recording\n")
        for i in range(40)
    )
    heading = "timestamp_unix,timestamp_iso,participant_full_id,eda_scl_usiemens,missing_value_reason\n"
    recording = read(file(heading + minutes))
    assert recording.sampling_rate == pytest.approx(1 / 60)
    assert (recording.units, recording.n_samples) == (("µS",), 40)
    assert int(np.isnan(recording.data).sum()) == 6


SHIMMER = "Shimmer_86A5_Timestamp_Unix_CAL\tShimmer_86A5_{a}_CAL\tShimmer_86A5_{b}_CAL\tShimmer_86A5_Battery_CAL\t"


@pytest.mark.parametrize("separator", ["\t", ","])
@pytest.mark.parametrize(
    ("a", "b", "units", "names"),
    [
        ("ECG_LA-RA_24BIT", "ECG_LL-RA_24BIT", ("mV", "mV"), ("ECG_LA-RA", "ECG_LL-RA")),
        ("Accel_LN_X", "GSR_Skin_Conductance", ("m/(s^2)", "uS"), ("Accel_LN_X", "GSR_Skin_Conductance")),
    ],
)
def test_shimmer(file, separator, a, b, units, names):
    rows = "".join(f"{1620000000000 + i * 1000 / 128:.6f}\t{v}\t{-v}\t3900\t\n" for i, v in enumerate(WAVE))
    text = f'"sep=\t"\n{SHIMMER.format(a=a, b=b)}\nms\t{units[0]}\t{units[1]}\tmV\t\n{rows}'
    recording = read(file(text.replace("\t", separator)))
    assert (recording.sampling_rate, recording.channel_names) == (128, names)
    assert recording.units == tuple({"m/(s^2)": "m/s²", "uS": "µS"}.get(unit, unit) for unit in units)
    assert recording.start_time == datetime(2021, 5, 3, tzinfo=UTC)
    assert says(recording, "Battery", "status")


def test_shimmer_three_rows_of_headings(file):
    head = "Shimmer 1\tShimmer 1\tShimmer 1\nTimestamp\tECG RA-LL\tECG LA-LL\nCAL\tCAL\tCAL\nmSecs\tmVolts\tmVolts\n"
    recording = read(file(head + "".join(f"{i * 2:.1f}\t{v}\t{-v}\n" for i, v in enumerate(WAVE))))
    assert recording.channel_names == ("ECG RA-LL", "ECG LA-LL")
    assert (recording.units, recording.sampling_rate) == (("mV", "mV"), 500)


def block(start, serial, *, time=True, rate=200, note=False):
    head = (
        f"Interval=\t{1 / rate:g} s\nExcelDateTime=\t{serial}\t{start}\nTimeFormat=\tStartOfBlock\nDateFormat=\t\n"
        "ChannelTitle=\tECG\tPulse\nRange=\t10.000 mV\t10.000 V\n"
    )
    first = [f"{i / rate:g}\t" if time else "" for i in range(N)]
    last = ["\t#* stood up" if note and i == 100 else "" for i in range(N)]
    return head + "".join(f"{first[i]}{v / 500:.4f}\t{-v / 500:.3f}{last[i]}\n" for i, v in enumerate(WAVE))


@pytest.mark.parametrize("time", [True, False])
def test_labchart(file, time):
    text = block("2/19/2014 10:11:47.34", "4.1689424853e+004", time=time, note=True)
    recording = read(file(text, "a.txt"))
    assert recording.channel_names == ("ECG", "Pulse")
    assert (recording.sampling_rate, recording.units) == (200, ("mV", "mV"))
    np.testing.assert_allclose(recording.data[0], WAVE / 500, atol=1e-4)
    np.testing.assert_allclose(recording.data[1], -WAVE * 2, atol=1)
    assert recording.start_time == datetime(2014, 2, 19, 10, 11, 47, 340000)  # noqa: DTZ001 - files know no zone
    assert recording.annotations == (Annotation(100, "stood up"),)
    assert recording.metadata["program"] == "LabChart"


def test_labchart_blocks_keep_their_pauses(file):
    text = (
        block("2/19/2014 10:11:47.34", "4.1689424853e+004")
        + block("2/19/2014 10:12:00", "4.1689425e+004", note=True)
        + block("2/19/2014 10:13:26.4", "4.1689426e+004", note=True)
    )
    recording = read(file(text, "a.txt"))
    assert [(span.start, span.stop) for span in recording.spans] == [(0, N), (N, 2 * N), (2 * N, 3 * N)]
    np.testing.assert_allclose([span.time for span in recording.spans], [0, 12.66, 99.06])
    assert not np.isnan(recording.data).any()
    assert [(mark.sample, mark.label) for mark in recording.annotations] == [
        (N + 100, "stood up"),
        (2 * N + 100, "stood up"),
    ]
    assert says(recording, "3 blocks")


def test_labchart_clock_of_twelve_hours_by_the_day_of_excel(file):
    recording = read(file(block("11/11/2019 12:00:43.6", "4.3780000505e+04"), "a.txt"))
    assert recording.start_time == datetime(2019, 11, 11, 0, 0, 43, 600000)  # noqa: DTZ001 - files know no zone
    assert says(recording, "12:00:43.6", "00:00:43")


@pytest.mark.parametrize("unit", ["min", "sec", "msec"])
def test_acqknowledge(file, unit):
    scale = {"min": 1 / 60, "sec": 1, "msec": 1e3}[unit]
    head = "C:\\data\\a.acq\n2 msec/sample\n2 channels\nECG100C\nmV\nRSP, chest\nVolts\n"
    head += f"{unit}\tCH1\tCH2\t\n\t{N}\t{N}\t\n"
    rows = "".join(f"{i * 0.002 * scale:.10g}\t{v}\t{v}\t\n" for i, v in enumerate(WAVE))
    recording = read(file(head + rows, "a.txt"))
    assert (recording.sampling_rate, recording.n_samples) == (500, N)
    assert recording.channel_names == ("ECG100C", "RSP, chest")
    assert recording.units == ("mV", "mV")
    np.testing.assert_allclose(recording.data[1], WAVE * 1000, rtol=1e-5)
    assert dict(recording.metadata) == {"program": "AcqKnowledge"}


def test_opensignals(file):
    about = (
        '{"00:07": {"sensor": ["ECGBIT", "RESPBIT"], "column": ["nSeq", "I1", "O1", "A2", "A3"], "time": "14:1:34.8", '
        '"date": "2019-7-9", "device": "bitalino_rev", "sampling rate": 1000, "label": ["A2", "A3"]}}'
    )
    rows = "".join(f"{i % 16}\t0\t1\t{500 + int(v)}\t{480 + i % 9}\t\n" for i, v in enumerate(WAVE))
    recording = read(file(f"# OpenSignals Text File Format\n# {about}\n# EndOfHeader\n{rows}", "a.txt"))
    assert recording.channel_names == ("ECG", "RESP")
    assert recording.sampling_rate == 1000
    assert recording.start_time == datetime(2019, 7, 9, 14, 1, 34, 800000)  # noqa: DTZ001 - files know no zone
    assert recording.metadata["device"] == "bitalino_rev"
    assert says(recording, "'nSeq', 'I1', 'O1'", "counter, digital")


@pytest.mark.parametrize(("n", "rate"), [(4, 200), (8, 250), (16, 125)])
@pytest.mark.parametrize("headings", [True, False])
def test_openbci(file, n, rate, headings):
    head = f"%OpenBCI Raw EXG Data\n%Number of channels = {n}\n%Sample Rate = {rate}{'' if headings else '.0'} Hz\n"
    cells = ["Sample Index", *(f"EXG Channel {i}" for i in range(n)), *(f"Accel Channel {i}" for i in range(3))]
    text = head + (", ".join([*cells, "Other", "Timestamp", "Timestamp (Formatted)"]) + "\n" if headings else "")
    steps = np.repeat(np.arange(N // 25) * 25 / rate, 25)  # 25 rows at once
    for i, v in enumerate(WAVE):
        row = [f"{i % 256}", *(f"{v + k:.3f}" for k in range(n)), "0.01", "0.2", "0.9"]
        stamp = f"05:20:{steps[i]:06.3f}"
        row += ["192.0", f"{1650000000 + steps[i]:.6f}", f"2022-04-15 {stamp}"] if headings else [stamp]
        text += ", ".join(row) + "\n"
    recording = read(file(text, "a.txt"))
    assert recording.sampling_rate == rate
    assert recording.channel_names == tuple(cells[1:])
    assert recording.units == ("µV",) * n + ("g",) * 3
    assert says(recording, "'Sample Index'", "counter")
    assert repair_steps(recording, packets_only=True).steps == ()


def test_emotiv(file):
    head = "title:X, start timestamp:1600000000.5,headset type:EPOCX,sampling rate:eeg_256;mot_64,samples:500\n"
    head += "Timestamp,OriginalTimestamp,EEG.Counter,EEG.Interpolated,EEG.Cz,EEG.RawCq,EEG.Battery,CQ.Cz,MOT.Q0\n"
    rows = "".join(
        f"{1600000000.5 + i / 256:.6f},{1600000000.5 + i / 256:.6f},{i % 256}.0,0.0,{4200 + v:.3f},0,4,100,"
        f"{0.1 * (i % 3) if i % 4 == 0 else ''}\n"
        for i, v in enumerate(WAVE)
    )
    recording = read(file(head + rows))
    assert (recording.channel_names, recording.units) == (("EEG.Cz", "MOT.Q0"), ("µV", ""))
    assert recording.sampling_rate == 256
    assert recording.start_time == datetime(2020, 9, 13, 12, 26, 40, 500000, tzinfo=UTC)
    assert says(recording, "'MOT.Q0'", "every 4th row (64 Hz)")


def test_emotiv_names_in_one_line(file):
    head = "title:EMOTIV, recorded:08.01.18 11.24.14, sampling:128, labels:COUNTER INTERPOLATED AF3 O1, chan:4\n"
    recording = read(file(head + "".join(f"{i % 129},0,{4200 + v:.2f},{4200 - v:.2f}\n" for i, v in enumerate(WAVE))))
    assert (recording.sampling_rate, recording.channel_names) == (128, ("AF3", "O1"))


def test_polar_intervals_are_no_signal(file):
    rows = "".join(f"2023-02-06T12:30:{i * 0.8 % 60:06.3f};{800 + i % 5}\n" for i in range(60))
    with pytest.raises(ReadError, match="beat-to-beat intervals"):
        read(file("Phone timestamp;RR-interval [ms]\n" + rows, "a.txt"))


def test_mind_monitor_events_are_annotations(file):
    text = "TimeStamp,Alpha_TP9,RAW_TP9,RAW_AF7,Gyro_X,HeadBandOn,HSI_TP9,Battery,Elements\n"
    for i, v in enumerate(WAVE):
        stamp = f"2021-11-20 22:41:{int(i * 1000 / 256) / 1000:06.3f}"
        text += f"{stamp},0.9,{v + 800:.3f},{v + 801:.3f},0.1,1,1.0,97,\n"
        if i % 200 == 100:
            text += f"{stamp},,,,,,,,/Marker/{i // 200}\n"
    recording = read(file(text))
    assert recording.sampling_rate == pytest.approx(256, rel=1e-3)
    assert recording.channel_names == ("Alpha_TP9", "RAW_TP9", "RAW_AF7", "Gyro_X")
    assert recording.units == ("", "µV", "µV", "°/s")
    assert recording.annotations == (Annotation(101, "/Marker/0"), Annotation(301, "/Marker/1"))
    assert recording.n_samples == N
    assert not np.isnan(recording.data).any()


@pytest.mark.parametrize(
    ("columns", "rate", "names"),
    [
        ("timestamp [ms];ecg [uV]", 130, ("ecg",)),
        ("X [mg];Y [mg];Z [mg]", 200, ("X", "Y", "Z")),
        ("channel 0;channel 1;ambient", 55, ("channel 0", "channel 1", "ambient")),
    ],
)
def test_polar_sensor_logger(file, columns, rate, names):
    text = f"Phone timestamp;sensor timestamp [ns];{columns}\n"
    for i, v in enumerate(WAVE):
        late = i // 36 * 36 / rate
        cells = [f"2023-02-06T12:30:{late:06.3f}", str(729001800000000000 + round(i * 1e9 / rate))]
        cells += [f"{i * 1000 / rate:.6f}"] if "[ms]" in columns else []
        text += ";".join([*cells, *[str(int(v))] * len(names)]) + "\n"
    recording = read(file(text, "a.txt"))
    assert recording.sampling_rate == pytest.approx(rate, rel=1e-4)
    assert recording.channel_names == names
    assert recording.start_time is not None
    assert recording.start_time.replace(tzinfo=None) == datetime(2023, 2, 6, 12, 30)  # noqa: DTZ001 - files know no zone


def test_polar_flow(file):
    head = "Name,Sport,Date,Start time,Duration\nAnn,RUNNING,24-12-2020,10:11:12,00:05:00\nSample rate,Time,HR (bpm)\n"
    rows = "".join(f"{'' if i else 1},00:{i // 60:02d}:{i % 60:02d},{80 + i % 9}\n" for i in range(200))
    recording = read(file(head + rows))
    assert (recording.sampling_rate, recording.channel_names, recording.units) == (1, ("HR",), ("bpm",))
    assert recording.start_time == datetime(2020, 12, 24, 10, 11, 12)  # noqa: DTZ001 - files know no zone
    assert "Ann" not in str(recording.metadata)


def test_withings(file):
    rows = "".join(f'2021-04-01T10:{i:02d}:00+02:00,"[60]","[{60 + i % 9}]"\n' for i in range(50))
    recording = read(file("start,duration,value\n" + rows))
    assert recording.sampling_rate == pytest.approx(1 / 60)
    assert recording.start_time == datetime(2021, 4, 1, 8, tzinfo=UTC)
    ecg = ",".join(str(int(v)) for v in WAVE)
    recording = read(file(f'date,type,frequency,signal\n2021-04-01T10:00:00+02:00,ecg,300,"[{ecg}]"\n'))
    assert (recording.sampling_rate, recording.n_samples) == (300, N)


def test_movesense_and_faros(file):
    head = "DeviceName: Movesense 1747\nStart: 2022-03-01 10:00:00\nSampleRate: 125\nECG [mV]\n"
    recording = read(file(head + "\n".join(f"{v / 1000:.4f}" for v in WAVE)))
    assert (recording.sampling_rate, recording.units, recording.metadata["device"]) == (125, ("mV",), "Movesense")
    head = "eMotion Faros 180\nStart time: 26.05.2015 10:33:07\nSampling rate: 500\nUnit: uV\nECG\n"
    recording = read(file(head + "\n".join(f"{int(v)}" for v in WAVE), "a.asc"))
    assert (recording.sampling_rate, recording.units, recording.channel_names) == (500, ("µV",), ("ECG",))
    assert recording.start_time == datetime(2015, 5, 26, 10, 33, 7)  # noqa: DTZ001 - files know no zone


def test_explanation_names_the_lines(file):
    path = file("Operator: me\nAbtastrate;250 Hz\nBeginn;2021-03-04 10:00:00\n\nEKG (mV)\n" + "0,5\n0,7\n" * 50)
    found = dict(explain_text(path))
    assert found["sampling rate"] == "Abtastrate;250 Hz"
    assert found["headings"] == "EKG (mV)"
    assert found["start"] == "Beginn;2021-03-04 10:00:00"


def test_every_description_is_complete():
    known = devices.devices()
    assert len(known) >= 14
    for device in known:
        assert device.kind in {"device", "program"}
        assert device.signs
        assert {rule.role for rule in device.columns} <= set(ROLES)
    assert devices.recognise(["time,ECG", "0,1"]) is None


@pytest.mark.parametrize(
    "line",
    [
        "Study: emotion lab of Basel",
        "Comment: worn beside a Shimmer",
        "Project: Movesense comparison",
        "Place: Faros island",
    ],
)
def test_a_word_elsewhere_is_no_device(line):
    assert devices.recognise([line, "time,ECG", "0,1", "0.004,2"]) is None


def test_rule_of_a_unit_does_not_fit_inside_a_word():
    device = devices.recognise(["timestamp_unix,eda,muscle"])
    assert (device.rule_of("eda").unit, device.rule_of("muscle")) == ("µS", None)


def test_role_that_is_none_is_refused():
    with pytest.raises(ValueError, match="'sgnal' is no role"):
        _device({"name": "X", "kind": "device", "signs": ["x"], "column": [{"match": "y", "role": "sgnal"}]})


def test_emotiv_markers_are_annotations(file):
    head = "title:S1, start timestamp:1617442530.5, headset type:EPOCX, sampling rate:eeg_128\n"
    rows = "".join(f"{1617442530.5 + i / 128:.6f},{WAVE[i]},{'1,33' if i == 200 else ','}\n" for i in range(N))
    recording = read(file(f"{head}Timestamp,EEG.AF3,MarkerIndex,MarkerValueInt\n{rows}"))
    assert [(mark.sample, mark.label) for mark in recording.annotations] == [(200, "33")]
    assert recording.channel_names == ("EEG.AF3",)


def test_shimmer_clock_of_the_sensor_beside_the_calibrated(file):
    head = "Shimmer_1_Timestamp_RAW,Shimmer_1_Timestamp_CAL,Shimmer_1_EMG_CH1_24BIT_CAL,Shimmer_1_EMG_CH1_24BIT_RAW\n"
    rows = "".join(f"{256 * i},{7.8125 * i},{WAVE[i]},{round(WAVE[i] * 900)}\n" for i in range(N))
    recording = read(file(f"{head}no_units,ms,mV,no_units\n{rows}"))
    assert recording.sampling_rate == pytest.approx(128)
    assert [name[-3:] for name in recording.channel_names] == ["CAL", "RAW"]


def test_polar_sensor_whose_clock_was_not_set(file):
    head = "Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]\n"
    phone = datetime(2023, 5, 6, 10)  # noqa: DTZ001 - the phone says no zone
    rows = "".join(
        f"{(phone + timedelta(seconds=i / 130)).isoformat(timespec='milliseconds')};{599616000 * 10**9 + i * 7692308};"
        f"{i * 7.692308:.4f};{WAVE[i]}\n"
        for i in range(N)
    )
    recording = read(file(head + rows, "a.txt"))
    assert recording.start_time == phone
    assert any("(2019-01-01, 2023-05-06)" in note for note in recording.warnings)
