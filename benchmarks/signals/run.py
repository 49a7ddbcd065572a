"""The same API on other signals: gestures by EMG, epilepsy and mental arithmetic by EEG.

    python benchmarks/signals/run.py ../shared/data

Each recording is one execution of a gesture, one EEG segment, or 10 s of rest or task. A `SigSimNet` learns
``same="label"`` on the training recordings; a test recording gets the label of the nearest training template (1-NN), or
that of a logistic regression on templates (linear). Beside it, on the same folds: 1-NN of dynamic time warping (within
10 %) of the middle window, and logistic regression on MiniRocket's features. Accuracy of recordings over all folds,
with the standard deviation over seeds.

- ``emg``: six gestures (EMG data for gestures, Lobov et al. 2018, doi:10.3390/s18041122), four folds of
  people. The network sees envelopes: log RMS of 40 ms in eight channels, less the mean of all, so that how strong
  somebody is does not matter.
- ``bonn``: healthy, between seizures, seizure (Andrzejak et al. 2001, doi:10.1103/PhysRevE.64.061907). It does
  not say whose a segment is, so folds are of segments and people are on both sides: easier than it looks.
- ``eegmat``: rest against arithmetic (Zyma et al. 2019, doi:10.3390/data4010014), each of four people held out once:
  too few for more than a sign of life.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sigsimnet import Recording, read
from sigsimnet._utils.files import write_whole
from sigsimnet.evaluation.baselines.minirocket import MiniRocket
from sigsimnet.io import list_members
from sigsimnet.model import SigSimNet
from sigsimnet.segments import WindowCutter
from sigsimnet.training import Augment


@dataclass(frozen=True)
class Task:
    """Recordings with labels and people, how they are cut, and what augments them."""

    recordings: list[Recording]
    cutter: WindowCutter
    augment: Augment
    folds: int


def emg(data: Path) -> Task:
    found = []
    for path in sorted((data / "emg-gestures").glob("*/*.txt.gz")):
        recording = read(path)
        for number, mark in enumerate(a for a in recording.annotations if a.label in "123456"):
            last = mark.sample + round(mark.duration * recording.sampling_rate)
            x = recording.data[:, mark.sample : last].astype(np.float64)
            x = x - np.nanmean(x, axis=1, keepdims=True)
            rms = np.sqrt(ndimage.uniform_filter1d(np.nan_to_num(x) ** 2, 40, axis=1))[:, ::20]
            envelope = np.log(rms + 1e-6)
            envelope = (envelope - envelope.mean()) / envelope.std()
            about = {"subject": path.parent.name, "label": mark.label, "session": path.name[0]}
            rate = recording.sampling_rate / 20
            found.append(Recording(envelope.astype(np.float32), rate, metadata=about, source=f"{path.name}-{number}"))
    cutter = WindowCutter(length=1.0, step=0.25, sampling_rate=50, band=(None, None), normalise="none")
    return Task(found, cutter, Augment(noise=0.2, wander=0.2, bumps=0.1, channel_mix=0.2, channel_roll=1), 4)


def bonn(data: Path) -> Task:
    kinds = {"z": "healthy", "o": "healthy", "n": "between", "f": "between", "s": "seizure"}
    found = []
    for letter, label in kinds.items():
        archive = data / "bonn-eeg" / f"{letter}.zip"
        for number, name in enumerate(n for n in list_members(archive) if "__MACOSX" not in n):
            recording = read(archive / name, sampling_rate=173.61)
            x = recording.data / 100.0  # µV: seizures are ten times as high, and that may count
            about = {"subject": f"{letter}{number}", "label": label}
            found.append(Recording(x, recording.sampling_rate, metadata=about, source=name))
    cutter = WindowCutter(length=3.0, step=2.0, sampling_rate=100, band=(0.5, 40), normalise="asinh")
    return Task(found, cutter, Augment(noise=0.1, wander=0.0, bumps=0.1, shift=10), 5)


def eegmat(data: Path) -> Task:
    found = []
    for path in sorted((data / "eegmat").glob("*.edf")):
        person, kind = path.stem.split("_")
        recording = read(path)
        recording = recording.pick([n for n in recording.channel_names if n.startswith("EEG") and "A2" not in n])
        rate = recording.sampling_rate
        for start in range(0, int(recording.duration) - 9, 10):
            x = recording.data[:, int(start * rate) : int((start + 10) * rate)]
            about = {"subject": person, "label": "task" if kind == "2" else "rest"}
            names = recording.channel_names
            found.append(Recording(x, rate, channel_names=names, metadata=about, source=f"{path.stem}-{start}"))
    cutter = WindowCutter(length=2.0, step=1.0, sampling_rate=100, band=(2, 40))
    return Task(found, cutter, Augment(noise=0.2, wander=0.0, bumps=0.1, shift=10, channel_mix=0.1), 4)


TASKS: dict[str, Callable[[Path], Task]] = {"emg": emg, "bonn": bonn, "eegmat": eegmat}


def folds_of(task: Task, seed: int) -> list[np.ndarray]:
    """Return which recordings each fold tests: those of some people, as many of each label as can be."""
    people = np.array([r.metadata["subject"] for r in task.recordings])
    label_of = {str(r.metadata["subject"]): str(r.metadata["label"]) for r in task.recordings}
    names = np.random.default_rng(seed).permutation(np.unique(people))
    if len(names) == len(people):  # every recording a person: spread the labels evenly
        names = np.array(sorted(names, key=lambda name: label_of[str(name)]))
    return [np.isin(people, names[k :: task.folds]) for k in range(task.folds)]


def linear(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    return np.asarray(model.fit(x, y).predict(test))


def beside(task: Task, labels: np.ndarray, held: np.ndarray) -> dict[str, np.ndarray]:
    """Return the labels that the baselines give to the held recordings."""
    from dtaidistance import dtw_ndim

    cuts = [task.cutter.cut(r).data for r in task.recordings]
    middle = np.stack([np.ascontiguousarray(c[len(c) // 2].T, dtype=np.float64) for c in cuts])
    window = max(1, round(0.1 * middle.shape[1]))
    known = np.flatnonzero(~held)
    nearest = [
        labels[known[np.argmin([dtw_ndim.distance_fast(middle[i], middle[j], window=window) for j in known])]]
        for i in np.flatnonzero(held)
    ]
    rocket = MiniRocket(2_000).fit(np.concatenate([cuts[k][:3] for k in known]))
    features = np.stack([rocket.transform(c).mean(axis=0) for c in cuts])
    return {
        "1-NN DTW, 10 %": np.array(nearest),
        "MiniRocket, linear": linear(features[~held], labels[~held], features[held]),
    }


def learnt(task: Task, labels: np.ndarray, held: np.ndarray, seed: int, encoder: str) -> dict[str, np.ndarray]:
    learn = [r for r, out in zip(task.recordings, held, strict=True) if not out]
    own = {"dim": 64, "dropout": 0.3} if encoder == "cnn" else None
    model = SigSimNet(encoder, segments=task.cutter, encoder_options=own)
    model.fit(
        learn,
        same="label",
        epochs=25,
        steps=40,
        validation=0,
        augment=task.augment if encoder == "cnn" else False,
        seed=seed,
        classes_per_batch=6,
        per_class=24,
        learning_rate=1e-3,
        weight_decay=1e-2,
        progress=False,
    )
    templates = np.stack([model.template(r) for r in task.recordings])
    known, new = templates[~held], templates[held]
    return {
        f"sigsimnet {encoder}, 1-NN": labels[~held][(new @ known.T).argmax(axis=1)],
        f"sigsimnet {encoder}, linear": linear(known, labels[~held], new),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--encoders", nargs="+", default=["cnn", "rocket"])
    parser.add_argument(
        "--add", action="store_true", help="run no baselines; keep rows that this run does not make anew"
    )
    options = parser.parse_args()
    target = Path(__file__).with_name("results.csv")
    rows = []
    for name in options.tasks:
        task = TASKS[name](options.data)
        labels = np.array([str(r.metadata["label"]) for r in task.recordings])
        chance = np.unique(labels, return_counts=True)[1].max() / len(labels)
        print(
            f"{name}: {len(labels)} recordings, {len(np.unique(labels))} labels, the largest {chance:.3f}", flush=True
        )
        for seed in range(options.seeds):
            hits: dict[str, list[bool]] = {}
            for held in folds_of(task, seed):
                found = beside(task, labels, held) if seed == 0 and not options.add else {}
                for encoder in options.encoders:
                    found |= learnt(task, labels, held, seed, encoder)
                for method, said in found.items():
                    hits.setdefault(method, []).extend((said == labels[held]).tolist())
            for method, right in hits.items():
                rows.append((name, method, seed, len(right), chance, float(np.mean(right))))
                print(f"{name:7s} seed {seed} {method:22s} {np.mean(right):.3f}", flush=True)
    if options.add and target.is_file():
        made = {row[:3] for row in rows}
        with target.open(newline="") as file:
            known = [(r["task"], r["method"], int(r["seed"]), int(r["n_recordings"]), float(r["largest_class"]),
                      float(r["accuracy"])) for r in csv.DictReader(file)]  # fmt: skip
        rows = sorted(
            [*(row for row in known if row[:3] not in made), *rows], key=lambda row: list(TASKS).index(row[0])
        )
    with write_whole(target) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("task", "method", "seed", "n_recordings", "largest_class", "accuracy"))
        writer.writerows((*row[:4], f"{row[4]:.4f}", f"{row[5]:.4f}") for row in rows)


if __name__ == "__main__":
    main()
