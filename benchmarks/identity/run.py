"""Same person? ECG-ID: the bundled model, baselines on the same trials, and networks trained on the other people.

    python benchmarks/identity/run.py ../shared/data/ecg-id --twins

Raw lead I, 20 s a recording, no segment left out for quality; intervals by bootstrap over people.

- ``results.csv``: the bundled model, which has never seen ECG-ID, on all its people, by every protocol of identity and
  by one of record order, with the baselines that need no learning. With ``--more``, models of the same recipe and other
  seeds beside it.
- ``cross_record.png`` and ``map.png``: what the figures look like.
- ``folds.csv``: five folds of people, several seeds. On each fold the bundled model, all baselines (those that learn do
  so on the other four folds) and, with ``--twins``, a `SigSimNet` with its defaults trained on the other four folds (a
  quarter of them held out for early stopping and calibration).
"""

from __future__ import annotations

import argparse
import csv
import platform
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

import sigsimnet
from sigsimnet._utils.files import write_whole
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.evaluation import Evaluation, evaluate, evaluate_identity
from sigsimnet.metrics import det_curve
from sigsimnet.model import SigSimNet, load_model
from sigsimnet.plotting import (
    new_figure,
    plot_calibration,
    plot_det,
    plot_error_by_count,
    plot_score_histogram,
    save_figure,
)

FIGURES = (
    *("eer", "auc", "d_prime", "cllr", "min_cllr", "mse", "mae", "mape", "cosine"),
    *("tar_at_far_1pct", "tar_at_far_01pct"),
)
FOLDS = 5
BASELINES = ("pearson", "pearson_plain", "cross_correlation", "dtw")  # need no learning
RECORD_ORDER = "single_cross_session"  # record 1 against record 2, as in ECG-Biometrics-Bench


def manifest_of(folder: Path) -> Manifest:
    """Return ECG-ID's recordings: the person is the folder, the session the date in the header's comments."""
    entries = []
    for header in sorted(folder.glob("Person_*/rec_*.hea"), key=lambda p: (p.parent.name, int(p.stem[4:]))):
        date = next(line.split(":")[1].strip() for line in header.read_text().splitlines() if "ECG date" in line)
        day, month, year = date.split(".")
        session = f"{year}-{month}-{day}"
        entries.append(Entry(str(header.with_suffix("")), header.parent.name, session, channel="ECG I"))
    return Manifest(tuple(entries), "ecg-id")


def of_people(manifest: Manifest, people: set[str]) -> Manifest:
    return Manifest(tuple(entry for entry in manifest if entry.person in people), manifest.source)


def rows_of(found: Mapping[str, Evaluation], method: str, **where: object) -> list[dict[str, object]]:
    """Return a row for each protocol and method."""
    rows = []
    for protocol, one in found.items():
        for name, result in ((method, one.model), *one.baselines.items()):
            ranks = one.identification.get("model" if name == method else name, {})
            row: dict[str, object] = {"protocol": protocol, "method": name, **where}
            row |= {
                "people": result.n_people,
                "genuine": result.n_genuine,
                "impostor": result.n_impostor,
                "failed_to_acquire": result.protocol["n_failed_to_acquire"],
                "median_beats": result.protocol["median_segments"],
            }
            row |= {figure: getattr(result, figure) for figure in FIGURES}
            if "eer" in result.intervals:
                row |= {"eer_low": result.intervals["eer"].low, "eer_high": result.intervals["eer"].high}
            row |= {name: ranks.get(name) for name in ("rank_1", "rank_1_people", "rank_5_people", "dir_at_far_5pct")}
            row |= one.people.get("model" if name == method else name, {})
            row |= {f"delta_eer_{k}": v for k, v in one.paired.get(name, {}).items()}
            rows.append(row)
    return rows


def write(path: Path, rows: list[dict[str, object]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})


def draw(found: Mapping[str, Evaluation], folder: Path) -> None:
    """Draw error trade-off, scores, calibration, errors by the number of beats, and a map of the recordings."""
    one = found["cross_record"]
    figure = new_figure(11.0, 8.5)
    axes = figure.subplots(2, 2)
    every = {"ecg": one.scores, **one.baseline_scores}
    curves = {name: det_curve(values, one.genuine) for name, values in every.items()}
    plot_det({name: (curve.far, curve.frr) for name, curve in curves.items()}, ax=axes[0, 0])
    plot_score_histogram(one.scores, one.genuine, ax=axes[0, 1])
    plot_calibration(one.probabilities, one.genuine, ax=axes[1, 0])
    counts = list(one.by_count["model"])
    named = {"ecg" if name == "model" else name: list(rates.values()) for name, rates in one.by_count.items()}
    plot_error_by_count(counts, named, ax=axes[1, 1])
    save_figure(figure, folder / "cross_record.png", dpi=90)
    save_figure(one.plot_map(), folder / "map.png", dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="ecg")
    parser.add_argument("--more", nargs="*", default=[], help="model folders of other seeds")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--twins", action="store_true", help="train a network on the other folds, too")
    parser.add_argument("--part", choices=("all", "people", "folds"), default="all")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    manifest, model = manifest_of(options.data), load_model(options.model)
    if options.part != "folds":
        found = {
            **evaluate_identity(model, manifest, baselines=BASELINES),
            RECORD_ORDER: evaluate(model, manifest, protocol=RECORD_ORDER, baselines=BASELINES),
        }
        rows = rows_of(found, "bundled ecg")
        for number, folder in enumerate(options.more, start=1):
            other = evaluate_identity(load_model(folder), manifest, baselines=())
            rows += rows_of(other, f"another seed ({number})")
        write(options.output / "results.csv", rows)
        draw(found, options.output)
        for row in rows:
            print(f"{row['protocol']:14s} {row['method']:20s} EER {100 * row['eer']:.1f} %", row.get("rank_1_people"))
    rows = []
    people = np.array(manifest.people)
    for seed in range(options.seeds if options.part != "people" else 0):
        folds = np.array_split(np.random.default_rng(seed).permutation(people), FOLDS)
        for number, fold in enumerate(folds, start=1):
            test, learn = of_people(manifest, set(fold)), of_people(manifest, set(people) - set(fold))
            settings = {"n_resamples": 0, "seed": seed, "progress": False}
            found = evaluate_identity(model, test, baselines="all", train=learn, **settings)
            rows += rows_of(found, "bundled ecg", seed=seed, fold=number)
            if options.twins:
                twin = SigSimNet().fit(learn, same="subject", epochs=options.epochs, seed=seed, progress=False)
                found = evaluate_identity(twin, test, baselines=(), **settings)
                rows += rows_of(found, "twin of the other folds", seed=seed, fold=number)
            write(options.output / "folds.csv", rows)
            print(f"seed {seed}, fold {number}: done")
    for key in sorted({(row["protocol"], row["method"]) for row in rows}):
        mine = [row["eer"] for row in rows if (row["protocol"], row["method"]) == key]
        rates = 100 * np.array(mine, dtype=float)
        print(f"{key[0]:14s} {key[1]:25s} EER {rates.mean():.1f} ± {rates.std():.1f} % over folds and seeds")
    print(f"sigsimnet {sigsimnet.__version__}, torch {torch.__version__}, Python {platform.python_version()}")


if __name__ == "__main__":
    main()
