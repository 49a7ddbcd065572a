"""A model that was used in a process works in its children too, forked or spawned."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
import multiprocessing, sys
import numpy as np
from sigsimnet.model import SigSimNet, load_model
from sigsimnet.simulation import simulate_one

def score(model, x):
    return model.encode(x)

def main(method, kind):
    model = load_model("ecg") if kind == "loaded" else SigSimNet().build(1)
    x = np.random.default_rng(0).normal(size=(3000, 1, 160)).astype(np.float32)
    expected = model.encode(x)  # threads are there now
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        for found in pool.starmap(score, [(model, x)] * 4):
            np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(model.encode(x), expected, atol=1e-5)

    # The model of the parent itself, inherited by a fork and not sent.
    if method == "fork":
        global inherited
        inherited = (model, x)
        with context.Pool(1) as pool:
            np.testing.assert_allclose(pool.apply(of_parent), expected, atol=1e-5)

def of_parent():
    model, x = inherited
    return model.encode(x)

if __name__ == "__main__":
    main(*sys.argv[1:])
    print("done")
"""


@pytest.mark.parametrize("kind", ["loaded", pytest.param("trained", marks=pytest.mark.slow)])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_children_encode(method, kind, tmp_path):
    if kind == "trained":
        pytest.importorskip("torch", reason="pip install 'sigsimnet[train]'")
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    (tmp_path / "children.py").write_text(CODE)
    # Two threads at least: with one, nothing could wait for threads that a fork does not bring along.
    environment = os.environ | {"OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "children.py", method, kind],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "done"
