"""Pulse waves: our detector and those of NeuroKit2, on signals whose pulses are known.

    pip install neurokit2
    python benchmarks/peaks/ppg.py ../shared -o benchmarks/peaks/results/ppg.csv

Simulated here (dicrotic waves of 0.15–0.9 of the systolic one, 45–160/min, 25–1000 Hz, every fifth upside down; bursts
of movement; gaps and stretches without a pulse), by NeuroKit2's ``ppg_simulate``, and at hand: ``data/biosppy/ppg.txt``
and the pulse waves of ``cases`` with their ``truth.json``. A rate (60 over the median interval) is right within 3/min;
a pulse is found within 150 ms once the median lag is off, since peaks, feet and onsets are different places.
"""

from __future__ import annotations

import argparse
import csv
import json
import warnings
from collections.abc import Callable
from pathlib import Path

import neurokit2
import numpy as np

from sigsimnet.metrics import match_beats
from sigsimnet.peaks import detect_peaks

Floats = np.ndarray
Signal = tuple[str, Floats, float, Floats | float]  # kind, samples, Hz, true times (s) or rate (1/min)
CLEANERS = ("elgendi", "langevin2021", "goda2024")
FINDERS = ("elgendi", "charlton", "charlton2024")
LONGEST = 2.2  # s between two pulses; longer is a gap


def simulate(rng: np.random.Generator, rate: float, duration: float, per_minute: float, dicrotic: float) -> tuple:
    """Return samples and the times of the feet."""
    rr, feet = 60 / per_minute, [0.5]
    while feet[-1] < duration - 1:
        breath = 0.03 * np.sin(2 * np.pi * 0.2 * feet[-1])
        feet.append(feet[-1] + rr * (1 + 0.03 * rng.standard_normal() + breath))
    t, root, later = np.arange(int(duration * rate)) / rate, np.sqrt(rr), rng.uniform(0.26, 0.36)
    x = 0.3 * np.sin(2 * np.pi * 0.12 * t + rng.uniform(0, 6)) + 0.1 * np.sin(2 * np.pi * 0.33 * t)
    parts = ((0.19, 0.062, 0.085, 1.0), (0.19 + later, 0.09, 0.12, dicrotic), (0.34, 0.1, 0.25, 0.25))
    for foot in feet:
        since, height = t - foot, 1 + 0.15 * np.sin(2 * np.pi * 0.23 * foot)
        for centre, before, after, share in parts:
            width = np.where(since < centre * root, before, after) * root
            x += height * share * np.exp(-0.5 * ((since - centre * root) / width) ** 2)
    return x + rng.choice([0.005, 0.02, 0.05]) * rng.standard_normal(len(t)), np.array(feet)


def simulated(seed: int) -> list[Signal]:
    rng = np.random.default_rng(seed)
    signals: list[Signal] = []
    for k in range(130):
        rate = float(rng.choice([25, 32, 50, 64, 100, 125, 250, 500, 1000]))
        x, feet = simulate(rng, rate, 40, rng.uniform(45, 160), rng.uniform(0.15, 0.9))
        signals.append(("upside down", 118000 - 800 * x, rate, feet) if k % 5 == 0 else ("dicrotic", x, rate, feet))
    for _ in range(30):
        rate = float(rng.choice([32, 64, 100]))
        x, feet = simulate(rng, rate, 60, rng.uniform(50, 140), rng.uniform(0.2, 0.6))
        for _ in range(4):
            n, first = int(rng.uniform(1, 3) * rate), int(rng.uniform(3, 54) * rate)
            shake = np.sin(2 * np.pi * rng.uniform(0.5, 2.5) * np.arange(n) / rate + rng.uniform(0, 6))
            x[first : first + n] += rng.uniform(1, 4) * np.hanning(n) * shake
        signals.append(("movement", x, rate, feet))
    for k in range(30):
        rate = float(rng.choice([25, 32, 100, 250]))
        x, feet = simulate(rng, rate, 90, rng.uniform(50, 140), rng.uniform(0.2, 0.7))
        there = np.ones(len(x), dtype=bool)
        for first, last, value in ((20, 26, np.nan), (35, 39, np.nan), (26, 35, 0.0) if k % 2 else (55, 67, 0.0)):
            part = slice(int(first * rate), int(last * rate))
            x[part] = value + 0.02 * (k % 3) * rng.standard_normal(part.stop - part.start)
            there[int((first - 0.6) * rate) : part.stop] = False
        feet = feet[feet < 89.5]
        signals.append(("gaps, no pulse", x, rate, feet[there[(feet * rate).astype(int)]]))
    for k in range(30):
        rate, per_minute = int(rng.choice([50, 100, 250, 1000])), int(rng.uniform(45, 150))
        options = {"heart_rate": per_minute, "drift": 0.2, "motion_amplitude": float(rng.choice([0, 0.1, 0.3]))}
        x = neurokit2.ppg_simulate(duration=60, sampling_rate=rate, random_state=30 * seed + k, **options)
        signals.append(("by NeuroKit2", np.asarray(x, dtype=float), float(rate), float(per_minute)))
    return signals


def at_hand(shared: Path) -> list[Signal]:
    signals: list[Signal] = []
    truth = json.loads((shared / "cases" / "truth.json").read_text())
    for path in sorted((shared / "cases").glob("s[45]*.csv")):
        known = truth[path.stem]
        if not path.stem.startswith("s43"):  # an ECG
            x = np.genfromtxt(path, skip_header=2)
            signals.append((path.stem, x, float(known["fs"]), np.array(known["beats"])))
    signals.append(("biosppy ppg.txt", np.loadtxt(shared / "data" / "biosppy" / "ppg.txt"), 1000.0, 94.9))
    return signals


def methods() -> dict[str, Callable[[Floats, float], Floats]]:
    def of_neurokit(cleaner: str, finder: str) -> Callable[[Floats, float], Floats]:
        def find(x: Floats, rate: float) -> Floats:
            known = ~np.isnan(x)
            x = np.interp(np.arange(len(x)), np.flatnonzero(known), x[known])
            cleaned = neurokit2.ppg_clean(x, sampling_rate=round(rate), method=cleaner)
            found = neurokit2.ppg_findpeaks(cleaned, sampling_rate=round(rate), method=finder)
            return found.get("PPG_Onsets", found["PPG_Peaks"]) / rate

        return find

    found = {f"neurokit2 {c}, {f}": of_neurokit(c, f) for c in CLEANERS for f in FINDERS}
    return {"sigsimnet ppg": lambda x, rate: detect_peaks(x, rate, method="ppg").times, **found}


def rate_of(times: Floats) -> float:
    intervals = np.diff(times)
    return float(60 / np.median(intervals[intervals < LONGEST]))


def judged(found: Floats, truth: Floats | float) -> tuple[float, float]:
    """Return the error of the rate (1/min) and F1 (NaN where the pulses are not known one by one)."""
    if isinstance(truth, float):
        return rate_of(found) - truth, np.nan
    lags = np.linspace(-0.4, 0.4, 33)
    apart = found[:, None] - truth
    lag = lags[np.argmax([(np.abs(apart - lag) < 0.06).sum() for lag in lags])]
    return rate_of(found) - rate_of(truth), match_beats(truth, found - lag, 0.15).f1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="folder with data/ and cases/")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("results") / "ppg.csv")
    parser.add_argument("--seed", type=int, default=2027, help="of the simulated signals; 26: those of the choices")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    signals = simulated(options.seed) + at_hand(options.shared)
    rows = []
    for name, find in methods().items():
        results: dict[str, list[tuple[float, float]]] = {}
        for kind, x, rate, truth in signals:
            try:
                figures = judged(np.asarray(find(x.copy(), rate), dtype=float), truth)
            except Exception:  # noqa: BLE001 - what others raise is part of the result
                figures = (np.nan, 0.0)
            results.setdefault(kind, []).append(figures)
        for kind, values in results.items():
            errors, f1 = np.abs([e for e, _ in values]), [f for _, f in values]
            right, mean = int((errors <= 3).sum()), float(np.mean(f1))
            worst = float(np.nanmax(errors)) if np.isfinite(errors).any() else float("nan")
            rows.append((name, kind, len(values), right, f"{worst:.1f}", f"{100 * mean:.1f}"))
            print(*rows[-1], sep=", ")
    with options.output.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("method", "signals", "n", "n_rate_within_3", "worst_rate_error_per_min", "mean_f1_percent"))
        writer.writerows(rows)


if __name__ == "__main__":
    main()
