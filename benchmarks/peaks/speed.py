"""Speed alone, as ratios in one run: ours, sleepecg's C, and the namesakes in py-ecg-detectors.

    python benchmarks/peaks/speed.py ../shared/data/mitdb

Half an hour of two records, taken in turn, nothing else running; the median of three rounds. Writes
``results/speed.csv``: CPU seconds for 24 h of 360 Hz, times sleepecg's, and how much faster than the namesake.
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from methods import NAMESAKES, Detector, ours, peers
from run import read, run

RECORDS = ("100", "203")
ROUNDS = 3
SLOWER_THAN = 1.0  # s for half an hour: one round tells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mitdb", type=Path)
    options = parser.parse_args()
    records = [read(options.mitdb / name) for name in RECORDS if (options.mitdb / f"{name}.hea").is_file()]
    wanted = {"sleepecg C", *(other for others in NAMESAKES.values() for other in others[:1])}
    methods: dict[str, Detector] = ours() | {name: found for name, found in peers().items() if name in wanted}
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for x, _, rate in records:
        for name, detector in methods.items():
            detector(x[: int(60 * rate)].copy(), rate)  # compiled, loaded
            taken: list[float] = []
            while len(taken) < ROUNDS and not (taken and taken[0] > SLOWER_THAN):
                taken.append(run(detector, x.copy(), rate)[1])
            seconds[name].append(48 * float(np.median(taken)))
    mean = {name: float(np.mean(values)) for name, values in seconds.items()}
    rows = []
    for name in sorted(mean, key=mean.__getitem__):
        own = name.removeprefix("sigsimnet ") if name.startswith("sigsimnet ") else ""
        namesake = mean[NAMESAKES[own][0]] / mean[name] if own in NAMESAKES else float("nan")
        rows.append((name, mean[name], mean[name] / mean["sleepecg C"], namesake))
        print(f"{name:35s} {rows[-1][1]:8.2f} s  {rows[-1][2]:8.2f} × sleepecg  {namesake:8.1f} × faster than namesake")
    with Path(__file__).with_name("results").joinpath("speed.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("method", "cpu_s_for_24_h", "times_sleepecg", "times_faster_than_namesake"))
        writer.writerows((name, f"{a:.3f}", f"{b:.3f}", f"{c:.1f}") for name, a, b, c in rows)


if __name__ == "__main__":
    main()
