"""Learn which way up leads are, and how limb leads go with chest leads.

    python recipes/quality/leads.py ../shared/data -o src/sigsimnet/signal_quality/leads.json

From every other patient of PTB-XL (https://physionet.org/content/ptb-xl/1.0.3/; `data.py` says who): logistic
regression without a constant on four numbers of the usual beat of leads I, II, V4, V5, V6, taken for upright; leads I
and II as sums of V1 to V6 by least squares; and a conditional logit that tells the names as they are from the five
other ways to plug three electrodes. Half a minute on 1 core.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import data as truth
import numpy as np
from scipy.optimize import minimize

from sigsimnet._utils.files import write_whole
from sigsimnet.recording import Recording
from sigsimnet.signal_quality.features.leads import SWAPS, limb_features
from sigsimnet.signal_quality.features.median_beat import median_beats
from sigsimnet.signal_quality.features.polarity import shape_of

UPRIGHT = (0, 1, 9, 10, 11)  # rows of I, II, V4, V5, V6
RIDGE = 1e-3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with ptb-xl/")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    found = [median_beats(Recording(x, 100)) for _, _, _, x, _ in truth.ptbxl(options.data, learn=True)]
    beats = np.array([usual for usual in found if usual is not None])
    shapes = np.concatenate([shape_of(beats[:, row]) for row in UPRIGHT])
    upright = minimize(lambda w: np.logaddexp(0, -shapes @ w).mean() + RIDGE * (w @ w), np.zeros(shapes.shape[1])).x
    beats = beats / np.abs(beats[:, 6:]).max(axis=(1, 2), keepdims=True)
    one, two, chest = beats[:, 0], beats[:, 1], beats[:, 6:]
    known = np.concatenate(np.swapaxes(chest, 1, 2))
    wanted = np.column_stack([one.ravel(), two.ravel()])
    ridge = RIDGE * len(known) / 70 * np.eye(6)
    chest_to_limb = np.linalg.solve(known.T @ known + ridge, known.T @ wanted)
    each = []
    for swap in SWAPS.values():
        undone = np.einsum("jk,knt->jnt", np.linalg.inv(swap), np.stack([one, two]))
        each.append(limb_features(undone[0], undone[1], chest, chest_to_limb))
    features = np.stack(each, axis=1)
    spread = features.std(axis=(0, 1))

    def loss(w: np.ndarray) -> float:
        scores = features / spread @ w
        return float((np.logaddexp.reduce(scores, axis=1) - scores[:, 0]).mean() + 10 * RIDGE * (w @ w))

    limbs = minimize(loss, np.zeros(len(spread))).x / spread
    text = {"upright": upright.round(4), "chest_to_limb": chest_to_limb.round(4), "limbs": limbs.round(4)}
    with write_whole(options.output) as temporary:
        temporary.write_text(json.dumps({k: v.tolist() for k, v in text.items()}) + "\n", encoding="utf-8")
    print(f"{len(beats)} records: {text}")


if __name__ == "__main__":
    main()
