"""`sigsimnet.audit` on archives that were damaged on purpose: what is found, and what is found that nobody did.

    python benchmarks/audit/run.py ../shared/data

Two archives of people that the bundled model has not learnt from: ECG-ID (lead I, raw, up to four records a person) and
PTB-XL's held-out patients (twelve leads, 100 Hz). In each round a tenth of the records gets one damage each, of the
kinds in turn; the rest stays. Rules and thresholds were tried on half of the people (``--choose``), the figures are of
the other half; the rule by which another person's file is told was once looked at on all of them.

- ``results.csv``: by archive and damage: records damaged, found with the right kind (recall) at confidence 0.5 and 0.8,
  or with any kind, and of all findings of that kind the share that is right (precision; at a tenth of the records
  damaged).
- ``untouched.csv``: findings per 1,000 records that nobody damaged, by kind.
- ``time.csv``: seconds and memory for CinC 2017's records at hand, a process of its own; stopped by SIGKILL in the
  middle and gone on: whether the table is the same.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from sigsimnet import audit, load_model, read
from sigsimnet._utils.files import write_whole
from sigsimnet.io._rates import resample
from sigsimnet.recording import Recording

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "ecg"))
from train import ptbxl

LEVEL = 0.5  # of confidence
Change = Callable[[Recording, np.random.Generator], Recording]


def ecg_id(data: Path) -> list[Recording]:
    found = []
    for person in sorted((data / "ecg-id").glob("Person_*")):
        headers = sorted(person.glob("*.hea"), key=lambda path: int(path.stem[4:]))[:4]
        found += [named(read(header, channels=0), f"{person.name}/{header.stem}", person.name) for header in headers]
    return found


def chosen(recording: Recording) -> bool:
    """Return whether rules were tried on a person."""
    return hashlib.sha256(f"audit {recording.metadata['subject']}".encode()).digest()[0] % 2 == 0


def ptb_xl(data: Path) -> list[Recording]:
    rows = [row for row in ptbxl(data / "ptb-xl") if row["held_out"] and "path" in row]
    found = []
    for row in rows:
        one = read(row["path"])
        one = one.replace(channel_names=[name.upper() for name in one.channel_names])
        found.append(named(one, Path(row["path"]).name, row["person"]))
    return found


def named(recording: Recording, source: str, person: str) -> Recording:
    return recording.replace(source=source, metadata={"subject": person}, annotations=())


def gain(factor: float) -> Change:
    return lambda one, _: one.replace(data=one.data * factor)


def rate(factor: float) -> Change:
    return lambda one, _: one.replace(sampling_rate=one.sampling_rate * factor)


def exchange(first: str, second: str) -> Change:
    def change(one: Recording, _: np.random.Generator) -> Recording:
        rows = list(range(len(one.channel_names)))
        i, j = one.channel_names.index(first), one.channel_names.index(second)
        rows[i], rows[j] = j, i
        return one.replace(data=one.data[rows])

    return change


def arms(one: Recording, _: np.random.Generator) -> Recording:
    """Return what the electrocardiograph would have written with the cables of both arms exchanged."""
    data = one.data.copy()
    place = one.channel_names.index
    data[place("I")] = -one.data[place("I")]
    for first, second in (("II", "III"), ("AVR", "AVL")):
        data[place(first)], data[place(second)] = one.data[place(second)], one.data[place(first)]
    return one.replace(data=data)


def over(lead: str | int) -> Change:
    def change(one: Recording, _: np.random.Generator) -> Recording:
        data = one.data.copy()
        data[one.channel_names.index(lead) if isinstance(lead, str) else lead] *= -1
        return one.replace(data=data)

    return change


def flat(one: Recording, _: np.random.Generator) -> Recording:
    return one.replace(data=np.zeros_like(one.data))


def noise(one: Recording, rng: np.random.Generator) -> Recording:
    return one.replace(data=rng.normal(0, one.data.std() + 1e-3, one.data.shape).astype(np.float32))


def part(one: Recording, rng: np.random.Generator) -> Recording:
    """Return a copy cut, rescaled, and at another sampling rate."""
    begin = float(rng.uniform(0, 0.4)) * one.duration
    cut = one.crop(begin, begin + 0.6 * one.duration)
    return resample(cut.replace(data=cut.data * 1.7), one.sampling_rate * (0.5 if one.sampling_rate > 300 else 1.25))


COMMON: dict[str, tuple[str, Change | None]] = {
    "another person's file": ("other person", None),
    "a copy under another name": ("same file", lambda one, _: one),
    "cut, × 1.7, resampled copy": ("same samples", part),
    "× 10": ("wrong scale", gain(10.0)),
    "× 1000": ("wrong scale", gain(1000.0)),
    "÷ 5": ("wrong scale", gain(0.2)),
    "rate twice": ("wrong rate", rate(2.0)),
    "rate half": ("wrong rate", rate(0.5)),
    "rate 250 for 180": ("wrong rate", rate(1 / 0.72)),
    "flat": ("flat", flat),
    "noise": ("noise only", noise),
}
KINDS: dict[str, dict[str, tuple[str, Change | None]]] = {
    "ecg-id": COMMON | {"turned over": ("polarity inverted", over(0))},
    "ptb-xl": COMMON
    | {
        "V2 turned over": ("polarity inverted", over("V2")),
        "V5 turned over": ("polarity inverted", over("V5")),
        "II turned over": ("polarity inverted", over("II")),
        "V1 and V2 exchanged": ("leads swapped", exchange("V1", "V2")),
        "V1 and V6 exchanged": ("leads swapped", exchange("V1", "V6")),
        "names of I and II exchanged": ("leads swapped", exchange("I", "II")),
        "cables of both arms exchanged": ("leads swapped", arms),
    },
}


def damaged(
    archive: list[Recording], kinds: dict[str, tuple[str, Change | None]], seed: int
) -> tuple[list[Recording], dict[str, tuple[str, str]]]:
    """Return the archive with a tenth of it damaged, and what was done to whom."""
    rng = np.random.default_rng(seed)
    people = defaultdict(list)
    for k, one in enumerate(archive):
        people[one.metadata["subject"]].append(k)
    several = [k for own in people.values() if len(own) > 1 for k in own]
    order = iter(rng.permutation(len(archive)).tolist())
    done: dict[str, tuple[str, str]] = {}
    found, more, used = list(archive), [], set()
    n_each = max(2, round(0.1 * len(archive) / len(kinds)))
    for damage, (kind, change) in kinds.items():
        for number in range(n_each):
            if change is None:
                place = int(rng.choice([k for k in several if k not in used]))
                other = int(rng.choice([k for k in range(len(archive)) if archive[k].metadata["subject"]
                                        != archive[place].metadata["subject"] and k not in used]))  # fmt: skip
                found[place] = named(archive[other], archive[place].source, archive[place].metadata["subject"])
                # It is no copy: the person whose file it is does not have it.
                found[other] = named(archive[place], archive[other].source, archive[other].metadata["subject"])
                used |= {place, other}
                done[archive[place].source] = (damage, kind)
                done.setdefault(archive[other].source, (damage, "beside"))
                continue
            place = next(k for k in order if k not in used)
            used.add(place)
            one = archive[place]
            if kind in ("same file", "same samples"):
                stranger = archive[int(rng.integers(len(archive)))].metadata["subject"]
                copy = named(change(one, rng), f"copy {damage} {number}", f"new {stranger} {number}")
                more.append(copy)
                done[copy.source] = (damage, kind)
            else:
                found[place] = named(change(one, rng), one.source, one.metadata["subject"])
                done[one.source] = (damage, kind)
    return [*found, *more], done


def rounds(archive: list[Recording], name: str, seeds: list[int]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    model = load_model("ecg")
    made: dict[str, list[str]] = defaultdict(list)
    hits: dict[tuple[str, float], int] = defaultdict(int)
    named: dict[str, int] = defaultdict(int)
    right: dict[str, int] = defaultdict(int)
    wrong: dict[str, int] = defaultdict(int)
    clean = audit(archive, model=model, progress=False)
    for seed in seeds:
        recordings, done = damaged(archive, KINDS[name], seed)
        found = audit(recordings, model=model, progress=False)
        for source, (damage, kind) in done.items():
            if kind == "beside":
                continue
            made[damage].append(source)
            own = [one for one in found.findings if source in (one.path, one.other) and one.kind == kind]
            for level in (LEVEL, 0.8):
                hits[damage, level] += any(one.confidence >= level for one in own)
            named[damage] += any(source in (one.path, one.other) for one in found.findings if one.confidence >= LEVEL)
        for one in found.findings:
            kinds = {done.get(source, ("", ""))[1] for source in (one.path, one.other)}
            if one.confidence >= LEVEL and "beside" not in kinds:
                right[one.kind] += one.kind in kinds
                wrong[one.kind] += one.kind not in kinds
    rows = [
        {
            "archive": name,
            "damage": damage,
            "kind": kind,
            "n": len(made[damage]),
            "recall_05": hits[damage, LEVEL] / len(made[damage]),
            "recall_08": hits[damage, 0.8] / len(made[damage]),
            "any_kind_05": named[damage] / len(made[damage]),
            "precision_of_kind": right[kind] / max(right[kind] + wrong[kind], 1),
        }
        for damage, (kind, _) in KINDS[name].items()
    ]
    counts = {kind: n / len(archive) * 1000 for kind, n in clean.counts().items()}
    untouched = [
        {"archive": name, "records": len(archive), "kind": kind, "per_1000": value} for kind, value in counts.items()
    ]
    for one in clean.findings:
        print("untouched:", one.kind, one.path, f"{one.confidence:.2f}", one.channel, one.what, flush=True)
    return rows, untouched


def cinc(data: Path) -> list[dict[str, Any]]:
    """Return what an audit of CinC 2017 costs, and whether one that was killed ends in the same table."""
    with tempfile.TemporaryDirectory() as folder:
        archive = min((data / "cinc2017").glob("*.zip"))
        records = f"{folder}/records"
        subprocess.run([sys.executable, "-m", "zipfile", "-e", str(archive), records], check=True)
        tables = [Path(folder) / f"{name}.csv" for name in ("whole", "killed")]
        command = [sys.executable, "-m", "sigsimnet", "audit", records, "-o"]
        begin = time.perf_counter()
        subprocess.run([*command, str(tables[0])], check=True, capture_output=True)
        seconds = time.perf_counter() - begin
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        process = subprocess.Popen([*command, str(tables[1])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds / 3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        subprocess.run([*command, str(tables[1])], check=True, capture_output=True)
        same = tables[0].read_bytes() == tables[1].read_bytes()
        count = len(tables[0].read_text(encoding="utf-8").splitlines()) - 1
    return [{"seconds": seconds, "mb": most, "findings": count, "same_table_after_kill": same}]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows({k: f"{v:.3f}" if isinstance(v, float) else v for k, v in row.items()} for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument("--choose", action="store_true", help="on the people that rules are tried on")
    parser.add_argument("--part", choices=("all", "damage", "time"), default="all")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    if options.part != "time":
        rows: list[dict[str, Any]] = []
        untouched: list[dict[str, Any]] = []
        for name, archive in (("ecg-id", ecg_id), ("ptb-xl", ptb_xl)):
            people = [one for one in archive(options.data) if chosen(one) == options.choose]
            own, clean = rounds(people, name, options.seeds)
            rows += own
            untouched += clean
        for row in rows:
            print(*(f"{v:.2f}" if isinstance(v, float) else v for v in row.values()))
        write(options.output / "results.csv", rows)
        write(options.output / "untouched.csv", untouched)
    if options.part != "damage":
        rows = cinc(options.data)
        print(rows)
        write(options.output / "time.csv", rows)


if __name__ == "__main__":
    main()
