"""Seconds of known quality: mixes of MIT-BIH with noise, hand-held records called noise, PTB-XL's notes.

Who is learnt from and who is kept for the check is decided here, for ``train.py`` and ``benchmarks/quality/run.py``.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import wfdb
from scipy import io as scipy_io
from scipy import signal

BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
ONE_PERSON = {"202": "201"}
NOTES = ("baseline_drift", "static_noise", "burst_noise", "electrodes_problems")
LEADS = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")
QUALITY_CHANGE = "~"


@dataclass
class Record:
    """A record of MIT-BIH with what its annotators said."""

    name: str
    x: np.ndarray  # (n_channels, n_samples), mV
    rate: float
    beats: np.ndarray  # s
    symbols: np.ndarray
    noisy: list[tuple[float, float]]  # s: where the annotators changed the quality to noisy
    learn: bool


def mitdb(data: Path) -> Iterator[Record]:
    """Yield the records; two thirds of the people are learnt from."""
    headers = sorted((data / "mitdb").glob("*.hea"))
    people = sorted({ONE_PERSON.get(header.stem, header.stem) for header in headers})
    for header in headers:
        path = str(header.with_suffix(""))
        record, marks = wfdb.rdrecord(path), wfdb.rdann(path, "atr")
        is_beat = np.array([symbol in BEATS for symbol in marks.symbol])
        place = people.index(ONE_PERSON.get(header.stem, header.stem))
        noisy, since = [], None
        for sample, symbol, subtype in zip(marks.sample, marks.symbol, marks.subtype, strict=True):
            if symbol != QUALITY_CHANGE:
                continue
            bad = subtype != 0  # a bit for each signal that is noisy, -1 when unreadable
            if bad and since is None:
                since = sample / record.fs
            elif not bad and since is not None:
                noisy.append((since, sample / record.fs))
                since = None
        if since is not None:
            noisy.append((since, record.sig_len / record.fs))
        yield Record(
            header.stem,
            record.p_signal.T.astype(np.float32),
            float(record.fs),
            marks.sample[is_beat] / record.fs,
            np.array(marks.symbol)[is_beat],
            noisy,
            place % 3 != 2,
        )


def noise(data: Path, *, learn: bool) -> dict[str, np.ndarray]:
    """Return baseline wander and muscle noise, (2, n) each: the files' second half to learn from, else the first."""
    found = {}
    for kind in ("bw", "ma"):
        x = wfdb.rdrecord(str(data / "nstdb" / kind)).p_signal.T
        half = x.shape[1] // 2
        found[kind] = x[:, half:] if learn else x[:, :half]
    return found


def cinc2017(data: Path, *, learn: bool) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yield name, label (N, A, O, ~) and samples (300 Hz); even numbers are learnt from."""
    with (data / "cinc2017" / "REFERENCE.csv").open() as file:
        labels = {row[0]: row[1] for row in csv.reader(file)}
    with zipfile.ZipFile(data / "cinc2017" / "training2017-A00001-A05000.zip") as archive:
        for member in sorted(name for name in archive.namelist() if name.endswith(".mat")):
            name = Path(member).stem
            if (int(name[1:]) % 2 == 0) == learn and name in labels:
                yield (
                    name,
                    labels[name],
                    scipy_io.loadmat(io.BytesIO(archive.read(member)))["val"].astype(np.float32)[0],
                )


def named_leads(note: str) -> set[str]:
    """Return the leads that a note of PTB-XL names; all for ``alles``."""
    found: set[str] = set()
    for part in note.upper().replace(";", ",").split(","):
        ends = [end.strip() for end in part.split("-")]
        if "ALLES" in part or "NOISE" in part:
            return set(LEADS)
        if all(end in LEADS for end in ends):
            first, last = LEADS.index(ends[0]), LEADS.index(ends[-1])
            found |= set(LEADS[min(first, last) : max(first, last) + 1])
    return found


def ptbxl(data: Path, *, learn: bool | None) -> Iterator[tuple[str, str, dict[str, str], np.ndarray, list[str]]]:
    """Yield name, patient, notes, samples (12 leads, 100 Hz) and names of leads; even patients are learnt from."""
    with (data / "ptb-xl" / "ptbxl_database.csv").open() as file:
        rows = {int(row["ecg_id"]): row for row in csv.DictReader(file)}
    for header in sorted((data / "ptb-xl").rglob("*_lr.hea")):
        row = rows[int(header.stem.partition("_")[0])]
        if learn is not None and (int(float(row["patient_id"])) % 2 == 0) != learn:
            continue
        record = wfdb.rdrecord(str(header.with_suffix("")))
        notes = {key: row[key] for key in NOTES if row[key].strip()}
        yield header.stem, row["patient_id"], notes, record.p_signal.T.astype(np.float32), record.sig_name


def qrs_power(x: np.ndarray, beats: np.ndarray, rate: float) -> float:
    """Return the power of a sine as high as the usual QRS complex: the scale of nst (Moody, Muldrow & Mark 1984)."""
    reach = int(0.05 * rate)
    heights = np.sort([np.ptp(x[max(0, int(b * rate) - reach) : int(b * rate) + reach]) for b in beats])
    trim = len(heights) // 20
    return float(np.mean(heights[trim : len(heights) - max(1, trim)]) ** 2 / 8)


def made_noise(kind: str, n: int, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise that nstdb lacks: white, or motion (1–8 Hz in bursts; nstdb's ``em`` was not at hand)."""
    x = rng.normal(size=n)
    if kind == "motion":
        x = signal.sosfiltfilt(signal.butter(2, (1.0, 8.0), "bandpass", fs=rate, output="sos"), x)
        knots = np.exp(rng.normal(0, 0.8, n // int(2 * rate) + 3))
        x = x * np.interp(np.arange(n), np.arange(len(knots)) * 2 * rate, knots)
    return x


def mixed(x: np.ndarray, beats: np.ndarray, rate: float, added: np.ndarray, snr: float) -> np.ndarray:
    """Return signal plus noise at ``snr`` dB where there is noise (it is not exactly 0), as nst adds it."""
    there = added != 0
    added = np.where(there, added - added[there].mean(), 0.0) if there.any() else added
    power = np.mean(added[there] ** 2) if there.any() else 1.0
    gain = np.sqrt(qrs_power(x, beats, rate) / power / 10 ** (snr / 10))
    return (x + gain * added).astype(np.float32)
