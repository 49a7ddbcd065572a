"""Few labels: what learning without labels is worth before them. Six gestures by EMG.

    python benchmarks/signals/few_labels.py ../shared/data

People in four folds, as in ``run.py``, and the windows that `choose_segments` finds. On the recordings of the training
people, whose labels nobody sees, `rocket` learns that windows of one recording are alike (``same="recording"``), or
changed copies of one window (``same="view"``). Then 1, 2, 4, 8 or 16 recordings of each gesture get their labels, drawn
at random from the training people, and a test recording gets that of the nearest of them (1-NN), or that of a ridge
regression on them. Beside it the same with MiniRocket's features, and with `rocket` learnt from the few labels alone.
Accuracy of the test people's recordings over all folds, mean over draws.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from run import LOOKED_AT, nearest, ridge, task_named
from sklearn.preprocessing import StandardScaler

from sigsimnet._utils.files import write_whole
from sigsimnet.evaluation.baselines.minirocket import MiniRocket
from sigsimnet.model import SigSimNet
from sigsimnet.segments import choose_segments
from sigsimnet.training import Augment

COUNTS = (1, 2, 4, 8, 16)
NAMES = ("method", "classifier", "labels_per_class", "draws", "accuracy", "std_over_draws")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("few_labels.csv"))
    options = parser.parse_args()
    task = task_named("emg", options.data)
    labels = np.array([str(r.metadata["label"]) for r in task.recordings])
    right: dict[tuple[str, str, int], list[list[bool]]] = {}
    for fold, held in enumerate(task.folds(0)):
        learn = [r for r, out in zip(task.recordings, held, strict=True) if not out]
        some = [learn[k] for k in np.unique(np.linspace(0, len(learn) - 1, LOOKED_AT).astype(int))]
        cutter = choose_segments(some).cutter
        settings = {"validation": 0, "min_good_fraction": 0, "progress": False, "seed": 0}
        changed = Augment(noise=0.05, wander=0.0, bumps=0.1, shift=20)
        models = {
            "rocket, same=recording": SigSimNet("rocket", segments=cutter).fit(learn, same="recording", **settings),
            "rocket, same=view": SigSimNet("rocket", segments=cutter).fit(
                learn, same="view", augment=changed, **settings
            ),
        }
        sets = [next(iter(models.values())).cut(r) for r in task.recordings]
        used = np.array([len(one) > 0 for one in sets])
        features = {}
        for name, model in models.items():
            features[name] = np.stack([model.template(s) if len(s) else np.zeros(model.network.dim) for s in sets])
        plain = MiniRocket(10_000, 0).fit(
            np.concatenate([s.data for s, out in zip(sets, held, strict=True) if not out])
        )
        width = plain.transform(sets[int(np.argmax(used))].data[:1]).shape[1]
        raw = np.stack([plain.transform(s.data).mean(axis=0) if len(s) else np.zeros(width) for s in sets])
        features["MiniRocket"] = StandardScaler().fit(raw[~held & used]).transform(raw)
        test = np.flatnonzero(held & used)
        for draw in range(options.draws):
            rng = np.random.default_rng([fold, draw])
            order = rng.permutation(np.flatnonzero(~held & used))
            for n in COUNTS:
                chosen = np.concatenate([order[labels[order] == label][:n] for label in np.unique(labels)])
                for name, x in features.items():
                    for how, said in (("1-NN", nearest(x[chosen], labels[chosen], x[test])),
                                      ("ridge", ridge(x[chosen], labels[chosen], x[test]))):  # fmt: skip
                        draws = right.setdefault((name, how, n), [[] for _ in range(options.draws)])
                        draws[draw].extend((said == labels[test]).tolist())
                if n > 1 and draw == 0:
                    own = [task.recordings[k] for k in chosen]
                    alone = SigSimNet("rocket", segments=cutter).fit(own, same="label", **settings)
                    x = np.stack([alone.template(sets[k]) for k in [*chosen, *test]])
                    said = nearest(x[: len(chosen)], labels[chosen], x[len(chosen) :])
                    right.setdefault(("rocket, few labels alone", "1-NN", n), [[]])[0].extend(
                        (said == labels[test]).tolist()
                    )
        print(f"fold {fold} done", flush=True)
    rows = []
    for (name, how, n), draws in right.items():
        shares = [float(np.mean(one)) for one in draws]
        rows.append((name, how, n, len(shares), f"{np.mean(shares):.4f}", f"{np.std(shares):.4f}"))
        print(*rows[-1], flush=True)
    with write_whole(options.output) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
