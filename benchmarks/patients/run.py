"""Patients of several days in PTB-XL: which of the gallery is it, by one lead and by several together?

    python benchmarks/patients/run.py ../shared/data --more seed1 seed2

The people are those that ``recipes/ecg/train.py`` holds out: every other patient of several days and every fourth of
one. Each is enrolled with the recordings of the first day; the probes are those of later days. Choices of the recipe
(the shrinkage of its last layer, the way that leads are fused, the seed) were made, and calibrations fitted, on these
very people: the encoder has not learnt from them, but the table is not the test of those choices.

- ``results.csv``: for lead I, for sets of leads and for all twelve together: EER, macro EER (people weigh alike), TAR
  at FAR 1 %, Rank-1 of probes and of people with an interval over people, detection and identification rate at 5 %
  false positives, Cllr of the calibration fitted on the other half of the people; beside it the correlation of mean
  beats on the same leads.
- ``gallery.csv``: Rank-1 against the size of the gallery, from draws of it, and what a line over the logarithm of the
  size gives for 2,111 patients (ElectroCardioGuard's gallery), with an interval over people.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sigsimnet import load_model, read
from sigsimnet._utils.files import write_whole
from sigsimnet.evaluation._people import figures_of_people
from sigsimnet.evaluation.baselines import BASELINES
from sigsimnet.evaluation.trials import Trials
from sigsimnet.metrics import CALIBRATIONS, cllr, eer, min_cllr, tar_at_far
from sigsimnet.model import Embedded, SigSimNet, Template

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "ecg"))
from train import ptbxl

LIMB = ("I", "II", "III", "AVR", "AVL", "AVF")
SETS = {
    "I": ("I",),
    "II": ("II",),
    "limb leads": LIMB,
    "I, II, V1, V5": (*LIMB, "V1", "V5"),
    "twelve leads": (*LIMB, "V1", "V2", "V3", "V4", "V5", "V6"),
}
PEER = 2111  # patients in the gallery of ElectroCardioGuard (arXiv:2306.06196)
SIZES = (25, 50, 100, 200)
DRAWS, RESAMPLES = 200, 1000

Floats = NDArray[np.float64]


class Table:
    """Held-out patients: recordings of the first day as the gallery, those of later days as probes."""

    def __init__(self, data: Path) -> None:
        rows = [row for row in ptbxl(data / "ptb-xl") if "path" in row and row["held_out"]]
        rows.sort(key=lambda row: row["recording_date"])
        first: dict[str, str] = {}
        for row in rows:
            first.setdefault(row["person"], row["day"])
        self.gallery: dict[str, list[str]] = {}
        self.probes: list[tuple[str, str]] = []
        for row in rows:
            if row["day"] == first[row["person"]]:
                self.gallery.setdefault(row["person"], []).append(row["path"])
            else:
                self.probes.append((row["person"], row["path"]))
        self.people = np.array(list(self.gallery))
        self.owner = np.array([person for person, _ in self.probes])
        self.same = self.owner[:, None] == self.people[None, :]


def embedded(model: SigSimNet, path: str) -> Embedded:
    return model.embed(model.cut_good(read(path), min_good_fraction=0.0)[0])


def of_leads(model: SigSimNet, one: Embedded, leads: Sequence[str]) -> Template | None:
    """Return the template of some leads; None where a recording has none of them."""
    there = [lead for lead in leads if lead in one.segments.channel_names]
    return model.template_of(one.pick(there)) if there else None


def scores_of_model(model: SigSimNet, sets: dict[str, Embedded], table: Table, leads: Sequence[str]) -> Floats:
    gallery = []
    for person in table.people:
        own = [found for path in table.gallery[person] if (found := of_leads(model, sets[path], leads)) is not None]
        gallery.append(Template.of_several(own))
    probes = [of_leads(model, sets[path], leads) for _, path in table.probes]
    return np.asarray(model.similarity([one for one in probes if one is not None], gallery), dtype=np.float64)


def scores_of_pearson(sets: dict[str, Embedded], table: Table, leads: Sequence[str]) -> Floats:
    pearson = BASELINES.get("pearson")()

    def represent(path: str) -> Floats:
        return np.asarray(pearson.represent(sets[path].segments.pick(leads)))

    gallery = np.stack([np.mean([represent(path) for path in table.gallery[p]], axis=0) for p in table.people])
    probes = np.stack([represent(path) for _, path in table.probes])
    return np.einsum("ilt,jlt->ij", probes, gallery) / len(leads)


def rank_1(scores: Floats, same: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return same[np.arange(len(scores)), scores.argmax(axis=1)]


def over_people(hits: Floats, owner: NDArray[np.str_], rng: np.random.Generator) -> tuple[float, float, float]:
    """Return the mean over people, each with the mean of her probes, and a 95 % interval over people."""
    means = np.array([hits[owner == person].mean() for person in np.unique(owner)])
    draws = rng.choice(means, (RESAMPLES, len(means))).mean(axis=1)
    return float(means.mean()), *map(float, np.quantile(draws, (0.025, 0.975)))


def detected(scores: Floats, same: NDArray[np.bool_], far: float = 0.05) -> float:
    """Return the share of probes that are found first and above the score that 5 % of strangers' best reach."""
    strangers = np.where(same, -np.inf, scores).max(axis=1)
    return float((rank_1(scores, same) & (scores.max(axis=1) >= np.quantile(strangers, 1 - far))).mean())


def crossed_cllr(scores: Floats, table: Table, rng: np.random.Generator) -> tuple[float, float]:
    """Return Cllr of a line fitted to the probes of half of the people and tried on the other half, and its minimum."""
    people = rng.permutation(np.unique(table.owner))
    halves = [np.isin(table.owner, people[k::2]) for k in (0, 1)]
    found, least = [], []
    for learn, test in (halves, halves[::-1]):
        labels = table.same[learn].ravel()
        line = CALIBRATIONS["logistic"].fit(scores[learn].ravel(), labels.astype(int))
        ratios = np.asarray(line.log_likelihood_ratio(scores[test].ravel()))
        found.append(cllr(ratios, table.same[test].ravel()))
        least.append(min_cllr(scores[test].ravel(), table.same[test].ravel()))
    return float(np.mean(found)), float(np.mean(least))


def row_of(method: str, leads: str, scores: Floats, table: Table, seed: int = 0) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    flat, genuine = scores.ravel(), table.same.ravel()
    enrol, probe = (
        np.tile(np.arange(len(table.people)), len(table.probes)),
        np.repeat(np.arange(len(table.probes)) + len(table.people), len(table.people)),
    )
    trials = Trials(enrol, probe, genuine, (*table.people.tolist(), *table.owner.tolist()))
    hits = rank_1(scores, table.same).astype(float)
    people, low, high = over_people(hits, table.owner, rng)
    crossed, least = crossed_cllr(scores, table, rng)
    return {
        "method": method, "leads": leads, "gallery": len(table.people), "probes": len(hits),
        "people": len(np.unique(table.owner)), "eer": eer(flat, genuine),
        "macro_eer": figures_of_people(flat, trials)["macro_eer"],
        "tar_at_far_1pct": tar_at_far(flat, genuine, 0.01), "rank_1": hits.mean(), "rank_1_people": people,
        "rank_1_low": low, "rank_1_high": high, "dir_at_far_5pct": detected(scores, table.same),
        "cllr_crossed": crossed, "min_cllr": least,
    }  # fmt: skip


def gallery_rows(scores: Floats, table: Table, leads: str, seed: int = 0) -> list[dict[str, object]]:
    """Return Rank-1 by size of the gallery, and what a line over the logarithm of the size gives for the peer's."""
    rng = np.random.default_rng(seed)
    own = scores[table.same]
    people = np.unique(table.owner)
    by_size = []
    for size in (*SIZES, len(table.people)):
        rates = np.zeros(len(own))
        for _ in range(DRAWS):
            for k, row in enumerate(scores):
                others = rng.choice(np.flatnonzero(~table.same[k]), min(size, len(table.people)) - 1, replace=False)
                rates[k] += row[others].max() < own[k]
        by_size.append(rates / DRAWS)
    logs = np.log2([*SIZES, len(table.people)])
    means = np.array([[rates[table.owner == p].mean() for p in people] for rates in by_size])
    picks = rng.integers(0, len(people), (RESAMPLES, len(people)))
    lines = [np.polyfit(logs, means[:, pick].mean(axis=1), 1) for pick in picks]
    wanted = np.clip([np.polyval(line, np.log2(PEER)) for line in lines], 0, 1)
    rows: list[dict[str, object]] = [
        {
            "leads": leads,
            "gallery": round(2**size),
            "rank_1_people": value.mean(),
            "low": low,
            "high": high,
            "how": "drawn",
        }
        for size, value in zip(logs, means, strict=True)
        for low, high in [np.quantile(value[picks].mean(axis=1), (0.025, 0.975))]
    ]
    line = np.polyfit(logs, means.mean(axis=1), 1)
    low, high = np.quantile(wanted, (0.025, 0.975))
    value = float(np.clip(np.polyval(line, np.log2(PEER)), 0, 1))
    return [
        *rows,
        {"leads": leads, "gallery": PEER, "rank_1_people": value, "low": low, "high": high, "how": "extrapolated"},
    ]


def write(path: Path, rows: list[dict[str, object]]) -> None:
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="ecg")
    parser.add_argument("--more", nargs="*", default=[], help="model folders of other seeds")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    table = Table(options.data)
    paths = [*(path for own in table.gallery.values() for path in own), *(path for _, path in table.probes)]
    rows: list[dict[str, object]] = []
    by_gallery: list[dict[str, object]] = []
    for number, name in enumerate([options.model, *options.more]):
        model = load_model(name)
        sets = {path: embedded(model, path) for path in paths}
        for leads, names in SETS.items():
            scores = scores_of_model(model, sets, table, names)
            rows.append(row_of("ecg" if not number else f"another seed ({number})", leads, scores, table))
            if not number:
                rows.append(row_of("pearson", leads, scores_of_pearson(sets, table, names), table))
                by_gallery += gallery_rows(scores, table, leads)
    write(options.output / "results.csv", rows)
    write(options.output / "gallery.csv", by_gallery)
    for row in rows:
        print(row["method"], row["leads"], *(f"{k} {row[k]:.3f}" for k in ("eer", "macro_eer", "rank_1_people")))


if __name__ == "__main__":
    main()
