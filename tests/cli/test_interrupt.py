"""Ctrl-C during a training: what is there is kept, and the same command goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np
import pytest


def train(manifest, output):
    return [
        sys.executable,
        "-m",
        "sigsimnet",
        "train",
        str(manifest),
        "-o",
        str(output),
        "--epochs",
        "10",
        "--seed",
        "0",
    ]


def start(command):
    """Start a command that heeds SIGINT, also where the tests run in the background of a shell, which ignores it."""
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


@pytest.mark.slow
def test_ctrl_c_and_on_again(people_on_disk, tmp_path):
    manifest = people_on_disk / "learners.csv"
    checkpoint = tmp_path / ".model.checkpoint"
    process = start(train(manifest, tmp_path / "model"))
    try:
        deadline = time.monotonic() + 60
        while not checkpoint.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130, err
    assert "Traceback" not in err
    *told, last = err.splitlines()
    assert all(line.startswith("epoch ") for line in told)  # how far it was: there is no terminal to show a bar on
    assert last.startswith("sigsimnet: stopped after ")
    assert "the same command goes on" in last
    assert out == ""
    assert [item.name for item in tmp_path.iterdir()] == [checkpoint.name]

    def again(output):
        ran = subprocess.run(train(manifest, output), capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return (output / "weights.safetensors").read_bytes()

    resumed = again(tmp_path / "model")
    assert [item.name for item in tmp_path.iterdir()] == ["model"]
    assert resumed == again(tmp_path / "whole")


@pytest.mark.slow
def test_ctrl_c_in_other_long_work_says_so_and_leaves_nothing(tmp_path):
    from sigsimnet import Recording, write
    from sigsimnet.simulation import simulate_one

    long = np.tile(simulate_one(1, duration=600).data, 36)
    write(Recording(long, 250, channel_names=["I"], units="mV"), tmp_path / "long.npz")
    command = [sys.executable, "-m", "sigsimnet", "profile", str(tmp_path / "long.npz"), "-o", str(tmp_path / "p.html")]
    process = start(command)
    try:
        time.sleep(4)  # it takes ten seconds and more
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "sigsimnet: stopped" in err
    assert "Traceback" not in err
    assert [item.name for item in tmp_path.iterdir()] == ["long.npz"]
