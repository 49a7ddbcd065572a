"""The mean beat of each standard lead, which `sigsimnet.why` puts in the place of a wave.

    python recipes/why/mean_beat.py ../shared/data -o src/sigsimnet/comparison/mean_beat.json

Beats of PTB-XL's patients with a single record, as the bundled model's cutter makes them; the mean of the patients'
means.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np

from sigsimnet import load_model, read
from sigsimnet.errors import SigSimNetError

MOST = 300  # patients


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    model = load_model("ecg")
    with (options.data / "ptb-xl" / "ptbxl_database.csv").open() as file:
        table = list(csv.DictReader(file))
    several = Counter(row["patient_id"] for row in table)
    paths = {path.name: path for path in (options.data / "ptb-xl").rglob("*_lr.hea")}
    means: dict[str, list[np.ndarray]] = {}
    for row in [row for row in table if several[row["patient_id"]] == 1][:MOST]:
        try:
            recording = read(paths[f"{Path(row['filename_lr']).name}.hea"])
            segments, _ = model.cut_good(recording, min_good_fraction=0.0)
        except (SigSimNetError, KeyError):
            continue
        for k, lead in enumerate(segments.channel_names):
            if len(segments):
                means.setdefault(lead, []).append(np.nanmean(segments.data[:, k], axis=0))
    cutter = model.cutter
    beats = {lead: np.round(np.mean(own, axis=0), 3).tolist() for lead, own in means.items()}
    about = {
        "source": f"PTB-XL 1.0.3 (CC BY 4.0), {max(map(len, means.values()))} patients",
        "sampling_rate": cutter.sampling_rate,
        "before": cutter.before,
        "beats": beats,
    }
    options.output.write_text(json.dumps(about) + "\n", encoding="utf-8")
    print(about["source"], {lead: len(own) for lead, own in means.items()})


if __name__ == "__main__":
    main()
