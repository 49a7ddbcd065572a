"""What is written comes back: exactly where the format can, within its quantisation where it cannot."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sigsimnet.errors import WriteError
from sigsimnet.io import read, write
from sigsimnet.recording import Annotation, Recording, Span

EXACT = [".csv", ".tsv", ".txt", ".csv.gz", ".parquet", ".npz"]


def same(a, b):
    np.testing.assert_array_equal(a.data, b.data)
    assert a.sampling_rate == b.sampling_rate
    for name in ("channel_names", "units", "start_time", "spans", "annotations", "metadata", "warnings"):
        assert getattr(a, name) == getattr(b, name), name


@pytest.mark.parametrize("suffix", EXACT)
def test_exact_formats(ecg, tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    data = ecg.data.copy()
    data[0, 100:120] = np.nan
    recording = ecg.replace(data=data, spans=[Span(0, 500), Span(500, 1000, 12.0)], warnings=["odd"])
    write(recording, path)
    same(read(path), recording)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


recordings = st.builds(
    lambda data, rate, start: Recording(data, rate, units="mV", start_time=start),
    arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(2, 80)),
        elements=st.floats(-1000, 1000, width=32),
    ),
    st.one_of(st.sampled_from([100.0, 173.61, 250.0, 497.04, 1000.0]), st.floats(1, 5000)),
    st.one_of(st.none(), st.datetimes(datetime(1990, 1, 1), datetime(2080, 1, 1))),  # noqa: DTZ001 - files know no zone
)


@settings(max_examples=25, deadline=None)
@given(recording=recordings, suffix=st.sampled_from(EXACT))
def test_exact_formats_of_anything(recording, suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        write(recording, path)
        same(read(path), recording)


@settings(max_examples=25, deadline=None)
@example(recording=Recording([[0.3125, 0.3125], [-700.0, -700.0], [0.0, 0.0]], 100, units="mV"))
@given(recording=recordings)
def test_wfdb_of_anything(recording):
    with tempfile.TemporaryDirectory() as folder:
        write(recording, Path(folder) / "rec.hea")
        back = read(Path(folder) / "rec")
    assert back.sampling_rate == pytest.approx(recording.sampling_rate, rel=1e-12)
    for channel, other in zip(recording.data, back.data, strict=True):
        reach = float(np.ptp(channel.astype(float)))
        # half a step of 16 bits, and what float32 itself can tell
        assert np.abs(channel - other).max() <= reach / 65534 * 0.51 + 1e-6 * np.abs(channel).max() + 1e-6
    assert back.start_time == recording.start_time


@settings(max_examples=25, deadline=None)
@given(
    recording=recordings.filter(lambda r: r.start_time is None or 1985 <= r.start_time.year < 2085),
    rate=st.sampled_from([100.0, 128.0, 250.0, 500.0, 1000.0]),
)
def test_edf_of_anything(recording, rate):
    recording = recording.replace(sampling_rate=rate)
    with tempfile.TemporaryDirectory() as folder:
        try:
            write(recording, Path(folder) / "a.edf")
        except WriteError as error:  # eight characters cannot tell how long a few samples are
            if "exactly enough" in str(error) and recording.n_samples < 50:
                return
            raise
        back = read(Path(folder) / "a.edf")
    assert back.sampling_rate == pytest.approx(rate, rel=1e-5)
    assert back.n_samples == recording.n_samples
    for channel, other in zip(recording.data, back.data, strict=True):
        low, high = float(channel.min()), float(channel.max())
        # half a step of 16 bits, and the eight characters of the limits
        assert np.abs(channel - other).max() <= (high - low) / 65535 + 1e-3 * max(abs(low), abs(high), 1e-2)


def test_wfdb_keeps_what_it_can(ecg, tmp_path):
    data = ecg.data.copy()
    data[1, 40:50] = np.nan
    recording = ecg.replace(data=data, warnings=["odd clock"])
    write(recording, tmp_path / "rec.hea")
    back = read(tmp_path / "rec.dat")
    np.testing.assert_array_equal(np.isnan(back.data), np.isnan(data))
    assert (back.channel_names, back.units) == (ecg.channel_names, ecg.units)
    assert back.start_time == ecg.start_time
    assert back.metadata == {"subject": "p7"}
    assert back.warnings == ("odd clock",)
    assert back.annotations == (Annotation(125, "N"), Annotation(500, "rest begins"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rec.atr", "rec.dat", "rec.hea"]


def test_wfdb_pauses(paused, tmp_path):
    write(paused, tmp_path / "rec.hea")
    back = read(tmp_path / "rec")
    assert back.spans == paused.spans
    assert [a.sample for a in back.annotations] == [125, 500]
    np.testing.assert_allclose(back.data, paused.data, atol=1e-3)


def test_edf_keeps_what_it_can(ecg, tmp_path):
    write(ecg, tmp_path / "a.edf")
    back = read(tmp_path / "a.edf")
    np.testing.assert_allclose(back.data, ecg.data, atol=2e-3)
    assert (back.channel_names, back.units) == (ecg.channel_names, ecg.units)
    assert back.start_time == ecg.start_time
    assert back.annotations == ecg.annotations
    assert back.metadata["subject"] == "p7"


def test_edf_refuses_what_it_cannot_hold(ecg, paused, tmp_path):
    data = ecg.data.copy()
    data[0, 5] = np.nan
    for recording, words in (
        (ecg.replace(data=data), "missing samples .in ECG."),
        (paused.replace(spans=[Span(0, 501), Span(501, 1000, 12.0)]), "no common divisor"),
        (ecg.replace(channel_names=["x" * 30, "b"]), "16 ASCII"),
        (ecg.replace(data=ecg.data * 1e12), "eight characters"),
    ):
        with pytest.raises(WriteError, match=words):
            write(recording, tmp_path / "a.edf")
    assert list(tmp_path.iterdir()) == []


def test_edf_of_a_long_record_with_an_awkward_length(tmp_path):
    recording = Recording(np.sin(np.arange(2 * 50_021) / 9), 360, units="mV", channel_names=["II"])
    write(recording, tmp_path / "a.edf")
    back = read(tmp_path / "a.edf")
    assert back.n_samples == recording.n_samples
    assert back.sampling_rate == pytest.approx(360, rel=1e-5)


def test_an_edited_table_is_read_for_what_it_says(ecg, tmp_path):
    write(ecg, tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join(lines[:-300]))
    back = read(tmp_path / "a.csv")
    assert back.n_samples == 700
    assert back.sampling_rate == 250
    assert back.units == ecg.units
    assert any("changed after" in warning for warning in back.warnings)


@pytest.mark.parametrize("suffix", [".xyz", "", ".bdf"])
def test_unknown_kind(ecg, tmp_path, suffix):
    with pytest.raises(WriteError, match=r"known are .*\.parquet"):
        write(ecg, tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npz", ".hea", ".edf"])
def test_no_folder(ecg, tmp_path, suffix):
    with pytest.raises(WriteError):
        write(ecg, tmp_path / "nowhere" / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".csv", ".hea", ".edf", ".npz", ".parquet"])
def test_a_write_that_fails_leaves_the_old_file(ecg, tmp_path, suffix, monkeypatch):
    path = tmp_path / f"a{suffix}"
    write(ecg, path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def broken(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(WriteError, match="No space left"):
        write(ecg.replace(data=-ecg.data), path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_wfdb_name(ecg, tmp_path):
    with pytest.raises(WriteError, match="letters, digits"):
        write(ecg, tmp_path / "a b.hea")


# -- one WFDB record in the place of another --------------------------------------------------------------------------


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_wfdb_record_takes_the_place_of_all_of_an_older_one(ecg, paused, tmp_path):
    write(ecg.replace(annotations=[]), tmp_path / "rec_0009.hea")  # another record, called like a segment
    three = paused.replace(spans=[Span(0, 300), Span(300, 600, 9.0), Span(600, 1000, 20.0)])
    write(three, tmp_path / "rec.hea")
    write(paused.replace(annotations=[]), tmp_path / "rec.hea")
    others = {"rec_0009.hea", "rec_0009.dat"}
    two = {"rec.hea", "rec_0001.hea", "rec_0001.dat", "rec_0002.hea", "rec_0002.dat"}
    # Pauses count as segments of the record, not as files.
    assert {name for name in contents(tmp_path) if name not in others} == two
    write(ecg, tmp_path / "rec.hea")
    assert set(contents(tmp_path)) == {"rec.hea", "rec.dat", "rec.atr", *others}
    write(paused, tmp_path / "rec.hea")
    assert set(contents(tmp_path)) == {*two, "rec.atr", *others}


@pytest.mark.parametrize("new", ["one span", "two spans"])
@pytest.mark.parametrize("fails_at", range(1, 9))
def test_a_wfdb_record_that_fails_leaves_the_old_one(ecg, paused, tmp_path, monkeypatch, new, fails_at):
    """A full disk before the new record is there leaves the old one; after that, the new one whole."""
    write(paused, tmp_path / "rec.hea")
    before = contents(tmp_path)
    rename, count = Path.replace, 0

    def fails(self, to):
        nonlocal count
        count += 1
        if count == fails_at:
            raise OSError(28, "No space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "replace", fails)
    wanted = ecg if new == "one span" else paused.replace(data=-paused.data)
    try:
        write(wanted, tmp_path / "rec.hea")
    except WriteError as error:
        assert "No space" in str(error)  # noqa: PT017 - both ways out are right, by the moment
        if contents(tmp_path) == before:
            return
    found = read(tmp_path / "rec.hea")
    np.testing.assert_allclose(found.data, wanted.data, atol=1e-3)
    assert found.spans == wanted.spans


@pytest.mark.parametrize("spans", [1, 2])
def test_a_record_that_is_killed_while_it_is_written_is_the_old_or_the_new(ecg, paused, tmp_path, spans):
    """The process ends, as by SIGKILL, at each of its renames in turn."""
    old = ecg if spans == 1 else paused
    script = f"""
import os, sys
from pathlib import Path
from sigsimnet.io import read, write
recording = read({str(tmp_path / "new.npz")!r})
rename, left = Path.replace, int(sys.argv[1])
def killed(self, to):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    return rename(self, to)
Path.replace = killed
write(recording, sys.argv[2])
"""
    new = old.replace(data=-old.data)
    write(new, tmp_path / "new.npz")
    outcomes = []
    for moment in range(12):
        target = tmp_path / f"{moment}" / "rec.hea"
        target.parent.mkdir()
        write(old, target)
        done = subprocess.run([sys.executable, "-c", script, str(moment), str(target)], check=False)
        found = read(target)
        assert [mark.sample for mark in found.annotations] == [mark.sample for mark in old.annotations]
        outcome = [name for name, one in (("old", old), ("new", new)) if np.allclose(found.data, one.data, atol=1e-3)]
        assert len(outcome) == 1
        outcomes += outcome
        if not done.returncode:
            break
    assert outcomes == sorted(outcomes, reverse=True)
    assert set(outcomes) == {"old", "new"}
    assert moment > 3


def test_units_that_wfdb_and_edf_write_in_ascii_come_back(tmp_path):
    units = ("µS", "Ω", "°C", "m/s²", "mV", "mmHg", "%", "")
    recording = Recording(np.zeros((len(units), 500)) + np.arange(500), 250, units=units)
    for name in ("a.hea", "a.edf", "a.csv", "a.npz"):
        write(recording, tmp_path / name)
        assert read(tmp_path / name).units == units
    assert "/uS " in (tmp_path / "a.hea").read_text()
    assert (tmp_path / "a.hea").read_text().isascii()


@pytest.mark.parametrize(("unit", "name"), [("a.u./x", "ECG"), ("µV·s", "ECG"), ("mV", "é"), ("mV", "Ableitung Ω")])
def test_what_wfdb_cannot_hold_is_refused(tmp_path, unit, name):
    recording = Recording(np.zeros((1, 500)), 250, units=unit, channel_names=[name])
    with pytest.raises(WriteError, match="WFDB"):
        write(recording, tmp_path / "a.hea")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("start", [None, datetime(2024, 5, 1, 10, 20, 30, 250000)])  # noqa: DTZ001 - EDF has no zones
def test_edf_with_pauses(ecg, tmp_path, start):
    """As EDF+D: every span is a whole number of data records."""
    spans = [Span(0, 300, 0.0), Span(300, 400, 2.5), Span(400, 1000, 60.004)]
    paused = ecg.replace(
        spans=spans, start_time=start, metadata={"subject": "S 1", "sex": "F", "birthdate": "1951-05-02"}
    )
    write(paused, tmp_path / "a.edf")
    assert b"EDF+D" in (tmp_path / "a.edf").read_bytes()[:256]
    back = read(tmp_path / "a.edf")
    assert [(span.start, span.stop, span.time) for span in back.spans] == [(s.start, s.stop, s.time) for s in spans]
    assert back.start_time == start
    assert (back.channel_names, back.units) == (ecg.channel_names, ecg.units)
    assert [(mark.sample, mark.label) for mark in back.annotations] == [(m.sample, m.label) for m in ecg.annotations]
    assert back.metadata == {"subject": "S_1", "sex": "F", "birthdate": "1951-05-02"}
    np.testing.assert_allclose(back.data, ecg.data, atol=np.ptp(ecg.data) / 60_000)


def test_edf_is_what_edfio_reads(ecg, tmp_path):
    import edfio

    write(ecg.replace(start_time=datetime(2024, 5, 1, 10, 20, 30)), tmp_path / "a.edf")  # noqa: DTZ001
    known = edfio.read_edf(tmp_path / "a.edf")
    assert [signal.label for signal in known.signals] == list(ecg.channel_names)
    assert known.startdate.isoformat() == "2024-05-01"
    assert [mark.text for mark in known.annotations] == [mark.label for mark in ecg.annotations]
    back = read(tmp_path / "a.edf")
    for signal, own, wanted in zip(known.signals, back.data, ecg.data, strict=True):
        np.testing.assert_array_equal(signal.data.astype(np.float32), own)
        np.testing.assert_allclose(own, wanted, atol=np.ptp(wanted) / 60_000)


@pytest.mark.parametrize("low", [-1e-6, -3.0, 0.0, 999_999.4, -9_999_999.0])
@pytest.mark.parametrize("size", [1e-6, 1.0, 12345.678])
def test_edf_limits_of_eight_characters_hold_all_samples(tmp_path, low, size):
    samples = np.float32(low) + np.linspace(0, size, 500).astype(np.float32)
    recording = Recording(samples, 250, units="mV")
    try:
        write(recording, tmp_path / "a.edf")
    except WriteError as error:
        assert "eight characters" in str(error)  # noqa: PT017 - a range finer than they are
        return
    np.testing.assert_allclose(read(tmp_path / "a.edf").data[0], samples, atol=2 * np.ptp(samples) / 65535 + 1e-7)
