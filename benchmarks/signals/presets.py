"""What changes of windows while training are worth: the CNN on EEG and EMG with none, the usual ones, and the preset.

    python benchmarks/signals/presets.py ../shared/data

Rest against arithmetic by EEG (``eegmat``, each of four people held out) and six gestures by EMG (16 people in four
folds), as in ``run.py``; z-scored windows of the modality's preset. Accuracy of recordings by 1-NN of templates, and
with two channels in ten missing.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from run import task_named

from sigsimnet._utils.files import write_whole
from sigsimnet.model import SigSimNet
from sigsimnet.segments import WindowCutter
from sigsimnet.training import Augment

CUTTERS = {
    "eegmat": WindowCutter.for_modality("eeg", length=2.0, step=1.0),
    "emg": WindowCutter.for_modality("emg", sampling_rate=250.0, band=(20.0, 112.0)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("presets.csv"))
    options = parser.parse_args()
    rows = []
    for name, cutter in CUTTERS.items():
        task = task_named(name, options.data)
        labels = np.array([str(r.metadata["label"]) for r in task.recordings])
        kind = cutter.modality
        for seed in range(options.seeds):
            for how, augment in {"none": False, "usual": Augment(), "preset": Augment.for_modality(kind)}.items():
                right: list[bool] = []
                lost: list[bool] = []
                for held in task.folds(seed):
                    learn = [r for r, out in zip(task.recordings, held, strict=True) if not out]
                    model = SigSimNet("cnn", segments=cutter, encoder_options={"dim": 64, "dropout": 0.3})
                    model.fit(learn, same="label", epochs=15, steps=30, validation=0, augment=augment, seed=seed,
                              min_good_fraction=0, progress=False)  # fmt: skip
                    sets = [model.cut(r) for r in task.recordings]
                    known = np.flatnonzero(~held & np.array([len(one) > 0 for one in sets]))
                    enrolled = np.stack([model.template(sets[k]) for k in known])
                    rng = np.random.default_rng(seed)
                    for k in (k for k in np.flatnonzero(held) if len(sets[k])):
                        names = task.recordings[k].channel_names
                        kept = np.sort(rng.permutation(len(names))[: round(0.8 * len(names))])
                        less = model.cut(task.recordings[k].pick(kept.tolist()))
                        for one, into in ((sets[k], right), (less, lost)):
                            said = labels[known[int((enrolled @ model.template(one)).argmax())]]
                            into.append(bool(said == labels[k]))
                rows.append((name, how, seed, len(right), f"{np.mean(right):.4f}", f"{np.mean(lost):.4f}"))
                print(*rows[-1], flush=True)
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("task", "augment", "seed", "n_recordings", "accuracy", "accuracy_channels_lost"))
        writer.writerows(rows)


if __name__ == "__main__":
    main()
