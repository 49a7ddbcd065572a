"""Train the small network of the default R-peak detector, and measure it on records that it has not seen.

    python recipes/peaks/train.py ../shared/data -o src/sigsimnet/peaks/candidates.json

Learns from MIT-BIH (https://physionet.org/content/mitdb/1.0.0/), both channels, as they are, resampled, and with
noise of nstdb (https://physionet.org/content/nstdb/1.0.0/) added; and from noise without a heart. The noise is the
second half of nstdb's files: the noise test of ``benchmarks/peaks`` adds the first. Before it trains on all records it
trains on five sixths of them, six times, and writes what the detector reaches on the sixth left out to
``cross_validation.csv`` beside this script. A minute on 2 cores; the seed repeats it exactly.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
import torch
import wfdb
from scipy import signal

from sigsimnet._utils.files import write_whole
from sigsimnet.metrics import match_beats
from sigsimnet.peaks._candidates import MEASURES, candidate_features
from sigsimnet.peaks._channel import beats_of_channel
from sigsimnet.peaks._preprocess import preprocess
from sigsimnet.peaks.detectors.sigsimnet import beats_with, candidates_of
from sigsimnet.recording import Recording

BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")
ONE_PERSON = {"202": "201"}
SKIPPED = 300.0  # s at the start that the figures leave out, as the benchmark does
NEAR = 0.14  # s: a candidate further from every annotation is none of them
RATES = (200, 250, 500)  # Hz
SNRS = (18, 12, 6, 0)  # dB
HIDDEN = 6
EPOCHS = 6
BATCH = 8192
FOLDS = 6
# The records of the noise test of the benchmark: clean ones.
NOISE_RECORDS = (
    "100", "101", "103", "105", "106", "112", "115", "117", "121", "123", "209", "220", "223", "230",
)  # fmt: skip
SECOND_CHANNEL = 0.5  # weight: its annotations were made by looking at the first
WITH_NOISE = 0.7

Layers = tuple[tuple[np.ndarray, np.ndarray], ...]
Example = tuple[np.ndarray, np.ndarray, float]  # candidate_features, is it a beat, weight


def read(folder: Path) -> dict[str, tuple[np.ndarray, np.ndarray, float]]:
    records = {}
    for header in sorted(folder.glob("*.hea")):
        path = str(header.with_suffix(""))
        record, marks = wfdb.rdrecord(path), wfdb.rdann(path, "atr")
        beats = [s for s, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol in BEATS]
        records[header.stem] = (record.p_signal, np.array(beats) / record.fs, float(record.fs))
    return records


def example(x: np.ndarray, beats: np.ndarray, rate: float, weight: float) -> Example:
    prepared = preprocess(x, rate)
    energy, where = candidates_of(prepared)
    if not len(where):
        return np.empty((0, len(MEASURES))), np.empty(0), weight
    times = (where * prepared.factor + prepared.factor // 2) / rate
    label = np.zeros(len(where))
    if len(beats):
        nearest = np.abs(times[:, None] - beats).argmin(axis=0)
        label[nearest[np.abs(times[nearest] - beats) < NEAR]] = 1.0
    return candidate_features(prepared, energy, where), label, weight


def qrs_power(x: np.ndarray, beats: np.ndarray, rate: float) -> float:
    """Return the power of a sine as high as the usual QRS complex (the scale of nst, Moody 1984)."""
    reach = int(0.05 * rate)
    heights = np.sort([np.ptp(x[max(0, int(b * rate) - reach) : int(b * rate) + reach]) for b in beats])
    trim = len(heights) // 20
    return float(np.mean(heights[trim : len(heights) - max(1, trim)]) ** 2 / 8)


def examples_of(record: tuple, noise: dict[str, np.ndarray], rng: np.random.Generator) -> list[Example]:
    samples, beats, rate = record
    found = []
    for channel in range(2):
        x, weight = samples[:, channel], (1.0, SECOND_CHANNEL)[channel]
        found.append(example(x, beats, rate, weight))

        def part(seconds: float, x: np.ndarray = x) -> tuple[np.ndarray, np.ndarray]:
            start = rng.uniform(0, len(x) / rate - seconds - 1)
            first = int(start * rate)
            inside = (beats > first / rate) & (beats < first / rate + seconds)
            return x[first : first + int(seconds * rate)], beats[inside] - first / rate

        for new_rate in RATES:
            piece, marks = part(600)
            common = np.gcd(new_rate, int(rate))
            resampled = signal.resample_poly(piece, new_rate // common, int(rate) // common)
            found.append(example(resampled, marks, new_rate, weight))
        for kind in ("ma", "bw", "both"):
            for snr in SNRS:
                piece, marks = part(300)
                if len(marks) < 5:
                    continue
                start = int(rng.integers(0, len(noise["ma"]) - len(piece)))
                if kind == "both":
                    pieces = [noise[name][start : start + len(piece), k] for k, name in enumerate(("ma", "bw"))]
                    added = pieces[0] + 0.5 * pieces[1] + rng.normal(0, 0.03, len(piece))
                else:
                    added = noise[kind][start : start + len(piece), int(rng.integers(2))]
                added = added - added.mean()
                gain = np.sqrt(qrs_power(piece, marks, rate) / np.mean(added**2) / 10 ** (snr / 10))
                found.append(example(piece + gain * added, marks, rate, weight * WITH_NOISE))
    return found


def heartless(noise: dict[str, np.ndarray], rng: np.random.Generator) -> list[Example]:
    nothing = np.empty(0)
    found = [example(part[:, k], nothing, 360.0, WITH_NOISE) for part in noise.values() for k in range(2)]
    for k in range(6):
        x = rng.normal(size=300 * 360)
        found.append(example(signal.lfilter([1], [1, -0.95], x) if k % 2 else x, nothing, 360.0, WITH_NOISE))
    return found


def train(examples: list[Example], seed: int) -> Layers:
    torch.manual_seed(seed)
    x = torch.tensor(np.concatenate([values for values, _, _ in examples]), dtype=torch.float32)
    y = torch.tensor(np.concatenate([label for _, label, _ in examples]), dtype=torch.float32)
    weight = torch.tensor(np.concatenate([np.full(len(label), w) for _, label, w in examples]), dtype=torch.float32)
    centre, spread = x.mean(dim=0), x.std(dim=0) + 1e-6
    x = (x - centre) / spread
    parts = [torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.Linear(HIDDEN, 1)]
    net = torch.nn.Sequential(parts[0], torch.nn.Tanh(), parts[1], torch.nn.Tanh(), parts[2])
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-4)
    steps = EPOCHS * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=steps)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x[batch])[:, 0], y[batch], weight[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    layers = [(part.weight.detach().double().numpy(), part.bias.detach().double().numpy()) for part in parts]
    first, bias = layers[0]
    first = first / spread.double().numpy()
    layers[0] = (first, bias - first @ centre.double().numpy())
    return tuple((w.round(6), b.round(6)) for w, b in layers)


def score(record: tuple, channel: int, layers: Layers, skipped: float = SKIPPED) -> list[tuple[int, int, int]]:
    samples, beats, rate = record
    found = beats_of_channel(Recording(samples[:, channel], rate), 0, lambda prepared: beats_with(prepared, layers))
    times = found.positions.round() / rate
    scores = [match_beats(beats[beats >= skipped], times[times >= skipped], t) for t in (0.15, 0.05)]
    return [(s.n_true, s.n_found, s.n_matched) for s in scores]


def noisy(record: tuple, noise: np.ndarray) -> tuple:
    """Return 10 minutes of channel 0 with muscle noise at 6 dB, as ``benchmarks/peaks/run.py`` adds it."""
    samples, beats, rate = record
    first, n = int(SKIPPED * rate), int(600 * rate)
    x, added = samples[first : first + n, 0], noise[first : first + n] - noise[first : first + n].mean()
    marks = beats[(beats >= first / rate) & (beats < (first + n) / rate)] - first / rate
    gain = np.sqrt(qrs_power(x, marks, rate) / np.mean(added**2) / 10**0.6)
    return (x + gain * added)[:, None], marks, rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with mitdb/ and nstdb/")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    records = read(options.data / "mitdb")
    noise = {kind: wfdb.rdrecord(str(options.data / "nstdb" / kind)).p_signal for kind in ("ma", "bw")}
    test_noise = noise["ma"][:, 0]
    noise = {kind: x[len(x) // 2 :] for kind, x in noise.items()}
    examples = {name: examples_of(record, noise, rng) for name, record in records.items()}
    nothing = heartless(noise, rng)
    people = sorted({ONE_PERSON.get(name, name) for name in records})
    fold = {name: people.index(ONE_PERSON.get(name, name)) % FOLDS for name in records}
    rows = []
    for held_out in range(FOLDS):
        layers = train(
            [e for name in records if fold[name] != held_out for e in examples[name]] + nothing, options.seed
        )
        for name in (name for name in records if fold[name] == held_out):
            rows += [(name, str(k), *np.ravel(score(records[name], k, layers)).tolist()) for k in range(2)]
            if name in NOISE_RECORDS:
                figures = score(noisy(records[name], test_noise), 0, layers, 0.0)
                rows.append((name, "0 with ma at 6 dB", *np.ravel(figures).tolist()))
    layers = train([e for parts in examples.values() for e in parts] + nothing, options.seed)
    with Path(__file__).with_name("cross_validation.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("record", "channel", "n_true", "n_found", "tp_150", "n_true_50", "n_found_50", "tp_50"))
        writer.writerows(sorted(rows))
    for channel in ("0", "1", "0 with ma at 6 dB"):
        some = np.array([row[2:] for row in rows if row[1] == channel]).sum(axis=0)
        f150, f50 = 200 * some[2] / (some[0] + some[1]), 200 * some[5] / (some[0] + some[1])
        print(f"records not seen, channel {channel}: F1 {f150:.3f} % at 150 ms, {f50:.3f} % at 50 ms")
    text = {"measures": MEASURES, "layers": [{"weight": w.tolist(), "bias": b.tolist()} for w, b in layers]}
    with write_whole(options.output) as temporary:
        temporary.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
