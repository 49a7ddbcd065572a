"""Records without annotated beats: do we agree with what most other libraries see, and is an inverted ECG the same?

    python benchmarks/peaks/elsewhere.py ../shared/data

Truth is what most of five detectors of the peers mark within 50 ms (CinC 2017), or most of the peers on most of the
channels (PTB-XL at 100 Hz, the article's wearable): none of ours has a vote. Agreement is no accuracy, since all may be
wrong together; it shows where one falls out. Needs the peers of ``run.py``; writes ``results/elsewhere.csv``.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
from methods import Detector, peers

from sigsimnet import read
from sigsimnet.metrics import match_beats
from sigsimnet.peaks import DETECTORS, detect_peaks
from sigsimnet.recording import Recording

VOTERS = ("sleepecg C", "neurokit2 neurokit", "neurokit2 khamis2016", "neurokit2 rodrigues2021", "wfdb xqrs")


def marks(detector: Detector, recording: Recording, channel: int) -> np.ndarray:
    """Return the times that a peer marks, none where it fails."""
    x = np.nan_to_num(np.asarray(recording.data[channel], dtype=float))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = np.asarray(detector(x, recording.sampling_rate), dtype=float)
        except Exception:  # noqa: BLE001 - a peer that fails abstains
            return np.empty(0)
    return np.unique(found[np.isfinite(found)]) / recording.sampling_rate


def majority(marks: list[np.ndarray]) -> np.ndarray:
    """Return the times that most of the lists share within 50 ms."""
    times = np.sort(np.concatenate(marks))
    if not len(times):
        return times
    groups = np.split(times, np.flatnonzero(np.diff(times) > 0.05) + 1)
    return np.array([np.median(group) for group in groups if len(group) > len(marks) / 2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--records", type=int, default=40, help="of each rhythm and folder")
    options = parser.parse_args()
    counts: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(3))

    def add(what: str, method: str, truth: np.ndarray, found: np.ndarray) -> None:
        score = match_beats(truth, found, 0.05)
        counts[what, method] += (score.n_matched, score.n_true, score.n_found)

    with (options.data / "cinc2017" / "REFERENCE.csv").open() as file:
        rhythm = dict(csv.reader(file))
    archive = next((options.data / "cinc2017").glob("*.zip"))
    turned = total = 0
    others = {name: detector for name, detector in peers().items() if name in VOTERS}
    for kind, name in (("N", "CinC 2017, normal rhythm"), ("A", "CinC 2017, atrial fibrillation")):
        chosen = [record for record, label in rhythm.items() if label == kind and record < "A05001"][: options.records]
        for record in chosen:
            recording = read(archive / record)
            truth = majority([marks(detector, recording, 0) for detector in others.values()])
            for method in DETECTORS:
                add(name, method, truth, detect_peaks(recording, method=method).times)
            for method, detector in others.items():
                add(name, method, truth, marks(detector, recording, 0))
            there = detect_peaks(recording).times
            back = detect_peaks(recording.replace(data=-recording.data)).times
            turned += len(back) == len(there) and np.allclose(back, there)
            total += 1
    for folder, name in (
        ("ptb-xl/records100", "PTB-XL, 12 leads at 100 Hz"),
        ("deepxf/processed", "wearable, 5 channels"),
    ):
        files = sorted(options.data.joinpath(folder).rglob("*.hea" if "ptb" in folder else "*.csv"))[: options.records]
        for path in files:
            recording = read(path)
            seen = {(m, c): marks(d, recording, c) for m, d in others.items() for c in range(recording.n_channels)}
            truth = majority(list(seen.values()))
            for channel in range(recording.n_channels):
                for method in DETECTORS:
                    add(name, method, truth, detect_peaks(recording, method=method, channel=channel).times)
                for method in others:
                    add(name, method, truth, seen[method, channel])
            add(name, "sigsimnet, channels fused", truth, detect_peaks(recording, fuse_channels=True).times)
    rows = [(what, method, f"{200 * n[0] / (n[1] + n[2]):.2f}", int(n[1])) for (what, method), n in counts.items()]
    rows.append(
        (
            "CinC 2017, turned upside down: records with the very same beats",
            "sigsimnet",
            f"{100 * turned / total:.2f}",
            total,
        )
    )
    with Path(__file__).with_name("results").joinpath("elsewhere.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("what", "method", "agreement_f1_50ms_percent", "n"))
        writer.writerows(rows)
    for row in rows:
        print(*row, sep=", ")


if __name__ == "__main__":
    main()
