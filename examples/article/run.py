"""Walk the article's way on its own four recordings, and set honest figures beside it.

    python examples/article/run.py FOLDER -o article-output

FOLDER holds the four CSV files of Deep-XF, raw or processed. README.md beside this file says what comes out.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import article_figures as figures
import article_methods as methods
import numpy as np
from article_data import (
    LENGTH,
    Scheme,
    Trials,
    Windows,
    labels_of,
    lay_windows,
    read_recordings,
    training_pieces,
    trials_of,
)
from numpy.typing import NDArray

import sigsimnet as ssn
from sigsimnet._utils.files import write_whole
from sigsimnet.metrics import pair_metrics, roc_auc
from sigsimnet.plotting import save_figure
from sigsimnet.reports import Section, Table, write_page

__all__ = ["Row", "Task", "compare_methods", "main", "tasks_of", "write_results"]

COLUMNS = (
    "task",
    "method",
    "draws",
    "auc",
    "auc_sd",
    "auc_min",
    "auc_max",
    "mse",
    "mae",
    "mape",
    "cosine",
    "pairs",
    "same",
)


@dataclass(frozen=True, eq=False)
class Task:
    """A question put to the methods.

    Attributes
    ----------
    name, title : str
    windows : Windows
        Test windows.
    trials : Trials
    pieces : list of Recording
        To learn from; empty where only methods that do not learn are asked.
    """

    name: str
    title: str
    windows: Windows
    trials: Trials
    pieces: list[ssn.Recording] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """What a method scored in a task: ROC-AUC over its random draws, and the article's figures (mean of draws)."""

    task: str
    method: str
    aucs: tuple[float, ...]
    mse: float
    mae: float
    mape: float
    cosine: float
    pairs: int
    same: int

    def cells(self) -> tuple[Any, ...]:
        """Return the row as `COLUMNS` has it."""
        a = np.array(self.aucs)
        sd = float(a.std(ddof=1)) if len(a) > 1 else float("nan")
        auc = (float(a.mean()), sd, float(a.min()), float(a.max()))
        return (self.task, self.method, len(a), *auc, self.mse, self.mae, self.mape, self.cosine, self.pairs, self.same)


def tasks_of(recordings: Mapping[str, ssn.Recording]) -> list[Task]:
    """Return the questions: three on the last 40 %, two on whole recordings, two on a recording never seen.

    Parameters
    ----------
    recordings : mapping of str to Recording
        By activity.
    """
    test, whole = lay_windows(recordings, "test", 1.0), lay_windows(recordings, "whole", LENGTH)

    def task(name: str, title: str, windows: Windows, scheme: Scheme, *, learn: bool, without: str = "") -> Task:
        labels = labels_of(windows, scheme)
        kept = {key: value for key, value in recordings.items() if key != without}
        pieces = training_pieces(kept, scheme) if learn else []
        return Task(name, title, windows, trials_of(windows, labels), pieces)

    found = [
        task("file_names", "file names: 4 activities", test, "file_names", learn=True),
        task("corrected", "corrected: still or moving", test, "corrected", learn=True),
        task("moving_only", "moving only: which of 3", test, "moving_only", learn=True),
        task("whole_file_names", "whole files, file names", whole, "file_names", learn=False),
        task("whole_corrected", "whole files, corrected", whole, "corrected", learn=False),
    ]
    for activity in ("walking_normal", "walking_fast"):
        alone = lay_windows({activity: recordings[activity]}, "whole", 1.0)
        title = f"still or moving in {activity}, never seen"
        found.append(task(f"unseen_{activity}", title, alone, "corrected", learn=True, without=activity))
    return found


def _say(line: str) -> None:
    print(line, flush=True)


def _row(task: Task, method: str, scores: Sequence[NDArray[np.float64]]) -> Row:
    left, right, same = task.trials.left, task.trials.right, task.trials.same
    values = [matrix[left, right] for matrix in scores]
    about = [pair_metrics(x, same) for x in values]
    mean = {name: float(np.mean([getattr(x, name) for x in about])) for name in ("mse", "mae", "mape", "cosine")}
    aucs = tuple(roc_auc(x, same) for x in values)
    return Row(task.name, method, aucs, pairs=len(same), same=int(same.sum()), **mean)


def compare_methods(
    tasks: Sequence[Task], *, inits: int, seeds: int, seed: int, epochs: int, say: Callable[[str], None] = _say
) -> tuple[list[Row], dict[str, NDArray[np.float64]]]:
    """Let every method answer every question on the same trials.

    Parameters
    ----------
    tasks : sequence of Task
    inits : int
        Random initialisations of the untrained network.
    seeds : int
        Trainings of each network that learns.
    seed : int
        The first; the others follow it.
    epochs : int
        Of each training.
    say : callable
        Gets a line of progress.

    Returns
    -------
    rows : list of Row
    matrices : dict of str to ndarray
        Scores of all test windows of the task ``corrected``, first draw of each network.
    """
    rows: list[Row] = []
    matrices: dict[str, NDArray[np.float64]] = {}
    done: dict[int, dict[str, list[NDArray[np.float64]]]] = {}
    instants_cutter = methods.InstantCutter()
    for task in tasks:
        began = time.perf_counter()
        windows = task.windows
        instants = methods.instants_of(windows)
        if id(windows) not in done:  # what does not learn scores a set of windows once for all its tasks
            done[id(windows)] = {
                "article, untrained": [
                    methods.score_with_instants(methods.article_network(instants_cutter, seed + k), instants)
                    for k in range(inits)
                ],
                "article on whole windows, untrained": [
                    methods.score_with_windows(methods.article_network(methods.RAW, seed + k), windows)
                    for k in range(inits)
                ],
                "Pearson, not aligned": [methods.pearson_scores(windows)],
                "amplitude, five numbers": [methods.level_scores(windows, per_channel=True)],
                "amplitude, one number": [methods.level_scores(windows, per_channel=False)],
            }
        scores = dict(done[id(windows)])
        if task.pieces:
            draws = range(seed, seed + seeds)
            scores["article, trained"] = [
                methods.score_with_instants(methods.train_article(instants_cutter, task.pieces, k, epochs), instants)
                for k in draws
            ]
            scores["article on whole windows, trained"] = [
                methods.score_with_windows(methods.train_article(methods.RAW, task.pieces, k, epochs), windows)
                for k in draws
            ]
            scores["ours"] = [
                methods.score_with_windows(methods.train_twin(task.pieces, k, epochs), windows) for k in draws
            ]
        rows += [_row(task, method, scores[method]) for method in figures.METHODS if method in scores]
        if task.name == "corrected":
            matrices = {method: found[0] for method, found in scores.items()}
        say(f"{task.title}: {len(task.trials)} pairs, {time.perf_counter() - began:.0f} s")
    return rows, matrices


def unit_ratio(windows: Windows, seed: int) -> tuple[float, float]:
    """Return by what volts turned into mV multiply the untrained score (medians over pairs).

    Parameters
    ----------
    windows : Windows
    seed : int
        Draws the network.

    Returns
    -------
    keras, torch : float
        With the initial weights of Keras, as in the article, and with those of PyTorch's own layers.
    """
    volts, millivolts = methods.instants_of(windows, scale=1e-3), methods.instants_of(windows)
    ratios = []
    for model in (
        methods.article_network(methods.InstantCutter(), seed),
        methods.as_pytorch_starts(methods.article_network(methods.InstantCutter(), seed), seed),
    ):
        small, large = (methods.score_with_instants(model, x) for x in (volts, millivolts))
        ratios.append(float(np.median(np.abs(large) / np.abs(small))))
    return ratios[0], ratios[1]


def write_results(rows: Sequence[Row], path: Path) -> None:
    """Write one line a task and method, as CSV with four digits.

    Parameters
    ----------
    rows : sequence of Row
    path : Path
    """
    with write_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([f"{x:.4g}" if isinstance(x, float) else x for x in row.cells()])


def _shown(row: Row) -> str:
    a = np.array(row.aucs)
    return f"{a.mean():.3f} ± {a.std(ddof=1):.3f}" if len(a) > 1 else f"{a.mean():.3f}"


def _tables(rows: Sequence[Row], tasks: Sequence[Task]) -> tuple[Table, Table]:
    by = {(row.task, row.method): row for row in rows}
    names = [method for method in figures.METHODS if any(row.method == method for row in rows)]
    aucs = [
        (method, *(_shown(by[task.name, method]) if (task.name, method) in by else None for task in tasks))
        for method in names
    ]
    errors = [(m, r.mse, r.mae, r.mape, r.cosine) for m in names if (r := by.get(("corrected", m))) is not None]
    return (
        Table(("ROC-AUC", *(task.title for task in tasks)), aucs),
        Table(("corrected labels, last 40 %", "MSE", "MAE", "MAPE of same pairs (%)", "cosine"), errors),
    )


def _text(table: Table) -> str:
    cells = [tuple("–" if x is None else f"{x:.3g}" if isinstance(x, float) else str(x) for x in r) for r in table.rows]
    lines = [tuple(table.columns), *cells]
    widths = [max(len(line[k]) for line in lines) for k in range(len(table.columns))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the whole way; return the exit code: 0, or 2 for input that does not do.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line.
    """
    parser = argparse.ArgumentParser(description="The article's way on its own four recordings.")
    parser.add_argument("folder", type=Path, help="folder of the four CSV files, raw or processed")
    parser.add_argument("-o", "--output", type=Path, default=Path("article-output"))
    parser.add_argument("--seed", type=int, default=0, help="of the first draw (default 0)")
    parser.add_argument("--inits", type=int, default=10, help="draws of the untrained network (default 10)")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each network that learns (default 2)")
    parser.add_argument("--epochs", type=int, default=6, help="of each training (default 6)")
    chosen = parser.parse_args(arguments)
    try:
        recordings = read_recordings(chosen.folder)
        chosen.output.mkdir(parents=True, exist_ok=True)
        run(recordings, chosen.output, chosen.seed, chosen.inits, chosen.seeds, chosen.epochs)
    except ssn.SigSimNetError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def run(
    recordings: Mapping[str, ssn.Recording], output: Path, seed: int, inits: int, seeds: int, epochs: int
) -> list[Row]:
    """Do everything and write everything.

    Parameters
    ----------
    recordings : mapping of str to Recording
        By activity.
    output : Path
        A folder that is there.
    seed, inits, seeds, epochs : int
        See `compare_methods`.
    """
    tasks = tasks_of(recordings)
    rows, matrices = compare_methods(tasks, inits=inits, seeds=seeds, seed=seed, epochs=epochs)
    ratio, ratio_torch = unit_ratio(tasks[0].windows, seed)
    write_results(rows, output / "results.csv")

    network = methods.article_network(methods.InstantCutter(), seed).summary()
    ours = methods.twin().build(5).summary()
    summary = f"The article's network: five numbers against five numbers\n\n{network}\n\nOur twin\n\n{ours}\n"
    with write_whole(output / "summary.txt") as temporary:
        temporary.write_text(summary, encoding="utf-8")

    drawn = {
        "raw": figures.draw_raw(recordings),
        "rolling": figures.draw_rolling(recordings),
        "r_peaks": figures.draw_r_peaks(recordings),
        "score_matrix": figures.draw_score_matrix(matrices, tasks[1].windows),
        "methods": figures.draw_methods(rows, {task.name: task.title for task in tasks}),
        "summary": figures.draw_summary({"The article's network": network, "Our twin": ours}),
    }
    for name, figure in drawn.items():
        save_figure(figure, output / f"{name}.png")

    aucs, errors = _tables(rows, tasks)
    units = (
        f"Volts turned into mV multiply the score of the untrained network by {ratio:.3g} "
        f"(by {ratio_torch:.3g} with the initial weights and biases of PyTorch's own layers)."
    )
    print(f"\n{summary}\n{_text(aucs)}\n\n{_text(errors)}\n\n{units}\n")
    heard = Table(("recording", "what the reader found"), [(k, w) for k, r in recordings.items() for w in r.warnings])
    test = tasks[0].windows
    counts = ", ".join(f"{name} {int((test.activity == name).sum())}" for name in test.parts)
    sections = [
        Section("What this is", figures.ABOUT),
        Section("Raw signals", figures.RAW, [("Five channels, four recordings", drawn["raw"])], heard),
        Section("Rolling windows", figures.ROLLING, [("Channel ecg1, windows of 1 s", drawn["rolling"])]),
        Section("R peaks", figures.R_PEAKS, [("12 s of each recording", drawn["r_peaks"])]),
        Section("The networks", (*figures.NETWORKS, units), code=summary),
        Section(
            "How alike are the recordings?",
            figures.MATRIX,
            [("Mean score of the test windows of each against each", drawn["score_matrix"])],
        ),
        Section(
            "The methods side by side",
            (*figures.METHODS_TEXT, f"Test windows (4 s, every 1 s, in the last 40 %): {counts}."),
            [("Mean and standard deviation over draws", drawn["methods"])],
            aucs,
        ),
        Section("The article's own figures", figures.ERRORS, table=errors),
        Section("What such data can show, and what not", figures.LIMITS),
    ]
    write_page(output / "article.html", "The article, on its own four recordings", sections, lead=figures.LEAD)
    print(f"written: {output / 'article.html'}")
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
