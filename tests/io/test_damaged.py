"""Damaged and hostile files: signals, or one sentence; never a traceback, a hang or a full memory."""

from __future__ import annotations

import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sigsimnet.errors import ReadError
from sigsimnet.io import read, write
from sigsimnet.recording import Recording

HEADER = "a {n} {rate} 1000\n"
SIGNAL = "a.dat 16 200/mV 16 0 0 0 0 ECG\n"


@pytest.fixture
def counts(tmp_path):
    """Samples of a WFDB record ``a``; its header is up to the test."""
    (np.arange(1000, dtype="<i2") % 300).tofile(tmp_path / "a.dat")
    return tmp_path


def one_sentence(path, says="", **options):
    with pytest.raises(ReadError) as caught:
        read(path, **options)
    said = str(caught.value)
    assert said.isprintable()
    assert "ZipInfo" not in said
    assert Path(path).name in said or str(path) in said
    assert says in said
    return said


# -- WFDB headers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a 100000000 250 1000\n" + SIGNAL, "claims 100,000,000 signals but describes 1"),
        ("a 1 250 1000\n", "claims 1 signal"),
        ("a 0 250 1000\n", "no signals"),
        ("a x 250 1000\n" + SIGNAL, "names no record and signals"),
        ("a\n" + SIGNAL, "names no record and signals"),
        ("a 1 250 1000\n. 16 200/mV 16 0 0 0 0 ECG\n", "signal file . is not there"),
        ("a 1 250 1000\n.. 16 200/mV 16 0 0 0 0 ECG\n", ""),
        ("a/2 1 250 2000\na 1000\na 1000\n", "itself made of segments"),
        ("a/1 1 250 1000\nb 1000\n", "b.hea"),
        ("\x00\x01\x02\x03", ""),
    ],
)
def test_headers_that_lie(counts, text, says):
    (counts / "a.hea").write_text(text)
    one_sentence(counts / "a", says)


@pytest.mark.parametrize("rate", ["nan", "inf", "-5", "1e300", "0", "abc", "1e-308"])
def test_rates_that_cannot_be(counts, rate):
    (counts / "a.hea").write_text(f"a 1 {rate} 1000\n{SIGNAL}")
    one_sentence(counts / "a", rate)
    assert read(counts / "a", sampling_rate=500).sampling_rate == 500


def test_a_rate_that_is_not_stated_is_said(counts):
    (counts / "a.hea").write_text(f"a 1\n{SIGNAL}")
    found = read(counts / "a")
    assert found.sampling_rate == 250
    assert any("states no sampling rate: 250 Hz" in note for note in found.warnings)
    assert read(counts / "a", sampling_rate=360).duration == pytest.approx(1000 / 360)


def test_a_rate_with_an_exponent_is_read(counts):
    (counts / "a.hea").write_text(f"a 1 2.5e2 1000\n{SIGNAL}")
    assert read(counts / "a").sampling_rate == 250


# -- segments that differ -------------------------------------------------------------------------------------------


def two_segments(folder, first, second, lengths=(1000, 1000)):
    """Write a record ``a`` of two segments, each given by the lines of its signals and its rate."""
    folder.joinpath("a.hea").write_text(f"a/2 1 250 2000\ns1 {lengths[0]}\ns2 {lengths[1]}\n")
    for name, (signals, rate, length) in (("s1", first), ("s2", second)):
        lines = [f"{name}.dat 16 {gain}/{unit} 16 0 0 0 0 {label}" for gain, unit, label in signals]
        folder.joinpath(f"{name}.hea").write_text("\n".join([f"{name} {len(signals)} {rate} {length}", *lines]) + "\n")
        samples = np.arange(length * len(signals), dtype="<i2") % 200
        samples.tofile(folder / f"{name}.dat")


MV = (200, "mV", "ECG")


def test_volts_of_several_sizes_become_one(tmp_path):
    two_segments(tmp_path, ([MV], 250, 1000), ([(0.2, "uV", "ECG")], 250, 1000))
    found = read(tmp_path / "a")
    assert found.units == ("mV",)
    np.testing.assert_allclose(found.data[0, :1000], found.data[0, 1000:], rtol=1e-5)
    assert any("µV" in note and "turned into mV" in note for note in found.warnings)


@pytest.mark.parametrize("unit", ["mmHg", "adu", "uS"])
def test_other_units_are_refused(tmp_path, unit):
    two_segments(tmp_path, ([MV], 250, 1000), ([(200, unit, "ECG")], 250, 1000))
    one_sentence(tmp_path / "a", "segment s2 has ECG in")


def test_a_channel_that_is_not_asked_for_may_differ(tmp_path):
    two_segments(tmp_path, ([MV, (1, "mmHg", "ABP")], 250, 1000), ([MV, (1, "mV", "ABP")], 250, 1000))
    one_sentence(tmp_path / "a", "ABP")
    assert read(tmp_path / "a", channels="ECG").n_samples == 2000


@pytest.mark.parametrize("rate", [500, 125, 250.1])
def test_another_rate_is_refused(tmp_path, rate):
    two_segments(tmp_path, ([MV], 250, 1000), ([MV], rate, 1000))
    one_sentence(tmp_path / "a", "segment s2 is sampled at")


def test_other_channels_are_kept_apart(tmp_path):
    two_segments(tmp_path, ([MV], 250, 1000), ([(200, "mV", "V5")], 250, 1000))
    found = read(tmp_path / "a")
    assert found.channel_names == ("ECG", "V5")
    assert np.isnan(found.data[0, 1000:]).all()
    assert np.isnan(found.data[1, :1000]).all()
    assert len([note for note in found.warnings if "lacks" in note]) == 2


def test_a_second_channel_is_not_dropped(tmp_path):
    two_segments(tmp_path, ([MV], 250, 1000), ([MV, (200, "mV", "V5")], 250, 1000))
    found = read(tmp_path / "a")
    assert found.channel_names == ("ECG", "V5")
    assert not np.isnan(found.data[0]).any()
    assert np.isnan(found.data[1, :1000]).all()
    assert not np.isnan(found.data[1, 1000:]).any()


@pytest.mark.parametrize(("held", "n_samples", "spans"), [(900, 1900, 2), (1100, 2000, 1)])
def test_lengths_unlike_the_record_s(tmp_path, held, n_samples, spans):
    two_segments(tmp_path, ([MV], 250, held), ([MV], 250, 1000))
    found = read(tmp_path / "a")
    assert (found.n_samples, len(found.spans)) == (n_samples, spans)
    assert any(f"holds {held:,} samples but the record counts 1,000" in note for note in found.warnings)


def test_channels_in_another_order_are_found_by_name(tmp_path):
    second = (200, "mV", "V5")
    two_segments(tmp_path, ([MV, second], 250, 1000), ([second, MV], 250, 1000))
    found = read(tmp_path / "a")
    np.testing.assert_array_equal(found.data[0, :1000], found.data[1, 1000:])
    np.testing.assert_array_equal(found.data[1, :1000], found.data[0, 1000:])


# -- EDF ------------------------------------------------------------------------------------------------------------


def edf(path, **changes):
    """Write an EDF file, then put other text into its header, by field."""
    write(Recording(np.sin(np.arange(1000) / 9)[None], 250, units="mV", channel_names=["ECG"]), path)
    raw = bytearray(path.read_bytes())
    n = int(raw[252:256])
    widths = {"label": 16, "transducer": 80, "unit": 8, "low": 8, "high": 8, "digital_low": 8, "digital_high": 8}
    start = 256
    for name, width in widths.items():
        if name in changes:
            raw[start : start + width] = changes[name].encode().ljust(width)
        start += width * n
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("field", ["low", "high", "digital_low", "digital_high"])
@pytest.mark.parametrize("text", ["nan", "x", "", "inf", "1,2,3", "../../"])
def test_limits_that_are_no_numbers(tmp_path, field, text):
    one_sentence(edf(tmp_path / "a.edf", **{field: text}), "cannot be scaled")


def test_a_decimal_comma_in_a_limit(tmp_path):
    expected = read(edf(tmp_path / "a.edf", low="-5.0", high="5.0"))
    found = read(edf(tmp_path / "b.edf", low="-5,0", high="5,0"))
    np.testing.assert_array_equal(found.data, expected.data)
    assert abs(found.data).max() < 6


def test_values_are_those_of_edfio(tmp_path):
    import edfio

    path = edf(tmp_path / "a.edf", low="-3.3", high="7.25", digital_low="-2000", digital_high="30000")
    expected = edfio.read_edf(path).signals[0].data
    np.testing.assert_array_equal(read(path).data[0], expected.astype(np.float32))


def test_equal_limits_give_counts_and_say_so(tmp_path):
    found = read(edf(tmp_path / "a.edf", low="0", high="0"))
    assert any("raw counts" in note for note in found.warnings)


def test_a_first_record_without_its_time(tmp_path):
    path = edf(tmp_path / "a.edf")
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"+0\x14\x14")
    raw[at : at + 4] = b"\0" * 4
    path.write_bytes(raw)
    found = read(path)
    assert found.n_samples == 1000
    assert found.annotations == ()


# -- archives and arrays --------------------------------------------------------------------------------------------


def zipped(path, name, content, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, content)
    return path


TABLE = "time,ECG (mV)\n" + "".join(f"{i / 250:.3f},{i % 7}\n" for i in range(2000))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_members_that_do_not_unpack(tmp_path, method):
    path = zipped(tmp_path / "a.zip", "a.csv", TABLE, method)
    raw = bytearray(path.read_bytes())
    for at in range(60, 400, 7):
        raw[at] ^= 0xFF
    path.write_bytes(raw)
    one_sentence(path)


def test_encrypted_members(tmp_path):
    for name, member in (("a.zip", "a.csv"), ("a.npz", "a.npy")):
        content = TABLE.encode()
        if member == "a.npy":
            stored = io.BytesIO()
            np.save(stored, np.zeros(500))
            content = stored.getvalue()
        path = zipped(tmp_path / name, member, content)
        raw = bytearray(path.read_bytes())
        raw[6] |= 1  # the flag, in the member and in the index
        raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(raw)
        one_sentence(path, "encrypted", sampling_rate=250)


def test_a_member_without_a_name(tmp_path):
    path = zipped(tmp_path / "a.zip", "x", TABLE)
    raw = path.read_bytes().replace(b"\x01\x00\x00\x00x", b"\x00\x00\x00\x00x")
    path.write_bytes(raw)
    one_sentence(path)


@pytest.mark.parametrize(
    "header", [b"{'descr': '<f8', (", b"[" * 500, b"\xff\xfe", b"{'descr': 'x9', 'fortran_order': 0, 'shape': ()}"]
)
def test_headers_of_arrays(tmp_path, header):
    text = header.ljust(117) + b"\n"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + b"\0" * 80)
    one_sentence(tmp_path / "a.npy", sampling_rate=250)
    zipped(tmp_path / "a.npz", "a.npy", (tmp_path / "a.npy").read_bytes())
    one_sentence(tmp_path / "a.npz", sampling_rate=250)


def test_json_that_is_nested_deep(tmp_path):
    deep = "[" * 100_000
    np.savez(tmp_path / "a.npz", data=np.zeros((1, 9)), sigsimnet=np.array(deep))
    one_sentence(tmp_path / "a.npz", "nested too deep")
    (tmp_path / "a.csv").write_text(f'# {{"a": {deep}\n0.1\n0.2\n')
    one_sentence(tmp_path / "a.csv", "sampling rate")


def test_a_cell_that_never_ends(tmp_path):
    (tmp_path / "a.csv").write_text('time,ECG\n0.0,"' + "1" * 200_000 + '"\n0.1,2\n')
    one_sentence(tmp_path / "a.csv")


def test_parquet_with_text_that_is_none(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    schema = pa.schema([("time", pa.float64()), ("ECG", pa.float64())], metadata={b"pandas": b'{"index": \xee\xff}'})
    table = pa.table([np.arange(500) / 250, np.sin(np.arange(500))], schema=schema)
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    try:
        assert read(tmp_path / "a.parquet").n_samples == 500
    except ReadError as error:
        assert str(error).isprintable()  # noqa: PT017 - an older pyarrow refuses it


# -- sizes ----------------------------------------------------------------------------------------------------------


def test_files_that_were_made_to_fill_the_memory(tmp_path):
    """200 MB of zeros pack to 200 kB; a limit of one's own lets them through."""
    line = b"0,0\n" * 1000
    with gzip.open(tmp_path / "a.csv.gz", "wb", compresslevel=9) as file:
        file.write(b"time,ECG\n")
        for _ in range(50_000):
            file.write(line)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as file:
        for _ in range(50_000):
            file.write(line)
    np.savez_compressed(tmp_path / "a.npz", data=np.zeros((1, 30_000_000)))
    for name in ("a.csv.gz", "a.zip", "a.npz"):
        said = one_sentence(tmp_path / name, "would unpack", sampling_rate=250)
        assert "max_unpacked" in said


def test_a_parquet_file_that_was_made_to_fill_the_memory(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    pyarrow.parquet.write_table(pa.table({"ECG": np.zeros(30_000_000)}), tmp_path / "a.parquet")
    one_sentence(tmp_path / "a.parquet", "would unpack", sampling_rate=250)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is asked of Linux")
def test_parquet_that_packs_in_other_ways(tmp_path):
    """A long word in every row, and one cell that is a list of millions."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    word = pa.DictionaryArray.from_arrays(pa.array(np.zeros(4000, "int32")), pa.array(["x" * 200_000]))
    times = pa.array(np.arange(4000) / 250)
    pyarrow.parquet.write_table(
        pa.table({"time": times, "ECG": times, "word": word.cast("string")}), tmp_path / "a.parquet"
    )
    code = (
        f"from sigsimnet.io import read; r = read({str(tmp_path / 'a.parquet')!r}); "
        "status = open('/proc/self/status').read(); "
        "print(r.channel_names, r.n_samples, status.partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names, n_samples, peak = done.stdout.rsplit(maxsplit=2)
    assert (names, n_samples) == ("('ECG',)", "4000")
    assert int(peak) < 600_000  # kB; the words alone would take 800,000
    cell = pa.array([np.zeros(30_000_000)], pa.list_(pa.float64()))
    pyarrow.parquet.write_table(pa.table({"ecg": cell}), tmp_path / "b.parquet")
    one_sentence(tmp_path / "b.parquet", "would unpack", sampling_rate=250)


def test_the_limit_is_an_option(tmp_path, monkeypatch):
    one = Recording(np.sin(np.arange(5000) / 9)[None], 250, units="mV", channel_names=["ECG"])
    zipped(tmp_path / "a.zip", "a.csv", TABLE)
    write(one, tmp_path / "a.npz")
    write(one, tmp_path / "a.csv.gz")
    for name in ("a.zip", "a.npz", "a.csv.gz"):
        assert read(tmp_path / name).n_channels == 1
        for limit in (1000, "1k", 1e3):
            one_sentence(tmp_path / name, "would unpack", max_unpacked=limit)
        assert read(tmp_path / name, max_unpacked="1 GB").n_channels == 1
        monkeypatch.setenv("SIGSIMNET_MAX_UNPACKED", "1k")
        one_sentence(tmp_path / name, "would unpack")
        assert read(tmp_path / name, max_unpacked="1 GB").n_channels == 1
        monkeypatch.delenv("SIGSIMNET_MAX_UNPACKED")


# -- whatever else --------------------------------------------------------------------------------------------------


def test_a_reader_that_stumbles_says_one_sentence(tmp_path, monkeypatch):
    """What a library raises in a damaged file is not known beforehand."""
    (tmp_path / "a.csv").write_text(TABLE)

    class OddError(Exception):
        pass

    def stumble(*args):
        raise OddError("line 1\nline 2 \x1b[31m\x00 <ZipInfo filename='a.npy' compress_type=deflate>" + "x" * 5000)

    monkeypatch.setattr("sigsimnet.io.formats.text.read_text", stumble)
    said = one_sentence(tmp_path / "a.csv", "damaged")
    assert len(said) < 500


@pytest.mark.slow
def test_mutated_files(tmp_path):
    """A hundred mutations of each format: signals or a ReadError; `benchmarks/robustness` tries ten thousand."""
    rng = np.random.default_rng(0)
    one = Recording(np.sin(np.arange(2000) / 9)[None] * [[1], [2]], 250, units="mV", channel_names=["ECG", "V5"])
    names = ["a.csv", "a.edf", "a.npz", "b.hea"] + (["a.parquet"] if _has("pyarrow") else [])
    for name in names:
        write(one, tmp_path / name)
    np.save(tmp_path / "a.npy", one.data)
    refused = 0
    for name in [*names, "a.npy", "b.dat"]:
        whole = (tmp_path / name).read_bytes()
        for _ in range(100):
            raw = bytearray(whole)
            for _ in range(int(rng.integers(1, 20))):
                raw[int(rng.integers(min(len(raw), 2000)))] = int(rng.integers(256))
            (tmp_path / name).write_bytes(raw[: int(rng.integers(1, len(raw) + 1))] if rng.random() < 0.3 else raw)
            try:
                read(tmp_path / name)
            except ReadError as error:
                refused += 1
                assert str(error).isprintable()  # noqa: PT017
        (tmp_path / name).write_bytes(whole)
    assert refused > 100


def _has(module):
    from importlib.util import find_spec

    return find_spec(module) is not None


def test_messages_in_json_too(tmp_path):
    """A message is one line of printable text, which JSON and logs can take."""
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00\xff\xff" + bytes(range(256)))
    said = one_sentence(tmp_path / "a.npy", sampling_rate=250)
    assert json.loads(json.dumps(said)) == said
