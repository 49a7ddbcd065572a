"""CPU time of training `rocket` and `auto` on 100 windows of 2,000 samples (PigCVP).

python benchmarks/ucr/times.py ../shared/data/ucr
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

from run import load

from sigsimnet import Recording, SigSimNet
from sigsimnet._utils.files import write_whole
from sigsimnet.segments import WindowCutter

RATE = 100.0  # Hz: UCR does not say
ROWS = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    x, y = load(options.data / "PigCVP", "TRAIN")
    recordings = [
        Recording(
            row, RATE, channel_names=["CVP"], metadata={"subject": f"row {k}", "label": str(label)}, source=f"{k}"
        )
        for k, (row, label) in enumerate(zip(x[:ROWS], y[:ROWS], strict=True))
    ]
    cutter = WindowCutter(length=x.shape[1] / RATE, sampling_rate=RATE, band=(None, None))
    rows = []
    for encoder in ("rocket", "auto"):
        model = SigSimNet(encoder, segments=cutter)
        begin = time.process_time()
        model.fit(recordings, same="label", validation=0, min_good_fraction=0.0, progress=False)
        rows.append(
            (encoder, model.encoder, f"{time.process_time() - begin:.1f}", model.card.extra.get("encoders_tried", ""))
        )
        print(*rows[-1], flush=True)
    with write_whole(Path(__file__).with_name("times.csv")) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([("asked_for", "taken", "cpu_s", "tried"), *rows])


if __name__ == "__main__":
    main()
