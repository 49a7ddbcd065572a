"""Who is it by EMG and by EEG: a first model of each, beside simple baselines on the same trials.

    python benchmarks/identity/others.py ../shared/data

- ``emg``: 16 people, two series of gestures each (Lobov et al. 2018, doi:10.3390/s18041122); four folds of people:
  learnt on twelve, the first series of the other four against their second. Eight channels, windows of 0.5 s.
- ``eeg``: four people of eegmat, rest and task; two folds: learnt on two, the rest of the other two against their task.
  Two people are too few for more than a sign of life.

A fold's EER is that of its trials, and Rank-1 counts nearest templates among its people; both are means over folds and
seeds. Of PPG there are no recordings of several people here.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from functools import partial
from pathlib import Path

import numpy as np

from sigsimnet import read
from sigsimnet._utils.files import write_whole
from sigsimnet.metrics import eer
from sigsimnet.model import SigSimNet
from sigsimnet.recording import Recording
from sigsimnet.segments import WindowCutter
from sigsimnet.training import Augment

Sides = dict[str, tuple[list[Recording], list[Recording]]]


def emg(data: Path) -> tuple[Sides, WindowCutter, int]:
    people: Sides = {}
    for folder in sorted((data / "emg-gestures").iterdir()):
        files = sorted(folder.glob("*.txt.gz"))
        if len(files) > 1:
            recordings = [read(path) for path in files[:2]]
            kept = [
                one.pick([n for n in one.channel_names if n.startswith(("channel", "ch"))][:8]) for one in recordings
            ]
            people[folder.name] = ([kept[0]], [kept[1]])
    return people, WindowCutter(length=0.5, step=0.5, sampling_rate=500, band=(20, 240)), 4


def eeg(data: Path) -> tuple[Sides, WindowCutter, int]:
    people: Sides = {}
    for rest in sorted((data / "eegmat").glob("*_1.edf")):
        both = []
        for path in (rest, rest.with_name(rest.name.replace("_1", "_2"))):
            one = read(path)
            names = [n for n in one.channel_names if n.startswith("EEG") and "A2" not in n]
            both.append(one.pick(names))
        people[rest.stem.partition("_")[0]] = ([both[0]], [both[1]])
    return people, WindowCutter(length=2.0, step=1.0, sampling_rate=100, band=(1, 40)), 2


def spectra(cutter: WindowCutter, recording: Recording) -> np.ndarray:
    """Return the mean log spectrum of the windows, every channel one after the other."""
    windows = cutter.cut(recording).data
    return np.log(np.abs(np.fft.rfft(windows, axis=-1)).mean(axis=0) + 1e-6).ravel()


def amplitudes(recording: Recording) -> np.ndarray:
    """Return the log of each channel's usual size, less the mean of all: how strong somebody is does not count."""
    size = np.log(np.nanstd(recording.data, axis=1) + 1e-9)
    return size - size.mean()


def scores_of(vectors: list[np.ndarray], others: list[np.ndarray], middle: np.ndarray) -> np.ndarray:
    a, b = (np.stack(own) - middle for own in (vectors, others))
    a, b = (one / np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-12) for one in (a, b))
    return a @ b.T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    table = []
    for name, load in (("emg", emg), ("eeg", eeg)):
        people, cutter, folds = load(options.data)
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for seed in range(options.seeds):
            order = np.random.default_rng(seed).permutation(sorted(people))
            for fold in range(folds):
                held = sorted(order[fold::folds])
                learnt = [p for p in people if p not in held]
                train = [
                    one.replace(metadata={"subject": p, "session": str(k)})
                    for p in learnt for k, side in enumerate(people[p]) for one in side
                ]  # fmt: skip
                model = SigSimNet(segments=cutter, encoder_options={"dim": 64, "dropout": 0.3})
                model.fit(train, same="subject", epochs=15, steps=40, validation=0, seed=seed, progress=False,
                          augment=Augment(noise=0.1, wander=0.0, bumps=0.1, shift=10, channel_mix=0.1))  # fmt: skip
                ways = {"sigsimnet": model.template}
                if seed == 0:
                    ways |= {"log spectrum": partial(spectra, cutter), "size of channels": amplitudes}
                for way, vector in ways.items():
                    known = [vector(one) for one in train]
                    middle = np.zeros_like(known[0]) if way == "sigsimnet" else np.mean(known, axis=0)
                    first = [vector(people[p][0][0]) for p in held]
                    second = [vector(people[p][1][0]) for p in held]
                    scores = scores_of(first, second, middle)
                    same = np.eye(len(held), dtype=int)
                    hits = scores.argmax(axis=0) == np.arange(len(held))
                    found[way].append((eer(scores.ravel(), same.ravel()), float(hits.mean())))
        for way, values in found.items():
            error, rank = np.mean(values, axis=0)
            table.append((name, way, len(people), folds, f"{error:.3f}", f"{rank:.3f}"))
            print(*table[-1], flush=True)
    columns = ("signal", "method", "people", "folds", "eer", "rank_1")
    with write_whole(Path(__file__).with_name("others.csv")) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *table])


if __name__ == "__main__":
    main()
