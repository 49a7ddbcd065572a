"""How much does the default detector depend on its constants? And on channel 1 of the same records?

    python benchmarks/peaks/sensitivity.py ../shared/data/mitdb

Halves and doubles costs, and moves shares by a fifth, with the network of the package, which has seen these records
(``recipes/peaks/cross_validation.csv`` has what it reaches on those it has not); writes ``results/sensitivity.csv``.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import wfdb
from run import BEATS, SKIPPED

from sigsimnet.metrics import match_beats
from sigsimnet.peaks import DETECTORS, detect_peaks
from sigsimnet.peaks.detectors import sigsimnet as module

CHANGES = {
    "QUIETEST": (0.8, 1.2),
    "BY_NOISE": (0.5, 2.0),
    "LOWEST": (0.8, 1.2),
    "HIGHEST": (0.5, 2.0),
    "CLEAR": (0.8, 1.2),
    "LEAST": (0.5, 2.0),
    "WEIGHT": (0.5, 2.0),
    "LIMIT": (0.5, 2.0),
}
COSTS = {
    "short": (0.8, 1.2),
    "long": (0.85, 1.2),
    "by_short": (0.5, 2.0),
    "by_missed": (0.5, 1.5),
    "unlike": (0.5, 2.0),
    "near": (0.8, 1.2),
    "most_short": (0.5, 2.0),
    "most_long": (0.5, 2.0),
}


def pooled(records: list[tuple], channel: int, method: str = "sigsimnet") -> tuple[float, float]:
    """Return F1 in % at 150 and 50 ms, pooled."""
    totals = []
    for tolerance in (0.150, 0.050):
        matched = counted = 0
        for signal, beats, rate in records:
            found = detect_peaks(signal[:, channel], rate, method=method).times
            score = match_beats(beats[beats >= SKIPPED], found[found >= SKIPPED], tolerance)
            matched, counted = matched + 2 * score.n_matched, counted + score.n_true + score.n_found
        totals.append(100 * matched / counted)
    return totals[0], totals[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mitdb", type=Path)
    options = parser.parse_args()
    records = []
    for header in sorted(options.mitdb.glob("*.hea")):
        record = wfdb.rdrecord(str(header.with_suffix("")))
        marks = wfdb.rdann(str(header.with_suffix("")), "atr")
        beats = [s for s, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol in BEATS]
        records.append((record.p_signal, np.array(beats) / record.fs, float(record.fs)))
    rows = [("as it is, channel 0", *pooled(records, 0)), ("as it is, channel 1", *pooled(records, 1))]
    for name, factor in ((name, factor) for name, factors in CHANGES.items() for factor in factors):
        usual = getattr(module, name)
        setattr(module, name, usual * factor)
        rows.append((f"{name} × {factor}", *pooled(records, 0)))
        print(*rows[-1])
        setattr(module, name, usual)
    costs = module.COSTS
    for name, factor in ((name, factor) for name, factors in COSTS.items() for factor in factors):
        module.COSTS = costs._replace(**{name: getattr(costs, name) * factor})
        rows.append((f"{name} × {factor}", *pooled(records, 0)))
        print(*rows[-1])
    module.COSTS = costs
    rows += [(f"{name}, channel 1", *pooled(records, 1, name)) for name in DETECTORS if name != "sigsimnet"]
    with Path(__file__).with_name("results").joinpath("sensitivity.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("change", "f1_150", "f1_50"))
        writer.writerows((name, f"{a:.3f}", f"{b:.3f}") for name, a, b in rows)


if __name__ == "__main__":
    main()
