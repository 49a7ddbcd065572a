"""Train the encoder of the model that comes with the package: single-lead ECG, same person?

    python recipes/ecg/train.py ../shared/data -o my-encoder
    python recipes/ecg/finish.py ../shared/data my-encoder -o src/sigsimnet/model/bundled/ecg

Every (person, lead) is one identity, and people are the groups that are held out. The model learns from

- CinC Challenge 2017 (hand-held lead I; each record counts as a person, since the database names none; noise records
  left out; https://physionet.org/content/challenge-2017/1.0.0/),
- MIT-BIH Arrhythmia (two leads; 201 and 202 are one person; https://physionet.org/content/mitdb/1.0.0/),
- the QT Database (two leads; its sel1xx and sel2xx are people of MIT-BIH; https://physionet.org/content/qtdb/1.0.0/),
- LUDB (twelve leads at 500 Hz, and once more at 100 Hz; https://physionet.org/content/ludb/1.0.1/),
- PTB-XL at 100 Hz (twelve leads, eight more between chest electrodes, and each of them once more as it would be if the
  heart lay a little otherwise: ``leads.py``; https://physionet.org/content/ptb-xl/1.0.3/), and further patients of it
  that others filtered, at 250 Hz,

with recorded noise added: nstdb (muscle, baseline, electrode motion; https://physionet.org/content/nstdb/1.0.0/) and
what CinC 2017 calls too noisy to judge.

Held out: every other PTB-XL patient of several days, every fourth of one, and every 21st record of CinC 2017.
Identities of several days are drawn four times as often as others. ECG-ID is not touched, so that all its people are an
honest test.
The model in the package is that of ``--seed 0`` (its card says why).
Ctrl-C stops after the last whole epoch; the same command goes on from there.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
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
CASED = {name.lower(): name for name in PTB_LEADS}
ONE_PERSON = {"202": "201"}  # MIT-BIH: two records of one man
ENCODER = {"shrink": 2, "widths": [24, 48, 96, 96]}  # 70,000 beats/s on two cores
EVERY = 21  # record of CinC 2017 is held out for calibration
OFTEN = 4  # times: how much more often identities of several days are drawn
PROCESSED = "ptb-xl-processed.npz"
TURNS, DEGREES = 1, 20.0  # of the heart: with breath and posture its axis moves by 10–20°


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


def held_out(person: str, *, several_days: bool) -> bool:
    """Return whether a PTB-XL patient is never trained on: every other one of several days, every fourth of one.

    They are the people of ``benchmarks/patients``, and those that choices are made and calibrations fitted on.
    """
    return hashlib.sha256(person.encode()).digest()[0] % (2 if several_days else 4) == 0


def ptbxl(folder: Path) -> list[dict[str, str]]:
    """Return the rows of PTB-XL's table whose records are here, with person, day and whether she is held out."""
    with (folder / "ptbxl_database.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (folder / f"{row['filename_lr']}.hea").is_file()]
    days: dict[str, set[str]] = {}
    for row in rows:
        row["person"], row["day"] = str(int(float(row["patient_id"]))), row["recording_date"][:10]
        row["path"] = str(folder / row["filename_lr"])
    processed = processed_rows(folder.parent / "ptb-xl-processed")
    for row in (*rows, *processed):
        days.setdefault(row["person"], set()).add(row["day"])
    for row in (*rows, *processed):
        row["several"] = "yes" if len(days[row["person"]]) > 1 else ""
        row["held_out"] = "yes" if held_out(row["person"], several_days=bool(row["several"])) else ""
    return [*rows, *processed]


def processed_rows(folder: Path) -> list[dict[str, str]]:
    """Return rows for the records that others filtered and scaled, where they are at hand."""
    if not (folder / PROCESSED).is_file():
        return []
    with np.load(folder / PROCESSED) as found:
        named = zip(found["patient_id"], found["recording_date"], strict=True)
        return [
            {"person": str(person), "day": str(date)[:10], "number": str(k), "recording_date": str(date)}
            for k, (person, date) in enumerate(named)
        ]


def processed_entries(rows: list[dict[str, str]], folder: Path) -> list[Entry]:
    """Return rows of the four leads of each of these records, at 250 Hz."""
    with np.load(folder / PROCESSED) as found:
        samples, rate = found["signal"] / float(found["scale"]), float(found["sampling_rate"])
        leads = [str(lead) for lead in found["leads"]]
    entries = []
    for row in rows:
        recording = Recording(samples[int(row["number"])].T.astype(np.float32), rate, channel_names=leads)
        for lead in leads:
            path = f"{folder / PROCESSED} record {row['number']}"
            entries.append(
                replace(entry(path, "ptb-xl", row["person"], lead, row["recording_date"]), recording=recording)
            )
    return entries


def often(entries: list[Entry]) -> list[Entry]:
    """Return identities that were seen on several days several times over, so that batches hold more of them."""
    days: dict[str, set[str]] = {}
    for one in entries:
        days.setdefault(one.label, set()).add(one.session[:10])
    again = [one for one in entries if len(days[one.label]) > 1]
    return [*entries, *(replace(one, label=f"{one.label}#{k}") for k in range(1, OFTEN) for one in again)]


def qtdb(folder: Path) -> list[Entry]:
    """Return two leads of each record; those of MIT-BIH are of the same people as its records."""
    found = []
    for header in sorted(folder.glob("sel*.hea")):
        number = header.stem.removeprefix("sel")
        database, person = ("mitdb", number) if re.fullmatch("[12][0-9][0-9]", number) else ("qtdb", header.stem)
        leads, person = read(header.with_suffix("")).channel_names, ONE_PERSON.get(person, person)
        found += [entry(header.with_suffix(""), database, person, lead, "qtdb") for lead in leads]
    return found


def ludb(folder: Path) -> list[tuple[str, str, Recording]]:
    """Return person, session and recording, at 500 Hz and once more at the 100 Hz of PTB-XL."""
    found = []
    for header in sorted((folder / "data").glob("*.hea")):
        for session, rate in (("500 Hz", None), ("100 Hz", 100.0)):
            recording = read(header.with_suffix(""), resample_to=rate)
            names = [CASED[name.lower()] for name in recording.channel_names]
            found.append((header.stem, session, recording.replace(channel_names=names)))
    return found


def views(database: str, recordings: Iterable[tuple[str, str, Recording]], seed: int) -> list[Entry]:
    """Return the leads of each recording (person, session, twelve leads) as they are, and some times turned."""
    found = []
    for number, (person, session, recording) in enumerate(recordings):
        rng = np.random.default_rng([seed, number])
        turns = [all_leads(recording), *(turned(recording, DEGREES, rng) for _ in range(TURNS))]
        for name in turns[0].channel_names:
            for k, view in enumerate(turns):
                one = entry(f"{recording.source or database} {session} turned {k}", database, person, name, session)
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
    yield from (read(header.with_suffix("")) for header in sorted((data / "nstdb-em").glob("em*.hea")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with cinc2017/, mitdb/ and ptb-xl/")
    parser.add_argument("-o", "--output", type=Path, required=True, help="model folder to write")
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    rows = ptbxl(options.data / "ptb-xl")
    hand_held = cinc2017(options.data / "cinc2017")
    known = [row for row in rows if not row["held_out"]]
    learn = Manifest(
        (
            *(e for k, e in enumerate(hand_held) if k % EVERY),
            *mitdb(options.data / "mitdb"),
            *qtdb(options.data / "qtdb"),
            *views("ludb", ludb(options.data / "ludb"), options.seed),
            *often(
                [
                    *views(
                        "ptb-xl",
                        [(row["person"], row["recording_date"], read(row["path"])) for row in known if "path" in row],
                        options.seed,
                    ),
                    *processed_entries([row for row in known if "number" in row], options.data / "ptb-xl-processed"),
                ]
            ),
        ),
        "recipe",
    )
    print(f"{len(learn)} recordings × leads of {len(learn.people)} people")
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
        description="CinC 2017, MIT-BIH, QT Database, LUDB, PTB-XL (every lead of a person an identity; CinC 2017: "
        "every record a person)",
    )
    # A person's lead was the label; what the scores mean to a user is: the same person, the same lead. The records
    # behind the computed leads are as well known to the model as these.
    originals = {fingerprint_of(read(row["path"])) for row in known if "path" in row}
    originals |= {fingerprint_of(read(path.with_suffix(""))) for path in (options.data / "ludb" / "data").glob("*.hea")}
    model.card = replace(model.card, same="subject", recordings=tuple(sorted({*model.card.recordings, *originals})))
    model.save(options.output)
    (options.output.parent / f".{options.output.name}.checkpoint").unlink(missing_ok=True)
    print(model.card.trained_on)


if __name__ == "__main__":
    main()
