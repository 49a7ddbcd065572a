"""Same person? ECG-ID, cross-record: the bundled model and a twin trained on half of the people.

    python benchmarks/identity/run.py ../shared/data/ecg-id

Writes results.csv beside this script. Protocol: raw lead I, 20 s a recording, every pair of different recordings is a
trial and nothing is gated away; intervals by bootstrap over people.

- ``bundled ecg``: the model in the package, which has never seen ECG-ID, on all people.
- ``twin, half of the people``: `SigSimNet` with its defaults, trained on half of the people (a quarter of these held
  out for early stopping and calibration) and tested on the other half; both halves, several seeds.
- ``pearson``: correlation of mean beats, the same beats, the same trials.
"""

from __future__ import annotations

import argparse
import csv
import platform
import time
from pathlib import Path

import numpy as np
import torch

import sigsimnet
from sigsimnet._files import write_whole
from sigsimnet.evaluate import evaluate_model
from sigsimnet.manifest import Entry, Manifest
from sigsimnet.siamese import SigSimNet, load_model

FIGURES = ("eer", "auc", "d_prime", "cllr", "min_cllr", "mse", "mae", "mape", "cosine")


def manifest_of(folder: Path) -> Manifest:
    """Return ECG-ID's recordings: the person is the folder, the session the date in the header's comments."""
    entries = []
    for header in sorted(folder.glob("Person_*/rec_*.hea")):
        date = next(line.split(":")[1].strip() for line in header.read_text().splitlines() if "ECG date" in line)
        day, month, year = date.split(".")
        session = f"{year}-{month}-{day}"
        entries.append(Entry(str(header.with_suffix("")), header.parent.name, session, channel="ECG I"))
    return Manifest(tuple(entries), "ecg-id")


def of_people(manifest: Manifest, people: set[str]) -> Manifest:
    return Manifest(tuple(entry for entry in manifest if entry.person in people), manifest.source)


def of_recordings(manifest: Manifest) -> Manifest:
    """Return everybody's first recording, and the last of those who came on several days: one genuine pair each."""
    chosen = []
    for person in manifest.people:
        mine = sorted((entry for entry in manifest if entry.person == person), key=lambda entry: entry.session)
        chosen += [mine[0], mine[-1]] if mine[0].session != mine[-1].session else mine[:1]
    return Manifest(tuple(chosen), manifest.source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="ecg")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("results.csv"))
    options = parser.parse_args()
    manifest = manifest_of(options.data)
    rows = []

    def add(method: str, seed: int | str, found, seconds: float) -> None:
        for name, result in ((method, found.model), *((k, v) for k, v in found.baselines.items())):
            interval = result.intervals["eer"]
            row = {
                "method": name if name == method else f"{name} ({method})",
                "seed": seed,
                "people": result.n_people,
                "recordings": result.protocol["n_recordings"],
                "genuine": result.n_genuine,
                "impostor": result.n_impostor,
                "genuine_across_days": result.protocol["genuine_across_sessions"],
                "failed_to_acquire": result.protocol["n_failed_to_acquire"],
                "median_beats": result.protocol["median_segments"],
                "eer_low": interval.low,
                "eer_high": interval.high,
                "seconds": seconds,
            }
            row |= {figure: getattr(result, figure) for figure in FIGURES}
            rows.append(row)
            print(
                f"{row['method']:45s} seed {seed}: EER {100 * result.eer:.1f} % "
                f"[{100 * interval.low:.1f}, {100 * interval.high:.1f}], {result.n_people} people"
            )

    start = time.perf_counter()
    add("bundled ecg, all people", "", evaluate_model(load_model(options.model), manifest), time.perf_counter() - start)
    one_each = of_recordings(manifest)
    start = time.perf_counter()
    found = evaluate_model(load_model(options.model), one_each)
    add("bundled ecg, first and last day of each person", "", found, time.perf_counter() - start)
    people = np.array(manifest.people)
    for seed in range(options.seeds):
        order = np.random.default_rng(seed).permutation(people)
        halves = set(order[: len(order) // 2]), set(order[len(order) // 2 :])
        for number, (learn, test) in enumerate((halves, halves[::-1])):
            start = time.perf_counter()
            model = SigSimNet().fit(of_people(manifest, learn), same="subject", epochs=options.epochs, seed=seed)
            found = evaluate_model(model, of_people(manifest, test), seed=seed)
            add(f"twin, half of the people (half {number + 1})", seed, found, time.perf_counter() - start)
    with write_whole(options.output) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})
    print(f"sigsimnet {sigsimnet.__version__}, torch {torch.__version__}, Python {platform.python_version()}")


if __name__ == "__main__":
    main()
