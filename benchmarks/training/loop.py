"""The small loop against kept trainer libraries: seconds of import, seconds of training on two cores.

    pip install lightning accelerate       # peers; not required by the package
    python benchmarks/training/loop.py

The same encoder, loss, optimiser and batches (drawn before) in all three; CPU seconds of an import in a fresh process
that has imported torch already, and of 200 steps in one process after 20 to warm up. Writes ``results.csv``.
"""

from __future__ import annotations

import csv
import logging
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch

from sigsimnet._utils.files import write_whole
from sigsimnet.networks import build_encoder, build_head
from sigsimnet.segments import LabelledSegments
from sigsimnet.training import LOSSES, TrainingConfig, train

STEPS, WARM = 200, 20
IMPORTS = {"sigsimnet": "sigsimnet.training", "lightning": "lightning.pytorch", "accelerate": "accelerate.accelerator"}


def data() -> LabelledSegments:
    n = np.arange(160 * 8)
    x = np.random.default_rng(0).normal(size=(len(n), 1, 160)).astype(np.float32)
    return LabelledSegments(x, n // 8, n // 8, n // 8)


def import_seconds(module: str) -> float:
    code = f"import torch, time; t = time.process_time(); import {module}; print(time.process_time() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(3)]
    return min(float(run.stdout.split()[-1]) for run in runs)


def ours(steps: int) -> None:
    torch.manual_seed(0)
    encoder = build_encoder("cnn", 1, 160)
    config = TrainingConfig(epochs=1, steps=steps, classes_per_batch=80, per_class=4)
    train(encoder, build_head("cosine", encoder.dim), data(), None, config, progress=False)


def batches(steps: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    some, rng = data(), np.random.default_rng(0)
    chosen = [np.sort(rng.permutation(160)[:80])[:, None] * 8 + rng.integers(0, 8, (80, 4)) for _ in range(steps)]
    return [(torch.from_numpy(some.segments[k.ravel()]), torch.from_numpy(some.labels[k.ravel()])) for k in chosen]


def by_lightning(steps: int) -> None:
    import lightning.pytorch as pl

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)

    class Twin(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = build_encoder("cnn", 1, 160)
            self.head, self.loss = build_head("cosine", 128), LOSSES.get("supcon")(temperature=0.1)

        def training_step(self, batch: tuple[torch.Tensor, torch.Tensor], _: int) -> torch.Tensor:
            return self.loss(self.encoder(batch[0]), batch[1], self.head)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.AdamW(self.parameters(), lr=2e-3)

    trainer = pl.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        gradient_clip_val=5.0,
    )
    trainer.fit(Twin(), torch.utils.data.DataLoader(batches(steps), batch_size=None))


def by_accelerate(steps: int) -> None:
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    encoder = build_encoder("cnn", 1, 160)
    head, loss_of = build_head("cosine", 128), LOSSES.get("supcon")(temperature=0.1)
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=2e-3)
    encoder, optimizer = accelerator.prepare(encoder, optimizer)
    for x, labels in batches(steps):
        loss = loss_of(encoder(x), labels, head)
        optimizer.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(encoder.parameters(), 5.0)
        optimizer.step()


def main() -> None:
    warnings.filterwarnings("ignore")
    rows = []
    for name, run in {"sigsimnet": ours, "lightning": by_lightning, "accelerate": by_accelerate}.items():
        try:
            loaded = import_seconds(IMPORTS[name])
        except subprocess.CalledProcessError:
            print(f"{name}: not installed")
            continue
        run(WARM)
        start = time.process_time()
        run(STEPS)
        rows.append((name, round(loaded, 2), round(time.process_time() - start, 2)))
        print(f"{name:11s} import {rows[-1][1]:.2f} s, {STEPS} steps {rows[-1][2]:.2f} s CPU", flush=True)
    with write_whole(Path(__file__).with_name("results.csv")) as temporary, temporary.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("loop", "import_cpu_s", f"cpu_s_of_{STEPS}_steps"))
        writer.writerows(rows)


if __name__ == "__main__":
    main()
