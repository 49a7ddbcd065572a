"""Finish a trained encoder: whiten its embeddings by what changes within people, and calibrate it.

    python recipes/ecg/finish.py ../shared/data my-encoder -o src/sigsimnet/model/bundled/ecg

- **Within-class covariance normalisation** (Hatch, Kajarekar & Stolcke 2006, Interspeech, "Within-class covariance
  normalization for SVM-based speaker recognition"): the covariance of a person's templates around their mean is made
  round. Learnt from the thirds of CinC 2017's records and from the several days of PTB-XL's patients that the encoder
  learnt from, at equal traces, with a shrinkage towards the identity; it becomes part of the last layer.
- **Calibration** on the people that ``train.py`` held out: lead I of PTB-XL's patients of several days and the
  beginning against the end of every 21st record of CinC 2017, in equal parts; several leads together on the patients.

What was tried for the shrinkage (0.3, 1, 3, 8) was judged on the held-out patients and records.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from train import EVERY, cinc2017, entry, ptbxl

from sigsimnet import read
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.model import SigSimNet, load_model
from sigsimnet.model._adapt import calibrate_leads
from sigsimnet.model._card import digests_of_person
from sigsimnet.model._fit import modules_of

SHRINKAGE = 3.0  # times the mean variance
MITDB = tuple(str(number) for number in range(100, 235))
LEAST_BEATS = 12  # of a record whose thirds are compared

Floats = NDArray[np.float64]


def within(templates: list[list[Floats]]) -> Floats:
    """Return the covariance of templates around the mean of their class."""
    rows = []
    for one in templates:
        if len(one) > 1:
            around = np.stack(one) - np.mean(one, axis=0)
            rows.append(around * np.sqrt(len(one) / (len(one) - 1)))
    return np.cov(np.concatenate(rows).T, bias=True)


def whitening(covariances: list[Floats]) -> Floats:
    """Return the matrix that makes the mean of covariances (each at trace 1), shrunk towards the identity, round."""
    mean = np.mean([one / np.trace(one) for one in covariances], axis=0)
    values, vectors = np.linalg.eigh(mean + SHRINKAGE * np.trace(mean) / len(mean) * np.eye(len(mean)))
    return np.asarray((vectors / np.sqrt(values)) @ vectors.T)


def fold_in(model: SigSimNet, matrix: Floats) -> None:
    """Multiply the last layer, which a projection to unit length follows, by a matrix."""
    network = modules_of(model)
    project = network.encoder.project
    with torch.no_grad():
        factor = torch.from_numpy(matrix.astype(np.float32))
        project.weight.copy_(factor @ project.weight)
        project.bias.copy_(factor @ project.bias)
    model.network = network


def thirds(model: SigSimNet, rows: list[Entry]) -> list[list[Floats]]:
    found = []
    for row in rows:
        one = model.embed(read(row.path))
        if len(one) >= LEAST_BEATS:
            places = np.array_split(np.arange(len(one)), 3)
            found.append([model.template(one.take(rows)).astype(np.float64) for rows in places])
    return found


def days(model: SigSimNet, rows: list[dict[str, str]]) -> list[list[Floats]]:
    """Return the templates of each lead of each patient."""
    found: dict[tuple[str, str], list[Floats]] = {}
    for row in rows:
        template = model.enrol(read(row["path"]), min_good_fraction=0.0)
        for lead, vector in zip(template.leads, template.vectors, strict=True):
            found.setdefault((row["person"], lead), []).append(vector.astype(np.float64))
    return list(found.values())


def forget_bare_numbers(model: SigSimNet, data: Path) -> None:
    """Know LUDB's people by their database and by their recordings only.

    They are numbered from 1, and so are the people of many a table that names no database: those would all be refused.
    """
    salt, people = model.card.salt, set(model.card.people)
    known = {*MITDB, *(row["person"] for row in ptbxl(data / "ptb-xl"))}
    numbers = {header.stem for header in (data / "ludb" / "data").glob("*.hea")} - known
    people -= {digests_of_person(number, "ludb", salt)[1] for number in numbers}
    model.card = replace(model.card, people=tuple(sorted(people)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path, help="from train.py")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    model = load_model(options.model)
    rows = [row for row in ptbxl(options.data / "ptb-xl") if "path" in row]
    hand_held = cinc2017(options.data / "cinc2017")
    learnt = [row for row in rows if row["several"] and not row["held_out"]]
    covariances = [
        within(thirds(model, [e for k, e in enumerate(hand_held) if k % EVERY])),
        within(days(model, learnt)),
    ]
    fold_in(model, whitening(covariances))

    several = [row for row in rows if row["several"] and row["held_out"]]
    of_leads = [entry(row["path"], "ptb-xl", row["person"], "I", row["recording_date"]) for row in several]
    records = [replace(e, label=e.person) for e in hand_held[::EVERY]]
    model.calibrate(Manifest((*of_leads, *records), "calibration"), within=True)
    sets = [model.embed(model.cut_good(read(row["path"]), min_good_fraction=0.0)[0]) for row in several]
    model.calibration_by_leads = calibrate_leads(model, sets, [row["person"] for row in several])
    where = "lead I of PTB-XL patients of several days, and records of CinC 2017, in equal parts"
    model.card = replace(model.card, calibrated_on=f"{where}: {model.card.calibrated_on}")
    forget_bare_numbers(model, options.data)
    model.save(options.output)
    print(model.card.calibrated_on)
    for leads, lines in model.calibration_by_leads.items():
        print(leads, "leads:", {n: (round(line.slope, 1), round(line.intercept, 1)) for n, line in lines.items()})


if __name__ == "__main__":
    main()
