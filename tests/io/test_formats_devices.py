"""What hospitals and laboratories bring: ISHNE, MUSE, aECG, SCP-ECG, DICOM, XDF, BIOPAC, BrainVision, GDF, EEGLAB, WAV.

Each file is written here by its specification, and compared with what was put in; where a second reader is
installed, with that too.
"""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.io
import scipy.io.wavfile

from sigsimnet.errors import ParameterError, ReadError
from sigsimnet.io import read

N = 2000
ECG = np.sin(2 * np.pi * 1.2 * np.arange(N) / 200) ** 15  # mV, at 200 Hz
COUNTS = np.round(np.stack([ECG, ECG / 2]) * 1000).astype("<i2")  # µV


def needs(module, extra="formats"):
    return pytest.importorskip(module, reason=f"{module} is not installed: sigsimnet[{extra}]")


def refused(path, says=None, **options):
    with pytest.raises(ReadError, match=says) as caught:
        read(path, **options)
    assert str(caught.value).isprintable()
    assert path.name in str(caught.value)


def cut_and_spoil(path, first=0, times=60):
    """Read a file whose end is missing, and with wrong bytes: a recording, or one sentence."""
    rng = np.random.default_rng(0)
    whole = path.read_bytes()
    for trial in range(times):
        raw = bytearray(whole)
        for _ in range(int(rng.integers(1, 6))):
            raw[int(rng.integers(first, len(raw)))] = int(rng.integers(256))
        path.write_bytes(raw if trial % 2 else whole[: int(rng.integers(1, len(whole)))])
        try:
            read(path)
        except ReadError as error:
            assert str(error).isprintable()  # noqa: PT017 - either is right
        except ParameterError as error:
            assert "sampling" in str(error)  # noqa: PT017


# -- ISHNE ----------------------------------------------------------------------------------------------------------


def ishne(path, counts=COUNTS, rate=200, resolution=1000):
    """Badilini 1998: a magic word, a checksum, a header of 522 bytes, samples of all leads in turn."""
    n = len(counts)
    header = struct.pack("<iiiih", 0, counts.shape[1], 522, 522, 1)
    header += b"Ada".ljust(40, b"\0") + b"".ljust(40, b"\0") + b"p7".ljust(20, b"\0")
    header += struct.pack("<hh3h3h3h3h", 2, 0, 1, 2, 1960, 1, 3, 2024, 1, 3, 2024, 9, 30, 15)
    header += struct.pack("<h", n) + struct.pack("<12h", *([5, 6] + [-9] * 10)[:12])
    header += struct.pack("<12h", *[1] * 12) + struct.pack("<12h", *([resolution] * n + [-9] * (12 - n)))
    header += struct.pack("<h", 0) + b"".ljust(40, b"\0") + struct.pack("<h", rate) + bytes(80 + 80 + 88)
    assert len(header) == 512
    checksum = binascii.crc_hqx(header, 0xFFFF)
    path.write_bytes(b"ISHNE1.0" + struct.pack("<H", checksum) + header + counts.T.astype("<i2").tobytes())
    return path


def test_ishne(tmp_path):
    needs("ecgdatakit")
    found = read(ishne(tmp_path / "a.ecg"))
    assert (found.sampling_rate, found.units, found.n_samples) == (200, ("mV", "mV"), N)
    np.testing.assert_allclose(found.data, COUNTS / 1000, atol=1e-6)
    assert found.start_time == datetime(2024, 3, 1, 9, 30, 15)  # noqa: DTZ001 - ISHNE knows no zone
    assert (found.metadata["sex"], found.metadata["subject"]) == ("female", "p7")
    np.testing.assert_allclose(read(ishne(tmp_path / "b.ecg", resolution=2500)).data, COUNTS / 400, atol=1e-6)
    (tmp_path / "c.bin").write_bytes((tmp_path / "a.ecg").read_bytes())  # the first bytes say what it is
    assert read(tmp_path / "c.bin", channels=1).n_channels == 1
    faulty = COUNTS.copy()
    faulty[0, 7] = -32768
    assert np.flatnonzero(np.isnan(read(ishne(tmp_path / "d.ecg", faulty)).data[0])).tolist() == [7]


def test_ishne_damaged(tmp_path):
    needs("ecgdatakit")
    cut_and_spoil(ishne(tmp_path / "a.ecg"), 8)


# -- XML ------------------------------------------------------------------------------------------------------------


def muse(counts=COUNTS, extra="", rate=200):
    leads = "".join(
        f"<LeadData><LeadID>{name}</LeadID><LeadAmplitudeUnitsPerBit>4.88</LeadAmplitudeUnitsPerBit>"
        "<LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits>"
        f"<WaveFormData>{base64.b64encode(row.tobytes()).decode()}</WaveFormData></LeadData>"
        for name, row in zip(["I", "V2"], counts, strict=True)
    )
    wave = "<Waveform><WaveformType>{}</WaveformType><SampleBase>{}</SampleBase>{}</Waveform>"
    return (
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{extra}<RestingECG>'
        "<MuseInfo><MuseVersion>9</MuseVersion></MuseInfo>"
        "<PatientDemographics><PatientID>p7</PatientID><PatientAge>74</PatientAge><AgeUnits>YEARS</AgeUnits>"
        "<Gender>MALE</Gender></PatientDemographics><TestDemographics><AcquisitionDate>03-01-2024</AcquisitionDate>"
        "<AcquisitionTime>09:30:15</AcquisitionTime></TestDemographics>"
        + wave.format("Median", 500, leads)
        + wave.format("Rhythm", rate, leads)
        + "</RestingECG>"
    )


def test_muse(tmp_path):
    needs("ecgdatakit")
    (tmp_path / "a.xml").write_text(muse(extra='<!DOCTYPE RestingECG SYSTEM "restecg.dtd">'))
    found = read(tmp_path / "a.xml")
    assert (found.sampling_rate, found.channel_names, found.units) == (200, ("I", "V2"), ("mV", "mV"))
    np.testing.assert_allclose(found.data, COUNTS * 4.88e-3, rtol=1e-5)
    assert found.start_time == datetime(2024, 3, 1, 9, 30, 15)  # noqa: DTZ001
    assert (found.metadata["age"], found.metadata["sex"]) == (74, "male")


AECG = """<?xml version="1.0" encoding="UTF-8"?>
<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<effectiveTime><low value="20240301093015"/></effectiveTime>
<component><series><code code="RHYTHM" codeSystem="2.16.840.1.113883.5.4"/>
<effectiveTime><low value="20240301093015.000"/></effectiveTime>
<component><sequenceSet>
<component><sequence><code code="TIME_ABSOLUTE" codeSystem="2.16.840.1.113883.5.4"/>
<value xsi:type="GLIST_TS"><head value="20240301093015.000"/><increment value="{step}" unit="s"/></value>
</sequence></component>{leads}</sequenceSet></component></series></component></AnnotatedECG>"""
AECG_LEAD = """<component><sequence><code code="MDC_ECG_LEAD_{name}" codeSystem="2.16.840.1.113883.6.24"/>
<value xsi:type="SLIST_PQ"><origin value="0" unit="uV"/><scale value="2.5" unit="uV"/><digits>{digits}</digits></value>
</sequence></component>"""


@pytest.mark.parametrize("step", ["0.005", "0.003"])
def test_aecg(tmp_path, step):
    needs("ecgdatakit")
    leads = "".join(
        AECG_LEAD.format(name=name, digits=" ".join(map(str, row)))
        for name, row in zip(["I", "AVR"], COUNTS, strict=True)
    )
    (tmp_path / "a.xml").write_text(AECG.format(step=step, leads=leads))
    found = read(tmp_path / "a.xml")
    assert found.sampling_rate == pytest.approx(1 / float(step), rel=1e-7)
    assert (found.channel_names, found.units) == (("I", "aVR"), ("mV", "mV"))
    np.testing.assert_allclose(found.data, COUNTS * 2.5e-3, rtol=1e-5)
    assert found.start_time == datetime(2024, 3, 1, 9, 30, 15)  # noqa: DTZ001


def test_xml_that_is_no_ecg_or_a_trap(tmp_path):
    needs("ecgdatakit")
    path = tmp_path / "a.xml"
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">' for k in range(9)
    )
    path.write_text(muse(extra=f"{bomb}]>").replace(">p7<", ">&j;<"))
    refused(path, "[Ee]ntit")
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path.write_text(muse(extra=f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>').replace(">p7<", ">&a;<"))
    refused(path, "[Ee]ntit")
    for text in ("<a>", "<html></html>", "no XML", muse()[:-3000], muse().replace("MICROVOLTS", "x")[:900]):
        path.write_text(text)
        refused(path)


# -- SCP-ECG --------------------------------------------------------------------------------------------------------


def scp(path, counts=COUNTS):
    """EN 1064: sections with a checksum, an identity and a length each; samples as plain 16 bit differences of none."""

    def section(number, body):
        body += bytes(len(body) % 2)
        head = struct.pack("<HIBB6s", number, 16 + len(body), 13, 13, b"SCPECG" if number == 0 else b"")
        return struct.pack("<H", binascii.crc_hqx(head + body, 0xFFFF)) + head + body

    def tag(number, data):
        return struct.pack("<BH", number, len(data)) + data

    n = counts.shape[1]
    parts = {
        1: tag(2, b"p7\0") + tag(5, struct.pack("<HBB", 1950, 5, 3)) + tag(8, b"\x01")
        + tag(25, struct.pack("<HBB", 2024, 3, 1)) + tag(26, struct.pack("<BBB", 9, 30, 15)) + tag(255, b""),
        3: struct.pack("<BB", len(counts), 4 | (len(counts) << 3))
        + b"".join(struct.pack("<IIB", 1, n, code) for code in (1, 2)),
        6: struct.pack("<HHBB", 1000, 5000, 0, 0) + struct.pack("<2H", 2 * n, 2 * n) + counts.tobytes(),
    }  # fmt: skip
    sections = {number: section(number, body) for number, body in parts.items()}
    pointers, at = b"", 7 + 16 + 10 * (len(sections) + 1)
    table = struct.pack("<HII", 0, 16 + 10 * (len(sections) + 1), 7)
    for number, whole in sections.items():
        pointers += struct.pack("<HII", number, len(whole), at)
        at += len(whole)
    body = section(0, table + pointers) + b"".join(sections.values())
    body = struct.pack("<I", len(body) + 6) + body
    path.write_bytes(struct.pack("<H", binascii.crc_hqx(body, 0xFFFF)) + body)
    return path


def test_scp(tmp_path):
    needs("ecgdatakit")
    found = read(scp(tmp_path / "a.scp"))
    assert (found.sampling_rate, found.channel_names, found.units) == (200, ("I", "II"), ("mV", "mV"))
    np.testing.assert_allclose(found.data, COUNTS / 1000, atol=1e-6)
    assert found.start_time == datetime(2024, 3, 1, 9, 30, 15)  # noqa: DTZ001
    assert found.metadata["sex"] == "male"
    cut_and_spoil(tmp_path / "a.scp", 6)


# -- DICOM ----------------------------------------------------------------------------------------------------------


def dicom(path, groups=1, deflated=False):
    pydicom = needs("pydicom")
    from pydicom.dataset import Dataset, FileMetaDataset

    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.3"
    data.Modality, data.PatientID, data.PatientSex, data.PatientAge = "ECG", "p7", "F", "045Y"
    data.AcquisitionDateTime = "20240301093015.250"
    data.WaveformSequence = []
    for number in range(groups):
        group = Dataset()
        group.MultiplexGroupLabel = ["RHYTHM", "MEDIAN BEAT"][number]
        rate, counts = ((200, COUNTS), (500, COUNTS[:, :300]))[number]
        group.WaveformOriginality, group.NumberOfWaveformChannels = "ORIGINAL", 2
        group.NumberOfWaveformSamples, group.SamplingFrequency = counts.shape[1], rate
        group.ChannelDefinitionSequence = []
        for name in ("Lead I (Einthoven)", "Lead aVR"):
            channel, code, unit = Dataset(), Dataset(), Dataset()
            code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "5.6.3-9-1", "SCPECG", name
            unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "uV", "UCUM", "microvolt"
            channel.ChannelSourceSequence, channel.ChannelSensitivityUnitsSequence = [code], [unit]
            channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = 2.5, 1, 0
            channel.WaveformBitsStored = 16
            group.ChannelDefinitionSequence.append(channel)
        group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
        group.add_new(0x54001010, "OW", counts.T.tobytes())
        data.WaveformSequence.append(group)
    mark = Dataset()
    mark.UnformattedTextValue, mark.ReferencedWaveformChannels = "VPC", [1, 0]
    mark.TemporalRangeType, mark.ReferencedSamplePositions = "POINT", [401]
    data.WaveformAnnotationSequence = [mark]
    data.file_meta = FileMetaDataset()
    syntax = pydicom.uid.DeflatedExplicitVRLittleEndian if deflated else pydicom.uid.ExplicitVRLittleEndian
    data.file_meta.TransferSyntaxUID = syntax
    data.file_meta.MediaStorageSOPClassUID, data.file_meta.MediaStorageSOPInstanceUID = data.SOPClassUID, "1.2.3"
    data.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("deflated", [False, True])
def test_dicom(tmp_path, deflated):
    found = read(dicom(tmp_path / "a.dcm", deflated=deflated))
    assert (found.sampling_rate, found.channel_names, found.units) == (200, ("I", "aVR"), ("µV", "µV"))
    np.testing.assert_allclose(found.data, COUNTS * 2.5, rtol=1e-6)
    assert found.start_time == datetime(2024, 3, 1, 9, 30, 15, 250_000)  # noqa: DTZ001
    assert (found.metadata["age"], found.metadata["sex"]) == (45, "female")
    assert [(mark.sample, mark.label) for mark in found.annotations] == [(400, "VPC")]


def test_dicom_of_two_groups(tmp_path):
    path = dicom(tmp_path / "a", groups=2)  # without an ending
    found = read(path)
    assert (found.sampling_rate, found.n_samples) == (200, N)
    assert any("MEDIAN BEAT" in note and "key=" in note for note in found.warnings)
    for key in ("1", "median beat"):
        assert read(path, key=key).sampling_rate == 500
    refused(path, "no group '2'", key="2")


def test_dicom_is_that_of_ecgdatakit(tmp_path):
    path = dicom(tmp_path / "a.dcm")
    kit = needs("ecgdatakit.parsing").FileParser.parse(path, units="uV")
    np.testing.assert_allclose(read(path).data, np.stack([lead.samples for lead in kit.leads]), rtol=1e-5)


def test_dicom_damaged(tmp_path):
    path = dicom(tmp_path / "a.dcm")
    cut_and_spoil(path, 132)
    (tmp_path / "b.dcm").write_bytes(
        bytes(128) + b"DICM\x02\x00\x02\x00UI\x1e\x001.2.840.10008.5.1.4.1.1.9.1.1\0" + bytes(4000)
    )
    refused(tmp_path / "b.dcm")


# -- XDF ------------------------------------------------------------------------------------------------------------


def xdf(path, streams, extra=""):
    """https://github.com/sccn/xdf/wiki/Specifications: chunks of a length, a tag and content."""

    def chunk(tag, content):
        return b"\x04" + struct.pack("<IH", len(content) + 2, tag) + content

    about = "<info><version>1.0</version><datetime>2024-03-01T09:30:15+0100</datetime></info>"
    out = b"XDF:" + chunk(1, f"<?xml version='1.0'?>{extra}{about}".encode())
    for number, (name, kind, rate, channels, times, values) in enumerate(streams, 1):
        form = "string" if kind == "Markers" else "float32"
        inner = "".join(f"<channel><label>{label}</label><unit>{unit}</unit></channel>" for label, unit in channels)
        header = (
            f"<?xml version='1.0'?><info><name>{name}</name><type>{kind}</type>"
            f"<channel_count>{len(channels) or 1}</channel_count>"
            f"<nominal_srate>{rate}</nominal_srate><channel_format>{form}</channel_format>"
            f"<desc><channels>{inner}</channels></desc></info>"
        )
        out += chunk(2, struct.pack("<I", number) + header.encode())
        samples = b""
        for time, value in zip(times, values, strict=True):
            samples += b"\x08" + struct.pack("<d", time)
            if form == "string":
                samples += b"\x01" + bytes([len(value)]) + value.encode()
            else:
                samples += np.asarray(value, dtype="<f4").tobytes()
        out += chunk(3, struct.pack("<I", number) + b"\x04" + struct.pack("<I", len(times)) + samples)
    path.write_bytes(out)
    return path


EXG = ("EXG", "ECG", 200, [("ECG", "millivolts"), ("Resp", "")], 5000 + np.arange(N) / 200, (COUNTS / 1000).T)
ACC = ("ACC", "ACC", 50, [("x", "g")], 5001 + np.arange(500) / 50, np.arange(500)[:, None] / 100)
MARKS = ("Events", "Markers", 0, [], [5002.0, 5004.5], ["rest", "walk"])


def test_xdf(tmp_path):
    needs("pyxdf")
    found = read(xdf(tmp_path / "a.xdf", [ACC, EXG, MARKS]))
    assert (found.sampling_rate, found.channel_names, found.units) == (200, ("ECG", "Resp"), ("mV", ""))
    np.testing.assert_allclose(found.data, COUNTS / 1000, rtol=1e-5)
    assert [(mark.sample, mark.label) for mark in found.annotations] == [(400, "rest"), (900, "walk")]
    assert found.start_time.astimezone(UTC) == datetime(2024, 3, 1, 8, 30, 15, tzinfo=UTC)
    assert any("x at 50 Hz" in note for note in found.warnings)


def test_streams_of_xdf(tmp_path):
    needs("pyxdf")
    path = xdf(tmp_path / "a.xdf", [ACC, EXG, MARKS])
    assert read(path, key="ACC").sampling_rate == 50
    assert read(path, channels="x").n_samples == 500
    refused(path, "no stream of samples 'EEG'|holds no stream of samples", key="EEG")
    refused(path, "different sampling rates", channels=["ECG", "x"])
    both = read(path, channels=["ECG", "x"], resample_to=200)
    assert both.n_channels == 2
    assert both.duration == pytest.approx(9, abs=0.02)  # from 5001 to 5010 s
    np.testing.assert_allclose(both.data[0], COUNTS[0, 200:2000] / 1000, atol=1e-5)
    assert both.data[1, 400] == pytest.approx(1.0, abs=0.02)


def test_a_stream_without_a_rate_is_left_out(tmp_path):
    needs("pyxdf")
    rare = ("Weight", "Scale", 0, [("weight", "kg")], [5000.0, 5400.0, 5401.0], [[70.0], [70.5], [71.0]])
    found = read(xdf(tmp_path / "a.xdf", [rare, EXG]))
    assert found.channel_names == ("ECG", "Resp")


def test_pauses_and_clocks_of_xdf(tmp_path):
    needs("pyxdf")
    times = EXG[4] + np.where(np.arange(N) >= 1000, 30.0, 0)
    found = read(xdf(tmp_path / "a.xdf", [(*EXG[:4], times, EXG[5])]))
    assert [span.time for span in found.spans] == pytest.approx([0, 35])
    drifted = 5000 + np.arange(N) / 198.0
    assert read(xdf(tmp_path / "b.xdf", [(*EXG[:4], drifted, EXG[5])])).sampling_rate == pytest.approx(198, rel=1e-4)


def test_xdf_damaged(tmp_path):
    needs("pyxdf")
    (tmp_path / "b.xdf").write_bytes(b"XDF:" + bytes(100))
    refused(tmp_path / "b.xdf", "no stream")
    refused(xdf(tmp_path / "c.xdf", [EXG], '<!DOCTYPE x [<!ENTITY a "b">]>'), "entities")
    refused(xdf(tmp_path / "d.xdf", [MARKS]), "no stream of samples")
    cut_and_spoil(xdf(tmp_path / "a.xdf", [EXG]), 4)


# -- BrainVision, GDF, FIF, EEGLAB ----------------------------------------------------------------------------------


def brainvision(folder, data="a.eeg", form="INT_16"):
    header = (
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={data}\nMarkerFile=a.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=2\n"
        f"SamplingInterval=5000\n[Binary Infos]\nBinaryFormat={form}\n[Channel Infos]\nCh1=ECG,,1,µV\nCh2=Cz,,0.5,µV\n"
    )
    (folder / "a.vhdr").write_text(header, encoding="utf-8")
    (folder / "a.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n[Common Infos]\nCodepage=UTF-8\nDataFile=a.eeg\n"
        "[Marker Infos]\nMk1=New Segment,,1,1,0,20240301093015000000\nMk2=Stimulus,S  1,401,1,0\n",
        encoding="utf-8",
    )
    (folder / "a.eeg").write_bytes(COUNTS.T.tobytes())
    return folder / "a.vhdr"


def test_brainvision(tmp_path):
    needs("mne", "mne")
    brainvision(tmp_path)
    for name in ("a.vhdr", "a.eeg", "a.vmrk"):
        found = read(tmp_path / name)
        assert (found.sampling_rate, found.channel_names, found.units) == (200, ("ECG", "Cz"), ("mV", "µV"))
        np.testing.assert_allclose(found.data[0], COUNTS[0] / 1000, atol=1e-6)
        np.testing.assert_allclose(found.data[1], COUNTS[1] / 2, atol=1e-3)
        assert found.start_time == datetime(2024, 3, 1, 9, 30, 15, tzinfo=UTC)
        assert (400, "Stimulus/S  1") in [(mark.sample, mark.label) for mark in found.annotations]


@pytest.mark.parametrize("elsewhere", ["../secret.eeg", "/etc/hostname", "..\\secret.eeg", "C:\\a.eeg"])
def test_brainvision_stays_in_its_folder(tmp_path, elsewhere):
    needs("mne", "mne")
    refused(brainvision(tmp_path, elsewhere), "another folder")


def test_brainvision_without_its_parts(tmp_path):
    needs("mne", "mne")
    refused(brainvision(tmp_path, "b.eeg"), "b.eeg is not beside it")
    (tmp_path / "a.vhdr").unlink()
    refused(tmp_path / "a.eeg", "no header a.vhdr")


def gdf(path):
    """GDF 1.25 (Schlögl 2006, doi:10.48550/arXiv.cs/0608052): as EDF, with numbers in the header."""
    n = len(COUNTS)
    fixed = b"GDF 1.25" + b"p7".ljust(80) + b"".ljust(80) + b"2024030109301500"
    fixed += struct.pack("<q", 256 * (n + 1)) + bytes(8 + 8 + 8 + 20)
    fixed += struct.pack("<qIII", 10, 1, 1, n)
    assert len(fixed) == 256
    labels = b"".join(name.ljust(16) for name in (b"ECG", b"Cz"))
    parts = [
        labels,
        b" " * 80 * n,
        b"uV".ljust(8) * n,
        struct.pack("<2d", -32768, -32768),
        struct.pack("<2d", 32767, 32767),
    ]
    parts += [struct.pack("<2q", -32768, -32768), struct.pack("<2q", 32767, 32767), b" " * 80 * n]
    parts += [struct.pack("<2I", 200, 200), struct.pack("<2I", 3, 3), b" " * 32 * n]
    body = b"".join(COUNTS[:, k : k + 200].tobytes() for k in range(0, N, 200))
    path.write_bytes(fixed + b"".join(parts) + body)
    return path


def test_gdf(tmp_path):
    needs("mne", "mne")
    found = read(gdf(tmp_path / "a.gdf"))
    assert (found.sampling_rate, found.channel_names, found.n_samples) == (200, ("ECG", "Cz"), N)
    np.testing.assert_allclose(found.data[0], COUNTS[0] / 1000, atol=1e-4)
    (tmp_path / "b.gdf").write_bytes(b"GDF 2.20" + bytes(248) + COUNTS.tobytes())
    refused(tmp_path / "b.gdf", "names no channels")


def test_fif(tmp_path, ecg):
    needs("mne", "mne")
    ecg.to_mne().save(tmp_path / "a_raw.fif", verbose="error")
    found = read(tmp_path / "a_raw.fif")
    np.testing.assert_allclose(found.data, ecg.data, rtol=1e-5, atol=1e-7)
    assert (found.channel_names, found.units) == (ecg.channel_names, ecg.units)
    with pytest.raises(ParameterError, match="units"):
        read(tmp_path / "a_raw.fif", units="mV")


def test_fif_in_circles(tmp_path, ecg):
    needs("mne", "mne")
    path = tmp_path / "a_raw.fif"
    ecg.to_mne().save(path, verbose="error")
    raw = bytearray(path.read_bytes())
    second = 16 + int.from_bytes(raw[8:12], "big")
    raw[second + 12 : second + 16] = struct.pack(">i", second)
    path.write_bytes(raw)
    refused(path, "leads back")


@pytest.mark.parametrize("beside", [False, True])
def test_eeglab(tmp_path, beside):
    data = COUNTS.astype("<f4")
    places = np.array([("Cz",), ("ECG",)], dtype=[("labels", object)])
    events = np.array(
        [(401.0, "S1", 20.0), (801.0, "S2", 0.0)], dtype=[("latency", object), ("type", object), ("duration", object)]
    )
    eeg = {"srate": 200.0, "nbchan": 2, "pnts": N, "trials": 1, "chanlocs": places, "event": events, "subject": "p7"}
    if beside:
        data.T.tofile(tmp_path / "a.fdt")
    scipy.io.savemat(tmp_path / "a.set", {"EEG": {**eeg, "data": "C:\\lab\\a.fdt" if beside else data}})
    found = read(tmp_path / "a.set")
    assert (found.sampling_rate, found.channel_names, found.units) == (200, ("Cz", "ECG"), ("µV", "mV"))
    np.testing.assert_allclose(found.data[0], COUNTS[0])
    np.testing.assert_allclose(found.data[1], COUNTS[1] / 1000, rtol=1e-6)
    assert [(mark.sample, mark.label, mark.duration) for mark in found.annotations] == [
        (400, "S1", 0.1),
        (800, "S2", 0.0),
    ]
    assert found.metadata["subject"] == "p7"
    if beside:
        (tmp_path / "a.fdt").write_bytes(b"1234")
        refused(tmp_path / "a.set", "holds 4 bytes")
        (tmp_path / "a.fdt").unlink()
        refused(tmp_path / "a.set", "not beside it")


def test_eeglab_is_that_of_mne(tmp_path):
    mne = needs("mne", "mne")
    places = np.array([("Cz",), ("Pz",)], dtype=[("labels", object)])
    eeg = {"srate": 200.0, "nbchan": 2, "pnts": N, "trials": 1, "chanlocs": places, "data": COUNTS.astype("<f4"),
           "setname": "", "xmin": 0.0, "xmax": 9.995, "event": np.array([]), "icaweights": np.array([]),
           "icawinv": np.array([]), "icasphere": np.array([])}  # fmt: skip
    scipy.io.savemat(tmp_path / "a.set", {"EEG": eeg})
    raw = mne.io.read_raw_eeglab(tmp_path / "a.set", verbose="error")
    np.testing.assert_allclose(read(tmp_path / "a.set").data, raw.get_data() * 1e6, rtol=1e-5)


def test_epochs_of_eeglab(tmp_path):
    epochs = np.stack([COUNTS[:, :500], COUNTS[:, 500:1000]], axis=2).astype("<f4")
    eeg = {"srate": 200.0, "nbchan": 2, "pnts": 500, "trials": 2, "data": epochs}
    scipy.io.savemat(tmp_path / "a.set", {"EEG": eeg})
    refused(tmp_path / "a.set", "2 trials")
    np.testing.assert_allclose(read(tmp_path / "a.set", key="1").data, COUNTS[:, 500:1000])


# -- BIOPAC ---------------------------------------------------------------------------------------------------------


def acq(path, compressed=False):
    """AcqKnowledge 3.7, by BIOPAC's application note 156: headers, samples of all channels in turn, markers.

    The ECG at 200 Hz is 16 bit with a scale, the respiration at 50 Hz double.
    """
    ext = struct.pack("<hhh5d", 2, 0, 0, 5.0, 0.0, 1.0, 0.0, 0.0) + bytes(8 + 12 + 2 + 8 + 2 + 40 + 10 + 12)
    ext += bytes(14 + 2 + 160 + 240 + 320 + 4 + 8 + 8 + 8 + 8 + 480 + 8 + 480 + 4)
    head = struct.pack("<hIi", 0, 38, 10 + len(ext)) + ext
    out = head
    counts = [N, N // 4]
    for k, (name, unit, scale, divider) in enumerate([("ECG", "mV", 0.001, 1), ("Resp", "Volts", 1.0, 4)]):
        channel = struct.pack("<h40s4xh2d20si2dhhhd128sh", k + 1, name.encode(), k, 0, 1, unit.encode(), counts[k],
                              scale, 0.5 if k == 0 else 0.0, k, 1, 0, 0, b"", divider)  # fmt: skip
        out += struct.pack("<i", 4 + len(channel)) + channel
    out += struct.pack("<hh", 4, 0) + struct.pack("<4h", 2, 2, 8, 1)
    slow = np.arange(N // 4) / 1000
    for k in range(N // 4):  # in a frame of four ticks: ECG, Resp, ECG, ECG, ECG
        frame = COUNTS[0, 4 * k : 4 * k + 4]
        out += frame[:1].tobytes() + struct.pack("<d", slow[k]) + frame[1:].tobytes()
    out += struct.pack("<ii", 8 + 12 + 5, 1) + struct.pack("<ihhhh", 400, 0, 0, 0, 4) + b"rest\0"
    path.write_bytes(out)
    return slow


def test_acq(tmp_path):
    needs("bioread")
    slow = acq(tmp_path / "a.acq")
    found = read(tmp_path / "a.acq")
    assert (found.sampling_rate, found.channel_names, found.units) == (200, ("ECG",), ("mV",))
    np.testing.assert_allclose(found.data[0], COUNTS[0] / 1000 + 0.5, atol=1e-6)
    assert any("Resp at 50 Hz" in note for note in found.warnings)
    assert [(mark.sample, mark.label) for mark in found.annotations] == [(400, "rest")]
    found = read(tmp_path / "a.acq", channels="Resp")
    assert (found.sampling_rate, found.units) == (50, ("mV",))
    np.testing.assert_allclose(found.data[0], slow * 1000, rtol=1e-5)
    assert read(tmp_path / "a.acq", resample_to=100).channel_names == ("ECG", "Resp")


def test_acq_damaged(tmp_path, capfd):
    needs("bioread")
    acq(tmp_path / "b.acq")
    cut_and_spoil(tmp_path / "b.acq", 0)
    assert capfd.readouterr().err == ""  # bioread prints what it misses
    for content in (
        bytes(2) + b"T" + bytes(400),
        b"\0",
        bytes(3000),
        b"\xff" * 3000,
        bytes(2) + struct.pack("<i", 45) + bytes(9000),
    ):
        (tmp_path / "a.acq").write_bytes(content)
        refused(tmp_path / "a.acq", "AcqKnowledge|claims|damaged")


# -- WAV ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["<i2", "<i4", "<f4", "u1"])
def test_wav(tmp_path, kind):
    counts = COUNTS.T if kind != "u1" else np.round(COUNTS.T / 10) + 128
    scipy.io.wavfile.write(tmp_path / "a.wav", 8000, counts.astype(kind))
    found = read(tmp_path / "a.wav")
    assert (found.sampling_rate, found.data.shape) == (8000, (2, N))
    np.testing.assert_allclose(found.data, COUNTS if kind != "u1" else np.round(COUNTS / 10))
    assert any("no unit" in note for note in found.warnings)
    assert read(tmp_path / "a.wav", units="uV").units == ("µV", "µV")


def test_wav_damaged(tmp_path):
    scipy.io.wavfile.write(tmp_path / "a.wav", 8000, COUNTS.T)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "b.wav").write_bytes(whole[:-1000])
    assert any("end is missing" in note for note in read(tmp_path / "b.wav").warnings)
    (tmp_path / "c.wav").write_bytes(whole[:40] + b"\xff\xff\xff\x7f" + whole[44:])
    refused(tmp_path / "c.wav", "claims")
    (tmp_path / "d.wav").write_bytes(b"RIFF\x04\0\0\0WAVE")
    refused(tmp_path / "d.wav", "no samples")
    cut_and_spoil(tmp_path / "a.wav", 12)
