"""How much noise each way of cleaning takes, and what it does to QRS complexes.

    python benchmarks/denoise/run.py ../shared/data

To 10 s of clean ECG (MIT-BIH channel 0 and PTB-XL lead II whose quality notes are empty, those excerpts that already
have the least power above 40 Hz and below 0.5 Hz) recorded noise of nstdb (``ma`` muscle, ``bw`` baseline) and hum of
50.1 Hz are added at 24, 12, 6 and 0 dB. For each way: SNR gain in dB against the clean signal after the same way (what
is left of the noise, not what the filter does to the ECG), the height of QRS complexes after cleaning *clean* signal
over before, and the delay of the cleaned clean signal in ms (highest cross-correlation). ``scipy`` is a 0.5-40 Hz
Butterworth filter forwards and backwards; NeuroKit2's ``ecg_clean`` runs where it is installed. Writes ``results.csv``.
Beside it, in ``outliers.csv``: how many R peaks of MIT-BIH each way to find outliers touches, which should be none.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import ndimage, signal

from sigsimnet import Recording, read
from sigsimnet._utils.files import write_whole
from sigsimnet.cleaning import OUTLIERS, Chain, find_outliers, preset
from sigsimnet.cleaning.steps import Bandpass, Baseline, Mains, SavitzkyGolay, Wavelet
from sigsimnet.peaks import detect_peaks

LENGTH, LEVELS = 10.0, (24, 12, 6, 0)
BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")  # marks of heart beats
Way = Callable[[np.ndarray, float], np.ndarray]


def by_chain(chain: Chain) -> Way:
    return lambda x, rate: chain.apply(Recording(x, rate)).recording.data[0].astype(np.float64)


def by_scipy(x: np.ndarray, rate: float) -> np.ndarray:
    sos = signal.butter(2, [0.5, min(40, 0.45 * rate)], "bandpass", fs=rate, output="sos")
    return signal.sosfiltfilt(sos, x)


def ways() -> dict[str, Way]:
    found: dict[str, Way] = {
        "scipy, 0.5-40 Hz": by_scipy,
        "sigsimnet ecg": by_chain(preset("ecg")),
        "sigsimnet ecg_diagnostic": by_chain(preset("ecg_diagnostic")),
        "sigsimnet mains + median baseline + wavelet": by_chain(Chain([Mains(), Baseline(), Wavelet()])),
        "sigsimnet mains + band + wavelet (SURE)": by_chain(Chain([Mains(), Bandpass(0.5, 40), Wavelet(rule="sure")])),
        "sigsimnet mains + band + Savitzky-Golay": by_chain(Chain([Mains(), Bandpass(0.5, None), SavitzkyGolay()])),
    }
    try:
        import neurokit2 as nk
    except ImportError:
        print("NeuroKit2 is not installed: left out")
    else:
        for method in ("neurokit", "biosppy", "pantompkins1985"):
            found[f"neurokit2 {method}"] = lambda x, rate, m=method: np.asarray(
                nk.ecg_clean(x, sampling_rate=round(rate), method=m), dtype=np.float64
            )
    return found


def excerpts(data: Path) -> list[tuple[np.ndarray, float]]:
    """Return the quietest 10 s of each of some records."""
    found = []
    for header in sorted((data / "mitdb").glob("*.hea"))[::2]:
        recording = read(header.with_suffix(""))
        found.append(_quietest(recording.data[0].astype(np.float64), recording.sampling_rate))
    with (data / "ptb-xl" / "ptbxl_database.csv").open(newline="") as file:
        notes = ("baseline_drift", "static_noise", "burst_noise", "electrodes_problems")
        good = [row for row in csv.DictReader(file) if not any(row[n].strip() for n in notes)]
    for row in good[:60:3]:
        path = data / "ptb-xl" / row["filename_lr"]
        if path.with_suffix(".hea").is_file():
            recording = read(path)
            found.append((recording.data[1].astype(np.float64), recording.sampling_rate))
    return found


def _quietest(x: np.ndarray, rate: float) -> tuple[np.ndarray, float]:
    n = int(LENGTH * rate)
    pieces = [x[k : k + n] for k in range(int(60 * rate), len(x) - n, n)]
    return min(pieces, key=lambda p: float(np.std(p - by_scipy(p, rate)) / np.std(p))), rate


def noise_of(kind: str, bank: dict[str, np.ndarray], rate: float, n: int, rng: np.random.Generator) -> np.ndarray:
    if kind == "hum":
        return np.sin(2 * np.pi * 50.1 * np.arange(n) / rate + rng.uniform(0, 6.28))
    source = bank[kind]
    need = int(np.ceil(n * 360 / rate)) + 1
    start = int(rng.integers(0, len(source) - need))
    piece = source[start : start + need]
    return np.interp(np.arange(n) / rate, np.arange(need) / 360, piece - piece.mean())


def touched(data: Path) -> list[tuple[str, int, int, int]]:
    """Return, of each way to find outliers, R peaks of MIT-BIH, those called outliers within 20 ms, and all marked."""
    rows = []
    records = [read(header.with_suffix("")) for header in sorted((data / "mitdb").glob("*.hea"))]
    for method in OUTLIERS:
        n = hit = marked = 0
        for recording in records:
            one = recording.pick(0)
            found = find_outliers(one, method=method)[0]
            beats = np.array([a.sample for a in recording.annotations if a.label in BEATS])
            wide = ndimage.binary_dilation(found, iterations=round(0.02 * one.sampling_rate))
            n, hit, marked = n + len(beats), hit + int(wide[beats].sum()), marked + int(found.sum())
        rows.append((method, n, hit, marked))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    options = parser.parse_args()
    bank = {kind: read(options.data / "nstdb" / kind).data[0].astype(np.float64) for kind in ("ma", "bw")}
    signals, rows = excerpts(options.data), []
    print(len(signals), "stretches")
    for name, way in ways().items():
        rng = np.random.default_rng(0)
        gains: dict[tuple[str, int], list[float]] = {}
        heights, delays = [], []
        for x, rate in signals:
            clean = way(x, rate)
            tips = detect_peaks(Recording(x, rate)).samples
            tips = tips[(tips > 0.3 * rate) & (tips < len(x) - 0.3 * rate)]
            wide, near = round(0.05 * rate), round(0.15 * rate)
            for k in tips.tolist():
                before, after = (float(np.ptp(y[k - wide : k + wide + 1])) for y in (x, clean))
                heights.append(after / before)
            lags = np.arange(-near, near + 1)
            fits = [float(np.dot(np.roll(clean, -lag)[near:-near], x[near:-near])) for lag in lags]
            delays.append(1000 * lags[int(np.argmax(fits))] / rate)
            power = np.var(x)
            for kind in ("ma", "bw", "hum"):
                if kind == "hum" and rate < 120:
                    continue
                noise = noise_of(kind, bank, rate, len(x), rng)
                for level in LEVELS:
                    added = noise * np.sqrt(power / 10 ** (level / 10) / np.var(noise))
                    left = way(x + added, rate) - clean
                    inner = slice(near, len(x) - near)
                    gains.setdefault((kind, level), []).append(
                        10 * np.log10(np.var(added[inner]) / np.var(left[inner]))
                    )
        for (kind, level), values in gains.items():
            rows.append((name, kind, level, np.mean(values), np.median(heights), np.median(np.abs(delays))))
        means = {
            kind: np.mean([np.mean(v) for (k, _), v in gains.items() if k == kind]) for kind in ("ma", "bw", "hum")
        }
        text = ", ".join(f"{kind} {gain:+.1f} dB" for kind, gain in means.items())
        print(
            f"{name:45s} {text}; QRS {100 * np.median(heights):.1f} %, delay {np.median(np.abs(delays)):.1f} ms",
            flush=True,
        )
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("way", "noise", "snr_db", "snr_gain_db", "qrs_height_kept", "delay_ms"))
        writer.writerows((*row[:3], *(f"{value:.4g}" for value in row[3:])) for row in rows)
    with write_whole(Path(__file__).with_name("outliers.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("method", "n_r_peaks", "n_touched", "n_samples_marked"))
        for row in touched(options.data):
            writer.writerow(row)
            print(
                f"outliers {row[0]:8s}: {row[2]} of {row[1]} R peaks touched ({100 * row[2] / row[1]:.3f} %)",
                flush=True,
            )


if __name__ == "__main__":
    main()
