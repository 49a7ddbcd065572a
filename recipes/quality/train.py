"""Train the small network behind the quality index of ECG.

    python recipes/quality/train.py ../shared/data -o src/sigsimnet/signal_quality/index.json

Learns from two thirds of the people of MIT-BIH (https://physionet.org/content/mitdb/1.0.0/), as they are and with the
second half of nstdb's noise (https://physionet.org/content/nstdb/1.0.0/) and made-up noise added; from every other
record of the CinC Challenge 2017 (https://physionet.org/content/challenge-2017/1.0.0/) and every other patient of
PTB-XL (https://physionet.org/content/ptb-xl/1.0.3/), by their quality labels. The others are for
``benchmarks/quality/run.py`` (`data.py` says who is who). The odds are shifted so that 97 % of the clean seconds that
were learnt from reach `THRESHOLD`. Five minutes on 1 core; the seed repeats it exactly.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import data as truth
import numpy as np
import torch

from sigsimnet._utils.files import write_whole
from sigsimnet.signal_quality import THRESHOLD
from sigsimnet.signal_quality._index import FURTHEST, SHAPE_FAULTS, inputs_of
from sigsimnet.signal_quality.features.ecg import MEASURES
from sigsimnet.signal_quality.features.extract import extract_features

HIDDEN = 12
EPOCHS = 12
BATCH = 4096
# Target at each SNR: 0 dB and less is noise, 18 dB and more hardly matters.
TARGETS = {24: 0.97, 18: 0.9, 12: 0.5, 6: 0.08, 0: 0.0, -6: 0.0}
# A slow baseline is filtered away before anything else is done with an ECG: it spoils less.
BASELINE_TARGETS = {24: 1.0, 18: 0.99, 12: 0.95, 6: 0.7, 0: 0.3, -6: 0.0}
KINDS = ("ma", "ma", "bw", "bw", "both", "white", "motion")
STRETCH = 120  # s of a mix
IN_PARTS = 0.5  # of the mixes have noise that comes and goes
WEIGHTS = {"clean": 1.0, "mix": 0.5, "heartless": 0.5, "cinc2017": 0.35, "ptb-xl": 0.5}
NOISY_LABEL = 0.1  # a record called noise has clean seconds, too
CLEAN_LABEL = 0.95
NOTED_LABEL = {"baseline_drift": 0.5, "static_noise": 0.5, "burst_noise": 0.2, "electrodes_problems": 0.1}
PASS = 0.97
FAULT_WEIGHT = 0.3


def measures_of(x: np.ndarray, rate: float) -> np.ndarray:
    return np.concatenate(
        [part.measures[part.keep] for part in extract_features(np.asarray(x, dtype=np.float32), rate)]
    )


UNKNOWN: dict[str, float | None] = dict.fromkeys(SHAPE_FAULTS)
NO_HEART = UNKNOWN | {"non-ECG shape": 1.0}


def faults_in(kind: str, snr: float) -> dict[str, float | None]:
    """Return which faults a mix has, None where that is not known: nstdb's muscle noise has some baseline wander."""
    if snr > 6:
        return UNKNOWN
    faults: dict[str, float | None] = dict.fromkeys(SHAPE_FAULTS, 0.0)
    if snr < 6:
        faults["non-ECG shape"] = None  # there may be nothing of the heart left to see
    if kind == "ma":
        faults["baseline"] = None
    for fault in {"ma": ["muscle"], "white": ["muscle"], "both": ["muscle", "baseline"], "bw": ["baseline"]}.get(
        kind, [kind]
    ):
        faults[fault] = 1.0
    return faults


class Examples:
    """Inputs, targets (fit for use, then the faults of the shape; NaN = not known) and weights, by origin."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, np.ndarray, list[float], float]] = []

    def add(
        self,
        kind: str,
        measures: np.ndarray,
        target: float,
        weight: float = 1.0,
        *,
        faults: dict | None = None,
        where: np.ndarray | None = None,
    ) -> None:
        """Add the seconds of a record (those that ``where`` marks), all with the same target."""
        inputs = inputs_of(measures)
        known = ~np.isnan(measures).all(axis=1)
        inputs = inputs[known if where is None else known & where].astype(np.float32)
        told = [np.nan if value is None else value for value in (faults or UNKNOWN).values()]
        self.parts.append((kind, inputs, [target, *told], weight * WEIGHTS[kind]))

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return inputs, targets, weights and origins of all seconds."""
        x = np.concatenate([inputs for _, inputs, _, _ in self.parts])
        y = np.concatenate([np.tile(np.float32(target), (len(inputs), 1)) for _, inputs, target, _ in self.parts])
        w = np.concatenate([np.full(len(inputs), weight) for _, inputs, _, weight in self.parts])
        kind = np.concatenate([np.full(len(inputs), name) for name, inputs, _, _ in self.parts])
        return x, y, w, kind


def in_parts(added: np.ndarray, rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return noise that comes and goes every 5 to 30 s, and in which seconds it is there."""
    on, there, at = np.zeros(STRETCH, dtype=bool), bool(rng.integers(2)), 0
    while at < STRETCH:
        last = at + int(rng.integers(5, 31))
        on[at:last] = there
        there, at = not there, last
    return on, (added - added.mean()) * np.repeat(on, int(rate))[: len(added)]


def outside(noisy: list[tuple[float, float]], n: int) -> np.ndarray:
    """Return which seconds lie outside what annotators called noisy."""
    clean = np.ones(n, dtype=bool)
    for start, stop in noisy:
        clean[int(start) : int(np.ceil(stop))] = False
    return clean


def learn_mixes(data: Path, examples: Examples, rng: np.random.Generator) -> None:
    recorded = truth.noise(data, learn=True)
    for record in truth.mitdb(data):
        if not record.learn:
            continue
        for x in record.x:
            measures = measures_of(x, record.rate)
            measures[~outside(record.noisy, len(measures))] = np.nan
            examples.add("clean", measures, 1.0, faults=dict.fromkeys(SHAPE_FAULTS, 0.0))
            for kind in KINDS:
                for snr, target in (BASELINE_TARGETS if kind == "bw" else TARGETS).items():
                    first = int(rng.integers(0, len(x) - STRETCH * record.rate))
                    piece = x[first : first + int(STRETCH * record.rate)]
                    since, until = first / record.rate, first / record.rate + STRETCH
                    beats = record.beats[(record.beats > since + 1) & (record.beats < until - 1)] - since
                    if len(beats) < 20:
                        continue
                    if kind in ("white", "motion"):
                        added = truth.made_noise(kind, len(piece), record.rate, rng)
                    else:
                        start = int(rng.integers(0, recorded["ma"].shape[1] - len(piece)))
                        cut = {
                            name: z[int(rng.integers(2)), start : start + len(piece)] for name, z in recorded.items()
                        }
                        added = cut["ma"] + 0.5 * cut["bw"] if kind == "both" else cut[kind]
                    on = np.ones(STRETCH, dtype=bool)
                    if rng.random() < IN_PARTS:
                        on, added = in_parts(added, record.rate, rng)
                    noisy = measures_of(truth.mixed(piece, beats, record.rate, added, snr), record.rate)
                    near = np.convolve(on, np.ones(5), mode="same")  # seconds of noise among five
                    examples.add("mix", noisy, target, faults=faults_in(kind, snr), where=on & (near > 2))
                    examples.add("mix", noisy, 1.0, faults=dict.fromkeys(SHAPE_FAULTS, 0.0), where=near == 0)
    for z in (*recorded["bw"], *recorded["ma"]):
        examples.add("heartless", measures_of(z, 360.0), 0.0, faults=NO_HEART)
    for k in range(8):
        walk = rng.normal(size=300 * 250)
        for step in range(1, len(walk)):
            walk[step] += (0.0, 0.9, 0.99)[k % 3] * walk[step - 1]
        examples.add("heartless", measures_of(walk, 250.0), 0.0, faults=NO_HEART)


def learn_labels(data: Path, examples: Examples, rng: np.random.Generator) -> None:
    for _, label, x in truth.cinc2017(data, learn=True):
        if label == "~" or rng.random() < 0.5:
            target = NOISY_LABEL if label == "~" else CLEAN_LABEL
            examples.add("cinc2017", measures_of(x, 300.0), target, 4.0 if label == "~" else 1.0)
    for _, _, notes, x, names in truth.ptbxl(data, learn=True):
        for name, lead in zip(names, x, strict=True):
            noted = [NOTED_LABEL[key] for key, note in notes.items() if name.upper() in truth.named_leads(note)]
            if not noted and notes:
                continue  # whether a note on one lead says that the others are fine is not known
            examples.add("ptb-xl", measures_of(lead, 100.0), min(noted, default=CLEAN_LABEL))


def train(x: np.ndarray, y: np.ndarray, w: np.ndarray, seed: int) -> tuple:
    torch.manual_seed(seed)
    centre, spread = np.nanmedian(x, axis=0), np.nanstd(x, axis=0) + 1e-6
    z = torch.tensor(scaled(x, centre, spread), dtype=torch.float32)
    targets, weights = torch.tensor(np.nan_to_num(y)), torch.tensor(w, dtype=torch.float32)[:, None]
    weights = weights * torch.tensor(~np.isnan(y)) * torch.tensor([1.0] + [FAULT_WEIGHT] * len(SHAPE_FAULTS))
    parts = [torch.nn.Linear(z.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, y.shape[1])]
    net = torch.nn.Sequential(parts[0], torch.nn.Tanh(), parts[1])
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=EPOCHS * -(-len(z) // BATCH))
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(z)).split(BATCH):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                net(z[batch]), targets[batch], weights[batch], reduction="sum"
            )
            optimiser.zero_grad()
            (loss / len(batch)).backward()
            optimiser.step()
            schedule.step()
    dense = [(part.weight.detach().double().numpy(), part.bias.detach().double().numpy()) for part in parts]
    return ((centre.astype(float), spread.astype(float)), *dense)


def scaled(inputs: np.ndarray, centre: np.ndarray, spread: np.ndarray) -> np.ndarray:
    return np.clip(np.nan_to_num((inputs - centre) / spread, nan=0.0), -FURTHEST, FURTHEST)


def odds_of(inputs: np.ndarray, layers: tuple) -> np.ndarray:
    (centre, spread), (first, bias), (last, last_bias) = layers
    return np.tanh(scaled(inputs, centre, spread) @ first.T + bias) @ last.T + last_bias


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with mitdb/, nstdb/, cinc2017/ and ptb-xl/")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cache", type=Path, help="file that keeps the measured examples, for trying settings")
    options = parser.parse_args()
    if options.cache and options.cache.exists():
        kept = np.load(options.cache, allow_pickle=False)
        x, y, w, kind = (kept[name] for name in ("x", "y", "w", "kind"))
    else:
        examples, rng = Examples(), np.random.default_rng(options.seed)
        learn_mixes(options.data, examples, rng)
        learn_labels(options.data, examples, rng)
        x, y, w, kind = examples.arrays()
        if options.cache:
            np.savez(options.cache, x=x.astype(np.float32), y=y, w=w, kind=kind)
    layers = train(x, y, w, options.seed)
    # THRESHOLD is a round number; what it means is set here.
    shift = np.zeros(1 + len(SHAPE_FAULTS))
    shift[0] = np.log(THRESHOLD / (1 - THRESHOLD)) - np.quantile(odds_of(x[kind == "clean"], layers)[:, 0], 1 - PASS)
    scale, hidden, (weight, bias) = layers
    layers = (scale, hidden, (weight, bias + shift))
    print(f"{len(x)} seconds, odds shifted by {shift[0]:.2f}")
    for name in dict.fromkeys(kind.tolist()):
        odds = odds_of(x[kind == name], layers)
        for target in np.unique(y[kind == name, 0]):
            over = (odds[y[kind == name, 0] == target] > 0).mean(axis=0).round(3)
            print(f"{name} {target:g}: {over[0]} pass; faults {over[1:]}")
    text = {
        "measures": MEASURES,
        "centre": layers[0][0].round(5).tolist(),
        "spread": layers[0][1].round(5).tolist(),
        "layers": [{"weight": w.round(5).tolist(), "bias": b.round(5).tolist()} for w, b in layers[1:]],
    }
    with write_whole(options.output) as temporary:
        temporary.write_text(json.dumps(text, indent=None) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
