"""The site: pages of this folder, every public name, every command, tables of `benchmarks/`, a gallery that ran."""

from __future__ import annotations

import csv
import importlib
import inspect
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
MADE = HERE / "_made"
sys.path.insert(0, str(HERE))
ROOMS = {
    "sigsimnet": "What most need",
    "sigsimnet.recording": "Recordings",
    "sigsimnet.io": "Reading and writing",
    "sigsimnet.datasets": "Tables of recordings",
    "sigsimnet.simulation": "Simulated people",
    "sigsimnet.channels": "Channels",
    "sigsimnet.cleaning": "Cleaning",
    "sigsimnet.peaks": "R peaks",
    "sigsimnet.signal_quality": "Quality",
    "sigsimnet.delineation": "Waves",
    "sigsimnet.segments": "Segments",
    "sigsimnet.series": "Series",
    "sigsimnet.analysis": "Profile",
    "sigsimnet.plotting": "Pictures",
    "sigsimnet.networks": "Networks",
    "sigsimnet.training": "Training",
    "sigsimnet.model": "Model",
    "sigsimnet.metrics": "Metrics",
    "sigsimnet.evaluation": "Evaluation",
    "sigsimnet.comparison": "Comparing",
    "sigsimnet.changes": "Change",
    "sigsimnet.audits": "Audit",
    "sigsimnet.archive": "Archive",
    "sigsimnet.reports": "Pages",
    "sigsimnet.app": "Service",
    "sigsimnet.errors": "Errors",
}

project = "SigSimNet"
author = "The SigSimNet developers"
copyright = "The SigSimNet developers, BSD-3-Clause"  # noqa: A001 - what Sphinx calls it
version = release = importlib.import_module("sigsimnet").__version__
extensions = [
    "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_parser", "sphinx_gallery.gen_gallery",
]  # fmt: skip
exclude_patterns = ["_made/README.md", "gallery/README.txt", "gallery/*.py"]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
default_role = "py:obj"
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
# Links of pages into the repository (decisions, scripts, model cards) are looked at by tests, not by Sphinx.
# One object may be reached by several names, as `Recording` is: its page is that of its room.
suppress_warnings = ["myst.xref_missing", "ref.python", "ref.term"]
autosummary_generate = True
autodoc_typehints = "signature"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
html_theme = "pydata_sphinx_theme"
html_title = "SigSimNet"
html_favicon = "../src/sigsimnet/app/static/favicon.svg"
html_theme_options = {
    "show_prev_next": False,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "show_version_warning_banner": False,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars: dict[str, list[str]] = {"index": []}
sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "_made/gallery",
    "filename_pattern": "plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "image_scrapers": ("gallery_pictures",),
    "within_subsection_order": "FileNameSortKey",
    "show_signature": False,
    "min_reported_time": 1e9,
    "remove_config_comments": True,
    "show_memory": False,
    "write_computation_times": False,
}


def _heading(text: str, sign: str = "=") -> list[str]:
    return [text, sign * len(text), ""]


def _reference() -> None:
    (MADE / "reference").mkdir(parents=True, exist_ok=True)
    index = [
        *_heading("Reference"),
        "Every public name, by the room that it lives in.",
        "",
        ".. toctree::",
        "   :maxdepth: 1",
        "",
    ]
    for room, title in ROOMS.items():
        module = importlib.import_module(room)
        names = [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]
        lines = [*_heading(f"{title}: {room}"), (inspect.getdoc(module) or "").split("\n")[0], ""]
        if room == "sigsimnet":  # the same objects as in their rooms
            for name in names:
                home = next((one for one in list(ROOMS)[1:] if name in importlib.import_module(one).__all__), "")
                first = (inspect.getdoc(getattr(module, name)) or "").split("\n")[0]
                lines.append(f"- :py:obj:`{name} <{home}.{name}>`: {first}" if home else f"- ``{name}``")
        else:
            lines += [
                f".. currentmodule:: {room}",
                "",
                ".. autosummary::",
                "   :toctree: names",
                "   :nosignatures:",
                "",
            ]
            lines += [f"   {name}" for name in names]
        (MADE / "reference" / f"{room}.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")
        index.append(f"   {room}")
    index.append("   commands")
    (MADE / "reference" / "index.rst").write_text("\n".join(index) + "\n", encoding="utf-8")


def _commands() -> None:
    import click
    from typer.main import get_command

    from sigsimnet.cli import app

    os.environ["COLUMNS"] = "100"
    lines = [*_heading("Commands"), "What ``--help`` says.", ""]

    def add(names: list[str], command: click.Command) -> None:
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                add([*names, name], inner)
            return
        said = subprocess.run(
            [sys.executable, "-m", "sigsimnet", *names, "--help"], capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        lines.extend([*_heading(f"sigsimnet {' '.join(names)}", "-"), ".. code-block:: text", ""])
        lines.extend(f"   {line}".rstrip() for line in said.splitlines())
        lines.append("")

    for name, inner in get_command(app).commands.items():
        add([name], inner)
    (MADE / "reference" / "commands.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _benchmarks() -> None:
    """Write a table of every CSV of `benchmarks/` that is short enough to be read."""
    lines = [*_heading("Benchmarks"), "Each table is a result beside its script in ``benchmarks/``.", ""]
    for path in sorted((ROOT / "benchmarks").rglob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        if not 2 <= len(rows) <= 60 or len(rows[0]) > 12:
            continue
        rows = [
            [cell.replace("\\", "\\\\").replace("*", "\\*").replace("`", "'").replace("|", "\\|") for cell in row]
            for row in rows
        ]
        lines += [*_heading(path.relative_to(ROOT).as_posix(), "-"), ".. list-table::", "   :header-rows: 1", ""]
        for row in rows:
            cells = [*row, *[""] * (len(rows[0]) - len(row))][: len(rows[0])]
            lines += [
                f"   {'* -' if k == 0 else '  -'} {cell.rstrip('_') or chr(0xA0)}" for k, cell in enumerate(cells)
            ]
        lines.append("")
    (MADE / "benchmarks.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _table(names: list[str], rows: list[list[str]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in [names, *rows]:
        lines += [f"   {'* -' if k == 0 else '  -'} {cell or chr(0xA0)}" for k, cell in enumerate(row)]
    return [*lines, ""]


def _models() -> None:
    """Write the card of each model that comes with the package: what it learnt from, what it is worth, what not."""
    from sigsimnet.model import bundled_models, load_model

    lines = [
        *_heading("Model cards"),
        "What a model of the package has learnt from, and what it is worth on people whom it has not seen. "
        "The card of one's own model is ``model.card``; ``sigsimnet evaluate`` says what it is worth.",
        "",
    ]
    for name in bundled_models():
        model = load_model(name)
        card = model.card
        asked = {"subject": "are two recordings of one person?", "label": "do two recordings show the same?"}
        about = [
            ["question", asked.get(card.same, card.same)],
            ["learnt from", card.trained_on],
            ["segments", f"{card.n_segments:,} {model.cutter.kind}"],
            ["calibrated on", card.calibrated_on],
            ["*same* from", f"a probability of {card.same_above:g}, of {card.min_segments} segments a side and more"],
            ["*different* up to", f"a probability of {card.different_below:g}"],
            *([f"score at a false accept rate of {rate}", f"{score:.3f}"] for rate, score in card.thresholds.items()),
            ["file", f"{model.digest[:12]}: ONNX graphs and safetensors, applied without PyTorch"],
        ]
        lines += [*_heading(name, "-"), *_table(["", ""], about)]
        if name == "ecg":
            lines += _figures_of_ecg()
    (MADE / "models.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _figures_of_ecg() -> list[str]:
    def percent(row: dict[str, str], name: str) -> str:
        return f"{100 * float(row[name]):.1f}" if row.get(name) else ""

    def rows_of(place: str) -> list[dict[str, str]]:
        with (ROOT / "benchmarks" / place).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    own = [row for row in rows_of("identity/results.csv") if row["method"] == "bundled ecg"]
    heads = ["protocol", "people", "EER, %", "95 % interval", "people alike, %", "Rank-1, %"]
    people = [
        [row["protocol"].replace("_", " "), row["people"], percent(row, "eer"),
         f"{percent(row, 'eer_low')} to {percent(row, 'eer_high')}", percent(row, "macro_eer"), percent(row, "rank_1")]
        for row in own
    ]  # fmt: skip
    leads = [
        [row["leads"], percent(row, "eer"), percent(row, "rank_1"),
         f"{percent(row, 'rank_1_low')} to {percent(row, 'rank_1_high')}"]
        for row in rows_of("patients/results.csv") if row["method"] == "ecg"
    ]  # fmt: skip
    return [
        "People of ECG-ID, lead I, 20 s a recording; none was learnt from (``benchmarks/identity``):", "",
        *_table(heads, people),
        "Patients of PTB-XL on later days, 27 who were held out, in a gallery of 268 (``benchmarks/patients``): what "
        "to expect of a set of leads:", "",
        *_table(["leads", "EER, %", "Rank-1, %", "95 % interval (people alike)"], leads),
        "It has not been shown children, paced hearts, or a bundle branch block on one side only: there the answer is "
        "*cannot tell* where the file says so. People of one device and clinic are more alike than those of several: "
        "calibrate on your own people (``sigsimnet.SigSimNet.calibrate``) before a probability decides anything. It is "
        "no medical device.", "",
    ]  # fmt: skip


def _decisions() -> None:
    names = sorted(path.stem for path in (HERE / "decisions").glob("*.md"))
    lines = [*_heading("Decisions"), "Why it is as it is.", "", ".. toctree::", "   :maxdepth: 1", ""]
    lines += [f"   ../decisions/{name}" for name in names]
    (MADE / "decisions.rst").write_text("\n".join(lines) + "\n", encoding="utf-8")


MADE.mkdir(exist_ok=True)
_reference()
_commands()
_benchmarks()
_models()
_decisions()
