"""`sigsimnet.compare` beside its score: same samples, exchanged leads, and what two long records cost.

    python benchmarks/comparison/run.py ../shared/data

- ``same samples``: first and last record of each person of ECG-ID and of each PTB-XL patient of several days, rest and
  task of eegmat: how many pairs are said to be one recording (none is); and each first record against a damaged copy of
  itself (its last two thirds, twice as large, at 125 Hz, turned over): how many are found.
- ``exchanged leads``: PTB-XL patients of several days whom the model has not learnt from, two leads exchanged in the
  last record: how many are named; untouched; and each against the next patient. The rules were tried on twelve of
  PTB-XL's patients of several days, some of whom are among these.
- ``time``: a process that compares two records of MIT-BIH of half an hour and two leads: seconds with the start of
  Python, and the most memory that it held (MB).
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from sigsimnet import compare, load_model, read
from sigsimnet._utils.files import write_whole
from sigsimnet.comparison import same_samples
from sigsimnet.errors import SigSimNetError
from sigsimnet.io._rates import resample
from sigsimnet.recording import Recording

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "ecg"))
from train import ptbxl

Row = tuple[str, str, int, str]


def several_days(data: Path, *, held_out: bool) -> list[tuple[str, str]]:
    days: dict[str, list[str]] = {}
    for row in sorted((row for row in ptbxl(data / "ptb-xl") if "path" in row), key=lambda row: row["recording_date"]):
        if row["several"] and (row["held_out"] or not held_out):
            days.setdefault(row["person"], []).append(row["path"])
    return [(own[0], own[-1]) for own in days.values() if len(own) > 1]


def same(data: Path) -> list[Row]:
    pairs: dict[str, list[tuple[Recording, Recording]]] = {"ecg-id": [], "eegmat": [], "ptb-xl": []}
    for person in sorted((data / "ecg-id").glob("Person_*")):
        own = sorted(person.glob("*.hea"))
        if len(own) > 1:
            pairs["ecg-id"].append((read(own[0], channels=0), read(own[-1], channels=0)))
    for rest in sorted((data / "eegmat").glob("*_1.edf")):
        sides = (rest, rest.with_name(rest.name.replace("_1", "_2")))
        pairs["eegmat"].append(tuple(read(side, channels="ECG") for side in sides))  # type: ignore[arg-type]
    for first, last in several_days(data, held_out=False):
        pairs["ptb-xl"].append((read(first, channels="I"), read(last, channels="I")))
    rows: list[Row] = []
    for database, own in pairs.items():
        if not own:
            continue
        name = own[0][0].channel_names[0]
        found = sum(same_samples(a, b, (name, name)) is not None for a, b in own)
        rows.append(("same samples", f"{database}, two records of one person", len(own), str(found)))
        copies = 0
        for a, _ in own:
            piece = a.crop(a.duration / 3, a.duration)
            copy = resample(piece.replace(data=piece.data * -2.0), 125.0)
            one = same_samples(a, copy, (name, name))
            copies += one is not None and abs(one.lag - a.duration / 3) < 0.05
        rows.append(("same samples", f"{database}, a damaged copy", len(own), str(copies)))
    return rows


def exchanged(data: Path) -> list[Row]:
    model = load_model("ecg")
    pairs = [(read(first), read(last)) for first, last in several_days(data, held_out=True)]
    kinds = {"untouched": (), "V1 and V6": ("V1", "V6"), "V1 and V3": ("V1", "V3"), "V4 and V5": ("V4", "V5")}
    rows: list[Row] = []
    for kind, leads in kinds.items():
        named = [leads_named(model, a, swap(b, *leads) if leads else b) for a, b in pairs]
        right = sum(set(leads) <= one if leads else bool(one) for one in named)
        rows.append(("exchanged leads", f"{kind}, named", len(pairs), str(right)))
    others = [leads_named(model, a, pairs[(k + 1) % len(pairs)][1]) for k, (a, _) in enumerate(pairs)]
    rows.append(("exchanged leads", "strangers, named", len(pairs), str(sum(map(bool, others)))))
    return rows


def swap(recording: Recording, one: str, other: str) -> Recording:
    names = list(recording.channel_names)
    i, j = names.index(one), names.index(other)
    rows = np.arange(len(names))
    rows[[i, j]] = j, i
    return recording.replace(data=recording.data[rows])


def leads_named(model: object, a: Recording, b: Recording) -> set[str]:
    try:
        found = compare(a, b, model=model)  # type: ignore[arg-type]
    except SigSimNetError:
        return set()
    said = " ".join(reason for reason in found.reasons if "electrodes may be swapped" in reason)
    return {word for word in said.replace(",", " ").split() if word in a.channel_names}


def cost(data: Path) -> list[Row]:
    rows: list[Row] = []
    for first, second in (("107", "109"), ("101", "111"), ("200", "233")):
        command = [
            sys.executable,
            "-m",
            "sigsimnet",
            "compare",
            *(str(data / "mitdb" / name) for name in (first, second)),
        ]
        begin = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        rows.append(("time", f"mitdb {first} and {second}, s", 1, f"{time.perf_counter() - begin:.1f}"))
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows.append(("time", "most memory of these, MB", len(rows), f"{most:.0f}"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    rows: list[Row] = []
    for part in (cost, same, exchanged):
        for row in part(options.data):
            print(*row, flush=True)
            rows.append(row)
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([("part", "what", "n", "value"), *rows])


if __name__ == "__main__":
    main()
