"""Train the model that comes with the package: single-lead ECG, same person?

    python recipes/ecg/train.py ../shared/data -o src/sigsimnet/recipes/ecg

Every (person, lead) is one identity, and people are the groups that are held out. The model learns from

- CinC Challenge 2017 (hand-held lead I; each record counts as a person, since the database names none; noise records
  left out; https://physionet.org/content/challenge-2017/1.0.0/),
- MIT-BIH Arrhythmia (two leads; 201 and 202 are one person; https://physionet.org/content/mitdb/1.0.0/),
- PTB-XL at 100 Hz (twelve leads, eight more between chest electrodes, and each of them twice as it would be if the
  heart lay a little otherwise: ``leads.py``; https://physionet.org/content/ptb-xl/1.0.3/),

with recorded noise added: nstdb (muscle, baseline; https://physionet.org/content/nstdb/1.0.0/) and what CinC 2017 calls
too noisy to judge.

The PTB-XL patients with several recordings are held out of the training, and so is every 21st record of CinC 2017. The
calibration is fitted to both: half to pairs of recordings of the patients whose every ECG was read as normal (a heart
that falls ill between two days is another question), half to the beginning and the end of a record. ECG-ID is not
touched, so that all its people are an honest test.
The model in the package is that of ``--seed 2`` (its card says why).
Ctrl-C stops after the last whole epoch; the same command goes on from there.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from leads import all_leads, turned

from sigsimnet import Recording, read
from sigsimnet.datasets import Entry, Manifest
from sigsimnet.model import SigSimNet
from sigsimnet.segments import BeatCutter
from sigsimnet.segments._load import fingerprint_of
from sigsimnet.training import Augment, noise_bank

PTB_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
ONE_PERSON = {"202": "201"}  # MIT-BIH: two records of one man
ENCODER = {"shrink": 2, "widths": [24, 48, 96, 96]}  # 70,000 beats/s on two cores
EVERY = 21  # record of CinC 2017 is held out for calibration
TURNS, DEGREES = 2, 20.0  # of the heart: with breath and posture its axis moves by 10–20°


def entry(path: Path | str, database: str, person: str, lead: str, session: str = "") -> Entry:
    """Return a row: the label is the identity to learn, the subject what is held out."""
    channel = lead if database != "cinc2017" else ""
    label = f"{database}/{person}/{lead}"
    return Entry(str(path), person, session, label, channel=channel, database=database)


def cinc2017(folder: Path) -> list[Entry]:
    with (folder / "REFERENCE.csv").open() as file:
        rhythm = dict(csv.reader(file))
    archives = sorted(folder.glob("*.zip"))
    where = archives[0] if archives else folder
    known = {Path(name).stem for name in _names(where)}
    return [entry(where / name, "cinc2017", name, "I") for name, r in rhythm.items() if r != "~" and name in known]


def _names(where: Path) -> list[str]:
    if where.suffix == ".zip":
        from sigsimnet.io import list_members

        return list_members(where)
    return [path.name for path in where.glob("*.hea")]


def mitdb(folder: Path) -> list[Entry]:
    found = []
    for header in sorted(folder.glob("*.hea")):
        leads = [line.split()[-1] for line in header.read_text().splitlines()[1:3]]
        person = ONE_PERSON.get(header.stem, header.stem)
        found += [entry(header.with_suffix(""), "mitdb", person, lead) for lead in leads]
    return found


def ptbxl(folder: Path) -> tuple[list[Entry], list[Entry], set[str]]:
    """Return rows of patients with one recording, of patients with several, and who is well in all of several."""
    with (folder / "ptbxl_database.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (folder / f"{row['filename_lr']}.hea").is_file()]
    often = Counter(row["patient_id"] for row in rows)
    learn, calibrate = [], []
    for row in rows:
        person, several = str(int(float(row["patient_id"]))), often[row["patient_id"]] > 1
        for lead in PTB_LEADS:
            item = entry(folder / row["filename_lr"], "ptb-xl", person, lead, row["recording_date"])
            (calibrate if several else learn).append(item)
    ill = {row["patient_id"] for row in rows if "'NORM'" not in row["scp_codes"]}
    well = {str(int(float(name))) for name, n in often.items() if n > 1 and name not in ill}
    return learn, calibrate, well


def turned_views(rows: list[Entry], seed: int) -> list[Entry]:
    """Return the leads of each recording once as they are and some times as those of a heart that lies otherwise."""
    found = []
    for number, (path, row) in enumerate({row.path: row for row in rows}.items()):
        recording, rng = read(path), np.random.default_rng([seed, number])
        views = [all_leads(recording), *(turned(recording, DEGREES, rng) for _ in range(TURNS))]
        for name in views[0].channel_names:
            for k, view in enumerate(views):
                one = entry(f"{path} turned {k}", "ptb-xl", row.subject, name, row.session)
                found.append(replace(one, recording=view))
    return found


def noise_of(data: Path) -> Iterator[Recording]:
    """Yield recorded noise."""
    with (data / "cinc2017" / "REFERENCE.csv").open() as file:
        noisy = [name for name, rhythm in csv.reader(file) if rhythm == "~"]
    archives = sorted((data / "cinc2017").glob("*.zip"))
    where = archives[0] if archives else data / "cinc2017"
    known = {Path(name).stem for name in _names(where)}
    yield from (read(where / name) for name in noisy if name in known)
    yield from (read(data / "nstdb" / kind) for kind in ("ma", "bw"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with cinc2017/, mitdb/ and ptb-xl/")
    parser.add_argument("-o", "--output", type=Path, required=True, help="model folder to write")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    ptb_learn, ptb_several, well = ptbxl(options.data / "ptb-xl")
    hand_held = cinc2017(options.data / "cinc2017")
    calibrate = (
        *(e for e in ptb_several if e.subject in well),
        *(replace(e, label=e.person) for e in hand_held[::EVERY]),
    )
    one_lead = (*(e for k, e in enumerate(hand_held) if k % EVERY), *mitdb(options.data / "mitdb"))
    learn = Manifest((*one_lead, *turned_views(ptb_learn, options.seed)), "recipe")
    print(f"{len(learn)} recordings × leads of {len(learn.people)} people; {len(calibrate)} for calibration")
    cutter = BeatCutter()
    augment = Augment(
        noise=0.1,
        wander=0.2,
        bumps=0.5,
        stretch=0.08,
        pivot=cutter.before / (cutter.before + cutter.after),
        band=0.3,
        real=0.25,
        bank=noise_bank(noise_of(options.data), cutter.sampling_rate, band=cutter.band),
        renormalise=True,
    )
    model = SigSimNet(encoder="cnn", head="cosine", segments=cutter, encoder_options=ENCODER)
    model.fit(
        learn,
        same="label",
        epochs=options.epochs,
        validation=0.05,
        seed=options.seed,
        steps=100,
        classes_per_batch=160,
        augment=augment,
        per_class=4,
        temperature=0.05,
        keep="last",
        min_good_fraction=0.0,  # judging quality took 0.1 s a record; the databases' own marks of noise are heeded
        patience=options.epochs,
        checkpoint=options.output.parent / f".{options.output.name}.checkpoint",
        description="CinC 2017, MIT-BIH, PTB-XL (every lead of a person an identity; CinC 2017: every record a person)",
    )
    # A person's lead was the label; what the scores mean to a user is: the same person, the same lead. The records
    # behind the computed leads are as well known to the model as these.
    originals = {fingerprint_of(read(path)) for path in {row.path for row in ptb_learn}}
    model.card = replace(model.card, same="subject", recordings=tuple(sorted({*model.card.recordings, *originals})))
    model.calibrate(Manifest(calibrate, "calibration"), within=True)
    where = "PTB-XL patients with several normal recordings, and records of CinC 2017, in equal parts"
    model.card = replace(model.card, calibrated_on=f"{where}: {model.card.calibrated_on}")
    model.save(options.output)
    (options.output.parent / f".{options.output.name}.checkpoint").unlink(missing_ok=True)
    print(model.card.trained_on, model.card.calibrated_on, sep="\n")


if __name__ == "__main__":
    main()
