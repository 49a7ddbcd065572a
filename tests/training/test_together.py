"""Two processes under torchrun end where one process does."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from sigsimnet.training._distributed import WorkerGroup

SCRIPT = """
import sys
import numpy as np, torch
from sigsimnet.networks import build_encoder
from sigsimnet.networks import build_head
from sigsimnet.segments import LabelledSegments
from sigsimnet.training import TrainingConfig, train
torch.set_num_threads(1)
rng, n = np.random.default_rng(0), np.arange(64)
x = (rng.normal(size=(8, 1, 32))[n // 8] + rng.normal(size=(64, 1, 32))).astype(np.float32)
data = LabelledSegments(x, n // 8, n // 8, n // 4)
torch.manual_seed(0)
encoder = build_encoder("transformer", 1, 32, dim=8, dropout=0.0)
head = build_head("cosine", 8)
history = train(encoder, head, data, None, TrainingConfig(epochs=3, steps=4, classes_per_batch=8, per_class=4,
                within_recording_weight=1.0), progress=False)  # else each process draws its own pairs
import os
torch.save({"weights": encoder.state_dict(), "loss": history[-1]["loss"]}, sys.argv[1] + os.environ.get("RANK", ""))
"""


def run(command, folder):
    environment = {k: v for k, v in os.environ.items() if k not in ("RANK", "WORLD_SIZE")} | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, check=False, cwd=folder, env=environment, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(tmp_path):
    (tmp_path / "learn.py").write_text(SCRIPT)
    run([sys.executable, "learn.py", "alone"], tmp_path)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    run([*torchrun, "learn.py", "worker_group"], tmp_path)
    alone, first, second = (
        torch.load(tmp_path / name, weights_only=True) for name in ("alone", "worker_group0", "worker_group1")
    )
    assert first["loss"] == pytest.approx(alone["loss"], rel=1e-4)
    for name, value in alone["weights"].items():
        assert torch.equal(first["weights"][name], second["weights"][name]), name
        torch.testing.assert_close(first["weights"][name], value, atol=2e-3, rtol=1e-2)


def test_shares_make_up_the_batch():
    index = np.arange(11)
    parts = [WorkerGroup(rank, 3).share(index) for rank in range(3)]
    np.testing.assert_array_equal(np.concatenate(parts), WorkerGroup(0, 3).all_of(index))
    assert WorkerGroup(0, 3).all_of(index).tolist() == list(range(9))
    assert WorkerGroup(1, 3).first is False
