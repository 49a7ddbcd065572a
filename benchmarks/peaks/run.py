"""R peaks on MIT-BIH, and with noise: our detectors and those of other libraries, in one run.

    pip install neurokit2 py-ecg-detectors sleepecg heartpy      # into an environment of its own: GPL among them
    python benchmarks/peaks/run.py ../shared/data -o benchmarks/peaks/results

Writes ``mitdb.csv`` (a row for each record and method), ``noise.csv`` and ``versions.txt``; ``table.py`` makes the
tables and the figure. Channel 0, the first 5 minutes left out of the count (ANSI/AAMI EC57), beats matched one to one
within 150, 50 and 25 ms *without* taking off any lag; ``jf`` is that of Porr & Macfarlane 2024
(doi:10.1371/journal.pone.0309739): lag removed, then F1 × 1 / (1 + MAD / 10 ms).
"""

from __future__ import annotations

import argparse
import csv
import os
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # one thread each: CPU seconds mean the same for everybody

import numpy as np
import wfdb
from methods import SLOW, Detector, ours, peers, versions

from sigsimnet.metrics import match_beats

BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
SKIPPED = 300.0  # s
TOLERANCES = (0.150, 0.050, 0.025)  # s
SNRS = (24, 18, 12, 6, 0, -6)  # dB
NOISE_LENGTH = 600.0  # s of a record after the skipped minutes
NOISE_RECORDS = ("100", "101", "103", "105", "106", "112", "115", "117", "121", "123", "209", "220", "223", "230")


def read(path: Path) -> tuple[np.ndarray, np.ndarray, float]:
    record = wfdb.rdrecord(str(path))
    marks = wfdb.rdann(str(path), "atr")
    beats = np.array([s for s, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol in BEATS])
    return record.p_signal[:, 0], beats, float(record.fs)


def score(truth: np.ndarray, found: np.ndarray, rate: float) -> dict[str, float]:
    scores = {tolerance: match_beats(truth / rate, found / rate, tolerance) for tolerance in TOLERANCES}
    widest = scores[TOLERANCES[0]]
    row: dict[str, float] = {"n_true": len(truth), "n_found": len(found)}
    row |= {f"tp_{1000 * tolerance:.0f}": item.n_matched for tolerance, item in scores.items()}
    # JF: the lag is taken off before beats are counted.
    moved = match_beats(truth / rate, found / rate - widest.lag, TOLERANCES[0]) if widest.n_matched else widest
    return row | {"lag_ms": 1000 * widest.lag, "mad_ms": 1000 * widest.mad, "jf": moved.jf}


def run(detector: Detector, x: np.ndarray, rate: float) -> tuple[np.ndarray, float, str]:
    start = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = np.asarray(detector(x, rate), dtype=float)
        error = ""
    except Exception as problem:  # noqa: BLE001 - what others raise is part of the result
        found, error = np.empty(0), f"{type(problem).__name__}: {problem}"[:80]
    found = np.unique(found[np.isfinite(found)])
    return found, time.process_time() - start, error


def record_rows(path: Path, *, only_ours: bool) -> list[dict[str, object]]:
    x, truth, rate = read(path)
    truth = truth[truth >= SKIPPED * rate]
    rows = []
    for name, detector in (ours() if only_ours else {**ours(), **peers()}).items():
        detector(x[: int(60 * rate)].copy(), rate) if name.startswith("sigsimnet") else None  # compiled beforehand
        found, seconds, error = run(detector, x.copy(), rate)
        figures = score(truth, found[found >= SKIPPED * rate], rate)
        rows.append({"record": path.name, "method": name, **figures, "cpu_s": seconds, "error": error})
    return rows


def noise_rows(task: tuple[Path, Path, str], *, only_ours: bool) -> list[dict[str, object]]:
    path, noise_path, kind = task
    x, truth, rate = read(path)
    noise = wfdb.rdrecord(str(noise_path)).p_signal[:, 0]
    first = int(SKIPPED * rate)
    last = first + int(NOISE_LENGTH * rate)
    x = x[first:last]
    truth = truth[(truth >= first) & (truth < last)] - first
    noise = noise[first:last] - noise[first:last].mean()
    # As the noise stress test of PhysioNet (Moody 1984): signal power from the peak-to-peak amplitude of the QRS.
    heights = [np.ptp(x[max(0, b - int(0.05 * rate)) : b + int(0.05 * rate)]) for b in truth]
    power = np.mean(np.sort(heights)[len(heights) // 20 : -max(1, len(heights) // 20)]) ** 2 / 8
    rows = []
    every = ours() if only_ours else {**ours(), **peers()}
    methods = {name: found for name, found in every.items() if name not in SLOW}
    for snr in SNRS:
        gain = np.sqrt(power / np.mean(noise**2) / 10 ** (snr / 10))
        for name, detector in methods.items():
            found, _, error = run(detector, x + gain * noise, rate)
            rows.append(
                {
                    "record": path.name,
                    "noise": kind,
                    "snr": snr,
                    "method": name,
                    **score(truth, found, rate),
                    "error": error,
                }
            )
    return rows


def write(path: Path, rows: list[dict[str, object]], *, only_ours: bool) -> None:
    if only_ours:  # rows of others stay as they were measured
        keys = [key for key in ("record", "noise", "snr", "method") if key in rows[0]]
        new = {tuple(str(row[key]) for key in keys): row for row in rows}
        with path.open(newline="") as file:
            rows = [new.get(tuple(row[key] for key in keys), row) for row in csv.DictReader(file)]
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})
    temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with mitdb/ and nstdb/")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("results"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--part", choices=("all", "mitdb", "noise"), default="all")
    parser.add_argument("--only-ours", action="store_true", help="leave the rows of other libraries as they are")
    options = parser.parse_args()
    only_ours = {"only_ours": options.only_ours}
    options.output.mkdir(parents=True, exist_ok=True)
    records = sorted(header.with_suffix("") for header in (options.data / "mitdb").glob("*.hea"))
    with ProcessPoolExecutor(options.jobs) as pool:
        if options.part != "noise":
            parts = pool.map(partial(record_rows, **only_ours), records)
            write(options.output / "mitdb.csv", [row for part in parts for row in part], **only_ours)
        if options.part != "mitdb":
            tasks = [
                (options.data / "mitdb" / record, options.data / "nstdb" / kind, kind)
                for kind in ("ma", "bw")
                for record in NOISE_RECORDS
                if (options.data / "mitdb" / f"{record}.hea").is_file()
            ]
            parts = pool.map(partial(noise_rows, **only_ours), tasks)
            write(options.output / "noise.csv", [row for part in parts for row in part], **only_ours)
    if options.only_ours:
        return
    text = "\n".join(f"{name} {number}" for name, number in versions().items())
    (options.output / "versions.txt").write_text(text + "\n")


if __name__ == "__main__":
    main()
