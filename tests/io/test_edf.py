from __future__ import annotations

import numpy as np
import pytest

from sigsimnet.errors import ParameterError, ReadError, WriteError
from sigsimnet.io import read, write
from sigsimnet.recording import Recording


def make(path, signals, *, n_records=None, duration=1.0, reserved="", onsets=None, width=2, claimed=None, marks=()):
    """Write an EDF or BDF file by hand: signals are (label, unit, physical limits, per record, digital values)."""
    bound = 2 ** (8 * width - 1)
    signals = list(signals)
    n_records = n_records or len(signals[0][4]) // signals[0][3]
    kind = "BDF" if width == 3 else "EDF"
    blocks = [np.asarray(s[4], dtype="<i4").reshape(n_records, s[3]) for s in signals]
    tals = None
    if onsets is not None:
        size = 20 * width
        tals = []
        for i, onset in enumerate(onsets):
            tal = f"+{onset:g}\x14\x14\x00".encode()
            tal += b"".join(f"+{t:g}\x14{text}\x14\x00".encode() for r, t, text in marks if r == i)
            tals.append(tal.ljust(size, b"\x00"))
        signals.append((f"{kind} Annotations", "", (-1, 1), size // width, None))

    def column(values, cells):
        return "".join(str(v).ljust(cells)[:cells] for v in values)

    n = len(signals)
    head = ("0" if width == 2 else "\xffBIOSEMI").ljust(8) + "X".ljust(80) + "X".ljust(80) + "01.05.2410.20.30"
    head += str(256 * (n + 1)).ljust(8) + reserved.ljust(44)
    head += str(n_records if claimed is None else claimed).ljust(8) + f"{duration:g}".ljust(8) + str(n).ljust(4)
    head += column([s[0] for s in signals], 16) + " " * 80 * n + column([s[1] for s in signals], 8)
    head += column([s[2][0] for s in signals], 8) + column([s[2][1] for s in signals], 8)
    head += column([-bound] * n, 8) + column([bound - 1] * n, 8) + " " * 80 * n
    head += column([s[3] for s in signals], 8) + " " * 32 * n
    body = b""
    for i in range(n_records):
        for block in blocks:
            raw = block[i].astype("<i4").view(np.uint8).reshape(-1, 4)[:, :width]
            body += raw.tobytes()
        if tals is not None:
            body += tals[i]
    path.write_bytes(head.encode("latin-1") + body)


LIMITS = (-32768, 32767)  # one unit a step


def test_units_and_values(tmp_path):
    values = np.arange(200)
    make(tmp_path / "a.edf", [("EEG Fp1", "uV", LIMITS, 100, values), ("ECG", "V", (-3.2768, 3.2767), 100, values)])
    recording = read(tmp_path / "a.edf")
    assert recording.units == ("µV", "mV")
    np.testing.assert_allclose(recording.data[0], values, atol=1e-3)
    np.testing.assert_allclose(recording.data[1], values * 0.1, atol=1e-4)
    assert recording.start_time is not None
    assert recording.start_time.isoformat() == "2024-05-01T10:20:30"


def test_edf_d_keeps_its_pauses(tmp_path):
    values = np.arange(500)
    make(
        tmp_path / "a.edf",
        [("ECG", "mV", LIMITS, 100, values)],
        reserved="EDF+D",
        onsets=[0, 1, 5.5, 6.5, 20],
        marks=[(0, 0.5, "early"), (3, 6.0, "late"), (1, 3.0, "in the pause")],
    )
    recording = read(tmp_path / "a.edf")
    assert recording.channel_names == ("ECG",)
    assert [(s.start, s.stop, s.time) for s in recording.spans] == [(0, 200, 0.0), (200, 400, 5.5), (400, 500, 20.0)]
    assert [(a.sample, a.label) for a in recording.annotations] == [(50, "early"), (250, "late")]
    assert any("2 pauses" in warning for warning in recording.warnings)
    assert any("1 annotation" in warning for warning in recording.warnings)
    np.testing.assert_allclose(recording.data[0], values, atol=1e-2)


def test_edf_d_that_starts_late(tmp_path):
    make(
        tmp_path / "a.edf",
        [("ECG", "mV", LIMITS, 100, np.arange(200))],
        reserved="EDF+D",
        onsets=[2.25, 10],
        marks=[(0, 2.75, "x")],
    )
    recording = read(tmp_path / "a.edf")
    assert recording.start_time is not None
    assert recording.start_time.isoformat() == "2024-05-01T10:20:32.250000"
    assert [s.time for s in recording.spans] == [0.0, 7.75]
    assert recording.annotations[0].sample == 50


def test_edf_c_is_one_piece(tmp_path):
    make(tmp_path / "a.edf", [("ECG", "mV", LIMITS, 100, np.arange(200))], reserved="EDF+C", onsets=[0, 1])
    assert len(read(tmp_path / "a.edf").spans) == 1


def test_edf_d_resampled_piece_by_piece(tmp_path):
    make(
        tmp_path / "a.edf",
        [("ECG", "mV", LIMITS, 100, np.full(300, 7)), ("RESP", "", LIMITS, 25, np.full(75, 3))],
        reserved="EDF+D",
        onsets=[0, 1, 9],
    )
    recording = read(tmp_path / "a.edf", resample_to=50)
    assert [(s.start, s.stop, s.time) for s in recording.spans] == [(0, 100, 0.0), (100, 150, 9.0)]
    np.testing.assert_allclose(recording.data, [[7] * 150, [3] * 150], rtol=1e-2)


def test_several_rates(tmp_path):
    make(tmp_path / "a.edf", [("ECG", "mV", LIMITS, 200, np.arange(400)), ("RESP", "", LIMITS, 25, np.arange(50))])
    found = read(tmp_path / "a.edf")
    assert (found.channel_names, found.sampling_rate) == (("ECG",), 200)
    assert any("ECG at 200 Hz was read; left out: RESP at 25 Hz" in note for note in found.warnings)
    with pytest.raises(ReadError, match=r"ECG at 200 Hz; RESP at 25 Hz.*channels=.*resample_to="):
        read(tmp_path / "a.edf", channels=["ECG", "RESP"])
    assert read(tmp_path / "a.edf", channels=["RESP"]).sampling_rate == 25
    assert read(tmp_path / "a.edf", channels=[1]).channel_names == ("RESP",)
    assert read(tmp_path / "a.edf", resample_to=100).data.shape == (2, 200)
    with pytest.raises(ParameterError, match="not both"):
        read(tmp_path / "a.edf", sampling_rate=5, resample_to=100)


def test_bdf(tmp_path):
    values = np.array([-(2**23), -1, 0, 1, 2**23 - 1, 70_000])
    make(tmp_path / "a.bdf", [("A1", "uV", (-8388608, 8388607), 3, values)], width=3, duration=0.01)
    recording = read(tmp_path / "a.bdf")
    assert recording.sampling_rate == 300
    np.testing.assert_allclose(recording.data[0], values, rtol=1e-6, atol=1e-2)


def test_names_that_repeat(tmp_path):
    make(tmp_path / "a.edf", [("ECG", "mV", LIMITS, 100, np.arange(100))] * 2)
    recording = read(tmp_path / "a.edf")
    assert recording.channel_names == ("ECG", "ECG-2")
    assert any("renamed" in warning for warning in recording.warnings)


def test_cut_short_and_never_closed(tmp_path):
    signal = [("ECG", "mV", LIMITS, 100, np.arange(1000))]
    make(tmp_path / "a.edf", signal)
    raw = (tmp_path / "a.edf").read_bytes()
    (tmp_path / "a.edf").write_bytes(raw[:-250])
    recording = read(tmp_path / "a.edf")
    assert recording.n_samples == 800
    assert any("8" in warning and "end is missing" in warning for warning in recording.warnings)
    make(tmp_path / "b.edf", signal, claimed=-1)
    recording = read(tmp_path / "b.edf")
    assert recording.n_samples == 1000
    assert any("open" in warning for warning in recording.warnings)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"claimed": 99_999_999}, "claims 99,999,999 data records but the file holds 2"),
        ({"duration": 0}, "sampling rate cannot be inferred"),
        ({"duration": 1e300}, "impossible data records"),
        ({"reserved": "EDF+D"}, "keeps no time"),
    ],
)
def test_bad_headers(tmp_path, options, message):
    make(tmp_path / "a.edf", [("ECG", "mV", LIMITS, 100, np.arange(200))], **options)
    with pytest.raises(ReadError, match=message):
        read(tmp_path / "a.edf")


@pytest.mark.parametrize("raw", [b"x" * 100, b"0       " + b" " * 248, b"hello " * 300])
def test_no_edf(tmp_path, raw):
    (tmp_path / "a.edf").write_bytes(raw)
    with pytest.raises(ReadError, match="is not an EDF"):
        read(tmp_path / "a.edf")


def test_a_channel_called_like_annotations_is_not_written(tmp_path):
    recording = Recording(np.random.default_rng(0).normal(size=(1, 500)), 250.0, channel_names=["EDF Annotations"])
    with pytest.raises(WriteError, match="taken for annotations"):
        write(recording, tmp_path / "a.edf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("slow", "fast"), [("PPG", "ACC"), ("Pleth", "Sound"), ("ECG", "EEG"), ("EEG Cz", "Snore")])
def test_of_several_rates_the_signal_that_is_known(tmp_path, slow, fast):
    signals = [(fast, "uV", LIMITS, 256, np.arange(2560) % 91), (slow, "uV", LIMITS, 64, np.arange(640) % 77)]
    make(tmp_path / "a.edf", signals)
    found = read(tmp_path / "a.edf")
    assert (found.channel_names, found.sampling_rate) == ((slow,), 64)
    assert fast in " ".join(found.warnings)
