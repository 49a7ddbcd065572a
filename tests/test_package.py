"""Promises of the package as a whole: light imports, public names, documented parts, layers."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sigsimnet

ROOT = Path(__file__).parents[1]
HEAVY = {
    "onnxruntime",
    "sklearn",
    "safetensors",
    "onnx",
    "plotly",
    "neurokit2",
    "torch",
    "pandas",
    "scipy",
    "numba",
    "matplotlib",
    "wfdb",
    "edfio",
    "mne",
    "pytorch_metric_learning",
}
ROOMS = (
    "series",
    "analysis",
    "app",
    "archive",
    "audits",
    "changes",
    "channels",
    "cleaning",
    "cli",
    "comparison",
    "datasets",
    "delineation",
    "errors",
    "evaluation",
    "io",
    "metrics",
    "model",
    "networks",
    "peaks",
    "plotting",
    "recording",
    "reports",
    "segments",
    "signal_quality",
    "simulation",
    "training",
)


def modules_after(code):
    """Return what a fresh Python has imported after running some code."""
    full = f"import sys, json\n{code}\nprint()\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", full], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}, done.stdout


def test_importing_the_package_is_light():
    found, _ = modules_after("import sigsimnet; dir(sigsimnet); sigsimnet.__version__")
    assert not found & HEAVY
    assert "numpy" not in found


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["compare", "--help"], ["train", "--help"]])
def test_help_is_light(arguments):
    code = f"""
sys.argv = ["sigsimnet", *{arguments!r}]
from sigsimnet.__main__ import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""
    found, out = modules_after(code)
    assert not found & HEAVY
    assert "sigsimnet" in out


def test_the_recording_itself_is_light():
    found, _ = modules_after("from sigsimnet import Recording, SigSimNetError; Recording([0.0], 1).crop()")
    assert not found & HEAVY


def test_public_names():
    promised = [
        "read",
        "as_recording",
        "as_recordings",
        "Recording",
        "preprocess",
        "detect_peaks",
        "beats",
        "windows",
        "SigSimNet",
        "load_model",
        "compare",
        "simulate",
    ]
    assert set(promised) <= set(sigsimnet.__all__)
    assert set(sigsimnet.__all__) <= set(dir(sigsimnet))
    for name in sigsimnet.__all__:
        assert getattr(sigsimnet, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        sigsimnet.nonsense  # noqa: B018 - asking is the test


def test_version_is_that_of_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert sigsimnet.__version__ == project["version"]


@pytest.mark.parametrize(
    "room", [pytest.param(room, marks=pytest.mark.needs_torch) if room == "training" else room for room in ROOMS]
)
def test_a_room_is_reached_in_every_way(room):
    """Neither import replaces the other: a module is never called like a function."""
    code = f"""
import sigsimnet
import sigsimnet.{room} as module
assert sigsimnet.{room} is module
from sigsimnet import {room} as again
assert again is module
assert all(getattr(module, name) is not None for name in module.__all__)
"""
    modules_after(code)


def test_no_public_function_is_called_like_a_room():
    assert not set(ROOMS) & set(sigsimnet.__all__)


@pytest.mark.parametrize(
    "room", [pytest.param(room, marks=pytest.mark.needs_torch) if room == "training" else room for room in ROOMS]
)
def test_every_public_name_is_there_and_documented(room):
    module = import_module(f"sigsimnet.{room}")
    assert module.__doc__
    assert module.__all__
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), f"{room}.{name}"
        if inspect.isclass(thing) and thing.__module__.startswith("sigsimnet"):
            for method, value in vars(thing).items():
                if not method.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                    assert inspect.getdoc(value), f"{room}.{name}.{method}"


def test_all_rooms_are_looked_at():
    here = {p.stem if p.suffix else p.name for p in (ROOT / "src" / "sigsimnet").iterdir()}
    rooms = {name for name in here if not name.startswith(("_", ".")) and name != "py"}
    assert rooms == set(ROOMS)


@pytest.mark.slow
def test_rooms_import_only_from_rooms_before_them():
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("import-linter is not installed: pip install 'sigsimnet[dev]'")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rooms_that_only_name_detectors_do_not_load_numba():
    """Numba takes most of a second to import: nobody pays for it before a detector runs."""
    without = "import sys; sys.modules['numba'] = None; "
    rooms = "import sigsimnet.peaks, sigsimnet.segments, sigsimnet.evaluation"
    helped = "sys.argv = ['sigsimnet', '--help']; from sigsimnet.__main__ import main; main()"
    for code in (rooms, helped):
        subprocess.run([sys.executable, "-c", without + code], check=True, capture_output=True)


def test_only_networks_and_training_import_pytorch():
    """Applying a model needs none, so no other room may."""
    found = set()
    for path in (ROOT / "src" / "sigsimnet").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [item.name for item in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] in ("torch", "pytorch_metric_learning") for name in names):
                found.add(path.relative_to(ROOT / "src" / "sigsimnet").parts[0])
    assert found == {"networks", "training"}
