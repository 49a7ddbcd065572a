"""Whether `sigsimnet.why` names what the score rests on: deleting it must cost more than deleting anything else.

    python benchmarks/why/run.py ../shared/data

Pairs of one person whom the model has not learnt from: ECG-ID (two records), eegmat (rest and task), and PTB-XL's
held-out patients of several days (lead I). The fifth of the beat that `occlusion` finds most important becomes the mean
beat on one side; beside it windows of 40 ms of the same total length at random, twenty draws. Drop of the cosine, mean
over pairs; ratio with interval by bootstrap over pairs; seconds of `why` a pair.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path

import numpy as np

from sigsimnet import load_model, read, why
from sigsimnet._utils.files import write_whole
from sigsimnet.comparison._why import _mixed, _Pair
from sigsimnet.errors import SigSimNetError
from sigsimnet.recording import Recording

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "ecg"))
from train import ptbxl

SHARE, WINDOW, DRAWS = 0.2, 0.04, 20


def pairs_of(data: Path) -> list[tuple[str, Recording, Recording]]:
    found = []
    for person in sorted((data / "ecg-id").glob("Person_*")):
        own = sorted(person.glob("*.hea"))
        if len(own) > 1:
            found.append(("ecg-id", read(own[0], channels=0), read(own[1], channels=0)))
    for rest in sorted((data / "eegmat").glob("*_1.edf")):
        task = rest.with_name(rest.name.replace("_1", "_2"))
        found.append(("eegmat", *(read(path, channels="ECG").crop(0, 40) for path in (rest, task))))
    days: dict[str, list[str]] = {}
    for row in ptbxl(data / "ptb-xl"):
        if row["held_out"] and row["several"] and "path" in row:
            days.setdefault(row["person"], []).append(row["path"])
    several = [(paths[0], paths[-1]) for paths in days.values() if len(paths) > 1]
    found += [("ptb-xl", read(first, channels="I"), read(last, channels="I")) for first, last in several]
    return found


def delete(pair: _Pair, chosen: np.ndarray) -> float:
    """Return the drop of the score where samples become the mean beat's, mean of both sides in turn."""
    weight = chosen.astype(float)
    a, b = pair.sides
    mixed_a, mixed_b = a.data.copy(), b.data.copy()
    edges = np.flatnonzero(np.diff(np.r_[False, chosen, False].astype(int))).reshape(-1, 2)
    for begin, end in edges:
        part = np.zeros_like(weight)
        part[begin:end] = 1.0
        mixed_a, mixed_b = _mixed(mixed_a, pair.middle[0], part), _mixed(mixed_b, pair.middle[1], part)
    return pair.base - (pair.score(a=mixed_a) + pair.score(b=mixed_b)) / 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    model = load_model("ecg")
    rng = np.random.default_rng(0)
    rows = []
    for database, a, b in pairs_of(options.data):
        names = {"channel_a": a.channel_names[0], "channel_b": b.channel_names[0]}
        try:
            begin = time.perf_counter()
            found = why(a, b, model=model, **names)
            seconds = time.perf_counter() - begin
        except SigSimNetError as error:
            print(database, error)
            continue
        pair = _Pair(model, found.a, found.b)
        n = found.a.data.shape[-1]
        rate, before = found.a.sampling_rate, found.a.before
        importance = np.interp(np.arange(n) / rate - before, found.times, found.drops)
        top = np.zeros(n, dtype=bool)
        top[np.argsort(-importance)[: round(SHARE * n)]] = True
        random = []
        size = round(WINDOW * rate)
        for _ in range(DRAWS):
            chosen = np.zeros(n, dtype=bool)
            while chosen.sum() < top.sum():
                start = int(rng.integers(0, n - size))
                chosen[start : start + size] = True
            random.append(delete(pair, chosen))
        rows.append((database, found.score, delete(pair, top), float(np.mean(random)), seconds))
    table = []
    for database in ["all", *dict.fromkeys(row[0] for row in rows)]:
        own = np.array([row[1:] for row in rows if database in {"all", row[0]}])
        picks = rng.integers(0, len(own), (1000, len(own)))
        ratios = own[picks, 1].mean(axis=1) / own[picks, 2].mean(axis=1)
        low, high = np.percentile(ratios, [2.5, 97.5])
        top_drop, random_drop = own[:, 1].mean(), own[:, 2].mean()
        table.append((database, len(own), f"{top_drop:.3f}", f"{random_drop:.3f}", f"{top_drop / random_drop:.2f}",
                      f"[{low:.2f}, {high:.2f}]", f"{np.median(own[:, 3]):.3f}"))  # fmt: skip
        print(*table[-1])
    columns = ("database", "pairs", "drop_top_fifth", "drop_random", "ratio", "interval", "seconds_a_pair")
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *table])


if __name__ == "__main__":
    main()
