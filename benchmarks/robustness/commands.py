"""Every command that writes, what it writes, and how one sees that it is whole."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sigsimnet import simulate
from sigsimnet.io import read, write

SIGSIMNET = [sys.executable, "-m", "sigsimnet"]


@dataclass(frozen=True)
class Command:
    """A command line in a folder of `prepare`, its output, and a check that it is whole."""

    name: str
    line: list[str]
    output: str
    whole: Callable[[Path], object]
    learns: bool = False

    def before(self) -> list[str]:
        """Return the command line that makes the old output: the same on other signals, or with another seed."""
        if self.learns:
            return [*self.line, "--seed", "1"] if self.name != "export" else self.line
        others = {"p0.csv": "p4.csv", "a": "b", "test.csv": "learn.csv"}
        return [others.get(word, word) for word in self.line]


def prepare(folder: Path) -> None:
    """Write a record, people to learn from and to test on, and settings of a short training."""
    for number, one in enumerate(simulate(6, 2, duration=12, seed=3)):
        write(one, folder / f"p{number}.csv")
    for name, number in (("a.hea", 0), ("b.hea", 4)):
        write(read(folder / f"p{number}.csv").replace(source=""), folder / name)
    for name, people in (("learn.csv", range(8)), ("test.csv", range(8, 12))):
        rows = [f"p{n}.csv,{Path(name).stem}{n // 2},{n % 2 + 1}" for n in people]
        (folder / name).write_text("path,subject,session\n" + "\n".join(rows) + "\n")
    (folder / "short.toml").write_text("[settings]\nsteps = 3\n[encoder_options]\ndim = 8\n")


def page(path: Path) -> None:
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


def picture(path: Path) -> None:
    from matplotlib.image import imread

    imread(path)


def table(path: Path) -> None:
    import pandas as pd

    assert len(pd.read_csv(path))
    assert path.read_bytes().endswith(b"\n")


def annotations(path: Path) -> None:
    from sigsimnet.io.formats._wfdb_annotations import read_annotations

    assert not read_annotations(path).warnings


def model(path: Path) -> None:
    from sigsimnet import load_model

    load_model(path)


def graph(path: Path) -> None:
    from sigsimnet.model._network import Graph

    Graph(path.read_bytes(), str(path))


def settings(path: Path) -> None:
    tomllib.loads(path.read_text(encoding="utf-8"))


def demo(path: Path) -> None:
    for name, check in (("report.html", page), ("model", model)):
        if (path / name).exists():
            check(path / name)


def cleaned(path: Path) -> None:
    assert read(path).n_samples
    log = Path(f"{path}.log.json")
    if log.exists():
        json.loads(log.read_text())


COMMANDS = [
    Command("clean csv", ["clean", "p0.csv", "-o", "x.csv"], "x.csv", cleaned),
    Command("clean wfdb", ["clean", "p0.csv", "-o", "x.hea"], "x.hea", cleaned),
    Command("clean npz", ["clean", "p0.csv", "-o", "x.npz"], "x.npz", cleaned),
    Command("clean edf", ["clean", "p0.csv", "-o", "x.edf"], "x.edf", cleaned),
    Command("clean parquet", ["clean", "p0.csv", "-o", "x.parquet"], "x.parquet", cleaned),
    Command("peaks csv", ["peaks", "a", "-o", "x.csv"], "x.csv", table),
    Command("peaks atr", ["peaks", "p0.csv", "-o", "x.atr"], "x.atr", annotations),
    Command("peaks png", ["peaks", "a", "--plot", "x.png"], "x.png", picture),
    Command("plot png", ["plot", "a", "-o", "x.png"], "x.png", picture),
    Command("plot html", ["plot", "a", "-o", "x.html"], "x.html", page),
    Command("compare", ["compare", "p0.csv", "p1.csv", "-o", "x.html"], "x.html", page),
    Command("profile", ["profile", "a", "-o", "x.html"], "x.html", page),
    Command("evaluate csv", ["evaluate", "ecg", "test.csv", "--n-resamples", "0", "--scores", "x.csv"], "x.csv", table),
    Command("evaluate png", ["evaluate", "ecg", "test.csv", "--n-resamples", "0", "--map", "x.png"], "x.png", picture),
    Command("export", ["export", "ecg", "-o", "x.onnx"], "x.onnx", graph, learns=True),
    Command(
        "train", ["train", "learn.csv", "-o", "x", "--config", "short.toml", "--epochs", "3"], "x", model, learns=True
    ),
    Command(
        "tune", ["tune", "learn.csv", "-o", "x.toml", "--trials", "1", "--epochs", "1"], "x.toml", settings, learns=True
    ),
    Command("demo", ["demo", "-o", "x", "--epochs", "1"], "x", demo, learns=True),
]
