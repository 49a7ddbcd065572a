"""Learn what an audit holds recordings against: rates of hearts with widths of waves, and how chest leads fit together.

    python recipes/audit/usual.py ../shared/data -o src/sigsimnet/audits/usual.json

From every other patient of PTB-XL (https://physionet.org/content/ptb-xl/1.0.3/) and every other record of CinC 2017
that is not called noise (https://physionet.org/content/challenge-2017/1.0.0/); `recipes/quality/data.py` says which:

- ``rate``: mean and covariance of the logarithms of the usual interval between beats, the width of QRS and the time
  from R to the peak of T.
- ``chest``: each chest lead's median beat as a sum of leads I, II and the other chest leads, by least squares with a
  ridge.
- ``chest_gain``: by how much (logarithm) chest leads must fit better with two exchanged, or one turned over, so that
  1 of 200 of these patients is called so.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from sigsimnet import detect_peaks
from sigsimnet._utils.files import write_whole
from sigsimnet.audits import _leads
from sigsimnet.audits._shape import Shape, shape_of
from sigsimnet.errors import SigSimNetError
from sigsimnet.recording import Recording

sys.path.insert(0, str(Path(__file__).parents[1] / "quality"))
import data as truth

RIDGE = 0.05
RARE = 0.005


def shapes(folder: Path) -> tuple[list[Shape], list[Shape]]:
    chest, single = [], []
    for _, _, _, x, names in truth.ptbxl(folder, learn=True):
        recording = Recording(x, 100, channel_names=[name.upper() for name in names], units="mV")
        if (found := shape(recording)) is not None:
            chest.append(found)
    for _, label, x in truth.cinc2017(folder, learn=True):
        if label != "~" and (found := shape(Recording(x, 300, channel_names=["I"]))) is not None:
            single.append(found)
    return chest, single


def shape(recording: Recording) -> Shape | None:
    try:
        return shape_of(recording, detect_peaks(recording).times)
    except SigSimNetError:
        return None


def rate_of(found: list[Shape]) -> dict[str, list[object]]:
    rows = np.log(
        [[one.rr, one.qrs, one.t] for one in found if np.isfinite([one.rr, one.qrs, one.t]).all() and one.qrs > 0]
    )
    return {"mean": rows.mean(axis=0).round(4).tolist(), "cov": np.cov(rows.T).round(5).tolist()}


def chest_of(found: list[Shape]) -> np.ndarray:
    rows = []
    for one in found:
        beats = one.beats[[one.leads.index(lead) for lead in _leads.FULL]]
        rows.append(beats / np.sqrt((beats**2).mean()))
    every = np.concatenate(rows, axis=1)
    weights = np.zeros((6, 8))
    for k in range(6):
        others = [row for row in range(8) if row != k + 2]
        x, y = every[others], every[k + 2]
        weights[k, others] = np.linalg.solve(x @ x.T + RIDGE * x.shape[1] * np.eye(7), x @ y)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    chest, single = shapes(options.data)
    weights = chest_of(chest)
    table = {"rate": rate_of([*chest, *single]), "chest": weights.round(4).tolist()}
    _leads.usual = lambda: table
    gains: dict[str, list[float]] = {"leads swapped": [], "polarity inverted": []}
    for one in chest:
        now, tried = _leads.chest_misfits(one)
        for kind, own in gains.items():
            best = min(misfit for misfit, named, _ in tried if named == kind)
            own.append(float(np.log(now / max(best, 1e-9))))
    table["chest_gain"] = {kind: round(float(np.quantile(own, 1 - RARE)), 3) for kind, own in gains.items()}
    with write_whole(options.output) as temporary:
        temporary.write_text(json.dumps(table) + "\n", encoding="utf-8")
    print(len(chest), "patients,", len(single), "hand-held records")
    print(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
