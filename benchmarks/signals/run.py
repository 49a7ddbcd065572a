"""The same five lines on other signals: gestures by EMG, epilepsy and mental arithmetic by EEG.

    python benchmarks/signals/run.py ../shared/data --seeds 5

A recording is one execution of a gesture, one EEG segment, or 10 s of rest or task. What ``sigsimnet train TABLE --same
label`` does without any other option is done on the training recordings: `choose_segments` cuts, ``encoder="auto"``
learns. A test recording gets the label of the nearest training template (1-NN). Beside it, on the same windows and the
same folds: ridge regression on MiniRocket's features (means over the windows of a recording), 1-NN of these features,
of raw windows (Euclid) and of dynamic time warping (within 10 %), both of the middle window. Accuracy of recordings
over all folds for each seed, which draws the folds and all that is random; CPU seconds of learning and answering.

- ``emg``: six gestures, 16 people (EMG data for gestures, Lobov et al. 2018, doi:10.3390/s18041122), folds of people.
- ``emg-series``: the same; everybody's first series is learnt from, the second one tested.
- ``bonn``: healthy, between seizures, seizure (Andrzejak et al. 2001, doi:10.1103/PhysRevE.64.061907). It does
  not say whose a segment is, so folds are of segments and people are on both sides: easier than it looks.
- ``eegmat``: rest against arithmetic (Zyma et al. 2019, doi:10.3390/data4010014), each of four people held out once:
  too few for more than a sign of life. 75 % are rest.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import RidgeClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sigsimnet import Recording, read
from sigsimnet._utils.files import write_whole
from sigsimnet.evaluation.baselines.minirocket import MiniRocket
from sigsimnet.io import list_members
from sigsimnet.model import SigSimNet
from sigsimnet.segments import choose_segments, longest_stretch

LOOKED_AT = 12  # recordings, as by ``sigsimnet train``
FOLDS = {"emg": 4, "bonn": 5, "eegmat": 4}
NAMES = ("task", "method", "seed", "n_recordings", "largest_class", "accuracy", "balanced_accuracy", "cpu_s", "about")


@dataclass(frozen=True)
class Task:
    """Recordings with labels and people, and which of them each fold tests."""

    recordings: list[Recording]
    folds: Callable[[int], list[np.ndarray]]


def emg(data: Path) -> list[Recording]:
    found = []
    for path in sorted((data / "emg-gestures").glob("*/*.txt.gz")):
        recording = read(path)
        for number, mark in enumerate(a for a in recording.annotations if a.label in "123456"):
            start = mark.sample / recording.sampling_rate
            about = {"subject": path.parent.name, "label": mark.label, "session": path.name[0]}
            part = recording.crop(start, start + mark.duration)
            found.append(part.replace(metadata=about, source=f"{path.name}-{number}", annotations=()))
    return found


def bonn(data: Path) -> list[Recording]:
    kinds = {"z": "healthy", "o": "healthy", "n": "between", "f": "between", "s": "seizure"}
    found = []
    for letter, label in kinds.items():
        archive = data / "bonn-eeg" / f"{letter}.zip"
        for number, name in enumerate(n for n in list_members(archive) if "__MACOSX" not in n):
            recording = read(archive / name, sampling_rate=173.61)
            found.append(recording.replace(metadata={"subject": f"{letter}{number}", "label": label}, source=name))
    return found


def eegmat(data: Path) -> list[Recording]:
    found = []
    for path in sorted((data / "eegmat").glob("*.edf")):
        person, kind = path.stem.split("_")
        recording = read(path)
        recording = recording.pick([n for n in recording.channel_names if n.startswith("EEG") and "A2" not in n])
        for start in range(0, int(recording.duration) - 9, 10):
            about = {"subject": person, "label": "task" if kind == "2" else "rest"}
            found.append(recording.crop(start, start + 10).replace(metadata=about, source=f"{path.stem}-{start}"))
    return found


def task_named(name: str, data: Path) -> Task:
    recordings = {"emg": emg, "emg-series": emg, "bonn": bonn, "eegmat": eegmat}[name](data)
    people = np.array([str(r.metadata["subject"]) for r in recordings])
    label_of = {str(r.metadata["subject"]): str(r.metadata["label"]) for r in recordings}
    if name == "emg-series":
        second = np.array([r.metadata["session"] == "2" for r in recordings])
        return Task(recordings, lambda _: [second])

    def folds(seed: int) -> list[np.ndarray]:
        names = np.random.default_rng(seed).permutation(np.unique(people))
        if len(names) == len(people):  # every recording a person: spread the labels evenly
            names = np.array(sorted(names, key=lambda one: label_of[str(one)]))
        return [np.isin(people, names[k :: FOLDS[name]]) for k in range(FOLDS[name])]

    return Task(recordings, folds)


def ridge(x: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    model = make_pipeline(StandardScaler(), RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)))
    return np.asarray(model.fit(x, y).predict(test))


def nearest(known: np.ndarray, labels: np.ndarray, new: np.ndarray) -> np.ndarray:
    squares = (known**2).sum(1) - 2.0 * new @ known.T
    return labels[squares.argmin(axis=1)]


def beside(cuts: list[np.ndarray], labels: np.ndarray, held: np.ndarray, seed: int) -> dict[str, tuple]:
    """Return the labels that the baselines give to the held recordings, and what that took."""
    from dtaidistance import dtw_ndim

    found = {}
    middle = np.stack([c[len(c) // 2] for c in cuts]).astype(np.float64)
    flat = middle.reshape(len(middle), -1)
    found["1-NN Euclid"] = nearest(flat[~held], labels[~held], flat[held]), np.nan, ""
    if seed == 0:
        series = [np.ascontiguousarray(one.T[:: max(1, one.shape[1] // 200)]) for one in middle]
        window, known = max(1, round(0.1 * len(series[0]))), np.flatnonzero(~held)
        said = [
            labels[known[np.argmin([dtw_ndim.distance_fast(series[i], series[j], window=window) for j in known])]]
            for i in np.flatnonzero(held)
        ]
        found["1-NN DTW, 10 %"] = np.array(said), np.nan, ""
    began = time.process_time()
    rocket = MiniRocket(10_000, seed).fit(np.concatenate([c for c, out in zip(cuts, held, strict=True) if not out]))
    features = np.stack([rocket.transform(c).mean(axis=0) for c in cuts])
    said = ridge(features[~held], labels[~held], features[held])
    found["MiniRocket + ridge"] = said, time.process_time() - began, ""
    scaled = StandardScaler().fit(features[~held]).transform(features)
    found["MiniRocket, 1-NN"] = nearest(scaled[~held], labels[~held], scaled[held]), np.nan, ""
    return found


def learnt(task: Task, labels: np.ndarray, held: np.ndarray, seed: int) -> tuple[list[np.ndarray], tuple]:
    """Return the windows of all recordings, and what the default of SigSimNet says of the held ones."""
    began = time.process_time()
    learn = [r for r, out in zip(task.recordings, held, strict=True) if not out]
    some = [learn[k] for k in np.unique(np.linspace(0, len(learn) - 1, LOOKED_AT).astype(int))]
    cutter = choose_segments(some, every_length=lambda: map(longest_stretch, learn)).cutter
    enough = len({str(r.metadata["subject"]) for r in learn}) >= 4  # fewer cannot be held out: then --validation 0
    model = SigSimNet(segments=cutter)
    model.fit(learn, same="label", seed=seed, validation=0.25 if enough else 0, progress=False)
    sets = [model.cut(r) for r in task.recordings]
    used = np.array([len(one) > 0 for one in sets])
    templates = np.zeros((len(sets), model.network.dim), dtype=np.float32)
    templates[used] = [model.template(one) for one, there in zip(sets, used, strict=True) if there]
    known = ~held & used
    said = labels[known][(templates[held] @ templates[known].T).argmax(axis=1)]
    said = np.where(used[held], said, "")  # no window in it: not answered, so wrong
    about = f"{model.encoder}: {cutter.describe()}; {int((~used).sum())} without windows"
    cuts = [one.data if len(one) else np.zeros((1, *sets[0].data.shape[1:]), np.float32) for one in sets]
    return cuts, (said, time.process_time() - began, about)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tasks", nargs="+", default=["emg", "emg-series", "bonn", "eegmat"])
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("results.csv"))
    options = parser.parse_args()
    rows: list[tuple[object, ...]] = []
    if options.output.is_file():  # tasks of earlier runs stay
        with options.output.open(newline="") as file:
            rows = [tuple(r[name] for name in NAMES) for r in csv.DictReader(file) if r["task"] not in options.tasks]
    for name in options.tasks:
        task = task_named(name, options.data)
        labels = np.array([str(r.metadata["label"]) for r in task.recordings])
        chance = np.unique(labels, return_counts=True)[1].max() / len(labels)
        for seed in range(options.seeds):
            said: dict[str, list[tuple]] = {}
            truth = []
            for held in task.folds(seed):
                cuts, own = learnt(task, labels, held, seed)
                for method, answer in {"sigsimnet": own, **beside(cuts, labels, held, seed)}.items():
                    said.setdefault(method, []).append(answer)
                truth.append(labels[held])
            true = np.concatenate(truth)
            for method, answers in said.items():
                given = np.concatenate([one[0] for one in answers])
                right = given == true
                balanced = np.mean([right[true == label].mean() for label in np.unique(true)])
                cpu = float(np.sum([one[1] for one in answers]))
                about = " | ".join(dict.fromkeys(one[2] for one in answers if one[2]))
                rows.append((name, method, seed, len(right), f"{chance:.4f}", f"{right.mean():.4f}", f"{balanced:.4f}",
                             f"{cpu:.1f}" if np.isfinite(cpu) else "", about))  # fmt: skip
                print(f"{name:10s} seed {seed} {method:20s} {right.mean():.3f} {cpu:.0f} s {about}", flush=True)
            with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(NAMES)
                writer.writerows(rows)


if __name__ == "__main__":
    main()
