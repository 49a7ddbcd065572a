"""`sigsimnet doctor`: what is installed, what is missing, and the line to type."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from sigsimnet.cli._output import Json, print_json, print_table

__all__ = ["doctor"]

_REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?\s*([^;]*)(?:;\s*(.*))?")


def doctor(
    *,
    json: Json = False,
    check: Annotated[bool, typer.Option("--check", help="Also compare two simulated recordings.")] = False,
) -> None:
    """Say what is installed, what is missing for which extra, and what to type; for a report of a fault, too."""
    from sigsimnet._utils.version import __version__

    found = {
        "sigsimnet": __version__,
        **_machine(),
        "extras": _extras(),
        "gpu": _gpu(),
        "onnx": _onnx(),
        "models": _models(),
    }
    if check:
        found["check"] = _try()
    if json:
        print_json(found)
        return
    for name in ("sigsimnet", "python", "system", "cores", "memory", "numpy", "gpu", "onnx"):
        typer.echo(f"{name:10s} {found[name]}")
    typer.echo(f"{'models':10s} {', '.join(found['models']) or 'none'}")
    if check:
        typer.echo(f"{'check':10s} {found['check']}")
    rows = [
        (name, "complete" if not about["missing"] else "missing", ", ".join(about["missing"] or about["installed"]))
        for name, about in found["extras"].items()
    ]
    print_table(("extra", "", "packages"), rows)
    lacking = [name for name, about in found["extras"].items() if about["missing"]]
    if lacking:
        typer.echo(f"to have them: pip install 'sigsimnet[{','.join(lacking)}]'")


def _machine() -> dict[str, Any]:
    import os
    import platform

    import numpy as np

    memory = "unknown"
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "cores": os.cpu_count(),
        "memory": memory,
        "numpy": np.__version__,
    }


def _extras() -> dict[str, dict[str, list[str]]]:
    """Return for each extra which of its packages are installed, and which are missing or too old."""
    from importlib import metadata

    found: dict[str, dict[str, list[str]]] = {}
    for line in metadata.requires("sigsimnet") or []:
        match = _REQUIREMENT.fullmatch(line.strip())
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", (match and match.group(3)) or "")
        if match is None or extra is None or extra.group(1) in ("all", "dev", "docs") or match.group(1) == "sigsimnet":
            continue
        about = found.setdefault(extra.group(1), {"installed": [], "missing": []})
        name, wanted = match.group(1), match.group(2).strip()
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            about["missing"].append(name)
            continue
        least = re.search(r">=\s*([\d.]+)", wanted)
        if least and _numbers(version) < _numbers(least.group(1)):
            about["missing"].append(f"{name} {version} ({least.group(1)} is needed)")
        else:
            about["installed"].append(f"{name} {version}")
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:3])


def _gpu() -> str:
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return "not looked for: training is not installed (applying a model needs none)"
    from sigsimnet.training.loop import gpu_in_words

    return gpu_in_words()


def _onnx() -> str:
    import onnxruntime

    return f"{onnxruntime.__version__}, runs on {', '.join(onnxruntime.get_available_providers())}"


def _models() -> list[str]:
    from sigsimnet.model import bundled_models

    return list(bundled_models())


def _try() -> str:
    from sigsimnet.comparison import compare
    from sigsimnet.simulation import simulate

    first, second = simulate(1, 2, duration=20, seed=1)
    found = compare(first, second)
    return f"two simulated recordings of one person: {found.verdict}, score {found.score:.2f}"
