"""The example of recurrent networks runs on a short series, where darts is installed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from shared_helpers import ROOT

SCRIPT = ROOT / "examples" / "recurrent" / "run.py"
pytestmark = [pytest.mark.slow, pytest.mark.needs_torch]


def run(*words):
    return subprocess.run([sys.executable, str(SCRIPT), *words], capture_output=True, text=True, check=False)


def test_it_forecasts_and_explains(tmp_path):
    pytest.importorskip("darts", reason="pip install darts pytorch-lightning shap")
    pytest.importorskip("shap", reason="pip install shap")
    rate = 70 + np.convolve(np.random.default_rng(0).normal(0, 3, 300), np.ones(12) / 12, "same")
    rows = "\n".join(f"{5 * k},{value:.2f}" for k, value in enumerate(rate))
    (tmp_path / "rate.csv").write_text(f"time,heart rate\n{rows}\n")
    ran = run(str(tmp_path / "rate.csv"), "--horizon", "2", "--epochs", "2")
    assert ran.returncode == 0, ran.stderr
    assert "last value" in ran.stdout
    assert "GRU, both ways" in ran.stdout
    assert ran.stdout.count("s ago") == 5
