"""Whether `sigsimnet.change` finds what was changed on purpose, and lets alone what was not.

    python benchmarks/change/run.py ../shared/data

People of odd number only: the table of usual differences was made of the others (``recipes/change/usual.py``).

- ``injected``: pairs of ECG-ID records (the first record of a day is the baseline, another of that day is now; and the
  first half of a record against its second half). Into every beat of *now* one change is put: QT 40 ms longer (ST-T
  stretched), ST 0.1 mV higher, T inverted, PR 40 ms longer (P moved). Found: its measurement is beyond the usual. False
  alarm: the same measurement without a change.
  The rules (floors, lags, what counts as a lag) were tried on these same people as well: the figures are a little
  optimistic.
- ``diagnoses``: pairs of PTB-XL records of one patient on several days: AUC of the strangest measurement for pairs with
  diagnoses that differ against those whose diagnoses are the same; patients weigh alike, interval by
  bootstrap over them.
- ``spread``: absolute difference within people and between people, by measurement: median over people (over pairs of
  them) of the median of their pairs.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "change"))
from usual import measured, number_of, recording_of, records_of

from sigsimnet import delineate, measure
from sigsimnet._utils.files import write_whole
from sigsimnet.changes import differences_of, strangeness
from sigsimnet.errors import SigSimNetError
from sigsimnet.recording import Recording

Place = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


def warped(x: np.ndarray, source: list[float], target: list[float]) -> np.ndarray:
    """Move the samples at ``source`` to ``target``, what lies between along lines."""
    places = np.arange(len(x), dtype=float)
    return np.interp(np.interp(places, target, source), places, x)


def longer_qt(x: np.ndarray, beats: list[Place], rate: float) -> np.ndarray:
    """Stretch ST-T by 40 ms and shorten what follows, up to the next P."""
    source, target = [0.0], [0.0]
    for k, (_, qrs, t) in enumerate(beats):
        if not np.isfinite([qrs[2], t[2]]).all():
            continue
        after = beats[k + 1][0][0] if k + 1 < len(beats) else len(x) - 1.0
        after = after if np.isfinite(after) else beats[k + 1][1][0] - 0.05 * rate
        if after - t[2] > 0.06 * rate:
            source += [qrs[2], t[2], after]
            target += [qrs[2], t[2] + 0.04 * rate, after]
    return warped(x, [*source, len(x) - 1.0], [*target, len(x) - 1.0])


def longer_pr(x: np.ndarray, beats: list[Place], rate: float) -> np.ndarray:
    """Move the P wave 40 ms forwards."""
    source, target = [0.0], [0.0]
    for k, (p, qrs, _) in enumerate(beats):
        before = beats[k - 1][2][2] if k else 0.0
        if np.isfinite([p[0], p[2], qrs[0], before]).all() and p[0] - before > 0.06 * rate:
            shift = 0.04 * rate
            source += [before, p[0], p[2], qrs[0]]
            target += [before, p[0] - shift, p[2] - shift, qrs[0]]
    keep = np.r_[True, np.diff(target) > 0]
    return warped(x, [*np.array(source)[keep], len(x) - 1.0], [*np.array(target)[keep], len(x) - 1.0])


def higher_st(x: np.ndarray, beats: list[Place], rate: float) -> np.ndarray:
    """Lift from the J point on by 0.1 mV, falling to nothing at the end of T."""
    out = x.copy()
    for _, qrs, t in beats:
        if np.isfinite([qrs[2], t[2], t[1]]).all():
            places = np.arange(round(qrs[2]) - round(0.02 * rate), round(t[2]) + 1)
            places = places[(places >= 0) & (places < len(x))]
            knots = [qrs[2] - 0.02 * rate, qrs[2], max(t[1], qrs[2] + 0.1 * rate), t[2]]
            out[places] += np.interp(places, knots, [0, 0.1, 0.1, 0])
    return out


def inverted_t(x: np.ndarray, beats: list[Place], _rate: float) -> np.ndarray:
    """Mirror T on the line between its ends."""
    out = x.copy()
    for _, _, t in beats:
        if np.isfinite(t).all():
            a, b = round(t[0]), round(t[2])
            line = np.linspace(x[a], x[b], b - a + 1)
            out[a : b + 1] = 2 * line - x[a : b + 1]
    return out


INJECTED: dict[str, tuple[str, Callable[..., np.ndarray]]] = {
    "QT + 40 ms": ("QTc fridericia", longer_qt),
    "ST + 0.1 mV": ("ST at J+80", higher_st),
    "T inverted": ("T amplitude", inverted_t),
    "PR + 40 ms": ("PR", longer_pr),
}


def injected(recording: Recording, change: Callable[..., np.ndarray]) -> Recording:
    marks = delineate(recording).marks[0]
    beats = [tuple(map(tuple, beat)) for beat in marks.tolist()]
    x = change(np.nan_to_num(recording.data[0].astype(np.float64)), beats, recording.sampling_rate)
    return recording.replace(data=x[None])


def pairs_of_ecg_id(rows: list[dict[str, Any]]) -> list[tuple[str, str, Recording, Recording]]:
    found = []
    people = sorted({row["person"] for row in rows})
    for person in people:
        own = [row for row in rows if row["person"] == person]
        whole = recording_of(own[0])
        half = whole.duration / 2
        found.append(("halves", person, whole.crop(0, half), whole.crop(half, None)))
        mate = next((row for row in own[1:] if row["day"] == own[0]["day"]), None)
        if mate is not None:
            found.append(("records of a day", person, whole, recording_of(mate)))
    return found


def flagged(baseline: Recording, now: Recording, names: list[str]) -> dict[str, bool]:
    found = differences_of([measure(baseline)], measure(now), same_day=True)
    return {one.name: one.level in {"unusual", "rare", "missing"} for one in found if one.name in names}


def inject(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    names = [name for name, _ in INJECTED.values()]
    counts: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    for kind, person, baseline, now in pairs_of_ecg_id(rows):
        try:
            alone = flagged(baseline, now, names)
            for what, (name, how) in INJECTED.items():
                hit = flagged(baseline, injected(now, how), names)
                counts.setdefault((kind, what), []).append((hit.get(name, False), alone.get(name, False)))
        except SigSimNetError as error:
            print(person, kind, error)
    table = []
    for (kind, what), pairs in counts.items():
        hits, false = np.array(pairs).mean(axis=0)
        table.append(("injected", f"{what}, {kind}", len(pairs), f"{hits:.3f}", f"{false:.3f}"))
        print(*table[-1], flush=True)
    return table


def diagnoses(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    known = measured([row for row in rows if row["database"] == "ptb-xl"])
    scores, changed, owners = [], [], []
    for a, b in combinations(known, 2):
        if a["person"] == b["person"] and a["day"][:10] != b["day"][:10]:
            scores.append(strangeness(differences_of([a["measured"]], b["measured"], same_day=False)))
            changed.append(a["same"] != b["same"])
            owners.append(a["person"])
    y, s, who = np.array(changed), np.array(scores), np.array(owners)
    people, owner, counts = np.unique(who, return_inverse=True, return_counts=True)
    weights = 1 / counts[owner]
    rng = np.random.default_rng(0)
    values = []
    for _ in range(1000):
        pick = np.concatenate([np.flatnonzero(who == person) for person in rng.choice(people, len(people))])
        if 0 < y[pick].sum() < len(pick):
            values.append(roc_auc_score(y[pick], s[pick], sample_weight=weights[pick]))
    low, high = np.percentile(values, [2.5, 97.5])
    found = ("diagnoses", f"AUC, {y.sum()} of {len(y)} pairs changed", len(people),
             f"{roc_auc_score(y, s, sample_weight=weights):.3f}", f"[{low:.3f}, {high:.3f}]")  # fmt: skip
    print(*found)
    return [found]


def spread(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    known = measured([row for row in rows if row["database"] == "ecg-id"])
    table = []
    for name in ("PR", "QRS", "QTc fridericia", "R amplitude", "T amplitude", "ST at J+80"):
        within: dict[str, list[float]] = defaultdict(list)
        between: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for a, b in combinations(known, 2):
            found = differences_of([a["measured"]], b["measured"], same_day=False)
            steps = [abs(one.difference) for one in found if one.name == name and np.isfinite(one.difference)]
            if a["person"] == b["person"]:
                within[a["person"]] += steps[:1]
            else:
                between[a["person"], b["person"]] += steps[:1]
        sides = [float(np.median([np.median(own) for own in side.values() if own])) for side in (within, between)]
        people = len({row["person"] for row in known})
        table.append(("spread", name, people, *(f"{side:.3f}" for side in sides)))
        print(*table[-1], flush=True)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    rows = [row for row in records_of(options.data) if number_of(row["person"]) % 2]
    ecg_id = [row for row in rows if row["database"] == "ecg-id"]
    table = [*inject(ecg_id), *diagnoses(rows), *spread(ecg_id[:60])]
    if not options.no_write:
        with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
            csv.writer(file).writerows([("what", "of", "people", "found_or_within", "false_alarms_or_between"), *table])


if __name__ == "__main__":
    main()
