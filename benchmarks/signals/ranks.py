"""Mean rank of each method over all sets, and paired tests against MiniRocket with ridge regression.

    python benchmarks/signals/ranks.py

Reads ``results.csv`` of this folder and of ``benchmarks/ucr``: eleven sets, accuracy as the mean over seeds. Sets that
share recordings (the two EMG tasks) count as they are. Wilcoxon's signed-rank test over sets, as Demšar 2006 (JMLR 7)
proposes; with eleven sets one side must be better nearly everywhere. Writes ``ranks.csv``.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import rankdata, wilcoxon

from sigsimnet._utils.files import write_whole

HERE = Path(__file__).parent
OURS = "SigSimNet, 1-NN"
METHODS = {
    OURS: ("sigsimnet", "rocket, 1-NN"),
    "MiniRocket + ridge": ("MiniRocket + ridge", "MiniRocket, ridge"),
    "1-NN DTW, 10 %": ("1-NN DTW, 10 %", "1-NN DTW, 10 %"),
    "1-NN Euclid": ("1-NN Euclid", "1-NN Euclidean"),
}
"""Name of each method here and in ``benchmarks/ucr``."""


def accuracies() -> dict[tuple[str, str], float]:
    """Return the mean accuracy over seeds, by method and set."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for place, column, which in (
        (HERE / "results.csv", "task", 0),
        (HERE.parent / "ucr" / "results.csv", "set", 1),
    ):
        names = {both[which]: method for method, both in METHODS.items()}
        with place.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["method"] in names:
                    found[names[row["method"]], row[column]].append(float(row["accuracy"]))
    return {key: float(np.mean(values)) for key, values in found.items()}


def main() -> None:
    values = accuracies()
    sets = sorted({name for _, name in values})
    table = np.array([[values[method, one] for one in sets] for method in METHODS])
    ranks = rankdata(-table, axis=0).mean(axis=1)
    ridge = list(METHODS).index("MiniRocket + ridge")
    rows = []
    for method, rank, own in zip(METHODS, ranks, table, strict=True):
        apart = own - table[ridge]
        p = wilcoxon(own, table[ridge]).pvalue if apart.any() else np.nan
        wins, losses = int((apart > 0).sum()), int((apart < 0).sum())
        rows.append((method, len(sets), f"{rank:.2f}", f"{own.mean():.4f}", wins, losses, f"{p:.3f}"))
        print(f"{method:20s} mean rank {rank:.2f} of {len(sets)} sets, mean accuracy {own.mean():.3f}, "
              f"better than MiniRocket + ridge on {wins}, worse on {losses} (Wilcoxon p = {p:.3f})")  # fmt: skip
    with write_whole(HERE / "ranks.csv") as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("method", "sets", "mean_rank", "mean_accuracy", "better_than_ridge", "worse", "wilcoxon_p"))
        writer.writerows(rows)


if __name__ == "__main__":
    main()
