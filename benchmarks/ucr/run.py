"""Seven of UCR's sets (ECG, eye movements, venous pressure): a learnt embedding against nearest neighbours of raw rows.

    python benchmarks/ucr/run.py ../shared/data/ucr

For each set, encoder and seed: a `SigSimNet` encoder is trained on the archive's training rows (supervised contrastive
loss, labels as classes, no look at the test rows, the last epoch kept) and the test rows are classified by the nearest
training embedding (1-NN) and by logistic regression on the embeddings (linear probe). Beside it 1-NN of raw rows by
Euclidean distance and by DTW within 10 %, and logistic regression and ridge regression on MiniRocket's features.
``rocket`` learns in closed form. Writes ``results.csv``; ``--add`` keeps the rows of other sets and methods.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression, RidgeClassifierCV
from sklearn.preprocessing import StandardScaler

from sigsimnet._utils.files import write_whole
from sigsimnet.evaluation import NearestNeighbour
from sigsimnet.evaluation.baselines.minirocket import MiniRocket
from sigsimnet.networks import build_encoder, build_head
from sigsimnet.segments import LabelledSegments
from sigsimnet.training import Augment, TrainingConfig, train
from sigsimnet.training.loop import encode_array

ECG = ("ECG200", "ECG5000", "ECGFiveDays", "TwoLeadECG")
SETS = (*ECG, "PigCVP", "EOGHorizontalSignal", "EOGVerticalSignal")
ENCODERS = ("cnn", "inception", "rocket")


def load(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    path = folder / f"{folder.name}_{part}.tsv"
    rows = np.loadtxt(path) if path.is_file() else np.load(path.with_suffix(".npy"))
    return rows[:, 1:].astype(np.float32), rows[:, 0].astype(int)


def nearest(distance: np.ndarray, labels: np.ndarray, truth: np.ndarray) -> float:
    return NearestNeighbour().evaluate(-distance, labels, truth).estimate


def probe(train_x: np.ndarray, labels: np.ndarray, test_x: np.ndarray, truth: np.ndarray) -> float:
    scale = StandardScaler().fit(train_x)
    model = LogisticRegression(C=1.0, max_iter=2000).fit(scale.transform(train_x), labels)
    return float(model.score(scale.transform(test_x), truth))


def baselines(x: np.ndarray, y: np.ndarray, test: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    from dtaidistance import dtw

    euclid = ((test[:, None].astype(np.float64) - x[None]) ** 2).sum(axis=-1) if len(test) * len(x) < 3e6 else None
    euclid = euclid if euclid is not None else -2.0 * test @ x.T + (x**2).sum(axis=1)
    window = max(1, round(0.1 * x.shape[1]))
    a, b = test.astype(np.float64), x.astype(np.float64)
    warped = np.array([[dtw.distance_fast(u, v, window=window) for v in b] for u in a])
    rocket = MiniRocket(10_000).fit(x[:, None])
    features = rocket.transform(x[:, None]), rocket.transform(test[:, None])
    return {
        "1-NN Euclidean": nearest(euclid, y, truth),
        "1-NN DTW, 10 %": nearest(warped, y, truth),
        "MiniRocket, linear": probe(features[0], y, features[1], truth),
        "MiniRocket, ridge": ridge(features[0], y, features[1], truth),
    }


def ridge(train_x: np.ndarray, labels: np.ndarray, test_x: np.ndarray, truth: np.ndarray) -> float:
    scale = StandardScaler().fit(train_x)
    model = RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)).fit(scale.transform(train_x), labels)
    return float(model.score(scale.transform(test_x), truth))


def learnt(name: str, seed: int, x: np.ndarray, y: np.ndarray, test: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    torch.manual_seed(seed)
    if name == "rocket":
        encoder = build_encoder(name, 1, x.shape[1])
        encoder.fit_rows(x[:, None], np.unique(y, return_inverse=True)[1], seed=seed, resize=True)
        known, new = encode_array(encoder, x[:, None]).numpy(), encode_array(encoder, test[:, None]).numpy()
        return {f"{name}, 1-NN": nearest(-new @ known.T, y, truth), f"{name}, linear": probe(known, y, new, truth)}
    encoder = build_encoder(name, 1, x.shape[1], dim=64)
    number = np.arange(len(x))
    data = LabelledSegments(x[:, None], np.unique(y, return_inverse=True)[1], number, number)
    config = TrainingConfig(epochs=40, steps=25, classes_per_batch=8, per_class=16, learning_rate=1e-3, seed=seed)
    augment = Augment(noise=0.1, wander=0.1, bumps=0.15, shift=2, stretch=0.03, renormalise=True)
    train(encoder, build_head("cosine", encoder.dim), data, None, config, augment=augment, progress=False)
    known, new = encode_array(encoder, x[:, None]).numpy(), encode_array(encoder, test[:, None]).numpy()
    return {f"{name}, 1-NN": nearest(-new @ known.T, y, truth), f"{name}, linear": probe(known, y, new, truth)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--encoders", nargs="+", choices=ENCODERS, default=list(ENCODERS))
    parser.add_argument("--add", action="store_true", help="keep rows that this run does not make anew")
    options = parser.parse_args()
    target = Path(__file__).with_name("results.csv")
    rows = []
    for name in options.sets:
        x, y = load(options.data / name, "TRAIN")
        test, truth = load(options.data / name, "TEST")
        NearestNeighbour().check(x, test)
        for method, value in baselines(x, y, test, truth).items():
            rows.append((name, method, "", value))
            print(*rows[-1], flush=True)
        for encoder in options.encoders:
            for seed in range(options.seeds):
                for method, value in learnt(encoder, seed, x, y, test, truth).items():
                    rows.append((name, method, seed, value))
                    print(*rows[-1], flush=True)
    if options.add and target.is_file():
        made = {row[:3] for row in rows}
        with target.open(newline="") as file:
            kept = [(r["set"], r["method"], int(r["seed"]) if r["seed"] else "", float(r["accuracy"]))
                    for r in csv.DictReader(file)]  # fmt: skip
        rows = [*(row for row in kept if row[:3] not in made), *rows]
        rows.sort(key=lambda row: SETS.index(row[0]))
    with write_whole(target) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("set", "method", "seed", "accuracy"))
        writer.writerows((a, b, c, f"{d:.4f}") for a, b, c, d in rows)


if __name__ == "__main__":
    main()
