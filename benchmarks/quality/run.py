"""How well does the quality index tell good seconds from bad ones, on people it has not learnt from?

    python benchmarks/quality/run.py ../shared/data -o benchmarks/quality/results.csv

Who was learnt from is decided in ``recipes/quality/data.py``; here are the others: a third of MIT-BIH's people with the
other half of nstdb's noise, every other record of CinC 2017, every other patient of PTB-XL. Figures with 95 % intervals
by bootstrap over records (seconds of a record are resampled together). Peers: kSQI, pSQI, basSQI (Li, Mark & Clifford
2008, doi:10.1088/0967-3334/29/1/002; our own few lines) in 10 s around each second.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes" / "quality"))
import data as truth

from sigsimnet.io import read
from sigsimnet.recording import Recording
from sigsimnet.segments import choose_windows, cut_by_quality
from sigsimnet.signal_quality import REASONS, quality
from sigsimnet.signal_quality._whole_channel import whole_channel_faults
from sigsimnet.signal_quality.features.leads import SWAPS

SINCE, LONG = 300, 600  # s of each record of MIT-BIH that are mixed
SNRS = (12, 6, 0, -6)
KINDS = ("ma", "bw", "white", "motion")
MEASURES = ("index", "kSQI", "pSQI", "basSQI")
AGAIN = 200  # bootstrap
# s of records in which the first lead swings by 1 to 3 mV within a second: motion that the annotators did not mark.
UNMARKED = {"113": [(1742, 1745)], "202": [(736, 739), (815, 817), (875, 878)]}
rows: list[dict[str, object]] = []


def put(what: str, of: str, measure: str, value: float, low: float = np.nan, high: float = np.nan, n: int = 0) -> None:
    rows.append({"what": what, "of": of, "measure": measure, "value": value, "low": low, "high": high, "records": n})
    print(f"{what:<28} {of:<34} {measure:<22} {value:.3f} [{low:.3f}, {high:.3f}] n={n}", flush=True)


def auc(good: np.ndarray, bad: np.ndarray) -> float:
    ranks = rankdata(np.concatenate([good, bad]))
    return float((ranks[: len(good)].sum() - len(good) * (len(good) + 1) / 2) / (len(good) * len(bad)))


def put_auc(what: str, of: str, measure: str, good: list[np.ndarray], bad: list[np.ndarray], *, paired: bool) -> None:
    """Add an AUC of values by record; clean and mixed versions of one record (paired) are drawn together."""
    rng = np.random.default_rng(0)
    values = []
    for _ in range(AGAIN):
        a = rng.integers(0, len(good), len(good))
        b = a if paired else rng.integers(0, len(bad), len(bad))
        values.append(auc(np.concatenate([good[k] for k in a]), np.concatenate([bad[k] for k in b])))
    low, high = np.quantile(values, [0.025, 0.975])
    n = len(good) if paired else len(good) + len(bad)
    put(what, of, measure, auc(np.concatenate(good), np.concatenate(bad)), low, high, n)


def peers(x: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    """Return kSQI, pSQI and basSQI in 10 s around each second."""
    n, size = int(np.ceil(len(x) / rate)), min(len(x), round(10 * rate))
    starts = np.clip(np.rint((np.arange(n) + 0.5) * rate).astype(int) - size // 2, 0, len(x) - size)
    found: dict[str, list[float]] = {"kSQI": [], "pSQI": [], "basSQI": []}
    frequency = np.fft.rfftfreq(size, 1 / rate)
    bands = {name: (frequency >= a) & (frequency <= b) for name, a, b in
             (("5-15", 5, 15), ("5-40", 5, 40), ("0-1", 0, 1), ("0-40", 0, 40))}  # fmt: skip
    for start in starts:
        window = x[start : start + size].astype(float)
        window = window - window.mean()
        power = np.abs(np.fft.rfft(window)) ** 2
        p = {name: power[band].sum() + 1e-20 for name, band in bands.items()}
        found["kSQI"].append(float(np.mean(window**4) / (np.mean(window**2) ** 2 + 1e-20)))
        found["pSQI"].append(float(p["5-15"] / p["5-40"]))
        found["basSQI"].append(float(1 - p["0-1"] / p["0-40"]))
    return {name: np.array(values) for name, values in found.items()}


def measured(x: np.ndarray, rate: float) -> dict[str, np.ndarray]:
    return {"index": quality(Recording(x, rate)).index[0].astype(float)} | peers(x, rate)


def clean_seconds(record: truth.Record, n: int) -> np.ndarray:
    clean = np.ones(n, dtype=bool)
    for start, stop in (*record.noisy, *UNMARKED.get(record.name, ())):
        clean[int(start) : int(np.ceil(stop))] = False
    return clean


def noise_mixes(data: Path) -> None:
    rng = np.random.default_rng(1)
    recorded = truth.noise(data, learn=False)
    clean: dict[str, list[np.ndarray]] = {name: [] for name in MEASURES}
    mixes: dict[tuple[str, int, str], list[np.ndarray]] = {}
    for record in truth.mitdb(data):
        beats = record.beats[(record.beats > SINCE + 1) & (record.beats < SINCE + LONG - 1)] - SINCE
        if record.learn:
            continue
        x = record.x[0][int(SINCE * record.rate) : int((SINCE + LONG) * record.rate)]
        sound = clean_seconds(record, SINCE + LONG)[SINCE:]
        for name, values in measured(x, record.rate).items():
            clean[name].append(values[sound])
        for kind in KINDS:
            added = (
                recorded[kind][0, : len(x)] if kind in recorded else truth.made_noise(kind, len(x), record.rate, rng)
            )
            for snr in SNRS:
                mixed = truth.mixed(x, beats, record.rate, added, snr)
                for name, values in measured(mixed, record.rate).items():
                    mixes.setdefault((kind, snr, name), []).append(values)
    for (kind, snr, name), bad in mixes.items():
        put_auc("AUC clean / mixed", f"{kind} at {snr} dB", name, clean[name], bad, paired=True)
    for (kind, snr, name), bad in mixes.items():
        if name == "index":
            put("pass", f"{kind} at {snr} dB", name, float(np.mean(np.concatenate(bad) >= 0.5)), n=len(bad))
    for name in MEASURES:
        bad = [np.concatenate([mixes[kind, snr, name][k] for kind in ("ma", "bw") for snr in (6, 0, -6)])
               for k in range(len(clean[name]))]  # fmt: skip
        put_auc("AUC clean / mixed", "nstdb at 6, 0, -6 dB together", name, clean[name], bad, paired=True)


def clean_records(data: Path) -> None:
    """Add what passes and which reasons are named where nothing is wrong; seconds with V beats apart."""
    good: dict[str, list[float]] = {}
    false: list[np.ndarray] = []
    with_v, without = [], []
    for record in truth.mitdb(data):
        if record.learn:
            continue
        found = quality(Recording(record.x, record.rate))
        sound = clean_seconds(record, len(found))
        for row in range(2):
            good.setdefault(f"channel {row}", []).append(float(found.good[row][sound].mean()))
        false.append(found.reasons[0][sound].mean(axis=0))
        second = np.minimum(record.beats.astype(int), len(found) - 1)
        v, n = np.zeros(len(found), dtype=bool), np.zeros(len(found), dtype=bool)
        v[second[np.isin(record.symbols, ["V", "E"])]] = True
        n[second] = True
        with_v.append(~found.good[0][sound & v])
        without.append(~found.good[0][sound & n & ~v])
    for name, values in good.items():
        boot = [np.mean(np.random.default_rng(k).choice(values, len(values))) for k in range(AGAIN)]
        put(
            "pass",
            f"clean MIT-BIH, {name}",
            "index",
            float(np.mean(values)),
            *np.quantile(boot, [0.025, 0.975]),
            len(values),
        )
    for k, reason in enumerate(REASONS):
        put("false alarm", "clean MIT-BIH, channel 0", reason, float(np.mean([f[k] for f in false])), n=len(false))
    for name, parts in (("seconds with V or E beats", with_v), ("seconds with other beats only", without)):
        put("below threshold", name, "index", float(np.concatenate(parts).mean()), n=sum(len(p) > 0 for p in parts))


def reasons(data: Path) -> None:
    """Add how often a fault that was made is named, and in how many seconds of the same signal without it."""
    rng, own = np.random.default_rng(2), np.random.default_rng(3)  # its own for what came later: the trials stay
    recorded = truth.noise(data, learn=False)
    hits: dict[tuple[str, str], list[float]] = {}
    passed: dict[str, list[float]] = {}
    for record in truth.mitdb(data):
        if record.learn:
            continue
        rate = record.rate
        x = record.x[0][int(SINCE * rate) : int((SINCE + 120) * rate)].astype(float)
        beats = record.beats[(record.beats > SINCE + 1) & (record.beats < SINCE + 119)] - SINCE
        height = float(np.sqrt(8 * truth.qrs_power(x, beats, rate)))
        t = np.arange(len(x)) / rate
        every = np.ones(120, dtype=bool)
        tenth = np.zeros(120, dtype=bool)
        tenth[5:115:10] = True
        made: list[tuple[str, str, np.ndarray, np.ndarray]] = []
        hum = height * np.sin(2 * np.pi * 60.02 * t)
        made += [(f"60 Hz of {share:g} × QRS", "mains", x + share * hum, every) for share in (0.05, 0.1, 0.2)]
        for kind, reason in (("bw", "baseline"), ("ma", "muscle"), ("white", "muscle"), ("motion", "motion")):
            for snr in (6, 0, -6):
                added = recorded[kind][1, : len(x)] if kind in recorded else truth.made_noise(kind, len(x), rate, rng)
                made.append((f"{kind} at {snr} dB", reason, truth.mixed(x, beats, rate, added, snr), every))
        for name, noise in (
            ("white noise alone", rng.normal(size=len(x))),
            ("nstdb ma alone", recorded["ma"][1, : len(x)]),
            ("random walk alone", np.cumsum(rng.normal(size=len(x)))),
        ):
            made.append((name, "non-ECG shape", noise, every))
        level = np.median(x) + 0.7 * (np.quantile(x, 0.999) - np.median(x))
        cut = np.array([(x[int(s * rate) : int((s + 1) * rate)] > level).sum() > 3 for s in range(120)])
        made.append(("clipped at 70 % of the tops", "clipped", np.minimum(x, level), cut))
        for name, reason in (("flat", "flat"), ("missing", "no signal"), ("rail", "saturated")):
            y = x.copy()
            for s in np.flatnonzero(tenth):
                piece = slice(
                    int(s * rate), int((s + (1.2 if name == "flat" else 1 if name == "missing" else 0.5)) * rate)
                )
                y[piece] = {"flat": y[piece.start], "missing": np.nan, "rail": x.max() + 5 * height}[name]
            made.append((name, reason, y, tenth))
        for size in (1, 2):
            y = x.copy()
            for s in np.flatnonzero(tenth):
                y[int((s + rng.uniform(0.1, 0.9)) * rate) :] += size * height * rng.choice([-1, 1])
            made.append((f"step of {size} × QRS", "step", y, tenth))
        x0 = np.asarray(x)
        for shape, reason, wave in (("spikes of 4 ms", "spike", 0.004), ("waves of 1 s", "motion", 1.0)):
            y = x0.copy()
            for s in np.flatnonzero(tenth):
                at = int((s + (0.1 if wave == 1.0 else own.uniform(0.2, 0.8))) * rate)
                n = max(1, int(wave * rate))
                y[at : at + n] += 1.5 * height * own.choice([-1, 1]) * np.hanning(n + 2)[1:-1]
            made.append((shape + " of 1.5 × QRS", reason, y, tenth))
        for bits in (8, 12, 16):
            # The highest tenth of the QRS complex does not fit.
            half = 2 ** (bits - 1)
            middle = np.median(x0)
            counts = np.rint((x0 - middle) / (0.9 * np.abs(x0 - middle).max()) * half).astype(np.int64)
            wrapped = (counts + half) % (2 * half) - half
            over = counts != wrapped
            there = np.array([over[int(s * rate) : int((s + 1) * rate)].any() for s in range(120)])
            if there.sum() > 1:
                made.append((f"counts of {bits} bits that wrap", "wrapped", wrapped * 0.00488, there))
        for name, reason, y, where in made:
            found = quality(Recording(np.asarray(y, dtype=np.float32), rate))
            there = found.reasons[0, :, REASONS.index(reason)]
            hits.setdefault((name, reason), []).append(float(there[where].mean()))
            passed.setdefault(name, []).append(float(found.good[0][where].mean()))
    for (name, reason), values in hits.items():
        put("hit", name, reason, float(np.mean(values)), n=len(values))
    for name, values in passed.items():
        put("pass, 2 min", name, "index", float(np.mean(values)), n=len(values))


def cinc(data: Path) -> None:
    good: dict[str, list[np.ndarray]] = {}
    bad: dict[str, list[np.ndarray]] = {}
    inverted = []
    for _, label, x in truth.cinc2017(data, learn=False):
        found = quality(Recording(x, 300.0))
        pooled = {"index, mean": float(found.channel_index[0]), "index, share of seconds": float(found.share_good[0])}
        pooled |= {name: float(np.mean(v)) for name, v in peers(x, 300.0).items()}
        inverted.append(bool(found.warnings))
        for name, value in pooled.items():
            (bad if label == "~" else good).setdefault(name, []).append(np.array([value]))
    for name, values in good.items():
        put_auc("AUC record, CinC 2017", "~ against the rest", name, values, bad[name], paired=False)
    for name, part in (("N, A, O", good), ("~", bad)):
        share = np.concatenate(part["index, share of seconds"])
        put("pass", f"seconds of CinC 2017 {name}", "index", float(share.mean()), n=len(share))
    put("called inverted", "CinC 2017", "polarity", float(np.mean(inverted)), n=len(inverted))


def ptbxl(data: Path) -> None:
    own = np.random.default_rng(4)
    values: list[dict[str, float]] = []
    notes: list[dict[str, str]] = []
    called: dict[str, list[tuple[bool, str]]] = {}
    upside: dict[str, list[bool]] = {}
    apart: dict[str, list[bool]] = {}
    shares = []
    for _, _, note, x, names in truth.ptbxl(data, learn=False):
        recording = Recording(x, 100.0, channel_names=names)
        found = quality(recording)
        plain = replace(found, warnings=())  # seconds are as good after a swap: only the whole is judged again
        lowest = np.sort(found.channel_index)
        one = {"index, mean of leads": float(lowest.mean()), "index, lowest lead": float(lowest[0])}
        each = [{name: float(np.mean(v)) for name, v in peers(lead, 100.0).items()} for lead in x]
        one |= {f"{name}, mean of leads": float(np.mean([e[name] for e in each])) for name in MEASURES[1:]}
        one |= {f"{name}, lowest lead": float(np.min([e[name] for e in each])) for name in MEASURES[1:]}
        values.append(one)
        notes.append(note)
        shares.append(float(found.share_good.mean()))
        for swap, matrix in SWAPS.items():
            i, ii = matrix @ x[:2]
            limbs = [i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2]
            swapped = recording.replace(data=np.vstack([limbs, x[6:]]))
            told = [w for w in whole_channel_faults(swapped, plain).warnings if "swapped" in w]
            called.setdefault(swap, []).append((bool(told), told[0] if told else ""))
        sizes = np.ptp(x, axis=1, keepdims=True)
        spread = x.std(axis=1, keepdims=True)
        for way, other in (
            ("as it is", x),
            ("each lead scaled to one range", x / np.where(sizes > 0, sizes, 1)),
            ("each lead scaled to one deviation", x / np.where(spread > 0, spread, 1)),
            ("each lead scaled by chance, 0.3 to 3", x * np.exp(own.uniform(-1.2, 1.2, (len(x), 1)))),
        ):
            told = whole_channel_faults(recording.replace(data=other), plain).warnings
            for what in ("scaled separately", "swapped", "add up"):
                apart.setdefault(f"{way}|{what}", []).append(any(what in w for w in told))
        # Right arm and right leg: lead II lies between the legs, whose potential is taken for equal.
        iii = x[1] - x[0]
        limbs = [-iii, 0 * iii, iii, iii / 2, -iii, iii / 2]
        told = whole_channel_faults(recording.replace(data=np.vstack([limbs, x[6:]])), plain).warnings
        called.setdefault("right arm and right leg", []).append((any("swapped" in w for w in told), str(told)))
        for lead in ("I", "II", "V5", "V6", "AVR"):
            one_lead = recording.pick(lead)
            judged = replace(quality(one_lead), warnings=())
            for sign, word in ((1, "as it is"), (-1, "inverted")):
                told = whole_channel_faults(one_lead.replace(data=sign * one_lead.data), judged).warnings
                upside.setdefault(f"PTB-XL {lead} {word}", []).append(any("polarity" in w for w in told))
    for kind in ("any", *truth.NOTES[:3]):
        for name in values[0]:
            good = [np.array([v[name]]) for v, n in zip(values, notes, strict=True) if not n]
            bad = [
                np.array([v[name]]) for v, n in zip(values, notes, strict=True) if (n if kind == "any" else kind in n)
            ]
            put_auc("AUC record, PTB-XL", f"note: {kind} / no note", name, good, bad, paired=False)
    for name, has in (("without notes", False), ("with notes", True)):
        share = [s for s, n in zip(shares, notes, strict=True) if bool(n) == has]
        put("pass", f"seconds of PTB-XL {name}", "index", float(np.mean(share)), n=len(share))
    for swap, told in called.items():
        put("called swapped", f"PTB-XL, {swap}", "any swap", float(np.mean([t for t, _ in told])), n=len(told))
        put("called swapped", f"PTB-XL, {swap}", "this swap", float(np.mean([swap in w for _, w in told])), n=len(told))
    for name, said in apart.items():
        way, what = name.split("|")
        put(f"called {what}", f"PTB-XL, {way}", what, float(np.mean(said)), n=len(said))
    for name, told in upside.items():
        put("called inverted", name, "polarity", float(np.mean(told)), n=len(told))


def ludb(data: Path) -> None:
    """Add what is said of LUDB's leads, each of which was scaled to one range."""
    told = [quality(read(header)).warnings for header in sorted((data / "ludb").rglob("*.hea"))]
    for what in ("scaled separately", "swapped", "add up"):
        put(f"called {what}", "LUDB", what, float(np.mean([any(what in w for w in one) for one in told])), n=len(told))


def emg(data: Path) -> None:
    """Add how much of the EMG of an armband in 8 bits is called clipped and left out, as it is and cut off."""
    clipped = REASONS.index("clipped")
    names = [f"EMG {k}" for k in range(1, 9)]
    shares: dict[str, list[float]] = {}
    dropped: dict[str, list[bool]] = {}
    for path in sorted((data / "emg-gestures").glob("*/*.gz")):
        whole = read(path)
        for mark in (mark for mark in whole.annotations if mark.label in "123456"):
            x = whole.data[:, mark.sample : mark.sample + round(mark.duration * whole.sampling_rate)]
            own = x[:, np.append(True, (np.diff(x, axis=1) != 0).any(axis=0))]  # of the device: rows repeat its samples
            level = 2.0 * own.std(axis=1, keepdims=True)
            for name, data_, rate in (
                ("rows of the file", x, whole.sampling_rate),
                ("samples of the device", own, 200.0),
                ("samples of the device, cut off at 2 standard deviations", np.clip(own, -level, level), 200.0),
            ):
                one = Recording(data_, rate, channel_names=names)
                found = quality(one, modality="emg").reasons[..., clipped]
                shares.setdefault(name, []).append(float(found.mean()))
                _, good = cut_by_quality(one, choose_windows(one, "emg").cutter)
                dropped.setdefault(name, []).append(not len(good))
    for name, values in shares.items():
        put("named", f"EMG, {name}", "clipped", float(np.mean(values)), n=len(values))
        put("left out by the gate", f"EMG, {name}", "recordings", float(np.mean(dropped[name])), n=len(values))


def speed(data: Path) -> None:
    record = next(truth.mitdb(data))
    day = np.tile(record.x, (1, 48))[:, : 24 * 3600 * 360]
    recording = Recording(day, 360.0)
    quality(recording.crop(0, 60))
    wall, cpu = time.perf_counter(), time.process_time()
    quality(recording)
    put("time, s", "24 h × 2 channels at 360 Hz", "wall", time.perf_counter() - wall)
    put("time, s", "24 h × 2 channels at 360 Hz", "CPU", time.process_time() - cpu)


PARTS: dict[str, Callable[[Path], None]] = {
    "mixes": noise_mixes, "clean": clean_records, "reasons": reasons, "cinc2017": cinc, "ptb-xl": ptbxl, "ludb": ludb,
    "emg": emg, "speed": speed,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with mitdb/, nstdb/, cinc2017/ and ptb-xl/")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    for part in options.only:
        PARTS[part](options.data)
    if options.output:
        with options.output.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            for row in rows:
                writer.writerow({k: f"{v:.4f}" if isinstance(v, float) else v for k, v in row.items()})


if __name__ == "__main__":
    main()
