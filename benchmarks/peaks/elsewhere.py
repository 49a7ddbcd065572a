"""Records without annotated beats: do detectors and channels agree, and is an inverted ECG the same?

    python benchmarks/peaks/elsewhere.py ../shared/data

Truth is the majority: of nine detectors (CinC 2017), or of all channels fused (PTB-XL at 100 Hz, the article's
wearable). Agreement is no accuracy, since all may be wrong together; it shows where one falls out. Writes
``results/elsewhere.csv``.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from pathlib import Path

import numpy as np

from sigsimnet import read
from sigsimnet.evaluate import match_beats
from sigsimnet.peaks import DETECTORS, detect_peaks

N_RECORDS = 200  # of each rhythm


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
    options = parser.parse_args()
    counts: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(3))

    def add(what: str, method: str, truth: np.ndarray, found: np.ndarray) -> None:
        score = match_beats(truth, found, 0.05)
        counts[what, method] += (score.n_matched, score.n_true, score.n_found)

    with (options.data / "cinc2017" / "REFERENCE.csv").open() as file:
        rhythm = dict(csv.reader(file))
    archive = next((options.data / "cinc2017").glob("*.zip"))
    turned = total = 0
    for kind, name in (("N", "CinC 2017, normal rhythm"), ("A", "CinC 2017, atrial fibrillation")):
        chosen = [record for record, label in rhythm.items() if label == kind and record < "A05001"][:N_RECORDS]
        for record in chosen:
            recording = read(archive / record)
            found = {method: detect_peaks(recording, method=method).times for method in DETECTORS}
            truth = majority(list(found.values()))
            for method, times in found.items():
                add(name, method, truth, times)
            back = detect_peaks(recording.replace(data=-recording.data)).times
            turned += len(back) == len(found["sigsimnet"]) and np.allclose(back, found["sigsimnet"])
            total += 1
    for folder, name in (
        ("ptb-xl/records100", "PTB-XL, 12 leads at 100 Hz"),
        ("deepxf/processed", "wearable, 5 channels"),
    ):
        files = sorted(options.data.joinpath(folder).rglob("*.hea" if "ptb" in folder else "*.csv"))[:N_RECORDS]
        for path in files:
            recording = read(path)
            truth = detect_peaks(recording, fuse_channels=True).times
            for method in DETECTORS:
                for channel in range(recording.n_channels):
                    add(name, method, truth, detect_peaks(recording, method=method, channel=channel).times)
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
