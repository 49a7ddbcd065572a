"""Beats of the same type? MIT-BIH between people: learn on DS1, retrieve on DS2.

    python benchmarks/beats/run.py ../shared/data/mitdb

De Chazal, O'Dwyer & Reilly (2004, doi:10.1109/TBME.2004.827359) divide MIT-BIH into DS1 and DS2 without a record on
both sides, and its beats into the AAMI's classes N, S, V, F (Q is left out, and so are the four records with a
pacemaker). Departure: 201 (DS1) and 202 (DS2) are one man, so 202 is left out. Of each class up to 1,000 beats of DS2,
drawn by the seed, are queries and gallery at once (`sigsimnet.evaluation.BeatTypeRetrieval`). MAP@R (Musgrave 2020) of
every class, and their mean, with intervals over people; ``others`` looks for each query among the beats of other people
only.

Every method sees one beat of the first channel at a time, rate-normalised, at its annotated R peak; those marked
*rhythm* see two numbers more, the RR intervals before and after over the usual one. Writes ``results.csv``.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import torch

from sigsimnet import read
from sigsimnet._utils.files import write_whole
from sigsimnet.evaluation import BeatTypeRetrieval
from sigsimnet.evaluation.baselines.minirocket import MiniRocket
from sigsimnet.networks import build_encoder, build_head
from sigsimnet.peaks import Peaks
from sigsimnet.segments import BeatCutter, LabelledSegments
from sigsimnet.training import Augment, TrainingConfig, train
from sigsimnet.training.loop import encode_array

PROTOCOL = BeatTypeRetrieval()
CLASSES = ("N", "S", "V", "F")


def beats_of(folder: Path, records: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return beats with their rhythm (n, 3, 160), the class of each and its record."""
    cutter, parts, types, owners = BeatCutter(rhythm=True), [], [], []
    for name in records:
        if not (folder / f"{name}.hea").is_file():
            continue
        recording = read(folder / name)
        marks = [a for a in recording.annotations if PROTOCOL.label_of(a.label) or a.label in ("Q", "/", "f")]
        samples = np.array([a.sample for a in marks])
        zeros = np.zeros(len(samples), dtype=np.int64)
        peaks = Peaks(
            samples=samples,
            times=samples / recording.sampling_rate,
            confidence=np.ones(len(samples)),
            method="annotated",
            channel=recording.channel_names[0],
            polarity=1,
            lag=0.0,
            sampling_rate=recording.sampling_rate,
            span=zeros,
            gap_free_span=zeros,
        )
        cut = cutter.cut(recording.pick(recording.channel_names[0]), peaks)
        of = {time: PROTOCOL.label_of(mark.label) for time, mark in zip(peaks.times.tolist(), marks, strict=True)}
        kind = np.array([of[time] for time in cut.times.tolist()])
        parts.append(cut.data[kind != ""])
        types.append(kind[kind != ""])
        owners.append(np.full((kind != "").sum(), name))
    return np.concatenate(parts), np.concatenate(types), np.concatenate(owners)


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def discriminants(learn: np.ndarray, labels: np.ndarray, test: np.ndarray) -> np.ndarray:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.preprocessing import StandardScaler

    scale = StandardScaler().fit(learn)
    priors = np.full(len(CLASSES), 1 / len(CLASSES))
    lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", priors=priors).fit(
        scale.transform(learn), labels
    )
    return unit(lda.transform(scale.transform(test)))


def learnt(x: np.ndarray, types: np.ndarray, owners: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
    """Return embeddings of the test beats by a `SigSimNet` encoder trained on DS1, with the defaults of the loop."""
    torch.manual_seed(seed)
    encoder = build_encoder("cnn", x.shape[1], x.shape[2], dim=64, dropout=0.3)
    of_class = np.unique(types, return_inverse=True)[1]
    of_record = np.unique(owners, return_inverse=True)[1]
    data = LabelledSegments(x, of_class, of_record, of_record)
    config = TrainingConfig(
        epochs=15,
        steps=60,
        classes_per_batch=len(CLASSES),
        per_class=64,
        learning_rate=1e-3,
        seed=seed,
        weight_decay=1e-2,
    )
    augment = Augment(
        noise=0.15, wander=0.3, bumps=0.4, stretch=0.05, pivot=0.325, n_passthrough=x.shape[1] - 1, renormalise=True
    )
    train(encoder, build_head("cosine", encoder.dim), data, None, config, augment=augment, progress=False)
    return encode_array(encoder, test).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    x, types, owners = beats_of(options.data, PROTOCOL.learn)
    all_x, all_types, all_owners = beats_of(options.data, PROTOCOL.test)
    for what, t, o in (("DS1", types, owners), ("DS2", all_types, all_owners)):
        print(what, len(set(o)), "records", {c: int((t == c).sum()) for c in CLASSES}, flush=True)
    rng = np.random.default_rng(0)
    # The discriminants see at most 4,000 beats of a class: MiniRocket's features of all would take gigabytes.
    few = np.concatenate([rng.permutation(np.flatnonzero(types == c))[:4000] for c in CLASSES])
    rocket = MiniRocket(1512).fit(x[few, :1])
    features = rocket.transform(x[few, :1])
    rows = []
    for seed in range(options.seeds):
        chosen = PROTOCOL.draw(all_types, seed=seed)
        test, truth, people = all_x[chosen], all_types[chosen], all_owners[chosen]
        seen = rocket.transform(test[:, :1])
        methods = {
            "Pearson": unit(test[:, 0] - test[:, 0].mean(axis=1, keepdims=True)),
            "LDA": discriminants(x[few, 0], types[few], test[:, 0]),
            "LDA, rhythm": discriminants(
                np.hstack([x[few, 0], x[few, 1:, 0]]), types[few], np.hstack([test[:, 0], test[:, 1:, 0]])
            ),
            "MiniRocket + LDA": discriminants(features, types[few], seen),
            "MiniRocket + LDA, rhythm": discriminants(
                np.hstack([features, x[few, 1:, 0]]), types[few], np.hstack([seen, test[:, 1:, 0]])
            ),
            "sigsimnet cnn": learnt(x[:, :1], types, owners, test[:, :1], seed),
            "sigsimnet cnn, rhythm": learnt(x, types, owners, test, seed),
        }
        for name, vectors in methods.items():
            similarity = vectors @ vectors.T
            for among in ("all", "others"):
                found = PROTOCOL.evaluate(similarity, truth, people, among=among, seed=seed)
                for kind, value in (found.by_class | {"mean": found.mean}).items():
                    rows.append((name, seed, among, kind, value.n_people, value.estimate, value.low, value.high))
                print(f"seed {seed} {name:26s} {among:7s} MAP@R {found.mean}", flush=True)
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("method", "seed", "among", "class", "n_people", "map_at_r", "low", "high"))
        writer.writerows((*row[:5], *(f"{value:.4f}" for value in row[5:])) for row in rows)


if __name__ == "__main__":
    main()
