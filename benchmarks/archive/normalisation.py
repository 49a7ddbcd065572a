"""Does normalising scores by a cohort help to say who it is, or nobody? ECG-ID, a quarter of the people left out.

    python benchmarks/archive/normalisation.py ../shared/data

The cohort is the index itself. ``z``: a person's scores with all others; ``t``: the query's scores with all but its
best; ``s``: the mean of both. Thresholds are set as `Index.identify` does, at 5 %, in each way for itself. People weigh
alike; means over 40 draws.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from sigsimnet import load_model, read
from sigsimnet._utils.files import write_whole
from sigsimnet.errors import SigSimNetError
from sigsimnet.model import Template, scores_of_templates

HERE = Path(__file__).parent
DRAWS, FPIR = 40, 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=HERE / "normalisation.csv")
    options = parser.parse_args()
    model = load_model("ecg")
    first: dict[str, Template] = {}
    later: list[tuple[str, Template]] = []
    paths = (options.data / "ecg-id").glob("Person_*/rec_*.hea")
    for header in sorted(paths, key=lambda path: (path.parent.name, int(path.stem[4:]))):
        try:
            template = model.enrol(read(header), "ECG I")
        except SigSimNetError:
            continue
        if header.parent.name in first:
            later.append((header.parent.name, template))
        else:
            first[header.parent.name] = template
    names, gallery = list(first), list(first.values())
    probes = scores_of_templates([template for _, template in later], gallery)
    among = scores_of_templates(gallery, gallery)
    rng = np.random.default_rng(0)
    found: dict[str, list[tuple[float, float]]] = {"none": [], "z": [], "t": [], "s": []}
    for _ in range(DRAWS):
        out = set(rng.permutation(names)[: len(names) // 4].tolist())
        keep = [i for i, name in enumerate(names) if name not in out]
        own, asked = among[np.ix_(keep, keep)].copy(), probes[:, keep]
        np.fill_diagonal(own, np.nan)
        mean, spread = np.nanmean(own, axis=1), np.nanstd(own, axis=1)
        rest, others = np.sort(asked, axis=1)[:, :-1], np.sort(np.where(np.isnan(own), -9.0, own), axis=1)[:, 1:-1]
        by_z = (asked - mean) / spread, (own - mean) / spread
        by_t = tuple(
            (scores - cohort.mean(axis=1, keepdims=True)) / cohort.std(axis=1, keepdims=True)
            for scores, cohort in ((asked, rest), (own, others))
        )
        by_s = tuple((z + t) / 2 for z, t in zip(by_z, by_t, strict=True))
        for way, (scores, strangers) in {"none": (asked, own), "z": by_z, "t": by_t, "s": by_s}.items():
            threshold = np.quantile(np.nanmax(strangers, axis=1), 1 - FPIR, method="higher")
            right: dict[str, list[bool]] = {}
            false: dict[str, list[bool]] = {}
            for row, (who, _) in enumerate(later):
                known = bool(scores[row].max() > threshold)
                if who in out:
                    false.setdefault(who, []).append(known)
                else:
                    right.setdefault(who, []).append(known and names[keep[int(scores[row].argmax())]] == who)
            found[way].append((float(np.mean([np.mean(one) for one in right.values()])),
                               float(np.mean([np.mean(one) for one in false.values()]))))  # fmt: skip
    rows = [
        {
            "normalisation": way,
            "known_and_right": round(float(np.mean([one for one, _ in draws])), 4),
            "strangers_said_known": round(float(np.mean([one for _, one in draws])), 4),
            "sd_over_draws": round(float(np.std([one for one, _ in draws])), 4),
        }
        for way, draws in found.items()
    ]
    print(*rows, sep="\n")
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
