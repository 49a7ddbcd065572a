"""Compiled loops run where nothing can be written, too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sigsimnet._utils import jit


def add_one(x):
    return x + 1


def test_no_place_for_compiled_code(monkeypatch):
    njit = jit.njit

    def refuse(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'f': no locator available for file 'x.py'")
        return njit(**options)

    monkeypatch.setattr(jit, "njit", refuse)
    assert jit.compiled(add_one)(np.float64(1.0)) == 2.0


def test_a_full_disk(monkeypatch, tmp_path):
    from numba.core.caching import FunctionCache

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    tried = []

    def full(*args):
        tried.append(args)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FunctionCache, "save_overload", full)
    assert jit.compiled(add_one)(np.float64(1.0)) == 2.0
    assert tried


@pytest.mark.slow
def test_a_read_only_install_without_a_home(tmp_path):
    """As in a container: nothing can be kept beside the files, nor in a home; R peaks are found all the same."""
    root = tmp_path / "site"
    package = Path(jit.__file__).parents[1]
    shutil.copytree(package, root / "sigsimnet", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [root / "sigsimnet", *(root / "sigsimnet").rglob("*")]:
        if folder.is_dir():
            (folder / "__pycache__").write_text("in the way")
    code = "import sigsimnet as ssn; print(len(ssn.detect_peaks(ssn.simulate(1, 1, duration=20, seed=1)[0])) > 10)"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA", "XDG"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | {"PYTHONPATH": str(root), "HOME": "/dev/null", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "True", done.stderr
