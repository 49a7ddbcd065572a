"""Small whole files of every kind that can be read, each with how to read it; mutations start from them."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sigsimnet.io import write
from sigsimnet.recording import Annotation, Recording, Span

RATE = 250


@dataclass(frozen=True)
class Seed:
    """Files of one recording; ``name`` is what is read, the others belong to it."""

    name: str
    files: dict[str, bytes]
    options: dict[str, Any] = field(default_factory=dict)


def recording(seconds: float = 4.0, pause: bool = False) -> Recording:
    t = np.arange(int(seconds * RATE)) / RATE
    beats = np.exp(-((((t[None] + [[0.0], [0.05]]) % 0.8) - 0.4) ** 2) / 0.0004)
    half = len(t) // 2
    spans = [Span(0, half), Span(half, len(t), half / RATE + 5.0)] if pause else None
    marks = [Annotation(int(at * RATE), "N") for at in np.arange(0.4, seconds, 0.8)]
    more = {"subject": "S1", "comments": ["somebody's"]}
    return Recording(beats, RATE, channel_names=["I", "V5"], units="mV", spans=spans, annotations=marks, metadata=more)


def seeds(folder: Path) -> list[Seed]:
    """Return whole files of every format; `folder` is for writing them."""
    one, paused = recording(), recording(pause=True)
    found = []
    for name in ("a.csv", "a.tsv", "a.edf", "a.npz", "a.parquet", "a.csv.gz"):
        write(one, folder / name)
        found.append(Seed(name, {name: (folder / name).read_bytes()}))
    for name, what in (("w.hea", one), ("m.hea", paused)):
        write(what, folder / name)
        files = {path.name: path.read_bytes() for path in sorted(folder.glob(f"{name[0]}[._]*"))}
        found.append(Seed(name, files))
    found += [*_formats_of_wfdb(folder), _bdf(folder, one), _interrupted_edf(folder)]
    found += _arrays(one) + _texts(one) + _archives(found)
    return found


def _formats_of_wfdb(folder: Path) -> list[Seed]:
    """Return records of several formats."""
    import wfdb

    rng = np.random.default_rng(0)
    found = []
    for form in ("212", "80", "24", "32"):
        wfdb.wrsamp(
            f"f{form}",
            fs=RATE,
            units=["mV"] * 2,
            sig_name=["I", "II"],
            d_signal=rng.integers(-100, 100, (500, 2)),
            fmt=[form] * 2,
            adc_gain=[200.0] * 2,
            baseline=[0] * 2,
            write_dir=str(folder),
        )
        files = {path.name: path.read_bytes() for path in sorted(folder.glob(f"f{form}.*"))}
        found.append(Seed(f"f{form}.hea", files))
    return found


def _bdf(folder: Path, one: Recording) -> Seed:
    import edfio

    signals = [edfio.BdfSignal(row.astype(float), RATE, label=name) for row, name in zip(one.data, "AB", strict=True)]
    edfio.Bdf(signals, annotations=[edfio.EdfAnnotation(1.0, None, "x")]).write(folder / "b.bdf")
    return Seed("b.bdf", {"b.bdf": (folder / "b.bdf").read_bytes()})


def _interrupted_edf(folder: Path) -> Seed:
    import edfio

    t = np.arange(1000) / RATE
    edf = edfio.Edf([edfio.EdfSignal(np.sin(t), RATE, label="ECG")], annotations=[edfio.EdfAnnotation(1, None, "x")])
    edf.write(folder / "d.edf")
    raw = (folder / "d.edf").read_bytes().replace(b"EDF+C", b"EDF+D")
    return Seed("d.edf", {"d.edf": raw})


def _arrays(one: Recording) -> list[Seed]:
    import scipy.io

    stored = io.BytesIO()
    np.save(stored, one.data)
    rate = {"sampling_rate": RATE}
    found = [Seed("n.npy", {"n.npy": stored.getvalue()}, rate)]
    for name, options in (("v4.mat", {"format": "4"}), ("v5.mat", {}), ("v7.mat", {"do_compression": True})):
        content = io.BytesIO()
        scipy.io.savemat(content, {"val": one.data, "fs": float(RATE)}, **options)
        found.append(Seed(name, {name: content.getvalue()}))
    packed = io.BytesIO()
    np.savez_compressed(packed, ecg=one.data, fs=RATE, other=np.zeros(3))
    return [*found, Seed("z.npz", {"z.npz": packed.getvalue()}, {"key": "ecg"})]


def _texts(one: Recording) -> list[Seed]:
    rows = list(zip(np.arange(one.n_samples) / RATE, one.data[0], strict=True))
    german = "Zeit (s);EKG (mV)\n" + "\n".join(f"{t:.3f};{x:.4f}".replace(".", ",") for t, x in rows)
    stamps = "timestamp,ecg1\n" + "\n".join(f"2024-05-01 10:{int(t) // 60:02d}:{t % 60:09.6f},{x:.5f}" for t, x in rows)
    about = json.dumps({"device": {"sampling rate": RATE}})
    bitalino = f"# OpenSignals Text File Format\n# {about}\n# EndOfHeader\n" + "\n".join(
        f"{i}\t{x:.4f}" for i, (_, x) in enumerate(rows)
    )
    bare = " ".join(f"{x:.4f}" for _, x in rows).replace(" ", "\n")
    texts = {"de.csv": german, "st.csv": stamps, "os.txt": bitalino}
    return [
        *(Seed(name, {name: text.encode()}) for name, text in texts.items()),
        Seed("u16.csv", {"u16.csv": german.encode("utf-16")}),
        Seed("bare.txt", {"bare.txt": bare.encode()}, {"sampling_rate": RATE}),
    ]


def _archives(found: list[Seed]) -> list[Seed]:
    by_name = {seed.name: seed for seed in found}
    archives = []
    for name, inside in (("t.zip", by_name["a.csv"]), ("r.zip", by_name["w.hea"]), ("e.zip", by_name["a.edf"])):
        for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_STORED):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", method) as archive:
                for member, content in inside.files.items():
                    archive.writestr(f"sub/{member}", content)
            label = f"{name[0]}{method}.zip"
            archives.append(Seed(label, {label: packed.getvalue()}))
    text = by_name["a.csv"].files["a.csv"]
    return [*archives, Seed("g.csv.gz", {"g.csv.gz": gzip.compress(text)})]


def mutated(content: bytes, rng: np.random.Generator, others: list[bytes]) -> bytes:
    """Return a file with one kind of damage, most often near its beginning, where headers are."""
    raw = bytearray(content)
    if not raw:
        return bytes(raw)
    near = min(len(raw), 1024) if rng.random() < 0.6 else len(raw)
    kind = int(rng.integers(9))
    at = int(rng.integers(near))
    if kind == 0:  # bits
        for place in rng.integers(near, size=int(rng.integers(1, 12))):
            raw[place] ^= 1 << int(rng.integers(8))
    elif kind == 1:  # bytes
        for place in rng.integers(near, size=int(rng.integers(1, 30))):
            raw[place] = int(rng.integers(256))
    elif kind == 2:  # cut short
        del raw[int(rng.integers(len(raw))) :]
    elif kind == 3:  # a part is lost
        del raw[at : at + int(rng.integers(1, 200))]
    elif kind == 4:  # a part comes twice
        part = raw[at : at + int(rng.integers(1, 200))]
        raw[at:at] = part * int(rng.integers(1, 20))
    elif kind == 5:  # odd numbers and words where there are some
        odd = (
            b"nan",
            b"inf",
            b"-1",
            b"0",
            b"1e308",
            b"99999999999999999999",
            b"",
            b"\x00",
            b"\xff\xfe",
            b"../..",
            b"%s",
        )
        raw[at : at + int(rng.integers(1, 9))] = odd[int(rng.integers(len(odd)))]
    elif kind == 6:  # another file's middle
        other = others[int(rng.integers(len(others)))]
        raw[at : at + 64] = other[at % max(len(other), 1) :][:64]
    elif kind == 7:  # extreme integers
        width = int(rng.choice([1, 2, 4, 8]))
        raw[at : at + width] = bytes([int(rng.choice([0, 0x7F, 0x80, 0xFF]))]) * width
    else:  # noise at the end
        raw += rng.integers(256, size=int(rng.integers(1, 5000))).astype(np.uint8).tobytes()
    return bytes(raw)
