"""Near-duplicates: copies made on purpose among all recordings of ECG-ID and MIT-BIH, found and falsely found.

    python benchmarks/archive/duplicates.py ../shared/data

Copies of every fourth recording: at another sampling rate, with noise, a part of it, at another gain, and in lower
resolution, each under another name and person. Limits were set on ECG-ID's people with even numbers; figures are of the
odd ones, and of MIT-BIH.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path

import numpy as np

from sigsimnet import Index, Recording, read
from sigsimnet._utils.files import write_whole
from sigsimnet.io._rates import resample

HERE = Path(__file__).parent


def copies(one: Recording, rng: np.random.Generator) -> dict[str, Recording]:
    """Return what people do to a recording."""
    x = one.data
    spread = np.nanstd(x, axis=1, keepdims=True)
    rate = one.sampling_rate
    length = x.shape[1] / rate
    return {
        "same file": one,
        "other rate": resample(one, 200.0 if rate != 200 else 250.0),
        "noise": one.replace(data=x + 0.1 * spread * rng.normal(size=x.shape)),
        "a part": one.crop(0.27 * length, min(0.27 * length + max(14.0, length / 3), length)),
        "other gain": one.replace(data=0.4 * x),
        "8 bits": one.replace(data=np.round(x / np.nanmax(np.abs(x)) * 127) / 127 * np.nanmax(np.abs(x))),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--people", choices=("odd", "even"), default="odd", help="of ECG-ID")
    parser.add_argument("-o", "--output", type=Path, default=HERE / "duplicates.csv")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    people = {
        "ecg-id": [
            path
            for path in sorted((options.data / "ecg-id").glob("Person_*/rec_*.hea"))
            if int(path.parent.name[-2:]) % 2 == (options.people == "odd")
        ],
        "mitdb": sorted((options.data / "mitdb").glob("*.hea")),
    }
    rows = []
    for base, paths in people.items():
        whole = [read(path) for path in paths]
        chosen = [one.pick([0]) if base == "ecg-id" else one for one in whole]
        if base == "mitdb":  # five minutes of each half hour
            chosen = [one.crop(300, 600) for one in chosen]
        everything, made = [], []
        for number, one in enumerate(chosen):
            name = f"{base}/{paths[number].parent.name}/{paths[number].stem}"
            everything.append(one.replace(source=name, metadata={"subject": paths[number].parent.name}))
            if number % 4 == 0:
                for kind, other in copies(one, rng).items():
                    metadata = {"subject": f"other {len(made)}"}
                    # The index knows the same samples by themselves: one of them is turned by a bit.
                    data = other.data.copy()
                    data[0, 0] += 1e-6 if kind == "same file" else 0.0
                    made.append((kind, name, other.replace(source=f"{name} {kind}", metadata=metadata, data=data)))
        with tempfile.TemporaryDirectory() as folder:
            index = Index(Path(folder) / "a.index")
            index.add([*everything, *(one for _, _, one in made)], progress=False)
            began = time.process_time()
            found = {frozenset((pair.path_a, pair.path_b)) for pair in index.near_duplicates(progress=False)}
            took = time.process_time() - began
            there = {row["path"] for row in index.recordings()}
        originals = {one.source for one in everything}
        false = [pair for pair in found if pair <= originals]
        n = len([name for name in originals if name in there])
        for kind in dict.fromkeys(kind for kind, _, _ in made):
            mine = [(name, one.source) for what, name, one in made if what == kind and {name, one.source} <= there]
            hit = sum(frozenset(pair) in found for pair in mine)
            rows.append({
                "recordings": base, "copy": kind, "copies": len(mine), "found": hit, "n_recordings": n,
                "pairs_of_other_recordings": n * (n - 1) // 2, "falsely_found": len(false), "cpu_s": round(took, 2),
            })  # fmt: skip
            print(rows[-1], flush=True)
        print(sorted(map(sorted, false)))
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
