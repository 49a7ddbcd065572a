"""Delineation against experts: ours (openecg behind `sigsimnet.delineate`) and NeuroKit2, on LUDB and QTDB.

    python benchmarks/delineation/run.py ../shared/data

- ``ludb``: lead II of the 120 records here; experts marked each beat. openecg has learnt from LUDB, so these figures
  are an upper bound; ``ludb, held out`` are those of them that its own split (`openecg.ludb.stratified_split`) kept
  aside, on which its authors chose: few, but not learnt from.
- ``qtdb``: the marks of its first expert (``q1c``), at least 30 beats a record. openecg's card names QTDB among the
  data of its wave layer too: an upper bound as well. He marked single beats here and there, so nothing is false and
  sensitivity stands for F1. He looked at both leads at once, so each of our leads is compared and, as in the papers
  (Martínez et al. 2004, doi:10.1109/TBME.2003.821031), of each fiducial the nearer one counts.

NeuroKit2 learns from nobody: its figures are no bound of anything.

A fiducial is found where one lies within 150 ms of the expert's (ANSI/AAMI EC57's window for beats). F1 over all; bias,
SD and median error in ms over those found. Records weigh by their beats for F1; the SD is the mean of the records' SDs,
as in the papers. Marks of a P wave where the expert saw none are false. NeuroKit2 gets our R peaks.
"""

from __future__ import annotations

import argparse
import csv
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
import wfdb

from sigsimnet import delineate, detect_peaks, read
from sigsimnet._utils.files import write_whole
from sigsimnet.recording import Recording

WINDOW = 0.15  # s
POINTS = ("P on", "P peak", "P off", "QRS on", "QRS off", "T on", "T peak", "T off")
PLACES = {("P", 0): "P on", ("P", 1): "P peak", ("P", 2): "P off", ("QRS", 0): "QRS on", ("QRS", 2): "QRS off",
          ("T", 0): "T on", ("T", 1): "T peak", ("T", 2): "T off"}  # fmt: skip
WAVES = {"p": "P", "N": "QRS", "t": "T"}

Marks = dict[str, np.ndarray]


def experts(path: Path, ending: str) -> Marks:
    """Return the samples of each fiducial: ``(`` and ``)`` around ``p``, ``N`` or ``t``."""
    found = wfdb.rdann(str(path), ending)
    marks: dict[str, list[int]] = {point: [] for point in POINTS}
    symbols, samples = found.symbol, found.sample
    for k, symbol in enumerate(symbols):
        wave = WAVES.get(symbol) or ("QRS" if symbol in "LRVAFJSEjaen/fQ" else None)
        if wave is None:
            continue
        if (wave, 1) in PLACES:
            marks[PLACES[wave, 1]].append(int(samples[k]))
        if k and symbols[k - 1] == "(":
            marks[PLACES[wave, 0]].append(int(samples[k - 1]))
        if k + 1 < len(symbols) and symbols[k + 1] == ")":
            marks[PLACES[wave, 2]].append(int(samples[k + 1]))
    return {point: np.array(own, dtype=np.int64) for point, own in marks.items()}


def ours(recording: Recording, channel: str) -> Marks:
    found = delineate(recording, channels=channel, peaks=detect_peaks(recording.pick([channel])))
    waves = {"P": 0, "QRS": 1, "T": 2}
    marks = {name: found.marks[0, :, waves[wave], point] for (wave, point), name in PLACES.items()}
    return {name: np.sort(np.rint(own[np.isfinite(own)]).astype(np.int64)) for name, own in marks.items()}


def neurokit(recording: Recording, channel: str) -> Marks:
    import neurokit2 as nk

    rate = recording.sampling_rate
    peaks = detect_peaks(recording.pick([channel])).samples
    clean = nk.ecg_clean(recording.data[recording.channel_index(channel)].astype(float), sampling_rate=int(rate))
    names = {"P on": "ECG_P_Onsets", "P peak": "ECG_P_Peaks", "P off": "ECG_P_Offsets", "QRS on": "ECG_R_Onsets",
             "QRS off": "ECG_R_Offsets", "T on": "ECG_T_Onsets", "T peak": "ECG_T_Peaks",
             "T off": "ECG_T_Offsets"}  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, found = nk.ecg_delineate(clean, peaks, sampling_rate=int(rate), method="dwt")
    marks = {point: np.asarray(found.get(name, []), dtype=float) for point, name in names.items()}
    return {point: np.sort(own[np.isfinite(own)]).astype(np.int64) for point, own in marks.items()}


METHODS = {"sigsimnet": ours, "NeuroKit2 dwt": neurokit}


def matched(
    expert: np.ndarray, found: list[np.ndarray], rate: float, looked: tuple[int, int]
) -> tuple[np.ndarray, int, int, int]:
    """Return errors in s, hits, misses and false ones; of several leads the nearer mark counts."""
    window = WINDOW * rate
    errors, misses = [], 0
    for sample in expert:
        near = [own[np.argmin(np.abs(own - sample))] - sample for own in found if len(own)]
        best = min(near, key=abs, default=np.inf)
        if abs(best) <= window:
            errors.append(best / rate)
        else:
            misses += 1
    # False ones only where the expert looked: between the first and the last complex that he marked.
    false = []
    for own in found:
        inside = own[(own >= looked[0] - window) & (own <= looked[1] + window)]
        away = [not len(expert) or np.abs(expert - one).min() > window for one in inside]
        false.append(sum(away))
    return np.array(errors), len(errors), misses, min(false, default=0)


def held_out(data: Path) -> set[str]:
    """Return the records of LUDB that openecg did not learn from, by its own split of the table."""
    from openecg import ludb

    with (data / "ludb" / "ludb.csv").open() as file:
        rows = list(csv.DictReader(file))
    known = [{"rhythm": row["Rhythms"].strip().split("\n")[0].strip(), "id_int": int(row["ID"])} for row in rows]
    ludb.load_metadata = lambda: known  # it would look for a zip of the whole database
    return {str(number) for number in ludb.stratified_split()["val"]}


def records_of(data: Path, name: str) -> list[tuple[str, Recording, list[str], Marks]]:
    found = []
    if name.startswith("ludb"):
        kept = held_out(data) if name != "ludb" else None
        for header in sorted((data / "ludb" / "data").glob("*.hea")):
            if kept is not None and header.stem not in kept:
                continue
            recording = read(header)
            lead = next(n for n in recording.channel_names if n.casefold() == "ii")
            found.append((header.stem, recording, [lead], experts(header.with_suffix(""), "ii")))
    else:
        for marks in sorted((data / "qtdb").rglob("*.q1c")):
            recording = read(marks.with_suffix(".hea"))
            expert = experts(marks.with_suffix(""), "q1c")
            ends = np.concatenate(list(expert.values()))
            begin = max(0.0, ends.min() / recording.sampling_rate - 10)
            shift = round(begin * recording.sampling_rate)
            part = recording.crop(begin, ends.max() / recording.sampling_rate + 10)
            expert = {point: own - shift for point, own in expert.items()}
            names = list(part.channel_names[:2])
            part = part.replace(channel_names=["ECG1", "ECG2"][: len(names)])
            found.append((marks.stem, part, list(part.channel_names), expert))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--databases", nargs="+", default=["ludb", "ludb, held out", "qtdb"])
    options = parser.parse_args()
    rows = []
    for database in options.databases:
        records = records_of(options.data, database)
        for method, run in METHODS.items():
            hits: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(3, dtype=int))
            errors: dict[str, list[np.ndarray]] = defaultdict(list)
            failed = 0
            for _, recording, channels, expert in records:
                try:
                    marks = [run(recording, channel) for channel in channels]
                except Exception as error:  # noqa: BLE001 - a method that stops has found nothing
                    failed += 1
                    marks = [{point: np.zeros(0, dtype=int) for point in POINTS} for _ in channels]
                    print(method, "stopped:", str(error)[:80])
                middle = expert["QRS on"] if len(expert["QRS on"]) else expert["QRS off"]
                looked = (int(middle[0]), int(middle[-1]))
                for point in POINTS:
                    own = [one[point] for one in marks]
                    wrong, *counts = matched(expert[point], own, recording.sampling_rate, looked)
                    hits[point] += counts
                    if len(expert[point]):
                        errors[point].append(wrong * 1000)
            for point in POINTS:
                found, missed, false = hits[point]
                all_errors = np.concatenate(errors[point])
                spread = np.mean([one.std() for one in errors[point] if len(one) > 2])
                sensitivity = found / max(found + missed, 1)
                f1 = 2 * found / max(2 * found + missed + false, 1) if database.startswith("ludb") else float("nan")
                sizes = (len(errors[point]), found + missed)
                rows.append(
                    (database, method, point, *sizes, f"{100 * sensitivity:.1f}", f"{100 * f1:.1f}",
                     f"{all_errors.mean():.1f}", f"{all_errors.std():.1f}",
                     f"{spread:.1f}", f"{np.median(np.abs(all_errors)):.1f}", failed)
                )  # fmt: skip
                print(*rows[-1], flush=True)
    if not options.no_write:
        columns = ("database", "method", "fiducial", "records", "marks", "sensitivity_percent", "f1_percent", "bias_ms",
                   "sd_ms", "sd_in_record_ms", "median_error_ms", "records_failed")  # fmt: skip
        with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
            csv.writer(file).writerows([columns, *rows])


if __name__ == "__main__":
    main()
